# what looks constant for a unit, and is not
SELECT COALESCE(p.sex, 'none'), COUNT(*) FROM visits v LEFT JOIN patients p ON v.patient_id = p.patient_id AND v.urgent GROUP BY 1;
SELECT p.patient_id IS NULL, COUNT(*) FROM visits v LEFT JOIN patients p ON v.patient_id = p.patient_id AND v.urgent GROUP BY 1;
SELECT COALESCE(e.arm, 'none'), COUNT(*) FROM visits v LEFT JOIN patients p ON v.patient_id = p.patient_id AND v.urgent LEFT JOIN enrolled e ON e.patient_id = p.patient_id GROUP BY 1;
SELECT e.patient_id IS NULL, COUNT(*) FROM visits v LEFT JOIN patients p ON v.patient_id = p.patient_id AND v.urgent LEFT JOIN enrolled e ON e.patient_id = p.patient_id GROUP BY 1;
SELECT e.patient_id = v.patient_id, COUNT(*) FROM visits v LEFT JOIN stays s ON v.patient_id = s.patient_id AND v.cost > s.days LEFT JOIN enrolled e ON e.patient_id = s.patient_id GROUP BY 1;
SELECT CASE WHEN v.urgent THEN p.sex ELSE 'none' END, COUNT(*) FROM visits v JOIN patients p USING (patient_id) GROUP BY 1;
SELECT CASE WHEN v.urgent IS NULL THEN 1 WHEN p.age > 20 THEN 2 ELSE 3 END, COUNT(*) FROM visits v JOIN patients p USING (patient_id) GROUP BY 1;
SELECT COALESCE(v.class, p.sex), COUNT(*) FROM visits v JOIN patients p USING (patient_id) GROUP BY 1;
SELECT p.sex IN (v.class, 'F'), COUNT(*) FROM visits v JOIN patients p USING (patient_id) GROUP BY 1;
SELECT c.part, COUNT(*) FROM patients p JOIN codes c ON c.weight > 3 OR c.weight IS NULL GROUP BY 1;
SELECT c.part, c.weight, SUM(p.age) FROM patients p JOIN codes c ON p.age > c.weight OR TRUE GROUP BY 1, 2;
SELECT s.icu, p.sex, COUNT(*) FROM stays s JOIN patients p USING (patient_id) GROUP BY 1, 2;

# rows that multiply
SELECT v.class, COUNT(*), SUM(p.age) FROM patients p JOIN visits v ON p.patient_id = v.patient_id AND v.visit_id = v.visit_id GROUP BY 1;
SELECT COUNT(*), SUM(s.days) FROM stays s JOIN stays r USING (patient_id);
SELECT s.icu, r.icu, COUNT(*), SUM(s.days - r.days) FROM stays s LEFT JOIN stays r ON s.patient_id = r.patient_id AND s.days <> r.days GROUP BY 1, 2;
SELECT COUNT(*), SUM(s.days) FROM stays s JOIN codes c ON s.days >= c.weight OR s.days IS NULL OR c.weight IS NULL;
SELECT COUNT(*), SUM(s.days) FROM stays s JOIN codes c ON c.code = c.code;
SELECT COUNT(*) FROM patients p LEFT JOIN codes c ON p.age > c.weight;
SELECT COUNT(*), AVG(l.value), SUM(c.weight) FROM labs l JOIN codes c ON l.code = c.code;
SELECT COUNT(*), COUNT(DISTINCT l.patient_id) FROM codes c JOIN labs l ON c.code = l.code OR TRUE;
SELECT COUNT(*), SUM(v.cost) FROM labs l JOIN visits v ON l.visit_id = v.visit_id;
SELECT COUNT(*), SUM(v.cost) FROM labs l LEFT JOIN visits v ON l.visit_id = v.visit_id;
SELECT COUNT(DISTINCT patient_id), COUNT(*), SUM(days), AVG(days) FROM stays;
SELECT icu, COUNT(DISTINCT patient_id), COUNT(*) FROM stays GROUP BY icu;
SELECT COUNT(DISTINCT e.patient_id), COUNT(DISTINCT p.patient_id) FROM patients p LEFT JOIN enrolled e USING (patient_id);

# NULL where the declaration says that there is none
SELECT COUNT(e.score), SUM(e.score), AVG(e.score), COUNT(*) FROM patients p LEFT JOIN enrolled e USING (patient_id);
SELECT e.arm, COUNT(*) FROM patients p LEFT JOIN enrolled e USING (patient_id) GROUP BY e.arm;
SELECT p.sex, AVG(e.score + p.age) FROM patients p LEFT JOIN enrolled e USING (patient_id) GROUP BY p.sex;
SELECT e.arm = 'a', COUNT(*) FROM patients p LEFT JOIN enrolled e ON e.patient_id = p.patient_id AND p.age > 17 GROUP BY 1;
SELECT AVG(value), COUNT(*), COUNT(value) FROM labs;

