-- dataset: omop-gibleed

-- title: Inpatient visits by decade
-- asks: How many inpatient visits were there in each decade?
-- expect: groups=3 rows=3 cells=12
SELECT YEAR(visit_start_date) // 10 * 10 AS decade, COUNT(*) AS visits
FROM visit_occurrence
WHERE visit_concept_id = 9201
GROUP BY decade
ORDER BY decade;

-- title: Visit type by its concept's name
-- asks: What kinds of visits are there?
SELECT vc.listed_name AS visit_type, COUNT(*) AS visits, COUNT(DISTINCT v.person_id) AS persons
FROM visit_occurrence v
INNER JOIN concept vc ON vc.concept_id = v.visit_concept_id
WHERE vc.listed_name = 'Inpatient Visit'
GROUP BY vc.listed_name;

-- title: Return within three years
-- asks: How many inpatient visits are followed by another within three years?
WITH v AS (
    SELECT person_id, visit_end_date,
           LEAD(visit_start_date) OVER (PARTITION BY person_id ORDER BY visit_start_date, visit_end_date) AS next_start
    FROM visit_occurrence
    WHERE visit_concept_id = 9201
)
SELECT COUNT(*) AS discharges,
       COUNT(CASE WHEN DATE_DIFF('day', visit_end_date, next_start) BETWEEN 0 AND 1095 THEN 1 END) AS returned
FROM v;

-- title: Persons without any visit
-- asks: How many persons were never in the hospital, by gender?
-- expect: groups=1 rows=1 cells=2
SELECT gender_source_value, COUNT(*) AS never_in_hospital
FROM person ANTI JOIN visit_occurrence USING (person_id)
GROUP BY gender_source_value;

-- title: Diagnoses during a stay
-- asks: How many diagnoses start during an inpatient visit of the same person?
-- expect: cells=1
-- compare: loose=1x200
SELECT COUNT(*) AS diagnoses
FROM condition_occurrence co
JOIN visit_occurrence v
  ON v.person_id = co.person_id
 AND co.condition_start_date BETWEEN v.visit_start_date AND v.visit_end_date;

-- title: Procedures by name
-- asks: How often are common procedures done?
SELECT c.listed_name AS procedure_name, COUNT(*) AS n, COUNT(DISTINCT po.person_id) AS persons
FROM procedure_occurrence po
JOIN concept c ON c.concept_id = po.procedure_concept_id AND c.domain_id = 'Procedure'
WHERE c.listed_name IS NOT NULL
GROUP BY 1
HAVING COUNT(*) >= 20
ORDER BY 2 DESC;

-- title: Bone density scans of women
-- asks: How many women and men had a bone density scan, and how many scans?
-- expect: groups=1 rows=10 cells=2
SELECT p.gender_source_value, COUNT(*) AS scans, COUNT(DISTINCT po.person_id) AS persons,
       COUNT(*) / COUNT(DISTINCT po.person_id) AS per_person
FROM procedure_occurrence po
JOIN person p ON p.person_id = po.person_id
WHERE po.procedure_concept_id = 4195803
GROUP BY p.gender_source_value;

-- title: Measurements per person
-- asks: How many measurements does a person have, in bands?
-- expect: groups=1 rows=1
WITH n AS (SELECT person_id, COUNT(*) AS k FROM measurement GROUP BY person_id)
SELECT CASE WHEN k <= 5 THEN 'a: 1-5' WHEN k <= 10 THEN 'b: 6-10' WHEN k <= 20 THEN 'c: 11-20' ELSE 'd: more' END AS band,
       COUNT(*) AS persons
FROM n
GROUP BY band
ORDER BY band;

-- title: Spirometry and chest X-ray
-- asks: How many persons with spirometry also have a chest X-ray?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS spirometry,
       SUM(CASE WHEN person_id IN (SELECT person_id FROM procedure_occurrence WHERE procedure_concept_id = 4163872) THEN 1 ELSE 0 END) AS with_xray
FROM (SELECT DISTINCT person_id FROM measurement WHERE measurement_concept_id IN (4133840, 3011505)) s;

-- title: Throat cultures per month
-- asks: In which calendar month are throats cultured?
-- expect: groups=10 rows=10 cells=12
SELECT EXTRACT(MONTH FROM measurement_date) AS calendar_month, COUNT(*) AS cultures
FROM measurement
WHERE measurement_concept_id = 4024958
GROUP BY calendar_month
ORDER BY calendar_month;

-- title: Appendectomy and its history
-- asks: Have all persons with an appendectomy an observation that says so?
-- expect: groups=1 rows=1 cells=1
WITH a AS (SELECT DISTINCT person_id FROM procedure_occurrence WHERE procedure_concept_id = 4198190),
     h AS (SELECT DISTINCT person_id FROM observation WHERE observation_concept_id = 4323208)
SELECT COUNT(*) AS operated, COUNT(h.person_id) AS recorded, COUNT(*) - COUNT(h.person_id) AS missing
FROM a LEFT JOIN h USING (person_id);

-- title: Tests within a week of the visit
-- asks: How many measurements are made within a week after an inpatient visit begins?
-- expect: groups=1 cells=1
-- compare: loose=1x300
SELECT COUNT(*) AS measurements, COUNT(DISTINCT m.person_id) AS persons
FROM measurement AS m, visit_occurrence AS v
WHERE m.person_id = v.person_id
  AND m.measurement_date BETWEEN v.visit_start_date AND v.visit_start_date + 7;

-- title: Sessions of behavioral therapy
-- asks: How many sessions of behavioral therapy do treated persons have, in quartiles?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.1
SELECT QUANTILE_DISC(n, 0.25) AS q1, QUANTILE_DISC(n, 0.5) AS q2, QUANTILE_DISC(n, 0.75) AS q3, AVG(n) AS mean
FROM (
    SELECT person_id, COUNT(*) AS n
    FROM procedure_occurrence
    WHERE procedure_concept_id = 4043071
    GROUP BY person_id
) t;

-- title: Allergy panel and allergy
-- asks: How many persons with an allergy test have an allergy on record?
-- expect: groups=1 rows=1 cells=2
SELECT (o.person_id IS NOT NULL) AS allergic, COUNT(*) AS tested
FROM (SELECT DISTINCT person_id FROM procedure_occurrence WHERE procedure_concept_id = 4191853) t
LEFT JOIN (
    SELECT DISTINCT ob.person_id
    FROM observation ob JOIN concept c ON c.concept_id = ob.observation_concept_id
    WHERE lower(c.concept_name) LIKE '%allergy%'
) o ON o.person_id = t.person_id
GROUP BY allergic;
