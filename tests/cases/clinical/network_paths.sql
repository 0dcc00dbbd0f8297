-- dataset: synthea-network

-- title: Systolic pressure at diagnosis
-- asks: What was the last systolic pressure on or before the diagnosis of hypertension?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS diagnoses,
       AVG(CLAMP((SELECT o.value_num FROM observations o WHERE o.patient_id = c.patient_id AND o.code = '8480-6' AND o.observed_date <= c.onset_date ORDER BY o.observed_date DESC, o.value_num LIMIT 1), 80, 220)) AS systolic
FROM conditions c
WHERE c.code = '38341003';

-- title: Nearest weight before an emergency
-- asks: How heavy are patients at their emergency visits, by the last weight before?
-- expect: groups=1 rows=20 cells=1
SELECT COUNT(*) AS visits, AVG(CLAMP(w.kg, 0, 200)) AS kg
FROM encounters e
ASOF JOIN (SELECT patient_id, observed_date, MAX(value_num) AS kg FROM observations WHERE code = '29463-7' GROUP BY patient_id, observed_date) w
  ON e.patient_id = w.patient_id AND e.start_date >= w.observed_date
WHERE e.encounter_class = 'emergency';

-- title: Coverage of a lab before diagnosis
-- asks: How many patients with prediabetes had an HbA1c in the year before?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients, COUNT(o.value_num) AS with_a1c, COUNT(*) FILTER (WHERE c.d - o.observed_date <= 365) AS within_a_year
FROM (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '15777000' GROUP BY patient_id) c
ASOF LEFT JOIN (SELECT patient_id, observed_date, MIN(value_num) AS value_num FROM observations WHERE code = '4548-4' GROUP BY patient_id, observed_date) o
  ON c.patient_id = o.patient_id AND c.d >= o.observed_date;

-- title: Episodes of care
-- asks: How many episodes of care are there if visits within 90 days belong together?
-- expect: groups=1 rows=10 cells=1
WITH gaps AS (
    SELECT patient_id, start_date, CASE WHEN start_date - LAG(start_date) OVER (PARTITION BY patient_id ORDER BY start_date) <= 90 THEN 0 ELSE 1 END AS starts
    FROM encounters
),
episodes AS (SELECT patient_id, start_date, SUM(starts) OVER (PARTITION BY patient_id ORDER BY start_date ROWS UNBOUNDED PRECEDING) AS episode FROM gaps),
sizes AS (SELECT patient_id, episode, MAX(start_date) - MIN(start_date) AS days, COUNT(*) AS visits FROM episodes GROUP BY patient_id, episode)
SELECT COUNT(*) AS episodes, AVG(CLAMP(days, 0, 730)) AS mean_days, COUNT(*) FILTER (WHERE visits = 1) AS single_visits
FROM sizes;

-- title: Longest run of months
-- asks: For how many months in a row do patients come?
-- expect: groups=1 rows=1 cells=14
WITH m AS (SELECT DISTINCT patient_id, DATE_DIFF('month', DATE '1990-01-01', start_date) AS mo FROM encounters WHERE start_date IS NOT NULL),
     r AS (SELECT patient_id, mo - ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY mo) AS run FROM m),
     s AS (SELECT patient_id, run, COUNT(*) AS months FROM r GROUP BY patient_id, run)
SELECT LEAST(longest, 13) AS months, COUNT(*) AS patients
FROM (SELECT patient_id, MAX(months) AS longest FROM s GROUP BY patient_id)
GROUP BY 1;

-- title: Variability of blood pressure
-- asks: How much does the systolic pressure vary within a patient with three or more measurements?
-- expect: groups=1 rows=1 cells=1
-- compare: tolerance=0.002
SELECT COUNT(*) AS patients, AVG(CLAMP(sd, 0, 60)) AS mean_sd
FROM (SELECT patient_id, STDDEV_SAMP(value_num) AS sd FROM observations WHERE code = '8480-6' GROUP BY patient_id HAVING COUNT(*) >= 3);

-- title: Slope of HbA1c
-- asks: In how many patients does HbA1c rise by more than 0.1 a year?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients, COUNT(*) FILTER (WHERE slope > 0.1) AS rising, COUNT(*) FILTER (WHERE slope < -0.1) AS falling
FROM (SELECT patient_id, REGR_SLOPE(value_num, DATE_DIFF('day', DATE '1990-01-01', observed_date) / 365.25) AS slope FROM observations WHERE code = '4548-4' AND observed_date IS NOT NULL GROUP BY patient_id HAVING COUNT(*) >= 3);

