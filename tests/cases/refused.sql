# SQL-AGGREGATE 1:8
SELECT * FROM patients;

# SQL-AGGREGATE 1:8
SELECT patient_id FROM patients;

# SQL-AGGREGATE 1:8
SELECT sex FROM patients GROUP BY sex;

# SQL-AGGREGATE 1:8
SELECT age FROM patients;

# SQL-GROUP 1:8
SELECT sex, COUNT(*) FROM patients;

# SQL-GROUP 1:50
SELECT patient_id, COUNT(*) FROM visits GROUP BY patient_id;

# SQL-GROUP 1:48
SELECT visit_id, COUNT(*) FROM visits GROUP BY visit_id;

# SQL-GROUP 1:44
SELECT free, COUNT(*) FROM visits GROUP BY free;

# SQL-GROUP 1:8
SELECT cost * 1.5 / 7, COUNT(*) FROM visits GROUP BY 1;

# SQL-GROUP 1:41
SELECT raw, COUNT(*) FROM labs GROUP BY raw;

# SQL-FROM 1:8
SELECT COUNT(*) FROM codes;

# SQL-FROM 1:8
SELECT COUNT(*);

# SQL-NAME 1:22
SELECT COUNT(*) FROM nothing;

# SQL-CONSTRUCT 1:22
SELECT COUNT(*) FROM main.visits;

# SQL-FROM 1:22
SELECT COUNT(*) FROM read_csv('/etc/passwd');

# SQL-FROM 1:8
SELECT COUNT(*) FROM (VALUES (1)) t;

# SQL-FROM 1:6
WITH a AS (SELECT 1) SELECT COUNT(*) FROM a;

# SQL-CONSTRUCT 1:17
SELECT DISTINCT COUNT(*) FROM visits;

# SQL-STATEMENT 1:12
DROP TABLE visits;

# SQL-STATEMENT 1:6
COPY visits TO 'x.csv';

# SQL-STATEMENT 1:8
PRAGMA database_list;

# SQL-STATEMENT -
SELECT COUNT(*) FROM visits; SELECT 1;

# SQL-SYNTAX 1:21
SELECT COUNT(*) FRM visits;

