-- dataset: synthea-network

-- title: Three levels of nesting
-- asks: How many patients had three or more infections of the airways in one year?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients
FROM (
    SELECT patient_id, MAX(n) AS worst_year
    FROM (
        SELECT patient_id, YEAR(onset_date) AS y, COUNT(*) AS n
        FROM (
            SELECT patient_id, onset_date
            FROM conditions
            WHERE code IN ('444814009', '195662009', '10509002', '36971009', '75498004')
              AND onset_date IS NOT NULL
        ) airway
        GROUP BY patient_id, YEAR(onset_date)
    ) per_year
    GROUP BY patient_id
) per_patient
WHERE worst_year >= 3;

-- title: Grouping sets
-- asks: How many patients by sex, by site, and in all?
SELECT gender, site, COUNT(*) AS n
FROM patients
GROUP BY GROUPING SETS ((gender), (site), ());

-- title: Distinct diagnoses
-- asks: How many different diagnosis codes occur at each site?
-- expect: cells=4
-- compare: only=keys
SELECT site, COUNT(DISTINCT code) AS codes
FROM conditions
GROUP BY site;

-- title: Duration of acute illness
-- asks: How many days do bronchitis and pharyngitis last?
-- expect: groups=2 rows=1
-- compare: tolerance=0.05
SELECT CASE code WHEN '10509002' THEN 'bronchitis' ELSE 'pharyngitis' END AS illness,
       AVG(CLAMP(abatement_date - onset_date, 0, 60)) AS mean_days,
       MEDIAN(CLAMP(abatement_date - onset_date, 0, 60)) AS median_days
FROM conditions
WHERE code IN ('10509002', '195662009') AND abatement_date IS NOT NULL AND onset_date IS NOT NULL
GROUP BY illness;

-- title: Charlson-like score
-- asks: How are simple comorbidity scores distributed over sexes?
-- expect: groups=1 rows=1
WITH points AS (
    SELECT patient_id,
           MAX(CASE WHEN code = '22298006' THEN 1 ELSE 0 END)
         + MAX(CASE WHEN code = '88805009' THEN 1 ELSE 0 END)
         + MAX(CASE WHEN code = '44054006' THEN 1 ELSE 0 END)
         + MAX(CASE WHEN code IN ('185086009', '87433001') THEN 1 ELSE 0 END)
         + MAX(CASE WHEN code IN ('254637007', '254632001', '363406005', '254837009') THEN 2 ELSE 0 END) AS score
    FROM conditions
    GROUP BY patient_id
)
SELECT p.gender, pt.score, COUNT(*) AS patients
FROM points pt
INNER JOIN patients p ON p.patient_id = pt.patient_id
GROUP BY p.gender, pt.score
ORDER BY p.gender, pt.score;

-- title: Followed through four tables
-- asks: How many patients have a diagnosis, a prescription, an observation and a procedure?
-- expect: groups=1 rows=1 cells=4
SELECT p.site, COUNT(*) AS patients
FROM patients p
WHERE p.patient_id IN (SELECT c.patient_id FROM conditions c)
  AND p.patient_id IN (SELECT m.patient_id FROM medications m)
  AND EXISTS (FROM observations o WHERE o.patient_id = p.patient_id)
  AND EXISTS (FROM procedures r WHERE r.patient_id = p.patient_id)
GROUP BY p.site;

-- title: Colonoscopy in the recommended ages
-- asks: What share of patients from 50 to 75 had a colonoscopy in the last ten years before 2020?
-- expect: groups=1 rows=1 cells=4
SELECT p.gender,
       100.0 * COUNT(s.patient_id) / COUNT(*) AS percent_screened
FROM patients p
LEFT JOIN (
    SELECT DISTINCT patient_id FROM procedures
    WHERE code = '73761001' AND start_date BETWEEN DATE '2010-01-01' AND DATE '2019-12-31'
) s USING (patient_id)
WHERE p.age BETWEEN 50 AND 75
GROUP BY p.gender;

-- title: Procedures within a stay
-- asks: How many procedures are done at an inpatient visit?
-- expect: cells=1
-- compare: tolerance=0.01
WITH stays AS (SELECT encounter_id, patient_id FROM encounters WHERE encounter_class = 'inpatient'),
per_stay AS (
    SELECT s.patient_id, s.encounter_id, COUNT(r.patient_id) AS procedures
    FROM stays s LEFT JOIN procedures r ON r.encounter_id = s.encounter_id AND r.patient_id = s.patient_id
    GROUP BY s.patient_id, s.encounter_id
)
SELECT AVG(LEAST(procedures, 10)) AS mean_procedures, COUNT(*) AS stays
FROM per_stay;

