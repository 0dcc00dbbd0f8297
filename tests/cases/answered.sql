# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients;
SELECT COUNT(*) FROM patients AS t0;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 sum:45 rows:1
SELECT sex, COUNT(*) AS n, AVG(age) FROM patients GROUP BY sex ORDER BY n DESC;
SELECT t0.sex, COUNT(*), AVG(t0.age) FROM patients AS t0 GROUP BY t0.sex ORDER BY COUNT(*) DESC;

# cells=10 groups=1 rows=1 partials=no statistics=rows:1
SELECT age_band(age, 10) AS band, COUNT(*) FROM patients GROUP BY ALL;
SELECT age_band(t0.age, 10), COUNT(*) FROM patients AS t0 GROUP BY age_band(t0.age, 10);

# cells=10 groups=1 rows=1 partials=no statistics=rows:1
SELECT FLOOR(age / 10) * 10 AS decade, COUNT(*) FROM patients GROUP BY 1;
SELECT (FLOOR((t0.age / 10)) * 10), COUNT(*) FROM patients AS t0 GROUP BY (FLOOR((t0.age / 10)) * 10);

# cells=144 groups=1 rows=1 partials=no statistics=rows:1
SELECT age, sex, COUNT(*) FROM patients WHERE age BETWEEN 18 AND 65 GROUP BY age, sex;
SELECT t0.age, t0.sex, COUNT(*) FROM patients AS t0 WHERE (t0.age <= 65) AND (t0.age >= 18) GROUP BY t0.age, t0.sex;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits;
SELECT COUNT(*) FROM visits AS t0;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT class, COUNT(*) FROM visits GROUP BY class;
SELECT t0.class, COUNT(*) FROM visits AS t0 GROUP BY t0.class;

# cells=6 groups=2 rows=3 partials=yes statistics=rows:3 sum:150000 rows:3
SELECT class, urgent, COUNT(*), SUM(cost), AVG(cost) FROM visits GROUP BY class, urgent;
SELECT t0.class, t0.urgent, COUNT(*), SUM(t0.cost), AVG(t0.cost) FROM visits AS t0 GROUP BY t0.class, t0.urgent;

# cells=1 groups=1 rows=3 partials=yes statistics=units:1
SELECT COUNT(DISTINCT patient_id) FROM visits;
SELECT COUNT(DISTINCT t0.patient_id) FROM visits AS t0;

# cells=3 groups=2 rows=3 partials=yes statistics=units:1
SELECT class, COUNT(DISTINCT patient_id) FROM visits GROUP BY 1 HAVING COUNT(DISTINCT patient_id) > 20;
SELECT t0.class, COUNT(DISTINCT t0.patient_id) FROM visits AS t0 GROUP BY t0.class HAVING (COUNT(DISTINCT t0.patient_id) > 20);

