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