-- title: Cohort in one or the other list
-- asks: How many patients have diabetes or a prescription of metformin?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients
FROM (SELECT patient_id FROM conditions WHERE code = '44054006' UNION SELECT patient_id FROM medications WHERE code = '860975');

-- title: Cohort with an exclusion
-- asks: How many diabetics without any inpatient stay are there, by gender?
-- expect: groups=1 rows=1 cells=4
SELECT gender, COUNT(*) AS patients
FROM patients
WHERE patient_id IN (SELECT patient_id FROM conditions WHERE code = '44054006' EXCEPT SELECT patient_id FROM encounters WHERE encounter_class = 'inpatient')
GROUP BY gender;

-- title: Same day in two tables
-- asks: On how many days was a patient both seen in an emergency and prescribed a drug?
-- expect: groups=1 rows=10 cells=1
SELECT COUNT(*) AS days
FROM (SELECT patient_id, start_date AS day FROM encounters WHERE encounter_class = 'emergency' INTERSECT SELECT patient_id, authored_date FROM medications);

-- title: Patients in care at the start of each year
-- asks: How many patients had a visit in the twelve months before each New Year?
-- expect: groups=5 rows=10 cells=11
SELECT y.d AS day, COUNT(DISTINCT e.patient_id) AS patients
FROM generate_series(DATE '2005-01-01', DATE '2015-01-01', INTERVAL '1 year') AS y(d)
JOIN encounters e ON e.start_date < y.d AND e.start_date >= y.d - INTERVAL 12 MONTH
GROUP BY y.d
ORDER BY day;

-- title: Months of one year from a list
-- asks: How many patients are seen in each month of 2010?
-- expect: groups=5 rows=10 cells=12
WITH months AS (SELECT CAST(UNNEST(generate_series(DATE '2010-01-01', DATE '2010-12-01', INTERVAL 1 MONTH)) AS DATE) AS month)
SELECT month, COUNT(DISTINCT e.patient_id) AS patients
FROM months JOIN encounters e ON DATE_TRUNC('month', e.start_date) = month
GROUP BY month;

-- title: Thresholds from a list
-- asks: How many systolic values lie at or above each threshold?
-- expect: groups=5 rows=20 cells=5
-- compare: loose=4x500
SELECT t.threshold, COUNT(*) AS values
FROM observations o JOIN (SELECT UNNEST([120, 130, 140, 160]) AS threshold) t ON o.value_num >= t.threshold
WHERE o.code = '8480-6'
GROUP BY t.threshold;

-- title: Settings of the study in one place
-- asks: How many stays of the study window last over the threshold?
-- expect: groups=1 rows=10 cells=1
WITH params AS (SELECT DATE '2010-01-01' AS starts, DATE '2015-01-01' AS ends, 1 AS days)
SELECT COUNT(*) AS stays, COUNT(*) FILTER (WHERE stop_date - start_date > (SELECT days FROM params)) AS longer
FROM encounters, params
WHERE start_date >= starts AND start_date < ends AND encounter_class = 'inpatient';

-- title: Gender looked up in the table of patients
-- asks: How are visits split by gender, without a join?
-- expect: groups=1 rows=30 cells=5
-- compare: loose=1x200
SELECT (SELECT p.gender FROM patients p WHERE p.patient_id = e.patient_id) AS gender, COUNT(*) AS visits
FROM encounters e
GROUP BY 1;

-- title: Latest body mass index by DISTINCT ON
-- asks: How many patients are obese by their latest body mass index?
-- expect: groups=1 rows=1 cells=2
SELECT bmi >= 30 AS obese, COUNT(*) AS patients
FROM (
    SELECT DISTINCT ON (patient_id) patient_id, value_num AS bmi
    FROM observations
    WHERE code = '39156-5'
    ORDER BY patient_id, observed_date DESC, value_num
)
GROUP BY obese;

-- title: First and last of a series
-- asks: By how much does the body mass index change from the first to the last measurement?
-- expect: groups=1 rows=1 cells=1
SELECT AVG(CLAMP(last_bmi - first_bmi, -20, 20)) AS change, COUNT(*) AS patients
FROM (
    SELECT patient_id, FIRST(value_num ORDER BY observed_date, value_num) AS first_bmi, LAST(value_num ORDER BY observed_date, value_num) AS last_bmi
    FROM observations
    WHERE code = '39156-5' AND observed_date IS NOT NULL
    GROUP BY patient_id
    HAVING COUNT(*) > 1
);

