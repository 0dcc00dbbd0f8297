from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from policies.datasets import DatasetPolicy
from tests.case_files import sql_cases
from tests.sensitivity import NARROW, TIGHT, WIDE, Case, cases, check, plan_of
from tests.wards import make_rows

SKEWED = make_rows(3, [(40, 12, 3, 1), (3, 5, 2, 1), (0, 1, 3, 0), (9, 0, 0, 1)])
TRAPS = [statement for case in sql_cases("traps.sql") for statement in case.statements]
COMPARED: list[int] = []


@pytest.mark.parametrize("ward", [TIGHT, NARROW, WIDE], ids=["tight", "narrow", "wide"])
@pytest.mark.parametrize("sql", TRAPS)
def test_a_trap_moves_the_vectors_by_no_more_than_stated(sql: str, ward: DatasetPolicy) -> None:
    case = Case(dataset=ward, rows=SKEWED, sql=sql)

    assert plan_of(case) is not None
    assert check(case) == case.units


def test_all_traps_were_found() -> None:
    assert len(TRAPS) >= 60


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def check_one_case(case: Case) -> None:
    COMPARED.append(check(case))


def test_one_unit_moves_the_vectors_by_no_more_than_stated() -> None:
    check_one_case()

    assert sum(COMPARED) >= 300