# SQL-SYNTAX 1:35
SELECT COUNT(*) FROM visits WHERE (;

# SQL-JOIN 1:30
SELECT COUNT(*) FROM visits, patients;

# SQL-JOIN 1:40
SELECT COUNT(*) FROM visits CROSS JOIN patients;

# SQL-JOIN 1:36
SELECT COUNT(*) FROM visits v JOIN patients p ON v.cost = p.age;

# SQL-JOIN 1:36
SELECT COUNT(*) FROM visits v JOIN visits w ON v.class = w.class;

# SQL-JOIN 1:36
SELECT COUNT(*) FROM visits v JOIN patients p ON v.patient_id = p.patient_id OR TRUE;

# SQL-JOIN 1:83
SELECT COUNT(*) FROM patients p JOIN visits v ON p.patient_id = v.patient_id JOIN labs l ON p.patient_id = v.patient_id;

# SQL-TYPE 1:48
SELECT COUNT(*) FROM patients p JOIN labs l ON p.patient_id = l.relative_id;

# SQL-JOIN 1:40
SELECT COUNT(*) FROM codes c LEFT JOIN labs l ON c.code = l.code;

# SQL-NAME 1:38
SELECT COUNT(*) FROM patients p JOIN patients p ON TRUE;

# SQL-NAME 1:50
SELECT COUNT(*) FROM visits JOIN patients USING (age);

# SQL-CONSTRUCT 1:22
SELECT COUNT(*) FROM visits TABLESAMPLE 10%;

# SQL-NAME 1:12
SELECT SUM(x) FROM visits;

# SQL-NAME 1:12
SELECT SUM(v.agee) FROM patients v;

# SQL-NAME 1:12
SELECT SUM(q.age) FROM patients p;

# SQL-NAME 1:101
SELECT COUNT(*) FROM visits v JOIN stays s USING (patient_id) JOIN stays r USING (patient_id) WHERE days > 3;

# SQL-BOUNDS 1:8
SELECT SUM(raw) FROM labs;

# SQL-BOUNDS 1:8
SELECT SUM(LENGTH(free)) FROM visits;

# SQL-TYPE 1:8
SELECT SUM(class) FROM visits;

# SQL-AGGREGATE 1:8
SELECT SUM(DISTINCT cost) FROM visits;

# SQL-AGGREGATE 1:8
SELECT BOOL_AND(urgent) FROM visits;

# SQL-NESTED 1:12
SELECT SUM(COUNT(*)) FROM visits;

# SQL-WINDOW 1:8
SELECT COUNT(*) OVER () FROM visits;

# SQL-FUNCTION 1:8
SELECT ROW_NUMBER() OVER (ORDER BY cost), COUNT(*) FROM visits GROUP BY 1;

# SQL-FUNCTION 1:8
SELECT RANDOM(), COUNT(*) FROM visits;

# SQL-FUNCTION 1:8
SELECT GETENV('HOME'), COUNT(*) FROM visits;

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM visits WHERE cost = (SELECT MAX(cost) FROM visits);

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE cost IN (SELECT 1);

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE COUNT(*) > 1;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE cost;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE patient_id = 5;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE patient_id > patient_id;

# SQL-TYPE 1:33
SELECT COUNT(*) FROM labs WHERE visit_id = lab_id;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE class > 5;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day > 'yesterday';

# SQL-NUMBER 1:46
SELECT COUNT(*) FROM visits WHERE day > DATE '2024-13-01';

# SQL-NUMBER 1:48
SELECT COUNT(*) FROM labs WHERE at > TIMESTAMP '2024-01-01 00:00:00+01:00';

# SQL-TYPE 1:33
SELECT COUNT(*) FROM labs WHERE at > '2024-01-01T00:00:00+01:00';

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE free LIKE class;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE free LIKE 'a' ESCAPE 'bb';

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE REGEXP_MATCHES(free, 'a(');

# SQL-FUNCTION 1:40
SELECT COUNT(*) FROM visits WHERE CAST(free AS BLOB) = 1;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE cost::VARCHAR = '5';

# SQL-NUMBER 1:42
SELECT COUNT(*) FROM visits WHERE cost > 1e40;

# SQL-NUMBER 1:42
SELECT COUNT(*) FROM visits WHERE cost > 1234567890123456789;

# SQL-NAME 1:35
SELECT COUNT(*) FROM visits WHERE raw + 0.000000000001 * 0.00000001 > 5;

# SQL-TYPE 1:33
SELECT COUNT(*) FROM labs WHERE raw * 0.000000000001 * 0.000000000001 * 0.000000000001 > 5;

# SQL-TYPE 1:33
SELECT COUNT(*) FROM labs WHERE raw + 0.000000000001 * 0.000000000001 > 5;

# SQL-TYPE 1:8
SELECT cost % 0, COUNT(*) FROM visits GROUP BY 1;

# SQL-TYPE 1:8
SELECT cost // 0, COUNT(*) FROM visits GROUP BY 1;

# SQL-TYPE 1:8
SELECT days % 0, COUNT(*) FROM stays GROUP BY 1;

# SQL-TYPE 1:8
SELECT CLAMP(age, 9, 1), COUNT(*) FROM patients GROUP BY 1;

# SQL-FUNCTION 1:8
SELECT age_band(age), COUNT(*) FROM patients GROUP BY 1;

# SQL-TYPE 1:8
SELECT ROUND(age, 99), COUNT(*) FROM patients GROUP BY 1;

# SQL-TYPE 1:8
SELECT DATE_TRUNC('century', day), COUNT(*) FROM visits GROUP BY 1;

# SQL-TYPE 1:32
SELECT EXTRACT(millennium FROM day), COUNT(*) FROM visits GROUP BY 1;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE DATE_DIFF('century', day, day) > 1;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day + INTERVAL 3 CENTURY > day;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day + INTERVAL cost DAY > day;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day + INTERVAL 123456789 DAY > day;

# SQL-TYPE 1:18
SELECT CASE WHEN cost > 5 THEN 1 ELSE 'many' END, COUNT(*) FROM visits GROUP BY 1;

# SQL-ORDINAL 1:38
SELECT COUNT(*) FROM visits GROUP BY 7;

# SQL-FUNCTION 1:8
SELECT COUNT(*) AS n FROM visits GROUP BY n;

# SQL-LIMIT 1:35
SELECT COUNT(*) FROM visits LIMIT 5 + 5;

# SQL-TYPE 1:36
SELECT COUNT(*) FROM visits HAVING 1;

# SQL-FUNCTION 1:58
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING REGEXP_REPLACE(class, 'a', 'b') = 'b';

# SQL-GROUP 1:58
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING urgent;

# SQL-GROUP 1:38
SELECT COUNT(*) FROM visits ORDER BY cost;

# SQL-CONSTRUCT 1:8
SELECT COUNT(*) FROM visits QUALIFY TRUE;

# SQL-FUNCTION 1:14
SELECT COUNT(COLUMNS(*)) FROM visits;

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE free = $1;

# SQL-FUNCTION 1:36
SELECT COUNT(*) FROM visits WHERE [1] = [1];

# SQL-NAME 1:14
SELECT COUNT(__salt) FROM visits;

# SQL-TYPE 1:8
SELECT UPPER(COUNT(*)) FROM visits;

# SQL-NAME 1:8
SELECT nope, COUNT(*) FROM visits;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE cost // 1e-25 > 1;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v LEFT JOIN patients p;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v LEFT JOIN labs l;

# SQL-SUBQUERY 1:39
SELECT COUNT(*) FROM patients p WHERE p.patient_id NOT IN (SELECT l.patient_id FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id);

# SQL-SUBQUERY 1:90
SELECT COUNT(*) FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id WHERE NOT (l.patient_id IN (SELECT patient_id FROM stays WHERE days = 30));

# SQL-WINDOW 1:44
SELECT COUNT(*) FROM (SELECT l.patient_id, ROW_NUMBER() OVER (PARTITION BY v.visit_id) AS n FROM labs l JOIN visits v ON l.visit_id = v.visit_id) WHERE n = 1;

# SQL-AGGREGATE 1:23
SELECT sex, ANY_VALUE(age) FROM patients GROUP BY sex;

# SQL-AGGREGATE 1:19
SELECT STRING_AGG(sex, ',') FROM patients;

# SQL-AGGREGATE 1:8
SELECT LIST(age) FROM patients;

# SQL-AGGREGATE 1:8
SELECT BOOL_OR(urgent) FROM visits;

# SQL-AGGREGATE 1:8
SELECT MODE(class) FROM visits;

# SQL-FUNCTION 1:8
SELECT PRODUCT(age) FROM patients;

# SQL-STATEMENT 1:8
SELECT patient_id FROM patients INTERSECT SELECT patient_id FROM visits;

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id, class FROM visits UNION ALL SELECT patient_id FROM labs);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION ALL SELECT code FROM codes);

# SQL-TYPE 1:30
SELECT COUNT(*) FROM (SELECT patient_id, class AS x FROM visits UNION ALL SELECT patient_id, days FROM stays);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION ALL SELECT COUNT(*) FROM labs);

# SQL-CONSTRUCT 1:16
WITH RECURSIVE a AS (SELECT patient_id FROM visits) SELECT COUNT(*) FROM a;

# SQL-NAME 1:28
WITH a(x, y, z) AS (SELECT patient_id, class FROM visits) SELECT COUNT(*) FROM a;

# SQL-NAME 1:26
WITH a AS (SELECT n FROM b), b AS (SELECT 1 AS n FROM visits) SELECT COUNT(*) FROM a;

# SQL-NESTED 1:103
WITH a AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) SELECT COUNT(*) FROM visits v JOIN a ON a.class = v.class;

# SQL-NESTED 1:91
WITH a AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) SELECT a.n FROM a JOIN codes c ON c.part = a.class;

# SQL-FROM 1:1
WITH a AS (VALUES (1)) SELECT COUNT(*) FROM a;

# SQL-STATEMENT 1:9
VALUES (1);

# SQL-FROM 1:43
SELECT COUNT(*) FROM visits JOIN (VALUES (1, 2), (3)) t ON TRUE;

# SQL-TYPE 1:43
SELECT COUNT(*) FROM visits JOIN (VALUES (1), ('x')) t ON TRUE;

# SQL-TYPE 1:50
SELECT COUNT(*) FROM visits JOIN (VALUES (NULL)) t ON TRUE;

# SQL-FROM 1:43
SELECT COUNT(*) FROM visits JOIN (VALUES (1 + 1)) t ON TRUE;

# SQL-NAME 1:22
SELECT COUNT(*) FROM visits AS v(a, b, c, d, e, f, g, h);

