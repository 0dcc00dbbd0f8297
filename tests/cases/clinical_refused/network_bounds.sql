-- dataset: synthea-network

-- title: Sum of the lengths of texts
-- refused: SQL-BOUNDS 1
SELECT SUM(LENGTH(code)) FROM conditions;
-- instead:
SELECT COUNT_IF(LENGTH(code) > 9) AS long_codes FROM conditions;

-- title: Mean of a code read as a number
-- refused: SQL-BOUNDS 1
SELECT AVG(TRY_CAST(code AS INTEGER)) FROM procedures;
-- instead:
SELECT AVG(CASE WHEN code LIKE '7%' THEN 1 ELSE 0 END) FROM procedures;

-- title: Largest number without bounds
-- refused: SQL-BOUNDS 1
SELECT MAX(LENGTH(reason_code)) FROM encounters;
-- instead:
SELECT COUNT(*) FILTER (WHERE LENGTH(reason_code) > 9) AS long_codes FROM encounters;

-- title: Mean of a reciprocal
-- refused: SQL-BOUNDS 1
SELECT AVG(1 / value_num) FROM observations WHERE code = '38483-4';
-- instead:
SELECT AVG(CLAMP(1 / value_num, 0, 10)) FROM observations WHERE code = '38483-4';

-- title: Group by exact code
-- refused: POL-COLUMN-GROUP
SELECT code, COUNT(*) AS n
FROM conditions
GROUP BY code
ORDER BY n DESC;
-- instead:
SELECT condition, COUNT(*) AS n
FROM conditions
GROUP BY condition
ORDER BY n DESC;

-- title: Group by text function
-- refused: POL-COLUMN-GROUP
SELECT SUBSTRING(code, 1, 2) AS chapter, COUNT(*)
FROM medications
GROUP BY chapter;
-- instead:
SELECT CASE WHEN code LIKE '31%' THEN '31' WHEN code LIKE '83%' THEN '83' ELSE 'other' END AS chapter, COUNT(*)
FROM medications
GROUP BY chapter;

-- title: Group by day
-- refused: POL-CELLS
SELECT start_date, COUNT(*)
FROM encounters
GROUP BY start_date;
-- instead:
SELECT DATE_TRUNC('quarter', start_date) AS quarter, COUNT(*)
FROM encounters
GROUP BY quarter;

-- title: Group by exact value
-- refused: POL-CELLS
SELECT value_num, COUNT(*) FROM observations WHERE code = '2339-0' GROUP BY value_num;
-- instead:
SELECT FLOOR(value_num / 10) AS tens, COUNT(*) FROM observations WHERE code = '2339-0' GROUP BY tens;

-- title: Group by a ratio
-- refused: SQL-GROUP 1
SELECT total_usd / 7, COUNT(*) FROM claims GROUP BY 1;
-- instead:
SELECT FLOOR(total_usd / 700) AS hundreds_a_day, COUNT(*) FROM claims GROUP BY 1;

-- title: Too many keys
-- refused: POL-GROUP-WIDTH
SELECT site, gender, race, ethnicity, COUNT(*)
FROM patients
GROUP BY site, gender, race, ethnicity;
-- instead:
SELECT site, gender, race, COUNT(*)
FROM patients
GROUP BY site, gender, race;

-- title: Social security number
-- refused: POL-COLUMN-ROLE
SELECT COUNT(*) FROM patients WHERE ssn LIKE '999-1%';
-- instead:
SELECT COUNT(*) FROM patients WHERE zip3 = '021';

-- title: Grouped by family name
-- refused: POL-COLUMN-ROLE
SELECT last_name, COUNT(*) FROM patients GROUP BY last_name HAVING COUNT(*) > 20;
-- instead:
SELECT race, COUNT(*) FROM patients GROUP BY race HAVING COUNT(*) > 20;

-- title: Known longitudes
-- refused: POL-COLUMN-ROLE
SELECT COUNT(longitude) FROM patients;
-- instead:
SELECT AVG(age) FROM patients;

-- title: Exact day of birth
-- refused: POL-COLUMN-ROLE
SELECT COUNT(*) FROM patients WHERE birth_date = '1950-05-17';
-- instead:
SELECT COUNT(*) FROM patients WHERE age = 72;

-- title: Words in the drug's name
-- refused: POL-COLUMN-ROLE
SELECT COUNT(*) FROM medications WHERE description ILIKE '%metformin%';
-- instead:
SELECT COUNT(*) FROM medications WHERE code IN ('860975', '860974');

-- title: Mean year of death
-- refused: POL-AGGREGATE
SELECT AVG(death_year) FROM patients;
-- instead:
SELECT death_year, COUNT(*) FROM patients GROUP BY death_year;

-- title: Time of day
-- refused: SQL-NAME 1
SELECT HOUR(start_ts), COUNT(*) FROM encounters GROUP BY 1;
-- instead:
SELECT MONTH(start_date), COUNT(*) FROM encounters GROUP BY 1;

-- title: Key used as a number
-- refused: SQL-TYPE 1
SELECT COUNT(*) FROM encounters WHERE patient_id < 100;
-- instead:
SELECT COUNT(*) FROM encounters WHERE start_date < DATE '2000-01-01';

-- title: Text against number
-- refused: SQL-TYPE 1
SELECT COUNT(*) FROM conditions WHERE code = 44054006;
-- instead:
SELECT COUNT(*) FROM conditions WHERE code = '44054006';

-- title: Sum of a category
-- refused: SQL-TYPE 1
SELECT SUM(gender) FROM patients;
-- instead:
SELECT SUM(CASE WHEN gender = 'female' THEN 1 ELSE 0 END) FROM patients;