# cells=1 groups=1 rows=3 partials=yes statistics=units:1
SELECT COUNT(DISTINCT CASE WHEN cost > 900 THEN patient_id END) FROM visits;
SELECT COUNT(DISTINCT (CASE WHEN (t0.cost > 900) THEN t0.patient_id ELSE NULL END)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 rows:3 rows:3
SELECT COUNT(*) FILTER (WHERE urgent), COUNT(urgent), COUNT(*) FROM visits;
SELECT COUNT(*) FILTER (WHERE t0.urgent), COUNT(t0.urgent), COUNT(*) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 rows:3
SELECT 100.0 * COUNT(*) FILTER (WHERE class = 'emergency') / COUNT(*) AS percent FROM visits;
SELECT ((100 * COUNT(*) FILTER (WHERE (t0.class = 'emergency'))) / COUNT(*)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:300000 rows:3
SELECT SUM(cost) / COUNT(*) FROM visits;
SELECT (SUM(t0.cost) / COUNT(*)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:3 rows:3
SELECT AVG(CASE WHEN cost >= 500 THEN 1 ELSE 0 END) FROM visits;
SELECT AVG((CASE WHEN (t0.cost >= 500) THEN 1 ELSE 0 END)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:6000
SELECT SUM(CLAMP(cost, 10, 20)) FROM visits;
SELECT SUM(CLAMP(t0.cost, 10, 20)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:15000
SELECT SUM(LEAST(GREATEST(cost, 0), 50)) FROM visits;
SELECT SUM(LEAST(GREATEST(t0.cost, 0), 50)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:300150
SELECT SUM(cost * 2 + 1) FROM visits;
SELECT SUM(((t0.cost * 2) + 1)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:1500000 rows:3
SELECT AVG(cost / (age + 1)) FROM visits JOIN patients USING (patient_id);
SELECT AVG((t0.cost / (t1.age + 1))) FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id);

# cells=8 groups=2 rows=3 partials=yes statistics=rows:3
SELECT DATE_TRUNC('quarter', day) AS q, COUNT(*) FROM visits GROUP BY q ORDER BY q;
SELECT DATE_TRUNC('quarter', t0.day), COUNT(*) FROM visits AS t0 GROUP BY DATE_TRUNC('quarter', t0.day) ORDER BY DATE_TRUNC('quarter', t0.day);

# cells=24 groups=2 rows=3 partials=yes statistics=rows:3
SELECT YEAR(day), MONTH(day), COUNT(*) FROM visits GROUP BY 1, 2;
SELECT YEAR(t0.day), MONTH(t0.day), COUNT(*) FROM visits AS t0 GROUP BY YEAR(t0.day), MONTH(t0.day);

# cells=7 groups=2 rows=3 partials=yes statistics=rows:3
SELECT DAYOFWEEK(day), COUNT(*) FROM visits WHERE FALSE GROUP BY 1;
SELECT DAYOFWEEK(t0.day), COUNT(*) FROM visits AS t0 WHERE FALSE GROUP BY DAYOFWEEK(t0.day);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE day >= DATE '2024-06-01' AND day < '2025-01-01';
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.day < DATE '2025-01-01') AND (t0.day >= DATE '2024-06-01');

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE day - DATE '2024-01-01' > 30;
SELECT COUNT(*) FROM visits AS t0 WHERE (DATE_DIFF('day', :date, t0.day) > 30);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE DATE_DIFF('day', day, DATE '2025-12-31') <= 90;
SELECT COUNT(*) FROM visits AS t0 WHERE (DATE_DIFF('day', t0.day, :date) <= 90);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE day + INTERVAL 3 MONTH > DATE '2025-01-01';
SELECT COUNT(*) FROM visits AS t0 WHERE ((t0.day + INTERVAL 3 MONTH) > DATE '2025-01-01');

# cells=24 groups=2 rows=3 partials=yes statistics=rows:3
SELECT HOUR(at), COUNT(*) FROM labs GROUP BY 1;
SELECT HOUR(t0.at), COUNT(*) FROM labs AS t0 GROUP BY HOUR(t0.at);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE at >= TIMESTAMP '2024-06-01 12:00:00' AND at < noted;
SELECT COUNT(*) FROM labs AS t0 WHERE (t0.at < t0.noted) AND (t0.at >= TIMESTAMP '2024-06-01 12:00:00');

# cells=366 groups=2 rows=3 partials=yes statistics=rows:3
SELECT CAST(at AS DATE), COUNT(*) FROM labs GROUP BY 1;
SELECT DATE_TRUNC('day', t0.at), COUNT(*) FROM labs AS t0 GROUP BY DATE_TRUNC('day', t0.at);

# cells=3 groups=1 rows=3 partials=yes statistics=rows:3
SELECT p.sex, COUNT(*) FROM visits v JOIN patients p ON v.patient_id = p.patient_id GROUP BY p.sex;
SELECT t1.sex, COUNT(*) FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.sex;

# cells=9 groups=2 rows=3 partials=yes statistics=rows:3
SELECT p.sex, v.class, COUNT(*) FROM visits v LEFT JOIN patients p ON v.patient_id = p.patient_id GROUP BY ALL;
SELECT t1.sex, t0.class, COUNT(*) FROM visits AS t0 LEFT JOIN patients AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.sex, t0.class;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT p.sex, COUNT(*) FROM visits v LEFT JOIN patients p ON v.patient_id = p.patient_id AND v.urgent GROUP BY p.sex;
SELECT t1.sex, COUNT(*) FROM visits AS t0 LEFT JOIN patients AS t1 ON ((t0.patient_id = t1.patient_id) AND t0.urgent) GROUP BY t1.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 sum:3 rows:1
SELECT e.arm, COUNT(*), AVG(e.score) FROM patients p LEFT JOIN enrolled e USING (patient_id) GROUP BY e.arm;
SELECT t1.arm, COUNT(*), AVG(t1.score) FROM patients AS t0 LEFT JOIN enrolled AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.arm;

# cells=2 groups=1 rows=1 partials=no statistics=sum:45 rows:1
SELECT e.arm, AVG(p.age) FROM patients p JOIN enrolled e ON e.patient_id = p.patient_id GROUP BY e.arm;
SELECT t1.arm, AVG(t0.age) FROM patients AS t0 JOIN enrolled AS t1 ON (t1.patient_id = t0.patient_id) GROUP BY t1.arm;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:300 rows:3
SELECT AVG(l.value) FROM labs l JOIN visits v ON l.visit_id = v.visit_id WHERE v.urgent;
SELECT AVG(t0.value) FROM labs AS t0 JOIN visits AS t1 ON ((t0.patient_id = t1.patient_id) AND (t0.visit_id = t1.visit_id)) WHERE t1.urgent;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:300 rows:3
SELECT AVG(value), COUNT(*) FROM labs;
SELECT AVG(t0.value), COUNT(*) FROM labs AS t0;

# cells=3 groups=2 rows=3 partials=yes statistics=sum:90
SELECT icu, SUM(days) FROM stays GROUP BY icu;
SELECT t0.icu, SUM(t0.days) FROM stays AS t0 GROUP BY t0.icu;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM stays s JOIN stays r ON s.patient_id = r.patient_id;
SELECT COUNT(*) FROM stays AS t0 JOIN stays AS t1 ON (t0.patient_id = t1.patient_id);

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.part, COUNT(*) FROM labs l JOIN codes c ON l.code = c.code GROUP BY c.part;
SELECT t1.part, COUNT(*) FROM labs AS t0 JOIN codes AS t1 ON (t0.code = t1.code) GROUP BY t1.part;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.part, COUNT(*) FROM stays s JOIN codes c ON s.days > c.weight GROUP BY 1;
SELECT t1.part, COUNT(*) FROM stays AS t0 JOIN codes AS t1 ON (t0.days > t1.weight) GROUP BY t1.part;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM codes c JOIN labs l ON c.code = l.code WHERE c.weight IN (1, 2, 3);
SELECT COUNT(*) FROM codes AS t0 JOIN labs AS t1 ON (t0.code = t1.code) WHERE (t0.weight IN (1, 2, 3));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE free LIKE 'a%' OR LOWER(class) = 'emergency' OR class = 'nothing';
SELECT COUNT(*) FROM visits AS t0 WHERE (((t0.free LIKE :text) OR (LOWER(t0.class) = 'emergency')) OR (t0.class = :text));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE free = '123-45-6789' AND cost <> 123.45;
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.cost <> 123.45) AND (t0.free = :text);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT COALESCE(sex, 'unknown') AS s, COUNT(*) FROM patients GROUP BY s;
SELECT COALESCE(t0.sex, :text), COUNT(*) FROM patients AS t0 GROUP BY COALESCE(t0.sex, :text);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT CASE WHEN age < 18 THEN 'child' WHEN age < 65 THEN 'adult' ELSE 'old' END AS years, COUNT(*) FROM patients GROUP BY years ORDER BY 2 DESC LIMIT 2 OFFSET 1;
SELECT (CASE WHEN (t0.age < 18) THEN :text WHEN (t0.age < 65) THEN :text ELSE :text END), COUNT(*) FROM patients AS t0 GROUP BY (CASE WHEN (t0.age < 18) THEN :text WHEN (t0.age < 65) THEN :text ELSE :text END) ORDER BY COUNT(*) DESC LIMIT 2 OFFSET 1;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:150000 rows:3 rows:3
SELECT ROUND(AVG(cost), 1), FLOOR(COUNT(*) / 10), -SUM(cost) FROM visits;
SELECT ROUND(AVG(t0.cost), 1), FLOOR((COUNT(*) / 10)), -SUM(t0.cost) FROM visits AS t0;

# cells=2 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex IS NULL, COUNT(*) FROM patients GROUP BY 1 HAVING COUNT(*) BETWEEN 5 AND 5000;
SELECT (t0.sex IS NULL), COUNT(*) FROM patients AS t0 GROUP BY (t0.sex IS NULL) HAVING ((COUNT(*) >= 5) AND (COUNT(*) <= :number));

# cells=1 groups=1 rows=1 partials=no statistics=sum:2
SELECT SUM(ABS(score - 1) % 3) FROM enrolled;
SELECT SUM((ABS((t0.score - 1)) % 3)) FROM enrolled AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE raw * 0.000001 > 5 AND -raw < 7;
SELECT COUNT(*) FROM labs AS t0 WHERE ((t0.raw * :number) > 5) AND (-t0.raw < 7);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE patient_id IS NOT NULL LIMIT 123456;
SELECT COUNT(*) FROM labs AS t0 WHERE (NOT (t0.patient_id IS NULL)) LIMIT :number;

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3
SELECT CAST(urgent AS INTEGER), COUNT(*) FROM visits GROUP BY 1;
SELECT CAST(t0.urgent AS INTEGER), COUNT(*) FROM visits AS t0 GROUP BY CAST(t0.urgent AS INTEGER);

# cells=8 groups=1 rows=1 partials=no statistics=rows:1
SELECT age_band(age, 12.345), COUNT(*) FROM patients GROUP BY 1;
SELECT age_band(t0.age, :number), COUNT(*) FROM patients AS t0 GROUP BY age_band(t0.age, :number);

# cells=4 groups=2 rows=3 partials=yes statistics=rows:3
SELECT NULLIF(class, 'inpatient'), COUNT(*) FROM visits GROUP BY 1;
SELECT NULLIF(t0.class, :text), COUNT(*) FROM visits AS t0 GROUP BY NULLIF(t0.class, :text);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE class IN ('nothing') OR FLOOR(cost) // 3 = 7;
SELECT COUNT(*) FROM visits AS t0 WHERE ((t0.class IN ()) OR ((FLOOR(t0.cost) // 3) = 7));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE at > DATE '2024-02-03' OR at > '2024-02-03';
SELECT COUNT(*) FROM labs AS t0 WHERE ((t0.at > TIMESTAMP '2024-02-03 00:00:00') OR (t0.at > TIMESTAMP '2024-02-03 00:00:00'));

# cells=1 groups=1 rows=3 partials=yes statistics=sum:3 rows:3
SELECT AVG(CASE WHEN urgent THEN 1 ELSE -1 END) FROM visits;
SELECT AVG((CASE WHEN t0.urgent THEN 1 ELSE -1 END)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE cost IN (1, 2.5, NULL) OR NOT urgent IS TRUE;
SELECT COUNT(*) FROM visits AS t0 WHERE ((t0.cost IN (1, 2.5, NULL)) OR (NOT COALESCE((t0.urgent = TRUE), FALSE)));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT * FROM visits);
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v FULL JOIN patients p ON v.patient_id = p.patient_id;
SELECT COUNT(*) FROM visits AS t0 FULL JOIN patients AS t1 ON (t0.patient_id = t1.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v RIGHT JOIN patients p ON v.patient_id = p.patient_id;
SELECT COUNT(*) FROM visits AS t0 RIGHT JOIN patients AS t1 ON (t0.patient_id = t1.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v(a, b);
SELECT COUNT(*) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=distinct:3
SELECT COUNT(DISTINCT cost) FROM visits;
SELECT COUNT(DISTINCT t0.cost) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=distinct:3
SELECT COUNT(DISTINCT relative_id) FROM labs;
SELECT COUNT(DISTINCT t0.relative_id) FROM labs AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=buckets:3000x4268
SELECT MEDIAN(cost) FROM visits;
SELECT QUANTILE_CONT(t0.cost, 0.5) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=buckets:3000x4268
SELECT MAX(cost) FROM visits;
SELECT MAX(t0.cost) FROM visits AS t0;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits GROUP BY ROLLUP (class);
SELECT COUNT(*) FROM visits AS t0 GROUP BY GROUPING SETS ((t0.class), ());

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits ORDER BY ALL;
SELECT COUNT(*) FROM visits AS t0 ORDER BY COUNT(*);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1 sum:2
WITH a AS (SELECT patient_id, COUNT(*) AS n FROM visits GROUP BY patient_id) SELECT COUNT(*), AVG(n) FROM a;
SELECT COUNT(*), AVG(CLAMP(t2.f1, 0, 3)) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, COUNT(*) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 sum:2
WITH a(p, n) AS (SELECT patient_id, COUNT(*) FROM visits GROUP BY 1), b AS (SELECT p, n FROM a WHERE n > 1) SELECT p.sex, COUNT(*), AVG(b.n) FROM b JOIN patients p ON p.patient_id = b.p GROUP BY p.sex;
SELECT t4.sex, COUNT(*), AVG(CLAMP(t3.f1, 0, 3)) FROM (SELECT t2.f0 AS f0, t2.f1 AS f1 FROM (SELECT t1.k0 AS f0, t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, COUNT(*) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE (t2.f1 > 1)) AS t3 JOIN patients AS t4 ON (t4.patient_id = t3.f0) GROUP BY t4.sex;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
WITH a AS MATERIALIZED (SELECT patient_id FROM visits WHERE urgent) SELECT COUNT(*) FROM a x JOIN a y USING (patient_id);
SELECT COUNT(*) FROM (SELECT t0.patient_id AS f0 FROM visits AS t0 WHERE t0.urgent) AS t1 JOIN (SELECT t2.patient_id AS f0 FROM visits AS t2 WHERE t2.urgent) AS t3 ON (t1.f0 = t3.f0);

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3
WITH c(code, label) AS (VALUES ('C1', 'one'), ('C2', 'two')) SELECT c.label, COUNT(*) FROM labs l JOIN c ON c.code = l.code GROUP BY 1;
SELECT t2.f1, COUNT(*) FROM labs AS t0 JOIN (SELECT t1.f0 AS f0, t1.f1 AS f1 FROM (VALUES (:text, :text), (:text, :text)) AS t1) AS t2 ON (t2.f0 = t0.code) GROUP BY t2.f1;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT b.s, COUNT(*) FROM visits v JOIN (VALUES (0, 'low'), (500.5, 'high'), (NULL, NULL)) AS b(least, s) ON v.cost >= b.least GROUP BY b.s;
SELECT t1.f1, COUNT(*) FROM visits AS t0 JOIN (VALUES (0, :text), (:number, :text), (NULL, NULL)) AS t1 ON (t0.cost >= t1.f0) GROUP BY t1.f1;

# cells=1 groups=1 rows=1 partials=no statistics=sum:2 rows:1 sum:300000
SELECT AVG(n), SUM(total), COUNT(*) FROM (SELECT patient_id, COUNT(*) AS n, SUM(cost) AS total FROM visits GROUP BY patient_id);
SELECT AVG(CLAMP(t2.f1, 0, 3)), SUM(CLAMP(t2.f2, 0, 3000)), COUNT(*) FROM (SELECT t1.a0 AS f1, t1.a1 AS f2 FROM (SELECT t0.patient_id AS k0, COUNT(*) AS a0, SUM(t0.cost) AS a1 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=1 groups=1 rows=1 partials=no statistics=sum:45 rows:1
SELECT AVG(total) FROM (SELECT patient_id, SUM(days) AS total, AVG(days) AS mean, MIN(days), MAX(days), MEDIAN(days) AS med, QUANTILE_CONT(days, 0.25), QUANTILE_DISC(days, 0.5) AS q, COUNT(DISTINCT days) AS d, COUNT(days) AS c, BOOL_OR(icu) AS o, BOOL_AND(icu) AS a, ARG_MIN(days, days) AS lo, ARG_MAX(days, icu) AS hi FROM stays GROUP BY patient_id);
SELECT AVG(t2.f1) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, SUM(t0.days) AS a0 FROM stays AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=9 groups=1 rows=1 partials=no statistics=sum:1500000 rows:1 sum:3000000 sum:30 sum:3 sum:3 sum:30 sum:30
SELECT o, a, AVG(mean), SUM(med), SUM(q), SUM(d), SUM(c), SUM(lo), SUM(hi) FROM (SELECT patient_id, AVG(days) AS mean, MEDIAN(days) AS med, QUANTILE_DISC(days, 0.5) AS q, COUNT(DISTINCT days) AS d, COUNT(days) AS c, BOOL_OR(icu) AS o, BOOL_AND(icu) AS a, ARG_MIN(days, days) AS lo, ARG_MAX(days, icu) AS hi FROM stays GROUP BY patient_id) GROUP BY o, a;
SELECT t2.f6, t2.f7, AVG(t2.f1), SUM(t2.f2), SUM(t2.f3), SUM(t2.f4), SUM(t2.f5), SUM(t2.f8), SUM(t2.f9) FROM (SELECT t1.a0 AS f1, t1.a1 AS f2, t1.a2 AS f3, t1.a3 AS f4, t1.a4 AS f5, t1.a5 AS f6, t1.a6 AS f7, t1.a7 AS f8, t1.a8 AS f9 FROM (SELECT t0.patient_id AS k0, AVG(t0.days) AS a0, QUANTILE_CONT(t0.days, 0.5) AS a1, QUANTILE_DISC(t0.days, 0.5) AS a2, COUNT(DISTINCT t0.days) AS a3, COUNT(t0.days) AS a4, BOOL_OR(t0.icu) AS a5, BOOL_AND(t0.icu) AS a6, ARG_MIN(t0.days, t0.days) AS a7, ARG_MAX(t0.days, t0.icu) AS a8 FROM stays AS t0 GROUP BY t0.patient_id) AS t1) AS t2 GROUP BY t2.f6, t2.f7;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id FROM visits GROUP BY patient_id HAVING COUNT(*) FILTER (WHERE urgent) >= 2 AND SUM(urgent) > 1);
SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT t0.patient_id AS k0, COUNT(*) FILTER (WHERE t0.urgent) AS a0, SUM(CAST(t0.urgent AS BIGINT)) AS a1 FROM visits AS t0 GROUP BY t0.patient_id) AS t1 WHERE (t1.a0 >= 2) AND (t1.a1 > 1)) AS t2;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, COUNT_IF(urgent) AS n FROM visits GROUP BY ALL HAVING n > 3);
SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT t0.patient_id AS k0, COUNT(*) FILTER (WHERE t0.urgent) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1 WHERE (t1.a0 > 3)) AS t2;

# cells=3 groups=2 rows=1 partials=yes statistics=rows:1
SELECT class, COUNT(*) FROM (SELECT DISTINCT patient_id, class FROM visits) GROUP BY class;
SELECT t2.f1, COUNT(*) FROM (SELECT t1.f0 AS f0, t1.f1 AS f1 FROM (SELECT t0.patient_id AS f0, t0.class AS f1 FROM visits AS t0) AS t1 GROUP BY t1.f0, t1.f1) AS t2 GROUP BY t2.f1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT DISTINCT sex, patient_id FROM patients);
SELECT COUNT(*) FROM (SELECT t1.f0 AS f0, t1.f1 AS f1 FROM (SELECT t0.sex AS f0, t0.patient_id AS f1 FROM patients AS t0) AS t1 GROUP BY t1.f0, t1.f1) AS t2;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.part, COUNT(*) FROM labs l JOIN (SELECT DISTINCT code, part FROM codes WHERE weight > 3) c USING (code) GROUP BY 1;
SELECT t3.f1, COUNT(*) FROM labs AS t0 JOIN (SELECT t2.f0 AS f0, t2.f1 AS f1 FROM (SELECT t1.code AS f0, t1.part AS f1 FROM codes AS t1 WHERE (t1.weight > 3)) AS t2 GROUP BY t2.f0, t2.f1) AS t3 ON (t0.code = t3.f0) GROUP BY t3.f1;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT class, COUNT(*) FROM (SELECT patient_id, class FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day DESC NULLS LAST) = 1) GROUP BY class;
SELECT t1.f1, COUNT(*) FROM (SELECT t0.class AS f1 FROM visits AS t0 QUALIFY (ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day DESC NULLS LAST, t0.__rank) = 1)) AS t1 GROUP BY t1.f1;

# cells=3 groups=2 rows=2 partials=no statistics=rows:2
SELECT class, COUNT(*) FROM (SELECT patient_id, class, ROW_NUMBER() OVER w AS place FROM visits WINDOW w AS (PARTITION BY patient_id ORDER BY day, cost DESC)) WHERE place <= 2 GROUP BY class;
SELECT t1.f1, COUNT(*) FROM (SELECT t0.class AS f1, ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.cost DESC NULLS LAST, t0.__rank) AS f2 FROM visits AS t0) AS t1 WHERE (t1.f2 <= 2) GROUP BY t1.f1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, RANK() OVER (PARTITION BY patient_id ORDER BY cost) AS r, DENSE_RANK() OVER (PARTITION BY patient_id, class ORDER BY cost) AS d FROM visits) WHERE r < 3 AND d < 2;
SELECT COUNT(*) FROM (SELECT RANK() OVER (PARTITION BY t0.patient_id ORDER BY t0.cost NULLS LAST) AS f1, DENSE_RANK() OVER (PARTITION BY t0.patient_id, t0.class ORDER BY t0.cost NULLS LAST) AS f2 FROM visits AS t0) AS t1 WHERE (t1.f1 < 3) AND (t1.f2 < 2);

# cells=1 groups=1 rows=3 partials=yes statistics=sum:135 rows:3
SELECT AVG(gap) FROM (SELECT patient_id, CLAMP(day - LAG(day) OVER (PARTITION BY patient_id ORDER BY day), 0, 90) AS gap FROM visits);
SELECT AVG(t1.f1) FROM (SELECT CLAMP(DATE_DIFF('day', LAG(t0.day, 1) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank), t0.day), 0, 90) AS f1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:1500 rows:3 sum:1500 rows:3
SELECT AVG(CLAMP(x, 0, 10)), AVG(CLAMP(y, 0, 10)) FROM (SELECT patient_id, LEAD(cost, 2, 0.5) OVER (PARTITION BY patient_id ORDER BY day) AS x, LAG(cost, 0 IGNORE NULLS) OVER (PARTITION BY patient_id ORDER BY day) AS y FROM visits);
SELECT AVG(CLAMP(t1.f1, 0, 10)), AVG(CLAMP(t1.f2, 0, 10)) FROM (SELECT LEAD(t0.cost, 2, :number) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1, LAG(t0.cost, 0 IGNORE NULLS) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f2 FROM visits AS t0) AS t1;

# cells=9 groups=2 rows=3 partials=yes statistics=rows:3
SELECT f, l, COUNT(*) FROM (SELECT patient_id, FIRST_VALUE(class) OVER (PARTITION BY patient_id ORDER BY day) AS f, LAST_VALUE(class IGNORE NULLS) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l FROM visits) GROUP BY f, l;
SELECT t1.f1, t1.f2, COUNT(*) FROM (SELECT FIRST_VALUE(t0.class) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1, LAST_VALUE(t0.class IGNORE NULLS) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS f2 FROM visits AS t0) AS t1 GROUP BY t1.f1, t1.f2;

# cells=1 groups=1 rows=3 partials=no statistics=sum:135 rows:3 sum:4500000 rows:3
SELECT AVG(a), AVG(b) FROM (SELECT patient_id, SUM(days) OVER (PARTITION BY patient_id ORDER BY days ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS a, AVG(days) OVER (PARTITION BY patient_id ORDER BY days ROWS 1 PRECEDING) AS b FROM stays);
SELECT AVG(t1.f1), AVG(t1.f2) FROM (SELECT SUM(t0.days) OVER (PARTITION BY t0.patient_id ORDER BY t0.days NULLS LAST, t0.__rank ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS f1, AVG(t0.days) OVER (PARTITION BY t0.patient_id ORDER BY t0.days NULLS LAST, t0.__rank ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS f2 FROM stays AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) FILTER (WHERE urgent) OVER (PARTITION BY patient_id) AS n, MAX(cost) OVER (PARTITION BY patient_id ORDER BY day) AS m FROM visits) WHERE n > 2 AND m > 50;
SELECT COUNT(*) FROM (SELECT COUNT(*) FILTER (WHERE t0.urgent) OVER (PARTITION BY t0.patient_id) AS f1, MAX(t0.cost) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST) AS f2 FROM visits AS t0) AS t1 WHERE (t1.f1 > 2) AND (t1.f2 > 50);

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.part, COUNT(*) FROM labs l JOIN (SELECT code, part, ROW_NUMBER() OVER (ORDER BY weight DESC) AS n FROM codes) c ON c.code = l.code AND c.n < 4 GROUP BY 1;
SELECT t2.f1, COUNT(*) FROM labs AS t0 JOIN (SELECT t1.code AS f0, t1.part AS f1, ROW_NUMBER() OVER (ORDER BY t1.weight DESC NULLS LAST, t1.code, t1.part) AS f2 FROM codes AS t1) AS t2 ON ((t2.f0 = t0.code) AND (t2.f2 < 4)) GROUP BY t2.f1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, class, COUNT(*) AS n, RANK() OVER (PARTITION BY patient_id ORDER BY COUNT(*) DESC) AS r FROM visits GROUP BY patient_id, class) WHERE r = 1;
SELECT COUNT(*) FROM (SELECT RANK() OVER (PARTITION BY t1.__unit, t1.k0 ORDER BY t1.a0 DESC NULLS LAST) AS f3 FROM (SELECT t0.patient_id AS k0, t0.class AS k1, COUNT(*) AS a0 FROM visits AS t0 GROUP BY t0.patient_id, t0.class) AS t1) AS t2 WHERE (t2.f3 = 1);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id AND v.urgent) GROUP BY sex;
SELECT t0.sex, COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id) AND t1.urgent) AS t2) GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, COUNT(*) FROM patients p WHERE NOT EXISTS (SELECT * FROM visits v WHERE p.patient_id = v.patient_id) GROUP BY sex;
SELECT t0.sex, COUNT(*) FROM patients AS t0 WHERE (NOT EXISTS (SELECT 1 FROM (SELECT 1 FROM visits AS t1 WHERE (t0.patient_id = t1.patient_id)) AS t2)) GROUP BY t0.sex;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients WHERE patient_id IN (SELECT patient_id FROM visits WHERE urgent);
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT t1.patient_id AS f0 FROM visits AS t1 WHERE t1.urgent) AS t2 WHERE (t2.f0 = t0.patient_id));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients WHERE patient_id NOT IN (SELECT patient_id FROM visits);
SELECT COUNT(*) FROM patients AS t0 WHERE (NOT EXISTS (SELECT 1 FROM (SELECT t1.patient_id AS f0 FROM visits AS t1) AS t2 WHERE (t2.f0 = t0.patient_id)));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE code IN (SELECT code FROM codes WHERE weight > 3);
SELECT COUNT(*) FROM labs AS t0 WHERE (t0.code IN (SELECT t2.f0 FROM (SELECT t1.code AS f0 FROM codes AS t1 WHERE (t1.weight > 3)) AS t2));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v WHERE v.class IN (SELECT w.class FROM visits w WHERE w.patient_id = v.patient_id AND w.day < v.day);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.class IN (SELECT t2.f0 FROM (SELECT t1.class AS f0 FROM visits AS t1 WHERE (t1.day < t0.day) AND (t1.patient_id = t0.patient_id)) AS t2));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l WHERE EXISTS (SELECT 1 FROM codes c WHERE c.code = l.code AND c.weight > 5);
SELECT COUNT(*) FROM labs AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM codes AS t1 WHERE (t1.code = t0.code) AND (t1.weight > 5)) AS t2);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v WHERE cost > (SELECT AVG(w.cost) FROM visits w WHERE w.patient_id = v.patient_id);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.cost > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT AVG(t1.cost) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3));

