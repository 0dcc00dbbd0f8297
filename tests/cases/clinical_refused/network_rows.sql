-- dataset: synthea-network

-- title: Rows of patients
-- refused: SQL-AGGREGATE 1:8
SELECT * FROM patients;
-- instead:
SELECT COUNT(*) AS patients FROM patients;

-- title: Columns without an aggregate
-- refused: SQL-AGGREGATE 1:8
SELECT patient_id, age, gender
FROM patients
WHERE age > 89;
-- instead:
SELECT gender, COUNT(*) AS n
FROM patients
WHERE age > 89
GROUP BY gender;

-- title: A count beside a bare column
-- refused: SQL-GROUP 1:8
SELECT gender, COUNT(*) FROM patients;
-- instead:
SELECT gender, COUNT(*) FROM patients GROUP BY gender;

-- title: One row for each patient
-- refused: SQL-GROUP 3
SELECT patient_id, COUNT(*) AS visits
FROM encounters
GROUP BY patient_id;
-- instead:
SELECT LEAST(visits, 20) AS visits, COUNT(*) AS patients
FROM (SELECT patient_id, COUNT(*) AS visits FROM encounters GROUP BY patient_id)
GROUP BY 1;

-- title: One row for each encounter
-- refused: SQL-GROUP 3
SELECT e.encounter_id, COUNT(*) AS procedures
FROM encounters e JOIN procedures r ON r.encounter_id = e.encounter_id AND r.patient_id = e.patient_id
GROUP BY e.encounter_id;
-- instead:
SELECT e.encounter_class, COUNT(*) AS procedures
FROM encounters e JOIN procedures r ON r.encounter_id = e.encounter_id AND r.patient_id = e.patient_id
GROUP BY e.encounter_class;

-- title: Distinct ages with no count
-- refused: SQL-DISTINCT 1
SELECT DISTINCT age FROM patients;
-- instead:
SELECT age, COUNT(*) AS n FROM patients GROUP BY age;

-- title: Groups without an aggregate
-- refused: SQL-AGGREGATE 1:8
SELECT race FROM patients GROUP BY race;
-- instead:
SELECT race, COUNT(*) AS n FROM patients GROUP BY race;

-- title: The oldest patients
-- refused: SQL-LIMIT 1
SELECT age FROM patients ORDER BY age DESC LIMIT 5;
-- instead:
SELECT QUANTILE_CONT(age, 0.99) AS very_old FROM patients;

-- title: Rows of a common table
-- refused: SQL-AGGREGATE 2
WITH dm AS (SELECT patient_id, onset_date FROM conditions WHERE code = '44054006')
SELECT * FROM dm;
-- instead:
WITH dm AS (SELECT patient_id, onset_date FROM conditions WHERE code = '44054006')
SELECT YEAR(onset_date) AS year, COUNT(*) FROM dm GROUP BY year;

-- title: Collected texts
-- refused: SQL-AGGREGATE 1
SELECT gender, STRING_AGG(zip3, ',') FROM patients GROUP BY gender;
-- instead:
SELECT gender, zip3, COUNT(*) AS n FROM patients GROUP BY gender, zip3;

-- title: Collected values
-- refused: SQL-AGGREGATE 1
SELECT LIST(value_num) FROM observations WHERE code = '4548-4';
-- instead:
SELECT MEDIAN(value_num) AS median_a1c FROM observations WHERE code = '4548-4';

-- title: First value
-- refused: SQL-AGGREGATE 1
SELECT FIRST(race) FROM patients WHERE zip3 = '021';
-- instead:
SELECT race, COUNT(*) AS n FROM patients WHERE zip3 = '021' GROUP BY race;

-- title: Any value
-- refused: SQL-AGGREGATE 1
SELECT site, ANY_VALUE(age) FROM patients GROUP BY site;
-- instead:
SELECT site, MEDIAN(age) FROM patients GROUP BY site;

-- title: All of them
-- refused: SQL-AGGREGATE 1
SELECT BOOL_AND(age >= 18) AS all_adult FROM patients WHERE site = 'hiv_clinic';
-- instead:
SELECT COUNT_IF(age >= 18) AS adults, COUNT_IF(age < 18) AS children FROM patients WHERE site = 'hiv_clinic';

-- title: Any of them
-- refused: SQL-AGGREGATE 1
SELECT BOOL_OR(code = '44054006') FROM conditions WHERE site = 'ks_bulk';
-- instead:
SELECT COUNT(*) FILTER (WHERE code = '44054006') AS n FROM conditions WHERE site = 'ks_bulk';

-- title: Most frequent diagnosis
-- refused: SQL-AGGREGATE 1
SELECT MODE(code) FROM conditions;
-- instead:
SELECT condition, COUNT(*) AS n FROM conditions GROUP BY condition ORDER BY n DESC LIMIT 1;

-- title: Smallest text
-- refused: SQL-TYPE 1
SELECT MIN(code) FROM conditions;
-- instead:
SELECT condition, COUNT(*) AS n FROM conditions GROUP BY condition;

-- title: An array of ages
-- refused: SQL-AGGREGATE 1
SELECT ARRAY_AGG(age ORDER BY age) FROM patients WHERE race = 'Asian';
-- instead:
SELECT age_band(age, 5) AS band, COUNT(*) FROM patients WHERE race = 'Asian' GROUP BY band;

-- title: Checksum of a column
-- refused: SQL-AGGREGATE 1
SELECT BIT_XOR(age) FROM patients;
-- instead:
SELECT SUM(age) FROM patients;
