-- dataset: omop-gibleed

-- title: First drug of a class by FIRST
-- asks: Which painkiller did users take first?
-- expect: groups=1 rows=1 cells=33
SELECT first_drug, COUNT(*) AS persons
FROM (
    SELECT person_id, FIRST(ingredient ORDER BY drug_era_start_date, ingredient) AS first_drug
    FROM drug_era
    WHERE ingredient IN ('1118084', '1124300', '1177480', '1115008')
    GROUP BY person_id
)
GROUP BY first_drug;

-- title: Painkillers ever used as a pattern
-- asks: Which combinations of celecoxib, diclofenac and naproxen have persons used?
-- expect: groups=1 rows=1 cells=7
SELECT pattern, COUNT(*) AS persons
FROM (
    SELECT person_id,
           STRING_AGG(DISTINCT CASE ingredient WHEN '1118084' THEN 'celecoxib' WHEN '1124300' THEN 'diclofenac' WHEN '1115008' THEN 'naproxen' END, ' + '
                      ORDER BY CASE ingredient WHEN '1118084' THEN 'celecoxib' WHEN '1124300' THEN 'diclofenac' WHEN '1115008' THEN 'naproxen' END) AS pattern
    FROM drug_era
    GROUP BY person_id
)
WHERE pattern IS NOT NULL
GROUP BY pattern;

-- title: Exposed to both drugs
-- asks: How many persons took both celecoxib and diclofenac, and how many of those bled?
-- expect: groups=1 rows=1 cells=1
WITH both_drugs AS (
    SELECT person_id FROM drug_exposure WHERE drug_concept_id = 1118084
    INTERSECT
    SELECT person_id FROM drug_exposure WHERE drug_concept_id = 1124300
)
SELECT COUNT(*) AS persons,
       COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = b.person_id AND c.condition_concept_id = 192671)) AS bled
FROM both_drugs b;

-- title: New users by exclusion
-- asks: How many persons have a bleeding without any earlier anti-inflammatory drug?
-- expect: groups=1 rows=1 cells=1
WITH bleed AS (SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence WHERE condition_concept_id = 192671 GROUP BY person_id),
     exposed AS (SELECT b.person_id FROM bleed b JOIN drug_exposure x ON x.person_id = b.person_id AND x.drug_concept_id IN (1118084, 1124300) AND x.drug_exposure_start_date <= b.d)
SELECT COUNT(*) AS unexposed
FROM (SELECT person_id FROM bleed EXCEPT SELECT person_id FROM exposed);

-- title: Cohort of either diagnosis
-- asks: How many persons have sinusitis in any of its forms, by gender?
-- expect: groups=1 rows=1 cells=2
SELECT p.gender_source_value AS gender, COUNT(*) AS persons
FROM (
    SELECT person_id FROM condition_occurrence WHERE condition_concept_id = 40481087
    UNION
    SELECT person_id FROM condition_occurrence WHERE condition_concept_id = 4283893
    UNION
    SELECT person_id FROM condition_era WHERE condition_concept_id = 257012
) c
JOIN person p USING (person_id)
GROUP BY gender;

-- title: Last drug before the bleeding
-- asks: Which ingredient started last before the first gastrointestinal bleeding?
-- expect: groups=1 rows=1 cells=33
WITH bleed AS (SELECT person_id, MIN(condition_start_date) AS bleed_date FROM condition_occurrence WHERE condition_concept_id = 192671 GROUP BY person_id)
SELECT d.ingredient, COUNT(*) AS persons
FROM bleed b
ASOF JOIN (
    SELECT person_id, drug_era_start_date, MIN(ingredient) AS ingredient
    FROM drug_era
    GROUP BY person_id, drug_era_start_date
) d ON b.person_id = d.person_id AND b.bleed_date >= d.drug_era_start_date
GROUP BY d.ingredient
HAVING COUNT(*) > 5;