# cells=1 groups=1 rows=1 partials=no statistics=sum:2 rows:1
SELECT AVG((SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id)) FROM patients p;
SELECT AVG(CLAMP((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT COUNT(*) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3), 0, 3)) FROM patients AS t0;

# cells=2 groups=1 rows=1 partials=no statistics=rows:1
SELECT EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id) AS seen, COUNT(*) FROM patients p GROUP BY seen;
SELECT EXISTS (SELECT 1 FROM (SELECT 1 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2), COUNT(*) FROM patients AS t0 GROUP BY EXISTS (SELECT 1 FROM (SELECT 1 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2);

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT kind, COUNT(*) FROM (SELECT patient_id, 'visit' AS kind FROM visits UNION ALL SELECT patient_id, 'lab' FROM labs UNION ALL (SELECT patient_id, 'stay' FROM stays)) GROUP BY kind;
SELECT t6.f1, COUNT(*) FROM (SELECT t1.f1 AS f1 FROM (SELECT :text AS f1 FROM visits AS t0) AS t1 UNION ALL SELECT t3.f1 AS f1 FROM (SELECT :text AS f1 FROM labs AS t2) AS t3 UNION ALL SELECT t5.f1 AS f1 FROM (SELECT :text AS f1 FROM stays AS t4) AS t5) AS t6 GROUP BY t6.f1;

# cells=1 groups=1 rows=1 partials=no statistics=sum:4
SELECT SUM(n) FROM (SELECT patient_id, COUNT(*) AS n FROM (SELECT patient_id, days AS x FROM stays UNION ALL SELECT patient_id, score FROM enrolled) GROUP BY patient_id);
SELECT SUM(t6.f1) FROM (SELECT t5.a0 AS f1 FROM (SELECT t4.f0 AS k0, COUNT(*) AS a0 FROM (SELECT t1.f0 AS f0 FROM (SELECT t0.patient_id AS f0 FROM stays AS t0) AS t1 UNION ALL SELECT t3.f0 AS f0 FROM (SELECT t2.patient_id AS f0 FROM enrolled AS t2) AS t3) AS t4 GROUP BY t4.f0) AS t5) AS t6;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
WITH u AS (WITH a AS (SELECT patient_id FROM stays) SELECT patient_id FROM a UNION ALL SELECT patient_id FROM enrolled) SELECT COUNT(*) FROM u;
SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT 1 FROM (SELECT 1 FROM stays AS t0) AS t1) AS t2 UNION ALL SELECT 1 FROM (SELECT 1 FROM enrolled AS t3) AS t4) AS t5;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.part, COUNT(*) FROM labs l JOIN (SELECT code, part FROM codes UNION ALL SELECT code, part FROM codes) c USING (code) GROUP BY 1;
SELECT t5.f1, COUNT(*) FROM labs AS t0 JOIN (SELECT t2.f0 AS f0, t2.f1 AS f1 FROM (SELECT t1.code AS f0, t1.part AS f1 FROM codes AS t1) AS t2 UNION ALL SELECT t4.f0 AS f0, t4.f1 AS f1 FROM (SELECT t3.code AS f0, t3.part AS f1 FROM codes AS t3) AS t4) AS t5 ON (t0.code = t5.f0) GROUP BY t5.f1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p SEMI JOIN visits v ON v.patient_id = p.patient_id AND v.urgent;
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id) AND t1.urgent);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients ANTI JOIN visits USING (patient_id);
SELECT COUNT(*) FROM patients AS t0 WHERE (NOT EXISTS (SELECT 1 FROM visits AS t1 WHERE (t0.patient_id = t1.patient_id)));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l SEMI JOIN codes c ON c.code = l.code;
SELECT COUNT(*) FROM labs AS t0 WHERE EXISTS (SELECT 1 FROM codes AS t1 WHERE (t1.code = t0.code));

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT p.sex, COUNT(*) FROM enrolled e RIGHT JOIN patients p ON p.patient_id = e.patient_id GROUP BY 1;
SELECT t1.sex, COUNT(*) FROM enrolled AS t0 RIGHT JOIN patients AS t1 ON (t1.patient_id = t0.patient_id) GROUP BY t1.sex;

# cells=9 groups=1 rows=2 partials=no statistics=rows:2
SELECT p.sex, e.arm, COUNT(*) FROM enrolled e FULL JOIN patients p USING (patient_id) GROUP BY ALL;
SELECT t1.sex, t0.arm, COUNT(*) FROM enrolled AS t0 FULL JOIN patients AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.sex, t0.arm;

# cells=1 groups=1 rows=3 partials=yes statistics=units:1
SELECT COUNT(DISTINCT patient_id) FROM enrolled FULL JOIN stays USING (patient_id);
SELECT COUNT(DISTINCT COALESCE(t0.patient_id, t1.patient_id)) FROM enrolled AS t0 FULL JOIN stays AS t1 ON (t0.patient_id = t1.patient_id);

# cells=3 groups=1 rows=3 partials=yes statistics=rows:3
SELECT p.sex, COUNT(*) FROM patients p, visits v WHERE p.patient_id = v.patient_id AND v.urgent GROUP BY p.sex;
SELECT t0.sex, COUNT(*) FROM patients AS t0 JOIN visits AS t1 ON (t0.patient_id = t1.patient_id) WHERE (t0.patient_id = t1.patient_id) AND t1.urgent GROUP BY t0.sex;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.part, COUNT(*) FROM labs l, codes c WHERE l.code = c.code GROUP BY 1;
SELECT t1.part, COUNT(*) FROM labs AS t0 JOIN codes AS t1 ON TRUE WHERE (t0.code = t1.code) GROUP BY t1.part;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l CROSS JOIN codes c WHERE c.weight = 3;
SELECT COUNT(*) FROM labs AS t0 JOIN codes AS t1 ON TRUE WHERE (t1.weight = 3);

# cells=11 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.weight, COUNT(*) FROM codes c RIGHT JOIN labs l ON l.code = c.code GROUP BY 1;
SELECT t0.weight, COUNT(*) FROM codes AS t0 RIGHT JOIN labs AS t1 ON (t1.code = t0.code) GROUP BY t0.weight;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs JOIN visits USING (patient_id, visit_id);
SELECT COUNT(*) FROM labs AS t0 JOIN visits AS t1 ON ((t0.patient_id = t1.patient_id) AND (t0.visit_id = t1.visit_id));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l JOIN visits v ON v.visit_id = l.visit_id JOIN patients p ON p.patient_id = v.patient_id;
SELECT COUNT(*) FROM labs AS t0 JOIN visits AS t1 ON ((t0.patient_id = t1.patient_id) AND (t1.visit_id = t0.visit_id)) JOIN patients AS t2 ON (t2.patient_id = t1.patient_id);

# cells=9 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, age_band(age, 45) AS a, COUNT(*) FROM patients GROUP BY ROLLUP (sex, a);
SELECT t0.sex, age_band(t0.age, 45), COUNT(*) FROM patients AS t0 GROUP BY GROUPING SETS ((t0.sex, age_band(t0.age, 45)), (t0.sex), ());

# cells=9 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, age_band(age, 45) AS a, COUNT(*) FROM patients GROUP BY CUBE (sex, a);
SELECT t0.sex, age_band(t0.age, 45), COUNT(*) FROM patients AS t0 GROUP BY GROUPING SETS ((t0.sex, age_band(t0.age, 45)), (t0.sex), (age_band(t0.age, 45)), ());

# cells=9 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, age_band(age, 45) AS a, COUNT(*) FROM patients GROUP BY GROUPING SETS ((sex, a), sex, (a), ());
SELECT t0.sex, age_band(t0.age, 45), COUNT(*) FROM patients AS t0 GROUP BY GROUPING SETS ((t0.sex, age_band(t0.age, 45)), (t0.sex), (age_band(t0.age, 45)), ());

# cells=6 groups=2 rows=3 partials=yes statistics=rows:3 units:1 | cells=3 groups=2 rows=3 partials=yes statistics=rows:3 units:1
SELECT class, urgent, COUNT(*), COUNT(DISTINCT patient_id) FROM visits GROUP BY class, ROLLUP (urgent);
SELECT t0.class, t0.urgent, COUNT(*), COUNT(DISTINCT t0.patient_id) FROM visits AS t0 GROUP BY GROUPING SETS ((t0.class, t0.urgent), (t0.class));

