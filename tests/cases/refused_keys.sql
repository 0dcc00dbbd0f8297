# SQL-PRIVATE-KEY 1:8
SELECT cost / 3, COUNT(*) FROM visits GROUP BY 1;

# -
SELECT ROUND(cost / 3, 2), COUNT(*) FROM visits GROUP BY 1;

# SQL-PRIVATE-KEY 1:52
SELECT free, COUNT(*) FROM visits GROUP BY ROLLUP (free);

# SQL-PRIVATE-KEY 1:64
SELECT free, class, COUNT(*) FROM visits GROUP BY class, CUBE (free);

# SQL-PRIVATE-KEY 1:67
SELECT free, class, COUNT(*) FROM visits GROUP BY GROUPING SETS ((free), (class));

# -
SELECT free, COUNT(*) FROM visits GROUP BY free;

# SQL-GROUP 1:50
SELECT patient_id, COUNT(*) FROM visits GROUP BY patient_id;

# SQL-GROUP 1:48
SELECT visit_id, COUNT(*) FROM visits GROUP BY visit_id;

# SQL-PRIVATE-KEY -
SELECT NULL, COUNT(*) FROM visits GROUP BY 1;

# SQL-BOUNDS 1:14
SELECT free, SUM(cost / 0.1 + LENGTH(free)) FROM visits GROUP BY free;

# SQL-ACCURACY -
OPTIONS (accuracy = {within: 5}) SELECT free, AVG(cost) FROM visits GROUP BY free;

# SQL-DELTA -
OPTIONS (delta = 1e-17) SELECT free, COUNT(*) FROM visits GROUP BY free;

# -
OPTIONS (delta = 1e-12) SELECT free, COUNT(*) FROM visits GROUP BY free;

# SQL-PRIVATE-KEY 1:64
SELECT n FROM (SELECT free, COUNT(*) AS n FROM visits GROUP BY free) UNION ALL SELECT COUNT(*) FROM patients;

# -
SELECT free, COUNT(*) AS n FROM visits GROUP BY free;
