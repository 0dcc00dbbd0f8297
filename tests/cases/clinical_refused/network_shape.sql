-- dataset: synthea-network

-- title: The ten latest visits, then counted
-- refused: SQL-LIMIT 2
SELECT COUNT(*) FILTER (WHERE encounter_class = 'emergency')
FROM (SELECT patient_id, encounter_class FROM encounters ORDER BY start_date DESC LIMIT 10) latest;
-- instead:
SELECT COUNT(*) FILTER (WHERE encounter_class = 'emergency')
FROM encounters
WHERE start_date >= DATE '2019-01-01';

-- title: A sample of patients
-- refused: SQL-CONSTRUCT 1
SELECT AVG(age) FROM patients USING SAMPLE 10%;
-- instead:
SELECT AVG(age) FROM patients;

-- title: Table sample
-- refused: SQL-CONSTRUCT 2
SELECT COUNT(*)
FROM observations TABLESAMPLE RESERVOIR(100);
-- instead:
SELECT COUNT(*)
FROM observations;

-- title: Global rank before the count
-- refused: SQL-WINDOW 2
SELECT COUNT(*) FILTER (WHERE gender = 'male')
FROM (SELECT patient_id, gender, ROW_NUMBER() OVER (ORDER BY age DESC) AS r FROM patients) ranked
WHERE r <= 100;
-- instead:
SELECT COUNT(*) FILTER (WHERE gender = 'male')
FROM patients
WHERE age >= 85;

-- title: Window within a site
-- refused: SQL-WINDOW 3
WITH s AS (
    SELECT patient_id, age,
           AVG(age) OVER (PARTITION BY site) AS site_mean
    FROM patients
)
SELECT COUNT(*) FROM s WHERE age > site_mean;
-- instead:
SELECT site, AVG(age) AS site_mean, COUNT_IF(age > 50) AS above_50
FROM patients
GROUP BY site;

-- title: Median of a sub-query as threshold
-- refused: SQL-SUBQUERY 3
SELECT COUNT(*)
FROM claims
WHERE total_usd > (SELECT MEDIAN(total_usd) FROM claims);
-- instead:
SELECT COUNT(*)
FROM claims
WHERE total_usd > 270;

-- title: Correlated on the site
-- refused: SQL-SUBQUERY 3
SELECT COUNT(*)
FROM patients p
WHERE EXISTS (SELECT 1 FROM encounters e WHERE e.site = p.site AND e.encounter_class = 'inpatient');
-- instead:
SELECT COUNT(*)
FROM patients p
WHERE EXISTS (SELECT 1 FROM encounters e WHERE e.patient_id = p.patient_id AND e.encounter_class = 'inpatient');

-- title: Codes of other patients
-- refused: SQL-SUBQUERY 3
SELECT COUNT(*)
FROM conditions c
WHERE c.code IN (SELECT code FROM conditions WHERE clinical_status = 'resolved');
-- instead:
SELECT COUNT(*)
FROM conditions c
WHERE c.patient_id IN (SELECT patient_id FROM conditions WHERE clinical_status = 'resolved');

-- title: Not in a set of private codes
-- refused: SQL-SUBQUERY 3
SELECT COUNT(*)
FROM medications
WHERE code NOT IN (SELECT code FROM procedures);
-- instead:
SELECT COUNT(*)
FROM medications
WHERE patient_id NOT IN (SELECT patient_id FROM procedures);

-- title: Joined on the same code
-- refused: SQL-JOIN 3
SELECT COUNT(*)
FROM conditions a
JOIN encounters b ON a.code = b.reason_code;
-- instead:
SELECT COUNT(*)
FROM conditions a
JOIN encounters b ON a.patient_id = b.patient_id AND a.code = b.reason_code;

-- title: Everybody with everybody
-- refused: SQL-JOIN 1
SELECT COUNT(*) FROM patients a CROSS JOIN patients b WHERE a.zip3 = b.zip3;
-- instead:
SELECT zip3, COUNT(*) FROM patients GROUP BY zip3;

-- title: Comma join without the patient
-- refused: SQL-JOIN 2
SELECT COUNT(*)
FROM encounters e, conditions c
WHERE e.start_date = c.onset_date;
-- instead:
SELECT COUNT(*)
FROM encounters e, conditions c
WHERE e.patient_id = c.patient_id AND e.start_date = c.onset_date;

-- title: Same patient or same day
-- refused: SQL-JOIN 3
SELECT COUNT(*)
FROM encounters e
JOIN conditions c ON e.patient_id = c.patient_id OR e.start_date = c.onset_date;
-- instead:
SELECT COUNT(*)
FROM encounters e
JOIN conditions c ON e.patient_id = c.patient_id AND e.start_date = c.onset_date;

-- title: Other patients of the site
-- refused: SQL-JOIN 3
SELECT COUNT(*)
FROM patients a
JOIN patients b ON a.site = b.site AND a.patient_id <> b.patient_id;
-- instead:
SELECT site, COUNT(*)
FROM patients
GROUP BY site;

