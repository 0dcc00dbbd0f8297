-- dataset: omop-gibleed

-- title: Persons by gender concept
-- asks: How many persons of each gender are there?
-- expect: groups=1 rows=1
SELECT CASE gender_concept_id WHEN 8507 THEN 'male' WHEN 8532 THEN 'female' ELSE 'unknown' END AS gender,
       COUNT(*) AS persons
FROM person
GROUP BY 1;

-- title: Persons by decade of birth
-- asks: When were the persons born?
-- expect: groups=1 rows=1 cells=12
select floor(year_of_birth / 10) * 10 as decade, count(person_id) as persons
from person
group by decade
order by decade;

-- title: Gender and race of persons with a bleeding
-- asks: Who has had a gastrointestinal hemorrhage?
-- expect: groups=1 rows=1 cells=14
SELECT p.gender_source_value AS gender, p.race_source_value AS race, COUNT(*) AS persons
FROM person p
WHERE p.person_id IN (
    SELECT co.person_id FROM condition_occurrence co WHERE co.condition_concept_id = 192671
)
GROUP BY p.gender_source_value, p.race_source_value;

-- title: Condition by concept name
-- asks: How many persons have each of the common conditions, by its name?
SELECT c.listed_name AS condition_name, COUNT(DISTINCT co.person_id) AS persons
FROM condition_occurrence co
JOIN concept c ON c.concept_id = co.condition_concept_id
WHERE c.domain_id = 'Condition'
GROUP BY c.listed_name
HAVING COUNT(DISTINCT co.person_id) > 100
ORDER BY persons DESC;

-- title: Bleeding within 90 days of an anti-inflammatory drug
-- asks: How many persons bleed within 90 days after their first celecoxib or diclofenac?
-- expect: groups=1 rows=1 cells=1
WITH nsaid AS (
    SELECT person_id, MIN(drug_exposure_start_date) AS index_date
    FROM drug_exposure
    WHERE drug_concept_id IN (1118084, 1124300)
    GROUP BY person_id
),
bleed AS (
    SELECT person_id, MIN(condition_start_date) AS bleed_date
    FROM condition_occurrence
    WHERE condition_concept_id = 192671
    GROUP BY person_id
)
SELECT COUNT(*) AS exposed,
       COUNT(*) FILTER (WHERE b.bleed_date BETWEEN n.index_date AND n.index_date + INTERVAL 90 DAY) AS bleeds,
       1000.0 * COUNT(*) FILTER (WHERE b.bleed_date BETWEEN n.index_date AND n.index_date + INTERVAL 90 DAY) / COUNT(*) AS per_1000
FROM nsaid n
LEFT JOIN bleed b ON b.person_id = n.person_id;

-- title: Celecoxib against diclofenac
-- asks: Is the risk of bleeding after celecoxib other than after diclofenac?
-- expect: groups=1 rows=1
WITH first_use AS (
    SELECT person_id, drug_concept_id, drug_exposure_start_date,
           ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY drug_exposure_start_date, drug_concept_id) AS rn
    FROM drug_exposure
    WHERE drug_concept_id IN (1118084, 1124300)
),
outcome AS (
    SELECT DISTINCT person_id FROM condition_occurrence WHERE condition_concept_id = 192671
)
SELECT CASE WHEN f.drug_concept_id = 1118084 THEN 'celecoxib' ELSE 'diclofenac' END AS drug,
       COUNT(*) AS persons,
       COUNT(o.person_id) AS bled,
       COUNT(o.person_id) / COUNT(*) AS risk
FROM first_use f
LEFT JOIN outcome o ON o.person_id = f.person_id
WHERE f.rn = 1
GROUP BY 1;

-- title: Age at first bleeding
-- asks: How old are persons at their first gastrointestinal hemorrhage?
-- expect: groups=1 rows=1 cells=2
-- compare: tolerance=0.05
SELECT p.gender_source_value,
       AVG(YEAR(b.first_bleed) - p.year_of_birth) AS mean_age,
       MEDIAN(YEAR(b.first_bleed) - p.year_of_birth) AS median_age,
       COUNT(*) AS n
FROM (SELECT person_id, MIN(condition_start_date) AS first_bleed
      FROM condition_occurrence
      WHERE condition_concept_id = 192671
      GROUP BY person_id) b
JOIN person p ON p.person_id = b.person_id
GROUP BY p.gender_source_value;

-- title: Descendants of an ingredient
-- asks: How many persons took any product with acetaminophen?
-- expect: cells=1
SELECT COUNT(DISTINCT de.person_id) AS persons
FROM drug_exposure de
JOIN concept_ancestor ca ON ca.descendant_concept_id = de.drug_concept_id
WHERE ca.ancestor_concept_id = 1125315;

-- title: Concept set by sub-query
-- asks: How many prescriptions of penicillins were written each year since 1990?
-- expect: groups=10 rows=5
SELECT EXTRACT(YEAR FROM drug_exposure_start_date) AS yr, COUNT(*) AS prescriptions
FROM drug_exposure
WHERE drug_concept_id IN (
        SELECT descendant_concept_id
        FROM concept_ancestor
        WHERE ancestor_concept_id IN (1729720, 1728416)
      )
  AND drug_exposure_start_date >= DATE '1990-01-01'