# numbers that an engine's INTEGER or BIGINT does not hold
SELECT SUM(CLAMP((CASE WHEN urgent THEN 99999 ELSE 0 END) * (CASE WHEN urgent THEN 99999 ELSE 1 END), 0, 50)) FROM visits;
SELECT SUM((CASE WHEN urgent THEN 2147483647 ELSE 0 END) + CASE WHEN urgent THEN 2147483647 ELSE 1 END) FROM visits;
SELECT AVG(CASE WHEN urgent THEN 2147483647 WHEN class = 'inpatient' THEN -2147483647 END) FROM visits;
SELECT SUM(-(CASE WHEN urgent THEN 2147483647 ELSE -2147483647 END) * 3) FROM visits;
SELECT COUNT(*) FROM labs WHERE -raw > 3 OR ABS(raw) > 5 OR raw * raw * raw > 1 OR raw - raw * raw > 1;
SELECT COUNT(*) FROM labs WHERE raw // 3 > 1 OR raw // 0.3 > 1 OR raw % 7 = 3 OR raw % 0.3 = 0.1;
SELECT COUNT(*) FROM labs WHERE raw > 0.000000000001 OR raw + 0.000001 > 5 OR raw IN (0.5, 7);
SELECT COUNT(*) FROM labs WHERE FLOOR(raw / 0.0000000001) > 3 OR ROUND(raw, -3) > 0 OR ROUND(raw * 1.5, 2) > 0;
SELECT COUNT(*) FROM labs WHERE FLOOR(raw * 0.3) > 3 OR age_band(raw, 7) > 1 OR age_band(raw * 0.5, 0.3) > 1;
SELECT COUNT(*) FROM labs WHERE GREATEST(raw, 0.000001) > 3 OR CASE WHEN raw > 5 THEN raw ELSE 0.000001 END > 1;
SELECT COUNT(*) FROM labs WHERE raw * 1000000 * 1000000 > 5 OR COALESCE(raw, 0.001) = 7;
SELECT SUM(CLAMP(raw * raw * raw, -5, 5)), AVG(CLAMP(raw, -1, 1)), SUM(CLAMP(-raw, -1000000, 1000000)) FROM labs;
SELECT SUM(raw % 10), AVG(ABS(raw) % 0.5), SUM((raw // 1000) % 3) FROM labs;

# doubles
SELECT SUM(CLAMP(cost / (cost - cost), 0, 5)), SUM(CLAMP(raw / (raw - 7), 0, 5)) FROM labs JOIN visits USING (patient_id);
SELECT AVG(cost / 3), SUM(cost / (age + 0.5)), AVG(CLAMP(age / cost, -1, 1)) FROM visits JOIN patients USING (patient_id);
SELECT AVG(CLAMP(raw / 0.000001 * raw / 0.000001 * raw / 0.000001 * raw, 0, 1)) FROM labs;
SELECT SUM(FLOOR(CLAMP(raw / 3, -9, 9))), SUM(ROUND(cost / 3, 1)) FROM labs JOIN visits USING (patient_id);

# texts and categories
SELECT class, COUNT(*) FILTER (WHERE class = 'no such'), COUNT(*) FILTER (WHERE class <> 'no such') FROM visits GROUP BY class;
SELECT class IN ('no such', 'emergency', NULL), COUNT(*) FROM visits GROUP BY 1;
SELECT COUNT(*) FROM visits WHERE class > 'd' OR class LIKE '%\%' OR free = '{0}' OR free = 'it''s' OR free ILIKE 'Ä%';
SELECT NULLIF(class, 'inpatient') = 'emergency', COUNT(*) FROM visits GROUP BY 1;
SELECT CASE class WHEN 'no such' THEN 1 WHEN 'emergency' THEN 2 END, COUNT(*) FROM visits GROUP BY 1;
SELECT c.part = 'it''s {0}', LOWER(c.part) = 'ärm', COUNT(*) FROM labs l JOIN codes c ON l.code = c.code GROUP BY 1, 2;
SELECT UPPER(sex), LOWER(class), COUNT(*) FROM visits JOIN patients USING (patient_id) GROUP BY 1, 2;
SELECT class = sex, class < sex, COUNT(*) FROM visits JOIN patients USING (patient_id) GROUP BY 1, 2;
SELECT CASE WHEN urgent THEN 'a{0}''b' ELSE class END, COUNT(*) FROM visits GROUP BY 1;
SELECT COUNT(*) FROM visits WHERE LENGTH(free) > 3 OR free IS NULL OR class IN ();

# dates at the ends of the calendar
SELECT COUNT(*) FROM labs WHERE noted + INTERVAL 100000 YEAR > noted OR noted - INTERVAL 100000 DAY < noted;
SELECT COUNT(*) FROM labs WHERE noted = at OR noted < at OR at >= TIMESTAMP '2024-12-31 23:59:59';
SELECT COUNT(*) FROM labs WHERE DATE_TRUNC('week', noted) < noted OR DATE_TRUNC('quarter', at) = DATE '2024-01-01';
SELECT COUNT(*) FROM labs WHERE noted - CAST(at AS DATE) > 30 OR DATE_DIFF('day', at, noted) > 5 OR YEAR(noted) > 9998;
SELECT DATE_TRUNC('month', at), HOUR(at), COUNT(*) FROM labs GROUP BY 1, 2;
SELECT WEEK(day), DAYOFWEEK(day), COUNT(*) FROM visits GROUP BY 1, 2;
SELECT YEAR(day + INTERVAL 13 MONTH), COUNT(*) FROM visits GROUP BY 1;
SELECT AVG(day - DATE '2024-01-01'), SUM(CLAMP(DATE_DIFF('day', DATE '2025-01-01', noted), -9, 9)) FROM visits JOIN labs USING (patient_id);

# outer joins on a unit that is there in some rows only
SELECT COALESCE(p.sex, 'none'), COUNT(*) FROM (SELECT v.patient_id AS a, l.patient_id AS b FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id AND l.value > 0) x RIGHT JOIN patients p ON p.patient_id = x.b GROUP BY 1;
SELECT COALESCE(x.s, 'none'), COUNT(*) FROM (SELECT l.patient_id AS u, p.sex AS s FROM patients p LEFT JOIN labs l ON l.patient_id = p.patient_id AND l.value > 0) x RIGHT JOIN (SELECT v.patient_id AS u, l.patient_id AS b FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id AND v.urgent) y ON x.u = y.b GROUP BY 1;
SELECT p.sex, COUNT(*) FROM enrolled e FULL JOIN patients p ON e.patient_id = p.patient_id FULL JOIN visits v ON v.patient_id = e.patient_id GROUP BY 1;
SELECT s, COUNT(*) FROM (SELECT patient_id, sex AS s FROM patients) a JOIN (VALUES ('F'), ('M')) b(s) USING (s) RIGHT JOIN visits v ON v.patient_id = a.patient_id AND v.urgent GROUP BY s;
SELECT s IS NULL, COUNT(*), COUNT(s) FROM (SELECT patient_id, arm AS s FROM enrolled) a JOIN (VALUES ('a'), ('b')) b(s) USING (s) FULL JOIN visits v ON v.patient_id = a.patient_id AND v.urgent GROUP BY 1;

# NULL in some rows
SELECT u IS NULL, COUNT(*) FROM (SELECT patient_id AS u, cost FROM visits UNION ALL SELECT NULL AS u, cost FROM visits) GROUP BY 1;
SELECT m IS NULL, COUNT(*) FROM (SELECT v.patient_id, class, MAX(p.age) FILTER (WHERE class = 'emergency') AS m FROM visits v JOIN patients p USING (patient_id) GROUP BY v.patient_id, class) GROUP BY 1;
SELECT m IS NULL, COUNT(*) FROM (SELECT v.patient_id, class, ARG_MAX(p.age, v.cost) AS m FROM visits v JOIN patients p USING (patient_id) GROUP BY v.patient_id, class) GROUP BY 1;

# statements that the engine could refuse
SELECT AVG(n) FROM (SELECT patient_id, COUNT_IF(urgent) FILTER (WHERE cost > 100) AS n FROM visits GROUP BY patient_id);
SELECT AVG(n) FROM (SELECT COUNT_IF(urgent) FILTER (WHERE cost > 100) OVER (PARTITION BY patient_id) AS n, patient_id FROM visits);
SELECT COUNT(*) FROM (SELECT patient_id, sex FROM patients QUALIFY age > 17);
SELECT SUM(CLAMP((SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id) * (SELECT SUM(l.raw) FROM labs l WHERE l.patient_id = p.patient_id) * 3, 0, 9)) FROM patients p;
SELECT MEDIAN(CLAMP((SELECT AVG(v.cost) FROM visits v WHERE v.patient_id = p.patient_id) / (SELECT COUNT(*) FROM labs l WHERE l.patient_id = p.patient_id), 0, 100)) FROM patients p;
SELECT COUNT(*) FROM patients p WHERE ROUND((SELECT MAX(l.raw) FROM labs l WHERE l.patient_id = p.patient_id) * p.age * 1000000000) > 3;
SELECT AVG(n) FROM (SELECT v.patient_id, SUM(CLAMP((SELECT SUM(l.raw) FROM labs l WHERE l.patient_id = v.patient_id) * v.cost, 0, 5)) AS n FROM visits v GROUP BY v.patient_id);
SELECT COUNT(*) FROM visits v WHERE CASE WHEN EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = v.patient_id AND l.value > v.cost) THEN v.cost * 1000000 * 1000000 * 1000000 END > 3;
SELECT COUNT(DISTINCT code) FROM (SELECT patient_id, code FROM labs QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id) <= 3);
SELECT urgent, COUNT(DISTINCT class) FROM (SELECT patient_id, class, urgent FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id, class) <= 3) GROUP BY urgent;
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id) AS n FROM visits QUALIFY urgent);

