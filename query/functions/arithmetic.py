"""Arithmetic: exact on numbers, double on reals; NULL in place of an error on any row."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

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

__all__ = ["ARITHMETIC", "clamp"]

MAX_DIGITS = 12
"""Digits to which a number may be rounded, after the point or before it."""

Interval = tuple[Fraction, Fraction]


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
    bounds = _corners(left.domain.bounds, right.domain.bounds, lambda x, y: x * y)
    return _numeric("multiply", "*", args, bounds, step)


def divide(args: tuple[Expression, ...]) -> Expression:
    """Return ``a / b`` as a real; NULL where b is 0."""
    expect(args, Kind.NUMBER, Kind.REAL, name="/")
    left, right = (as_real(arg) for arg in args)
    bounds, divisor = None, right.domain.bounds
    if divisor is not None and (divisor[0] > 0 or divisor[1] < 0):
        bounds = _corners(left.domain.bounds, divisor, lambda x, y: x / y)
    lower, upper = bounds or (None, None)
    domain = Domain(kind=Kind.REAL, lower=lower, upper=upper)
    return call("divide", "({0} / NULLIF({1}, 0))", "({0} / {1})", (left, right), domain)


def floor_divide(args: tuple[Expression, ...]) -> Expression:
    """Return the whole part of ``a / b`` for a written number b above 0, rounded down."""
    expect(args, Kind.NUMBER, name="//")
    return _floored("floor_divide", args[0], literal_number(args[1], "//"), "({0} // {1})", args)


def modulo(args: tuple[Expression, ...]) -> Expression:
    """Return ``a - b * floor(a / b)`` for a written number b above 0."""
    expect(args, Kind.NUMBER, name="%")
    divisor = literal_number(args[1], "%")
    if divisor <= 0:
        raise refuse("% by a number that is not above 0", "give a divisor above 0")
    first, second = aligned(args)
    step = first.domain.step
    domain = Domain(kind=Kind.NUMBER, lower=Fraction(0), upper=divisor - step, step=step)
    return call("modulo", "((({0} % {1}) + {1}) % {1})", "({0} % {1})", (first, second), domain)


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


def floor(args: tuple[Expression, ...]) -> Expression:
    """Return the largest whole number at or below a."""
    expect(args, Kind.NUMBER, Kind.REAL, name="FLOOR")
    if args[0].domain.kind is Kind.NUMBER:
        return _floored("floor", args[0], Fraction(1), "FLOOR({0})", args)
    lower, upper = _outward(args[0].domain.bounds)
    domain = Domain(kind=Kind.NUMBER, lower=lower, upper=upper)
    return call("floor", "TRY_CAST(FLOOR({0}) AS BIGINT)", "FLOOR({0})", args, domain)


def band(args: tuple[Expression, ...]) -> Expression:
    """Return the lower edge of the band of a written width that a falls in: 47 by 10 is 40."""
    expect(args, Kind.NUMBER, Kind.REAL, name="age_band")
    width = literal_number(args[1], "age_band")
    whole = floor((divide(args),)) if args[0].domain.kind is Kind.REAL else floor_divide(args)
    banded = multiply((whole, args[1]))
    bounds = args[0].domain.bounds
    lower, upper = (
        (math.floor(bounds[0] / width) * width, math.floor(bounds[1] / width) * width)
        if bounds
        else (None, None)
    )
    domain = Domain(kind=Kind.NUMBER, lower=lower, upper=upper, step=banded.domain.step)
    return call("band", "{1}", "age_band({0}, {2})", (args[0], banded, args[1]), domain)


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


def _floored(
    name: str,
    value: Expression,
    divisor: Fraction,
    text: str,
    args: tuple[Expression, ...],
) -> Expression:
    """Floor ``value / divisor`` in whole steps; the engine's own division rounds towards 0."""
    if divisor <= 0:
        raise refuse("division by a number that is not above 0", "give a divisor above 0")
    steps = divisor / value.domain.step
    up, down = steps.numerator, steps.denominator
    if max(up, down) >= EXACT_LIMIT:
        raise refuse("this divisor has too many digits", "round it")
    bounds = value.domain.bounds
    safe = steps == 1 or fits(value.domain, value.domain.step / down)
    domain = Domain(
        kind=Kind.NUMBER,
        nullable=value.domain.nullable or not safe,
        lower=Fraction(math.floor(bounds[0] / divisor)) if bounds else None,
        upper=Fraction(math.floor(bounds[1] / divisor)) if bounds else None,
    )
    if steps == 1:
        return call(name, "{0}", text, args, domain)
    scaled = "{0}" if safe else "CAST({0} AS HUGEINT)"
    scaled = f"({scaled} * {down})" if down != 1 else scaled
    sql = f"(({scaled} - ((({scaled} % {up}) + {up}) % {up})) // {up})"
    return call(name, sql if safe else f"TRY({sql})", text, args, domain)


def _corners(
    a: Interval | None, b: Interval | None, combine: Callable[[Fraction, Fraction], Fraction]
) -> Interval | None:
    if a is None or b is None:
        return None
    ends = [combine(x, y) for x in a for y in b]
    return min(ends), max(ends)


def _outward(bounds: Interval | None) -> tuple[Fraction | None, Fraction | None]:
    if bounds is None:
        return None, None
    return Fraction(math.floor(bounds[0])), Fraction(math.floor(bounds[1]))


def round_half_up(args: tuple[Expression, ...]) -> Expression:
    """Return a rounded half up to a written number of digits (0 where none is given)."""
    expect(args, Kind.NUMBER, Kind.REAL, name="ROUND")
    digits = literal_number(args[1], "ROUND") if len(args) > 1 else Fraction(0)
    if digits.denominator != 1 or abs(digits) > MAX_DIGITS:
        raise refuse("ROUND needs a whole number of digits from -12 to 12", "give such a number")
    step = Fraction(10) ** -int(digits)
    half = Literal(value=step / 2, domain=_exactly(step / 2))
    unit = Literal(value=step, domain=_exactly(step))
    moved = add((args[0], half))
    whole = (
        floor((divide((moved, unit)),))
        if moved.domain.kind is Kind.REAL
        else floor_divide((moved, unit))
    )
    rounded = multiply((whole, unit))
    text = "ROUND({0}, " + str(digits) + ")"
    return call("round", "{1}", text, (args[0], rounded), rounded.domain)


def _exactly(value: Fraction) -> Domain:
    return Domain(kind=Kind.NUMBER, nullable=False, lower=value, upper=value, step=value)


ARITHMETIC: dict[str, Builder] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "floor_divide": floor_divide,
    "modulo": modulo,
    "negate": negate,
    "abs": absolute,
    "floor": floor,
    "age_band": band,
    "clamp": clamp,
    "round": round_half_up,
}
