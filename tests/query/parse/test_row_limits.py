from __future__ import annotations

import pytest

from policies.errors import UnsupportedQueryError
from query.explain import quote_of
from query.parse import parse
from query.parse.row_caps import MAX_JOINED_ROWS
from query.question import Question
from query.reading import relations_of
from query.relations import Scan
from tests.plans import make_bound
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def caps(question: Question) -> dict[str, int | None]:
    return {one.alias: one.cap for one in relations_of(question) if isinstance(one, Scan)}


def test_two_tables_of_any_size_make_a_bounded_number_of_rows_of_a_unit() -> None:
    question = parse("SELECT COUNT(*) FROM visits JOIN labs USING (patient_id)", WARD)

    assert caps(question) == {"t0": 500, "t1": 500}
    assert 500**2 <= MAX_JOINED_ROWS < 501**2


def test_the_quote_says_of_which_tables_the_first_rows_are_read() -> None:
    plan, measurement = make_bound(
        "SELECT COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM labs l WHERE "
        "l.patient_id = v.patient_id AND l.value > v.cost)) FROM visits v",
        WARD,
    )

    explanation = quote_of(plan, measurement, WARD, 0.95).explanation

    assert explanation[:2] == (
        "reads visits, labs; each row belongs to one patient",
        "at most 500 rows of one patient are read of labs",
    )


def test_written_rows_count_as_partners_too() -> None:
    rows = ", ".join(f"({number})" for number in range(2000))
    question = parse(
        f"SELECT COUNT(*) FROM visits v JOIN (VALUES {rows}) t(x) ON v.cost > t.x", WARD
    )

    assert caps(question) == {"t0": MAX_JOINED_ROWS // 2000}


SERIES = "FROM patients p CROSS JOIN generate_series(1, {0}) a(n)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(*) {SERIES.format(101)} CROSS JOIN generate_series(1, 100) b(n)",
        (
            f"SELECT COUNT(*) {SERIES.format(1000)} WHERE EXISTS (SELECT 1 FROM visits v "
            "CROSS JOIN generate_series(1, 11) b(n) WHERE v.patient_id = p.patient_id "
            "AND v.cost > b.n + a.n)"
        ),
        (
            f"SELECT COUNT(*) FROM (SELECT p.patient_id, a.n {SERIES.format(1000)}) q CROSS JOIN "
            "(SELECT b.n FROM generate_series(1, 1000) b(n)) c"
        ),
        (
            "SELECT COUNT(*) FROM ("
            + " UNION ALL ".join([f"SELECT patient_id, n {SERIES.format(1000)}"] * 11)
            + ")"
        ),
    ],
)
def test_written_rows_multiply_the_rows_of_nobody_by_more_than_ten_thousand(sql: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(sql, WARD)

    assert refusal.value.code == "SQL-JOIN"
    assert "lists and series" in str(refusal.value)
    parse(f"SELECT COUNT(*) {SERIES.format(100)} CROSS JOIN generate_series(1, 100) b(n)", WARD)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM visits",
        "SELECT COUNT(*) FROM visits JOIN patients USING (patient_id)",
        "SELECT COUNT(*) FROM patients JOIN visits USING (patient_id)",
        "SELECT COUNT(*) FROM visits v JOIN codes c ON c.weight < v.cost",
    ],
)
def test_joins_that_do_not_multiply_rows_read_all_of_them(sql: str) -> None:
    question = parse(sql, WARD)

    assert set(caps(question).values()) == {None}


def test_caps_reach_into_what_a_join_is_made_of() -> None:
    question = parse(
        "SELECT COUNT(*) FROM (SELECT patient_id FROM visits WHERE urgent UNION ALL "
        "SELECT patient_id FROM labs) u JOIN (SELECT patient_id, code, COUNT(*) AS n FROM labs "
        "GROUP BY ALL) g USING (patient_id) JOIN enrolled e USING (patient_id)",
        WARD,
    )

    by_table = {
        scan.table: scan.cap
        for scan in (one for one in relations_of(question) if isinstance(one, Scan))
    }
    assert by_table["enrolled"] is None
    assert by_table["visits"] == by_table["labs"]
    assert by_table["labs"] is not None
    assert by_table["labs"] <= 10_000


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (("SELECT COUNT(*) FROM visits v JOIN visits w USING (patient_id) SEMI JOIN labs l "
         "ON l.patient_id = v.patient_id"), [500, 500, None]),
        (("SELECT COUNT(*) FROM visits v SEMI JOIN visits w ON v.patient_id = w.patient_id "
         "AND v.cost < w.cost"), [None, 500]),
        ("SELECT COUNT(*) FROM visits v ANTI JOIN visits w ON v.patient_id = w.patient_id",
         [None, None]),
        (("SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM labs l "
         "WHERE l.patient_id = v.patient_id)"), [None, None]),
        (("SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM visits w "
         "JOIN labs l USING (patient_id) WHERE w.patient_id = v.patient_id AND l.value > v.cost)"),
         [None, 62, 62]),
        (("SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM visits w "
         "WHERE w.patient_id = v.patient_id AND EXISTS (SELECT 1 FROM labs l "
         "WHERE l.patient_id = v.patient_id AND l.value > w.cost - v.cost))"), [None, 500, 62]),
        (("SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits w "
         "JOIN labs l USING (patient_id) WHERE w.patient_id = p.patient_id AND l.value > p.age)"),
         [None, 500, 500]),
        (("SELECT COUNT(*) FROM visits v JOIN codes c ON c.weight < v.cost JOIN codes d ON "
         "d.weight < v.cost"), [250, None, None]),
        (("SELECT COUNT(*) FROM visits v JOIN codes c ON c.weight < v.cost JOIN codes d ON "
         "d.code = c.code"), [None, None, None]),
    ],
)  # fmt: skip
def test_semi_joins_sub_queries_and_public_tables_multiply_too(
    sql: str, expected: list[int | None]
) -> None:
    assert [cap for _, cap in sorted(caps(parse(sql, WARD)).items())] == expected


def test_too_many_tables_of_any_size_are_refused() -> None:
    joined = " ".join(f"JOIN visits v{n} USING (patient_id)" for n in range(6))

    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(f"SELECT COUNT(*) FROM labs {joined}", WARD)

    assert refusal.value.code == "SQL-JOIN"
    assert refusal.value.position is not None


@pytest.mark.parametrize(
    ("condition", "most"),
    [("n <= 2", 2), ("n < 2", 1), ("n = 7", 1), ("n < 1", 1), ("n <= 2 AND urgent", 2),
     ("n <= 2.5", None), ("n >= 2", None), ("n <= 2 OR urgent", None), ("n + 0 <= 2", None),
     ("n <= n", None)],
)  # fmt: skip
def test_the_first_rows_of_a_unit_are_counted(condition: str, most: int | None) -> None:
    numbered = "ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) AS n"
    sql = f"SELECT COUNT(*) FROM (SELECT *, {numbered} FROM visits) WHERE {condition}"

    assert parse(sql, WARD).relation.max_rows == most