# SQL-LIMIT 1:67
SELECT COUNT(*) FROM (SELECT class FROM visits ORDER BY day LIMIT 5);

# SQL-LIMIT 1:60
SELECT COUNT(*) FROM (SELECT patient_id FROM visits OFFSET 5);

# SQL-LIMIT 1:64
SELECT COUNT(*) FROM labs l JOIN (SELECT code FROM codes LIMIT 2) c USING (code);

# SQL-DISTINCT 1:39
SELECT COUNT(*) FROM (SELECT DISTINCT class FROM visits);

# SQL-DISTINCT 1:17
SELECT DISTINCT sex FROM patients;

# SQL-CONSTRUCT -
SELECT COUNT(*) FROM (SELECT patient_id FROM visits HAVING TRUE);

# SQL-TYPE 1:95
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) AS n FROM visits GROUP BY patient_id HAVING n);

# SQL-TYPE 1:61
SELECT COUNT(*) FROM (SELECT patient_id FROM visits QUALIFY cost);

# SQL-GROUP 1:40
SELECT AVG(n) FROM (SELECT patient_id, class, COUNT(*) AS n FROM visits GROUP BY patient_id);

# SQL-GROUP 1:40
SELECT AVG(n) FROM (SELECT patient_id, class || '?', COUNT(*) AS n FROM visits GROUP BY patient_id);

# SQL-GROUP 1:80
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) FROM visits GROUP BY ROLLUP (patient_id));

# SQL-FUNCTION 1:56
SELECT AVG(n) FROM (SELECT patient_id, COUNT(DISTINCT (cost, class)) AS n FROM visits GROUP BY patient_id);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, COUNT(DISTINCT cost, class) AS n FROM visits GROUP BY patient_id);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, COUNT_IF(cost) AS n FROM visits GROUP BY patient_id);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, SUM(DISTINCT cost) AS n FROM visits GROUP BY patient_id);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, SUM(class) AS n FROM visits GROUP BY patient_id);

# SQL-BOUNDS 1:40
SELECT AVG(n) FROM (SELECT patient_id, SUM(raw / 3) AS n FROM labs GROUP BY patient_id);

# SQL-TYPE 1:46
SELECT COUNT(*) FROM (SELECT patient_id, MIN(visit_id) AS n FROM visits GROUP BY patient_id);

# SQL-TYPE 1:42
SELECT COUNT(*) FROM (SELECT patient_id, BOOL_OR(cost) AS n FROM visits GROUP BY patient_id);

# SQL-TYPE 1:50
SELECT COUNT(*) FROM (SELECT patient_id, ARG_MAX(visit_id, cost) AS n FROM visits GROUP BY patient_id);

# SQL-NUMBER 1:54
SELECT AVG(n) FROM (SELECT patient_id, QUANTILE_CONT(cost, 1.5) AS n FROM visits GROUP BY patient_id);

# SQL-WINDOW 1:40
SELECT AVG(n) FROM (SELECT patient_id, ROW_NUMBER() OVER (ORDER BY day) AS n FROM visits);

# SQL-SYNTAX 1:58
SELECT AVG(n) FROM (SELECT patient_id, ROW_NUMBER(IGNORE NULLS) OVER (PARTITION BY patient_id) AS n FROM visits);

# SQL-NUMBER 1:40
SELECT AVG(n) FROM (SELECT patient_id, LAG(cost, 5000) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, LAG(cost, 1, 'x') OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, LAG(cost, urgent) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits);

# SQL-CONSTRUCT 1:108
SELECT AVG(n) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY cost RANGE BETWEEN 5 PRECEDING AND CURRENT ROW) AS n FROM visits);

# SQL-CONSTRUCT 1:107
SELECT AVG(n) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY cost ROWS BETWEEN 2000 PRECEDING AND CURRENT ROW) AS n FROM visits);

# SQL-CONSTRUCT 1:107
SELECT AVG(n) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY cost ROWS BETWEEN cost PRECEDING AND CURRENT ROW) AS n FROM visits);

# SQL-CONSTRUCT 1:107
SELECT AVG(n) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY patient_id ORDER BY cost ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS n FROM visits);

# SQL-CONSTRUCT 1:40
SELECT AVG(n) FROM (SELECT patient_id, SUM(cost) OVER nowhere AS n FROM visits);

# SQL-JOIN 1:50
SELECT COUNT(*) FROM visits v JOIN patients p ON v.patient_id = p.patient_id AND EXISTS (SELECT 1 FROM codes c WHERE c.weight = v.cost);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.cost > p.age);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id OR v.urgent);

# SQL-SUBQUERY 1:35
SELECT COUNT(*) FROM visits WHERE class IN (SELECT class FROM visits WHERE urgent);

# SQL-SUBQUERY 1:37
SELECT COUNT(*) FROM patients WHERE patient_id IN (SELECT patient_id, class FROM visits);

# SQL-TYPE 1:37
SELECT COUNT(*) FROM visits v WHERE v.cost IN (SELECT w.days FROM stays w WHERE w.patient_id = v.patient_id);

# SQL-TYPE 1:37
SELECT COUNT(*) FROM visits v WHERE v.cost IN (SELECT w.class FROM visits w WHERE w.patient_id = v.patient_id);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM visits v WHERE v.cost > (SELECT w.cost FROM visits w WHERE w.patient_id = v.patient_id);

# SQL-SUBQUERY 1:58
SELECT COUNT(*) FROM visits v WHERE v.cost > (SELECT MAX(w.cost) FROM visits w WHERE w.patient_id = v.patient_id GROUP BY w.class);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM visits v WHERE v.cost > (SELECT AVG(c.weight), COUNT(*) FROM codes c WHERE c.weight < v.cost);

# SQL-FUNCTION 1:58
SELECT COUNT(*) FROM visits v WHERE v.cost > ALL (SELECT w.cost FROM visits w WHERE w.patient_id = v.patient_id);

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v SEMI JOIN patients p;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v SEMI JOIN stays s ON v.cost = s.days;

# SQL-JOIN 1:40
SELECT COUNT(*) FROM codes c SEMI JOIN labs l ON l.code = c.code;

# SQL-JOIN 1:82
SELECT COUNT(*) FROM patients p SEMI JOIN visits v USING (patient_id) RIGHT JOIN stays s ON s.patient_id = p.patient_id;

# SQL-JOIN 1:81
SELECT COUNT(*) FROM patients p SEMI JOIN visits v USING (patient_id) FULL JOIN stays s ON s.patient_id = p.patient_id;