# domains that are too small
SELECT COUNT(*) FROM (SELECT patient_id, DATE_DIFF('day', DATE_TRUNC('week', d), d) AS k FROM (SELECT v.patient_id, c.d FROM visits v JOIN (VALUES (DATE '2024-02-26'), (DATE '2024-02-27'), (DATE '2024-02-28'), (DATE '2024-02-29')) AS c(d) ON TRUE) GROUP BY 1, 2);
SELECT COUNT(*) FROM (SELECT patient_id, DATE_TRUNC('decade', day) - DATE '2020-01-01' AS k, COUNT(*) AS n FROM visits GROUP BY 1, 2);

# rows per unit that look like one, and are not
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id, class) AS n FROM visits) WHERE n = 1;
SELECT COUNT(*) FROM (SELECT patient_id, RANK() OVER (PARTITION BY patient_id ORDER BY class) AS n FROM visits) WHERE n <= 2;
SELECT COUNT(*), SUM(x.n) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id) AS n FROM visits) x LEFT JOIN stays s ON s.patient_id = x.patient_id WHERE x.n < 3;
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id) AS n FROM visits) x RIGHT JOIN stays s ON s.patient_id = x.patient_id WHERE x.n = 1 OR x.n IS NULL;
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id) AS n FROM visits) x FULL JOIN (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id) AS n FROM labs) y ON y.patient_id = x.patient_id WHERE x.n = 1 AND y.n <= 2;
SELECT COUNT(*), AVG(cost) FROM (SELECT * FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) = 1);
SELECT COUNT(*) FROM (SELECT patient_id, class FROM visits GROUP BY 1, 2 HAVING COUNT(*) > 1);
SELECT COUNT(*), SUM(k) FROM (SELECT patient_id, CASE WHEN cost > 500 THEN 1 WHEN cost > 100 THEN 0 END AS k FROM visits GROUP BY 1, 2);
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, urgent, class FROM visits);
SELECT COUNT(*) FROM (SELECT patient_id FROM enrolled UNION ALL SELECT patient_id FROM enrolled UNION ALL SELECT patient_id FROM patients);
SELECT k, COUNT(*) FROM (SELECT patient_id, 'a' AS k FROM enrolled UNION ALL SELECT patient_id, 'b' AS k FROM patients) GROUP BY k;
SELECT c.part, COUNT(*), COUNT(DISTINCT p.patient_id) FROM patients p JOIN (VALUES ('blood'), ('none')) AS c(part) ON TRUE GROUP BY 1;
SELECT COUNT(*) FROM (SELECT v.patient_id, l.value FROM visits v FULL JOIN labs l ON v.patient_id = l.patient_id AND v.visit_id = l.visit_id);
SELECT COUNT(*) FROM enrolled e FULL JOIN stays s ON e.patient_id = s.patient_id AND s.icu;
SELECT s.icu, COUNT(*), SUM(s.days) FROM enrolled e RIGHT JOIN stays s ON e.patient_id = s.patient_id AND s.days > 3 GROUP BY 1;