# cells=4 groups=1 rows=1 partials=no statistics=rows:1
SELECT band, n FROM (SELECT age_band(age, 30) AS band, COUNT(*) AS n, AVG(age) AS mean FROM patients GROUP BY 1) WHERE n > 10 ORDER BY n DESC LIMIT 3 OFFSET 1;
SELECT age_band(t0.age, 30), COUNT(*) FROM patients AS t0 GROUP BY age_band(t0.age, 30) HAVING (COUNT(*) > 10) ORDER BY COUNT(*) DESC LIMIT 3 OFFSET 1;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT *, n * 2 AS twice FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex HAVING COUNT(*) > 1 ORDER BY n) WHERE n < 500 LIMIT 1;
SELECT t0.sex, COUNT(*), (COUNT(*) * 2) FROM patients AS t0 GROUP BY t0.sex HAVING ((COUNT(*) > 1) AND (COUNT(*) < 500)) ORDER BY COUNT(*) LIMIT 1;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
WITH r AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT sex, n / SUM(n) OVER () AS share FROM r ORDER BY share;
SELECT t0.sex, (COUNT(*) / SUM(COUNT(*)) OVER ()) FROM patients AS t0 GROUP BY t0.sex ORDER BY (COUNT(*) / SUM(COUNT(*)) OVER ());

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, COUNT(*) / SUM(COUNT(*)) OVER () AS share, SUM(COUNT(*)) OVER (ORDER BY sex) AS running FROM patients GROUP BY sex;
SELECT t0.sex, (COUNT(*) / SUM(COUNT(*)) OVER ()), SUM(COUNT(*)) OVER (ORDER BY t0.sex) FROM patients AS t0 GROUP BY t0.sex;

# cells=6 groups=2 rows=3 partials=yes statistics=rows:3
SELECT class, urgent, RANK() OVER (PARTITION BY class ORDER BY COUNT(*) DESC), LAG(COUNT(*)) OVER (ORDER BY class, urgent), AVG(COUNT(*)) OVER (PARTITION BY class), COUNT(*) OVER () FROM visits GROUP BY class, urgent;
SELECT t0.class, t0.urgent, RANK() OVER (PARTITION BY t0.class ORDER BY COUNT(*) DESC), LAG(COUNT(*)) OVER (ORDER BY t0.class, t0.urgent), AVG(COUNT(*)) OVER (PARTITION BY t0.class), COUNT() OVER () FROM visits AS t0 GROUP BY t0.class, t0.urgent;

# cells=1 groups=1 rows=1 partials=no statistics=buckets:1x3
SELECT HISTOGRAM(age, [18, 65, 90]) FROM patients;
SELECT HISTOGRAM(t0.age, [18, 65, 90])[1], HISTOGRAM(t0.age, [18, 65, 90])[2], HISTOGRAM(t0.age, [18, 65, 90])[3] FROM patients AS t0;

# cells=3 groups=1 rows=1 partials=no statistics=buckets:1x2
SELECT sex, HISTOGRAM(age, [18, 65]) AS h FROM patients GROUP BY sex;
SELECT t0.sex, HISTOGRAM(t0.age, [18, 65])[1], HISTOGRAM(t0.age, [18, 65])[2] FROM patients AS t0 GROUP BY t0.sex;

# cells=1 groups=1 rows=1 partials=no statistics=buckets:1x101
SELECT QUANTILE_CONT(age, [0.25, 0.5, 0.75]) AS q FROM patients;
SELECT QUANTILE_CONT(t0.age, 0.25), QUANTILE_CONT(t0.age, 0.5), QUANTILE_CONT(t0.age, 0.75) FROM patients AS t0;

# cells=3 groups=1 rows=1 partials=no statistics=buckets:1x101
SELECT sex, QUANTILE_DISC(age, [0.1, 0.9]), QUANTILE(age, 0.5) FROM patients GROUP BY sex;
SELECT t0.sex, QUANTILE_DISC(t0.age, 0.1), QUANTILE_DISC(t0.age, 0.9), QUANTILE_DISC(t0.age, 0.5) FROM patients AS t0 GROUP BY t0.sex;

# cells=1 groups=1 rows=1 partials=no statistics=buckets:1x101 sum:45 rows:1
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY age), PERCENTILE_DISC(0.9) WITHIN GROUP (ORDER BY age), MEAN(age) FROM patients;
SELECT QUANTILE_CONT(t0.age, 0.5), QUANTILE_DISC(t0.age, 0.9), AVG(t0.age) FROM patients AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=buckets:1x101 buckets:1x101
SELECT MIN(age), MAX(age), MEDIAN(age) FILTER (WHERE sex = 'F') FROM patients;
SELECT MIN(t0.age), MAX(t0.age), QUANTILE_CONT(t0.age, 0.5) FILTER (WHERE (t0.sex = 'F')) FROM patients AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=sum:1012500 sum:45 rows:1
SELECT VAR_SAMP(age), VAR_POP(age), STDDEV(age), STDDEV_SAMP(age), STDDEV_POP(age), VARIANCE(age) FROM patients;
SELECT VAR_SAMP(t0.age), VAR_POP(t0.age), STDDEV_SAMP(t0.age), STDDEV_SAMP(t0.age), STDDEV_POP(t0.age), VAR_SAMP(t0.age) FROM patients AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=sum:1350000 sum:1012500 sum:4500000 sum:45 sum:3 rows:1
SELECT CORR(age, score), COVAR_POP(age, score), COVAR_SAMP(age, score), REGR_SLOPE(age, score), REGR_INTERCEPT(age, score), REGR_R2(age, score) FROM patients JOIN enrolled USING (patient_id);
SELECT CORR(t0.age, t1.score), COVAR_POP(t0.age, t1.score), COVAR_SAMP(t0.age, t1.score), REGR_SLOPE(t0.age, t1.score), REGR_INTERCEPT(t0.age, t1.score), REGR_R2(t0.age, t1.score) FROM patients AS t0 JOIN enrolled AS t1 ON (t0.patient_id = t1.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 rows:3 sum:3 rows:3
SELECT COUNT_IF(urgent), COUNT_IF(urgent) FILTER (WHERE cost > 5), SUM(urgent), AVG(urgent) FROM visits;
SELECT COUNT(*) FILTER (WHERE t0.urgent), COUNT(*) FILTER (WHERE (t0.cost > 5) AND t0.urgent), SUM(CAST(t0.urgent AS BIGINT)), AVG(CAST(t0.urgent AS BIGINT)) FROM visits AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=sum:300000
SELECT SUM(total) FROM (SELECT patient_id, SUM(cost) AS total FROM visits GROUP BY patient_id) WHERE total > 0;
SELECT SUM(CLAMP(t2.f1, 0, 3000)) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, SUM(t0.cost) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE (t2.f1 > 0);

# cells=6 groups=2 rows=3 partials=yes statistics=rows:3
SELECT class, COUNT(*) AS n, urgent FROM visits GROUP BY ALL ORDER BY ALL DESC;
SELECT t0.class, COUNT(*), t0.urgent FROM visits AS t0 GROUP BY t0.class, t0.urgent ORDER BY t0.class DESC, COUNT(*) DESC, t0.urgent DESC;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT * FROM visits JOIN patients USING (patient_id)) x WHERE x.age > 17 AND x.urgent;
SELECT COUNT(*) FROM (SELECT t0.urgent AS f5, t1.age AS f8 FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id)) AS t2 WHERE (t2.f8 > 17) AND t2.f5;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:135 rows:3
SELECT AVG(age) FROM (SELECT p.* EXCLUDE (sex), v.class FROM patients p JOIN visits v USING (patient_id)) WHERE class = 'emergency';
SELECT AVG(t2.f1) FROM (SELECT t0.age AS f1, t1.class AS f2 FROM patients AS t0 JOIN visits AS t1 ON (t0.patient_id = t1.patient_id)) AS t2 WHERE (t2.f2 = 'emergency');

# cells=1 groups=1 rows=1 partials=no statistics=buckets:1x13
SELECT MAX(n) FROM (SELECT patient_id, CAST(COUNT(*) AS INTEGER) % 7 AS n FROM visits GROUP BY patient_id);
SELECT MAX(t2.f1) FROM (SELECT (CAST(t1.a0 AS INTEGER) % 7) AS f1 FROM (SELECT t0.patient_id AS k0, COUNT(*) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=2 groups=1 rows=1 partials=no statistics=rows:1
SELECT YEAR(first) AS y, COUNT(*) FROM (SELECT patient_id, MIN(day) AS first FROM visits GROUP BY patient_id) GROUP BY y;
SELECT YEAR(t2.f1), COUNT(*) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, MIN(t0.day) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 GROUP BY YEAR(t2.f1);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id FROM visits ORDER BY day);
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0) AS t1;

# cells=2 groups=1 rows=1 partials=no statistics=rows:1
SELECT n, COUNT(*) FROM (SELECT p.patient_id, COUNT(e.arm) AS n FROM patients p LEFT JOIN enrolled e ON e.patient_id = p.patient_id GROUP BY p.patient_id) GROUP BY n;
SELECT t3.f1, COUNT(*) FROM (SELECT t2.a0 AS f1 FROM (SELECT t0.patient_id AS k0, COUNT(t1.arm) AS a0 FROM patients AS t0 LEFT JOIN enrolled AS t1 ON (t1.patient_id = t0.patient_id) GROUP BY t0.patient_id) AS t2) AS t3 GROUP BY t3.f1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = v.patient_id AND EXISTS (SELECT 1 FROM stays s WHERE s.patient_id = v.patient_id AND s.days > l.value));
SELECT COUNT(*) FROM visits AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM labs AS t1 WHERE (t1.patient_id = t0.patient_id) AND EXISTS (SELECT 1 FROM (SELECT 1 FROM stays AS t2 WHERE (t2.days > t1.value) AND (t2.patient_id = t0.patient_id)) AS t3)) AS t4);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE (SELECT MAX(v.day) FROM visits v WHERE v.patient_id = p.patient_id) > DATE '2024-06-01';
SELECT COUNT(*) FROM patients AS t0 WHERE ((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT MAX(t1.day) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3) > DATE '2024-06-01');

# cells=1 groups=1 rows=3 partials=yes statistics=distinct:3
SELECT COUNT(DISTINCT class) FROM visits;
SELECT COUNT(DISTINCT t0.class) FROM visits AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, (age > 3) AS b FROM patients) WHERE b;
SELECT COUNT(*) FROM (SELECT (t0.age > 3) AS f1 FROM patients AS t0) AS t1 WHERE t1.f1;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT m, COUNT(*) FROM (SELECT patient_id, MAX(class) AS m FROM visits GROUP BY patient_id) GROUP BY m;
SELECT t2.f1, COUNT(*) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, MAX(t0.class) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 GROUP BY t2.f1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT 'x' AS a, COUNT(*) FROM patients JOIN (SELECT * FROM visits) v USING (patient_id);
SELECT :text, COUNT(*) FROM patients AS t0 JOIN (SELECT t1.patient_id AS f1 FROM visits AS t1) AS t2 ON (t0.patient_id = t2.f1);

# cells=1 groups=1 rows=3 partials=yes statistics=sum:3
SELECT SUM(IFF(urgent, 1)) FROM visits;
SELECT SUM((CASE WHEN t0.urgent THEN 1 ELSE NULL END)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:3
SELECT SUM(IFF(urgent, 1, 0)) FROM visits;
SELECT SUM((CASE WHEN t0.urgent THEN 1 ELSE 0 END)) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER w AS a, COUNT(*) OVER (PARTITION BY patient_id) AS b FROM visits WINDOW w AS (PARTITION BY patient_id ORDER BY day ROWS 2 PRECEDING)) WHERE a = b;
SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS f1, COUNT(*) OVER (PARTITION BY t0.patient_id) AS f2 FROM visits AS t0) AS t1 WHERE (t1.f1 = t1.f2);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (w ORDER BY cost) AS a FROM visits WINDOW w AS (PARTITION BY patient_id)) WHERE a = 1;
SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.cost NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1 WHERE (t1.f1 = 1);

# cells=1 groups=1 rows=1 partials=no statistics=sum:2 rows:1
SELECT AVG(n) FROM (SELECT patient_id, COUNT_IF(urgent) FILTER (WHERE cost > 100) AS n FROM visits GROUP BY patient_id, patient_id);
SELECT AVG(CLAMP(t2.f1, 0, 3)) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, COUNT(*) FILTER (WHERE (t0.urgent AND (t0.cost > 100))) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM stays s LEFT JOIN visits v ON v.patient_id = s.patient_id AND v.cost > s.days;
SELECT COUNT(*) FROM stays AS t0 LEFT JOIN visits AS t1 ON ((t1.patient_id = t0.patient_id) AND (t1.cost > t0.days));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM stays s FULL JOIN visits v ON v.patient_id = s.patient_id;
SELECT COUNT(*) FROM stays AS t0 FULL JOIN visits AS t1 ON (t1.patient_id = t0.patient_id);

# cells=1 groups=1 rows=3 partials=no statistics=rows:3
SELECT COUNT(*) FROM stays s RIGHT JOIN enrolled v ON v.patient_id = s.patient_id;
SELECT COUNT(*) FROM stays AS t0 RIGHT JOIN enrolled AS t1 ON (t1.patient_id = t0.patient_id);