# SQL-NAME 1:77
SELECT COUNT(*) FROM patients p SEMI JOIN visits v USING (patient_id) WHERE v.urgent;

# SQL-JOIN 1:40
SELECT COUNT(*) FROM labs l RIGHT JOIN codes c ON l.code = c.code;

# SQL-JOIN 1:39
SELECT COUNT(*) FROM labs l FULL JOIN codes c ON l.code = c.code;

# SQL-JOIN 1:40
SELECT COUNT(*) FROM labs l INNER JOIN codes c;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v ASOF JOIN patients p ON v.patient_id = p.patient_id;

# SQL-JOIN 1:47
SELECT COUNT(*) FROM visits v POSITIONAL JOIN patients p;

# SQL-JOIN 1:34
SELECT COUNT(*) FROM patients p, visits v WHERE p.age = v.cost AND (p.age > 3) AND v.urgent = TRUE;

# SQL-JOIN 1:34
SELECT COUNT(*) FROM patients p, visits v WHERE p.patient_id = v.patient_id OR v.urgent;

# SQL-JOIN 1:44
SELECT COUNT(*) FROM visits v JOIN (SELECT COALESCE(patient_id, patient_id) AS u FROM patients) p ON v.cost = 3;

# SQL-JOIN 1:59
SELECT COUNT(*) FROM (SELECT 1 AS x FROM patients) a JOIN visits v ON a.x = v.cost;

# SQL-GROUP 1:51
SELECT sex, COUNT(*) FROM patients GROUP BY CUBE (sex, age, sex, age, sex, age, sex);

# SQL-GROUP 1:56
SELECT COUNT(*) FROM patients GROUP BY GROUPING SETS ((patient_id), ());

# SQL-NAME 1:68
SELECT sex, COUNT(*) FROM patients GROUP BY GROUPING SETS ((sex), (nope));

# SQL-NAME 1:8
SELECT m FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-NAME 1:8
SELECT x.y FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) x GROUP BY 1;

# SQL-CONSTRUCT 1:8
SELECT * EXCLUDE (n) FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-TYPE 1:76
SELECT n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) WHERE n;

# SQL-NAME 1:76
SELECT n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) WHERE nope > 1;

# SQL-NAME 1:89
SELECT MAX(n) AS most FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) WHERE most > 1;

# SQL-TYPE 1:8
SELECT UPPER(n) FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-FUNCTION 1:13
SELECT sex, NTILE(4) OVER (ORDER BY COUNT(*)) FROM patients GROUP BY sex;

# SQL-CONSTRUCT 1:13
SELECT sex, RANK() OVER () FROM patients GROUP BY sex;

# SQL-CONSTRUCT 1:13
SELECT sex, SUM(COUNT(*)) OVER (ORDER BY sex ROWS 1 PRECEDING) FROM patients GROUP BY sex;

# SQL-CONSTRUCT 1:13
SELECT sex, LAG(COUNT(*), 2) OVER (ORDER BY sex) FROM patients GROUP BY sex;

# SQL-AGGREGATE 1:12
SELECT 2 * HISTOGRAM(age, [18, 65]) FROM patients;

# SQL-TYPE -
SELECT HISTOGRAM(sex, ['a']) FROM patients;

# SQL-FUNCTION 1:8
SELECT HISTOGRAM(age) FROM patients;

# SQL-TYPE 1:8
SELECT HISTOGRAM(age / 3, [18, 65]) FROM patients;

# SQL-TYPE 1:8
SELECT HISTOGRAM(sex, [18, 65]) FROM patients;

# SQL-NUMBER 1:24
SELECT HISTOGRAM(age, [65, 18]) FROM patients;

# SQL-NUMBER -
SELECT HISTOGRAM(age, []) FROM patients;

# SQL-AGGREGATE 1:38
SELECT COUNT(*) FROM patients HAVING HISTOGRAM(age, [1, 2]) > 3;

# SQL-NUMBER 1:22
SELECT QUANTILE_CONT(age, [0.5, 1.5]) FROM patients;

# SQL-NUMBER 1:22
SELECT QUANTILE_CONT(age, 1.5) FROM patients;

# SQL-TYPE 1:22
SELECT QUANTILE_CONT(age, sex) FROM patients;

# SQL-FUNCTION 1:32
SELECT 1 + QUANTILE_CONT(age, [0.25, 0.5]) FROM patients;

# SQL-FUNCTION 1:8
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY age DESC) FROM patients;

# SQL-AGGREGATE 1:8
SELECT MEDIAN(DISTINCT age) FROM patients;

# SQL-TYPE 1:12
SELECT MAX(class) FROM visits;

# SQL-BOUNDS 1:8
SELECT STDDEV(raw) FROM labs;

# SQL-TYPE 1:8
SELECT CORR(age, sex) FROM patients;

# SQL-AGGREGATE 1:8
SELECT COUNT(DISTINCT sex, age) FROM patients;

# SQL-TYPE 1:31
SELECT COUNT(*) FILTER (WHERE age) FROM patients;

# SQL-AGGREGATE 1:16
SELECT ARG_MAX(age, age) FROM patients;

# SQL-AGGREGATE 1:8
SELECT FIRST(age IGNORE NULLS) FROM patients;

# SQL-FUNCTION 1:12
SELECT SUM(age ORDER BY age) FROM patients;

# SQL-NESTED 1:12
SELECT SUM(1 + SUM(age)) FROM patients;

# SQL-NAME 1:8
SELECT nope.* FROM visits;

# SQL-FUNCTION -
SELECT sex, COUNT(*) FROM patients GROUP BY sex ORDER BY ALL, sex;

# SQL-LIMIT 1:35
SELECT COUNT(*) FROM visits LIMIT '5';

# SQL-CONSTRUCT 1:35
SELECT COUNT(*) FROM visits LIMIT 5 PERCENT;

# SQL-ORDINAL 1:38
SELECT COUNT(*) FROM visits ORDER BY 9;

# SQL-GROUP -
SELECT patient_id, COUNT(*) FROM visits GROUP BY ALL;

# SQL-SUBQUERY 1:55
SELECT COUNT(*) FROM patients p WHERE p.age > (SELECT COUNT(*) FROM visits);

# SQL-SUBQUERY 1:37
SELECT COUNT(*) FROM patients WHERE age IN (SELECT age FROM patients WHERE sex = 'F');

