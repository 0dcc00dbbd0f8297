"""Arithmetic: exact on numbers, double on reals; NULL in place of an error on any row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from query.domains import Domain, Kind
from query.expressions import Expression, Literal
from query.functions.building import (
    EXACT_LIMIT,
    Builder,
    aligned,
    as_real,
    call,
    expect,
    fits,
    literal_number,
    refuse,
)

__all__ = ["ARITHMETIC", "Interval", "corners"]

Interval: TypeAlias = tuple[Fraction, Fraction]
"""Both ends, in the researcher's unit."""


def add(args: tuple[Expression, ...]) -> Expression:
    """Return ``a + b``."""
    return _sum(args, "+", lambda a, b: (a[0] + b[0], a[1] + b[1]))


def subtract(args: tuple[Expression, ...]) -> Expression:
    """Return ``a - b``."""
    return _sum(args, "-", lambda a, b: (a[0] - b[1], a[1] - b[0]))


def multiply(args: tuple[Expression, ...]) -> Expression:
    """Return ``a * b``."""
    expect(args, Kind.NUMBER, Kind.REAL, name="*")
    left, right = args
    if Kind.REAL in (left.domain.kind, right.domain.kind):
        args = (as_real(left), as_real(right))
        step = Fraction(1)
    else:
        step = left.domain.step * right.domain.step
    bounds = corners(left.domain.bounds, right.domain.bounds, lambda x, y: x * y)
    return _numeric("multiply", "*", args, bounds, step)


def divide(args: tuple[Expression, ...]) -> Expression:
    """Return ``a / b`` as a real; NULL where b is 0."""
    expect(args, Kind.NUMBER, Kind.REAL, name="/")
    left, right = (as_real(arg) for arg in args)
    bounds, divisor = None, right.domain.bounds
    if divisor is not None and (divisor[0] > 0 or divisor[1] < 0):
        bounds = corners(left.domain.bounds, divisor, lambda x, y: x / y)
    lower, upper = bounds or (None, None)
    nullable = bounds is None or left.domain.nullable or right.domain.nullable
    domain = Domain(kind=Kind.REAL, nullable=nullable, lower=lower, upper=upper)
    return call("divide", "({0} / NULLIF({1}, 0))", "({0} / {1})", (left, right), domain)


def negate(args: tuple[Expression, ...]) -> Expression:
    """Return ``-a``; of a constant, another constant."""
    expect(args, Kind.NUMBER, Kind.REAL, name="-")
    if isinstance(args[0], Literal) and args[0].value is not None:
        value = -literal_number(args[0], "-")
        domain = replace(args[0].domain, lower=value, upper=value)
        return Literal(value=value if value.denominator > 1 else int(value), domain=domain)
    bounds = args[0].domain.bounds
    turned = (-bounds[1], -bounds[0]) if bounds else (None, None)
    return _mirrored("negate", "(-{0})", "-{0}", args, turned)


def absolute(args: tuple[Expression, ...]) -> Expression:
    """Return ``abs(a)``."""
    expect(args, Kind.NUMBER, Kind.REAL, name="ABS")
    bounds = args[0].domain.bounds
    upper = max(abs(bounds[0]), abs(bounds[1])) if bounds else None
    return _mirrored("abs", "ABS({0})", "ABS({0})", args, (Fraction(0), upper))


def _mirrored(
    name: str,
    sql: str,
    text: str,
    args: tuple[Expression, ...],
    bounds: tuple[Fraction | None, Fraction | None],
) -> Expression:
    """Change a sign; the smallest BIGINT has no opposite there, so what might be it is widened."""
    domain = args[0].domain
    safe = domain.kind is not Kind.NUMBER or fits(domain, domain.step)
    result = Domain(
        kind=domain.kind,
        nullable=domain.nullable or not safe,
        lower=bounds[0],
        upper=bounds[1],
        step=domain.step,
    )
    wide = sql.replace("{0}", "CAST({0} AS HUGEINT)")
    return call(name, sql if safe else f"TRY({wide})", text, args, result)


def clamp(args: tuple[Expression, ...]) -> Expression:
    """Return a moved to the nearer of two written bounds; NULL stays NULL.

    NaN moves to the upper bound on every engine that orders ``<`` and ``<=`` as IEEE 754 does.
    """
    expect(args, Kind.NUMBER, Kind.REAL, name="CLAMP")
    low, high = literal_number(args[1], "CLAMP"), literal_number(args[2], "CLAMP")
    if low > high:
        raise refuse("CLAMP has its lower bound above the upper", "swap the two bounds")
    value, lower, upper = aligned(args)
    bounds = args[0].domain.bounds
    inner = (min(max(bounds[0], low), high), max(min(bounds[1], high), low)) if bounds else None
    domain = Domain(
        kind=value.domain.kind,
        nullable=value.domain.nullable,
        lower=inner[0] if inner else low,
        upper=inner[1] if inner else high,
        step=value.domain.step,
    )
    sql = (
        "(CASE WHEN {0} IS NULL THEN NULL WHEN {0} <= {1} THEN {1} WHEN {0} < {2} THEN {0} "
        "ELSE {2} END)"
    )
    return call("clamp", sql, "CLAMP({0}, {1}, {2})", (value, lower, upper), domain)


def _sum(
    args: tuple[Expression, ...], symbol: str, combine: Callable[[Interval, Interval], Interval]
) -> Expression:
    expect(args, Kind.NUMBER, Kind.REAL, name=symbol)
    left, right = aligned(args)
    a, b = left.domain.bounds, right.domain.bounds
    bounds = combine(a, b) if a is not None and b is not None else None
    name = "add" if symbol == "+" else "subtract"
    return _numeric(name, symbol, (left, right), bounds, left.domain.step)


def _numeric(
    name: str,
    symbol: str,
    args: tuple[Expression, ...],
    bounds: Interval | None,
    step: Fraction,
) -> Expression:
    """Make ``a op b``; exact numbers that might not fit become NULL instead of an error."""
    real = Kind.REAL in {arg.domain.kind for arg in args}
    safe = bounds is not None and max(abs(bounds[0]), abs(bounds[1])) / step < EXACT_LIMIT
    sql = f"({{0}} {symbol} {{1}})"
    if not real and not safe:
        sql = f"TRY(CAST({{0}} AS HUGEINT) {symbol} CAST({{1}} AS HUGEINT))"
    domain = Domain(
        kind=Kind.REAL if real else Kind.NUMBER,
        nullable=not safe or any(arg.domain.nullable for arg in args),
        lower=bounds[0] if bounds else None,
        upper=bounds[1] if bounds else None,
        step=Fraction(1) if real else step,
    )
    return call(name, sql, f"({{0}} {symbol} {{1}})", args, domain)


def corners(
    a: Interval | None, b: Interval | None, combine: Callable[[Fraction, Fraction], Fraction]
) -> Interval | None:
    """Return the ends of what two intervals make by an operation that is monotone in each."""
    if a is None or b is None:
        return None
    ends = [combine(x, y) for x in a for y in b]
    return min(ends), max(ends)


ARITHMETIC: dict[str, Builder] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "negate": negate,
    "abs": absolute,
    "clamp": clamp,
}