-- title: Settings of care as a pattern
-- asks: Which combinations of emergency and inpatient care do patients have?
-- expect: groups=1 rows=1 cells=4
SELECT pattern, COUNT(*) AS patients
FROM (
    SELECT patient_id, STRING_AGG(DISTINCT CASE encounter_class WHEN 'inpatient' THEN 'I' WHEN 'emergency' THEN 'E' END, '+' ORDER BY CASE encounter_class WHEN 'inpatient' THEN 'I' WHEN 'emergency' THEN 'E' END) AS pattern
    FROM encounters
    GROUP BY patient_id
)
GROUP BY pattern;

-- title: Two labs side by side
-- asks: How high is the largest HbA1c of obese patients?
-- expect: groups=1 rows=1 cells=2
SELECT bmi >= 30 AS obese, AVG(CLAMP(a1c, 3, 15)) AS mean_a1c, COUNT(a1c) AS patients
FROM (SELECT patient_id, code, value_num FROM observations)
PIVOT (MAX(value_num) FOR code IN ('4548-4' AS a1c, '39156-5' AS bmi) GROUP BY patient_id)
WHERE bmi IS NOT NULL
GROUP BY obese;

-- title: Thirds of the measurements
-- asks: Does the systolic pressure differ between the first and the last third of a patient's values?
-- expect: groups=3 rows=20 cells=3
-- compare: tolerance=0.02 loose=3x500
SELECT third, AVG(CLAMP(value_num, 80, 220)) AS systolic
FROM (SELECT patient_id, value_num, NTILE(3) OVER (PARTITION BY patient_id ORDER BY observed_date, value_num) AS third FROM observations WHERE code = '8480-6')
GROUP BY third;

-- title: What comes after the diagnosis
-- asks: How many visits and prescriptions follow in the year after a diagnosis of hypertension?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients, AVG(LEAST(v.visits, 30)) AS visits, AVG(LEAST(m.drugs, 30)) AS drugs
FROM (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '38341003' GROUP BY patient_id) h
CROSS JOIN LATERAL (SELECT COUNT(*) AS visits FROM encounters e WHERE e.patient_id = h.patient_id AND e.start_date BETWEEN h.d AND h.d + INTERVAL 1 YEAR) v
CROSS JOIN LATERAL (SELECT COUNT(DISTINCT code) AS drugs FROM medications m WHERE m.patient_id = h.patient_id AND m.authored_date BETWEEN h.d AND h.d + INTERVAL 1 YEAR) m;

-- title: Days to the next visit of another kind
-- asks: After an emergency visit, how soon is the next outpatient visit?
-- expect: groups=3 rows=10 cells=3
SELECT CASE WHEN l.days <= 14 THEN '0-14' WHEN l.days <= 90 THEN '15-90' ELSE 'later' END AS wait, COUNT(*) AS visits
FROM encounters e
JOIN LATERAL (
    SELECT o.start_date - e.start_date AS days
    FROM encounters o
    WHERE o.patient_id = e.patient_id AND o.encounter_class IN ('outpatient', 'ambulatory') AND o.start_date >= e.start_date
    ORDER BY o.start_date
    LIMIT 1
) l ON TRUE
WHERE e.encounter_class = 'emergency'
GROUP BY wait;

-- title: Incidence rate per 1000 person-years
-- asks: How often does diabetes begin, per 1000 years under observation, by gender?
-- expect: groups=1 rows=1 cells=4
-- compare: tolerance=0.02
WITH dm AS (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '44054006' GROUP BY patient_id),
     seen AS (SELECT patient_id, MIN(start_date) AS f, MAX(stop_date) AS l FROM encounters GROUP BY patient_id),
     risk AS (
         SELECT s.patient_id, CLAMP(DATE_DIFF('day', s.f, LEAST(COALESCE(dm.d, s.l), s.l)), 0, 12000) AS days, dm.d > s.f AND dm.d <= s.l AS event
         FROM seen s LEFT JOIN dm USING (patient_id)
         WHERE dm.d IS NULL OR dm.d > s.f
     )
SELECT p.gender, COUNT(*) FILTER (WHERE event) AS events, SUM(days) / 365.25 AS years, 1000 * COUNT(*) FILTER (WHERE event) / (SUM(days) / 365.25) AS rate
FROM risk JOIN patients p USING (patient_id)
GROUP BY p.gender;

