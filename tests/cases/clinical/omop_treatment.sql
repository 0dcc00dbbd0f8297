-- dataset: omop-gibleed

-- title: Days of supply
-- asks: For how many days are drugs supplied, on average and in the middle?
-- expect: groups=1 rows=5 cells=1
-- compare: tolerance=0.1
SELECT COUNT(*) AS prescriptions, AVG(days_supply) AS mean_days, MEDIAN(days_supply) AS median_days,
       STDDEV_SAMP(days_supply) AS sd_days
FROM drug_exposure
WHERE drug_type_concept_id = 38000177 AND days_supply > 0;

-- title: Drugs by ingredient name
-- asks: How many persons took each common ingredient, by name?
SELECT c.listed_name AS ingredient, COUNT(DISTINCT de.person_id) AS persons
FROM drug_exposure de
JOIN concept_ancestor ca ON ca.descendant_concept_id = de.drug_concept_id
JOIN concept c ON c.concept_id = ca.ancestor_concept_id
WHERE c.domain_id = 'Drug' AND c.concept_class_id = 'Ingredient' AND c.listed_name IS NOT NULL
GROUP BY c.listed_name
HAVING COUNT(DISTINCT de.person_id) >= 50
ORDER BY persons DESC;

-- title: Eras by ingredient
-- asks: How many eras has each common ingredient, and how many exposures are in them?
-- expect: groups=10 rows=5 cells=33
SELECT ingredient, COUNT(*) AS eras, SUM(drug_exposure_count) AS exposures
FROM drug_era
GROUP BY ingredient
ORDER BY eras DESC;

-- title: First line after osteoarthritis
-- asks: Which of three drugs is the first that persons take after osteoarthritis?
-- expect: groups=1 rows=1
WITH oa AS (
    SELECT person_id, MIN(condition_start_date) AS index_date
    FROM condition_occurrence WHERE condition_concept_id = 80180 GROUP BY person_id
),
after AS (
    SELECT oa.person_id, de.drug_concept_id,
           ROW_NUMBER() OVER (PARTITION BY oa.person_id ORDER BY de.drug_exposure_start_date, de.drug_concept_id) AS line
    FROM oa JOIN drug_exposure de
      ON de.person_id = oa.person_id AND de.drug_exposure_start_date >= oa.index_date
    WHERE de.drug_concept_id IN (1118084, 1124300, 1127433)
)
SELECT CASE drug_concept_id WHEN 1118084 THEN 'celecoxib' WHEN 1124300 THEN 'diclofenac' ELSE 'acetaminophen' END AS first_line,
       COUNT(*) AS persons
FROM after
WHERE line = 1
GROUP BY first_line
ORDER BY persons DESC;

-- title: Concomitant aspirin and penicillin
-- asks: How many persons have overlapping eras of aspirin and penicillin G?
-- expect: cells=1
SELECT COUNT(DISTINCT a.person_id) AS persons
FROM drug_era a
JOIN drug_era b
  ON a.person_id = b.person_id
 AND a.drug_era_start_date <= b.drug_era_end_date
 AND b.drug_era_start_date <= a.drug_era_end_date
WHERE a.drug_concept_id = 1112807
  AND b.drug_concept_id = 1728416;

-- title: New user design with washout
-- asks: How many persons start ibuprofen without any pain killer in the year before?
-- expect: groups=1 rows=1 cells=1
WITH starts AS (
    SELECT person_id, MIN(drug_era_start_date) AS start_date
    FROM drug_era
    WHERE drug_concept_id = 1177480
    GROUP BY person_id
)
SELECT COUNT(*) AS new_users
FROM starts s
WHERE NOT EXISTS (
    SELECT 1
    FROM drug_era prior
    WHERE prior.person_id = s.person_id
      AND prior.drug_concept_id IN (1125315, 1115008, 1124300, 1118084)
      AND prior.drug_era_start_date < s.start_date
      AND prior.drug_era_end_date >= s.start_date - INTERVAL 365 DAY
);

-- title: Vaccinated adults
-- asks: What share of the persons has had a zoster vaccine, by decade of birth?
-- expect: groups=1 rows=1 cells=12
SELECT FLOOR(p.year_of_birth / 10) * 10 AS born,
       COUNT(*) AS persons,
       COUNT(z.person_id) / COUNT(*) AS share
FROM person p
LEFT JOIN (SELECT DISTINCT person_id FROM drug_exposure WHERE drug_concept_id = 40213260) z
       ON z.person_id = p.person_id
