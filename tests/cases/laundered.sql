# redefined columns
SELECT SUM(cost) FROM (SELECT patient_id, cost * 1000000 AS cost FROM visits) v;
SELECT AVG(age) FROM (SELECT patient_id, age + 100000 AS age FROM patients) p;
WITH v AS (SELECT patient_id, class AS urgent, cost FROM visits) SELECT SUM(cost) FROM v;
WITH visits AS (SELECT patient_id, 1e9 AS cost FROM patients) SELECT SUM(cost) FROM visits;
SELECT SUM(x) FROM (SELECT patient_id, SUM(cost) AS x FROM visits GROUP BY patient_id) v;
SELECT sex, SUM(n) FROM (SELECT p.patient_id, p.sex, COUNT(*) AS n FROM patients p JOIN visits v USING (patient_id) GROUP BY ALL) q GROUP BY sex;
SELECT COUNT(*) FROM (SELECT patient_id + 1 AS patient_id FROM visits) v;
SELECT COUNT(*) FROM (SELECT 7 AS patient_id FROM visits) v;
SELECT COUNT(*) FROM (SELECT visit_id AS patient_id FROM visits) v;
SELECT COUNT(DISTINCT patient_id) FROM (SELECT relative_id AS patient_id FROM labs) l;
SELECT SUM(cost) FROM visits v(patient_id, cost);

# constants and conditions
SELECT SUM(CASE WHEN urgent THEN 1000000000 ELSE 0 END) FROM visits;
SELECT SUM(CASE WHEN free = 'x_1' THEN 1e12 END), COUNT(*) FROM visits;
SELECT class, SUM(CASE class WHEN 'emergency' THEN 1e9 ELSE -1e9 END) FROM visits GROUP BY 1;
SELECT SUM(999999999) FROM visits;
SELECT SUM(CAST(urgent AS INTEGER) * 100000) FROM visits;
SELECT AVG(COALESCE(cost, 1000000)) FROM visits;
SELECT SUM(NULLIF(cost, 5) + GREATEST(cost, 10000)) FROM visits;
SELECT SUM(cost) FILTER (WHERE cost > 5), SUM(CASE WHEN cost > 5 THEN cost END) FROM visits;

# NaN, NULL and infinity
SELECT SUM(CLAMP(cost / 0, 0, 10)) FROM visits;
SELECT SUM(CLAMP(cost / (cost - cost), 0, 10)), COUNT(cost / 0) FROM visits;
SELECT AVG(CLAMP(raw / (raw - 7), -3, 3)) FROM labs;
SELECT SUM(CLAMP((raw / 1e-12) * (raw / 1e-12) * (raw / 1e-12) * raw, -5, 5)) FROM labs;
SELECT SUM(CLAMP(raw / 1e-12 * raw / 1e-12 * 0, -5, 5)) FROM labs;
SELECT SUM(CAST('nan' AS DOUBLE)), SUM('infinity'::DOUBLE) FROM visits;
SELECT SUM(CLAMP(cost, -1e400, 1e400)) FROM visits;
SELECT SUM(CLAMP(cost, 0, NULL)) FROM visits;
SELECT SUM(NULL), AVG(NULL) FROM visits;
SELECT SUM(CLAMP(CAST(NULL AS DOUBLE), 0, 1)) FROM visits;