# cells=1 groups=1 rows=3 partials=no statistics=rows:3
SELECT COUNT(*) FROM stays s LEFT JOIN enrolled v ON v.patient_id = s.patient_id;
SELECT COUNT(*) FROM stays AS t0 LEFT JOIN enrolled AS t1 ON (t1.patient_id = t0.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM stays s FULL JOIN enrolled v ON v.patient_id = s.patient_id;
SELECT COUNT(*) FROM stays AS t0 FULL JOIN enrolled AS t1 ON (t1.patient_id = t0.patient_id);

# cells=1 groups=1 rows=2 partials=no statistics=rows:2
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) v JOIN enrolled e USING (patient_id) WHERE v.n <= 2;
SELECT COUNT(*) FROM (SELECT t0.patient_id AS f0, ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1 JOIN enrolled AS t2 ON (t1.f0 = t2.patient_id) WHERE (t1.f1 <= 2);

# cells=1 groups=1 rows=2 partials=no statistics=rows:2
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) v LEFT JOIN enrolled e USING (patient_id) WHERE v.n < 3 AND e.score > 0;
SELECT COUNT(*) FROM (SELECT t0.patient_id AS f0, ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1 LEFT JOIN enrolled AS t2 ON (t1.f0 = t2.patient_id) WHERE (t1.f1 < 3) AND (t2.score > 0);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) v RIGHT JOIN enrolled e USING (patient_id) WHERE v.n <= 2;
SELECT COUNT(*) FROM (SELECT t0.patient_id AS f0, ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1 RIGHT JOIN enrolled AS t2 ON (t1.f0 = t2.patient_id) WHERE (t1.f1 <= 2);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits) v SEMI JOIN enrolled e USING (patient_id) WHERE v.n = 1;
SELECT COUNT(*) FROM (SELECT t0.patient_id AS f0, ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1 WHERE EXISTS (SELECT 1 FROM enrolled AS t2 WHERE (t1.f0 = t2.patient_id)) AND (t1.f1 = 1);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE 2 < (SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id AND p.patient_id IS NOT NULL);
SELECT COUNT(*) FROM patients AS t0 WHERE ((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT COUNT(*) AS a0 FROM visits AS t1 WHERE (NOT (t0.patient_id IS NULL)) AND (t1.patient_id = t0.patient_id)) AS t2) AS t3) > 2);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT p.patient_id, COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id GROUP BY p.patient_id, v.class);
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM (SELECT t0.patient_id AS k0, t1.class AS k1 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id) GROUP BY t0.patient_id, t1.class) AS t2) AS t3);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT v.class || 'x' AS c, v.class, COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id GROUP BY v.class);
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM (SELECT t1.class AS k0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id) GROUP BY t1.class) AS t2) AS t3);

# cells=1 groups=1 rows=3 partials=yes statistics=sum:6 rows:3
SELECT AVG(n) FROM (SELECT patient_id, LOWER(class) AS c, COUNT(*) AS n FROM visits GROUP BY patient_id, class);
SELECT AVG(CLAMP(t2.f2, 0, 3)) FROM (SELECT t1.a0 AS f2 FROM (SELECT t0.patient_id AS k0, t0.class AS k1, COUNT(*) AS a0 FROM visits AS t0 GROUP BY t0.patient_id, t0.class) AS t1) AS t2;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(patient_id) FROM enrolled e FULL JOIN stays s USING (patient_id) FULL JOIN labs l USING (patient_id);
SELECT COUNT(COALESCE(t0.patient_id, t1.patient_id, t2.patient_id)) FROM enrolled AS t0 FULL JOIN stays AS t1 ON (t0.patient_id = t1.patient_id) FULL JOIN labs AS t2 ON (COALESCE(t0.patient_id, t1.patient_id) = t2.patient_id);

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT part, COUNT(*) FROM labs JOIN codes USING (code) LEFT JOIN stays USING (patient_id) WHERE code = 'C1' GROUP BY part;
SELECT t1.part, COUNT(*) FROM labs AS t0 JOIN codes AS t1 ON (t0.code = t1.code) LEFT JOIN stays AS t2 ON (t0.patient_id = t2.patient_id) WHERE (t0.code = :text) GROUP BY t1.part;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT a.code AS c1, code FROM codes a JOIN codes b USING (code)) c JOIN labs l ON l.code = c.code;
SELECT COUNT(*) FROM (SELECT t0.code AS f1 FROM codes AS t0 JOIN codes AS t1 ON (t0.code = t1.code)) AS t2 JOIN labs AS t3 ON (t3.code = t2.f1);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(code) FROM labs RIGHT JOIN stays USING (patient_id) JOIN codes USING (code);
SELECT COUNT(t0.code) FROM labs AS t0 RIGHT JOIN stays AS t1 ON (t0.patient_id = t1.patient_id) JOIN codes AS t2 ON (t0.code = t2.code);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
WITH r AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex), s AS (SELECT * FROM r) SELECT s.n FROM s;
SELECT COUNT(*) FROM patients AS t0 GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
WITH r(a, b) AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT b FROM r;
SELECT COUNT(*) FROM patients AS t0 GROUP BY t0.sex;

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3
WITH r(a) AS (VALUES (1), (2)) SELECT a, COUNT(*) FROM stays s JOIN r ON r.a <= s.days GROUP BY a;
SELECT t2.f0, COUNT(*) FROM stays AS t0 JOIN (SELECT t1.f0 AS f0 FROM (VALUES (1), (2)) AS t1) AS t2 ON (t2.f0 <= t0.days) GROUP BY t2.f0;

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3
SELECT x, COUNT(*) FROM stays s JOIN (VALUES (1), (2)) AS v(x) ON x <= s.days GROUP BY x;
SELECT t1.f0, COUNT(*) FROM stays AS t0 JOIN (VALUES (1), (2)) AS t1 ON (t1.f0 <= t0.days) GROUP BY t1.f0;

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3
SELECT u.a, COUNT(*) FROM (SELECT patient_id AS p, 'x' AS a FROM visits UNION ALL SELECT patient_id, 'y' FROM stays) AS u(q) GROUP BY u.a;
SELECT t4.f1, COUNT(*) FROM (SELECT t1.f1 AS f1 FROM (SELECT :text AS f1 FROM visits AS t0) AS t1 UNION ALL SELECT t3.f1 AS f1 FROM (SELECT :text AS f1 FROM stays AS t2) AS t3) AS t4 GROUP BY t4.f1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, CASE WHEN COUNT(*) > 2 THEN 'many' ELSE 'few' END AS c FROM visits GROUP BY patient_id);
SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT t0.patient_id AS k0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE (SELECT COUNT(*) FROM (SELECT patient_id FROM visits WHERE urgent) v WHERE v.patient_id = p.patient_id) > 1;
SELECT COUNT(*) FROM patients AS t0 WHERE ((SELECT t4.f0 FROM (SELECT t3.a0 AS f0 FROM (SELECT COUNT(*) AS a0 FROM (SELECT t1.patient_id AS f0 FROM visits AS t1 WHERE t1.urgent) AS t2 WHERE (t2.f0 = t0.patient_id)) AS t3) AS t4) > 1);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits a JOIN (SELECT patient_id, MAX(cost) AS m FROM visits GROUP BY patient_id) b ON a.patient_id = b.patient_id AND a.cost = b.m;
SELECT COUNT(*) FROM visits AS t0 JOIN (SELECT t2.k0 AS f0, t2.a0 AS f1 FROM (SELECT t1.patient_id AS k0, MAX(t1.cost) AS a0 FROM visits AS t1 GROUP BY t1.patient_id) AS t2) AS t3 ON ((t0.patient_id = t3.f0) AND (t0.cost = t3.f1));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT 'x' AS x, sex FROM patients);
SELECT COUNT(*) FROM (SELECT 1 FROM patients AS t0) AS t1;

# cells=1 groups=1 rows=1 partials=no statistics=sum:4500000 rows:1
SELECT AVG(m) FROM (SELECT AVG(c.weight) AS m, l.patient_id FROM labs l JOIN codes c USING (code) GROUP BY l.patient_id);
SELECT AVG(t3.f0) FROM (SELECT t2.a0 AS f0 FROM (SELECT t0.patient_id AS k0, AVG(t1.weight) AS a0 FROM labs AS t0 JOIN codes AS t1 ON (t0.code = t1.code) GROUP BY t0.patient_id) AS t2) AS t3;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l WHERE l.value > (SELECT AVG(weight) FROM codes);
SELECT COUNT(*) FROM labs AS t0 WHERE (t0.value > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT AVG(t1.weight) AS a0 FROM codes AS t1) AS t2) AS t3));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l WHERE l.value > (SELECT AVG(weight) FROM codes WHERE code = l.code);
SELECT COUNT(*) FROM labs AS t0 WHERE (t0.value > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT AVG(t1.weight) AS a0 FROM codes AS t1 WHERE (t1.code = t0.code)) AS t2) AS t3));

# cells=10 groups=2 rows=3 partials=yes statistics=rows:3
SELECT c.m, COUNT(*) FROM stays s JOIN (SELECT part, MAX(weight) AS m FROM codes GROUP BY part) c ON c.m > s.days GROUP BY c.m;
SELECT t3.f1, COUNT(*) FROM stays AS t0 JOIN (SELECT t2.a0 AS f1 FROM (SELECT t1.part AS k0, MAX(t1.weight) AS a0 FROM codes AS t1 GROUP BY t1.part) AS t2) AS t3 ON (t3.f1 > t0.days) GROUP BY t3.f1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, visit_id, COUNT(*) AS n FROM visits GROUP BY patient_id, visit_id) WHERE n > 1;
SELECT COUNT(*) FROM (SELECT t1.a0 AS f2 FROM (SELECT t0.patient_id AS k0, t0.visit_id AS k1, COUNT(*) AS a0 FROM visits AS t0 GROUP BY t0.patient_id, t0.visit_id) AS t1) AS t2 WHERE (t2.f2 > 1);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT DISTINCT patient_id, ROW_NUMBER() OVER (PARTITION BY patient_id) AS n FROM visits);
SELECT COUNT(*) FROM (SELECT t1.f0 AS f0, t1.f1 AS f1 FROM (SELECT t0.patient_id AS f0, ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.__rank) AS f1 FROM visits AS t0) AS t1 GROUP BY t1.f0, t1.f1) AS t2;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (FROM visits);
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
FROM visits SELECT COUNT(*);
SELECT COUNT(*) FROM visits AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM ((SELECT patient_id FROM visits)) x;
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0) AS t1;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
WITH r(a, b) AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT b FROM r WHERE b > 3;
SELECT COUNT(*) FROM patients AS t0 GROUP BY t0.sex HAVING (COUNT(*) > 3);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT x.b FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) AS x(a, b);
SELECT COUNT(*) FROM patients AS t0 GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 sum:45 rows:1
SELECT n FROM (SELECT sex, COUNT(*) AS n, AVG(age) AS m, MEDIAN(age) AS q FROM patients GROUP BY sex) WHERE m > 30;
SELECT COUNT(*) FROM patients AS t0 GROUP BY t0.sex HAVING (AVG(t0.age) > 30);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT share FROM (SELECT sex, AVG(age) AS m, COUNT(*) / SUM(COUNT(*)) OVER () AS share, SUM(AVG(age)) OVER () AS t FROM patients GROUP BY sex);
SELECT (COUNT(*) / SUM(COUNT(*)) OVER ()) FROM patients AS t0 GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) WHERE n > 3 ORDER BY n DESC;
SELECT t0.sex FROM patients AS t0 GROUP BY t0.sex HAVING (COUNT(*) > 3) ORDER BY COUNT(*) DESC;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 sum:45 rows:1 buckets:1x101
SELECT m FROM (SELECT sex, COUNT(*) AS n, AVG(age) AS m FROM patients GROUP BY sex HAVING COUNT(*) > 5 ORDER BY MAX(age));
SELECT AVG(t0.age) FROM patients AS t0 GROUP BY t0.sex HAVING (COUNT(*) > 5) ORDER BY MAX(t0.age);

# cells=6 groups=2 rows=3 partials=yes statistics=sum:150000 rows:3 units:1
SELECT r FROM (SELECT class, COUNT(*) AS n, RANK() OVER (PARTITION BY class ORDER BY AVG(cost), 2 * COUNT(DISTINCT patient_id)) AS r, SUM(cost) FROM visits GROUP BY class, urgent);
SELECT RANK() OVER (PARTITION BY t0.class ORDER BY AVG(t0.cost), (2 * COUNT(DISTINCT t0.patient_id))) FROM visits AS t0 GROUP BY t0.class, t0.urgent;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, GROUPING(sex) AS g, COUNT(*) FROM patients GROUP BY ROLLUP (sex);
SELECT t0.sex, GROUPING(t0.sex), COUNT(*) FROM patients AS t0 GROUP BY GROUPING SETS ((t0.sex), ());

# cells=9 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, age_band(age, 45) AS a, GROUPING(sex, age_band(age, 45)), COUNT(*) FROM patients GROUP BY CUBE (sex, a);
SELECT t0.sex, age_band(t0.age, 45), GROUPING(t0.sex, age_band(t0.age, 45)), COUNT(*) FROM patients AS t0 GROUP BY GROUPING SETS ((t0.sex, age_band(t0.age, 45)), (t0.sex), (age_band(t0.age, 45)), ());

# cells=1 groups=1 rows=3 partials=yes statistics=sum:6 rows:3
SELECT AVG(n) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW) AS n FROM visits);
SELECT AVG(CLAMP(t1.f1, 0, 3)) FROM (SELECT COUNT(*) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW) AS f1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day range between interval 2 week preceding and interval 1 month following) AS n FROM visits) WHERE n > 2;
SELECT COUNT(*) FROM (SELECT COUNT(*) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST RANGE BETWEEN INTERVAL '2' WEEK PRECEDING AND INTERVAL '1' MONTH FOLLOWING) AS f1 FROM visits AS t0) AS t1 WHERE (t1.f1 > 2);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY at RANGE BETWEEN INTERVAL '90' DAYS PRECEDING AND UNBOUNDED FOLLOWING) AS n FROM labs) WHERE n > 2;
SELECT COUNT(*) FROM (SELECT COUNT(*) OVER (PARTITION BY t0.patient_id ORDER BY t0.at NULLS LAST RANGE BETWEEN INTERVAL '90' DAY PRECEDING AND UNBOUNDED FOLLOWING) AS f1 FROM labs AS t0) AS t1 WHERE (t1.f1 > 2);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY cost RANGE UNBOUNDED PRECEDING) AS n FROM visits) WHERE n > 2;
SELECT COUNT(*) FROM (SELECT SUM(t0.cost) OVER (PARTITION BY t0.patient_id ORDER BY t0.cost NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS f1 FROM visits AS t0) AS t1 WHERE (t1.f1 > 2);

# cells=4 groups=1 rows=3 partials=no statistics=rows:3
SELECT n, COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id) AS n FROM stays) GROUP BY n;
SELECT t1.f1, COUNT(*) FROM (SELECT COUNT(*) OVER (PARTITION BY t0.patient_id) AS f1 FROM stays AS t0) AS t1 GROUP BY t1.f1;

