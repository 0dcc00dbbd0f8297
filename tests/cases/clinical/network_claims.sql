-- dataset: synthea-network

-- title: Mean bill by payer
-- asks: How high are bills of each payer?
-- expect: groups=3 rows=30 cells=6
-- compare: tolerance=0.01
SELECT payer, COUNT(*) AS bills, AVG(total_usd) AS mean_usd, SUM(total_usd) AS sum_usd
FROM claims
GROUP BY payer;

-- title: Yearly cost per patient
-- asks: What does an insured patient cost in a year with bills?
-- compare: tolerance=0.02
WITH yearly AS (
    SELECT patient_id, YEAR(start_date) AS y, SUM(total_usd) AS usd
    FROM claims
    WHERE start_date >= DATE '2010-01-01'
    GROUP BY patient_id, y
)
SELECT y, AVG(CLAMP(usd, 0, 20000)) AS mean_usd, COUNT(*) AS patients
FROM yearly
GROUP BY y
HAVING COUNT(*) >= 25
ORDER BY y;

-- title: Cost of diabetics and others
-- asks: Do diabetics cost more than patients of the same age band?
-- expect: groups=1 rows=1
-- compare: tolerance=0.02
WITH dm AS (SELECT DISTINCT patient_id FROM conditions WHERE code = '44054006'),
     cost AS (SELECT patient_id, SUM(total_usd) AS usd FROM claims GROUP BY patient_id)
SELECT age_band(p.age, 30) AS band,
       CASE WHEN dm.patient_id IS NULL THEN 'other' ELSE 'diabetic' END AS grp,
       COUNT(*) AS n,
       AVG(CLAMP(cost.usd, 0, 100000)) AS mean_usd
FROM cost
JOIN patients p ON p.patient_id = cost.patient_id
LEFT JOIN dm ON dm.patient_id = p.patient_id
WHERE p.age >= 30
GROUP BY band, grp
ORDER BY band, grp;

-- title: Uninsured bills
-- asks: What share of bills and of money is uninsured?
-- expect: groups=1 rows=30 cells=1
-- compare: tolerance=0.01
SELECT 100.0 * COUNT(*) FILTER (WHERE payer = 'no_insurance') / COUNT(*) AS percent_bills,
       100.0 * SUM(total_usd) FILTER (WHERE payer = 'no_insurance') / SUM(total_usd) AS percent_money
FROM claims;

-- title: Share of the year's costs
-- asks: Which part of all costs since 2010 falls into each year?
-- expect: groups=3 rows=30
-- compare: tolerance=0.01
SELECT year, usd, 100 * usd / SUM(usd) OVER () AS percent
FROM (
    SELECT YEAR(start_date) AS year, SUM(total_usd) AS usd
    FROM claims
    WHERE start_date >= DATE '2010-01-01'
    GROUP BY YEAR(start_date)
) t
ORDER BY year;

-- title: Pharmacy bills
-- asks: What are the deciles of pharmacy and institutional bills?
-- compare: tolerance=0.15
SELECT claim_type, QUANTILE_DISC(total_usd, 0.1) AS d1, QUANTILE_DISC(total_usd, 0.5) AS d5, QUANTILE_DISC(total_usd, 0.9) AS d9
FROM claims
WHERE claim_type IN ('pharmacy', 'institutional')
GROUP BY claim_type;

-- title: Payer mix at admission
-- asks: Who pays for inpatient stays?
-- expect: cells=6
-- compare: loose=150x200
SELECT cl.payer, COUNT(*) AS bills
FROM claims cl
JOIN encounters e ON cl.encounter_id = e.encounter_id AND cl.patient_id = e.patient_id
WHERE e.encounter_class = 'inpatient'
GROUP BY cl.payer
ORDER BY bills DESC;

-- title: Change of payer
-- asks: How many patients were billed to more than one payer?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS billed, COUNT(*) FILTER (WHERE payers > 1) AS changed
FROM (SELECT patient_id, COUNT(DISTINCT payer) AS payers FROM claims GROUP BY patient_id) AS per_patient;

-- title: Running total of a patient
-- asks: How many patients passed 10,000 dollars of bills in all, and how many never?
-- expect: groups=1 rows=1
WITH running AS (
    SELECT patient_id,
           SUM(total_usd) OVER (PARTITION BY patient_id ORDER BY start_date, total_usd ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far
    FROM claims
),
passed AS (
    SELECT patient_id, MAX(so_far) >= 10000 AS reached
    FROM running
    GROUP BY patient_id
)
SELECT reached, COUNT(*) AS patients
FROM passed
GROUP BY reached;

-- title: Bills in bands
-- asks: How are bills distributed over bands of 500 dollars?
-- expect: groups=3 rows=30 cells=11
SELECT FLOOR(total_usd / 500) * 500 AS from_usd, COUNT(*) AS bills
FROM claims
GROUP BY from_usd
ORDER BY from_usd;
