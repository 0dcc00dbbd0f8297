"""Whole division, remainders, and bands of equal width."""

from __future__ import annotations

import math
from fractions import Fraction

from query.domains import Domain, Kind, number
from query.expressions import Expression, Literal
from query.functions.arithmetic import ARITHMETIC, Interval, corners
from query.functions.building import (
    Builder,
    aligned,
    call,
    expect,
    fits,
    literal_number,
    refuse,
    rescaled,
)
from query.functions.comparison import COMPARISON
from query.functions.conditional import CONDITIONAL
from query.functions.rounding import FLOOR, ROUNDING, in_units

__all__ = ["DIVIDING"]

MAX_BUCKETS = 10_000


def floor_divide(args: tuple[Expression, ...]) -> Expression:
    """Return the whole part of ``a / b``, rounded towards 0 as DuckDB does; NULL where b is 0."""
    expect(args, Kind.NUMBER, Kind.REAL, name="//")
    if Kind.REAL in {arg.domain.kind for arg in args}:
        return ROUNDING["trunc"]((ARITHMETIC["divide"](args),))
    first, second = aligned(args)
    a, b = args[0].domain.bounds, args[1].domain.bounds
    bounds: Interval | None = None
    if a is not None and b is not None and (b[0] > 0 or b[1] < 0):
        found = corners(a, b, lambda x, y: x / y)
        bounds = (Fraction(math.trunc(found[0])), Fraction(math.trunc(found[1]))) if found else None
    elif a is not None:
        # a divisor that is not 0 is at least one step
        most = Fraction(math.trunc(max(abs(a[0]), abs(a[1])) / second.domain.step))
        bounds = (-most, most)
    domain = number(*(bounds or (None, None)), nullable=_nullable(args, first, second))
    return call("floor_divide", _sql("//", first, second), "({0} // {1})", (first, second), domain)


def modulo(args: tuple[Expression, ...]) -> Expression:
    """Return what is left of a after whole division by b, with a's sign; NULL where b is 0."""
    expect(args, Kind.NUMBER, Kind.REAL, name="%")
    first, second = aligned(args)
    real = first.domain.kind is Kind.REAL
    step = Fraction(0) if real else first.domain.step
    a, b = args[0].domain.bounds, args[1].domain.bounds
    lower, upper = a if a is not None else (None, None)
    if b is not None:
        most = max(abs(b[0]), abs(b[1]), step) - step
        lower = -most if lower is None else max(lower, -most)
        upper = most if upper is None else min(upper, most)
    if lower is not None and upper is not None:
        # what is left may be as small as 0, whatever the ends of a are
        lower, upper = min(lower, Fraction(0)), max(upper, Fraction(0))
    domain = Domain(
        kind=first.domain.kind,
        nullable=_nullable(args, first, second) or (real and (a is None or b is None)),
        lower=lower,
        upper=upper,
        step=first.domain.step,
    )
    sql = _REMAINDER if real else _sql("%", first, second)
    return call("modulo", sql, "({0} % {1})", (first, second), domain)


def _nullable(args: tuple[Expression, ...], first: Expression, second: Expression) -> bool:
    bounds = args[1].domain.bounds
    never_0 = bounds is not None and (bounds[0] > 0 or bounds[1] < 0)
    return not never_0 or first.domain.nullable or second.domain.nullable


def _sql(symbol: str, first: Expression, second: Expression) -> str:
    """Divide; the smallest BIGINT by -1 has no BIGINT, so what might be it is widened."""
    if isinstance(second, Literal) and literal_number(second, symbol) == 0:
        raise refuse(f"{symbol} by 0 is always NULL", "give another divisor")
    if fits(first.domain, first.domain.step):
        return f"({{0}} {symbol} NULLIF({{1}}, 0))"
    return f"TRY(CAST({{0}} AS HUGEINT) {symbol} NULLIF({{1}}, 0))"


# a remainder of infinity, or by it or NaN, is no number
_REMAINDER = (
    "(CASE WHEN ABS({0}) <= CAST('1e308' AS DOUBLE) AND ABS({1}) <= CAST('1e308' AS DOUBLE) "
    "AND {1} <> 0 THEN {0} % {1} END)"
)


def band(args: tuple[Expression, ...]) -> Expression:
    """Return the lower edge of the band of a written width that a falls in: 47 by 10 is 40."""
    expect(args, Kind.NUMBER, Kind.REAL, name="age_band")
    width = literal_number(args[1], "age_band")
    if width <= 0:
        raise refuse("age_band has a width that is not above 0", "give a width above 0")
    sql, domain = in_units(FLOOR, args[0], width)
    return call("age_band", sql, "age_band({0}, {1})", args, domain)


def width_bucket(args: tuple[Expression, ...]) -> Expression:
    """Return the number of the bucket among n of equal width from low to below high.

    Below low it is 0, from high on n + 1, as in ISO/IEC 9075-2, 6.30.
    """
    expect(args, Kind.NUMBER, Kind.REAL, name="WIDTH_BUCKET")
    value, low, high, buckets = args
    ends = [literal_number(end, "WIDTH_BUCKET") for end in (low, high)]
    count = literal_number(buckets, "WIDTH_BUCKET")
    if ends[0] >= ends[1] or count.denominator != 1 or not 1 <= count <= MAX_BUCKETS:
        raise refuse(
            "WIDTH_BUCKET needs low below high and 1 to 10000 buckets",
            "write WIDTH_BUCKET(x, low, high, buckets)",
        )
    width = (ends[1] - ends[0]) / count
    moved = ARITHMETIC["subtract"]((value, low))
    sql, domain = in_units(FLOOR, moved, width)
    counted = Domain(kind=Kind.NUMBER, nullable=domain.nullable)
    place = call("bucket", sql, "{0}", (moved, _whole(width)), counted)
    inside = ARITHMETIC["add"]((place, _whole(Fraction(1))))
    below, beyond = COMPARISON["lt"]((value, low)), COMPARISON["ge"]((value, high))
    last = _whole(count + 1)
    found = CONDITIONAL["case"]((below, _whole(Fraction(0)), beyond, last, inside))
    result = number(Fraction(0), count + 1, nullable=value.domain.nullable or domain.nullable)
    # NULL is neither below nor beyond, and its place is NULL
    text = "WIDTH_BUCKET({1}, {2}, {3}, {4})"
    return call("width_bucket", "{0}", text, (found, *args), result)


def _whole(value: Fraction) -> Expression:
    domain = Domain(
        kind=Kind.NUMBER, nullable=False, lower=value, upper=value, step=value or Fraction(1)
    )
    return (
        rescaled(Literal(value=value, domain=domain), Fraction(1))
        if (value.denominator == 1)
        else Literal(value=value, domain=domain)
    )


DIVIDING: dict[str, Builder] = {
    "floor_divide": floor_divide,
    "modulo": modulo,
    "age_band": band,
    "width_bucket": width_bucket,
}
