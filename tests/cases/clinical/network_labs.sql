-- dataset: synthea-network

-- title: Mean systolic pressure by sex
-- asks: What is the mean systolic blood pressure of women and men?
-- expect: groups=1 rows=20 cells=4
SELECT p.gender, AVG(CLAMP(o.value_num, 80, 220)) AS mean_systolic, COUNT(*) AS measured
FROM observations o
JOIN patients p ON p.patient_id = o.patient_id
WHERE o.code = '8480-6'
GROUP BY p.gender;

-- title: Latest HbA1c
-- asks: How well are diabetics controlled by their last HbA1c?
-- expect: groups=1 rows=1
WITH ranked AS (
    SELECT patient_id, value_num,
           ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY observed_date DESC, value_num DESC) AS r
    FROM observations
    WHERE code = '4548-4' AND observed_date IS NOT NULL AND value_num IS NOT NULL
),
latest AS (SELECT patient_id, value_num AS a1c FROM ranked WHERE r = 1)
SELECT CASE WHEN a1c < 5.7 THEN 'normal' WHEN a1c < 6.5 THEN 'prediabetic' WHEN a1c < 9 THEN 'diabetic' ELSE 'uncontrolled' END AS control,
       COUNT(*) AS patients
FROM latest
GROUP BY control;

-- title: Latest HbA1c by ARG_MAX
-- asks: What is the mean of the last HbA1c of each patient, by site?
-- expect: groups=1 rows=1 cells=3
-- compare: tolerance=0.01
SELECT p.site, AVG(CLAMP(l.last_a1c, 2, 15)) AS mean_last_a1c, COUNT(*) AS patients
FROM (
    SELECT patient_id, ARG_MAX(value_num, observed_date) AS last_a1c
    FROM observations
    WHERE code = '4548-4'
    GROUP BY patient_id
) l
JOIN patients p USING (patient_id)
WHERE p.site <> 'ks_bulk'
GROUP BY p.site;

-- title: High LDL in one year
-- asks: How many patients had an LDL cholesterol of 130 or more in 2016?
-- expect: cells=1
SELECT COUNT(DISTINCT patient_id) AS patients
FROM observations
WHERE code = '18262-6'
  AND value_num >= 130
  AND observed_date >= DATE '2016-01-01' AND observed_date < DATE '2017-01-01';

-- title: Kidney function below 60
-- asks: How many patients have two filtration rates below 60 at least 90 days apart?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients
FROM (
    SELECT patient_id, MIN(observed_date) AS first_low, MAX(observed_date) AS last_low
    FROM observations
    WHERE code = '33914-3' AND value_num < 60
    GROUP BY patient_id
    HAVING MAX(observed_date) - MIN(observed_date) >= 90
) ckd;

-- title: Spread of body mass index
-- asks: What are mean, standard deviation and variance of the body mass index?
-- expect: groups=1 rows=20 cells=1
-- compare: tolerance=0.02
SELECT AVG(clamp(value_num, 10, 60)) AS mean_bmi,
       STDDEV_SAMP(clamp(value_num, 10, 60)) AS sd_bmi,
       VAR_POP(clamp(value_num, 10, 60)) AS var_bmi
FROM observations
WHERE measurement = '39156-5';

-- title: Quartiles of total cholesterol
-- asks: What are the quartiles of total cholesterol in adults?
-- expect: groups=1 rows=20 cells=1
-- compare: tolerance=0.03
SELECT QUANTILE_CONT(clamp(o.value_num, 100, 400), 0.25) AS q1,
       QUANTILE_CONT(clamp(o.value_num, 100, 400), 0.5)  AS q2,
       QUANTILE_CONT(clamp(o.value_num, 100, 400), 0.75) AS q3
FROM observations o INNER JOIN patients p USING (patient_id)
WHERE o.code = '2093-3' AND p.age >= 18;

