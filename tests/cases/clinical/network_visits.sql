-- dataset: synthea-network

-- title: Readmission by LAG
-- asks: What share of the admissions follows another discharge of the same patient within 30 days?
WITH stays AS (
    SELECT patient_id, start_date,
           LAG(stop_date) OVER (PARTITION BY patient_id ORDER BY start_date, stop_date) AS last_discharge
    FROM encounters
    WHERE encounter_class = 'inpatient' AND start_date IS NOT NULL
)
SELECT COUNT(*) AS admissions,
       COUNT(*) FILTER (WHERE start_date - last_discharge BETWEEN 1 AND 30) AS readmissions,
       COUNT(*) FILTER (WHERE start_date - last_discharge BETWEEN 1 AND 30) / COUNT(*)::DOUBLE AS rate
FROM stays;

-- title: Readmission by LEAD
-- asks: How many admissions are followed by the next one within 30 days, by age band?
SELECT age_band(p.age, 20) AS band,
       COUNT(*) AS admissions,
       SUM(CASE WHEN s.next_start <= s.stop_date + INTERVAL 30 DAY THEN 1 ELSE 0 END) AS followed
FROM (
    SELECT e.patient_id, e.stop_date,
           LEAD(e.start_date) OVER (PARTITION BY e.patient_id ORDER BY e.start_date, e.stop_date) AS next_start
    FROM encounters e
    WHERE e.encounter_class = 'inpatient' AND e.start_date IS NOT NULL
) s
JOIN patients p ON p.patient_id = s.patient_id
GROUP BY band
ORDER BY band;

-- title: Readmission by self join
-- asks: How many patients were admitted again within 30 days of a discharge?
-- expect: cells=1
SELECT COUNT(DISTINCT a.patient_id) AS patients_readmitted
FROM encounters a
JOIN encounters b
  ON a.patient_id = b.patient_id
 AND b.start_date > a.stop_date
 AND b.start_date <= a.stop_date + INTERVAL 30 DAY
WHERE a.encounter_class = 'inpatient'
  AND b.encounter_class = 'inpatient';

-- title: Length of inpatient stays
-- asks: What are mean, median and upper quartile of the days in hospital?
-- expect: groups=1 rows=10 cells=1
-- compare: tolerance=0.3
select count(*) as stays,
       avg(clamp(date_diff('day', start_date, stop_date), 0, 60)) as mean_days,
       median(clamp(date_diff('day', start_date, stop_date), 0, 60)) as median_days,
       quantile_cont(clamp(date_diff('day', start_date, stop_date), 0, 60), 0.75) as upper_quartile
from encounters
where encounter_class = 'inpatient' and stop_date is not null and start_date is not null;

-- title: Visits by class
-- asks: How many visits of each kind were there?
-- expect: groups=11 rows=30 cells=11
SELECT encounter_class, COUNT(*) AS visits
FROM encounters
GROUP BY encounter_class
ORDER BY visits DESC;

-- title: Monthly emergencies
-- asks: How did emergency visits develop month by month since 2015?
-- expect: groups=5 rows=10
SELECT DATE_TRUNC('month', start_date) AS month, COUNT(*) AS emergencies
FROM encounters
WHERE encounter_class = 'emergency'
  AND start_date BETWEEN DATE '2015-01-01' AND DATE '2019-12-31'
GROUP BY month
ORDER BY month;

-- title: Weekday of visits
-- asks: On which day of the week do patients come?
-- expect: groups=8 rows=30 cells=8
SELECT DAYOFWEEK(start_date) AS weekday, COUNT(*) AS visits
FROM encounters
GROUP BY DAYOFWEEK(start_date)
ORDER BY 1;

-- title: Share of each class in all visits
-- asks: What share of all visits does each kind have?
-- expect: groups=11 rows=30 cells=11
SELECT encounter_class,
       COUNT(*) AS n,
       ROUND(100.0 * COUNT(*) / SUM(COUNT(*)) OVER (), 2) AS percent_of_all
FROM encounters
GROUP BY encounter_class;

-- title: Yearly visits per site, rolled up
-- asks: How many visits had each site in each year, with sub-totals?
SELECT site, YEAR(start_date) AS year, COUNT(*) AS visits
FROM encounters
WHERE start_date >= DATE '2010-01-01'
GROUP BY ROLLUP (site, YEAR(start_date));

-- title: Last visit of each patient
-- asks: In which year was each patient seen for the last time?
-- expect: groups=1 rows=1 cells=35
WITH last_seen AS (SELECT patient_id, MAX(start_date) AS d FROM encounters GROUP BY 1)
SELECT EXTRACT(year FROM d) AS year, COUNT(*) AS patients FROM last_seen GROUP BY 1;

