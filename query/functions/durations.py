"""Between two dates: boundaries crossed, whole units, full years; and moving a date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from query.domains import Domain, Kind, number
from query.expressions import Expression, Literal
from query.functions.building import (
    Builder,
    as_timestamp,
    call,
    expect,
    literal_number,
    refuse,
    rescaled,
)
from query.functions.dates import as_day, day_of, ends_of, word
from query.functions.moments import boundaries, full_units, full_years, midnight

__all__ = ["DURATIONS"]

MAX_COUNT = 100_000
"""Units by which a date may be moved, where the number is written."""

_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_SECONDS: Final = {"hour": 3600, "minute": 60, "second": 1}
_UNITS: Final = (*_DAYS, *_MONTHS, *_SECONDS)


def date_diff(args: tuple[Expression, ...]) -> Expression:
    """Return how many starts of a unit lie after the first date and up to the second."""
    unit = word(args[0], _UNITS, "the unit of DATE_DIFF")
    expect(args[1:], Kind.DATE, Kind.TIMESTAMP, name="DATE_DIFF")
    convert: Callable[[Expression], Expression] = as_timestamp if unit in _SECONDS else as_day
    pair = (convert(args[1]), convert(args[2]))
    return _counted("date_diff", unit, pair, lambda a, b: boundaries(unit, a, b))


def date_sub(args: tuple[Expression, ...]) -> Expression:
    """Return how many whole units lie between two dates."""
    unit = word(args[0], _UNITS, "the unit of DATE_SUB")
    expect(args[1:], Kind.DATE, Kind.TIMESTAMP, name="DATE_SUB")
    pair = (args[1], args[2])
    if unit in _SECONDS or Kind.TIMESTAMP in {arg.domain.kind for arg in pair}:
        pair = (as_timestamp(pair[0]), as_timestamp(pair[1]))
    return _counted("date_sub", unit, pair, lambda a, b: full_units(unit, a, b))


def _counted(
    name: str,
    unit: str,
    pair: tuple[Expression, Expression],
    image: Callable[[date, date], int],
) -> Expression:
    sql = f"{name}('{unit}', {{1}}, {{2}})"
    text = f"{name.upper()}('{unit}', {{1}}, {{2}})"
    return _between(name, (sql, text), (_named(unit), *pair), image)


def age_years(args: tuple[Expression, ...]) -> Expression:
    """Return the full years of ``AGE(a, b)``: how many birthdays of b lie up to a."""
    expect(args, Kind.DATE, Kind.TIMESTAMP, name="AGE")
    later, earlier = (as_timestamp(arg) for arg in args)
    sql, text = "date_part('year', AGE({2}, {1}))", "DATE_PART('year', AGE({2}, {1}))"
    return _between("age_years", (sql, text), (_named("year"), earlier, later), full_years)


def _between(
    name: str,
    forms: tuple[str, str],
    args: tuple[Expression, ...],
    image: Callable[[date, date], int],
) -> Expression:
    """Count something that grows with the second of two dates and falls with the first."""
    first, second = (_ends(arg) for arg in args[1:])
    lower: Fraction | None = None
    upper: Fraction | None = None
    if first is not None and second is not None:
        lower = Fraction(image(first[1], second[0]))
        upper = Fraction(image(first[0], second[1]))
    nullable = lower is None or any(arg.domain.nullable for arg in args[1:])
    sql = forms[0] if lower is not None else f"TRY({forms[0]})"
    return call(name, sql, forms[1], args, number(lower, upper, nullable=nullable))


def _ends(value: Expression) -> tuple[date, date] | None:
    """Return the ends of a value, of those of a date where it was made a moment."""
    known = ends_of(value.domain)
    return (midnight(known[0]), midnight(known[1])) if known else None


def moved(args: tuple[Expression, ...]) -> Expression:
    """Return a date moved by a number of units; NULL where the calendar ends before."""
    unit = word(args[2], _UNITS, "the unit of an interval")
    value, count = args[0], args[1]
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="a moved date")
    expect((count,), Kind.NUMBER, name="an interval")
    if unit in _SECONDS:
        value = as_timestamp(value)
    written = isinstance(count, Literal)
    amounts = count.domain.bounds
    if count.domain.step.denominator != 1:
        raise refuse("an interval is not a whole number", "FLOOR it")
    if written and abs(literal_number(count, "an interval")) > MAX_COUNT:
        raise refuse("an interval is not a whole number up to 100000", "give a whole number")
    ends = _moved_ends(value.domain, amounts, unit)
    nullable = value.domain.nullable or count.domain.nullable or ends is None
    domain = Domain(
        kind=value.domain.kind,
        nullable=nullable,
        lower=ends[0] if ends else None,
        upper=ends[1] if ends else None,
    )
    args = (value, rescaled(count, Fraction(1)), _named(unit))
    text = f"({{0}} + INTERVAL ({{1}}) {unit.upper()})"
    text = text.replace("({1})", "{1}") if written else text
    return call("moved", _moving(args, unit, total=ends is not None), text, args, domain)


def _moving(args: tuple[Expression, ...], unit: str, *, total: bool) -> str:
    size, name = next(
        (table[unit], name)
        for table, name in ((_DAYS, "DAY"), (_MONTHS, "MONTH"), (_SECONDS, "SECOND"))
        if unit in table
    )
    amount = f"'{int(literal_number(args[1], '')) * size}'" if isinstance(args[1], Literal) else ""
    sql = f"({{0}} + INTERVAL {amount or f'({{1}} * {size})'} {name})"
    if args[0].domain.kind is Kind.DATE:
        sql = f"CAST({sql} AS DATE)"
    # infinity is a date to DuckDB, and not the end of a calendar
    return sql if total else f"TRY({sql})"


def _moved_ends(
    domain: Domain, amounts: tuple[Fraction, Fraction] | None, unit: str
) -> tuple[date, date] | None:
    """Move both ends outward: months by their mean length and 4 days, parts of a day by one."""
    low, high = day_of(domain.lower), day_of(domain.upper)
    if low is None or high is None or amounts is None:
        return None
    if unit in _DAYS:
        slack, days = 0, Fraction(_DAYS[unit])
    elif unit in _MONTHS:
        slack, days = 4, _MONTHS[unit] * Fraction(146_097, 4_800)
    else:
        slack, days = 1, Fraction(_SECONDS[unit], 86_400)
    try:
        return (
            low + timedelta(days=round(amounts[0] * days) - slack),
            high + timedelta(days=round(amounts[1] * days) + slack),
        )
    except OverflowError:
        return None


def _named(unit: str) -> Literal:
    return Literal(value=unit, domain=Domain(kind=Kind.TEXT, nullable=False), public=True)


DURATIONS: dict[str, Builder] = {
    "date_diff": date_diff,
    "date_sub": date_sub,
    "age_years": age_years,
    "moved": moved,
}
