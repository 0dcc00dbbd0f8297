"""From SQL to a plan, by the pipe's own steps."""

from __future__ import annotations

from decimal import Decimal

from policies.datasets import DatasetPolicy
from policies.decisions import SuppressBelow
from query.bound import Asked, bound, price_asked
from query.compile import Statement, compile_plan
from query.mechanisms import BuiltMeasurement
from query.parse import parse
from query.plan import Plan

__all__ = ["make_bound", "make_plan", "make_statements"]


def make_bound(
    sql: str,
    dataset: DatasetPolicy,
    *,
    asked: Asked | None = None,
    suppress_below: int = 0,
    loss: str = "0.5",
) -> tuple[Plan, BuiltMeasurement]:
    """Return the plan of a question and its measurement."""
    duties = (SuppressBelow(suppress_below),) if suppress_below else ()
    price = price_asked(dataset, Decimal(loss))
    plan, measurement = bound(parse(sql, dataset), dataset, duties, price, asked or Asked())
    assert isinstance(measurement, BuiltMeasurement)
    return plan, measurement


def make_plan(sql: str, dataset: DatasetPolicy, **options: object) -> Plan:
    """Return the plan of a question."""
    return make_bound(sql, dataset, **options)[0]  # type: ignore[arg-type]


def make_statements(
    sql: str, dataset: DatasetPolicy
) -> tuple[Plan, BuiltMeasurement, tuple[Statement, ...]]:
    """Return the plan of a question, its measurement and its statements."""
    plan, measurement = make_bound(sql, dataset)
    return plan, measurement, compile_plan(plan)
