-- dataset: synthea-network

-- title: Diabetes rate from numerator and denominator
-- asks: Of each sex, how many patients are there, how many have type 2 diabetes, and what is the rate?
-- expect: groups=1 rows=1 cells=8
-- compare: tolerance=0.01
WITH denominator AS (
    SELECT gender, COUNT(*) AS patients FROM patients GROUP BY gender
),
numerator AS (
    SELECT p.gender, COUNT(DISTINCT c.patient_id) AS diabetics
    FROM conditions c
    JOIN patients p USING (patient_id)
    WHERE c.code = '44054006'
    GROUP BY p.gender
)
SELECT d.gender, d.patients, n.diabetics, 1000.0 * n.diabetics / d.patients AS per_1000
FROM denominator d
LEFT JOIN numerator n ON n.gender = d.gender
WHERE d.patients > 100
ORDER BY per_1000 DESC;

-- title: Visits of each class per patient in the network
-- asks: How many visits of each class are there for each patient, whether she came or not?
-- expect: cells=12
SELECT encounter_class, COUNT(*) AS visits, COUNT(*) * 1.0 / (SELECT COUNT(*) FROM patients) AS per_patient
FROM encounters
GROUP BY encounter_class
ORDER BY visits DESC;

-- title: Share of each race by a sum over the answer
-- asks: What share of the patients is of each race?
-- expect: groups=1 rows=1 cells=7
WITH by_race AS (SELECT race, COUNT(*) AS n FROM patients GROUP BY race)
SELECT race, n, ROUND(100.0 * n / (SELECT SUM(n) FROM by_race), 1) AS percent
FROM by_race
WHERE n > 50
ORDER BY n DESC;

-- title: Share of a total that is cross joined
-- asks: What share of all visits is at each of the large sites?
WITH visits AS (SELECT site, COUNT(*) AS n FROM encounters GROUP BY site),
     total AS (SELECT SUM(n) AS all_visits FROM visits)
SELECT v.site, v.n, v.n / t.all_visits AS share
FROM visits v
CROSS JOIN total t
WHERE v.n > 1000;

-- title: Directly standardized prevalence
-- asks: What would the prevalence of hypertension be in a population of given ages?
-- expect: groups=1 rows=1 cells=3
-- compare: tolerance=0.01
WITH htn AS (SELECT DISTINCT patient_id FROM conditions WHERE code = '59621000'),
     rates AS (
         SELECT CASE WHEN p.age < 40 THEN 'young' WHEN p.age < 65 THEN 'middle' ELSE 'old' END AS band,
                COUNT(h.patient_id) * 1.0 / COUNT(*) AS rate
         FROM patients p
         LEFT JOIN htn h ON h.patient_id = p.patient_id
         GROUP BY band
     )
SELECT SUM(r.rate * s.weight) AS standardized
FROM rates r
JOIN (VALUES ('young', 0.5), ('middle', 0.3), ('old', 0.2)) AS s(band, weight) ON s.band = r.band;

-- title: The most frequent class of visit at each site
-- asks: Which two classes of visits are the most frequent at each site?
WITH ranked AS (
    SELECT site, encounter_class, COUNT(*) AS visits,
           RANK() OVER (PARTITION BY site ORDER BY COUNT(*) DESC) AS place
    FROM encounters
    GROUP BY site, encounter_class
    HAVING COUNT(*) > 500
)
SELECT site, encounter_class, visits
FROM ranked
WHERE place <= 2
ORDER BY site, visits DESC;

-- title: One table of several cohorts
-- asks: How many patients are in each cohort?
-- expect: groups=1 rows=1 cells=3
SELECT 'all' AS cohort, COUNT(*) AS patients FROM patients
UNION ALL
SELECT 'diabetes', COUNT(DISTINCT patient_id) FROM conditions WHERE code = '44054006'
UNION ALL
SELECT 'hypertension', COUNT(DISTINCT patient_id) FROM conditions WHERE code = '59621000'
ORDER BY patients DESC;

-- title: Average and busiest class of visits
-- asks: Over the frequent classes, how many visits are there on average, and at most?
WITH counts AS (
    SELECT encounter_class, COUNT(*) AS visits FROM encounters GROUP BY encounter_class HAVING COUNT(*) > 500
)
SELECT AVG(visits) AS mean_visits, MAX(visits) AS most, COUNT(*) FILTER (WHERE visits > 5000) AS large
FROM counts;
