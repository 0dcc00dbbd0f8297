"""Statements that the engine would plan for too long are refused from their text."""

from __future__ import annotations

import pytest

from policies.errors import UnsupportedQueryError
from query.compile import compile_plan
from query.statement import MOST_CHARACTERS, Statement
from tests.plans import make_bound
from tests.wards import make_ward


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT "
        + ", ".join(f"CORR(cost + {n}, cost * {n % 7 + 2} + {n})" for n in range(80))
        + " FROM visits",
        "SELECT "
        + ", ".join(
            f"VAR_SAMP(CLAMP((SELECT COUNT(*) FROM visits v WHERE v.cost > {n} "
            "AND v.patient_id = p.patient_id), 0, 9))"
            for n in range(12)
        )
        + " FROM patients p",
    ],
    ids=["many characters", "many SELECTs"],
)
def test_what_the_engine_would_plan_for_long_is_refused(sql: str) -> None:
    plan, _ = make_bound(sql, make_ward())

    with pytest.raises(UnsupportedQueryError) as refused:
        compile_plan(plan)

    assert refused.value.code == "SQL-TOO-DEEP"


def test_long_lists_are_not() -> None:
    assert Statement(sql="x" * MOST_CHARACTERS, part=0, statistics=(0,)).sql