-- title: Days since the last prescription
-- asks: How long before the bleeding was the last prescription written?
-- expect: groups=1 rows=1 cells=4
WITH bleed AS (SELECT person_id, MIN(condition_start_date) AS bleed_date FROM condition_occurrence WHERE condition_concept_id = 192671 GROUP BY person_id),
     gaps AS (
         SELECT b.person_id,
                b.bleed_date - (SELECT x.drug_exposure_start_date FROM drug_exposure x
                                WHERE x.person_id = b.person_id AND x.drug_exposure_start_date <= b.bleed_date
                                ORDER BY x.drug_exposure_start_date DESC LIMIT 1) AS days
         FROM bleed b
     )
SELECT CASE WHEN days <= 30 THEN '0-30' WHEN days <= 180 THEN '31-180' WHEN days <= 365 THEN '181-365' ELSE 'over a year' END AS gap, COUNT(*) AS persons
FROM gaps
WHERE days IS NOT NULL
GROUP BY gap;

-- title: Visits around the diagnosis
-- asks: How many diagnoses of any kind do persons have in the year before and after their bleeding?
-- expect: groups=1 rows=1 cells=1
SELECT AVG(LEAST(l.before, 20)) AS before, AVG(LEAST(l.after, 20)) AS after
FROM (SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence WHERE condition_concept_id = 192671 GROUP BY person_id) b,
     LATERAL (SELECT COUNT(*) FILTER (WHERE c.condition_start_date < b.d) AS before,
                     COUNT(*) FILTER (WHERE c.condition_start_date > b.d) AS after
              FROM condition_occurrence c
              WHERE c.person_id = b.person_id AND c.condition_start_date BETWEEN b.d - INTERVAL 365 DAY AND b.d + INTERVAL 365 DAY) l;

