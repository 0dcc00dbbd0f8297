from __future__ import annotations

import pytest

from query.compile import compile_plan
from query.plan import Plan
from query.release import exact_vectors
from tests.fakes import DuckDbMemoryEngine
from tests.plans import make_plan
from tests.wards import make_rows, make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
ROWS = make_rows(7, [(1, 0, 0, 0), (2, 4, 0, 1), (3, 1, 0, 0), (9, 6, 2, 0), (40, 0, 1, 1)])


def text(sql: str) -> str:
    plan: Plan = make_plan(sql, WARD)
    return "\n".join(one.sql for one in compile_plan(plan))


def exact(plan: Plan, *, split: bool) -> object:
    statements = compile_plan(plan)
    engine = DuckDbMemoryEngine(WARD, ROWS)
    try:
        results = [engine.run(one.sql) for one in statements]
    finally:
        engine.close()
    assert all(("UNION ALL" in one.sql) is split for one in statements)
    return exact_vectors(plan, statements, results)


def test_a_stored_column_is_summed_as_it_lies_inside_its_bounds() -> None:
    found = text("SELECT SUM(value) FROM labs")

    assert 'CASE WHEN t0."value" BETWEEN -100 AND 100 THEN t0."value" END AS x0' in found
    assert "GREATEST" not in found


def test_a_filter_of_an_aggregate_stands_beside_the_bounds() -> None:
    found = text("SELECT SUM(value) FILTER (WHERE raw > 3) FROM labs")

    assert '> CAST(3 AS BIGINT)) AND t0."value" BETWEEN -100 AND 100 THEN' in found


@pytest.mark.parametrize(
    "sql", ["SELECT SUM(value * 2) FROM labs", "SELECT SUM(age + 1) FROM patients"]
)
def test_what_is_computed_is_moved_to_its_bounds(sql: str) -> None:
    assert "LEAST(GREATEST(" in text(sql)


def test_values_that_are_there_are_counted_by_their_column() -> None:
    assert 't0."age" AS x0' in text("SELECT COUNT(age) FROM patients")


def test_what_is_said_of_rows_is_no_column_to_count() -> None:
    found = text("SELECT COUNT(*) FILTER (WHERE NOT urgent) FROM visits")

    assert 'CASE WHEN (NOT t0."urgent") THEN 1 END AS x0' in found


def test_a_center_is_subtracted_from_the_sum() -> None:
    assert "(SUM(x0) - CAST(45 AS HUGEINT) * COUNT(x0))" in text("SELECT AVG(age) FROM patients")


@pytest.mark.parametrize(
    ("sql", "most"),
    [
        ("SELECT class, COUNT(*) FROM visits GROUP BY class", 2),
        ("SELECT COUNT(*) FROM visits WHERE cost > 5", 3),
        ("SELECT class, SUM(cost), COUNT(DISTINCT patient_id) FROM visits GROUP BY class", 1),
        ("SELECT class, MEDIAN(cost) FROM visits GROUP BY class", 2),
        ("SELECT class, COUNT(DISTINCT free) FROM visits GROUP BY class", 2),
        ("SELECT sex, COUNT(*) FROM visits JOIN patients USING (patient_id) GROUP BY sex", 3),
    ],
)
def test_units_with_few_rows_are_added_up_without_a_pass(sql: str, most: int) -> None:
    plan = make_plan(sql, WARD)

    assert f' t0."__rows" <= {most}' in text(sql)
    assert f'NOT t0."__rows" <= {most}' in text(sql)
    whole = make_plan(sql, WARD)
    object.__setattr__(whole.parts[0].bounds, "single", None)
    assert exact(plan, split=True) == exact(whole, split=False)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT class, COUNT(*) FROM visits JOIN labs USING (patient_id) GROUP BY class",
        "SELECT class, COUNT(*) FROM (SELECT class FROM visits) GROUP BY class",
        (
            "SELECT class, COUNT(*) FROM (SELECT class FROM visits UNION ALL "
            "SELECT class FROM visits) GROUP BY class"
        ),
    ],
)
def test_rows_that_may_be_repeated_or_computed_take_the_pass(sql: str) -> None:
    assert "__rows" not in text(sql)


def test_what_is_proved_needs_no_split() -> None:
    assert "__rows" not in text("SELECT COUNT(DISTINCT days) FROM stays")
