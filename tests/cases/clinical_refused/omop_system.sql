-- dataset: omop-gibleed

-- title: Misspelled column
-- refused: SQL-NAME 1:30
SELECT COUNT(*) FROM (SELECT gender_conceptid FROM person) p;
-- instead:
SELECT COUNT(*) FROM (SELECT person_id, gender_concept_id FROM person) p;

-- title: Misspelled table
-- refused: SQL-NAME 1:22
SELECT COUNT(*) FROM condition_occurence;
-- instead:
SELECT COUNT(*) FROM condition_occurrence;

-- title: Misspelled alias
-- refused: SQL-NAME 3
SELECT COUNT(*)
FROM drug_exposure de
WHERE d.drug_concept_id = 1118084;
-- instead:
SELECT COUNT(*)
FROM drug_exposure de
WHERE de.drug_concept_id = 1118084;

-- title: Ambiguous column
-- refused: SQL-NAME 4
SELECT COUNT(*)
FROM condition_occurrence co
JOIN condition_era ce ON ce.person_id = co.person_id
WHERE condition_concept_id = 192671;
-- instead:
SELECT COUNT(*)
FROM condition_occurrence co
JOIN condition_era ce ON ce.person_id = co.person_id
WHERE co.condition_concept_id = 192671;

-- title: Two sources of one name
-- refused: SQL-NAME 1
SELECT COUNT(*) FROM drug_era d JOIN drug_exposure d ON d.person_id = d.person_id;
-- instead:
SELECT COUNT(*) FROM drug_era d JOIN drug_exposure x ON d.person_id = x.person_id;

-- title: Table that the source leaves out
-- refused: SQL-NAME 1:22
SELECT COUNT(*) FROM death;
-- instead:
SELECT COUNT(*) FROM observation;

-- title: Schema of the model
-- refused: SQL-CONSTRUCT 1:22
SELECT COUNT(*) FROM cdm.person;
-- instead:
SELECT COUNT(*) FROM person;

-- title: System catalog
-- refused: SQL-CONSTRUCT 1:22
SELECT COUNT(*) FROM information_schema.tables;
-- instead:
SELECT COUNT(*) FROM visit_occurrence;

-- title: Statistics of the engine
-- refused: SQL-FROM 1:22
SELECT COUNT(*) FROM duckdb_tables();
-- instead:
SELECT COUNT(*) FROM drug_era;

-- title: A file of the server
-- refused: SQL-FROM 1:22
SELECT COUNT(*) FROM read_parquet('person.parquet');
-- instead:
SELECT COUNT(*) AS persons FROM person;

-- title: A file as a table
-- refused: SQL-NAME 1:22
SELECT COUNT(*) FROM 'person.parquet';
-- instead:
SELECT COUNT(person_id) AS persons FROM person;

-- title: Settings of the server
-- refused: SQL-FUNCTION 1
SELECT current_setting('memory_limit'), COUNT(*) FROM person GROUP BY 1;
-- instead:
SELECT gender_source_value, COUNT(*) FROM person GROUP BY 1;

-- title: Coin toss
-- refused: SQL-FUNCTION 1
SELECT COUNT(*) FROM person WHERE random() < 0.5;
-- instead:
SELECT COUNT(*) FROM person WHERE year_of_birth % 2 = 0;

-- title: Hash of the key
-- refused: SQL-FUNCTION 1
SELECT COUNT(*) FROM person WHERE hash(person_id) % 10 = 0;
-- instead:
SELECT COUNT(*) FROM person WHERE year_of_birth % 10 = 0;

-- title: Error on purpose
-- refused: SQL-FUNCTION 1
SELECT COUNT(*) FROM person WHERE CASE WHEN year_of_birth = 1950 THEN error('found') ELSE TRUE END;
-- instead:
SELECT COUNT(*) FROM person WHERE year_of_birth = 1950;

-- title: Two statements
-- refused: SQL-STATEMENT
SELECT COUNT(*) FROM person; SELECT COUNT(*) FROM drug_era;
-- instead:
SELECT COUNT(*) AS n FROM person;

-- title: Deleting persons
-- refused: SQL-STATEMENT
DELETE FROM person WHERE year_of_birth < 1930;
-- instead:
SELECT COUNT(*) FROM person WHERE year_of_birth >= 1930;

-- title: Changing a column
-- refused: SQL-STATEMENT
UPDATE person SET year_of_birth = 1950;
-- instead:
SELECT AVG(year_of_birth) FROM person;

-- title: A table of one's own
-- refused: SQL-STATEMENT
CREATE TABLE cohort AS SELECT person_id FROM condition_occurrence WHERE condition_concept_id = 192671;
-- instead:
WITH cohort AS (SELECT DISTINCT person_id FROM condition_occurrence WHERE condition_concept_id = 192671)
SELECT COUNT(*) FROM cohort;

-- title: Copy to a file
-- refused: SQL-STATEMENT
COPY (SELECT * FROM person) TO 'person.csv';
-- instead:
SELECT race_source_value, COUNT(*) FROM person GROUP BY race_source_value;