# sub-queries, and whose rows they read
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id AND v.cost > 100);
SELECT COUNT(*) FROM patients p WHERE NOT EXISTS (SELECT 1 FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id WHERE l.patient_id = p.patient_id);
SELECT COUNT(*) FROM patients p WHERE p.patient_id NOT IN (SELECT patient_id FROM visits WHERE urgent);
SELECT EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = v.patient_id), COUNT(*) FROM visits v GROUP BY 1;
SELECT EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = v.patient_id AND l.value > v.cost), COUNT(*) FROM visits v GROUP BY 1;
SELECT v.class IN (SELECT w.class FROM visits w WHERE w.patient_id = v.patient_id AND w.urgent), COUNT(*) FROM visits v GROUP BY 1;
SELECT v.class NOT IN (SELECT w.class FROM visits w WHERE w.patient_id = v.patient_id AND w.urgent), COUNT(*) FROM visits v GROUP BY 1;
SELECT (SELECT COUNT(*) FROM labs l WHERE l.patient_id = v.patient_id) > 2, COUNT(*), SUM(v.cost) FROM visits v GROUP BY 1;
SELECT AVG((SELECT MAX(l.value) FROM labs l WHERE l.patient_id = p.patient_id)) FROM patients p;
SELECT SUM((SELECT COUNT(*) FROM visits w WHERE w.patient_id = v.patient_id AND w.cost > v.cost)) FROM visits v;
SELECT COUNT(*) FROM visits v WHERE v.patient_id IN (SELECT s.patient_id FROM stays s WHERE EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = s.patient_id));
SELECT COUNT(*) FROM visits v WHERE v.patient_id IN (SELECT s.patient_id FROM stays s WHERE EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = v.patient_id AND l.value > v.cost));
SELECT COUNT(*) FROM visits v SEMI JOIN labs l ON l.patient_id = v.patient_id AND l.value > 0 ANTI JOIN stays s ON s.patient_id = v.patient_id;
SELECT COUNT(*) FROM labs l WHERE l.code IN (SELECT code FROM codes WHERE weight > 3) OR l.code NOT IN (SELECT part FROM codes);
SELECT s.k, COUNT(*) FROM (SELECT v.patient_id, (SELECT COUNT(*) FROM labs l WHERE l.patient_id = v.patient_id AND l.value > v.cost) > 0 AS k FROM visits v) s GROUP BY 1;

