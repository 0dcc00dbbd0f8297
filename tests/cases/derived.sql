# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM patients WHERE sex = 'F';

# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT sex, AVG(age) FROM patients WHERE sex IN ('F', 'M') GROUP BY sex;

# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT COUNT(*), AVG(age) FROM patients;

# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT AVG(age) FILTER (WHERE sex = 'F'), COUNT(*) FROM patients;

# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT UPPER(sex) || '!', COUNT(*) FROM patients GROUP BY 1;

# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT sex IS NULL, COUNT(*) FROM patients GROUP BY 1;

# follows
SELECT age, COUNT(*), MEDIAN(age) FROM patients GROUP BY age;
SELECT age_band(age, 20), COUNT(*) FROM patients WHERE age >= 18 GROUP BY 1;

# a tree between narrower bounds is another one, and more exact
SELECT age, COUNT(*), MEDIAN(age) FROM patients GROUP BY age;
SELECT age_band(age, 20), COUNT(*), MEDIAN(age) FROM patients WHERE age >= 18 GROUP BY 1;

# follows
SELECT age, COUNT(*), MEDIAN(age) FROM patients GROUP BY age;
SELECT age, COUNT(*) FROM patients WHERE age BETWEEN 30 AND 40 GROUP BY age;

# follows
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY  ROLLUP (sex);
SELECT COUNT(*) FROM patients;

# follows
SELECT sex, COUNT(*) FROM patients WHERE age > 4 GROUP BY sex;
SELECT COUNT(*) FROM patients WHERE sex = 'M' AND age > 4;

# follows
SELECT p.sex, COUNT(*), COUNT(DISTINCT v.patient_id), SUM(v.cost), COUNT(DISTINCT v.class), MEDIAN(v.cost) FROM visits v JOIN patients p USING (patient_id) GROUP BY p.sex;
SELECT COUNT(*), SUM(v.cost) FROM visits v JOIN patients p USING (patient_id);

# follows
SELECT p.sex, COUNT(*), COUNT(DISTINCT v.patient_id), SUM(v.cost), COUNT(DISTINCT v.class), MEDIAN(v.cost) FROM visits v JOIN patients p USING (patient_id) GROUP BY p.sex;
SELECT COUNT(DISTINCT v.patient_id) FROM visits v JOIN patients p USING (patient_id) WHERE p.sex IN ('F', 'M');

# follows
SELECT p.sex, COUNT(*), COUNT(DISTINCT v.patient_id), SUM(v.cost), COUNT(DISTINCT v.class), MEDIAN(v.cost) FROM visits v JOIN patients p USING (patient_id) GROUP BY p.sex;
SELECT COUNT(DISTINCT v.class), MEDIAN(v.cost) FROM visits v JOIN patients p USING (patient_id) WHERE p.sex = 'M';

# follows
SELECT arm, COUNT(*) FROM enrolled GROUP BY arm;
SELECT COUNT(*) FROM enrolled WHERE arm = 'b';

# follows
SELECT class, COUNT(*), COUNT(DISTINCT patient_id), SUM(cost) FROM visits GROUP BY class;
SELECT class, COUNT(DISTINCT patient_id) FROM visits WHERE class <> 'inpatient' GROUP BY 1;

# follows
SELECT p.sex, v.class, COUNT(*), COUNT(DISTINCT p.patient_id) FROM visits v JOIN patients p USING (patient_id) GROUP BY ALL;
SELECT v.class, COUNT(*) FROM visits v JOIN patients p USING (patient_id) WHERE p.sex = 'F' GROUP BY v.class;

# follows
WITH a AS (SELECT patient_id, class, cost, day FROM visits WHERE urgent) SELECT class, COUNT(*), SUM(cost) FROM a GROUP BY class;
WITH a AS (SELECT patient_id, class, cost, day FROM visits WHERE urgent) SELECT COUNT(*) FROM a WHERE class = 'emergency';

# follows
SELECT icu, COUNT(*), SUM(days), STDDEV(days), MEDIAN(days) FROM stays GROUP BY icu;
SELECT COUNT(*), SUM(days), STDDEV(days), MEDIAN(days) FROM stays;

# does not follow
SELECT class, COUNT(*), COUNT(DISTINCT patient_id), SUM(cost) FROM visits GROUP BY class;
SELECT COUNT(*) FROM visits;

# does not follow
SELECT class, COUNT(*), COUNT(DISTINCT patient_id), SUM(cost) FROM visits GROUP BY class;
SELECT COUNT(DISTINCT patient_id) FROM visits;

# does not follow
SELECT class, COUNT(*), COUNT(DISTINCT patient_id), SUM(cost) FROM visits GROUP BY class;
SELECT COUNT(*) FROM visits WHERE class IN ('emergency', 'inpatient');

# does not follow
SELECT p.sex, v.class, COUNT(*), COUNT(DISTINCT p.patient_id) FROM visits v JOIN patients p USING (patient_id) GROUP BY ALL;
SELECT p.sex, COUNT(*) FROM visits v JOIN patients p USING (patient_id) GROUP BY p.sex;

# does not follow
SELECT icu, COUNT(*), SUM(days), STDDEV(days), MEDIAN(days) FROM stays GROUP BY icu;
SELECT COUNT(DISTINCT patient_id) FROM stays;

# does not follow
SELECT p.sex, COUNT(*), COUNT(DISTINCT v.patient_id), SUM(v.cost), COUNT(DISTINCT v.class), MEDIAN(v.cost) FROM visits v JOIN patients p USING (patient_id) GROUP BY p.sex;
SELECT COUNT(DISTINCT v.class) FROM visits v JOIN patients p USING (patient_id);

# does not follow
SELECT age, COUNT(*), MEDIAN(age) FROM patients GROUP BY age;
SELECT COUNT(*) FROM patients;

# does not follow
SELECT age, COUNT(*), MEDIAN(age) FROM patients GROUP BY age;
SELECT COUNT(*) FROM patients WHERE age > 4 OR sex = 'F';

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM patients WHERE age > 4;

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT age_band(age, 10), COUNT(*) FROM patients GROUP BY 1;

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id);

# does not follow
SELECT sex, COUNT(*) FROM patients WHERE age > 4 GROUP BY sex;
SELECT COUNT(*) FROM patients;

# does not follow
SELECT sex, COUNT(*) FILTER (WHERE age > 4) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM patients;

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM stays;

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT SUM(age) FROM patients;

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT MEDIAN(age) FROM patients;

# does not follow
SELECT sex, COUNT(*), AVG(age) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM patients UNION ALL SELECT COUNT(*) FROM stays;

# does not follow
SELECT age, COUNT(*), MEDIAN(age) FROM patients GROUP BY age;
SELECT COUNT(*) FROM patients WHERE SQRT(age) > 3;

# does not follow
SELECT days, COUNT(*) FROM stays GROUP BY days;
SELECT days * 0.1, COUNT(*) FROM stays GROUP BY 1;

# does not follow
SELECT sex, COUNT(*) FROM patients GROUP BY sex;
SELECT COUNT(*) FROM patients WHERE REGEXP_EXTRACT(sex, 'F') = 'F';
