-- dataset: omop-gibleed

-- title: Occurrences by year
-- asks: How many diagnoses of acute bronchitis were made in each year from 2000?
-- expect: groups=10 rows=5
SELECT YEAR(condition_start_date) AS yr, COUNT(*) AS occurrences, COUNT(DISTINCT person_id) AS persons
FROM condition_occurrence
WHERE condition_concept_id = 260139 AND condition_start_date >= DATE '2000-01-01'
GROUP BY yr
ORDER BY yr;

-- title: Quarterly sinusitis
-- asks: In which quarter does viral sinusitis start?
-- expect: groups=4 rows=5 cells=4
select quarter(condition_start_date) as q, count(*) as n, 100.0 * count(*) / sum(count(*)) over () as percent
from condition_occurrence
where condition_concept_id = 40481087
group by q
order by q;

-- title: Recurrence of otitis
-- asks: How many episodes of otitis media do affected persons have?
-- expect: groups=1 rows=1
SELECT LEAST(episodes, 6) AS episodes, COUNT(*) AS persons
FROM (
    SELECT person_id, COUNT(*) AS episodes
    FROM condition_era
    WHERE condition_concept_id = 372328
    GROUP BY person_id
)
GROUP BY 1
ORDER BY 1;

-- title: Length of pharyngitis
-- asks: How long does an era of streptococcal sore throat last?
-- expect: groups=1 rows=5 cells=1
-- compare: tolerance=0.05
SELECT AVG(CLAMP(DATE_DIFF('day', condition_era_start_date, condition_era_end_date), 0, 90)) AS mean_days,
       MAX(CLAMP(DATE_DIFF('day', condition_era_start_date, condition_era_end_date), 0, 90)) AS longest
FROM condition_era
WHERE condition_concept_id = 28060;

-- title: Sprain then fracture
-- asks: How many persons have a fracture within five years after a sprained ankle?
-- expect: groups=1 rows=1 cells=2
WITH sprain AS (
    SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence
    WHERE condition_concept_id = 81151 GROUP BY person_id
),
fracture AS (
    SELECT person_id, condition_start_date AS d FROM condition_occurrence
    WHERE condition_concept_id IN (4278672, 4237458, 4059173, 4134304)
)
SELECT p.gender_source_value AS gender,
       COUNT(*) AS sprained,
       COUNT(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM fracture f
           WHERE f.person_id = s.person_id AND f.d > s.d AND f.d <= s.d + INTERVAL 5 YEAR)) AS fractured
FROM sprain s
JOIN person p ON p.person_id = s.person_id
GROUP BY gender;

-- title: Bleeding by race, ranked
-- asks: What share of each race has had a bleeding, in descending order?
-- expect: groups=1 rows=1 cells=7
WITH cases AS (SELECT DISTINCT person_id FROM condition_occurrence WHERE condition_concept_id = 192671)
SELECT p.race_source_value AS race, COUNT(*) AS persons,
       COUNT(cases.person_id) AS bled,
       100.0 * COUNT(cases.person_id) / COUNT(*) AS percent
FROM person p LEFT JOIN cases USING (person_id)
GROUP BY p.race_source_value
HAVING COUNT(*) >= 100
ORDER BY percent DESC;

-- title: Distinct conditions per person
-- asks: How many different conditions do persons have, on average and by gender?
-- expect: groups=1 rows=1 cells=2
-- compare: tolerance=0.01
SELECT p.gender_source_value, AVG(k) AS mean_conditions, STDDEV_SAMP(k) AS sd_conditions
FROM (SELECT person_id, COUNT(DISTINCT condition_concept_id) AS k FROM condition_occurrence GROUP BY person_id) d
JOIN person p USING (person_id)
GROUP BY p.gender_source_value;

-- title: Fewest and most years of illness
-- asks: Between which years do osteoarthritis diagnoses of persons born after 1950 lie?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.002
SELECT MIN(y) AS earliest, MAX(y) AS latest
FROM (
    SELECT co.person_id, MIN(YEAR(co.condition_start_date)) AS y
    FROM condition_occurrence co
    JOIN person p ON p.person_id = co.person_id
    WHERE co.condition_concept_id = 80180 AND p.year_of_birth > 1950
    GROUP BY co.person_id
) first_year;

-- title: Domains of concepts that are used
-- asks: Of which domains are the concepts of diagnoses?
-- expect: groups=10 rows=5
SELECT c.domain_id, COUNT(*) AS n
FROM condition_occurrence co
LEFT JOIN concept c ON c.concept_id = co.condition_concept_id
GROUP BY c.domain_id;

-- title: Children of one concept with levels
-- asks: How many diagnoses are a kind of sinusitis, by distance in the hierarchy?
SELECT ca.min_levels_of_separation AS levels, COUNT(*) AS diagnoses
FROM condition_occurrence co
JOIN concept_ancestor ca ON co.condition_concept_id = ca.descendant_concept_id
WHERE ca.ancestor_concept_id = 4283893
GROUP BY levels
ORDER BY levels;

-- title: Age at diagnosis by condition
-- asks: How old are persons at the diagnosis of four conditions?
-- expect: groups=4 rows=5 cells=4
-- compare: tolerance=0.05
SELECT CASE co.condition_concept_id WHEN 80180 THEN 'osteoarthritis' WHEN 4027663 THEN 'peptic ulcer'
            WHEN 192671 THEN 'bleeding' ELSE 'colitis' END AS diagnosis,
       AVG(CLAMP(YEAR(co.condition_start_date) - p.year_of_birth, 0, 110)) AS mean_age,
       QUANTILE_CONT(CLAMP(YEAR(co.condition_start_date) - p.year_of_birth, 0, 110), 0.25) AS lower_quartile,
       QUANTILE_CONT(CLAMP(YEAR(co.condition_start_date) - p.year_of_birth, 0, 110), 0.75) AS upper_quartile