# windows over the rows of one unit
SELECT AVG(CLAMP(g, -50, 400)) FROM (SELECT patient_id, DATE_DIFF('day', LAG(day) OVER (PARTITION BY patient_id ORDER BY day), day) AS g FROM visits);
SELECT f, COUNT(*) FROM (SELECT patient_id, FIRST_VALUE(class) OVER (PARTITION BY patient_id ORDER BY day) AS f FROM visits) GROUP BY f;
SELECT f IS NULL, COUNT(*) FROM (SELECT patient_id, FIRST_VALUE(patient_id) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS f FROM visits) GROUP BY 1;
SELECT u IS NULL, COUNT(*) FROM (SELECT patient_id, LAG(patient_id) OVER (PARTITION BY patient_id ORDER BY day) AS u FROM visits) GROUP BY 1;
SELECT s > 1, COUNT(*) FROM (SELECT v.patient_id, SUM(p.age) OVER (PARTITION BY v.patient_id ORDER BY v.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS s FROM visits v JOIN patients p USING (patient_id)) GROUP BY 1;
SELECT m IS NULL, COUNT(*) FROM (SELECT v.patient_id, MAX(p.age) OVER (PARTITION BY v.patient_id, v.urgent) AS m FROM visits v JOIN patients p USING (patient_id)) GROUP BY 1;
SELECT AVG(n) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY cost) AS n FROM visits);

# vectors that move in many places
SELECT MEDIAN(cost), QUANTILE_CONT(cost, [0.1, 0.9]), MIN(cost), MAX(cost) FROM visits;
SELECT class, MEDIAN(days), COUNT(DISTINCT days) FROM visits JOIN stays USING (patient_id) GROUP BY class;
SELECT class, HISTOGRAM(cost, [0, 100, 500]) FROM visits GROUP BY class;
SELECT COUNT(DISTINCT code), COUNT(DISTINCT visit_id), COUNT(DISTINCT value) FROM labs;
SELECT class, COUNT(DISTINCT visit_id), COUNT(DISTINCT day) FROM visits GROUP BY class;
SELECT VAR_SAMP(cost), STDDEV(cost), CORR(age, cost), REGR_SLOPE(cost, age), COVAR_POP(age, cost) FROM visits JOIN patients USING (patient_id);
SELECT sex, class, COUNT(*), AVG(cost) FROM visits JOIN patients USING (patient_id) GROUP BY CUBE (sex, class);

# picks, texts and moments of one unit's rows
SELECT class, COUNT(*) FROM (SELECT patient_id, FIRST(class ORDER BY day DESC, cost) AS class FROM visits GROUP BY patient_id) GROUP BY class;
SELECT class, COUNT(*), SUM(cost) FROM (SELECT patient_id, urgent, LAST(class ORDER BY cost NULLS FIRST) FILTER (WHERE cost > 2) AS class, ANY_VALUE(cost) AS cost FROM visits GROUP BY patient_id, urgent) GROUP BY class;
SELECT sex, COUNT(*) FROM (SELECT v.patient_id, v.class, ANY_VALUE(p.sex) FILTER (WHERE v.urgent) AS sex FROM visits v JOIN patients p USING (patient_id) GROUP BY 1, 2) GROUP BY sex;
SELECT class, COUNT(*) FROM (SELECT patient_id, MODE(class) AS class FROM visits GROUP BY patient_id) GROUP BY class;
SELECT m, t, COUNT(*) FROM (SELECT patient_id, MODE(3) AS m, MODE('x') AS t FROM visits GROUP BY patient_id) WHERE t = 'x' GROUP BY m, t;
SELECT t, f, COUNT(*) FROM (SELECT patient_id, STRING_AGG(DISTINCT 'a', '+' ORDER BY 'a') AS t, FIRST(class ORDER BY 'x', DATE '2024-01-01', cost) AS f, LAST(urgent ORDER BY NULL) FROM visits GROUP BY patient_id) GROUP BY t, f;
SELECT classes, COUNT(*) FROM (SELECT patient_id, urgent, STRING_AGG(DISTINCT class, '+' ORDER BY class) AS classes FROM visits GROUP BY patient_id, urgent) GROUP BY classes;
SELECT kinds LIKE '%a,%', COUNT(*) FROM (SELECT patient_id, class, STRING_AGG(sex, 'a,' ORDER BY day) AS kinds FROM visits JOIN patients USING (patient_id) GROUP BY patient_id, class) GROUP BY 1;
SELECT AVG(CLAMP(s, 0, 9)), AVG(CLAMP(v, 0, 90)), COUNT(v) FROM (SELECT patient_id, class, STDDEV_SAMP(cost) AS s, VAR_POP(cost) FILTER (WHERE urgent) AS v FROM visits GROUP BY patient_id, class);
SELECT SUM(CLAMP(b, -5, 5)), AVG(r) FROM (SELECT patient_id, REGR_SLOPE(cost, CAST(urgent AS INTEGER)) AS b, CORR(cost, cost) AS r FROM visits GROUP BY patient_id);
SELECT tile, COUNT(*), SUM(share) FROM (SELECT patient_id, NTILE(3) OVER (PARTITION BY patient_id ORDER BY cost) AS tile, PERCENT_RANK() OVER (PARTITION BY patient_id ORDER BY cost) AS share FROM visits) GROUP BY tile;
SELECT COUNT(*) FILTER (WHERE second > 3), SUM(upto) FROM (SELECT patient_id, NTH_VALUE(cost, 2) OVER (PARTITION BY patient_id ORDER BY day, cost) AS second, CUME_DIST() OVER (PARTITION BY patient_id ORDER BY day) AS upto FROM visits);
SELECT SUM(m), COUNT_IF(any_urgent) FROM (SELECT patient_id, MEDIAN(cost) OVER (PARTITION BY patient_id, class) AS m, BOOL_OR(urgent) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS any_urgent FROM visits);