# SQL-TYPE 1:30
SELECT COUNT(*) FROM (SELECT patient_id, visit_id, relative_id FROM labs UNION ALL SELECT patient_id, visit_id, visit_id FROM labs);

# SQL-GROUP 1:16
SELECT (SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id) AS n, COUNT(*) FROM patients p GROUP BY n;

# SQL-NAME 1:58
SELECT COUNT(*) FROM visits JOIN labs USING (patient_id, nope);

# SQL-NAME 1:50
SELECT COUNT(*) FROM patients p, LATERAL (SELECT * FROM visits v WHERE v.patient_id = p.patient_id) x;

# SQL-CONSTRUCT 1:36
SELECT COUNT(*) FROM visits PIVOT (COUNT(*) FOR class IN ('a'));

# SQL-FUNCTION 1:30
SELECT COUNT(*) FROM (SELECT unnest([1, 2]) AS x, patient_id FROM visits);

# SQL-FUNCTION 1:8
SELECT REGEXP_REPLACE(class, 'a'), COUNT(*) FROM visits GROUP BY 1;

# SQL-SYNTAX 1:40
SELECT COUNT(*) FROM visits WHERE free ESCAPE 'a';

# SQL-SYNTAX 1:45
SELECT COUNT(*) FROM visits WHERE LEFT(class) = 'a';

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE day > CURRENT_DATE;

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE AGE(day) > 3;

# SQL-FUNCTION 1:53
SELECT COUNT(*) FROM visits WHERE DATE_PART('year', AGE(day)) > 3;

# SQL-FUNCTION 1:54
SELECT COUNT(*) FROM visits WHERE DATE_PART('month', AGE(day, day)) > 3;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE DATE_PART(cost, day) > 3;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE cost + INTERVAL 3 DAY > day;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE UPPER(NULL) = 'A';

# SQL-NAME 1:30
SELECT COUNT(*) FROM (SELECT * EXCLUDE (visit_id, patient_id, class, day, cost, urgent, free) FROM visits);

# SQL-NAME 1:35
SELECT COUNT(*) FROM (SELECT v.*, patients.* FROM visits v);

# SQL-GROUP 1:51
SELECT sex, COUNT(*) FROM patients GROUP BY CUBE (sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex, sex);

# SQL-GROUP 1:51
SELECT sex, COUNT(*) FROM patients GROUP BY CUBE (sex, age, sex, age), ROLLUP (sex, age, sex, age);

# SQL-FUNCTION -
SELECT sex, COUNT(*) FROM patients GROUP BY sex ORDER BY ALL, sex;
# SQL-SUBQUERY 1:20
SELECT AVG((SELECT COUNT(p.sex) FROM visits v WHERE v.patient_id = p.patient_id)) FROM patients p;

# SQL-WINDOW 1:40
SELECT AVG(n) FROM (SELECT patient_id, ROW_NUMBER() OVER (PARTITION BY class ORDER BY day) AS n FROM visits);

# SQL-WINDOW 1:40
SELECT AVG(n) FROM (SELECT patient_id, COUNT(*) OVER () AS n FROM visits);

# SQL-WINDOW 1:42
SELECT AVG(n) FROM (SELECT v.patient_id, COUNT(*) OVER (PARTITION BY l.patient_id) AS n FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id);

# SQL-WINDOW 1:40
SELECT AVG(n) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY CASE WHEN urgent THEN patient_id END) AS n FROM visits);

# SQL-GROUP 1:114
SELECT COUNT(*) FROM (SELECT l.patient_id FROM visits v LEFT JOIN labs l ON l.patient_id = v.patient_id GROUP BY l.patient_id) AS t JOIN visits w USING (patient_id);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = v.patient_id);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE p.patient_id = p.patient_id);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id <> p.patient_id);

# SQL-TYPE 1:74
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM labs l WHERE l.relative_id = p.patient_id);

# SQL-TYPE 1:35
SELECT COUNT(*) FROM labs l WHERE l.relative_id IN (SELECT patient_id FROM visits);

# SQL-SUBQUERY 1:37
SELECT COUNT(*) FROM visits v WHERE v.class IN (SELECT w.class FROM visits w);

# SQL-SUBQUERY 1:39
SELECT COUNT(*) FROM patients p WHERE p.patient_id IN (SELECT CASE WHEN urgent THEN patient_id END FROM visits);

# SQL-TYPE 1:39
SELECT COUNT(*) FROM patients p WHERE p.patient_id IN (SELECT p.patient_id FROM visits v);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT v.patient_id FROM visits v WHERE v.patient_id = p.patient_id UNION ALL SELECT l.patient_id FROM labs l);

# SQL-JOIN 1:36
SELECT COUNT(*) FROM visits v JOIN labs l ON v.patient_id = v.patient_id;

# SQL-TYPE 1:46
SELECT COUNT(*) FROM visits v JOIN labs l ON v.patient_id = l.relative_id;

# SQL-JOIN 1:36
SELECT COUNT(*) FROM visits v JOIN labs l ON v.patient_id = l.patient_id OR v.urgent;

# SQL-JOIN 1:36
SELECT COUNT(*) FROM visits v JOIN labs l ON v.cost = l.value;

# SQL-JOIN 1:40
SELECT COUNT(*) FROM codes c LEFT JOIN labs l ON l.code = c.code;

# SQL-DISTINCT 1:49
SELECT COUNT(*) FROM (SELECT DISTINCT CASE WHEN urgent THEN patient_id END AS u FROM visits);

# SQL-NESTED 1:86
SELECT COUNT(*) FROM (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) t JOIN patients p ON TRUE;

# SQL-LIMIT 1:71
SELECT COUNT(*) FROM patients p JOIN (SELECT 1 AS x FROM visits LIMIT 1) t ON TRUE;

# SQL-SUBQUERY 1:59
SELECT COUNT(*) FROM patients p WHERE p.age > (SELECT MAX(v.cost) FROM visits v);

# SQL-SUBQUERY 1:55
SELECT COUNT(*) FROM patients p WHERE p.age > (SELECT v.cost FROM visits v WHERE v.patient_id = p.patient_id);

# SQL-TYPE 1:46
SELECT COUNT(*) FROM (SELECT patient_id, MIN(visit_id) AS v FROM visits GROUP BY patient_id);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM (SELECT * FROM visits v WHERE v.patient_id = p.patient_id) x);

