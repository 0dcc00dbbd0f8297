"""Questions that use every way to compute before the final aggregate."""

from __future__ import annotations

__all__ = ["RELATIONS"]

RELATIONS = [
    (
        "WITH w AS (SELECT patient_id, COUNT(*) AS n, ARG_MAX(class, day) AS last, "
        "MEDIAN(cost) AS m, BOOL_OR(urgent) AS u, BOOL_AND(urgent) AS a FROM visits GROUP BY "
        "patient_id) SELECT u, a, AVG(LEAST(n, 9)), COUNT(m) FILTER (WHERE last = 'inpatient') "
        "FROM w GROUP BY u, a"
    ),
    (
        "SELECT COUNT(*) FROM (SELECT patient_id, cost FROM visits QUALIFY ROW_NUMBER() OVER "
        "(PARTITION BY patient_id ORDER BY day) = 1)"
    ),
    (
        "SELECT COUNT(*) FILTER (WHERE gap > 3) FROM (SELECT patient_id, cost - LAG(cost) OVER "
        "(PARTITION BY patient_id ORDER BY day) AS gap FROM visits)"
    ),
    (
        "SELECT AVG(CLAMP(t, 0, 900)) FROM (SELECT patient_id, SUM(cost) OVER (PARTITION BY "
        "patient_id ORDER BY day ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS t FROM visits)"
    ),
    (
        "SELECT sex, COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE "
        "v.patient_id = p.patient_id AND v.urgent) AND p.patient_id NOT IN (SELECT patient_id "
        "FROM stays) GROUP BY sex"
    ),
    (
        "SELECT COUNT(*) FROM patients p WHERE (SELECT MAX(cost) FROM visits v WHERE "
        "v.patient_id = p.patient_id) > 100"
    ),
    (
        "SELECT k, COUNT(*) FROM (SELECT patient_id, 'a' AS k FROM visits UNION ALL SELECT "
        "patient_id, 'b' FROM stays) GROUP BY k"
    ),
    (
        "SELECT x.g, COUNT(*) FROM labs l JOIN (VALUES ('C1', 'one'), ('C2', 'two')) AS x(c, "
        "g) ON l.code = x.c GROUP BY x.g"
    ),
    "SELECT COUNT(*) FROM visits v SEMI JOIN stays s ON v.patient_id = s.patient_id",
    "SELECT COUNT(*) FROM visits v ANTI JOIN stays s ON v.patient_id = s.patient_id",
    "SELECT COUNT(*) FROM visits v FULL JOIN stays s ON v.patient_id = s.patient_id",
    "SELECT class, urgent, COUNT(*) FROM visits GROUP BY CUBE (class, urgent)",
    "SELECT class, COUNT(*), SUM(COUNT(*)) OVER () FROM visits GROUP BY class",
    (
        "SELECT MEDIAN(FLOOR(cost / 9)), QUANTILE_CONT(age, [0.1, 0.9]), MIN(age), MAX(age) "
        "FROM visits JOIN patients USING (patient_id)"
    ),
    (
        "SELECT STDDEV(cost), CORR(cost, DAY(day)), COUNT(DISTINCT cost), HISTOGRAM(cost, [1, "
        "9]) FROM visits"
    ),
]
"""One text for each way to compute before the final aggregate, and for each kind of statistic."""