-- title: Islands of exposure
-- asks: How many courses of acetaminophen are there if gaps up to 30 days are bridged?
-- expect: groups=1 rows=5 cells=1
WITH x AS (
    SELECT person_id, drug_exposure_start_date AS s, drug_exposure_end_date AS e,
           MAX(drug_exposure_end_date) OVER (PARTITION BY person_id ORDER BY drug_exposure_start_date, drug_exposure_end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far
    FROM drug_exposure
    WHERE drug_concept_id = 40162522
),
flagged AS (SELECT person_id, s, e, CASE WHEN s <= so_far + 30 THEN 0 ELSE 1 END AS starts FROM x),
numbered AS (SELECT person_id, s, e, SUM(starts) OVER (PARTITION BY person_id ORDER BY s, e ROWS UNBOUNDED PRECEDING) AS course FROM flagged),
courses AS (SELECT person_id, course, MIN(s) AS s, MAX(e) AS e FROM numbered GROUP BY person_id, course)
SELECT COUNT(*) AS courses, COUNT(DISTINCT person_id) AS persons, AVG(CLAMP(e - s, 0, 365)) AS days
FROM courses;

-- title: Prevalence on the first day of a year
-- asks: How many persons have an open era of osteoarthritis on each New Year's Day?
-- expect: groups=10 rows=5 cells=16
SELECT CAST(y.d AS DATE) AS day, COUNT(DISTINCT e.person_id) AS persons
FROM generate_series(DATE '2000-01-01', DATE '2015-01-01', INTERVAL 1 YEAR) AS y(d)
JOIN condition_era e ON e.condition_era_start_date <= y.d AND e.condition_era_end_date >= y.d
WHERE e.condition_concept_id = 80180
GROUP BY day
ORDER BY day;

-- title: Age bands at bleeding from a list
-- asks: How many persons reach an age with no bleeding before it?
-- expect: groups=4 rows=4 cells=4
WITH cut AS (SELECT UNNEST([30, 40, 50, 60]) AS age),
     b AS (SELECT person_id, MIN(condition_start_date) AS d FROM condition_occurrence WHERE condition_concept_id = 192671 GROUP BY person_id)
SELECT cut.age, COUNT(*) AS bled_by_then
FROM b JOIN person p USING (person_id) JOIN cut ON YEAR(b.d) - p.year_of_birth <= cut.age
GROUP BY cut.age;

-- title: Study window as parameters
-- asks: How many prescriptions fall into the study window?
-- expect: groups=1 rows=5 cells=1
WITH study AS (SELECT DATE '1990-01-01' AS starts, DATE '1999-12-31' AS ends, 365 AS washout)
SELECT COUNT(*) AS prescriptions, COUNT(DISTINCT x.person_id) AS persons
FROM drug_exposure x, study
WHERE x.drug_exposure_start_date BETWEEN study.starts AND study.ends;

-- title: One row for each person by DISTINCT ON
-- asks: What was the first condition of persons born before 1930?
-- expect: groups=1 rows=1 cells=37
SELECT condition, COUNT(*) AS persons
FROM (
    SELECT DISTINCT ON (co.person_id) co.person_id, co.condition
    FROM condition_occurrence co JOIN person p USING (person_id)
    WHERE p.year_of_birth < 1930 AND co.condition IS NOT NULL
    ORDER BY co.person_id, co.condition_start_date, co.condition
)
GROUP BY condition
ORDER BY persons DESC
LIMIT 10;

-- title: Pivoted counts per person
-- asks: How do counts of inpatient and outpatient visits go together?
-- expect: groups=1 rows=1 cells=3
SELECT LEAST(inpatient, 2) AS inpatient, COUNT(*) AS persons, SUM(LEAST(outpatient, 5)) AS outpatient
FROM (
    SELECT person_id, CASE visit_concept_id WHEN 9201 THEN 'inpatient' WHEN 9202 THEN 'outpatient' ELSE 'other' END AS kind
    FROM visit_occurrence
) PIVOT (COUNT(*) FOR kind IN ('inpatient', 'outpatient') GROUP BY person_id)
GROUP BY 1;

-- title: From first with a cohort
-- asks: Of which race are persons with an appendicitis?
-- expect: groups=1 rows=1 cells=7
WITH appendicitis AS (FROM condition_occurrence SELECT DISTINCT person_id WHERE condition_concept_id = 440448)
FROM appendicitis JOIN person USING (person_id)
SELECT race_source_value AS race, COUNT(*) AS persons
GROUP BY ALL;

-- title: Variability of supply
-- asks: How much do days of supply differ within one person?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS persons, AVG(CLAMP(spread, 0, 100)) AS mean_spread
FROM (SELECT person_id, STDDEV_SAMP(days_supply) AS spread FROM drug_exposure GROUP BY person_id HAVING COUNT(*) >= 5);

-- title: Quarters of a person's history
-- asks: In which quarter of all their diagnoses do persons bleed?
-- expect: groups=4 rows=5 cells=4
WITH q AS (
    SELECT person_id, condition_concept_id, NTILE(4) OVER (PARTITION BY person_id ORDER BY condition_start_date, condition_concept_id) AS quarter
    FROM condition_occurrence
)
SELECT quarter, COUNT(DISTINCT person_id) AS persons
FROM q
WHERE condition_concept_id = 192671
GROUP BY quarter;

-- title: Condition most often recorded
-- asks: What is the condition that a person has most often?
-- expect: groups=1 rows=1 cells=37
SELECT usual, COUNT(*) AS persons
FROM (
    SELECT person_id, ARG_MAX(condition, n) AS usual
    FROM (SELECT person_id, condition, 1000 * COUNT(*) + TRY_CAST(RIGHT(condition, 2) AS INTEGER) AS n FROM condition_occurrence WHERE condition IS NOT NULL GROUP BY person_id, condition)
    GROUP BY person_id
)
GROUP BY usual
ORDER BY persons DESC
LIMIT 5;

-- title: Matched by birth year and gender
-- asks: How many cases and possible controls are there in each stratum?
-- expect: groups=1 rows=1 cells=24
WITH cases AS (SELECT DISTINCT person_id FROM condition_occurrence WHERE condition_concept_id = 192671)
SELECT FLOOR(p.year_of_birth / 10) * 10 AS decade, p.gender_source_value AS gender,
       COUNT(c.person_id) AS cases, COUNT(*) - COUNT(c.person_id) AS controls,
       (COUNT(*) - COUNT(c.person_id)) / NULLIF(COUNT(c.person_id), 0) AS controls_per_case
FROM person p LEFT JOIN cases c ON c.person_id = p.person_id
GROUP BY decade, gender
HAVING COUNT(*) > 20;

-- title: Four-fold table and odds
-- asks: Is the bleeding associated with celecoxib, as a table of four and the logarithm of its odds ratio?
-- expect: groups=1 rows=1 cells=1
WITH t AS (
    SELECT p.person_id,
           p.person_id IN (SELECT person_id FROM drug_exposure WHERE drug_concept_id = 1118084) AS exposed,
           p.person_id IN (SELECT person_id FROM condition_occurrence WHERE condition_concept_id = 192671) AS bled
    FROM person p
)
SELECT COUNT(*) FILTER (WHERE exposed AND bled) AS a, COUNT(*) FILTER (WHERE exposed AND NOT bled) AS b,
       COUNT(*) FILTER (WHERE NOT exposed AND bled) AS c, COUNT(*) FILTER (WHERE NOT exposed AND NOT bled) AS d,
       LN(COUNT(*) FILTER (WHERE exposed AND bled) * COUNT(*) FILTER (WHERE NOT exposed AND NOT bled) * 1.0
          / (COUNT(*) FILTER (WHERE exposed AND NOT bled) * COUNT(*) FILTER (WHERE NOT exposed AND bled))) AS log_odds
FROM t;

-- title: Expected counts of a table
-- asks: What counts would be expected if celecoxib and gender were independent?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) FILTER (WHERE e.person_id IS NOT NULL AND p.gender_source_value = 'F') AS observed,
       COUNT(e.person_id) * COUNT(*) FILTER (WHERE p.gender_source_value = 'F') / COUNT(*) AS expected
