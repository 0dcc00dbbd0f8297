SELECT COUNT(*) FROM visits;
select count( * ) as n from VISITS v;

SELECT COUNT(*) FROM visits WHERE urgent AND cost > 1;
SELECT COUNT(*) FROM visits WHERE cost > 1 AND urgent;

SELECT COUNT(*) FROM visits WHERE cost > 1 AND class = 'inpatient' AND cost <> 5 AND cost <= 90;
SELECT COUNT(*) FROM visits WHERE 5 <> cost AND 1 < cost AND 90 >= cost AND 'inpatient' = class;

SELECT COUNT(*) FROM visits WHERE urgent;
SELECT COUNT(*) FROM visits WHERE urgent AND urgent;

SELECT COUNT(*) FROM visits WHERE cost > 1;
SELECT COUNT(*) FROM visits WHERE cost > 1.000;

SELECT SUM(cost) / COUNT(*) FROM visits;
SELECT SUM(cost), COUNT(*) FROM visits;

SELECT class, COUNT(*) FROM visits GROUP BY 1;
SELECT COUNT(*) FROM visits GROUP BY class HAVING COUNT(*) > 3;

WITH a AS (SELECT patient_id FROM visits WHERE urgent) SELECT COUNT(*) FROM a;
SELECT COUNT(*) FROM (SELECT patient_id, cost FROM visits WHERE urgent) x;

WITH a(p, c) AS (SELECT patient_id, cost FROM visits) SELECT SUM(c) FROM a;
SELECT SUM(x.cost) FROM (SELECT patient_id, cost, class FROM visits) x;

SELECT AVG(n) FROM (SELECT patient_id, COUNT(*) AS n FROM visits GROUP BY patient_id);
SELECT MEAN(v.total) FROM (SELECT patient_id, COUNT(*) AS total, MAX(cost) FROM visits GROUP BY ALL) v;

SELECT MEDIAN(age) FROM patients;
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY age) FROM patients;

SELECT QUANTILE_CONT(age, [0.25, 0.75]) FROM patients;
SELECT QUANTILE_CONT(age, 0.25), QUANTILE_CONT(age, 0.75) FROM patients;

SELECT sex, COUNT(*) FROM patients GROUP BY ROLLUP (sex);
SELECT sex, COUNT(*) AS n FROM patients GROUP BY GROUPING SETS ((sex), ());

SELECT sex, n FROM (SELECT sex, COUNT(*) AS n, AVG(age) AS m FROM patients GROUP BY sex) WHERE n > 3;
SELECT sex, COUNT(*) FROM patients GROUP BY sex;

SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER w AS n FROM visits WINDOW w AS (PARTITION BY patient_id ORDER BY day)) WHERE n = 1;
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day ASC) AS n FROM visits) WHERE n = 1;

SELECT COUNT_IF(urgent) FROM visits;
SELECT COUNT(*) FILTER (WHERE urgent) FROM visits;

SELECT COUNT(*) FROM visits v JOIN patients p ON v.patient_id = p.patient_id;
SELECT COUNT(*) FROM visits JOIN patients USING (patient_id);

SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id);
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT MAX(cost) FROM visits v WHERE v.patient_id = p.patient_id GROUP BY ALL);
