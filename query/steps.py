"""Exact numbers for sums: reals become whole steps inside their row, before any is added."""

from __future__ import annotations

import math
from fractions import Fraction

from query.domains import Domain, Kind
from query.expressions import Call, Expression, Literal
from query.functions import FUNCTIONS
from query.functions.building import EXACT_LIMIT, as_real

__all__ = ["REAL_STEPS", "constant", "in_steps", "in_whole_steps", "steps_of"]

REAL_STEPS = 10**6
"""Steps into which the range of a real is divided: the rounding error is far below any noise."""


def in_whole_steps(argument: Expression) -> Expression:
    """Return an exact number: itself, or a real of known bounds counted in steps of its range."""
    bounds = argument.domain.bounds
    if argument.domain.kind is Kind.NUMBER or bounds is None:
        return argument
    return in_steps(argument, real_step(bounds))


def real_step(bounds: tuple[Fraction, Fraction]) -> Fraction:
    """Return the power of ten that divides a real's range into about ``REAL_STEPS`` steps.

    Fewer where the range lies so far from 0 that a count of such steps would be no BIGINT.
    """
    low, high = bounds
    span, farthest = high - low, max(abs(low), abs(high))
    step = Fraction(1, REAL_STEPS)
    if span > 0:
        step = Fraction(10) ** math.floor(math.log10(span / REAL_STEPS))
    while farthest / step >= EXACT_LIMIT:
        step *= 10
    return step


def in_steps(argument: Expression, step: Fraction) -> Expression:
    """Count a bounded number in whole steps, rounded half up; NaN becomes the upper bound."""
    if argument.domain.kind is Kind.NUMBER and argument.domain.step == step:
        return argument
    low, high = argument.domain.bounds or (Fraction(0), Fraction(0))
    held = FUNCTIONS["clamp"]((as_real(argument), constant(low), constant(high)))
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
            keeps_nulls=held.domain.keeps_nulls,
            lower=steps_of(low, step) * step,
            upper=steps_of(high, step) * step,
            step=step,
            unit_constant=held.domain.unit_constant,
        ),
    )


def steps_of(value: Fraction, step: Fraction) -> int:
    """Return the nearest whole number of steps."""
    return math.floor(value / step + Fraction(1, 2))


def constant(value: Fraction) -> Literal:
    """Return an exact constant."""
    domain = Domain(
        kind=Kind.NUMBER, nullable=False, lower=value, upper=value, step=abs(value) or Fraction(1)
    )
    return Literal(value=value, domain=domain, public=True)
