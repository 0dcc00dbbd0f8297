# groups=2 units:1 rows:3
SELECT free, COUNT(*) FROM visits GROUP BY free;

# groups=2 units:1
SELECT free, COUNT(DISTINCT patient_id) FROM visits GROUP BY free;

# groups=1 rows:1
SELECT code, COUNT(*) FROM (SELECT patient_id, MIN(code) AS code FROM labs GROUP BY patient_id) GROUP BY code;

# groups=1 units:1 rows:1
SELECT code, COUNT(*), COUNT(DISTINCT patient_id) FROM (SELECT patient_id, MIN(code) AS code FROM labs GROUP BY patient_id) GROUP BY code;

# groups=1 units:1
SELECT n, COUNT(DISTINCT patient_id) FROM (SELECT patient_id, COUNT(*) AS n FROM visits GROUP BY patient_id) GROUP BY n;

# groups=2 units:1 rows:3
SELECT free, class, urgent, COUNT(*) FROM visits GROUP BY ALL;

# groups=2 units:1 sum:150000 rows:3
SELECT UPPER(free), AVG(cost) FROM visits GROUP BY 1;

# groups=2 units:1 sum:150000 rows:3
SELECT LOWER(free) AS name, SUM(cost), AVG(cost), COUNT(cost) FROM visits WHERE urgent GROUP BY name;

# groups=2 units:1 sum:3750000 sum:30 rows:3
SELECT raw, STDDEV(CLAMP(value, 0, 10)) FROM labs GROUP BY raw;

# groups=2 units:1 rows:3 rows:3
SELECT raw + 1, COUNT(*) FILTER (WHERE value > 0), COUNT(code) FROM labs GROUP BY 1;

# groups=2 units:1 distinct:3
SELECT noted, COUNT(DISTINCT code) FROM labs GROUP BY noted;

# groups=2 units:1 rows:3
SELECT YEAR(noted), at, COUNT(*) FROM labs GROUP BY ALL;

# groups=2 units:1 rows:3
SELECT DATE_TRUNC('hour', at), COUNT(*) FROM labs GROUP BY 1;

# groups=2 units:1 rows:3
SELECT COALESCE(free, 'none'), COUNT(*) FROM visits GROUP BY 1;

# groups=2 units:1 rows:3
SELECT CASE WHEN cost > 5 THEN free END, COUNT(*) FROM visits GROUP BY 1;

# groups=2 units:1 rows:3
SELECT v.free, p.sex, COUNT(*) FROM visits v JOIN patients p USING (patient_id) GROUP BY 1, 2;

# groups=2 units:1 rows:3
SELECT l.code, v.free, COUNT(*) FROM labs l LEFT JOIN visits v ON l.patient_id = v.patient_id GROUP BY 1, 2;

# groups=2 units:1 rows:3
SELECT x, COUNT(*) FROM (SELECT patient_id, free AS x FROM visits UNION ALL SELECT patient_id, code FROM labs) GROUP BY x;

# groups=2 units:1 rows:3
SELECT free || '/' || class, COUNT(*) FROM visits GROUP BY 1;

# groups=2 units:1 rows:3
SELECT free AS name, COUNT(*) AS n FROM visits GROUP BY name HAVING COUNT(*) > 3 ORDER BY n DESC LIMIT 2 OFFSET 1;

# groups=2 units:1 buckets:3000x3
SELECT free, HISTOGRAM(cost, [10, 100, 1000]) FROM visits GROUP BY free;

# groups=2 units:1 buckets:3000x1101
SELECT code, MEDIAN(CLAMP(raw, 0, 2000)) FROM labs GROUP BY code;

# groups=2 units:1 rows:3
SELECT NULLIF(code, 'C1') AS code, COUNT(*) FROM labs GROUP BY 1;

# groups=2 rows:1
SELECT k, COUNT(*) FROM (SELECT DISTINCT patient_id, RPAD(LEFT(free, 0), 200, 'x') || class AS k FROM (SELECT patient_id, free, class FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) <= 2)) GROUP BY k;
