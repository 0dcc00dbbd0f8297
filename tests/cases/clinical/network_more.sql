-- dataset: synthea-network

-- title: Labels from a list of codes
-- asks: How many patients have each disease of a labeled list?
-- expect: cells=3
SELECT k.disease, COUNT(DISTINCT c.patient_id) AS patients
FROM conditions c
JOIN (VALUES ('44054006', 'diabetes'), ('38341003', 'hypertension'), ('59621000', 'hypertension'), ('195967001', 'asthma')) AS k(code, disease)
  ON c.code = k.code
GROUP BY k.disease
ORDER BY k.disease;

-- title: Point prevalence over a calendar
-- asks: How many patients have prediabetes at the start of each of five years?
SELECT y.year, COUNT(DISTINCT c.patient_id) AS prevalent
FROM conditions c
CROSS JOIN (VALUES (2012), (2013), (2014), (2015), (2016)) AS y(year)
WHERE c.code = '15777000'
  AND YEAR(c.onset_date) < y.year
  AND (c.abatement_date IS NULL OR YEAR(c.abatement_date) >= y.year)
GROUP BY y.year
ORDER BY y.year;

-- title: Unknown marital status made plain
-- asks: How many patients of each marital status are there, the unknown named?
-- expect: groups=1 rows=1
SELECT COALESCE(marital_status, 'not recorded') AS status, COUNT(*) AS n
FROM patients
GROUP BY COALESCE(marital_status, 'not recorded')
ORDER BY n DESC;

-- title: Crowded months
-- asks: How many emergency visits come with another within the 30 days before?
SELECT COUNT(*) AS visits, COUNT(*) FILTER (WHERE in_30_days > 1) AS crowded
FROM (
    SELECT patient_id,
           COUNT(*) OVER (PARTITION BY patient_id ORDER BY start_date RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND CURRENT ROW) AS in_30_days
    FROM encounters
    WHERE encounter_class = 'emergency' AND start_date IS NOT NULL
) t;

-- title: First of three outcomes
-- asks: In which year did the first of stroke, infarction and cardiac arrest happen?
-- expect: groups=1 rows=1
WITH outcomes AS (
    SELECT patient_id, onset_date AS day FROM conditions WHERE code = '230690007'
    UNION ALL
    SELECT patient_id, onset_date FROM conditions WHERE code = '22298006'
    UNION ALL
    SELECT patient_id, onset_date FROM conditions WHERE code = '410429000'
),
earliest AS (SELECT patient_id, MIN(day) AS day FROM outcomes WHERE day IS NOT NULL GROUP BY patient_id)
SELECT DATE_TRUNC('year', day) AS year, COUNT(*) AS patients
FROM earliest
GROUP BY DATE_TRUNC('year', day)
ORDER BY year;

-- title: Conditional distinct counts
-- asks: How many patients came as an emergency and how many were admitted, by site?
-- expect: groups=4 cells=4
SELECT site,
       COUNT(DISTINCT CASE WHEN encounter_class = 'emergency' THEN patient_id END) AS emergency_patients,
       COUNT(DISTINCT CASE WHEN encounter_class = 'inpatient' THEN patient_id END) AS inpatients
FROM encounters
GROUP BY site;

-- title: Share of a patient's own visits
-- asks: For how many patients is more than every fifth visit an emergency?
-- expect: groups=1 rows=1 cells=1
WITH per_patient AS (
    SELECT patient_id, COUNT(*) AS visits, COUNT(*) FILTER (WHERE encounter_class = 'emergency') AS emergencies
    FROM encounters
    GROUP BY patient_id
)
SELECT COUNT(*) AS patients,
       COUNT_IF(emergencies / visits > 0.2) AS often_emergency,
       AVG(CLAMP(100.0 * emergencies / NULLIF(visits, 0), 0, 100)) AS mean_percent
FROM per_patient;

-- title: First value in the patient's history
-- asks: What was the first recorded class of visit of patients who were admitted later?
-- expect: groups=1 rows=1
SELECT first_class, COUNT(*) AS patients
FROM (
    SELECT DISTINCT patient_id,
           FIRST_VALUE(encounter_class) OVER (PARTITION BY patient_id ORDER BY start_date, stop_date, encounter_class) AS first_class
    FROM encounters
    WHERE start_date IS NOT NULL
) f
WHERE patient_id IN (SELECT patient_id FROM encounters WHERE encounter_class = 'inpatient')
GROUP BY first_class;

-- title: Later of two dates
-- asks: In which year did patients have both hypertension and prediabetes for the first time?
-- expect: groups=1 rows=1
WITH h AS (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '38341003' GROUP BY patient_id),
     l AS (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '15777000' GROUP BY patient_id)
SELECT YEAR(GREATEST(h.d, l.d)) AS both_since, COUNT(*) AS patients
FROM h, l
WHERE h.patient_id = l.patient_id AND h.d IS NOT NULL AND l.d IS NOT NULL
GROUP BY both_since
HAVING COUNT(*) > 0.5
ORDER BY both_since;

-- title: Without alias or order
-- asks: What is the mean age of the living and the dead?
-- expect: groups=1 rows=1 cells=2
SELECT CASE WHEN death_year IS NULL THEN 'living' ELSE 'dead' END, AVG(age), COUNT(*)
FROM patients
GROUP BY 1;

-- title: Sites side by side
-- asks: How many colonoscopies are done at the two large sites, in one row?
-- expect: groups=1 rows=10 cells=1
SELECT COUNT(*) FILTER (WHERE site = 'ma_main') AS main_site,
       COUNT(*) FILTER (WHERE site = 'ma_legacy') AS legacy_site,
       COUNT(*) FILTER (WHERE site = 'ma_main') - COUNT(*) FILTER (WHERE site = 'ma_legacy') AS difference
FROM procedures
WHERE code = '73761001';

-- title: Key through a foreign key
-- asks: For which classes of visit are laboratory values taken?
-- compare: loose=100x600
SELECT e.encounter_class, COUNT(*) AS lab_values
FROM observations o
JOIN encounters e USING (encounter_id)
WHERE o.category = 'laboratory'
GROUP BY e.encounter_class;