# sets of rows, picks by a sub-query, LATERAL and ASOF
SELECT class, COUNT(*) FROM (SELECT patient_id, class FROM visits UNION SELECT patient_id, class FROM visits WHERE urgent) GROUP BY class;
SELECT class, COUNT(*) FROM (SELECT patient_id, class FROM visits WHERE urgent INTERSECT SELECT patient_id, class FROM visits WHERE NOT urgent) GROUP BY class;
SELECT class, COUNT(*) FROM (SELECT patient_id, class FROM visits EXCEPT SELECT patient_id, class FROM visits WHERE urgent) GROUP BY class;
SELECT COUNT(*), SUM(cost) FROM (SELECT patient_id, cost, day FROM visits WHERE urgent INTERSECT SELECT patient_id, cost, day FROM visits WHERE class = 'inpatient');
SELECT COUNT(*), SUM(cost) FROM (SELECT patient_id, cost, day FROM visits EXCEPT SELECT patient_id, cost, day FROM visits WHERE urgent);
SELECT COUNT(*) FROM (SELECT patient_id FROM labs EXCEPT SELECT patient_id FROM visits WHERE cost > 3);
SELECT COUNT(*), SUM((SELECT v.cost FROM visits v WHERE v.patient_id = s.patient_id AND v.cost >= s.days ORDER BY v.cost DESC, v.day LIMIT 1)) FROM stays s;
SELECT (SELECT p.sex FROM patients p WHERE p.patient_id = v.patient_id) AS sex, COUNT(*) FROM visits v GROUP BY sex;
SELECT COUNT(*), SUM(l.cost) FROM stays s CROSS JOIN LATERAL (SELECT v.cost FROM visits v WHERE v.patient_id = s.patient_id AND v.cost > s.days ORDER BY v.day LIMIT 1) l;
SELECT l.class, COUNT(*), SUM(LEAST(k, 2)) FROM patients p LEFT JOIN LATERAL (SELECT MAX(v.class) AS class, COUNT(*) AS k FROM visits v WHERE v.patient_id = p.patient_id) l ON TRUE GROUP BY 1;
SELECT v.class, COUNT(*), SUM(s.days) FROM visits v ASOF JOIN stays s ON v.patient_id = s.patient_id AND v.cost >= s.days GROUP BY v.class;
SELECT COUNT(*), COUNT(s.days), SUM(s.days) FROM visits v ASOF LEFT JOIN stays s ON v.patient_id = s.patient_id AND v.cost < s.days;
SELECT class, COUNT(*), SUM(cost) FROM (SELECT DISTINCT ON (patient_id, class) patient_id, class, cost FROM visits ORDER BY patient_id, class, cost DESC) GROUP BY class;
SELECT COUNT(*), SUM(n) FROM (SELECT patient_id, r, COUNT(*) AS n FROM (SELECT patient_id, SUM(f) OVER (PARTITION BY patient_id ORDER BY day ROWS UNBOUNDED PRECEDING) AS r FROM (SELECT patient_id, day, CASE WHEN LAG(day) OVER (PARTITION BY patient_id ORDER BY day) = day THEN 0 ELSE 1 END AS f FROM visits)) GROUP BY patient_id, r);
SELECT t.cut, COUNT(*) FROM visits v JOIN UNNEST([1, 3, 5]) AS t(cut) ON v.cost >= t.cut GROUP BY t.cut;
SELECT p.w, COUNT(*), SUM(days) FROM stays CROSS JOIN (SELECT 3 AS w) p WHERE days > p.w GROUP BY p.w;
SELECT s.d, COUNT(*) FROM labs l JOIN generate_series(DATE '2024-01-01', DATE '2024-12-01', INTERVAL 1 MONTH) AS s(d) ON CAST(l.at AS DATE) >= s.d GROUP BY s.d;

# several questions of one statement
WITH a AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY class), b AS (SELECT class, COUNT(DISTINCT patient_id) AS n FROM visits GROUP BY class) SELECT class, a.n / b.n FROM a JOIN b USING (class);
SELECT class, SUM(cost) / (SELECT COUNT(*) FROM labs), AVG(cost) FROM visits GROUP BY class;
SELECT COUNT(*), MEDIAN(days) FROM stays UNION ALL SELECT COUNT(*), MEDIAN(CLAMP(raw, 0, 9)) FROM labs;
WITH a AS (SELECT p.sex, v.class, COUNT(*) AS n, SUM(v.cost) AS s FROM visits v JOIN patients p USING (patient_id) GROUP BY ALL) SELECT sex, SUM(n), MAX(s) FROM a WHERE n > (SELECT AVG(n) FROM a) GROUP BY sex;
WITH a AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY ROLLUP (class)) SELECT x.n - y.n FROM a x, a y WHERE x.class = y.class;

