"""Functions of reals: NULL outside their domain, never NaN, never infinite.

Each is computed only where its argument lies in an interval in which the engine's function is
finite. NaN and infinity lie outside all of them, since DuckDB orders NaN above infinity.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from query.domains import Domain, Kind, number
from query.expressions import Expression
from query.functions.building import (
    LARGEST,
    Builder,
    as_real,
    call,
    expect,
    literal_number,
    refuse,
)

__all__ = ["REALS"]

MAX_EXPONENT = 20
_LARGEST_DOUBLE = 1.7976931348623157e308
_SMALLEST_DOUBLE = 5e-324
_DIGITS = 10**12


def _increasing(
    name: str,
    image: Callable[[float], float],
    low: float,
    high: float,
    args: tuple[Expression, ...],
) -> Expression:
    """Apply a function that never decreases from ``low`` to ``high``, and is NULL elsewhere."""
    expect(args, Kind.NUMBER, Kind.REAL, name=name)
    value = as_real(args[0])
    bounds, inside = value.domain.bounds, False
    step = args[0].domain.step
    if bounds is not None and low > 0 >= bounds[0] and args[0].domain.kind is Kind.NUMBER:
        bounds = (step, bounds[1])  # the smallest exact number above 0; others become NULL
    lower: Fraction | None = None
    upper: Fraction | None = None
    if bounds is not None and bounds[1] >= low and bounds[0] <= high:
        inside = (value.domain.bounds or bounds)[0] >= low and bounds[1] <= high
        if bounds[0] >= low:
            lower = _outward(image(float(bounds[0])), -1)
        if name in {"SQRT", "EXP"}:
            lower = max(lower or Fraction(0), Fraction(0))
        upper = _outward(image(min(float(bounds[1]), high)), 1)
    below = f" WHEN {{0}} < {_double(low)} THEN CAST(0 AS DOUBLE)" if name == "EXP" else ""
    inner = f"WHEN {{0}} BETWEEN {_double(low)} AND {_double(high)} THEN {name}({{0}}){below}"
    sql = f"(CASE {inner} END)"
    domain = _real(lower, upper, nullable=value.domain.nullable or not inside)
    return call(name.lower(), sql, f"{name}({{0}})", (value,), domain)


def logarithm(args: tuple[Expression, ...]) -> Expression:
    """Return the logarithm of the second argument to the written base that is the first."""
    base = literal_number(args[0], "LOG")
    if base in {2, 10}:
        return REALS[f"log{base}"]((args[1],))
    if base <= 0 or base == 1:
        raise refuse("LOG has a base that is not above 0, or is 1", "give a base such as 2 or 10")
    value = REALS["ln"]((args[1],))
    scale = math.log(base)
    bounds = value.domain.bounds
    ends = sorted(float(end) / scale for end in bounds) if bounds else None
    lower, upper = (_outward(ends[0], -1), _outward(ends[1], 1)) if ends else (None, None)
    domain = _real(lower, upper, nullable=value.domain.nullable)
    sql = f"({{1}} / {_double(scale)})"
    return call("log", sql, "LOG({0}, {2})", (args[0], value, args[1]), domain)


def power(args: tuple[Expression, ...]) -> Expression:
    """Return a raised to a written power from -20 to 20; NULL where that is not a finite real."""
    expect(args, Kind.NUMBER, Kind.REAL, name="POWER")
    exponent = literal_number(args[1], "POWER")
    if abs(exponent) > MAX_EXPONENT:
        raise refuse("POWER has an exponent beyond 20", "give one from -20 to 20")
    value, to = as_real(args[0]), float(exponent)
    reach = 10.0 ** (300 / max(abs(to), 1.0))
    inside = f"{{0}} BETWEEN {_double(-reach)} AND {_double(reach)}"
    whole = exponent.denominator == 1
    if exponent < 0:
        inside += f" AND ABS({{0}}) >= {_double(1 / reach)}"
    if not whole:
        inside += " AND {0} >= 0"
    bounds = _powers(value.domain.bounds, exponent)
    nullable = value.domain.nullable or bounds is None
    domain = _real(*(bounds or (None, None)), nullable=nullable)
    sql = f"(CASE WHEN {inside} THEN POW({{0}}, {_double(to)}) END)"
    return call("power", sql, "POWER({0}, {1})", (value, args[1]), domain)


def _powers(
    bounds: tuple[Fraction, Fraction] | None, exponent: Fraction
) -> tuple[Fraction | None, Fraction | None] | None:
    """Return both ends of all powers, or None where some power is not defined or too large."""
    if bounds is None or max(abs(bounds[0]), abs(bounds[1])) > LARGEST:
        return None
    if (exponent < 0 and bounds[0] <= 0 <= bounds[1]) or (
        exponent.denominator != 1 and bounds[0] < 0
    ):
        return None
    ends = [math.pow(float(end), float(exponent)) for end in bounds]
    if bounds[0] < 0 < bounds[1]:
        ends.append(0.0 if exponent else 1.0)
    lower, upper = _outward(min(ends), -1), _outward(max(ends), 1)
    if lower is None or upper is None:
        return None
    return (max(lower, Fraction(0)) if min(ends) >= 0 else lower), upper


def sign(args: tuple[Expression, ...]) -> Expression:
    """Return -1, 0 or 1."""
    expect(args, Kind.NUMBER, Kind.REAL, name="SIGN")
    sql = "CAST((CASE WHEN {0} > 0 THEN 1 WHEN {0} < 0 THEN -1 WHEN {0} = 0 THEN 0 END) AS BIGINT)"
    domain = number(Fraction(-1), Fraction(1), nullable=args[0].domain.nullable)
    return call("sign", sql, "SIGN({0})", args, domain)


def _outward(end: float, side: int) -> Fraction | None:
    """Move an end of an interval outward by more than any rounding error of the engine."""
    if abs(end) > LARGEST:
        return None
    exact = Fraction(end) + side * max(Fraction(1), abs(Fraction(end))) / _DIGITS
    scaled = exact * _DIGITS
    return Fraction(math.floor(scaled) if side < 0 else math.ceil(scaled), _DIGITS)


def _real(lower: Fraction | None, upper: Fraction | None, *, nullable: bool) -> Domain:
    known = lower is not None and upper is not None
    return Domain(
        kind=Kind.REAL,
        nullable=nullable,
        lower=lower if known else None,
        upper=upper if known else None,
    )


def _double(value: float) -> str:
    return f"CAST('{value!r}' AS DOUBLE)"


REALS: dict[str, Builder] = {
    "sqrt": partial(_increasing, "SQRT", math.sqrt, 0.0, _LARGEST_DOUBLE),
    "ln": partial(_increasing, "LN", math.log, _SMALLEST_DOUBLE, _LARGEST_DOUBLE),
    "log2": partial(_increasing, "LOG2", math.log2, _SMALLEST_DOUBLE, _LARGEST_DOUBLE),
    "log10": partial(_increasing, "LOG10", math.log10, _SMALLEST_DOUBLE, _LARGEST_DOUBLE),
    "exp": partial(_increasing, "EXP", math.exp, -700.0, 700.0),
    "log": logarithm,
    "power": power,
    "sign": sign,
}
