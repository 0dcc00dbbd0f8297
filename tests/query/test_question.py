from __future__ import annotations

import pytest

from policies.decisions import ColumnUse
from policies.query_use import Aggregate
from query.parse import parse
from query.question import LINEAR, Function
from query.reading import column_uses, relations_of
from query.relations import Scan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def used(sql: str) -> set[str]:
    uses = column_uses(parse(sql, WARD))
    assert list(uses) == sorted(set(uses))
    return {f"{one.table}.{one.column} {one.way}" for one in uses}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT COUNT(*) FROM visits", set()),
        (
            "SELECT class, AVG(cost) FROM visits WHERE urgent GROUP BY class",
            {"visits.class group", "visits.cost mean", "visits.urgent filter"},
        ),
        (
            (
                "SELECT SUM(cost) FILTER (WHERE day > DATE '2024-05-05'), COUNT(urgent), "
                "COUNT(DISTINCT class), MEDIAN(cost), VAR_SAMP(cost) FROM visits"
            ),
            {
                "visits.cost sum",
                "visits.cost quantile",
                "visits.cost variance",
                "visits.day filter",
                "visits.urgent count",
                "visits.class count_distinct",
            },
        ),
        (
            "SELECT SUM(CASE WHEN urgent THEN cost ELSE 0 END) FROM visits",
            {"visits.urgent filter", "visits.cost sum"},
        ),
        (
            "SELECT cost > 5, COUNT(*) FROM visits GROUP BY 1",
            {"visits.cost filter"},
        ),
        (
            "SELECT COUNT(*) FROM labs l JOIN codes c ON c.code = l.code",
            {"labs.code filter", "codes.code filter"},
        ),
        (
            "SELECT COUNT(*) FROM labs l JOIN visits v ON v.visit_id = l.visit_id",
            {
                "labs.patient_id join",
                "visits.patient_id join",
                "labs.visit_id join",
                "visits.visit_id join",
            },
        ),
        # what only decides which rows there are, or how many, is a filter
        (
            (
                "SELECT AVG(n), SUM(total) FROM (SELECT patient_id, COUNT(urgent) AS n, "
                "SUM(cost) FILTER (WHERE class = 'emergency') AS total FROM visits "
                "GROUP BY patient_id HAVING MAX(day) > DATE '2024-05-05')"
            ),
            {
                "visits.patient_id join",
                "visits.urgent filter",
                "visits.cost sum",
                "visits.class filter",
                "visits.day filter",
            },
        ),
        (
            (
                "SELECT class, COUNT(*) FROM (SELECT patient_id, class FROM visits QUALIFY "
                "ROW_NUMBER() OVER (PARTITION BY patient_id ORDER BY day) = 1) GROUP BY class"
            ),
            {"visits.patient_id join", "visits.class group", "visits.day filter"},
        ),
        (
            (
                "SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v "
                "WHERE v.patient_id = p.patient_id AND v.cost > p.age)"
            ),
            {
                "patients.patient_id join",
                "visits.patient_id join",
                "visits.cost filter",
                "patients.age filter",
            },
        ),
        (
            (
                "SELECT AVG((SELECT MAX(v.cost) FROM visits v WHERE v.patient_id = p.patient_id)) "
                "FROM patients p"
            ),
            {"patients.patient_id join", "visits.patient_id join", "visits.cost mean"},
        ),
        (
            (
                "SELECT COUNT(*) FILTER (WHERE l.code IN (SELECT code FROM codes "
                "WHERE weight > 3)) FROM labs l"
            ),
            {"labs.code filter", "codes.code filter", "codes.weight filter"},
        ),
        (
            (
                "SELECT u.x, COUNT(*) FROM (SELECT patient_id, class AS x FROM visits UNION ALL "
                "SELECT patient_id, arm FROM enrolled) u GROUP BY 1"
            ),
            {"visits.class group", "enrolled.arm group"},
        ),
        (
            (
                "SELECT v.class, COUNT(*) FROM (SELECT DISTINCT patient_id, class FROM visits) "
                "AS v GROUP BY 1"
            ),
            {"visits.patient_id join", "visits.class filter", "visits.class group"},
        ),
        # columns that nobody asks for need no permission
        (
            (
                "SELECT COUNT(*) FROM (SELECT *, MAX(cost) OVER (PARTITION BY patient_id) AS m "
                "FROM visits)"
            ),
            set(),
        ),
        (
            (
                "SELECT COUNT(*) FROM (SELECT patient_id, free FROM visits UNION ALL "
                "SELECT patient_id, sex FROM patients)"
            ),
            set(),
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_every_use_of_a_column_is_found(sql: str, expected: set[str]) -> None:
    assert used(sql) == expected


def test_what_is_used_after_the_noise_is_no_use_of_its_own() -> None:
    sql = (
        "SELECT sex, n / SUM(n) OVER () FROM (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex)"
    )

    assert used(sql) == {"patients.sex group"}


def test_uses_are_those_that_a_policy_knows() -> None:
    assert {function.aggregate for function in Function} == set(Aggregate)
    assert all(ColumnUse("t", "c", one.value).way == one.value for one in Aggregate)


def test_linear_aggregates_are_one_statistic_each() -> None:
    assert Function.COUNT_DISTINCT in LINEAR
    assert Function.AVG not in LINEAR
    assert Function.QUANTILE_CONT not in LINEAR


def chained(first: str, again: str, length: int) -> str:
    """Name each of many CTEs by two columns of the next."""
    ctes = [f"a0 AS (SELECT patient_id, {first} AS x FROM visits)"]
    ctes += [f"a{n + 1} AS (SELECT patient_id, {again} AS x FROM a{n})" for n in range(length)]
    return f"WITH {', '.join(ctes)}"


def test_a_chain_of_computed_columns_is_followed_once() -> None:
    """Followed along every way there were 2 ** 60 of them, and the question was never priced."""
    numbers = chained("cost", "CLAMP(x + x, 0, 5)", 60)
    texts = chained("class", "COALESCE(x, x)", 60)

    assert used(f"{numbers} SELECT SUM(x) FROM a60") == {"visits.cost sum"}
    assert used(f"{texts} SELECT x, COUNT(*) FROM a60 GROUP BY x") == {"visits.class group"}


def test_the_tables_of_sub_queries_belong_to_a_question_wherever_they_stand() -> None:
    question = parse(
        "SELECT COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM codes)), SUM(CASE WHEN EXISTS "
        "(SELECT 1 FROM labs l WHERE l.patient_id = v.patient_id) THEN 1 END) FROM visits v",
        WARD,
    )

    read = [one.table for one in relations_of(question) if isinstance(one, Scan)]

    assert sorted(read) == ["codes", "labs", "visits"]
