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

# cells=273 groups=1 rows=1 partials=no statistics=rows:1
SELECT age, sex, COUNT(*) FROM patients WHERE age BETWEEN 18 AND 65 GROUP BY age, sex;
SELECT t0.age, t0.sex, COUNT(*) FROM patients AS t0 WHERE (t0.age <= 65) AND (t0.age >= 18) GROUP BY t0.age, t0.sex;

# cells=1 groups=1 rows=3 partials=yes statistics=rows:3
SELECT COUNT(*) FROM visits;
SELECT COUNT(*) FROM visits AS t0;

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
SELECT class, COUNT(*) FROM visits GROUP BY class;
SELECT t0.class, COUNT(*) FROM visits AS t0 GROUP BY t0.class;

# cells=6 groups=2 rows=3 partials=yes statistics=rows:3 sum:300000 sum:150000 rows:3
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

# cells=1 groups=1 rows=3 partials=yes statistics=sum:150000 rows:3 rows:3 sum:300000
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

# cells=3 groups=2 rows=3 partials=yes statistics=rows:3
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
