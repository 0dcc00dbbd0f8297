-- dataset: synthea-network

-- title: Prescriptions by status and site
-- asks: How many prescriptions are active or stopped at each site?
-- expect: groups=5 rows=5 cells=28
SELECT site, status, COUNT(*) AS prescriptions
FROM medications
GROUP BY site, status;

-- title: Polypharmacy
-- asks: What share of the patients over 65 has five or more different active drugs?
-- expect: groups=1 rows=1 cells=1
WITH active AS (
    SELECT patient_id, COUNT(DISTINCT code) AS drugs
    FROM medications
    WHERE status = 'active'
    GROUP BY patient_id
)
SELECT COUNT(*) AS patients,
       AVG(CASE WHEN COALESCE(a.drugs, 0) >= 5 THEN 1 ELSE 0 END) AS share,
       AVG(LEAST(COALESCE(a.drugs, 0), 20)) AS mean_drugs
FROM patients p
LEFT JOIN active a ON a.patient_id = p.patient_id
WHERE p.age >= 65;

-- title: Opioid prescriptions by code list
-- asks: How many prescriptions of opioids per year since 2000?
-- expect: groups=5 rows=5
SELECT YEAR(m.authored_date) AS year, COUNT(*) AS prescriptions
FROM medications AS m
INNER JOIN (VALUES ('1049221'), ('1310197'), ('861467'), ('856987'), ('1049635')) AS opioid(rxnorm) ON m.code = opioid.rxnorm
WHERE m.authored_date >= DATE '2000-01-01'
GROUP BY year
ORDER BY year;

-- title: Two drugs together
-- asks: How many patients have clopidogrel and simvastatin prescribed within 30 days of each other?
-- expect: cells=1
SELECT COUNT(DISTINCT m1.patient_id) AS patients
FROM medications m1, medications m2
WHERE m1.patient_id = m2.patient_id
  AND m1.code = '309362'
  AND m2.code IN ('312961', '316672')
  AND ABS(DATE_DIFF('day', m1.authored_date, m2.authored_date)) <= 30;

-- title: Repeated antibiotics
-- asks: How many courses of antibiotics follow another one within 60 days?
SELECT COUNT(*) AS courses,
       COUNT(*) FILTER (WHERE days_since <= 60) AS repeated
FROM (
    SELECT patient_id,
           authored_date - LAG(authored_date, 1) OVER (PARTITION BY patient_id ORDER BY authored_date) AS days_since
    FROM medications
    WHERE code IN ('834060', '834101', '824184', '562251', '392151', '308192') AND authored_date IS NOT NULL
) AS t;

-- title: Drugs by code prefix
-- asks: How many patients have a drug whose RxNorm code starts with 8349 or 8340?
-- expect: cells=4
SELECT p.gender, COUNT(DISTINCT m.patient_id) AS patients
FROM medications m
JOIN patients p ON m.patient_id = p.patient_id
WHERE m.code LIKE '8340%' OR regexp_matches(m.code, '^834[0-9]{3}$')
GROUP BY p.gender;

-- title: Days from diagnosis to statin
-- asks: How many days after the diagnosis of hyperlipidemia does the statin come?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.05
WITH dx AS (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '55822004' GROUP BY patient_id),
     rx AS (SELECT patient_id, MIN(authored_date) AS d FROM medications WHERE code IN ('312961', '316672') GROUP BY patient_id)
SELECT AVG(CLAMP(DATE_DIFF('day', dx.d, rx.d), 0, 3650)) AS mean_days,
       COUNT(*) AS treated
FROM dx INNER JOIN rx USING (patient_id)
WHERE rx.d >= dx.d;

-- title: Events from three tables
-- asks: How many events of three kinds has each site?
WITH events AS (
    SELECT patient_id, site, 'diagnosis' AS kind FROM conditions
    UNION ALL
    SELECT patient_id, site, 'prescription' AS kind FROM medications
    UNION ALL
    SELECT patient_id, site, 'procedure' AS kind FROM procedures
)
SELECT kind, site, COUNT(*) AS n
FROM events
GROUP BY kind, site
ORDER BY kind, site;

-- title: Vaccines of children
-- asks: How many children have had each of three vaccines?
-- expect: groups=3 rows=5
SELECT i.vaccine, COUNT(DISTINCT i.patient_id) AS children
FROM immunizations i
JOIN patients p USING (patient_id)
WHERE p.age < 18 AND i.vaccine IN ('03', '21', '10')
GROUP BY i.vaccine;

-- title: Influenza vaccinations per season
-- asks: How many influenza vaccinations were given in each season from July to June?
-- expect: groups=10 rows=5
SELECT CASE WHEN MONTH(given_date) >= 7 THEN YEAR(given_date) ELSE YEAR(given_date) - 1 END AS season,
       COUNT(*) AS doses
FROM immunizations
WHERE vaccine = '140' AND given_date >= DATE '2010-07-01'
GROUP BY season
ORDER BY season;

-- title: Chemotherapy courses
-- asks: How many prescriptions of cytotoxic drugs does a treated patient get on average?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.05
SELECT AVG(courses) AS mean_courses, MAX(courses) AS most, COUNT(*) AS patients
FROM (
    SELECT patient_id, LEAST(COUNT(*), 40) AS courses
    FROM medications
    WHERE code IN ('1736854', '583214', '1803932', '575971', '1734340')
    GROUP BY patient_id
) t;

-- title: Food allergy and epinephrine
-- asks: Have patients with a severe food allergy an epinephrine injector?
-- expect: groups=1 rows=1 cells=2
SELECT (p.patient_id IN (SELECT patient_id FROM medications WHERE code IN ('727316', '1870230'))) AS has_injector,
       COUNT(*) AS patients
FROM patients p
WHERE EXISTS (SELECT 1 FROM allergies a WHERE a.patient_id = p.patient_id AND a.category = 'food' AND a.criticality = 'high')
GROUP BY 1;