# casts and rounding
SELECT SUM(CAST(cost AS INTEGER)) FROM visits;
SELECT SUM(CAST(cost * 1000000 AS BIGINT)) FROM visits;
SELECT SUM(ROUND(cost, -3)), SUM(ROUND(cost / 7, 5)) FROM visits;
SELECT SUM(cost % 7), SUM(cost // 0.3), SUM(-cost) FROM visits;
SELECT SUM(ABS(CLAMP(raw, -9e15, 9e15))) FROM labs;
SELECT SUM(CLAMP(raw, -9e18, 9e18)) FROM labs;
SELECT SUM(value * value * value) FROM labs;
SELECT SUM(age_band(cost, 7) * 2.5) FROM visits;

# fan-out
SELECT COUNT(*), SUM(a.cost) FROM visits a JOIN visits b USING (patient_id);
SELECT a.class, COUNT(*) FROM visits a JOIN visits b USING (patient_id) GROUP BY a.class;
SELECT a.class, b.class, SUM(a.cost - b.cost), COUNT(DISTINCT a.patient_id) FROM visits a JOIN visits b USING (patient_id) GROUP BY 1, 2;
SELECT p.sex, COUNT(*) FROM patients p JOIN visits v USING (patient_id) JOIN stays s USING (patient_id) GROUP BY 1;
SELECT SUM(p.age) FROM patients p JOIN visits v USING (patient_id);
SELECT SUM(p.age) FROM patients p LEFT JOIN visits v USING (patient_id);
SELECT COUNT(*) FROM patients p JOIN codes c ON TRUE;
SELECT c.part, COUNT(*) FROM visits v JOIN codes c ON c.weight >= 0 GROUP BY c.part;
SELECT COUNT(*) FROM visits v JOIN labs l ON v.visit_id = l.visit_id;
SELECT COUNT(*) FROM visits v JOIN labs l ON v.class = l.code;
SELECT COUNT(*) FROM visits v JOIN patients p ON p.patient_id = v.patient_id OR v.urgent;
SELECT COUNT(*) FROM patients p JOIN labs l ON p.patient_id = l.relative_id;
SELECT COUNT(*) FROM visits v RIGHT JOIN patients p USING (patient_id);
SELECT COUNT(*) FROM visits v FULL JOIN labs l USING (patient_id);
SELECT COUNT(*) FROM visits POSITIONAL JOIN labs;
SELECT COUNT(*) FROM visits v ASOF JOIN labs l ON v.patient_id = l.patient_id AND v.cost >= l.raw;
SELECT COUNT(*), UNNEST([1, 2, 3]) FROM visits GROUP BY 2;

# nested and distinct
SELECT SUM(COUNT(*)) FROM visits;
SELECT COUNT(*) FROM (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) q;
SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM visits) q;
SELECT COUNT(*) FROM (SELECT DISTINCT class FROM visits) q;
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, class FROM visits) q;
SELECT COUNT(DISTINCT class), COUNT(DISTINCT cost) FROM visits;
SELECT COUNT(DISTINCT (patient_id, class)) FROM visits;
SELECT SUM(DISTINCT cost) FROM visits;
SELECT class, COUNT(DISTINCT patient_id), COUNT(*) FROM visits GROUP BY class;
SELECT COUNT(DISTINCT visit_id) FROM visits;
SELECT MAX(cost), MIN(cost), MEDIAN(cost) FROM visits;
SELECT VAR_SAMP(cost), STDDEV(cost), CORR(cost, cost) FROM visits;
SELECT PRODUCT(cost), GEOMEAN(cost), BIT_XOR(raw), ENTROPY(class) FROM visits;

# sets
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION SELECT patient_id FROM labs) q;
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION ALL SELECT patient_id FROM visits UNION ALL SELECT patient_id FROM labs) q;
SELECT COUNT(*) FROM (SELECT class FROM visits EXCEPT SELECT sex FROM patients) q;
SELECT COUNT(*) FROM (SELECT patient_id FROM visits INTERSECT ALL SELECT patient_id FROM labs) q;
SELECT COUNT(*) FROM visits UNION SELECT COUNT(*) FROM labs;

# windows
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (ORDER BY cost) AS r FROM visits) q WHERE r < 10;
SELECT SUM(LAG(cost) OVER (ORDER BY day)) FROM visits;
SELECT COUNT(*) FROM (SELECT patient_id, RANK() OVER (PARTITION BY class ORDER BY cost) AS r FROM visits) q WHERE r = 1;
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS r FROM visits) q WHERE r = 1;
SELECT COUNT(*) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id) AS s FROM visits) q WHERE s > 100;
SELECT COUNT(*) FROM visits QUALIFY COUNT(*) OVER () > 100;
SELECT NTILE(2) OVER (ORDER BY age), COUNT(*) FROM patients GROUP BY 1;

