-- dataset: omop-gibleed

-- title: Bleeding proportion from two counts
-- asks: Of each gender, what share of the persons has had a gastrointestinal hemorrhage?
-- expect: groups=1 rows=1 cells=4
WITH persons AS (
    SELECT gender_source_value AS gender, COUNT(*) AS n FROM person GROUP BY gender
),
bleeds AS (
    SELECT p.gender_source_value AS gender, COUNT(DISTINCT co.person_id) AS n
    FROM condition_occurrence co
    JOIN person p ON p.person_id = co.person_id
    WHERE co.condition_concept_id = 192671
    GROUP BY gender
)
SELECT gender, bleeds.n AS bled, persons.n AS persons, 100.0 * bleeds.n / persons.n AS percent
FROM persons
JOIN bleeds USING (gender);

-- title: Rate without a FROM
-- asks: How many drug exposures does a person have on average?
-- expect: cells=2
SELECT (SELECT COUNT(*) FROM drug_exposure) * 1.0 / (SELECT COUNT(*) FROM person) AS exposures_per_person;

-- title: Change between two decades
-- asks: How many more inpatient visits began in the 2000s than in the decade before?
-- expect: groups=3 rows=3
WITH by_decade AS (
    SELECT YEAR(visit_start_date) // 10 * 10 AS decade, COUNT(*) AS visits
    FROM visit_occurrence
    WHERE visit_concept_id = 9201
    GROUP BY decade
)
SELECT b.visits - a.visits AS more
FROM by_decade a
JOIN by_decade b ON b.decade = a.decade + 10
WHERE b.decade = 2000;
