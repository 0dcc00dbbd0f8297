-- dataset: diabetes-130us

-- title: Readmission by first A1c result
-- asks: Does measuring HbA1c at the first stay go with fewer early readmissions?
-- expect: groups=1 rows=1 cells=4
WITH first_stay AS (
    SELECT patient_nbr, A1Cresult, readmitted
    FROM encounters
    QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_nbr ORDER BY num_lab_procedures, num_medications) = 1
)
SELECT A1Cresult, COUNT(*) AS patients, 100.0 * COUNT(*) FILTER (WHERE readmitted = '<30') / COUNT(*) AS percent
FROM first_stay GROUP BY A1Cresult;

-- title: Main diagnosis by chapter
-- asks: Which chapters of ICD-9 are the main diagnoses in?
-- expect: groups=2 rows=3 cells=7
SELECT CASE WHEN diag_1 LIKE 'E%' OR diag_1 LIKE 'V%' THEN 'supplementary'
            WHEN SUBSTR(diag_1, 1, 3) = '250' THEN 'diabetes'
            WHEN TRY_CAST(diag_1 AS DOUBLE) BETWEEN 390 AND 459.99 OR TRY_CAST(diag_1 AS DOUBLE) = 785 THEN 'circulatory'
            WHEN TRY_CAST(diag_1 AS DOUBLE) BETWEEN 460 AND 519.99 OR TRY_CAST(diag_1 AS DOUBLE) = 786 THEN 'respiratory'
            WHEN TRY_CAST(diag_1 AS DOUBLE) BETWEEN 520 AND 579.99 OR TRY_CAST(diag_1 AS DOUBLE) = 787 THEN 'digestive'
            WHEN TRY_CAST(diag_1 AS DOUBLE) BETWEEN 800 AND 999.99 THEN 'injury'
            ELSE 'other' END AS chapter, COUNT(*) AS stays
FROM encounters GROUP BY chapter ORDER BY stays DESC;

-- title: Length of stay percentiles by specialty
-- asks: How long are stays of each specialty?
-- expect: groups=2 rows=3 cells=34
-- compare: tolerance=0.2
SELECT medical_specialty, QUANTILE_CONT(time_in_hospital, [0.25, 0.5, 0.9]) AS days FROM encounters GROUP BY medical_specialty;

-- title: Complications coded anywhere
-- asks: In how many stays is a complication of diabetes among the three diagnoses?
-- expect: groups=1 rows=3 cells=1
SELECT COUNT(*) FILTER (WHERE list_contains(['250.4', '250.5', '250.6', '250.7'], LEFT(diag_1, 5)) OR LEFT(diag_2, 5) IN ('250.4', '250.5', '250.6', '250.7') OR diag_3 ~ '^250\.[4-7]') AS complicated, COUNT(*) AS stays
FROM encounters;

-- title: Insulin and change
-- asks: How does insulin go with a change of drugs?
-- expect: groups=2 rows=3 cells=4
SELECT insulin, AVG((change = 'Ch')::INT) AS changed, COUNT(*) AS stays FROM encounters GROUP BY insulin;

-- title: Repeat patients
-- asks: How many patients have one, two, three and more stays?
-- expect: groups=1 rows=1 cells=6
SELECT LEAST(n, 5) AS stays, COUNT(*) AS patients FROM (SELECT patient_nbr, COUNT(*) AS n FROM encounters GROUP BY patient_nbr) GROUP BY 1 ORDER BY 1;

-- title: Score of readmission
-- asks: How is a simple readmission score distributed?
-- expect: groups=2 rows=3 cells=14
SELECT LEAST(time_in_hospital, 7) + CASE WHEN admission_type_id = 1 THEN 3 ELSE 0 END + LEAST(number_emergency, 4) AS score, COUNT(*) AS stays FROM encounters GROUP BY score;

-- title: Number of drugs in use
-- asks: How many diabetes drugs are given at once?
-- expect: groups=2 rows=3 cells=7
SELECT (metformin <> 'No')::INT + (glipizide <> 'No')::INT + (glyburide <> 'No')::INT + (insulin <> 'No')::INT + (pioglitazone <> 'No')::INT + (rosiglitazone <> 'No')::INT AS drugs, COUNT(*) AS stays
FROM encounters GROUP BY drugs;

-- title: Adjusted share
-- asks: What is the readmission rate by age and gender?
-- expect: groups=2 rows=3 cells=20
SELECT age, gender, COUNT(*) AS n, ROUND(100.0 * SUM(CASE WHEN readmitted <> 'NO' THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0), 1) AS pct
FROM encounters WHERE gender IN ('Female', 'Male') GROUP BY age, gender HAVING COUNT(*) >= 100;

-- title: Expired or hospice excluded
-- asks: How many stays can be followed by a readmission?
-- expect: groups=1 rows=3 cells=1
SELECT COUNT(*) AS eligible FROM encounters WHERE discharge_disposition_id NOT IN (11, 13, 14, 19, 20, 21) OR discharge_disposition_id IS NULL;

-- title: Both tests measured
-- asks: How do results of glucose and HbA1c go together where both are there?
-- expect: groups=2 rows=3 cells=9
SELECT max_glu_serum, A1Cresult, COUNT(DISTINCT patient_nbr) AS n FROM encounters WHERE max_glu_serum <> 'None' AND A1Cresult <> 'None' GROUP BY 1, 2;

-- title: Patterns of HbA1c over all stays
-- asks: Which results of HbA1c does a patient ever have?
-- expect: groups=1 rows=1 cells=15
SELECT pattern, COUNT(*) AS n FROM (SELECT patient_nbr, STRING_AGG(DISTINCT A1Cresult, ',' ORDER BY A1Cresult) AS pattern FROM encounters GROUP BY patient_nbr) GROUP BY pattern;

-- title: Insulin started between stays
-- asks: How often is insulin given where it was not at the stay before?
-- expect: groups=1 rows=3 cells=1
SELECT COUNT(*) AS pairs, COUNT(*) FILTER (WHERE prev = 'No' AND insulin <> 'No') AS started FROM (SELECT patient_nbr, insulin, LAG(insulin) OVER (PARTITION BY patient_nbr ORDER BY num_lab_procedures, num_medications, time_in_hospital) AS prev FROM encounters) WHERE prev IS NOT NULL;