FROM person p LEFT JOIN (SELECT DISTINCT person_id FROM drug_exposure WHERE drug_concept_id = 1118084) e USING (person_id);

-- title: Directly standardized prevalence inputs
-- asks: What is the prevalence of osteoarthritis in each band of the standard population?
-- expect: groups=3 rows=3 cells=61
WITH standard(lowest, highest, weight) AS (VALUES (0, 39, 55), (40, 59, 25), (60, 120, 20)),
     cases AS (SELECT DISTINCT person_id FROM condition_era WHERE condition_concept_id = 80180)
SELECT s.lowest, COUNT(*) AS persons, AVG(CASE WHEN c.person_id IS NULL THEN 0 ELSE 1 END) AS prevalence
FROM person p
JOIN standard s ON 2019 - p.year_of_birth BETWEEN s.lowest AND s.highest
LEFT JOIN cases c ON c.person_id = p.person_id
GROUP BY s.lowest;

-- title: Adherence over the first year
-- asks: Which part of the first year do days of supply of clopidogrel cover?
-- expect: groups=1 rows=1 cells=1
WITH d AS (SELECT person_id, drug_exposure_start_date AS s, days_supply, MIN(drug_exposure_start_date) OVER (PARTITION BY person_id) AS idx FROM drug_exposure WHERE drug_source_value = '309362'),
     c AS (SELECT person_id, LEAST(SUM(days_supply), 365) / 365.0 AS covered FROM d WHERE s < idx + INTERVAL 365 DAY GROUP BY person_id)
SELECT COUNT(*) AS persons, AVG(covered) AS ratio, COUNT(*) FILTER (WHERE covered >= 0.8) AS adherent
FROM c;

-- title: Drug switch
-- asks: How many persons move from one painkiller to another within 90 days?
-- expect: groups=10 rows=5 cells=33
WITH e AS (
    SELECT person_id, ingredient, drug_era_start_date AS s, drug_era_end_date AS f,
           LEAD(ingredient) OVER w AS next_drug, LEAD(drug_era_start_date) OVER w AS next_start
    FROM drug_era
    WHERE ingredient IN ('1118084', '1124300', '1177480', '1115008')
    WINDOW w AS (PARTITION BY person_id ORDER BY drug_era_start_date, ingredient)
)
SELECT ingredient, COUNT(*) AS eras, COUNT(*) FILTER (WHERE next_drug <> ingredient AND next_start - f BETWEEN 0 AND 90) AS switched
FROM e
GROUP BY ingredient;