GROUP BY born
HAVING COUNT(*) > 10
ORDER BY born;

-- title: Interval between tetanus boosters
-- asks: How many years lie between two boosters against tetanus?
-- expect: cells=1
-- compare: tolerance=0.05
WITH boosters AS (
    SELECT person_id, drug_exposure_start_date AS d,
           LEAD(drug_exposure_start_date) OVER (PARTITION BY person_id ORDER BY drug_exposure_start_date) AS next_d
    FROM drug_exposure
    WHERE drug_concept_id = 40213227
)
SELECT AVG(CLAMP(DATE_DIFF('day', d, next_d), 0, 18000) / 365.25) AS years, COUNT(*) AS intervals
FROM boosters
WHERE next_d IS NOT NULL;

-- title: Adherence as proportion of days covered
-- asks: How many days of clopidogrel does a person get in the first year?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.02
WITH first_rx AS (
    SELECT person_id, MIN(drug_exposure_start_date) AS d0
    FROM drug_exposure WHERE drug_concept_id = 19075601 GROUP BY person_id
),
supplied AS (
    SELECT f.person_id, SUM(de.days_supply) AS days
    FROM first_rx f
    JOIN drug_exposure de ON de.person_id = f.person_id
    WHERE de.drug_concept_id = 19075601
      AND de.drug_exposure_start_date < f.d0 + INTERVAL 1 YEAR
    GROUP BY f.person_id
)
SELECT AVG(LEAST(days, 365) / 365.0) AS pdc, COUNT(*) AS persons
FROM supplied;

-- title: Prescriptions per decade of life
-- asks: How many prescriptions do persons get in each decade of life?
-- expect: groups=10 rows=5
SELECT (YEAR(de.drug_exposure_start_date) - p.year_of_birth) // 10 AS decade_of_life, COUNT(*) AS prescriptions
FROM drug_exposure de
JOIN person p USING (person_id)
WHERE YEAR(de.drug_exposure_start_date) - p.year_of_birth BETWEEN 0 AND 99
GROUP BY decade_of_life
ORDER BY decade_of_life;

-- title: Stopped after bleeding
-- asks: How many persons take an anti-inflammatory drug again after their bleeding?
-- expect: groups=1 rows=1 cells=2
WITH bleed AS (
    SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence
    WHERE condition_concept_id = 192671 GROUP BY person_id
),
later AS (
    SELECT b.person_id, COUNT(de.person_id) AS rx
    FROM bleed b LEFT JOIN drug_exposure de
      ON de.person_id = b.person_id AND de.drug_exposure_start_date > b.d
     AND de.drug_concept_id IN (1118084, 1124300, 1115171, 19078461)
    GROUP BY b.person_id
)
SELECT rx > 0 AS again, COUNT(*) AS persons
FROM later
GROUP BY again;

-- title: Source codes by pattern
-- asks: How many vaccine doses are coded with two or three digits?
-- expect: groups=1 rows=5 cells=1
SELECT COUNT(*) AS doses
FROM drug_exposure
WHERE regexp_full_match(drug_source_value, '[0-9]{2,3}');

-- title: Most exposures in an era
-- asks: How many exposures are in the longest era of each person?
-- expect: groups=1 rows=1
SELECT most, COUNT(*) AS persons
FROM (
    SELECT person_id, MAX(drug_exposure_count) AS most
    FROM drug_era
    GROUP BY person_id
) t
GROUP BY most
ORDER BY most;

-- title: Drugs before a peptic ulcer
-- asks: How many persons with a peptic ulcer took each of two drugs before it?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS ulcers,
       COUNT_IF(nsaid) AS after_nsaid,
       COUNT_IF(aspirin) AS after_aspirin,
       COUNT_IF(nsaid AND aspirin) AS after_both
FROM (
    SELECT u.person_id,
           EXISTS (SELECT 1 FROM drug_era e WHERE e.person_id = u.person_id AND e.drug_concept_id IN (1177480, 1115008) AND e.drug_era_start_date <= u.d) AS nsaid,
           EXISTS (SELECT 1 FROM drug_era e WHERE e.person_id = u.person_id AND e.drug_concept_id = 1112807 AND e.drug_era_start_date <= u.d) AS aspirin
    FROM (SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence WHERE condition_concept_id = 4027663 GROUP BY person_id) u
) flags;
