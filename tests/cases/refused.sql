# SQL-AGGREGATE 1:8
SELECT * FROM patients;

# SQL-GROUP 1:8
SELECT patient_id FROM patients;

# SQL-AGGREGATE 1:8
SELECT sex FROM patients GROUP BY sex;

# SQL-GROUP 1:8
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

# SQL-FROM 1:22
SELECT COUNT(*) FROM codes;

# SQL-FROM 1:8
SELECT COUNT(*);

# SQL-NAME 1:22
SELECT COUNT(*) FROM nothing;

# SQL-CONSTRUCT 1:22
SELECT COUNT(*) FROM main.visits;

# SQL-FROM 1:22
SELECT COUNT(*) FROM read_csv('/etc/passwd');

# SQL-FROM 1:30
SELECT COUNT(*) FROM (SELECT * FROM visits);

# SQL-FROM 1:31
SELECT COUNT(*) FROM (VALUES (1)) t;

# SQL-CONSTRUCT 1:6
WITH a AS (SELECT 1) SELECT COUNT(*) FROM a;

# SQL-STATEMENT 1:8
SELECT COUNT(*) FROM visits UNION ALL SELECT COUNT(*) FROM visits;

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

# SQL-CONSTRUCT 1:42
SELECT COUNT(*) FROM visits NATURAL JOIN patients;

# SQL-JOIN 1:41
SELECT COUNT(*) FROM visits v FULL JOIN patients p ON v.patient_id = p.patient_id;

# SQL-JOIN 1:42
SELECT COUNT(*) FROM visits v RIGHT JOIN patients p ON v.patient_id = p.patient_id;

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

# SQL-CONSTRUCT 1:29
SELECT COUNT(*) FROM visits v(a, b);

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
SELECT COUNT(DISTINCT cost) FROM visits;

# SQL-AGGREGATE 1:8
SELECT COUNT(DISTINCT relative_id) FROM labs;

# SQL-AGGREGATE 1:8
SELECT MEDIAN(cost) FROM visits;

# SQL-AGGREGATE 1:12
SELECT MAX(cost) FROM visits;

# SQL-AGGREGATE 1:8
SELECT BOOL_AND(urgent) FROM visits;

# SQL-NESTED 1:12
SELECT SUM(COUNT(*)) FROM visits;

# SQL-FUNCTION 1:8
SELECT COUNT(*) OVER () FROM visits;

# SQL-FUNCTION 1:8
SELECT ROW_NUMBER() OVER (ORDER BY cost), COUNT(*) FROM visits GROUP BY 1;

# SQL-FUNCTION 1:8
SELECT RANDOM(), COUNT(*) FROM visits;

# SQL-FUNCTION 1:8
SELECT GETENV('HOME'), COUNT(*) FROM visits;

# SQL-FUNCTION 1:54
SELECT COUNT(*) FROM visits WHERE cost = (SELECT MAX(cost) FROM visits);

# SQL-FUNCTION 1:50
SELECT COUNT(*) FROM visits WHERE EXISTS (SELECT 1);

# SQL-CONSTRUCT 1:35
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

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE free LIKE 'a' ESCAPE 'b';

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE REGEXP_MATCHES(free, 'a');

# SQL-FUNCTION 1:40
SELECT COUNT(*) FROM visits WHERE CAST(free AS INTEGER) = 1;

# SQL-FUNCTION 1:35
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
SELECT days % days, COUNT(*) FROM stays GROUP BY 1;

# SQL-TYPE 1:8
SELECT CLAMP(age, 9, 1), COUNT(*) FROM patients GROUP BY 1;

# SQL-FUNCTION 1:8
SELECT age_band(age), COUNT(*) FROM patients GROUP BY 1;

# SQL-TYPE 1:8
SELECT ROUND(age, 99), COUNT(*) FROM patients GROUP BY 1;

# SQL-TYPE 1:8
SELECT DATE_TRUNC('century', day), COUNT(*) FROM visits GROUP BY 1;

# SQL-TYPE 1:27
SELECT EXTRACT(epoch FROM day), COUNT(*) FROM visits GROUP BY 1;

# SQL-FUNCTION 1:35
SELECT COUNT(*) FROM visits WHERE DATE_DIFF('month', day, day) > 1;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day + INTERVAL 3 HOUR > day;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day + INTERVAL cost DAY > day;

# SQL-TYPE 1:35
SELECT COUNT(*) FROM visits WHERE day + INTERVAL 123456789 DAY > day;

# SQL-TYPE 1:18
SELECT CASE WHEN cost > 5 THEN 1 ELSE 'many' END, COUNT(*) FROM visits GROUP BY 1;

# SQL-FUNCTION 1:46
SELECT COUNT(*) FROM visits GROUP BY ROLLUP (class);

# SQL-ORDINAL 1:38
SELECT COUNT(*) FROM visits GROUP BY 7;

# SQL-FUNCTION 1:8
SELECT COUNT(*) AS n FROM visits GROUP BY n;

# SQL-LIMIT 1:35
SELECT COUNT(*) FROM visits LIMIT 5 + 5;

# SQL-TYPE 1:36
SELECT COUNT(*) FROM visits HAVING 1;

# SQL-FUNCTION 1:58
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING class LIKE 'a%';

# SQL-GROUP 1:58
SELECT class, COUNT(*) FROM visits GROUP BY class HAVING urgent;

# SQL-GROUP 1:38
SELECT COUNT(*) FROM visits ORDER BY cost;

# SQL-FUNCTION -
SELECT COUNT(*) FROM visits ORDER BY ALL;

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
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.patient_id = p.patient_id OR v.urgent);

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

# SQL-JOIN 1:40
SELECT COUNT(*) FROM labs l RIGHT JOIN codes c ON l.code = c.code;

# SQL-DISTINCT 1:39
SELECT COUNT(*) FROM (SELECT DISTINCT class FROM visits);

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

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION SELECT patient_id FROM labs);

# SQL-UNION 1:30
SELECT COUNT(*) FROM (SELECT patient_id FROM visits UNION ALL SELECT code FROM codes);

# SQL-TYPE 1:46
SELECT COUNT(*) FROM (SELECT patient_id, MIN(visit_id) AS v FROM visits GROUP BY patient_id);

# SQL-SUBQUERY 1:54
SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM (SELECT * FROM visits v WHERE v.patient_id = p.patient_id) x);

# SQL-WINDOW 1:55
SELECT AVG(CLAMP(x, 0, 9)) FROM (SELECT l.patient_id, l.raw + COUNT(*) OVER (PARTITION BY l.patient_id) AS x FROM labs l);

# SQL-WINDOW 1:63
SELECT COUNT(*) FROM (SELECT l.patient_id FROM labs l QUALIFY l.raw * ROW_NUMBER() OVER (PARTITION BY l.patient_id) > 3);