-- title: Attrition of a cohort
-- asks: How many persons are left after each criterion?
-- expect: groups=1 rows=1 cells=1
WITH s1 AS (SELECT person_id, MIN(drug_exposure_start_date) AS d FROM drug_exposure WHERE drug_concept_id IN (1118084, 1124300) GROUP BY person_id),
     s2 AS (SELECT s1.*, YEAR(d) - p.year_of_birth >= 18 AS adult FROM s1 JOIN person p USING (person_id)),
     s3 AS (SELECT s2.*, NOT EXISTS (SELECT 1 FROM condition_occurrence c WHERE c.person_id = s2.person_id AND c.condition_concept_id = 192671 AND c.condition_start_date <= s2.d) AS no_history FROM s2)
SELECT COUNT(*) AS exposed, COUNT(*) FILTER (WHERE adult) AS adults, COUNT(*) FILTER (WHERE adult AND no_history) AS eligible
FROM s3;

-- title: Monthly seasonality
-- asks: Is viral sinusitis seasonal?
-- expect: groups=10 rows=5 cells=12
SELECT MONTHNAME(condition_start_date) AS month, COUNT(*) AS diagnoses
FROM condition_occurrence
WHERE condition = '40481087'
GROUP BY month;

-- title: Codes by their first letters
-- asks: How many drugs have codes of CVX, which are short, and how many of RxNorm?
-- expect: groups=3 rows=5 cells=3
SELECT CASE WHEN REGEXP_MATCHES(drug_source_value, '^[0-9]{1,3}$') THEN 'cvx' WHEN drug_source_value SIMILAR TO '[0-9]{4,7}' THEN 'rxnorm' ELSE 'other' END AS vocabulary, COUNT(*) AS rows
FROM drug_exposure
GROUP BY ALL;

-- title: Vocabulary by concept
-- asks: From which vocabulary do recorded conditions come?
-- expect: groups=10 rows=5 cells=10
SELECT c.vocabulary_id, COUNT(*) AS diagnoses
FROM condition_occurrence co JOIN concept c ON c.concept_id = co.condition_concept_id
GROUP BY 1
ORDER BY 2 DESC;

-- title: Second diagnosis within a year
-- asks: After an acute bronchitis, who has another one within a year?
-- expect: groups=1 rows=5 cells=1
SELECT COUNT(*) AS episodes,
       COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM condition_occurrence n WHERE n.person_id = c.person_id AND n.condition_concept_id = 260139
                                      AND n.condition_start_date > c.condition_start_date AND n.condition_start_date <= c.condition_start_date + INTERVAL '1 year')) AS again
FROM condition_occurrence c
WHERE c.condition_concept_id = 260139;

-- title: Interval between two events in months
-- asks: How many months lie between the first and the second pharyngitis?
-- expect: groups=1 rows=5 cells=1
WITH r AS (SELECT person_id, condition_start_date AS d, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY condition_start_date) AS k FROM condition_occurrence WHERE condition_concept_id = 4112343)
SELECT QUANTILE_CONT(CLAMP(DATE_DIFF('month', a.d, b.d), 0, 600), [0.25, 0.5, 0.75]) AS months
FROM r a JOIN r b ON b.person_id = a.person_id AND a.k = 1 AND b.k = 2;

-- title: Competing first events
-- asks: Which comes first after the first celecoxib: a bleeding, an ulcer, or neither within a year?
-- expect: groups=1 rows=1 cells=3
WITH i AS (SELECT person_id, MIN(drug_exposure_start_date) AS d FROM drug_exposure WHERE drug_concept_id = 1118084 GROUP BY person_id),
     f AS (SELECT i.person_id, ARG_MIN(c.condition_concept_id, c.condition_start_date) AS first_event
           FROM i JOIN condition_occurrence c ON c.person_id = i.person_id AND c.condition_concept_id IN (192671, 4027663) AND c.condition_start_date BETWEEN i.d AND i.d + INTERVAL 1 YEAR
           GROUP BY i.person_id)
SELECT CASE f.first_event WHEN 192671 THEN 'bleeding' WHEN 4027663 THEN 'ulcer' ELSE 'neither' END AS event, COUNT(*) AS persons
FROM i LEFT JOIN f USING (person_id)
GROUP BY event;
