from __future__ import annotations

import re

import pytest

from query.bound import Asked
from query.compile import Statement, compile_plan
from query.release import exact_vectors
from tests.fakes import DuckDbMemoryEngine, StoredRows
from tests.plans import make_plan
from tests.wards import CODES, make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def compiled(sql: str) -> tuple[Statement, ...]:
    return compile_plan(make_plan(sql, WARD))


def visits(*costs_and_classes: tuple[int | None, str]) -> StoredRows:
    """Return one patient with these visits, and another without any."""
    rows = [
        {"patient_id": 0, "__salt": 7, "__rank": rank, "visit_id": rank, "cost": cost, "class": one}
        for rank, (cost, one) in enumerate(costs_and_classes, start=1)
    ]
    patients = [{"patient_id": unit, "__salt": 7 + unit, "__rank": 1} for unit in range(2)]
    return {"patients": patients, "visits": rows, "labs": [], "stays": [], "enrolled": [],
            "codes": CODES}  # fmt: skip


def exact(sql: str, rows: StoredRows, asked: Asked | None = None) -> tuple[tuple[int, ...], ...]:
    plan = make_plan(sql, WARD, asked=asked)
    statements = compile_plan(plan)
    engine = DuckDbMemoryEngine(WARD, rows)
    try:
        return exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])
    finally:
        engine.close()


def test_counts_and_sums_share_one_statement() -> None:
    found = compiled("SELECT COUNT(*), SUM(cost), MEDIAN(cost), COUNT(DISTINCT class) FROM visits")

    assert [one.statistics for one in found] == [(0, 1), (2,), (3,)]
    assert [one.has_buckets for one in found] == [False, True, False]


def test_a_question_of_quantiles_alone_has_no_statement_of_sums() -> None:
    (statement,) = compiled("SELECT MEDIAN(cost) FROM visits")

    assert statement.has_buckets


def test_a_statement_is_one_select() -> None:
    for statement in compiled("SELECT class, COUNT(*), MEDIAN(cost) FROM visits GROUP BY class"):
        assert statement.sql.startswith("SELECT ")
        assert ";" not in statement.sql


def test_sums_are_added_up_without_casts_of_every_row() -> None:
    (statement,) = compiled("SELECT SUM(cost) FROM visits")

    assert "HUGEINT" not in statement.sql


def test_more_rows_than_allowed_weigh_less() -> None:
    rows = visits(*[(cost, "emergency") for cost in (100, 200, 300, 400, 500, 500)])

    assert exact("SELECT COUNT(*), SUM(cost) FROM visits", rows) == ((3,), (1000,))


def test_rows_that_add_nothing_do_not_weigh() -> None:
    rows = visits((100, "emergency"), (200, "emergency"), *[(None, "emergency")] * 9)

    (total,), (present,), (counted,) = exact(
        "SELECT SUM(cost), COUNT(cost), COUNT(*) FROM visits", rows
    )
    assert (total + 2 * 50_000, present, counted) == (300, 2, 3)


def test_a_unit_is_in_as_many_groups_as_allowed() -> None:
    classes = ("ambulatory", "emergency", "inpatient")
    rows = visits(*[(1, one) for one in classes])

    (counts,) = exact("SELECT class, COUNT(*) FROM visits GROUP BY class", rows)
    assert sorted(counts) == [0, 1, 1]
    (single,) = exact(
        "SELECT class, COUNT(*) FROM visits GROUP BY class", rows, Asked(max_groups=1)
    )
    assert sorted(single) == [0, 0, 1]


@pytest.mark.parametrize("aggregate", ["HISTOGRAM(cost, [500, 1000])", "MEDIAN(cost)"])
def test_buckets_of_a_group_hold_as_much_as_its_rows_may(aggregate: str) -> None:
    rows = visits(*[(cost * 100, "emergency") for cost in (1, 2, 3, 600, 700, 800)])

    (found,) = exact(f"SELECT {aggregate} FROM visits", rows)

    assert sum(found[:2]) == 3000 if aggregate.startswith("HIST") else found[0] >= 0


def test_buckets_of_many_groups_are_of_the_groups_that_count() -> None:
    classes = ("ambulatory", "emergency", "inpatient")
    rows = visits(*[(cost, one) for one in classes for cost in (100, 60_000)])

    (found,) = exact("SELECT class, HISTOGRAM(cost, [500, 1000]) FROM visits GROUP BY class", rows)

    assert sorted(found) == [0, 0, 1000, 1000, 1000, 1000]


def test_buckets_of_proved_rows_are_counted_at_once() -> None:
    (statement,) = compiled("SELECT HISTOGRAM(days, [5, 30]) FROM stays")

    assert "OVER" not in statement.sql


def test_different_values_of_one_unit_are_as_many_as_its_rows() -> None:
    rows = visits(*[(cost, "emergency") for cost in (1, 2, 3, 4, 5, 5)])

    assert exact("SELECT COUNT(DISTINCT cost) FROM visits", rows) == ((3,),)
    assert exact("SELECT COUNT(DISTINCT cost) FROM visits", rows, Asked(max_rows_per_group=1)) == (
        (1,),
    )


def test_null_is_no_different_value() -> None:
    rows = visits((None, "emergency"), (7, "emergency"))

    assert exact("SELECT COUNT(DISTINCT cost) FROM visits", rows, Asked(max_rows_per_group=1)) == (
        (1,),
    )


def test_different_values_are_counted_in_the_groups_that_count() -> None:
    classes = ("ambulatory", "emergency", "inpatient")
    rows = visits(*[(cost, one) for one in classes for cost in (1, 2)])

    (found,) = exact("SELECT class, COUNT(DISTINCT cost) FROM visits GROUP BY class", rows)

    assert sorted(found) == [0, 2, 2]


def test_keys_that_are_no_group_are_left_out_before_groups_are_chosen() -> None:
    (statement,) = compiled("SELECT class, COUNT(*) FROM visits GROUP BY class")

    assert re.search(r"WHERE k0 IS NOT NULL\) GROUP BY u, k0", statement.sql)