FROM condition_occurrence co
INNER JOIN person p ON p.person_id = co.person_id
WHERE co.condition_concept_id IN (80180, 4027663, 192671, 81893)
GROUP BY diagnosis;

-- title: Onset before another
-- asks: Does the first sinusitis come before the first sprain, or after it?
-- expect: groups=1 rows=1
WITH d AS (
    SELECT person_id,
           MIN(CASE WHEN condition_concept_id = 40481087 THEN condition_start_date END) AS sinusitis,
           MIN(CASE WHEN condition_concept_id = 81151 THEN condition_start_date END) AS sprain
    FROM condition_occurrence
    GROUP BY person_id
)
SELECT CASE WHEN sprain < sinusitis THEN 'sprain first' WHEN sprain = sinusitis THEN 'same day' ELSE 'sinusitis first' END AS sequence,
       COUNT(*) AS persons
FROM d
WHERE sprain IS NOT NULL AND sinusitis IS NOT NULL
GROUP BY sequence;

-- title: Condition pairs on one day
-- asks: How often is diverticular disease recorded on the day of osteoarthritis?
-- expect: cells=1
SELECT COUNT(DISTINCT x.person_id) AS persons
FROM condition_occurrence x
JOIN condition_occurrence y USING (person_id, condition_start_date)
WHERE x.condition_concept_id = 80180
  AND y.condition_concept_id = 4266809;

-- title: Decades in a cube
-- asks: How many first diagnoses of peptic ulcer by gender and decade, with margins?
WITH ulcer AS (
    SELECT person_id, MIN(condition_start_date) AS d
    FROM condition_occurrence WHERE condition_concept_id = 4027663 GROUP BY person_id
)
SELECT p.gender_source_value AS gender, YEAR(ulcer.d) // 10 * 10 AS decade, COUNT(*) AS persons
FROM ulcer JOIN person p USING (person_id)
GROUP BY CUBE (gender, decade);

-- title: Share of persons with each of two conditions
-- asks: What is the overlap of esophagitis and peptic ulcer, as a ratio?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT_IF(e AND u) AS both, COUNT_IF(e) AS esophagitis, COUNT_IF(u) AS ulcer,
       COUNT_IF(e AND u) / NULLIF(COUNT_IF(e OR u), 0) AS jaccard
FROM (
    SELECT person_id,
           COUNT(*) FILTER (WHERE condition_concept_id = 30753) > 0 AS e,
           COUNT(*) FILTER (WHERE condition_concept_id = 4027663) > 0 AS u
    FROM condition_occurrence
    GROUP BY person_id
);

-- title: Follow-up time
-- asks: Over how many years do the records of a person reach?
-- expect: groups=1 rows=1 cells=2
-- compare: tolerance=0.02
WITH span AS (
    SELECT person_id, MIN(condition_start_date) AS first_d, MAX(condition_start_date) AS last_d
    FROM condition_occurrence GROUP BY person_id
)
SELECT p.gender_source_value,
       AVG(CLAMP(DATE_DIFF('year', s.first_d, s.last_d), 0, 110)) AS mean_years,
       VAR_SAMP(CLAMP(DATE_DIFF('year', s.first_d, s.last_d), 0, 110)) AS variance
FROM span s JOIN person p USING (person_id)
GROUP BY 1;

-- title: Histogram of episodes
-- asks: How many episodes of acute bronchitis do persons have?
-- expect: groups=1 rows=1 cells=1
SELECT HISTOGRAM(n, [1, 2, 3, 5, 8, 100]) AS episodes
FROM (SELECT person_id, COUNT(*) AS n FROM condition_occurrence WHERE condition_concept_id = 260139 GROUP BY person_id);

-- title: Birth year and number of conditions
-- asks: Do persons who were born earlier have more conditions?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.03
WITH k AS (SELECT person_id, COUNT(*) AS n FROM condition_occurrence GROUP BY person_id)
SELECT REGR_SLOPE(k.n, p.year_of_birth) AS per_year, REGR_R2(k.n, p.year_of_birth) AS r2, COVAR_SAMP(k.n, p.year_of_birth) AS covariance
FROM k JOIN person p ON p.person_id = k.person_id;

-- title: Seasonality as an index
-- asks: How far is each month of acute bronchitis from the mean month?
-- expect: groups=10 rows=5 cells=12
SELECT MONTH(condition_start_date) AS m,
       COUNT(*) AS n,
       COUNT(*) / AVG(COUNT(*)) OVER () AS seasonal_index
FROM condition_occurrence
WHERE condition_concept_id = 260139
GROUP BY m
ORDER BY m;

-- title: Diagnoses with and without an end
-- asks: What share of each kind of infection has no end date?
-- expect: groups=5 rows=5 cells=5
SELECT CASE WHEN condition_concept_id = 40481087 THEN 'sinusitis' WHEN condition_concept_id = 4112343 THEN 'pharyngitis'
            WHEN condition_concept_id = 260139 THEN 'bronchitis' WHEN condition_concept_id = 372328 THEN 'otitis' ELSE 'all others' END AS infection,
       AVG(CASE WHEN condition_end_date IS NULL THEN 1.0 ELSE 0.0 END) AS open_share,
       COUNT(*) AS n
FROM condition_occurrence
GROUP BY infection;