-- title: Attach a database
-- refused: SQL-STATEMENT
ATTACH 'other.duckdb' AS other;
-- instead:
SELECT COUNT(*) AS all_persons FROM person;

-- title: Pragma
-- refused: SQL-STATEMENT
PRAGMA table_info('person');
-- instead:
SELECT COUNT(year_of_birth) FROM person;

-- title: Install an extension
-- refused: SQL-STATEMENT
INSTALL httpfs;
-- instead:
SELECT COUNT(*) AS exposures FROM drug_exposure;

-- title: Change a setting
-- refused: SQL-STATEMENT
SET threads = 64;
-- instead:
SELECT COUNT(*) AS measurements FROM measurement;

-- title: Plan of the engine
-- refused: SQL-STATEMENT
EXPLAIN ANALYZE SELECT COUNT(*) FROM person;
-- instead:
SELECT COUNT(*) AS p FROM person;

-- title: Unfinished condition
-- refused: SQL-SYNTAX
SELECT COUNT(*) FROM person WHERE year_of_birth > AND gender_concept_id = 8507;
-- instead:
SELECT COUNT(*) FROM person WHERE year_of_birth > 1950 AND gender_concept_id = 8507;

-- title: Only public rows
-- refused: SQL-FROM 1
SELECT COUNT(*) FROM concept WHERE domain_id = 'Drug';
-- instead:
SELECT COUNT(*) FROM drug_exposure de JOIN concept c ON c.concept_id = de.drug_concept_id WHERE c.domain_id = 'Drug';

-- title: Group by concept id
-- refused: POL-COLUMN-GROUP
SELECT drug_concept_id, COUNT(*) AS n
FROM drug_exposure
GROUP BY drug_concept_id;
-- instead:
SELECT ingredient, COUNT(*) AS n
FROM drug_era
GROUP BY ingredient;

-- title: Group by any concept name
-- refused: POL-COLUMN-GROUP
SELECT c.concept_name, COUNT(*) AS n
FROM condition_occurrence co
JOIN concept c ON c.concept_id = co.condition_concept_id
GROUP BY c.concept_name;
-- instead:
SELECT c.listed_name, COUNT(*) AS n
FROM condition_occurrence co
JOIN concept c ON c.concept_id = co.condition_concept_id
GROUP BY c.listed_name;

-- title: Source value of a person
-- refused: POL-COLUMN-ROLE
SELECT COUNT(*) FROM person WHERE person_source_value LIKE 'a%';
-- instead:
SELECT COUNT(*) FROM person WHERE race_source_value = 'asian';

-- title: Results that are not open
-- refused: POL-COLUMN-ROLE
SELECT COUNT(value_as_number) FROM measurement WHERE measurement_concept_id = 3000963;
-- instead:
SELECT COUNT(*) FROM measurement WHERE measurement_concept_id = 3000963;

-- title: Mean of concept ids
-- refused: SQL-BOUNDS 1
SELECT AVG(condition_concept_id) FROM condition_occurrence;
-- instead:
SELECT COUNT(DISTINCT person_id) FROM condition_occurrence;

-- title: Limit that is computed
-- refused: SQL-LIMIT 1
SELECT gender_source_value, COUNT(*) FROM person GROUP BY 1 LIMIT (SELECT 1);
-- instead:
SELECT gender_source_value, COUNT(*) FROM person GROUP BY 1 LIMIT 1;

-- title: Ordinal that is not there
-- refused: SQL-ORDINAL 1
SELECT gender_source_value, COUNT(*) FROM person GROUP BY 3;
-- instead:
SELECT gender_source_value, COUNT(*) FROM person GROUP BY 1;

-- title: A date that does not exist
-- refused: SQL-NUMBER 1
SELECT COUNT(*) FROM visit_occurrence WHERE visit_start_date >= DATE '2010-02-30';
-- instead:
SELECT COUNT(*) FROM visit_occurrence WHERE visit_start_date >= DATE '2010-02-28';

-- title: Interval over other persons
-- refused: SQL-JOIN 3
SELECT COUNT(*)
FROM visit_occurrence a
JOIN visit_occurrence b ON b.visit_start_date BETWEEN a.visit_start_date AND a.visit_end_date AND a.person_id <> b.person_id;
-- instead:
SELECT COUNT(*)
FROM visit_occurrence a
JOIN visit_occurrence b ON b.person_id = a.person_id AND b.visit_start_date BETWEEN a.visit_start_date AND a.visit_end_date;

-- title: Number of persons per drug, then filtered by it
-- refused: SQL-SUBQUERY 3
SELECT COUNT(*)
FROM drug_exposure de
WHERE (SELECT COUNT(*) FROM drug_exposure x WHERE x.drug_concept_id = de.drug_concept_id) > 100;
-- instead:
SELECT COUNT(*)
FROM drug_exposure de
WHERE (SELECT COUNT(*) FROM drug_exposure x WHERE x.person_id = de.person_id) > 10;