-- title: Life table by half years
-- asks: How many hypertensives are at risk of, and have, a first inpatient stay in each half year?
-- expect: groups=4 rows=4 cells=19
WITH i AS (SELECT patient_id, MIN(onset_date) AS d FROM conditions WHERE code = '38341003' GROUP BY patient_id),
     t AS (SELECT i.patient_id, (SELECT MIN(DATE_DIFF('month', i.d, e.start_date)) FROM encounters e WHERE e.patient_id = i.patient_id AND e.encounter_class = 'inpatient' AND e.start_date > i.d) AS m FROM i)
SELECT h.from_month, COUNT(*) FILTER (WHERE t.m IS NULL OR t.m >= h.from_month) AS at_risk, COUNT(*) FILTER (WHERE t.m >= h.from_month AND t.m < h.from_month + 6) AS events
FROM t CROSS JOIN (VALUES (0), (6), (12), (18)) h(from_month)
GROUP BY h.from_month;

-- title: Retention by quarter since the first visit
-- asks: How many patients come again in each quarter after their first visit?
-- expect: groups=5 rows=1 cells=9
WITH f AS (SELECT patient_id, MIN(start_date) AS f FROM encounters WHERE start_date >= DATE '2010-01-01' GROUP BY patient_id),
     q AS (SELECT DISTINCT e.patient_id, DATE_DIFF('quarter', f.f, e.start_date) AS k FROM encounters e JOIN f USING (patient_id))
SELECT k, COUNT(*) AS patients FROM q WHERE k BETWEEN 0 AND 8 GROUP BY k ORDER BY k;

-- title: Comorbidity score
-- asks: How is a weighted score of comorbidities distributed?
-- expect: groups=1 rows=1 cells=3
WITH c AS (
    SELECT patient_id,
           MAX(code = '22298006')::INT + MAX(code = '88805009')::INT + MAX(code = '230690007')::INT
           + GREATEST(MAX(code = '44054006')::INT, 2 * MAX(code = '127013003')::INT) + 2 * MAX(code IN ('254837009', '126906006', '254637007'))::INT AS score
    FROM conditions
    GROUP BY patient_id
)
SELECT CASE WHEN score = 0 THEN '0' WHEN score <= 2 THEN '1-2' ELSE '3+' END AS band, COUNT(*) AS patients
FROM c
GROUP BY band;

-- title: Busiest twelve months
-- asks: How many patients ever have twelve or more visits within twelve months?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) AS patients, COUNT(*) FILTER (WHERE most >= 12) AS heavy_users
FROM (
    SELECT patient_id, MAX(n) AS most
    FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY start_date RANGE BETWEEN INTERVAL 12 MONTH PRECEDING AND CURRENT ROW) AS n FROM encounters WHERE start_date IS NOT NULL)
    GROUP BY patient_id
);

-- title: New users after a washout
-- asks: In which year since 2010 do patients start drugs after a year without any?
-- expect: groups=1 rows=1 cells=14
WITH rx AS (SELECT patient_id, authored_date, LAG(authored_date) OVER w AS earlier FROM medications WINDOW w AS (PARTITION BY patient_id ORDER BY authored_date)),
     new_users AS (SELECT patient_id, MIN(authored_date) AS idx FROM rx WHERE earlier IS NULL OR authored_date - earlier > 365 GROUP BY patient_id)
SELECT YEAR(idx) AS year, COUNT(*) AS patients
FROM new_users
WHERE idx >= DATE '2010-01-01'
GROUP BY year;

-- title: Columns left out and replaced
-- asks: How many patients of each gender, in capital letters, are there?
-- expect: groups=1 rows=1 cells=4
SELECT gender, COUNT(*) AS patients
FROM (SELECT * EXCLUDE (site) REPLACE (UPPER(gender) AS gender) FROM patients)
GROUP BY gender;

-- title: Events of three tables by name
-- asks: How many rows of each kind are there since 2015?
-- expect: groups=2 rows=5 cells=2
-- compare: loose=3x300
SELECT kind, COUNT(*) AS events
FROM (
    SELECT patient_id, onset_date AS day, 'diagnosis' AS kind FROM conditions
    UNION ALL BY NAME
    SELECT 'drug' AS kind, authored_date AS day, patient_id FROM medications
)
WHERE day >= '2015-01-01'
GROUP BY kind;