# what WHERE leaves of the values
SELECT class, COUNT(*), SUM(cost) FROM visits WHERE class = 'inpatient' GROUP BY class;
SELECT class, COUNT(*) FROM visits WHERE class <> 'inpatient' OR class IS NULL GROUP BY class;
SELECT class, COUNT(*), COUNT(DISTINCT patient_id) FROM visits WHERE class LIKE '%a%' AND class NOT IN ('inpatient') GROUP BY class;
SELECT class, COUNT(*) FROM visits WHERE class = 'no such' GROUP BY class;
SELECT class, COUNT(*) FROM visits WHERE class = 'inpatient' OR cost > 3 GROUP BY class;
SELECT UPPER(class), COUNT(*), COUNT(DISTINCT class) FROM visits WHERE LEFT(class, 1) = 'e' GROUP BY 1;
SELECT v.class, p.sex, COUNT(*), SUM(p.age) FROM visits v LEFT JOIN patients p ON p.patient_id = v.patient_id AND v.urgent WHERE p.sex = 'F' AND p.age > 17 GROUP BY 1, 2;
SELECT e.arm, COUNT(*), SUM(e.score) FROM patients p LEFT JOIN enrolled e USING (patient_id) WHERE e.score BETWEEN -1 AND 2 OR e.arm = 'b' GROUP BY 1;
SELECT e.arm, COUNT(*), SUM(e.score), AVG(e.score) FROM patients p LEFT JOIN enrolled e USING (patient_id) WHERE e.score >= 0 GROUP BY 1;
SELECT days, COUNT(*), SUM(days) FROM stays WHERE days IN (30, 7) AND 8 > days GROUP BY 1;
SELECT days, COUNT(*) FROM stays WHERE days > 30 OR days IS NULL GROUP BY 1;
SELECT days, COUNT(*), AVG(days) FROM stays WHERE days > 99 GROUP BY 1;
SELECT AVG(cost), SUM(cost), MEDIAN(cost), STDDEV(cost) FROM visits WHERE cost > 100.5 AND cost < 900.25;
SELECT AVG(value), SUM(value) FROM labs WHERE value > -0.25 AND value <= 36.75;
SELECT SUM(value), COUNT(value), COUNT(*) FROM labs WHERE value < 0 AND value > 0;
SELECT DATE_TRUNC('month', day), COUNT(*) FROM visits WHERE day >= DATE '2024-02-01' AND day < DATE '2024-04-01' GROUP BY 1;
SELECT YEAR(day), COUNT(*) FROM visits WHERE YEAR(day) = 2024 GROUP BY 1;
SELECT DATE_TRUNC('quarter', day), COUNT(*) FROM visits WHERE YEAR(day) > 2024 OR day IS NULL GROUP BY 1;
SELECT DATE_TRUNC('month', day), COUNT(*), MAX(cost) FROM visits WHERE DATE_TRUNC('month', day) <= DATE '2024-02-15' AND YEAR(day) >= 2024 GROUP BY 1;
SELECT DATE_TRUNC('week', at), COUNT(*) FROM labs WHERE at >= TIMESTAMP '2024-12-31 23:59:59' GROUP BY 1;
SELECT CAST(at AS DATE), COUNT(*) FROM labs WHERE at < DATE '2024-01-02' GROUP BY 1;
SELECT MONTH(at), COUNT(*) FROM labs WHERE DATE_TRUNC('year', at) = DATE '2024-01-01' AND MONTH(at) IN (1, 12) GROUP BY 1;
SELECT class, n, COUNT(*) FROM (SELECT patient_id, class, LEAST(COUNT(*), 9) AS n FROM visits WHERE class IN ('emergency', 'inpatient') GROUP BY 1, 2) WHERE n > 2 AND class <> 'emergency' GROUP BY 1, 2;
SELECT sex, COUNT(*) FROM patients WHERE NOT (sex = 'F') GROUP BY ROLLUP (sex);
SELECT class, COUNT(*) FROM visits WHERE class IN ('no such', 'other') GROUP BY class;
SELECT l, COUNT(*) FROM visits v CROSS JOIN LATERAL (SELECT MAX(LOWER(w.class)) AS l FROM visits w WHERE w.patient_id = v.patient_id) m WHERE l IN ('no such', 'other') GROUP BY 1;