-- title: Pregnancy and age
-- asks: How many women had a normal pregnancy, by decade of their age now?
-- expect: groups=1 rows=1
SELECT (age // 10) * 10 AS decade, COUNT(*) AS women
FROM patients
WHERE gender = 'female'
  AND patient_id IN (SELECT patient_id FROM conditions WHERE code = '72892002')
GROUP BY decade;

-- title: First two visits
-- asks: How many days lie between the first visit and the second?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.05
WITH numbered AS (
    SELECT patient_id, start_date,
           DENSE_RANK() OVER (PARTITION BY patient_id ORDER BY start_date) AS k
    FROM encounters
    WHERE start_date IS NOT NULL
),
pair AS (
    SELECT patient_id,
           MIN(start_date) FILTER (WHERE k = 1) AS d1,
           MIN(start_date) FILTER (WHERE k = 2) AS d2
    FROM numbered
    GROUP BY patient_id
)
SELECT AVG(CLAMP(d2 - d1, 0, 3650)) AS mean_days, MEDIAN(CLAMP(d2 - d1, 0, 3650)) AS median_days, COUNT(d2) AS patients
FROM pair
WHERE d2 IS NOT NULL;

-- title: Emergency as a boolean key
-- asks: Are patients who ever came as an emergency older?
-- expect: groups=1 rows=1 cells=2
WITH er AS (
    SELECT patient_id, COUNT_IF(encounter_class = 'emergency') > 0 AS ever_emergency
    FROM encounters
    GROUP BY patient_id
)
SELECT er.ever_emergency, AVG(p.age) AS mean_age, COUNT(*) AS n
FROM er JOIN patients p USING (patient_id)
GROUP BY er.ever_emergency;

-- title: Union of two cohorts
-- asks: How many patients have a stroke or an infarction?
-- expect: cells=1
SELECT COUNT(DISTINCT patient_id) AS patients
FROM (
    SELECT patient_id FROM conditions WHERE code = '230690007'
    UNION ALL
    SELECT patient_id FROM conditions WHERE code = '22298006'
) vascular;

-- title: Text functions on codes
-- asks: How many diagnoses have a code with more than nine digits?
-- expect: groups=1 rows=1 cells=1
-- compare: loose=1x30
SELECT COUNT(*) AS diagnoses, COUNT_IF(LENGTH(code) > 9) AS long_codes,
       COUNT_IF(UPPER(TRIM(code)) LIKE '%A') AS local_codes
FROM conditions;

-- title: Survivors of cardiac arrest
-- asks: How many patients live on after a cardiac arrest?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS arrests,
       COUNT(*) FILTER (WHERE p.death_year IS NULL) AS alive,
       COUNT(*) FILTER (WHERE p.death_year IS NULL)::DOUBLE / NULLIF(COUNT(*), 0) AS share
FROM patients p
WHERE EXISTS (SELECT 1 FROM conditions c WHERE c.patient_id = p.patient_id AND c.code = '410429000');

-- title: Histogram of age
-- asks: How are ages distributed over the bands of a health survey?
-- expect: groups=1 rows=1 cells=4
SELECT gender, HISTOGRAM(age, [17, 34, 49, 64, 79, 90]) AS ages
FROM patients
GROUP BY gender;

-- title: Quartiles as a list
-- asks: What are quartiles and median of age at each site?
-- expect: groups=1 rows=1 cells=4
-- compare: tolerance=0.05
SELECT site, QUANTILE_DISC(age, [0.25, 0.5, 0.75]) AS quartiles
FROM patients
GROUP BY site;

-- title: Change from year to year
-- asks: By how many visits does each year differ from the year before?
-- expect: groups=5 rows=10
-- compare: only=keys
SELECT YEAR(start_date) AS year,
       COUNT(*) AS visits,
       COUNT(*) - LAG(COUNT(*)) OVER (ORDER BY YEAR(start_date)) AS change
FROM encounters
WHERE start_date >= DATE '2010-01-01'
GROUP BY year
ORDER BY year;

-- title: Sites ranked
-- asks: Which site has the most prescriptions, in order?
-- expect: groups=4 rows=5 cells=4
SELECT site, COUNT(*) AS prescriptions, RANK() OVER (ORDER BY COUNT(*) DESC) AS place
FROM medications
GROUP BY site
ORDER BY place;

-- title: Two medians with filters
-- asks: What is the median age of the living and of the dead?
-- expect: groups=1 rows=1 cells=2
-- compare: tolerance=0.05
SELECT gender,
       MEDIAN(age) FILTER (WHERE death_year IS NULL) AS living,
       MEDIAN(age) FILTER (WHERE death_year IS NOT NULL) AS dead
FROM patients
WHERE gender IN ('female', 'male')
GROUP BY gender;

-- title: Person-years of follow-up
-- asks: What is the rate of strokes per 1,000 person-years between first and last visit?
-- expect: groups=1 rows=1 cells=2
-- compare: tolerance=0.02
WITH follow_up AS (
    SELECT patient_id, MIN(start_date) AS from_day, MAX(start_date) AS to_day
    FROM encounters
    WHERE start_date IS NOT NULL
    GROUP BY patient_id
),
stroke AS (
    SELECT patient_id, MIN(onset_date) AS day
    FROM conditions
    WHERE code = '230690007'
    GROUP BY patient_id
)
SELECT p.gender,
       1000 * COUNT(*) FILTER (WHERE s.day BETWEEN f.from_day AND f.to_day)
            / SUM(CLAMP(DATE_DIFF('day', f.from_day, f.to_day), 0, 12500) / 365.25) AS per_1000_years
FROM follow_up f
JOIN patients p ON p.patient_id = f.patient_id
LEFT JOIN stroke s ON s.patient_id = f.patient_id
WHERE p.gender IN ('female', 'male')
GROUP BY p.gender;

-- title: Cohort with every exclusion counted
-- asks: How many patients are left after each exclusion of a trial?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS all_patients,
       COUNT_IF(age BETWEEN 40 AND 80) AS of_age,
       COUNT_IF(age BETWEEN 40 AND 80 AND htn) AS hypertensive,
       COUNT_IF(age BETWEEN 40 AND 80 AND htn AND NOT ckd) AS without_renal_disease,
       COUNT_IF(age BETWEEN 40 AND 80 AND htn AND NOT ckd AND alive) AS enrolled
FROM (
    SELECT p.patient_id, p.age, p.death_year IS NULL AS alive,
           EXISTS (SELECT 1 FROM conditions c WHERE c.patient_id = p.patient_id AND c.code IN ('38341003', '59621000')) AS htn,
           EXISTS (SELECT 1 FROM conditions c WHERE c.patient_id = p.patient_id AND c.code IN ('431855005', '431856006', '433144002', '46177005')) AS ckd
    FROM patients p
) eligibility;