# cells=3 groups=1 rows=3 partials=yes statistics=units:1
SELECT class, COUNT(DISTINCT patient_id) FROM (SELECT patient_id, FIRST_VALUE(class) OVER (PARTITION BY patient_id ORDER BY day) AS class FROM visits) GROUP BY class;
SELECT t1.f1, COUNT(DISTINCT t1.f0) FROM (SELECT t0.patient_id AS f0, FIRST_VALUE(t0.class) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1 GROUP BY t1.f1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits a JOIN visits b USING (patient_id) JOIN visits c USING (patient_id) JOIN visits d USING (patient_id);
SELECT COUNT(*) FROM visits AS t0 JOIN visits AS t1 ON (t0.patient_id = t1.patient_id) JOIN visits AS t2 ON (t0.patient_id = t2.patient_id) JOIN visits AS t3 ON (t0.patient_id = t3.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits a JOIN labs b USING (patient_id) JOIN (SELECT patient_id FROM visits UNION ALL SELECT patient_id FROM labs) c USING (patient_id);
SELECT COUNT(*) FROM visits AS t0 JOIN labs AS t1 ON (t0.patient_id = t1.patient_id) JOIN (SELECT t3.f0 AS f0 FROM (SELECT t2.patient_id AS f0 FROM visits AS t2) AS t3 UNION ALL SELECT t5.f0 AS f0 FROM (SELECT t4.patient_id AS f0 FROM labs AS t4) AS t5) AS t6 ON (t0.patient_id = t6.f0);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs l LEFT JOIN visits v ON v.visit_id = l.visit_id AND v.patient_id = l.patient_id;
SELECT COUNT(*) FROM labs AS t0 LEFT JOIN visits AS t1 ON ((t1.visit_id = t0.visit_id) AND (t1.patient_id = t0.patient_id));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM stays s LEFT JOIN visits v ON v.patient_id = s.patient_id LEFT JOIN enrolled e ON e.patient_id = s.patient_id;
SELECT COUNT(*) FROM stays AS t0 LEFT JOIN visits AS t1 ON (t1.patient_id = t0.patient_id) LEFT JOIN enrolled AS t2 ON (t2.patient_id = t0.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM stays s JOIN codes c ON c.weight = s.days;
SELECT COUNT(*) FROM stays AS t0 JOIN codes AS t1 ON (t1.weight = t0.days);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
WITH r(n, sex) AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT sex FROM r;
SELECT COUNT(*) FROM patients AS t0 GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, MIN(sex) OVER (ORDER BY COUNT(*)), COUNT(*) FROM patients GROUP BY sex;
SELECT t0.sex, MIN(t0.sex) OVER (ORDER BY COUNT(*)), COUNT(*) FROM patients AS t0 GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 sum:45 rows:1 buckets:1x101
SELECT m, share FROM (SELECT sex, COUNT(*) AS n, AVG(age) AS m, MEDIAN(age), COUNT(*) / SUM(COUNT(*)) OVER (ORDER BY MAX(age)) AS share FROM patients GROUP BY sex);
SELECT AVG(t0.age), (COUNT(*) / SUM(COUNT(*)) OVER (ORDER BY MAX(t0.age))) FROM patients AS t0 GROUP BY t0.sex;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits NATURAL JOIN patients;
SELECT COUNT(*) FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE EXISTS (SELECT 1);
SELECT COUNT(*) FROM visits AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM (VALUES (0)) AS t1) AS t2);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id FROM patients UNION SELECT patient_id FROM visits);
SELECT COUNT(*) FROM (SELECT t4.f0 AS f0 FROM (SELECT t1.f0 AS f0 FROM (SELECT t0.patient_id AS f0 FROM patients AS t0) AS t1 UNION ALL SELECT t3.f0 AS f0 FROM (SELECT t2.patient_id AS f0 FROM visits AS t2) AS t3) AS t4 GROUP BY t4.f0) AS t5;

# cells=1 groups=1 rows=3 partials=yes statistics=distinct:3
SELECT APPROX_COUNT_DISTINCT(class) FROM visits;
SELECT COUNT(DISTINCT t0.class) FROM visits AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id FROM patients EXCEPT SELECT patient_id FROM visits);
SELECT COUNT(*) FROM (SELECT t1.f0 AS f0 FROM (SELECT t0.patient_id AS f0 FROM patients AS t0) AS t1 WHERE (NOT EXISTS (SELECT 1 FROM (SELECT t2.patient_id AS f0 FROM visits AS t2) AS t3 WHERE (t1.f0 = t3.f0))) GROUP BY t1.f0) AS t4;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits JOIN (SELECT * FROM RANGE(5)) t ON TRUE;
SELECT COUNT(*) FROM visits AS t0 JOIN (SELECT 1 FROM (VALUES (0), (1), (2), (3), (4)) AS t1) AS t2 ON TRUE;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT DISTINCT ON (patient_id) patient_id FROM visits);
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0 QUALIFY (ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.__rank) = 1)) AS t1;

# cells=1 groups=1 rows=1 partials=no statistics=sum:50000 rows:1
SELECT AVG(n) FROM (SELECT patient_id, FIRST(cost) AS n FROM visits GROUP BY patient_id);
SELECT AVG(t2.f1) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, FIRST(t0.cost ORDER BY t0.__rank) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, MAX(urgent) AS n FROM visits GROUP BY patient_id);
SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT t0.patient_id AS k0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:6 rows:3
SELECT AVG(n) FROM (SELECT patient_id, NTILE(4) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits);
SELECT AVG(t1.f1) FROM (SELECT NTILE(4) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=sum:1500000 rows:3
SELECT AVG(n) FROM (SELECT patient_id, MEDIAN(cost) OVER (PARTITION BY patient_id) AS n FROM visits);
SELECT AVG(t1.f1) FROM (SELECT QUANTILE_CONT(t0.cost, 0.5) OVER (PARTITION BY t0.patient_id) AS f1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT v.* REPLACE (1 AS cost) FROM visits v);
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT * RENAME (cost AS c) FROM visits);
SELECT COUNT(*) FROM (SELECT 1 FROM visits AS t0) AS t1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION SELECT patient_id FROM labs);
SELECT COUNT(*) FROM (SELECT t4.f0 AS f0 FROM (SELECT t1.f0 AS f0 FROM (SELECT t0.patient_id AS f0 FROM visits AS t0) AS t1 UNION ALL SELECT t3.f0 AS f0 FROM (SELECT t2.patient_id AS f0 FROM labs AS t2) AS t3) AS t4 GROUP BY t4.f0) AS t5;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE class LIKE ANY ('in%', '%gency');
SELECT COUNT(*) FROM visits AS t0 WHERE ((t0.class LIKE :text) OR (t0.class LIKE :text));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE class ILIKE ANY (ARRAY['IN%', 'x']);
SELECT COUNT(*) FROM visits AS t0 WHERE ((t0.class ILIKE :text) OR (t0.class ILIKE :text));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE class = ANY(['inpatient', 'emergency']);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.class IN ('inpatient', 'emergency'));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE class <> ALL(['inpatient']);
SELECT COUNT(*) FROM visits AS t0 WHERE (NOT (t0.class IN ('inpatient')));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE list_contains(['inpatient'], class);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.class IN ('inpatient'));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients WHERE age BETWEEN SYMMETRIC 65 AND 18;
SELECT COUNT(*) FROM patients AS t0 WHERE (((t0.age >= 65) AND (t0.age <= 18)) OR ((t0.age >= 18) AND (t0.age <= 65)));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE code[1:2] = 'C1' OR code[2:] = '2' OR code[:1] = 'C' OR code[1] = 'C';
SELECT COUNT(*) FROM labs AS t0 WHERE ((((SUBSTRING(t0.code, 1, 2) = :text) OR (SUBSTRING(t0.code, 2) = :text)) OR (SUBSTRING(t0.code, 1, 1) = :text)) OR (SUBSTRING(t0.code, 1, 1) = :text));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE (patient_id, class) IN (SELECT patient_id, class FROM visits WHERE urgent);
SELECT COUNT(*) FROM visits AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM (SELECT t1.patient_id AS f0, t1.class AS f1 FROM visits AS t1 WHERE t1.urgent) AS t2 WHERE (t0.class = t2.f1) AND (t0.patient_id = t2.f0)) AS t3);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE (class, urgent) IN (('inpatient', TRUE), ('emergency', FALSE));
SELECT COUNT(*) FROM visits AS t0 WHERE (((t0.class = 'inpatient') AND (t0.urgent = TRUE)) OR ((t0.class = 'emergency') AND (t0.urgent = FALSE)));

# cells=1 groups=1 rows=1 partials=no statistics=buckets:1x101 units:1
SELECT APPROX_QUANTILE(age, 0.5), APPROX_COUNT_DISTINCT(patient_id) FROM patients;
SELECT QUANTILE_CONT(t0.age, 0.5), COUNT(DISTINCT t0.patient_id) FROM patients AS t0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE day < TO_DATE('2024-02-01', 'YYYY-MM-DD') AND day >= STRPTIME('01.01.2024', '%d.%m.%Y') AND day < TO_DATE('2025-01-01');
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.day < DATE '2024-02-01') AND (t0.day < DATE '2025-01-01') AND (t0.day >= DATE '2024-01-01');

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM labs WHERE at >= STRPTIME('2024-01-01 06:30', '%Y-%m-%d %H:%M');
SELECT COUNT(*) FROM labs AS t0 WHERE (t0.at >= TIMESTAMP '2024-01-01 06:30:00');

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE day <= DATEADD('day', 3, DATE '2024-01-01') AND day > ADD_MONTHS(DATE '2023-01-01', 2) AND day < DATE '2023-01-01' + TO_MONTHS(30) + TO_DAYS(2);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.day < ((:date + INTERVAL 30 MONTH) + INTERVAL 2 DAY)) AND (t0.day <= (:date + INTERVAL 3 DAY)) AND (t0.day > (:date + INTERVAL 2 MONTH));

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT ISNULL(sex, 'none'), COUNT(*) FROM patients GROUP BY 1;
SELECT COALESCE(t0.sex, :text), COUNT(*) FROM patients AS t0 GROUP BY COALESCE(t0.sex, :text);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, EXTRACT(EPOCH FROM (at - LAG(at) OVER (PARTITION BY patient_id ORDER BY at))) AS s, DATE_PART('day', at - LAG(at) OVER (PARTITION BY patient_id ORDER BY at)) AS d FROM labs) WHERE s > 3600 OR d > 1;
SELECT COUNT(*) FROM (SELECT DATE_SUB('second', LAG(t0.at, 1) OVER (PARTITION BY t0.patient_id ORDER BY t0.at NULLS LAST, t0.__rank), t0.at) AS f1, DATE_SUB('day', LAG(t0.at, 1) OVER (PARTITION BY t0.patient_id ORDER BY t0.at NULLS LAST, t0.__rank), t0.at) AS f2 FROM labs AS t0) AS t1 WHERE ((t1.f1 > 3600) OR (t1.f2 > 1));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, at, LAG(at) OVER (PARTITION BY patient_id ORDER BY at) AS before FROM labs) WHERE at - before <= INTERVAL 3 DAY AND INTERVAL '1 hour' < at - before;
SELECT COUNT(*) FROM (SELECT t0.at AS f1, LAG(t0.at, 1) OVER (PARTITION BY t0.patient_id ORDER BY t0.at NULLS LAST, t0.__rank) AS f2 FROM labs AS t0) AS t1 WHERE ((t1.f2 + INTERVAL 1 HOUR) < t1.f1) AND (t1.f1 <= (t1.f2 + INTERVAL 3 DAY));

