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
