-- dataset: synthea-network

-- title: Patients by sex
-- asks: How many women and men are in the network?
-- expect: groups=1 rows=1 cells=4
SELECT gender, COUNT(*) AS n
FROM patients
GROUP BY gender
ORDER BY n DESC;

-- title: Age pyramid
-- asks: How are the patients spread over decades of age and sex?
-- expect: groups=1 rows=1 cells=40
select age_band(p.age, 10) as decade, p.gender, count(*) as patients, avg(p.age) as mean_age
from patients p
group by all
order by decade, p.gender;

-- title: Type 2 diabetes by race
-- asks: How many patients of each race have type 2 diabetes?
-- expect: cells=7
SELECT p.race, COUNT(DISTINCT c.patient_id) AS diabetics
FROM conditions c
JOIN patients p USING (patient_id)
WHERE c.code = '44054006'
GROUP BY p.race;

-- title: Prevalence of hypertension by age band
-- asks: What share of the patients of each age band has hypertension?
-- expect: groups=1 rows=1 cells=6
WITH htn AS (
    SELECT DISTINCT patient_id
    FROM conditions
    WHERE code IN ('38341003', '59621000')
)
SELECT
    CASE
        WHEN p.age < 18 THEN '00-17'
        WHEN p.age < 35 THEN '18-34'
        WHEN p.age < 50 THEN '35-49'
        WHEN p.age < 65 THEN '50-64'
        WHEN p.age < 80 THEN '65-79'
        ELSE '80+'
    END AS age_group,
    COUNT(*) AS patients,
    COUNT(h.patient_id) AS hypertensive,
    ROUND(100.0 * COUNT(h.patient_id) / COUNT(*), 1) AS percent
FROM patients p
LEFT JOIN htn h ON h.patient_id = p.patient_id
GROUP BY 1
ORDER BY 1;

-- title: First diagnosis of coronary disease
-- asks: In which year was coronary heart disease first recorded, patient by patient?
-- expect: groups=1 rows=1 cells=35
WITH first_chd AS (
    SELECT patient_id, MIN(onset_date) AS first_date
    FROM conditions
    WHERE code = '53741008'
    GROUP BY patient_id
)
SELECT YEAR(first_date) AS year, COUNT(*) AS new_patients
FROM first_chd
GROUP BY year
ORDER BY year;

-- title: Visits in the year after first diabetes diagnosis
-- asks: How often do patients come in the first year after type 2 diabetes is found?
-- expect: groups=1 rows=1 cells=40
WITH first_dm AS (
  SELECT patient_id, MIN(onset_date) AS first_date FROM conditions WHERE code = '44054006' GROUP BY patient_id),
followed AS (
  SELECT d.patient_id, COUNT(*) FILTER (WHERE e.start_date BETWEEN d.first_date AND d.first_date + INTERVAL 365 DAY) AS visits
  FROM first_dm d JOIN encounters e ON e.patient_id = d.patient_id GROUP BY d.patient_id)
SELECT p.gender, age_band(p.age, 10) AS band, COUNT(*) AS patients, AVG(LEAST(f.visits, 30)) AS visits_first_year,
       AVG(CASE WHEN f.visits >= 4 THEN 1 ELSE 0 END) AS share_4_or_more
FROM followed f JOIN patients p ON p.patient_id = f.patient_id
GROUP BY ALL;

-- title: Metformin within 90 days
-- asks: How many new diabetics get metformin within 90 days of the diagnosis?
-- expect: groups=1 rows=1 cells=1
WITH dx AS (
    SELECT patient_id, MIN(onset_date) AS dx_date
    FROM conditions
    WHERE code = '44054006' AND onset_date IS NOT NULL
    GROUP BY patient_id
),
rx AS (
    SELECT patient_id, MIN(authored_date) AS rx_date
    FROM medications
    WHERE code = '860975'
    GROUP BY patient_id
)
SELECT
    COUNT(*)                                                                      AS diabetics,
    COUNT(*) FILTER (WHERE rx.rx_date BETWEEN dx.dx_date AND dx.dx_date + INTERVAL '90 days') AS treated,
    COUNT(*) FILTER (WHERE rx.rx_date IS NULL)                                    AS never_treated
FROM dx
LEFT JOIN rx ON rx.patient_id = dx.patient_id;

-- title: Statin after myocardial infarction
-- asks: Are patients on a statin within a year of their first infarction?
-- expect: groups=1 rows=1 cells=4
SELECT p.gender,
       count(*) AS infarctions,
       count_if(EXISTS (
           SELECT 1 FROM medications m
           WHERE m.patient_id = mi.patient_id
             AND m.code IN ('312961', '316672', '314231', '259255', '83367')
             AND m.authored_date >= mi.day
             AND date_diff('day', mi.day, m.authored_date) <= 365
       )) AS on_statin
FROM (
    SELECT patient_id, min(onset_date) AS day
    FROM conditions
    WHERE code = '22298006'
    GROUP BY patient_id
) AS mi
JOIN patients AS p ON p.patient_id = mi.patient_id
GROUP BY p.gender;

-- title: Diabetics without retinopathy
-- asks: How many diabetics have no eye or kidney complication on record?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS uncomplicated
FROM patients p
WHERE p.patient_id IN (SELECT patient_id FROM conditions WHERE code = '44054006')
  AND p.patient_id NOT IN (SELECT patient_id FROM conditions WHERE code IN ('422034002', '127013003', '1551000119108'));

-- title: Never seen in an emergency room
-- asks: How many patients of each site never came as an emergency?
-- expect: groups=1 rows=1 cells=4
SELECT p.site, COUNT(*) AS never_emergency
FROM patients p
WHERE NOT EXISTS (
    SELECT 1
    FROM encounters e
    WHERE e.patient_id = p.patient_id
      AND e.encounter_class = 'emergency'
)
GROUP BY p.site;