# cells=4 groups=2 rows=3 partials=yes statistics=rows:3
SELECT TIME_BUCKET(INTERVAL '3 months', CAST(at AS DATE)) AS q, COUNT(*) FROM labs GROUP BY q;
SELECT DATE_TRUNC('quarter', DATE_TRUNC('day', t0.at)), COUNT(*) FROM labs AS t0 GROUP BY DATE_TRUNC('quarter', DATE_TRUNC('day', t0.at));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, LIST(cost ORDER BY day)[1] AS first_cost, ARRAY_AGG(cost ORDER BY day)[-1] AS last_cost FROM visits GROUP BY patient_id) WHERE first_cost < last_cost;
SELECT COUNT(*) FROM (SELECT t1.a0 AS f1, t1.a1 AS f2 FROM (SELECT t0.patient_id AS k0, FIRST(t0.cost ORDER BY t0.day NULLS LAST, t0.__rank) AS a0, LAST(t0.cost ORDER BY t0.day NULLS LAST, t0.__rank) AS a1 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE (t2.f1 < t2.f2);

# cells=3 groups=1 rows=3 partials=yes statistics=rows:3
FROM patients JOIN visits USING (patient_id) SELECT sex, COUNT(*) GROUP BY sex;
SELECT t0.sex, COUNT(*) FROM patients AS t0 JOIN visits AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t0.sex;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT sex, COUNT(*) FROM patients NATURAL JOIN (SELECT DISTINCT patient_id FROM visits) v GROUP BY sex;
SELECT t0.sex, COUNT(*) FROM patients AS t0 JOIN (SELECT t2.f0 AS f0 FROM (SELECT t1.patient_id AS f0 FROM visits AS t1) AS t2 GROUP BY t2.f0) AS t3 ON (t0.patient_id = t3.f0) GROUP BY t0.sex;

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3
SELECT kind, COUNT(*) FROM (SELECT patient_id, 'v' AS kind FROM visits UNION ALL BY NAME SELECT 'l' AS kind, patient_id FROM labs) GROUP BY kind;
SELECT t4.f1, COUNT(*) FROM (SELECT t1.f1 AS f1 FROM (SELECT :text AS f1 FROM visits AS t0) AS t1 UNION ALL SELECT t3.f0 AS f1 FROM (SELECT :text AS f0 FROM labs AS t2) AS t3) AS t4 GROUP BY t4.f1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1 sum:500 rows:1
SELECT COUNT(*), AVG(CLAMP(a, 0, 10)) FROM (SELECT patient_id, class, cost FROM visits) PIVOT (MAX(cost) FOR class IN ('inpatient' AS a, 'emergency' AS b) GROUP BY patient_id);
SELECT COUNT(*), AVG(CLAMP(t3.f1, 0, 10)) FROM (SELECT t2.a0 AS f1 FROM (SELECT t1.f0 AS k0, MAX(t1.f2) FILTER (WHERE (t1.f1 = 'inpatient')) AS a0 FROM (SELECT t0.patient_id AS f0, t0.class AS f1, t0.cost AS f2 FROM visits AS t0) AS t1 GROUP BY t1.f0) AS t2) AS t3;

# cells=1 groups=1 rows=1 partials=no statistics=sum:3 rows:1
SELECT SUM(LEAST(emergency_n, 3)), COUNT(inpatient_m) FROM (PIVOT visits ON class IN ('inpatient', 'emergency') USING COUNT(*) AS n, MAX(cost) AS m GROUP BY patient_id);
SELECT SUM(LEAST(t2.f3, 3)), COUNT(t2.f2) FROM (SELECT t1.a1 AS f2, t1.a2 AS f3 FROM (SELECT t0.patient_id AS k0, MAX(t0.cost) FILTER (WHERE (t0.class = 'inpatient')) AS a1, COUNT(*) FILTER (WHERE (t0.class = 'emergency')) AS a2 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=2 groups=1 rows=1 partials=no statistics=rows:1 rows:1
SELECT * FROM (PIVOT patients ON sex IN ('F', 'M') USING COUNT(*) GROUP BY age_band(age, 50) );
SELECT age_band(t0.age, 50), COUNT(*) FILTER (WHERE (t0.sex = 'F')), COUNT(*) FILTER (WHERE (t0.sex = 'M')) FROM patients AS t0 GROUP BY age_band(t0.age, 50);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT g, COUNT(*) FROM (SELECT * EXCLUDE (age) REPLACE (LOWER(sex) AS sex) RENAME (sex AS g) FROM patients) GROUP BY g;
SELECT t1.f1, COUNT(*) FROM (SELECT LOWER(t0.sex) AS f1 FROM patients AS t0) AS t1 GROUP BY t1.f1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id ORDER BY day LIMIT 1);
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2);

# cells=1 groups=1 rows=1 partials=no statistics=sum:3
SELECT SUM((SELECT COUNT(*) AS n FROM visits v WHERE v.patient_id = p.patient_id LIMIT 1)) FROM patients p;
SELECT SUM(CLAMP((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT COUNT(*) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3), 0, 3)) FROM patients AS t0;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT DISTINCT ON (1) patient_id AS who, cost AS c FROM visits ORDER BY who, 2 DESC) WHERE c > 3;
SELECT COUNT(*) FROM (SELECT t0.cost AS f1 FROM visits AS t0 QUALIFY (ROW_NUMBER() OVER (PARTITION BY t0.patient_id ORDER BY t0.patient_id NULLS LAST, t0.cost DESC NULLS LAST, t0.__rank) = 1)) AS t1 WHERE (t1.f1 > 3);

# cells=91 groups=1 rows=1 partials=yes statistics=rows:1
SELECT t.n, COUNT(*) FROM patients p JOIN range(0, 100, 10) AS t(n) ON p.age >= t.n AND p.age < t.n + 10 GROUP BY t.n;
SELECT t1.f0, COUNT(*) FROM patients AS t0 JOIN (VALUES (0), (10), (20), (30), (40), (50), (60), (70), (80), (90)) AS t1 ON ((t0.age >= t1.f0) AND (t0.age < (t1.f0 + 10))) GROUP BY t1.f0;

# cells=5 groups=2 rows=3 partials=yes statistics=rows:3
SELECT t.d, COUNT(*) FROM visits v JOIN UNNEST(generate_series(DATE '2024-01-01', DATE '2024-02-01', INTERVAL 2 WEEKS)) AS t(d) ON v.day >= t.d GROUP BY t.d;
SELECT t1.f0, COUNT(*) FROM visits AS t0 JOIN (VALUES (:date), (:date), (:date)) AS t1 ON (t0.day >= t1.f0) GROUP BY t1.f0;

# cells=48 groups=1 rows=1 partials=yes statistics=rows:1
SELECT n, COUNT(*) FROM patients, (SELECT UNNEST([18, 65])) AS t(n) WHERE age >= n GROUP BY n;
SELECT t2.f0, COUNT(*) FROM patients AS t0 JOIN (SELECT t1.f0 AS f0 FROM (VALUES (18), (65)) AS t1) AS t2 ON TRUE WHERE (t0.age >= t2.f0) GROUP BY t2.f0;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients WHERE age > (SELECT 3 + 4);
SELECT COUNT(*) FROM patients AS t0 WHERE (t0.age > (SELECT t2.f0 FROM (SELECT (3 + 4) AS f0 FROM (VALUES (0)) AS t1) AS t2));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, FIRST(visit_id ORDER BY day) AS first_visit FROM visits GROUP BY patient_id) f JOIN labs l ON l.patient_id = f.patient_id AND l.visit_id = f.first_visit;
SELECT COUNT(*) FROM (SELECT t1.k0 AS f0, t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, FIRST(t0.visit_id ORDER BY t0.day NULLS LAST, t0.__rank) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 JOIN labs AS t3 ON ((t3.patient_id = t2.f0) AND (t3.visit_id = t2.f1));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, FIRST(cost) OVER (PARTITION BY patient_id ORDER BY day) AS a, LAST(cost) OVER (PARTITION BY patient_id ORDER BY day) AS b FROM visits) WHERE a > b;
SELECT COUNT(*) FROM (SELECT FIRST_VALUE(t0.cost) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f1, LAST_VALUE(t0.cost) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f2 FROM visits AS t0) AS t1 WHERE (t1.f1 > t1.f2);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT l.m, COUNT(*) FROM patients p CROSS JOIN LATERAL (SELECT MAX(class) FROM visits v WHERE v.patient_id = p.patient_id) AS l(m) WHERE m IS NOT NULL GROUP BY l.m;
SELECT (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT MAX(t1.class) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3), COUNT(*) FROM patients AS t0 WHERE (NOT ((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT MAX(t1.class) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3) IS NULL)) GROUP BY (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT MAX(t1.class) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p, LATERAL (SELECT COUNT(*) AS k FROM visits v WHERE v.patient_id = p.patient_id) l WHERE EXISTS (SELECT 1 FROM labs b WHERE b.patient_id = p.patient_id AND b.value > l.k);
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM labs AS t4 WHERE (t4.patient_id = t0.patient_id) AND (t4.value > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT COUNT(*) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3))) AS t5);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE cost > (SELECT v.cost FROM visits v WHERE v.patient_id = visits.patient_id ORDER BY 9 LIMIT 1);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.cost > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT FIRST(t1.cost ORDER BY t1.__rank) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits JOIN generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL 1 QUARTER) AS t(d) ON CAST(day AS DATE) >= d;
SELECT COUNT(*) FROM visits AS t0 JOIN (VALUES (:date), (:date), (:date), (:date)) AS t1 ON (t0.day >= t1.f0);

# cells=1 groups=1 rows=1 partials=yes statistics=rows:1
SELECT COUNT(*) FROM patients JOIN (SELECT UNNEST([18, 65])) t ON age >= t.unnest;
SELECT COUNT(*) FROM patients AS t0 JOIN (SELECT t1.f0 AS f0 FROM (VALUES (18), (65)) AS t1) AS t2 ON (t0.age >= t2.f0);

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p, LATERAL (SELECT v.cost, v.class FROM visits v WHERE v.patient_id = p.patient_id ORDER BY 1 DESC LIMIT 1) AS l(c) WHERE c > 3 AND l.class = 'inpatient';
SELECT COUNT(*) FROM patients AS t0 WHERE EXISTS (SELECT 1 FROM (SELECT 1 FROM visits AS t7 WHERE (t7.patient_id = t0.patient_id)) AS t8) AND ((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT FIRST(t1.cost ORDER BY t1.cost DESC NULLS LAST, t1.__rank) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3) > 3) AND ((SELECT t6.f0 FROM (SELECT t5.a0 AS f0 FROM (SELECT FIRST(t4.class ORDER BY t4.cost DESC NULLS LAST, t4.__rank) AS a0 FROM visits AS t4 WHERE (t4.patient_id = t0.patient_id)) AS t5) AS t6) = 'inpatient');

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p LEFT JOIN LATERAL (SELECT MAX(v.cost) AS c FROM visits v WHERE v.patient_id = p.patient_id LIMIT 1) l ON TRUE WHERE c > 3;
SELECT COUNT(*) FROM patients AS t0 WHERE ((SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT MAX(t1.cost) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3) > 3);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits WHERE cost > (SELECT AVG(v.cost) FROM visits v WHERE v.patient_id = visits.patient_id);
SELECT COUNT(*) FROM visits AS t0 WHERE (t0.cost > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT AVG(t1.cost) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM patients p WHERE age > (SELECT v.cost FROM visits v WHERE v.patient_id = p.patient_id LIMIT 1);
SELECT COUNT(*) FROM patients AS t0 WHERE (t0.age > (SELECT t3.f0 FROM (SELECT t2.a0 AS f0 FROM (SELECT FIRST(t1.cost ORDER BY t1.__rank) AS a0 FROM visits AS t1 WHERE (t1.patient_id = t0.patient_id)) AS t2) AS t3));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, FIRST(class) FILTER (WHERE urgent) AS c, COUNT(*) FILTER (WHERE urgent) AS n FROM visits GROUP BY patient_id) WHERE c IS NOT NULL;
SELECT COUNT(*) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, FIRST(t0.class ORDER BY t0.__rank) FILTER (WHERE t0.urgent) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE (NOT (t2.f1 IS NULL));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, ANY_VALUE(class) AS c FROM visits GROUP BY patient_id) WHERE c = 'inpatient';
SELECT COUNT(*) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, ANY_VALUE(t0.class ORDER BY t0.__rank) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE (t2.f1 = 'inpatient');