# SQL-WINDOW 1:55
SELECT AVG(CLAMP(x, 0, 9)) FROM (SELECT l.patient_id, l.raw + COUNT(*) OVER (PARTITION BY l.patient_id) AS x FROM labs l);

# SQL-WINDOW 1:63
SELECT COUNT(*) FROM (SELECT l.patient_id FROM labs l QUALIFY l.raw * ROW_NUMBER() OVER (PARTITION BY l.patient_id) > 3);

# SQL-AGGREGATE 1:8
SELECT *, COUNT(*) FROM visits GROUP BY class;

# SQL-AGGREGATE 1:25
SELECT class, COUNT(*), * FROM visits GROUP BY class;

# SQL-FUNCTION 1:53
SELECT COUNT(*) FROM visits WHERE class IN (VALUES ('emergency'));

# SQL-BOUNDS 1:8
SELECT AVG(n) FROM (SELECT patient_id, LOWER(class) AS c, COUNT(*) + 1 AS n FROM visits GROUP BY patient_id, LOWER(class));

# SQL-NAME 1:118
SELECT COUNT(*) FROM (SELECT s.patient_id FROM enrolled e RIGHT JOIN stays s ON s.patient_id = e.patient_id) x WHERE x.nope > 3;

# SQL-NAME 1:171
SELECT p.sex, COUNT(*) FROM patients p JOIN (SELECT patient_id, class, COUNT(*) AS n FROM visits GROUP BY ALL QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY n DESC) = 1) v USING (patient_id) GROUP BY p.sex;

# SQL-UNION 1:1
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION ALL VALUES (1));

# SQL-FUNCTION 1:37
SELECT COUNT(*) FROM patients WHERE EXISTS (VALUES (1));

# SQL-FROM 1:54
SELECT COUNT(*) FROM patients WHERE age IN ((VALUES (1)));

# SQL-FROM 1:32
SELECT COUNT(*) FROM ((VALUES (1))) x JOIN visits ON TRUE;

# SQL-CONSTRUCT 1:23
SELECT COUNT(*) FROM (visits JOIN patients USING (patient_id));

# SQL-NAME 1:8
SELECT x.n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) AS x(a, b);

# SQL-NAME 1:28
WITH r(a, b, c) AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT b FROM r;

# SQL-NAME 1:22
WITH r(n) AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT n FROM r;

# SQL-NAME 1:22
SELECT COUNT(*) FROM visits AS v(class);

# SQL-AGGREGATE 1:8
SELECT sex FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-GROUP 1:17
SELECT GROUPING(age), COUNT(*) FROM patients GROUP BY ROLLUP (sex);

# SQL-GROUP 1:8
SELECT GROUPING(1 + 1), COUNT(*) FROM patients GROUP BY ROLLUP (sex);

# SQL-WINDOW 1:56
SELECT sex, COUNT(*) FROM patients GROUP BY sex HAVING RANK() OVER (ORDER BY COUNT(*)) = 1;

# SQL-WINDOW 1:76
SELECT n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) WHERE RANK() OVER (ORDER BY n) = 1;

# SQL-CONSTRUCT 1:42
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY noted RANGE BETWEEN INTERVAL 90 DAY PRECEDING AND CURRENT ROW) AS n FROM labs) WHERE n > 2;

# SQL-NUMBER 1:42
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day RANGE BETWEEN INTERVAL 90 HOUR PRECEDING AND CURRENT ROW) AS n FROM visits) WHERE n > 2;

# SQL-NUMBER 1:42
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day RANGE BETWEEN INTERVAL 9000 DAY PRECEDING AND CURRENT ROW) AS n FROM visits) WHERE n > 2;

# SQL-NUMBER 1:117
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day RANGE BETWEEN INTERVAL cost DAY PRECEDING AND CURRENT ROW) AS n FROM visits) WHERE n > 2;

# SQL-CONSTRUCT 1:109
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day GROUPS BETWEEN 3 PRECEDING AND CURRENT ROW) AS n FROM visits) WHERE n > 2;

# SQL-CONSTRUCT 1:42
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN INTERVAL 3 DAY PRECEDING AND CURRENT ROW) AS n FROM visits) WHERE n > 2;

# SQL-JOIN 1:22
SELECT COUNT(*) FROM visits a JOIN visits b USING (patient_id) JOIN visits c USING (patient_id) JOIN visits d USING (patient_id) JOIN visits e USING (patient_id);

# SQL-SUBQUERY 1:58
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT MAX(p.age) FROM visits v WHERE v.patient_id = p.patient_id);

# SQL-SUBQUERY 1:51
SELECT COUNT(*) FROM patients p WHERE (SELECT MAX(p.age) FROM visits v WHERE v.patient_id = p.patient_id) > 3;

# SQL-AGGREGATE 1:6
WITH r(n, sex) AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) SELECT n FROM r;

# SQL-CONSTRUCT 1:107
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN 1 AND CURRENT ROW) AS n FROM visits) WHERE n > 2;

# SQL-CONSTRUCT 1:42
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day ROWS UNBOUNDED) AS n FROM visits) WHERE n > 2;

# SQL-CONSTRUCT 1:121
SELECT COUNT(*) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id ORDER BY day ROWS BETWEEN UNBOUNDED AND 2) AS n FROM visits) WHERE n > 2;

# SQL-TYPE 1:13
SELECT sex, SUM(sex) OVER (ORDER BY sex) FROM patients GROUP BY sex;

# SQL-FUNCTION 1:26
SELECT sex, AVG(DISTINCT COUNT(*)) OVER (ORDER BY sex) FROM patients GROUP BY sex;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v ASOF JOIN labs l ON v.patient_id = l.patient_id;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v ASOF JOIN labs l USING (patient_id, visit_id);

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v ASOF JOIN labs l ON v.patient_id = l.patient_id AND v.cost >= 3;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v ASOF JOIN labs l ON v.patient_id = l.patient_id AND 3 <= l.value;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v ASOF JOIN labs l ON v.patient_id = l.patient_id AND l.value - v.cost <= l.value;

# SQL-WINDOW 1:60
SELECT COUNT(*) FROM visits v ASOF JOIN labs l ON v.cost = l.value AND v.cost >= l.value;

# SQL-JOIN 1:47
SELECT COUNT(*) FROM visits v ASOF RIGHT JOIN labs l ON v.patient_id = l.patient_id AND v.cost >= l.value;

# SQL-JOIN 1:50
SELECT COUNT(*) FROM visits NATURAL JOIN (SELECT code AS other FROM codes) c;

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p JOIN LATERAL (SELECT v.cost FROM visits v WHERE v.patient_id = p.patient_id) l ON TRUE;