GROUP BY yr
ORDER BY yr;

-- title: Conditions of the elderly
-- asks: Which conditions start after the age of 65?
-- expect: groups=10 rows=5
SELECT co.condition, COUNT(*) AS occurrences
FROM condition_occurrence co
JOIN person p ON p.person_id = co.person_id
WHERE YEAR(co.condition_start_date) - p.year_of_birth >= 65
GROUP BY co.condition
ORDER BY occurrences DESC
LIMIT 5;

-- title: Length of stay in the hospital
-- asks: How long are inpatient visits?
-- expect: groups=1 rows=3 cells=1
-- compare: tolerance=0.1
SELECT COUNT(*) AS stays,
       AVG(CLAMP(DATE_DIFF('day', visit_start_date, visit_end_date), 0, 30)) AS mean_days,
       QUANTILE_CONT(CLAMP(DATE_DIFF('day', visit_start_date, visit_end_date), 0, 30), 0.9) AS p90
FROM visit_occurrence
WHERE visit_concept_id = 9201;

-- title: Drug eras of clopidogrel
-- asks: How long do eras of clopidogrel last on average?
-- expect: groups=1 rows=5 cells=1
SELECT AVG(CLAMP(drug_era_end_date - drug_era_start_date, 0, 365)) AS mean_days, COUNT(*) AS eras
FROM drug_era
WHERE drug_concept_id = 1322184;

-- title: Polypharmacy by ingredients
-- asks: How many persons ever took five or more ingredients?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS persons, COUNT_IF(n >= 5) AS five_or_more, COUNT_IF(n >= 10) AS ten_or_more
FROM (
    SELECT person_id, COUNT(DISTINCT drug_concept_id) AS n
    FROM drug_era
    GROUP BY person_id
);

-- title: Any event per person
-- asks: How many records does a person have in three tables together?
-- expect: groups=1 rows=1 cells=1
WITH events AS (
    SELECT person_id, condition_start_date AS day FROM condition_occurrence
    UNION ALL
    SELECT person_id, drug_exposure_start_date FROM drug_exposure
    UNION ALL
    SELECT person_id, procedure_date FROM procedure_occurrence
),
counted AS (SELECT person_id, COUNT(*) AS n FROM events GROUP BY person_id)
SELECT AVG(LEAST(n, 200)) AS mean_events, COUNT(*) AS persons
FROM counted;

-- title: Osteoarthritis then pain killers
-- asks: How many persons get a pain killer on the day of an osteoarthritis diagnosis?
-- expect: cells=1
SELECT COUNT(DISTINCT co.person_id) AS treated_same_day
FROM condition_occurrence co
JOIN drug_exposure de
  ON de.person_id = co.person_id
 AND de.drug_exposure_start_date = co.condition_start_date
WHERE co.condition_concept_id = 80180
  AND de.drug_concept_id IN (1127433, 1127078, 1118084, 1124300, 19078461, 1115171);

-- title: Colonoscopy or not before bleeding
-- asks: How many bleeding persons have had a procedure in the year before?
-- expect: groups=1 rows=1 cells=2
WITH bleed AS (
    SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence
    WHERE condition_concept_id = 192671 GROUP BY ALL
)
SELECT EXISTS (SELECT * FROM procedure_occurrence po
               WHERE po.person_id = bleed.person_id
                 AND po.procedure_date >= bleed.d - INTERVAL 1 YEAR
                 AND po.procedure_date < bleed.d) AS had_procedure,
       COUNT(*) AS persons
FROM bleed
GROUP BY had_procedure;

-- title: Time between pharyngitis episodes
-- asks: How many days lie between one viral pharyngitis and the next?
-- compare: tolerance=0.05
WITH gaps AS (
    SELECT person_id,
           condition_start_date - LAG(condition_start_date) OVER (PARTITION BY person_id ORDER BY condition_start_date) AS days
    FROM condition_occurrence
    WHERE condition_concept_id = 4112343
)
SELECT COUNT(days) AS gaps, MEDIAN(CLAMP(days, 0, 10000)) AS median_days
FROM gaps
WHERE days IS NOT NULL;

-- title: Conditions by vocabulary
-- asks: From which vocabularies are measurements coded?
-- expect: groups=9 rows=10
SELECT c.vocabulary_id, COUNT(*) AS measurements
FROM measurement m
JOIN concept c ON m.measurement_concept_id = c.concept_id
WHERE c.vocabulary_id IS NOT NULL
GROUP BY c.vocabulary_id;

-- title: Persons with allergies by name
-- asks: How many persons have an allergy on record, found by the text of the concept?
SELECT COUNT(DISTINCT o.person_id) AS allergic
FROM observation o, concept c
WHERE o.observation_concept_id = c.concept_id
  AND c.concept_name ILIKE '%allergy%';

-- title: New users of aspirin per decade
-- asks: In which decade did persons start aspirin?
-- expect: groups=1 rows=1 cells=12
SELECT YEAR(start_day) // 10 * 10 AS decade, COUNT(*) AS new_users
FROM (
    SELECT person_id, drug_era_start_date AS start_day
    FROM drug_era
    WHERE drug_concept_id = 1112807
    QUALIFY ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY drug_era_start_date) = 1
)
GROUP BY decade
ORDER BY decade;