# cells=1 groups=1 rows=1 partials=no statistics=sum:2500000 rows:1 sum:1000000 rows:1 sum:900000 rows:1
SELECT AVG(CLAMP(s, 0, 5)), AVG(CLAMP(r, -1, 1)), AVG(CLAMP(b, -9, 9)) FROM (SELECT patient_id, STDDEV(cost) AS s, CORR(cost, CASE WHEN urgent THEN 1 ELSE 0 END) AS r, REGR_SLOPE(cost, CASE WHEN urgent THEN 1 ELSE 0 END) AS b FROM visits GROUP BY patient_id);
SELECT AVG(CLAMP(t2.f1, 0, 5)), AVG(CLAMP(t2.f2, -1, 1)), AVG(CLAMP(t2.f3, -9, 9)) FROM (SELECT t1.a0 AS f1, t1.a1 AS f2, t1.a2 AS f3 FROM (SELECT t0.patient_id AS k0, STDDEV_SAMP(t0.cost) AS a0, CORR(t0.cost, (CASE WHEN t0.urgent THEN 1 ELSE 0 END)) AS a1, REGR_SLOPE(t0.cost, (CASE WHEN t0.urgent THEN 1 ELSE 0 END)) AS a2 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=7 groups=1 rows=1 partials=no statistics=rows:1
SELECT classes, COUNT(*) FROM (SELECT patient_id, STRING_AGG(DISTINCT class, '+') AS classes FROM visits GROUP BY patient_id) GROUP BY classes;
SELECT t2.f1, COUNT(*) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, STRING_AGG(DISTINCT t0.class, :text ORDER BY t0.class) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 GROUP BY t2.f1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(DISTINCT code) AS codes, STRING_AGG(code, '>' ORDER BY at) AS path FROM labs GROUP BY patient_id) WHERE codes = 'C1' OR path LIKE 'C1>%';
SELECT COUNT(*) FROM (SELECT t1.a0 AS f1, t1.a1 AS f2 FROM (SELECT t0.patient_id AS k0, STRING_AGG(DISTINCT t0.code, :text ORDER BY t0.code) AS a0, STRING_AGG(t0.code, :text ORDER BY t0.at NULLS LAST, t0.__rank) AS a1 FROM labs AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE ((t2.f1 = :text) OR (t2.f2 LIKE :text));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT COUNT(*) FROM (SELECT patient_id, MODE(class) AS c FROM visits GROUP BY patient_id) WHERE c = 'inpatient';
SELECT COUNT(*) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, MODE(t0.class) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2 WHERE (t2.f1 = 'inpatient');

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM (SELECT patient_id, PERCENT_RANK() OVER (PARTITION BY patient_id ORDER BY cost) AS p, NTH_VALUE(cost, 2) OVER (PARTITION BY patient_id ORDER BY day) AS s FROM visits) WHERE p > 0.5 OR s > 3;
SELECT COUNT(*) FROM (SELECT PERCENT_RANK() OVER (PARTITION BY t0.patient_id ORDER BY t0.cost NULLS LAST) AS f1, NTH_VALUE(t0.cost, 2) OVER (PARTITION BY t0.patient_id ORDER BY t0.day NULLS LAST, t0.__rank) AS f2 FROM visits AS t0) AS t1 WHERE ((t1.f1 > 0.5) OR (t1.f2 > 3));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 sum:90
SELECT COUNT(*), SUM(s.days) FROM visits v ASOF LEFT JOIN stays s ON s.patient_id = v.patient_id AND s.days < v.cost;
SELECT COUNT(*), SUM(t2.f1) FROM visits AS t0 ASOF LEFT JOIN (SELECT t1.patient_id AS f0, t1.days AS f1 FROM stays AS t1 QUALIFY (ROW_NUMBER() OVER (PARTITION BY t1.patient_id, t1.days ORDER BY t1.__rank) = 1)) AS t2 ON ((t2.f0 = t0.patient_id) AND (t2.f1 < t0.cost));

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits v ASOF JOIN stays s ON s.patient_id = v.patient_id AND s.days < v.cost;
SELECT COUNT(*) FROM visits AS t0 ASOF JOIN (SELECT t1.patient_id AS f0, t1.days AS f1 FROM stays AS t1 QUALIFY (ROW_NUMBER() OVER (PARTITION BY t1.patient_id, t1.days ORDER BY t1.__rank) = 1)) AS t2 ON ((t2.f0 = t0.patient_id) AND (t2.f1 < t0.cost));

# cells=1 groups=1 rows=1 partials=no statistics=rows:1
WITH wide AS (PIVOT visits ON class IN ('inpatient') USING MAX(cost) GROUP BY patient_id) SELECT COUNT(inpatient) FROM wide;
SELECT COUNT(t2.f1) FROM (SELECT t1.a0 AS f1 FROM (SELECT t0.patient_id AS k0, MAX(t0.cost) FILTER (WHERE (t0.class = 'inpatient')) AS a0 FROM visits AS t0 GROUP BY t0.patient_id) AS t1) AS t2;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=3 partials=yes statistics=units:1
WITH a AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex), b AS (SELECT p.sex, COUNT(DISTINCT v.patient_id) AS m FROM visits v JOIN patients p USING (patient_id) WHERE v.urgent GROUP BY p.sex) SELECT a.sex, a.n, b.m, 100.0 * b.m / a.n AS pct FROM a JOIN b ON a.sex = b.sex ORDER BY pct DESC;
WITH q0 AS (SELECT t0.sex, COUNT(*) FROM patients AS t0 GROUP BY t0.sex), q1 AS (SELECT t2.sex, COUNT(DISTINCT t1.patient_id) FROM visits AS t1 JOIN patients AS t2 ON (t1.patient_id = t2.patient_id) WHERE t1.urgent GROUP BY t2.sex) SELECT c0, c1, c3, ((100 * c3) / c1) FROM q0 JOIN q1 ON c0 = c2 ORDER BY ((100 * c3) / c1) DESC;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=2 rows=3 partials=yes statistics=rows:3
WITH a AS (SELECT sex, COUNT(*) AS n, AVG(age) AS unused FROM patients GROUP BY sex), b AS (SELECT class AS sex, COUNT(*) AS m FROM visits GROUP BY class) SELECT sex, n, COALESCE(m, 0) AS m FROM a LEFT JOIN b USING (sex) WHERE n > 5;
WITH q0 AS (SELECT t0.sex, COUNT(*), NULL FROM patients AS t0 GROUP BY t0.sex), q1 AS (SELECT t1.class, COUNT(*) FROM visits AS t1 GROUP BY t1.class) SELECT c0, c1, COALESCE(c4, 0) FROM q0 LEFT JOIN q1 ON c0 = c3 WHERE (c1 > 5);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=3 partials=no statistics=sum:90
WITH a AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex), b AS (SELECT p.sex, SUM(s.days) AS d FROM stays s JOIN patients p USING (patient_id) GROUP BY p.sex) SELECT * FROM a FULL JOIN b USING (sex) ORDER BY sex;
WITH q0 AS (SELECT t0.sex, COUNT(*) FROM patients AS t0 GROUP BY t0.sex), q1 AS (SELECT t2.sex, SUM(t1.days) FROM stays AS t1 JOIN patients AS t2 ON (t1.patient_id = t2.patient_id) GROUP BY t2.sex) SELECT COALESCE(c0, c2), c1, c3 FROM q0 FULL JOIN q1 ON c0 = c2 ORDER BY COALESCE(c0, c2);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1 | cells=3 groups=1 rows=3 partials=no statistics=sum:90
WITH a AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex), b AS (SELECT p.sex, SUM(s.days) AS d FROM stays s JOIN patients p USING (patient_id) GROUP BY p.sex) SELECT b.*, a.n FROM a RIGHT JOIN b ON a.sex = b.sex AND a.n > b.d;
WITH q0 AS (SELECT t0.sex, COUNT(*) FROM patients AS t0 GROUP BY t0.sex), q1 AS (SELECT t2.sex, SUM(t1.days) FROM stays AS t1 JOIN patients AS t2 ON (t1.patient_id = t2.patient_id) GROUP BY t2.sex) SELECT c2, c3, c1 FROM q0 RIGHT JOIN q1 ON c0 = c2 AND (c1 > c3);

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT a.n / b.m AS visits_each FROM (SELECT COUNT(*) AS n FROM visits) a, (SELECT COUNT(*) AS m FROM patients) b;
WITH q0 AS (SELECT COUNT(*) FROM visits AS t0), q1 AS (SELECT COUNT(*) FROM patients AS t1) SELECT (c0 / c1) FROM q0 JOIN q1 ON TRUE;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT class, COUNT(*) * 1.0 / (SELECT COUNT(*) FROM patients) AS per_patient FROM visits GROUP BY class;
WITH q0 AS (SELECT t0.class, ((COUNT(*) * 1) / (SELECT * FROM q1)) FROM visits AS t0 GROUP BY t0.class), q1 AS (SELECT COUNT(*) FROM patients AS t2) SELECT * FROM q0;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=1 partials=no statistics=rows:1
SELECT (SELECT COUNT(*) FROM visits) * 1.0 / (SELECT COUNT(*) FROM patients) AS rate;
WITH q0 AS (SELECT COUNT(*) FROM visits AS t0), q1 AS (SELECT COUNT(*) FROM patients AS t1) SELECT (((SELECT * FROM q0) * 1) / (SELECT * FROM q1)) FROM (VALUES ());

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=3 partials=no statistics=rows:3
SELECT class, COUNT(*) AS n FROM visits GROUP BY class HAVING COUNT(*) > (SELECT COUNT(*) FROM stays) ORDER BY n / (SELECT COUNT(*) FROM stays);
WITH q0 AS (SELECT t0.class, COUNT(*) FROM visits AS t0 GROUP BY t0.class HAVING (COUNT(*) > (SELECT * FROM q1)) ORDER BY (COUNT(*) / (SELECT * FROM q1))), q1 AS (SELECT COUNT(*) FROM stays AS t2) SELECT * FROM q0;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
WITH a AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) SELECT class, n, 100 * n / (SELECT SUM(n) FROM a) AS pct FROM a ORDER BY n DESC;
WITH q0 AS (SELECT t0.class, COUNT(*) FROM visits AS t0 GROUP BY t0.class) SELECT c0, c1, ((100 * c1) / (SELECT SUM(c1) FROM q0)) FROM q0 ORDER BY c1 DESC;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
WITH a AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY class), t AS (SELECT SUM(n) AS total FROM a) SELECT a.class, a.n / t.total AS share FROM a CROSS JOIN t;
WITH q0 AS (SELECT t0.class, COUNT(*) FROM visits AS t0 GROUP BY t0.class) SELECT c0, (c1 / c2) FROM q0 JOIN (SELECT SUM(c1) FROM q0) ON TRUE;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT AVG(n) AS mean, MAX(n), MIN(n), COUNT(*) FILTER (WHERE n > 10), COUNT_IF(n < 3 AND n > 1), SUM(n) FILTER (WHERE n > 0) FROM (SELECT class, COUNT(*) AS n FROM visits GROUP BY class);
WITH q0 AS (SELECT NULL, COUNT(*) FROM visits AS t0 GROUP BY t0.class) SELECT AVG(c1), MAX(c1), MIN(c1), COUNT(*) FILTER (WHERE (c1 > 10)), COUNT(*) FILTER (WHERE ((c1 < 3) AND (c1 > 1))), SUM(c1) FILTER (WHERE (c1 > 0)) FROM q0;

# cells=9 groups=2 rows=3 partials=yes statistics=rows:3
SELECT sex, MAX(n) AS most FROM (SELECT p.sex, v.class, COUNT(*) AS n FROM visits v JOIN patients p USING (patient_id) GROUP BY ALL) GROUP BY sex HAVING MAX(n) > 3 ORDER BY 2 DESC LIMIT 2;
WITH q0 AS (SELECT t1.sex, NULL, COUNT(*) FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.sex, t0.class) SELECT c0, MAX(c2) FROM q0 GROUP BY c0 HAVING (MAX(c2) > 3) ORDER BY MAX(c2) DESC LIMIT 2;

# cells=9 groups=2 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=3 partials=no statistics=rows:3
SELECT UPPER(sex) AS s, SUM(n) / (SELECT COUNT(*) FROM stays) AS x FROM (SELECT p.sex, v.class, COUNT(*) AS n FROM visits v JOIN patients p USING (patient_id) GROUP BY ALL) GROUP BY 1 ORDER BY RANK() OVER (ORDER BY SUM(n));
WITH q0 AS (SELECT t1.sex, NULL, COUNT(*) FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.sex, t0.class), q1 AS (SELECT COUNT(*) FROM stays AS t2) SELECT UPPER(c0), (SUM(c2) / (SELECT * FROM q1)) FROM q0 GROUP BY UPPER(c0) ORDER BY RANK() OVER (ORDER BY SUM(c2));

# cells=9 groups=2 rows=3 partials=yes statistics=rows:3
SELECT sex, class, n FROM (SELECT p.sex, v.class, COUNT(*) AS n, RANK() OVER (PARTITION BY p.sex ORDER BY COUNT(*) DESC) AS r FROM visits v JOIN patients p USING (patient_id) GROUP BY ALL) WHERE r = 1;
WITH q0 AS (SELECT t1.sex, t0.class, COUNT(*), RANK() OVER (PARTITION BY t1.sex ORDER BY COUNT(*) DESC) FROM visits AS t0 JOIN patients AS t1 ON (t0.patient_id = t1.patient_id) GROUP BY t1.sex, t0.class) SELECT c0, c1, c2 FROM q0 WHERE (c3 = 1);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT n AS m FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex ORDER BY n DESC LIMIT 2) WHERE m > 3;
WITH q0 AS (SELECT NULL, COUNT(*) FROM patients AS t0 GROUP BY t0.sex ORDER BY COUNT(*) DESC LIMIT 2) SELECT c1 FROM q0 WHERE (c1 > 3);

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
SELECT n, SUM(n) OVER () FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex LIMIT 2) ORDER BY n OFFSET 1;
WITH q0 AS (SELECT NULL, COUNT(*) FROM patients AS t0 GROUP BY t0.sex LIMIT 2) SELECT c1, SUM(c1) OVER () FROM q0 ORDER BY c1 OFFSET 1;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3 | cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits UNION ALL SELECT COUNT(*) FROM visits;
WITH q0 AS (SELECT COUNT(*) FROM visits AS t0), q1 AS (SELECT COUNT(*) FROM visits AS t1) SELECT * FROM q0 UNION ALL SELECT * FROM q1;

# cells=1 groups=1 rows=1 partials=no statistics=rows:1 | cells=1 groups=1 rows=3 partials=yes statistics=units:1
SELECT 'all' AS who, COUNT(*) AS n FROM patients UNION ALL SELECT 'urgent', COUNT(DISTINCT patient_id) FROM visits WHERE urgent ORDER BY n DESC LIMIT 5;
WITH q0 AS (SELECT :text, COUNT(*) FROM patients AS t0), q1 AS (SELECT :text, COUNT(DISTINCT t1.patient_id) FROM visits AS t1 WHERE t1.urgent) SELECT c0, c1 FROM (SELECT * FROM q0 UNION ALL SELECT * FROM q1) ORDER BY c1 DESC LIMIT 5;

# cells=3 groups=1 rows=1 partials=no statistics=sum:45 rows:1
WITH r AS (SELECT sex, AVG(age) AS a FROM patients GROUP BY sex) SELECT SUM(r.a * w.weight) AS standardized FROM (VALUES ('F', 0.5), ('M', 0.5)) AS w(sex, weight) JOIN r ON r.sex = w.sex;
WITH q0 AS (SELECT t1.sex, AVG(t1.age) FROM patients AS t1 GROUP BY t1.sex) SELECT SUM((c3 * c1)) FROM (VALUES (:text, :number), (:text, :number)) JOIN q0 ON c0 = c2;

# cells=3 groups=1 rows=1 partials=no statistics=rows:1
WITH a AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT x.sex, x.n - y.n AS zero FROM a x JOIN a y ON x.sex = y.sex;
WITH q0 AS (SELECT t0.sex, COUNT(*) FROM patients AS t0 GROUP BY t0.sex) SELECT c0, (c1 - c3) FROM q0 JOIN q0 ON c0 = c2;

# cells=2 groups=2 rows=3 partials=yes statistics=rows:3 | cells=3 groups=2 rows=3 partials=yes statistics=rows:3
WITH a AS (SELECT urgent, COUNT(*) AS n FROM visits GROUP BY urgent), u AS (SELECT * FROM a UNION ALL SELECT icu, COUNT(*) FROM stays GROUP BY icu) SELECT urgent, SUM(n) FROM u GROUP BY urgent;
WITH q0 AS (SELECT t0.urgent, COUNT(*) FROM visits AS t0 GROUP BY t0.urgent), q1 AS (SELECT t1.icu, COUNT(*) FROM stays AS t1 GROUP BY t1.icu) SELECT c0, SUM(c1) FROM (SELECT c0, c1 FROM q0 UNION ALL SELECT * FROM q1) GROUP BY c0;