# SQL-LIMIT 1:115
SELECT COUNT(*) FROM patients p JOIN LATERAL (SELECT v.cost FROM visits v WHERE v.patient_id = p.patient_id LIMIT 2) l ON TRUE;

# SQL-SUBQUERY 1:58
SELECT COUNT(*) FROM patients p JOIN LATERAL (SELECT MAX(v.cost) AS c FROM visits v) l ON TRUE;

# SQL-JOIN 1:54
SELECT COUNT(*) FROM patients p JOIN LATERAL (SELECT COUNT(*) AS c FROM visits v WHERE v.patient_id = p.patient_id) l ON l.c > 2;

# SQL-NAME 1:133
SELECT COUNT(*) FROM patients p JOIN LATERAL (SELECT COUNT(*) AS c FROM visits v WHERE v.patient_id = p.patient_id) l ON TRUE WHERE l.d > 1;

# SQL-JOIN 1:138
SELECT COUNT(*) FROM patients p JOIN LATERAL (SELECT COUNT(*) AS c FROM visits v WHERE v.patient_id = p.patient_id) l ON TRUE RIGHT JOIN labs b ON b.patient_id = p.patient_id;

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id, class FROM visits EXCEPT ALL SELECT patient_id, class FROM visits);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT class FROM visits INTERSECT SELECT class FROM visits);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT class FROM visits UNION SELECT class FROM visits);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id, class FROM visits INTERSECT SELECT patient_id FROM labs);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id, 1 AS a FROM visits UNION ALL BY NAME SELECT patient_id, 2 AS b FROM labs);

# SQL-CONSTRUCT 1:29
SELECT COUNT(*) FROM (PIVOT visits ON class USING COUNT(*) GROUP BY patient_id);

# SQL-CONSTRUCT 1:31
SELECT COUNT(*) FROM (UNPIVOT visits ON cost INTO NAME n VALUE v);

# SQL-STATEMENT 1:7
PIVOT patients ON sex IN ('F') USING COUNT(*);

# SQL-FROM 1:44
SELECT COUNT(*) FROM patients JOIN UNNEST([age]) AS t(n) ON TRUE;

# SQL-FROM 1:43
SELECT COUNT(*) FROM patients JOIN UNNEST(sex) AS t(n) ON TRUE;

# SQL-NUMBER 1:36
SELECT COUNT(*) FROM patients JOIN range(0, 20000) AS t(n) ON TRUE;

# SQL-NUMBER 1:36
SELECT COUNT(*) FROM patients JOIN range(5, 1) AS t(n) ON TRUE;

# SQL-NUMBER 1:36
SELECT COUNT(*) FROM patients JOIN range(0, 10, -1) AS t(n) ON TRUE;

# SQL-NUMBER 1:34
SELECT COUNT(*) FROM visits JOIN generate_series(DATE '2024-01-31', DATE '2024-12-31', INTERVAL 1 MONTH) AS t(d) ON day >= d;

# SQL-TYPE 1:34
SELECT COUNT(*) FROM visits JOIN generate_series(1, DATE '2024-12-31', INTERVAL 1 MONTH) AS t(d) ON day >= d;

# SQL-AGGREGATE 1:62
SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(DISTINCT class ORDER BY class DESC) AS c FROM visits GROUP BY patient_id) WHERE c = 'x';

# SQL-TYPE 1:53
SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(cost) AS c FROM visits GROUP BY patient_id) WHERE c = 'x';

# SQL-TYPE 1:53
SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(class, '123456789012345678901') AS c FROM visits GROUP BY patient_id) WHERE c = 'x';

# SQL-AGGREGATE 1:42
SELECT COUNT(*) FROM (SELECT patient_id, FIRST(DISTINCT class) AS c FROM visits GROUP BY patient_id) WHERE c = 'x';

# SQL-TYPE 1:42
SELECT COUNT(*) FROM (SELECT patient_id, MODE(visit_id) AS c FROM visits GROUP BY patient_id);

# SQL-FUNCTION 1:40
SELECT AVG(n) FROM (SELECT patient_id, MODE(cost) OVER (PARTITION BY patient_id) AS n FROM visits);

# SQL-AGGREGATE 1:40
SELECT AVG(n) FROM (SELECT patient_id, LIST(cost) AS n FROM visits GROUP BY patient_id);

# SQL-BOUNDS 1:42
SELECT COUNT(*) FROM (SELECT patient_id, STDDEV(raw) AS s FROM labs GROUP BY patient_id) WHERE s > 1;

# SQL-TYPE 1:46
SELECT COUNT(*) FROM (SELECT patient_id, MAX(visit_id) AS s FROM labs GROUP BY patient_id);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, NTILE(0) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits);

# SQL-FUNCTION 1:36
SELECT COUNT(*) FROM visits WHERE (class, urgent) NOT IN (('inpatient', TRUE));

# SQL-FUNCTION 1:36
SELECT COUNT(*) FROM visits WHERE (class, urgent) IN (('inpatient', TRUE, 3));

# SQL-FUNCTION 1:58
SELECT COUNT(*) FROM visits WHERE class LIKE ANY (SELECT sex FROM patients);

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE list_contains(class, 'a');

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE day - DATE '2024-01-01' <= INTERVAL 1 MONTH;

# SQL-FUNCTION 1:33
SELECT COUNT(*) FROM labs WHERE code[-1] = 'C' OR code[1:2:1] = 'x';

# SQL-FUNCTION 1:41
SELECT COUNT(*) FROM visits WHERE day < STRPTIME(class, '%Y') OR day < STRPTIME('x', '%Y');

# SQL-FUNCTION 1:8
SELECT TIME_BUCKET(INTERVAL '5 days', day) AS q, COUNT(*) FROM visits GROUP BY q;

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE FOO_BAR();

# SQL-LIMIT 1:79
SELECT COUNT(*) FROM (SELECT patient_id, class FROM visits ORDER BY day LIMIT 0);

# SQL-JOIN 1:47
SELECT COUNT(*) FROM visits v POSITIONAL JOIN patients p;

# SQL-JOIN 1:55
SELECT COUNT(*) FROM visits ASOF JOIN LATERAL (SELECT 1) l ON TRUE;

# SQL-FUNCTION 1:42
SELECT COUNT(*) FROM (SELECT patient_id, FOO(cost) OVER (PARTITION BY patient_id) AS x FROM visits);