-- title: Pressure and age
-- asks: Does systolic pressure rise with age?
-- expect: groups=1 rows=20 cells=1
-- compare: tolerance=0.05
SELECT CORR(clamp(o.value_num, 80, 220), p.age) AS correlation,
       REGR_SLOPE(clamp(o.value_num, 80, 220), p.age) AS mmhg_per_year,
       REGR_INTERCEPT(clamp(o.value_num, 80, 220), p.age) AS at_birth
FROM observations o
JOIN patients p ON o.patient_id = p.patient_id
WHERE o.code = '8480-6';

-- title: Histogram of glucose
-- asks: How is glucose distributed in steps of 20 mg/dL?
-- expect: groups=5 rows=20
SELECT FLOOR(CLAMP(value_num, 60, 199) / 20) * 20 AS from_mg_dl, COUNT(*) AS n
FROM observations
WHERE code = '2339-0' AND value_num IS NOT NULL
GROUP BY 1
ORDER BY 1;

-- title: Anemia by hemoglobin
-- asks: How many women and men have ever had a hemoglobin below the WHO's threshold?
-- expect: groups=1 rows=1 cells=4
WITH lowest AS (
    SELECT patient_id, MIN(value_num) AS hb
    FROM observations
    WHERE code = '718-7'
    GROUP BY patient_id
)
SELECT p.gender, COUNT(*) AS tested,
       COUNT(*) FILTER (WHERE (p.gender = 'female' AND hb < 12) OR (p.gender = 'male' AND hb < 13)) AS anemic
FROM lowest JOIN patients p USING (patient_id)
GROUP BY p.gender;

-- title: Weight change
-- asks: How much weight do adults gain from their first to their last measurement?
-- expect: groups=1 rows=1 cells=4
-- compare: tolerance=0.02
WITH ends AS (
    SELECT patient_id,
           ARG_MIN(value_num, observed_date) AS first_kg,
           ARG_MAX(value_num, observed_date) AS last_kg
    FROM observations
    WHERE code = '29463-7' AND observed_date IS NOT NULL
    GROUP BY patient_id
)
SELECT p.gender, AVG(clamp(e.last_kg - e.first_kg, -50, 50)) AS mean_change, COUNT(*) AS patients
FROM ends e
JOIN patients p USING (patient_id)
WHERE p.age >= 30
GROUP BY p.gender;

-- title: Rows by category of observation
-- asks: What kinds of observations are recorded?
-- expect: groups=5 rows=20 cells=10
SELECT category, COUNT(*) AS n, COUNT(value_num) AS numeric
FROM observations
GROUP BY category
ORDER BY n DESC;

-- title: Systolic above diastolic
-- asks: What is the mean pulse pressure when both pressures come from one measurement?
-- compare: tolerance=0.02 loose=1x600
SELECT AVG(CLAMP(s.value_num - d.value_num, 0, 150)) AS pulse_pressure, COUNT(*) AS pairs
FROM observations s
JOIN observations d
  ON s.patient_id = d.patient_id AND s.observation_id = d.observation_id
WHERE s.code = '8480-6' AND d.code = '8462-4';

-- title: Patients with three high pressures
-- asks: How many patients have at least three systolic values of 140 or more?
-- expect: groups=1 rows=1 cells=10
SELECT age_band(p.age, 10) AS band, COUNT(*) AS patients
FROM patients p
JOIN (
    SELECT patient_id
    FROM observations
    WHERE code = '8480-6' AND value_num >= 140
    GROUP BY patient_id
    HAVING COUNT(*) >= 3
) high ON high.patient_id = p.patient_id
GROUP BY band;

-- title: Share of abnormal potassium
-- asks: What percentage of potassium values lies outside 3.8 to 5.0 mmol/L, by year?
-- expect: groups=5 rows=20
SELECT YEAR(observed_date) AS yr,
       COUNT(*) AS n,
       100.0 * AVG(CASE WHEN value_num NOT BETWEEN 3.8 AND 5.0 THEN 1.0 ELSE 0.0 END) AS percent_abnormal
FROM observations
WHERE code = '6298-4' AND observed_date >= DATE '2012-01-01'
GROUP BY yr
HAVING COUNT(*) > 20;
