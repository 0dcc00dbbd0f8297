"""From aggregates to the integer statistics they are computed from."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import assert_never

from query.domains import Domain, Kind
from query.expressions import Call, Expression, Literal
from query.functions import FUNCTIONS
from query.functions.building import as_real
from query.plan import MAX_UNITS, Statistic, StatisticKind
from query.question import AggregateCall, Function

__all__ = ["REAL_STEPS", "statistics_of"]

REAL_STEPS = 10**6
"""Steps into which the range of a real is divided: the rounding error is far below any noise."""

_LARGEST = 2**62 // MAX_UNITS


def statistics_of(aggregate: AggregateCall, max_rows: int) -> tuple[Statistic, ...]:
    """Return what an aggregate is computed from: a count, a sum, or a centered sum and its count.

    Args:
        aggregate: The aggregate.
        max_rows: Rows of one unit that count in one group; sums of that many must fit.
    """
    where = _contributing(aggregate)
    match aggregate.function:
        case Function.COUNT_ROWS | Function.COUNT:
            return (Statistic(kind=StatisticKind.ROWS, where=where),)
        case Function.COUNT_UNITS:
            return (Statistic(kind=StatisticKind.UNITS, where=where),)
        case Function.SUM:
            return (_sum(_value(aggregate), where, max_rows, centered=False),)
        case Function.AVG:
            total = _sum(_value(aggregate), where, max_rows, centered=True)
            return (total, Statistic(kind=StatisticKind.ROWS, where=where))
        case _:
            assert_never(aggregate.function)


def _value(aggregate: AggregateCall) -> Expression:
    assert aggregate.argument is not None  # noqa: S101  the parser gives sums their argument
    return aggregate.argument


def _contributing(aggregate: AggregateCall) -> Expression | None:
    """Rows that enter: those that pass FILTER and whose argument is not NULL."""
    argument = aggregate.argument
    if argument is None or not argument.domain.nullable:
        return aggregate.where
    present = FUNCTIONS["not"]((FUNCTIONS["is_null"]((argument,)),))
    return present if aggregate.where is None else FUNCTIONS["and"]((aggregate.where, present))


def _sum(
    argument: Expression, where: Expression | None, max_rows: int, *, centered: bool
) -> Statistic:
    """Make a sum in steps small enough to be exact and large enough not to overflow."""
    bounds = argument.domain.bounds
    assert bounds is not None  # noqa: S101  the parser refuses sums without bounds
    low, high = bounds
    step = argument.domain.step
    if argument.domain.kind is Kind.REAL:
        step = _power_of_ten((high - low) / REAL_STEPS) if high > low else Fraction(1, REAL_STEPS)
    largest = max(abs(low), abs(high), Fraction(1))
    while largest / step * max_rows > _LARGEST:
        step *= 10
    lower, upper = _steps(low, step), _steps(high, step)
    center = (lower + upper) // 2 if centered else 0
    return Statistic(
        kind=StatisticKind.SUM,
        where=where,
        value=_clamped(_in_steps(argument, step), lower, upper),
        center=center,
        bound=max(abs(lower - center), abs(upper - center), 1),
    )


def _in_steps(argument: Expression, step: Fraction) -> Expression:
    """Count a number or real in whole steps, rounded half up; NaN becomes the upper bound."""
    if argument.domain.kind is Kind.NUMBER and argument.domain.step == step:
        return argument
    low, high = argument.domain.bounds or (Fraction(0), Fraction(0))
    held = FUNCTIONS["clamp"]((as_real(argument), _constant(low), _constant(high)))
    return Call(
        name="steps",
        sql=(
            f"CAST(FLOOR({{0}} * CAST({step.denominator} AS DOUBLE) "
            f"/ CAST({step.numerator} AS DOUBLE) + CAST(0.5 AS DOUBLE)) AS BIGINT)"
        ),
        text="{0}",
        args=(held,),
        domain=Domain(
            kind=Kind.NUMBER,
            nullable=held.domain.nullable,
            lower=_steps(low, step) * step,
            upper=_steps(high, step) * step,
            step=step,
            unit_constant=held.domain.unit_constant,
        ),
    )


def _clamped(value: Expression, lower: int, upper: int) -> Expression:
    """Hold a count of steps to its proved bounds: sensitivity must not rest on the store alone."""
    return Call(
        name="held",
        sql=f"LEAST(GREATEST({{0}}, {lower}), {upper})",
        text="{0}",
        args=(value,),
        domain=value.domain,
    )


def _constant(value: Fraction) -> Literal:
    domain = Domain(
        kind=Kind.NUMBER, nullable=False, lower=value, upper=value, step=abs(value) or Fraction(1)
    )
    return Literal(value=value, domain=domain)


def _steps(value: Fraction, step: Fraction) -> int:
    return math.floor(value / step + Fraction(1, 2))


def _power_of_ten(value: Fraction) -> Fraction:
    return Fraction(10) ** math.floor(math.log10(value))