-- title: All codes, also those without a patient
-- refused: SQL-JOIN 3
SELECT k.code, COUNT(c.patient_id)
FROM (VALUES ('44054006'), ('38341003')) AS k(code)
LEFT JOIN conditions c ON c.code = k.code
GROUP BY k.code;
-- instead:
SELECT CASE c.code WHEN '44054006' THEN 'diabetes' ELSE 'hypertension' END AS disease, COUNT(c.patient_id)
FROM conditions c
JOIN (VALUES ('44054006'), ('38341003')) AS k(code) ON c.code = k.code
GROUP BY disease;

-- title: Natural join of nothing in common
-- refused: SQL-JOIN 2
SELECT COUNT(*)
FROM patients NATURAL JOIN (SELECT patient_id AS person, code FROM conditions) c;
-- instead:
SELECT COUNT(*)
FROM patients p JOIN (SELECT patient_id AS person, code FROM conditions) c ON c.person = p.patient_id;

-- title: Nearest in time over all patients
-- refused: SQL-WINDOW 2
SELECT COUNT(*)
FROM encounters e ASOF JOIN medications m ON e.site = m.site AND e.start_date >= m.authored_date;
-- instead:
SELECT COUNT(*)
FROM encounters e ASOF JOIN medications m ON e.patient_id = m.patient_id AND e.start_date >= m.authored_date;

-- title: Lateral sub-query of several rows
-- refused: SQL-LIMIT 2
SELECT COUNT(*)
FROM patients p, LATERAL (SELECT e.start_date FROM encounters e WHERE e.patient_id = p.patient_id LIMIT 3) l;
-- instead:
SELECT COUNT(*)
FROM patients p, LATERAL (SELECT e.start_date FROM encounters e WHERE e.patient_id = p.patient_id LIMIT 1) l;

-- title: Recursive chain of stays
-- refused: SQL-CONSTRUCT 1
WITH RECURSIVE chain AS (
    SELECT patient_id, start_date, 1 AS k FROM encounters
    UNION ALL
    SELECT e.patient_id, e.start_date, c.k + 1 FROM encounters e JOIN chain c ON e.patient_id = c.patient_id AND e.start_date = c.start_date + 1
)
SELECT COUNT(*) FROM chain WHERE k = 3;
-- instead:
WITH chain AS (
    SELECT patient_id, start_date - LAG(start_date, 2) OVER (PARTITION BY patient_id ORDER BY start_date) AS days FROM encounters
)
SELECT COUNT(*) FROM chain WHERE days = 2;

-- title: Distinct union of sites
-- refused: SQL-UNION 2
SELECT COUNT(*)
FROM (SELECT site FROM encounters UNION SELECT site FROM claims) s;
-- instead:
SELECT site, COUNT(*)
FROM (SELECT patient_id, site FROM encounters UNION ALL SELECT patient_id, site FROM claims) s
GROUP BY site;

-- title: Cohort by intersection
-- refused: SQL-UNION 2
SELECT COUNT(*)
FROM (SELECT site FROM conditions INTERSECT SELECT site FROM medications) x;
-- instead:
SELECT COUNT(DISTINCT c.patient_id)
FROM conditions c
WHERE c.patient_id IN (SELECT patient_id FROM medications);

-- title: Rows and an answer in one
-- refused: SQL-UNION 1
SELECT patient_id, 1 AS n FROM conditions UNION ALL SELECT 'all', COUNT(*) FROM medications;
-- instead:
SELECT 'conditions' AS kind, COUNT(*) AS n FROM conditions UNION ALL SELECT 'medications', COUNT(*) FROM medications;

-- title: Count of distinct sites that are not of one patient
-- refused: SQL-DISTINCT 1
SELECT COUNT(*) FROM (SELECT DISTINCT site, encounter_class FROM encounters) kinds;
-- instead:
SELECT site, encounter_class, COUNT(*) FROM encounters GROUP BY site, encounter_class;

-- title: Mean of counts over sites
-- refused: SQL-NESTED 1
SELECT SUM(COUNT(*)) FROM encounters GROUP BY site;
-- instead:
SELECT site, COUNT(*) FROM encounters GROUP BY site;

-- title: Aggregate in WHERE
-- refused: SQL-FUNCTION 1:35
SELECT site FROM encounters WHERE COUNT(*) > 10 GROUP BY site;
-- instead:
SELECT site, COUNT(*) AS n FROM encounters GROUP BY site HAVING COUNT(*) > 10;

-- title: Pivot by class
-- refused: SQL-CONSTRUCT 1
SELECT * FROM (PIVOT encounters ON encounter_class USING COUNT(*) GROUP BY site);
-- instead:
SELECT site,
       COUNT(*) FILTER (WHERE encounter_class = 'emergency') AS emergency,
       COUNT(*) FILTER (WHERE encounter_class = 'inpatient') AS inpatient
FROM encounters
GROUP BY site;