# SQL-NAME 1:50
SELECT COUNT(*) FROM patients p, LATERAL (SELECT v.cost FROM visits v WHERE v.patient_id = p.patient_id LIMIT 1) AS l(c, d);

# SQL-NAME 1:50
SELECT COUNT(*) FROM patients p, LATERAL (SELECT * FROM visits v WHERE v.patient_id = p.patient_id LIMIT 1) l;

# SQL-TYPE 1:60
SELECT COUNT(*) FROM (SELECT patient_id, EXTRACT(DAY FROM (at - noted)) AS d FROM labs) WHERE d = 1;

# SQL-FUNCTION 1:41
SELECT COUNT(*) FROM labs WHERE (SELECT LIST(value)[3]) = 1;

# SQL-FUNCTION 1:8
SELECT TIME_BUCKET(7, age) AS q, COUNT(*) FROM patients GROUP BY q;

# SQL-FUNCTION 1:52
SELECT COUNT(*) FROM visits WHERE INTERVAL 1 DAY < 3;

# SQL-FUNCTION 1:33
SELECT COUNT(*) FROM labs WHERE code[0:2] = 'C1';

# SQL-SUBQUERY 1:50
SELECT COUNT(*) FROM visits WHERE cost > (SELECT age FROM patients);

# SQL-SUBQUERY 1:50
SELECT COUNT(*) FROM visits WHERE cost > (SELECT p.age FROM patients p WHERE p.sex = 'F');

# SQL-SUBQUERY 1:50
SELECT COUNT(*) FROM visits WHERE cost > (SELECT p.age FROM patients p WHERE p.age = visits.cost);

# SQL-AGGREGATE 1:8
SELECT COUNT(*) FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-AGGREGATE 1:8
SELECT a.sex, a.n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a JOIN (SELECT sex, AVG(age) AS m FROM patients GROUP BY sex) b USING (sex);

# SQL-JOIN 1:92
SELECT a.n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a SEMI JOIN (SELECT sex, AVG(age) AS m FROM patients GROUP BY sex) b USING (sex);

# SQL-JOIN 1:97
SELECT a.n, b.n FROM (SELECT age, sex, COUNT(*) AS n FROM patients GROUP BY ALL) a JOIN (SELECT age, day, COUNT(*) AS n FROM patients JOIN visits USING (patient_id) GROUP BY ALL) b USING (age);

# SQL-NAME 1:87
SELECT a.n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a JOIN (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a USING (sex);

# SQL-NAME 1:8
SELECT n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a JOIN (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) b USING (sex);

# SQL-FUNCTION 1:139
SELECT a.n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a JOIN (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) b ON REGEXP_EXTRACT(a.sex, 'F') = b.sex;

# SQL-SUBQUERY 1:34
SELECT class, COUNT(*) / (SELECT COUNT(*) FROM patients GROUP BY sex) FROM visits GROUP BY class;

# SQL-SUBQUERY 1:34
SELECT class, COUNT(*) / (SELECT COUNT(*), 1 FROM patients) FROM visits GROUP BY class;

# SQL-SUBQUERY 1:34
SELECT class, COUNT(*) / (SELECT patient_id FROM patients) FROM visits GROUP BY class;

# SQL-NAME 1:65
SELECT sex, (SELECT COUNT(*) FROM visits v WHERE v.patient_id = p.patient_id) FROM patients p GROUP BY sex;

# SQL-UNION 1:8
SELECT class, COUNT(*) FROM visits GROUP BY class UNION ALL SELECT COUNT(*) FROM visits;

# SQL-TYPE 1:8
SELECT class, COUNT(*) FROM visits GROUP BY class UNION ALL SELECT 3, COUNT(*) FROM visits;

# SQL-UNION 1:8
SELECT COUNT(*) FROM visits UNION ALL SELECT patient_id FROM visits;

# SQL-UNION 1:8
SELECT COUNT(*) FROM visits UNION SELECT COUNT(*) FROM visits;

# SQL-CONSTRUCT 1:30
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION ALL SELECT patient_id FROM labs ORDER BY 1);

# SQL-GROUP 1:13
SELECT sex, n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) GROUP BY sex;

# SQL-GROUP 1:77
SELECT n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) HAVING n > 3;

# SQL-AGGREGATE 1:8
SELECT STDDEV(n) FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-TYPE 1:8
SELECT SUM(sex) FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-FUNCTION 1:21
SELECT SUM(DISTINCT n) FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-CONSTRUCT 1:17
SELECT DISTINCT n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex);

# SQL-FROM 1:8
SELECT 1;

# SQL-SUBQUERY 1:16
SELECT (SELECT 1 FROM patients);

# SQL-TYPE 1:81
SELECT sex, n FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) WHERE n;

# SQL-FUNCTION 1:8
SELECT REGEXP_EXTRACT(sex, 'F') FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) GROUP BY 1;

# SQL-TOO-DEEP 1:8
SELECT day, class, urgent, 100 * COUNT(*) / SUM(COUNT(*)) OVER () AS percent FROM visits GROUP BY ALL;

# SQL-TOO-DEEP 1:6
WITH c AS (SELECT day, class, urgent, COUNT(*) AS n FROM visits GROUP BY ALL) SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c UNION ALL SELECT n FROM c;

# SQL-TOO-LARGE -
SELECT day, MEDIAN(cost + 0), MEDIAN(cost + 1), MEDIAN(cost + 2), MEDIAN(cost + 3), MEDIAN(cost + 4), MEDIAN(cost + 5) FROM visits GROUP BY day;

# SQL-NAME 1:8
SELECT nope, SUM(n) FROM (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) GROUP BY class;

# SQL-STATEMENT 1:13
SELECT FROM visits;

# SQL-WINDOW 1:40
SELECT AVG(n) FROM (SELECT patient_id, SUM(LAG(cost) OVER (PARTITION BY patient_id ORDER BY day)) OVER (PARTITION BY patient_id) AS n FROM visits);

# SQL-WINDOW 1:40
SELECT AVG(n) FROM (SELECT patient_id, COUNT(*) OVER (PARTITION BY patient_id, LAG(1) OVER (PARTITION BY patient_id ORDER BY day)) AS n FROM visits);

# SQL-TYPE 1:40
SELECT AVG(n) FROM (SELECT patient_id, LAG(NULL, 2, cost) OVER (PARTITION BY patient_id ORDER BY day) AS n FROM visits);
