from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.datasets import DatasetPolicy
from query.bound import Asked
from tests.case_files import sql_cases
from tests.fakes import StoredRows
from tests.sensitivity import Case, check, plan_of
from tests.strategies import queries
from tests.wards import databases, make_rows, make_ward

TIGHT = make_ward(max_groups=1, max_rows_per_group=1)
NARROW = make_ward(max_groups=2, max_rows_per_group=3)
WIDE = make_ward(max_groups=20, max_rows_per_group=20)
"""Wide enough that what is proved, and not what is enforced, holds the sensitivity."""
SKEWED = make_rows(3, [(40, 12, 3, 1), (3, 5, 2, 1), (0, 1, 3, 0), (9, 0, 0, 1)])
TRAPS = [statement for case in sql_cases("traps.sql") for statement in case.statements]
NEIGHBORS = {"compared": 0}


@pytest.mark.parametrize("ward", [TIGHT, NARROW, WIDE], ids=["tight", "narrow", "wide"])
@pytest.mark.parametrize("sql", TRAPS)
def test_a_trap_moves_the_vectors_by_no_more_than_stated(sql: str, ward: DatasetPolicy) -> None:
    case = Case(dataset=ward, rows=SKEWED, sql=sql)

    assert plan_of(case) is not None
    assert check(case) == case.units


def test_all_traps_were_found() -> None:
    assert len(TRAPS) >= 60


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ward=st.sampled_from([TIGHT, NARROW, WIDE]),
    rows=databases(),
    sql=queries(),
    asked=st.sampled_from([Asked(), Asked(max_groups=1), Asked(max_rows_per_group=1)]),
    suppress_below=st.sampled_from([0, 5]),
)
def check_one_case(
    ward: DatasetPolicy, rows: StoredRows, sql: str, asked: Asked, suppress_below: int
) -> None:
    NEIGHBORS["compared"] += check(
        Case(dataset=ward, rows=rows, sql=sql, asked=asked, suppress_below=suppress_below)
    )


def test_one_unit_moves_the_vectors_by_no_more_than_stated() -> None:
    check_one_case()

    assert NEIGHBORS["compared"] >= 300