-- title: Semi join of stroke patients
-- asks: How old are patients who had a stroke?
-- expect: groups=1 rows=1 cells=4
SELECT gender, AVG(age) AS mean_age, STDDEV_SAMP(age) AS sd_age, COUNT(*) AS n
FROM patients SEMI JOIN (SELECT patient_id FROM conditions WHERE code = '230690007') s USING (patient_id)
GROUP BY gender;

-- title: Anti join of vaccinated patients
-- asks: How many patients over 65 have no influenza vaccination?
-- expect: groups=1 rows=1 cells=1
SELECT count(*) AS unvaccinated
FROM patients p
ANTI JOIN immunizations i ON i.patient_id = p.patient_id AND i.vaccine = '140'
WHERE p.age >= 65;

-- title: Comorbidity of diabetes and hypertension
-- asks: Of those with diabetes, hypertension or both, how many have which?
-- expect: groups=1 rows=1
WITH flags AS (
    SELECT patient_id,
           MAX(CASE WHEN code = '44054006' THEN 1 ELSE 0 END) AS dm,
           MAX(CASE WHEN code = '38341003' THEN 1 ELSE 0 END) AS htn
    FROM conditions
    GROUP BY patient_id
)
SELECT dm, htn, COUNT(*) AS patients
FROM flags
GROUP BY dm, htn
ORDER BY dm, htn;

-- title: Pairs of chronic diseases
-- asks: Which of four chronic diseases occur in the same patients?
-- compare: loose=400x100
SELECT CASE a.code WHEN '38341003' THEN 'hypertension' WHEN '44054006' THEN 'diabetes' WHEN '53741008' THEN 'coronary' ELSE 'anemia' END AS one,
       CASE b.code WHEN '38341003' THEN 'hypertension' WHEN '44054006' THEN 'diabetes' WHEN '53741008' THEN 'coronary' ELSE 'anemia' END AS other,
       COUNT(DISTINCT a.patient_id) AS patients
FROM conditions a
JOIN conditions b ON a.patient_id = b.patient_id AND a.code < b.code
WHERE a.code IN ('38341003', '44054006', '53741008', '271737000')
  AND b.code IN ('38341003', '44054006', '53741008', '271737000')
GROUP BY one, other
HAVING COUNT(DISTINCT a.patient_id) >= 5
ORDER BY patients DESC;

-- title: Number of chronic conditions
-- asks: How many distinct active diagnoses do patients carry?
-- expect: groups=1 rows=1
SELECT LEAST(n_codes, 10) AS diagnoses, COUNT(*) AS patients
FROM (
    SELECT patient_id, COUNT(DISTINCT code) AS n_codes
    FROM conditions
    WHERE clinical_status = 'active'
    GROUP BY patient_id
) per_patient
GROUP BY 1
ORDER BY 1;

-- title: Deaths after heart failure
-- asks: What share of the patients with heart failure has died, by sex?
-- expect: groups=1 rows=1 cells=4
WITH chf AS (SELECT patient_id FROM conditions WHERE code = '88805009' GROUP BY patient_id)
SELECT p.gender,
       COUNT(*)                                            AS patients,
       SUM(CASE WHEN p.death_year IS NOT NULL THEN 1 ELSE 0 END) AS died,
       AVG((p.death_year IS NOT NULL)::INT)                AS share
FROM patients p, chf
WHERE p.patient_id = chf.patient_id
GROUP BY p.gender;

-- title: Deaths by year
-- asks: How many patients died in each year since 2000?
-- expect: groups=1 rows=1
SELECT death_year, COUNT(*) AS deaths, AVG(age) AS mean_age
FROM patients
WHERE death_year >= 2000
GROUP BY death_year
ORDER BY death_year;

-- title: Cohort table one
-- asks: What does the table of baseline characteristics look like for patients with atrial fibrillation?
-- expect: groups=1 rows=1 cells=1
WITH cohort AS (
    SELECT DISTINCT patient_id FROM conditions WHERE code = '49436004'
)
SELECT
    COUNT(*)                                                   AS n,
    AVG(age)                                                   AS age_mean,
    STDDEV(age)                                                AS age_sd,
    100.0 * COUNT(*) FILTER (WHERE gender = 'female') / COUNT(*) AS percent_female,
    100.0 * COUNT_IF(race = 'White') / COUNT(*)                AS percent_white,
    100.0 * COUNT_IF(marital_status = 'M') / COUNT(*)          AS percent_married
FROM cohort
INNER JOIN patients USING (patient_id);

-- title: Site by marital status with all totals
-- asks: How do marital states differ between the sites, with margins?
SELECT site, marital_status, COUNT(*) AS n
FROM patients
WHERE marital_status IS NOT NULL
GROUP BY CUBE (site, marital_status);

-- title: Median age with a list of codes
-- asks: How old are patients with any of a list of cancers?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.05
WITH cancers(code, organ) AS (
    VALUES ('254637007', 'lung'), ('254632001', 'lung'), ('254837009', 'breast'), ('363406005', 'colon'), ('126906006', 'prostate')
),
affected AS (
    SELECT DISTINCT c.patient_id
    FROM conditions c
    JOIN cancers k ON k.code = c.code
)
SELECT MEDIAN(p.age) AS median_age, QUANTILE_CONT(p.age, 0.25) AS q1, QUANTILE_CONT(p.age, 0.75) AS q3
FROM affected a
JOIN patients p ON p.patient_id = a.patient_id;