# one row for each of a unit's groups, and what only looks so
SELECT class, COUNT(*), SUM(CLAMP(s, 0, 9)) FROM (SELECT patient_id, class, SUM(cost) AS s FROM visits GROUP BY ALL) GROUP BY class;
SELECT class, COUNT(*) FROM (SELECT DISTINCT patient_id, class FROM visits) GROUP BY class;
SELECT class, urgent, AVG(CLAMP(s, 0, 9)) FROM (SELECT patient_id, class, urgent, SUM(cost) AS s FROM visits GROUP BY ALL) GROUP BY ROLLUP (class, urgent);
SELECT class, COUNT(*), SUM(CLAMP(s, 0, 9)) FROM (SELECT patient_id, class, urgent, SUM(cost) AS s FROM visits GROUP BY ALL) GROUP BY class;
SELECT g.class, p.sex, SUM(CLAMP(s, 0, 9)) FROM (SELECT patient_id, class, SUM(cost) AS s FROM visits GROUP BY ALL) g JOIN patients p USING (patient_id) GROUP BY 1, 2;
SELECT g.class, COUNT(*) FROM (SELECT patient_id, class FROM visits GROUP BY ALL) g JOIN labs l USING (patient_id) GROUP BY 1;
SELECT c, SUM(x) FROM (SELECT patient_id, class AS c, n + 1 AS x FROM (SELECT patient_id, class, LEAST(COUNT(*), 9) AS n FROM visits GROUP BY ALL)) WHERE x > 2 GROUP BY c;
SELECT class, COUNT(*) FROM (SELECT patient_id, urgent AS class FROM (SELECT patient_id, class, urgent FROM visits GROUP BY ALL)) GROUP BY class;
SELECT class, COUNT(*) FROM (SELECT patient_id, class FROM visits GROUP BY ALL UNION ALL SELECT patient_id, class FROM visits GROUP BY ALL) GROUP BY class;
SELECT LEFT(class, 1), COUNT(*) FROM (SELECT patient_id, class FROM visits GROUP BY ALL) GROUP BY 1;

# NULLs that a group key makes itself, and what sorts texts of declared categories
SELECT NULLIF(class, 'inpatient'), COUNT(*), SUM(cost), COUNT(DISTINCT patient_id) FROM visits GROUP BY 1;
SELECT NULLIF(class, 'inpatient') AS g, NULLIF(cost > 3, TRUE) AS h, COUNT(*), SUM(cost) FROM visits GROUP BY ROLLUP (g, h);
SELECT CASE WHEN urgent THEN class END, AVG(cost), COUNT(DISTINCT day) FROM visits GROUP BY 1;
SELECT g, COUNT(*) FROM (SELECT DISTINCT patient_id, NULLIF(class, 'inpatient') AS g FROM visits) GROUP BY g;
SELECT g, COUNT(*), SUM(CLAMP(s, 0, 9)) FROM (SELECT patient_id, NULLIF(class, 'inpatient') AS g, SUM(cost) AS s FROM visits GROUP BY ALL) GROUP BY g;
SELECT days // NULLIF(days, 7), days % (days - 7), COUNT(*) FROM stays GROUP BY 1, 2;
SELECT (SELECT MAX(e.arm) FROM enrolled e WHERE e.patient_id = v.patient_id), COUNT(*), SUM(v.cost) FROM visits v GROUP BY 1;
SELECT (SELECT MAX(s.icu) FROM stays s WHERE s.patient_id = v.patient_id AND s.days > v.cost), COUNT(*) FROM visits v GROUP BY 1;
SELECT v.class IN (SELECT w.class FROM visits w WHERE w.patient_id = v.patient_id AND w.cost > v.cost), COUNT(*), SUM(v.cost) FROM visits v GROUP BY 1;
SELECT m, COUNT(*) FROM (SELECT patient_id, MAX(class) FILTER (WHERE urgent) AS m FROM visits GROUP BY patient_id) GROUP BY m;
SELECT m, COUNT(*) FROM (SELECT patient_id, SUM(days) FILTER (WHERE icu) AS m FROM stays GROUP BY patient_id) GROUP BY m;
SELECT l, COUNT(*), SUM(cost) FROM (SELECT patient_id, cost, LAG(class) OVER (PARTITION BY patient_id ORDER BY class DESC) AS l FROM visits) GROUP BY l;
SELECT l, COUNT(*) FROM (SELECT patient_id, MAX(class) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS l FROM visits) GROUP BY l;
SELECT c, COUNT(*), SUM(r) FROM (SELECT patient_id, class, LEAST(DENSE_RANK() OVER (PARTITION BY patient_id ORDER BY class), 9) AS r, LAST_VALUE(class) OVER (PARTITION BY patient_id ORDER BY class) AS c FROM visits) GROUP BY c;
SELECT c, COUNT(*) FROM (SELECT patient_id, FIRST(class ORDER BY class) AS c, MODE(class) AS m FROM visits GROUP BY patient_id) WHERE m >= c GROUP BY c;
SELECT NULLIF(class, 'inpatient'), COUNT(*) FROM visits WHERE NULLIF(class, 'inpatient') IS NOT NULL GROUP BY 1;
SELECT day, COUNT(*), AVG(cost) FROM visits WHERE day IS NOT NULL AND urgent IS NOT NULL GROUP BY 1;
SELECT urgent, COUNT(*), SUM(cost), COUNT(cost) FROM visits WHERE urgent IS NOT NULL AND cost IS NOT NULL GROUP BY 1;
SELECT v.class, COUNT(*), COUNT(p.patient_id), COUNT(DISTINCT p.patient_id) FROM visits v LEFT JOIN patients p ON p.patient_id = v.patient_id AND v.urgent WHERE p.patient_id IS NOT NULL GROUP BY 1;
SELECT m, s, COUNT(*) FROM (SELECT patient_id, ROUND(CLAMP(AVG(raw), 0, 9)) AS m, CLAMP(SUM(raw), 0, 9) AS s FROM labs GROUP BY patient_id) GROUP BY m, s;
