"""Rounding to whole numbers and to digits: exact on numbers, NULL where a real does not fit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Final

from query.domains import Domain, Kind
from query.expressions import Expression, Literal
from query.functions.building import (
    EXACT_LIMIT,
    Builder,
    call,
    expect,
    fits,
    literal_number,
    refuse,
)

__all__ = ["ROUNDING", "Mode", "half_away", "held", "in_units"]

MAX_DIGITS = 12
"""Digits to which a number may be rounded, after the point or before it."""


def half_away(value: Fraction) -> int:
    """Return the nearest whole number; halves move away from 0, as in SQL."""
    away = math.floor(abs(value) + Fraction(1, 2))
    return away if value >= 0 else -away


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to make a number whole.

    Attributes:
        image: What becomes of an exact value; never decreasing.
        exact: DuckDB SQL that divides a count ``{0}`` of steps by ``up`` steps, for format strings
            with the places ``v`` and ``up``; the engine's own ``//`` rounds towards 0.
        real: DuckDB's function of doubles.
    """

    image: Callable[[Fraction], int]
    exact: str
    real: str


FLOOR: Final = Mode(math.floor, "(({v} - ((({v} % {up}) + {up}) % {up})) // {up})", "FLOOR")
CEIL: Final = Mode(math.ceil, "(({v} + (({up} - ({v} % {up})) % {up})) // {up})", "CEIL")
TRUNC: Final = Mode(math.trunc, "({v} // {up})", "TRUNC")
ROUND: Final = Mode(
    half_away, "((2 * {v} + (CASE WHEN {v} < 0 THEN -{up} ELSE {up} END)) // (2 * {up}))", "ROUND"
)


def held(sql: str, low: int, high: int) -> str:
    """Return SQL that holds a count to its proved ends, which doubles miss by their rounding."""
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE LEAST(GREATEST({sql}, {low}), {high}) END)"


def in_units(mode: Mode, value: Expression, unit: Fraction) -> tuple[str, Domain]:
    """Return SQL and domain of ``value / unit`` made whole, then counted in that unit.

    Args:
        mode: Which way to make it whole.
        value: A number or a real; the place ``{0}`` of the SQL.
        unit: Above 0.

    Raises:
        UnsupportedQueryError: If the unit is too fine or too coarse for the value's step.
    """
    bounds = value.domain.bounds
    whole = [mode.image(end / unit) * unit for end in bounds] if bounds else [None, None]
    domain = Domain(
        kind=Kind.NUMBER,
        nullable=value.domain.nullable or bounds is None,
        lower=whole[0],
        upper=whole[1],
        step=unit,
    )
    if value.domain.kind is not Kind.NUMBER:
        down = f"CAST({unit.denominator} AS DOUBLE)"
        up = f"CAST({unit.numerator} AS DOUBLE)"
        scaled = "{0}"
        scaled = f"{scaled} * {down}" if unit.denominator != 1 else scaled
        scaled = f"{scaled} / {up}" if unit.numerator != 1 else scaled
        sql = f"TRY_CAST({mode.real}({scaled}) AS BIGINT)"
        if bounds is None:
            return sql, domain
        low, high = (mode.image(end / unit) for end in bounds)
        if max(-low, high) >= EXACT_LIMIT:
            return sql, _nullable(domain, nullable=True)
        return held(sql, low, high), domain
    return _exact(mode, value, unit, domain)


def _exact(mode: Mode, value: Expression, unit: Fraction, domain: Domain) -> tuple[str, Domain]:
    steps = unit / value.domain.step
    up, down = steps.numerator, steps.denominator
    if max(up, down) >= EXACT_LIMIT // 4:
        raise refuse("this divisor has too many digits", "round it")
    if steps == 1:
        return "{0}", _nullable(domain, nullable=value.domain.nullable)
    # the largest count on the way is that of twice the value, plus one unit
    reach = value.domain.step / down / 4
    safe = fits(value.domain, reach) and up < EXACT_LIMIT // 4
    scaled = "{0}" if safe else "CAST({0} AS HUGEINT)"
    scaled = f"({scaled} * {down})" if down != 1 else scaled
    sql = mode.exact.format(v=scaled, up=up)
    nullable = value.domain.nullable or not safe
    return sql if safe else f"TRY({sql})", _nullable(domain, nullable=nullable)


def _nullable(domain: Domain, *, nullable: bool) -> Domain:
    return Domain(
        kind=domain.kind,
        nullable=nullable,
        lower=domain.lower,
        upper=domain.upper,
        step=domain.step,
    )


def _whole(mode: Mode, name: str, args: tuple[Expression, ...]) -> Expression:
    """Make whole, or round to a written number of digits."""
    expect(args, Kind.NUMBER, Kind.REAL, name=name)
    digits = literal_number(args[1], name) if len(args) > 1 else Fraction(0)
    if digits.denominator != 1 or abs(digits) > MAX_DIGITS:
        raise refuse(f"{name} needs a whole number of digits from -12 to 12", "give such a number")
    sql, domain = in_units(mode, args[0], Fraction(10) ** -int(digits))
    written = len(args) > 1 or mode is ROUND
    text = f"{name}({{0}}, {int(digits)})" if written else f"{name}({{0}})"
    number = Fraction(int(digits))
    shown = Literal(
        value=int(digits),
        domain=Domain(kind=Kind.NUMBER, nullable=False, lower=number, upper=number),
    )
    return call(name.lower(), sql, text, (args[0], shown), domain)


ROUNDING: dict[str, Builder] = {
    "floor": partial(_whole, FLOOR, "FLOOR"),
    "ceil": partial(_whole, CEIL, "CEIL"),
    "trunc": partial(_whole, TRUNC, "TRUNC"),
    "round": partial(_whole, ROUND, "ROUND"),
}
