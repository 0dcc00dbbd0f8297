# [1.0, 5]
SELECT age + 1, COUNT(*) FROM patients GROUP BY age;

# [0.0, 5]
SELECT FLOOR(age / 2), COUNT(*) FROM patients GROUP BY age;

# [0.0, 5]
SELECT -age, COUNT(*) FROM patients GROUP BY age;

# [3.0, 5]
SELECT CLAMP(age, 3, 9), COUNT(*) FROM patients GROUP BY age;

# [false, 5]
SELECT age IS NULL, COUNT(*) FROM patients GROUP BY age;

# ["a", "F", 5]
SELECT 'a' AS label, sex, COUNT(*) FROM patients GROUP BY sex;

# ["U", 5]
SELECT COALESCE(sex, 'U'), COUNT(*) FROM patients GROUP BY sex HAVING sex IS NULL;

# [true, 5]
SELECT sex = 'M', COUNT(*) FROM patients GROUP BY sex HAVING sex <> 'F';

# [2025, 5]
SELECT YEAR(day) AS y, COUNT(*) FROM visits GROUP BY y ORDER BY y DESC;

# ["2025-12-31", 5]
SELECT day, COUNT(*) FROM visits GROUP BY day HAVING day > '2025-12-30';

# ["2025-12-31", 5]
SELECT day, COUNT(*) FROM visits GROUP BY day HAVING day > TIMESTAMP '2025-12-30 12:00:00';

# ["2025-03-04", 5]
SELECT day, COUNT(*) FROM visits GROUP BY day HAVING day IN ('2025-03-04', NULL);

# [45, 5]
SELECT age * 0.5, COUNT(*) FROM patients GROUP BY age * 0.5 ORDER BY 1 DESC;

# [44.5, 5]
SELECT age * 0.5 AS h, COUNT(*) FROM patients GROUP BY h ORDER BY h DESC LIMIT 1 OFFSET 1;

# ["sex: F", 5]
SELECT 'sex: ' || sex, COUNT(*) FROM patients GROUP BY sex;

# ["unknown", 5]
SELECT COALESCE(UPPER(sex), 'unknown'), COUNT(*) FROM patients GROUP BY sex ORDER BY sex DESC NULLS FIRST;

# ["sex -", 5]
SELECT CONCAT('sex ', sex, '-'), COUNT(*) FROM patients GROUP BY sex HAVING sex IS NULL;

# ["em", 5]
SELECT LEFT(class, 2), COUNT(*) FROM visits GROUP BY class HAVING class LIKE '%!_%' ESCAPE '!' OR class ILIKE 'EM%';

# ["em-y", 5]
SELECT CONCAT_WS('-', SUBSTRING(class, 1, 2), RIGHT(class, 1)), COUNT(*) FROM visits GROUP BY class HAVING STARTS_WITH(class, 'e');

# ["em", 5]
SELECT LEFT(class, 2) AS short, COUNT(*) FROM visits GROUP BY short HAVING ENDS_WITH(short, 'm') AND NOT CONTAINS(short, 'a');

# ["2025-12", "December 2025", "Wednesday", 5]
SELECT STRFTIME(day, '%Y-%m'), MONTHNAME(day) || ' ' || YEAR(day), DAYNAME(day), COUNT(*) FROM visits GROUP BY day ORDER BY day DESC;

# ["2025-10-01", "2025-12-31", "2026-01-30", 5]
SELECT DATE_TRUNC('quarter', day), LAST_DAY(day), day + INTERVAL 30 DAY, COUNT(*) FROM visits GROUP BY day ORDER BY day DESC;

# [1, 0, 1, 12, 5]
SELECT DATE_DIFF('year', day, DATE '2026-01-01'), DATE_SUB('year', day, DATE '2026-01-01'), DATE_PART('year', AGE(DATE '2027-01-01', day)), DATE_SUB('month', day, DATE '2026-12-31'), COUNT(*) FROM visits GROUP BY day ORDER BY day DESC;

# ["2025-02-28", null, 1767139200.0, 5]
SELECT MAKE_DATE(YEAR(day), 2, 28), MAKE_DATE(YEAR(day), 2, 30), EPOCH(day), COUNT(*) FROM visits GROUP BY day ORDER BY day DESC;

# ["90", 10.0, 5]
SELECT CAST(age AS VARCHAR), CAST(LEFT(CAST(age AS VARCHAR), 1) || '0' AS INTEGER) / 9, COUNT(*) FROM patients GROUP BY age ORDER BY age DESC;

# [true, null, 1.5, 2.5, 5]
SELECT CAST(LEFT('true', 4) AS BOOLEAN), CAST(sex AS BOOLEAN), CAST(CONCAT(sex, '1.5') AS DOUBLE), CAST(CONCAT(sex, '2.50') AS DECIMAL(4, 1)), COUNT(*) FROM patients GROUP BY sex HAVING sex IS NULL;

# [null, null, 5]
SELECT CAST(sex AS INTEGER), CAST(sex AS DOUBLE), COUNT(*) FROM patients GROUP BY sex;