# sub-queries
SELECT COUNT(*) FROM visits WHERE cost > (SELECT AVG(cost) FROM visits);
SELECT COUNT(*) FROM patients p WHERE (SELECT COUNT(*) FROM visits) > 1000;
SELECT COUNT(*) FROM patients p WHERE (SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id) > 40;
SELECT COUNT(*) FROM patients WHERE EXISTS (SELECT 1 FROM visits WHERE cost = 1);
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id AND v.urgent);
SELECT COUNT(*) FROM patients p WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.patient_id <> p.patient_id);
SELECT COUNT(*) FROM patients WHERE age IN (SELECT weight FROM codes);
SELECT COUNT(*) FROM patients WHERE age IN (SELECT days FROM stays);
SELECT COUNT(*) FROM patients WHERE patient_id IN (SELECT patient_id FROM visits);
SELECT COUNT(*) FROM patients WHERE patient_id NOT IN (SELECT relative_id FROM labs);
SELECT COUNT(*) FROM patients WHERE age > ALL (SELECT days FROM stays);
SELECT SUM((SELECT MAX(cost) FROM visits)) FROM patients;
SELECT COUNT(*) FROM (SELECT * FROM visits ORDER BY cost DESC LIMIT 1) q;
SELECT COUNT(*) FROM (SELECT * FROM visits LIMIT 5) q;
SELECT COUNT(*) FROM patients p, LATERAL (SELECT 1 FROM visits v WHERE v.cost > p.age) q;

# true values in HAVING
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING SUM(cost) > 3;
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING MAX(cost) > 3;
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING cost > 3;
SELECT class, COUNT(*) FROM visits GROUP BY class ORDER BY SUM(cost) LIMIT 1;
SELECT class, COUNT(*) FROM visits GROUP BY class ORDER BY MAX(cost) LIMIT 1;
SELECT COUNT(*) FROM visits GROUP BY ROLLUP (class, urgent);
SELECT class, GROUPING(class), COUNT(*) FROM visits GROUP BY CUBE (class);

# an aggregate that nobody asks for is still one row
SELECT COUNT(*) FROM patients p CROSS JOIN (SELECT COUNT(*) AS n FROM codes) c;
SELECT COUNT(*), SUM(p.age) FROM patients p JOIN (SELECT COUNT(*) AS n, MAX(weight) AS m FROM codes) c ON TRUE JOIN (SELECT SUM(weight) AS s FROM codes) d ON TRUE;
SELECT COUNT(*) FROM patients p, (SELECT x.n FROM (SELECT COUNT(*) AS n FROM codes GROUP BY ALL) x) c;
SELECT SUM((SELECT COUNT(*) FROM (SELECT COUNT(*) AS n FROM visits v WHERE v.patient_id = p.patient_id) x)) FROM patients p;

# rounding of doubles beyond the proved ends makes no more groups of one patient
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, CEIL(cost / 1000 - 1 + 0.1 + 0.2 - 0.3) AS c FROM visits) v;
SELECT COUNT(*) FROM (SELECT patient_id, -FLOOR(1 - cost / 1000 - 0.1 - 0.2 + 0.3) AS c FROM visits GROUP BY 1, 2) v;
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, CAST(cost / 1000 * 0.5 + 0.1 + 0.2 - 0.3 AS INTEGER) AS c FROM visits) v;
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, age_band(1 - cost / 1000 - 0.1 - 0.2 + 0.3, 1) AS c FROM visits) v;
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, CAST(cost / 1000 * 0.5 + 0.1 + 0.2 - 0.3 AS DECIMAL(3, 0)) AS c FROM visits) v;

# images of categories that Python and DuckDB compute
SELECT COUNT(*) FROM (SELECT patient_id, REGEXP_REPLACE(class, '[a-z]??', 'z', 'g') AS c FROM visits GROUP BY 1, 2) v;
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, REGEXP_REPLACE(class, '\w*?', '', 'g') AS c FROM visits) v;