-- title: Class of the first visit
-- asks: How did patients first come to the hospital?
-- expect: groups=1 rows=1 cells=11
SELECT encounter_class, COUNT(*) AS patients
FROM (
    SELECT patient_id, encounter_class,
           ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY start_date, stop_date, encounter_class, type_code) AS nth
    FROM encounters
    WHERE start_date IS NOT NULL
) ranked
WHERE nth = 1
GROUP BY encounter_class;

-- title: Longest gap in care
-- asks: How many patients went more than five years without any visit between two visits?
-- expect: groups=1 rows=1
WITH gaps AS (
    SELECT patient_id,
           date_diff('day', LAG(start_date) OVER w, start_date) AS gap
    FROM encounters
    WHERE start_date IS NOT NULL
    WINDOW w AS (PARTITION BY patient_id ORDER BY start_date)
),
longest AS (
    SELECT patient_id, MAX(gap) AS gap FROM gaps GROUP BY patient_id
)
SELECT gap > 1825 AS long_gap, COUNT(*) AS patients
FROM longest
WHERE gap IS NOT NULL
GROUP BY long_gap;

-- title: Frequent attenders
-- asks: How many patients had at least ten visits, twenty, or fifty?
-- expect: groups=1 rows=1 cells=1
SELECT COUNT(*) FILTER (WHERE v.n >= 10) AS ten,
       COUNT(*) FILTER (WHERE v.n >= 20) AS twenty,
       COUNT(*) FILTER (WHERE v.n >= 50) AS fifty
FROM (SELECT patient_id, COUNT(encounter_id) AS n FROM encounters GROUP BY patient_id) AS v;

-- title: Visits per patient and year
-- asks: How many visits has a patient in a year with at least one visit, on average?
WITH yearly AS (
    SELECT patient_id, YEAR(start_date) AS y, COUNT(*) AS visits
    FROM encounters
    WHERE start_date IS NOT NULL
    GROUP BY patient_id, YEAR(start_date)
)
SELECT AVG(visits) AS mean_visits, STDDEV_POP(visits) AS sd_visits, COUNT(*) AS patient_years
FROM yearly;

-- title: Seasonal sinusitis
-- asks: In which month do patients come for viral sinusitis?
-- expect: groups=5 rows=10 cells=13
SELECT MONTH(start_date) AS calendar_month, COUNT(*) AS visits
FROM encounters
WHERE reason_code = '444814009'
GROUP BY calendar_month
ORDER BY visits DESC;

-- title: Emergency before admission
-- asks: How many admissions come within one day of an emergency visit?
SELECT COUNT(*) AS admissions,
       COUNT_IF(EXISTS (SELECT 1 FROM encounters er
                        WHERE er.patient_id = adm.patient_id
                          AND er.encounter_class = 'emergency'
                          AND adm.start_date - er.start_date BETWEEN 0 AND 1)) AS through_emergency
FROM encounters adm
WHERE adm.encounter_class = 'inpatient';

-- title: Diagnoses made at emergency visits
-- asks: How many diagnoses were made at an emergency visit?
-- expect: cells=1
SELECT COUNT(*) AS diagnoses, COUNT(DISTINCT c.patient_id) AS patients
FROM conditions c
JOIN encounters e ON c.encounter_id = e.encounter_id
WHERE e.encounter_class = 'emergency';

-- title: Running number of visits
-- asks: How many patients reach their fifth visit, and in which year?
-- expect: groups=1 rows=1
SELECT YEAR(start_date) AS fifth_visit_year, COUNT(*) AS patients
FROM (
    SELECT patient_id, start_date
    FROM encounters
    WHERE start_date IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY start_date) = 5
)
GROUP BY ALL
ORDER BY ALL;

-- title: Sites compared to the mean of sites
-- asks: How many visits has each site per patient seen there?
-- expect: groups=4 cells=4
SELECT site,
       COUNT(*) AS visits,
       COUNT(DISTINCT patient_id) AS patients,
       COUNT(*) / COUNT(DISTINCT patient_id) AS visits_per_patient
FROM encounters
GROUP BY site
ORDER BY visits_per_patient DESC;

-- title: Busy months in an outer query
-- asks: Which months since 2016 had more than 150 visits?
SELECT month, visits, patients
FROM (
    SELECT DATE_TRUNC('month', start_date) AS month, COUNT(*) AS visits, COUNT(DISTINCT patient_id) AS patients
    FROM encounters
    WHERE start_date >= '2016-01-01'
    GROUP BY 1
) monthly
WHERE visits > 150
ORDER BY month;
