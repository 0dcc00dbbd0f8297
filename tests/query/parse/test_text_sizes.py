"""What joins multiply holds no long texts; what stands as it is stored may."""

from __future__ import annotations

import pytest

from policies.errors import UnsupportedQueryError
from query.parse import parse
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
WIDE = "LPAD(code, 900, 'x') || RPAD(code, 900, 'y')"
LISTED = "labs l CROSS JOIN generate_series(1, 100) a(n)"
PAIRS = "labs l JOIN visits v USING (patient_id)"
WRITTEN = "x" * 1500
WEEKDAYS = "STRFTIME(l.noted, '" + "%A" * 30 + "')"
CASES = " ".join(f"WHEN code LIKE '{one}%' THEN '{one * 300}'" for one in "abc")
JOINED = "(SELECT patient_id, STRING_AGG(code) AS t FROM labs GROUP BY 1)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(DISTINCT {WIDE}) FROM {PAIRS}",
        f"SELECT COUNT(*) FROM {PAIRS} WHERE {WIDE} LIKE '%a%'",
        f"SELECT COUNT(*) FROM (SELECT patient_id, {WIDE} AS t FROM {PAIRS}) WHERE t LIKE '%a%'",
        (
            f"SELECT COUNT(*) FROM (SELECT patient_id, {WIDE} AS t FROM labs) l JOIN visits v "
            "USING (patient_id) WHERE t LIKE '%a%'"
        ),
        (
            f"SELECT COUNT(*) FROM (SELECT patient_id, {WIDE} AS t, ROW_NUMBER() OVER ("
            f"PARTITION BY patient_id ORDER BY code) AS r FROM {PAIRS}) WHERE r = 2 AND t > 'a'"
        ),
        f"SELECT COUNT(DISTINCT code || '{WRITTEN}') FROM {PAIRS}",
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(code, ',' ORDER BY n) AS t "
            f"FROM {LISTED} GROUP BY 1) WHERE t LIKE '%a%'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(DISTINCT CAST(n AS VARCHAR), ',') "
            f"AS t FROM {LISTED} GROUP BY 1) WHERE t LIKE '%a%'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(code, ',' ORDER BY code) AS t "
            f"FROM labs GROUP BY 1) g JOIN (SELECT patient_id FROM {PAIRS}) USING (patient_id) "
            "WHERE t LIKE '%a%'"
        ),
        (
            "SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM labs l WHERE "
            f"l.patient_id = v.patient_id AND l.value > v.cost AND {WIDE} LIKE '%a%')"
        ),
        f"SELECT COUNT(*) FROM labs l JOIN {JOINED} g USING (patient_id) WHERE t LIKE '%a%'",
        f"SELECT COUNT(DISTINCT t || CAST(n AS VARCHAR)) FROM {JOINED} g CROSS JOIN range(41) r(n)",
        f"SELECT COUNT(DISTINCT UPPER(t)) FROM {JOINED} g JOIN labs l USING (patient_id)",
        (
            f"SELECT COUNT(*) FROM (SELECT l.patient_id, STRING_AGG(l.code || t) AS u FROM labs l "
            f"JOIN {JOINED} g USING (patient_id) GROUP BY 1) WHERE u > 'a'"
        ),
        (
            "SELECT COUNT(*) FROM labs l WHERE (SELECT STRING_AGG(k.code) FROM labs k "
            "WHERE k.patient_id = l.patient_id) || l.code > 'a'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, MAX(t) OVER (PARTITION BY patient_id) AS u "
            f"FROM (SELECT * FROM {JOINED} UNION ALL SELECT patient_id, code FROM labs)) "
            "WHERE u > 'a'"
        ),
        (
            f"SELECT COUNT(*) FROM labs l ASOF JOIN (SELECT *, 1 AS n FROM {JOINED} UNION ALL "
            "SELECT patient_id, code, 2 FROM labs) g ON g.patient_id = l.patient_id AND "
            "l.value >= g.n WHERE t > 'a'"
        ),
        f"SELECT COUNT(DISTINCT {WEEKDAYS} || {WEEKDAYS}) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT LPAD(LEFT(code, 50), 101, '\U0001f9ea')) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT LEFT(code, 50) || '{'ä' * 176}') FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT REPLACE(LEFT(code, 150), 'x', 'ßß')) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT REGEXP_REPLACE(LEFT(code, 50), 'x', 'ßßßß')) FROM {PAIRS}",
        (
            f"SELECT COUNT(*) FROM {PAIRS} JOIN (SELECT patient_id, STRING_AGG(DISTINCT CASE "
            f"{CASES} END) AS t FROM labs GROUP BY 1) g USING (patient_id) WHERE t > 'a'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(LPAD(code, 900, 'x')) AS t "
            "FROM labs GROUP BY 1) CROSS JOIN range(2000) WHERE t > 'a'"
        ),
    ],
)
def test_long_texts_are_refused_where_joins_multiply_them(sql: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(sql, WARD)

    assert refusal.value.code == "SQL-JOIN"
    assert "too much text" in str(refusal.value)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(DISTINCT {WIDE}) FROM labs",
        f"SELECT COUNT(DISTINCT code || '{WRITTEN}') FROM labs",
        f"SELECT COUNT(DISTINCT {WIDE}) FROM labs JOIN patients USING (patient_id)",
        f"SELECT COUNT(DISTINCT {WIDE}) FROM patients JOIN labs USING (patient_id)",
        f"SELECT COUNT(*) FROM {PAIRS} WHERE code || class LIKE '%a%'",
        f"SELECT COUNT(DISTINCT {WEEKDAYS}) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT LPAD(LEFT(code, 50), 100, '\U0001f9ea')) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT LEFT(code, 50) || '{'ä' * 175}') FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT REPLACE(LEFT(code, 100), 'x', 'ßß')) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT REGEXP_REPLACE(LEFT(code, 50), 'x', 'ßßß')) FROM {PAIRS}",
        f"SELECT COUNT(DISTINCT code) FROM {LISTED} WHERE n > value",
        (
            "SELECT COUNT(*) FROM patients p WHERE (SELECT STRING_AGG(code, ',' ORDER BY code) "
            "FROM labs l WHERE l.patient_id = p.patient_id) LIKE '%a%'"
        ),
        (
            "SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM labs l WHERE "
            "l.patient_id = v.patient_id AND l.value > v.cost AND LOWER(l.code) LIKE '%a%')"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(code, ',' ORDER BY code) AS t "
            "FROM labs GROUP BY 1) WHERE t LIKE '%a%'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(DISTINCT class, ',') AS t "
            f"FROM {PAIRS} GROUP BY 1) WHERE t LIKE '%a%'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(t) AS u FROM (SELECT patient_id, "
            "class, STRING_AGG(free || ': ' || class) AS t FROM visits GROUP BY 1, 2) GROUP BY 1) "
            "WHERE UPPER(LPAD(u, 20, 'x')) > 'a'"
        ),
        (
            "SELECT COUNT(*) FROM (SELECT patient_id, STRING_AGG(LPAD(free, 900, 'x')) AS t FROM "
            "visits GROUP BY 1) WHERE t || ': ' || LEFT(t, 900) > 'a'"
        ),
        f"SELECT COUNT(*) FROM patients JOIN {JOINED} USING (patient_id) WHERE t || sex > 'a'",
        f"SELECT COUNT(DISTINCT t || CAST(n AS VARCHAR)) FROM {JOINED} g CROSS JOIN range(40) r(n)",
        f"SELECT COUNT(*) FROM visits JOIN {JOINED} USING (patient_id) WHERE class > 'a'",
    ],
)
def test_usual_texts_and_those_of_stored_rows_are_not(sql: str) -> None:
    assert parse(sql, WARD).aggregates


def test_texts_are_shortened_before_the_join_as_the_remedy_says() -> None:
    both = "a.code AS x, b.code AS y, a.code || b.code AS z"
    pairs = f"SELECT a.patient_id, {both} FROM {{0}} a JOIN {{0}} b USING (patient_id)"
    asked = f"SELECT COUNT(*) FROM ({pairs}) WHERE x <> y AND z > 'a'"
    with pytest.raises(UnsupportedQueryError, match="by LEFT"):
        parse(asked.format("labs"), WARD)

    short = "WITH s AS (SELECT patient_id, LEFT(code, 50) AS code FROM labs)"
    assert parse(f"{short} {asked.format('s')}", WARD)


def test_a_padded_text_counts_as_long_as_it_is_written() -> None:
    parts = " || ".join(["LPAD(code, 900, 'x')"] * 14)

    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(f"SELECT COUNT(DISTINCT {parts}) FROM labs", WARD)

    assert refusal.value.code == "SQL-TYPE"
    assert "as long as 252 others" in str(refusal.value)
