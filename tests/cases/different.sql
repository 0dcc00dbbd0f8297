SELECT COUNT(*) FROM visits;
SELECT COUNT(*) FROM patients;

SELECT COUNT(*) FROM visits;
SELECT COUNT(urgent) FROM visits;

SELECT SUM(cost) FROM visits;
SELECT AVG(cost) FROM visits;

SELECT COUNT(*) FROM visits WHERE cost > 0.1;
SELECT COUNT(*) FROM visits WHERE cost > 0.100000000001;

SELECT COUNT(*) FROM visits WHERE free = 'a';
SELECT COUNT(*) FROM visits WHERE free = 'a''b';

SELECT COUNT(*) FROM visits WHERE free = 'NULL';
SELECT COUNT(*) FROM visits WHERE free = NULL;

SELECT COUNT(*) FROM visits WHERE day > DATE '2024-02-02';
SELECT COUNT(*) FROM visits WHERE day > DATE '2024-02-03';

SELECT COUNT(*) FROM labs WHERE at > TIMESTAMP '2024-02-02 00:00:00';
SELECT COUNT(*) FROM labs WHERE at > TIMESTAMP '2024-02-02 00:00:01';

SELECT COUNT(*) FROM visits WHERE day + INTERVAL 2 DAY > day;
SELECT COUNT(*) FROM visits WHERE day + INTERVAL 3 DAY > day;

SELECT age_band(age, 0.1), COUNT(*) FROM patients GROUP BY 1;
SELECT age_band(age, 0.2), COUNT(*) FROM patients GROUP BY 1;

SELECT COUNT(*) FROM visits v LEFT JOIN stays s USING (patient_id);
SELECT COUNT(*) FROM visits v JOIN stays s USING (patient_id);

SELECT COUNT(*) FROM visits WHERE urgent IS TRUE;
SELECT COUNT(*) FROM visits WHERE urgent IS FALSE;

SELECT COUNT(DISTINCT patient_id) FROM visits;
SELECT COUNT(*) FROM visits;

SELECT COUNT(*) FROM (SELECT patient_id, class FROM visits);
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, class FROM visits);

SELECT COUNT(*) FROM (SELECT patient_id FROM stays UNION ALL SELECT patient_id FROM stays);
SELECT COUNT(*) FROM (SELECT patient_id FROM stays UNION ALL SELECT patient_id FROM enrolled);

SELECT COUNT(*) FROM patients SEMI JOIN visits USING (patient_id);
SELECT COUNT(*) FROM patients ANTI JOIN visits USING (patient_id);

SELECT COUNT(*) FROM patients SEMI JOIN visits USING (patient_id);
SELECT COUNT(*) FROM patients SEMI JOIN labs USING (patient_id);

SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id AND v.cost > 1);
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id AND v.cost > 2);

SELECT COUNT(*) FROM patients p WHERE (SELECT MIN(v.cost) FROM visits v WHERE v.patient_id = p.patient_id) > 5;
SELECT COUNT(*) FROM patients p WHERE (SELECT MAX(v.cost) FROM visits v WHERE v.patient_id = p.patient_id) > 5;

SELECT COUNT(*) FROM (SELECT patient_id FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) = 1);
SELECT COUNT(*) FROM (SELECT patient_id FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) = 2);

SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) WHERE n = 1;
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day DESC) AS n FROM visits) WHERE n = 1;

SELECT COUNT(*) FROM (SELECT patient_id, LAG(cost) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) WHERE n > 1;
SELECT COUNT(*) FROM (SELECT patient_id, LAG(cost, 2) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) WHERE n > 1;

SELECT COUNT(*) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY day ROWS 1 PRECEDING) AS n FROM visits) WHERE n > 1;
SELECT COUNT(*) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY day ROWS 2 PRECEDING) AS n FROM visits) WHERE n > 1;

SELECT AVG(n) FROM (SELECT patient_id, QUANTILE_CONT(days, 0.5) AS n FROM stays GROUP BY patient_id);
SELECT AVG(n) FROM (SELECT patient_id, QUANTILE_CONT(days, 0.25) AS n FROM stays GROUP BY patient_id);

SELECT AVG(n) FROM (SELECT patient_id, QUANTILE_CONT(days, 0.5) AS n FROM stays GROUP BY patient_id);
SELECT AVG(n) FROM (SELECT patient_id, QUANTILE_DISC(days, 0.5) AS n FROM stays GROUP BY patient_id);

SELECT COUNT(*) FROM stays s JOIN (VALUES (1), (2)) v(x) ON s.days > v.x;
SELECT COUNT(*) FROM stays s JOIN (VALUES (1), (3)) v(x) ON s.days > v.x;

SELECT COUNT(*) FROM visits v JOIN enrolled e USING (patient_id);
SELECT COUNT(*) FROM visits v RIGHT JOIN enrolled e USING (patient_id);

SELECT sex, age_band(age, 45), COUNT(*) FROM patients GROUP BY ROLLUP (1, 2);
SELECT sex, age_band(age, 45), COUNT(*) FROM patients GROUP BY CUBE (1, 2);

SELECT HISTOGRAM(age, [18, 65]) FROM patients;
SELECT HISTOGRAM(age, [18, 64]) FROM patients;

SELECT COUNT(DISTINCT class) FROM visits;
SELECT COUNT(DISTINCT urgent) FROM visits;

SELECT VAR_SAMP(age) FROM patients;
SELECT AVG(age) FROM patients;

SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id);
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id);
