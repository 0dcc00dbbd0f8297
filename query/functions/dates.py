"""Dates and timestamps; the store is in UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from query.domains import Domain, Grain, Kind, Scalar, number
from query.expressions import Expression, Literal
from query.functions.building import Builder, call, expect, literal_number, refuse

__all__ = ["DATES", "PARTS"]

PARTS = {
    "year": None,
    "quarter": (1, 4),
    "month": (1, 12),
    "day": (1, 31),
    "dayofweek": (0, 6),
    "isodow": (1, 7),
    "week": (1, 53),
    "hour": (0, 23),
}
"""Parts of a date with their ranges; that of the year follows from the date's bounds."""

MAX_COUNT = 100_000
"""Days, weeks, months, quarters or years by which a date may be moved."""

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def part(args: tuple[Expression, ...]) -> Expression:
    """Return a part of a date as a whole number; the first argument names the part."""
    name = _word(args[0], tuple(PARTS), "the part of a date")
    value = args[1]
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="a date part")
    ends = PARTS[name]
    if name == "year":
        low, high = value.domain.lower, value.domain.upper
        ends = (low.year, high.year) if isinstance(low, date) and isinstance(high, date) else None
    lower, upper = (Fraction(ends[0]), Fraction(ends[1])) if ends else (None, None)
    domain = replace(number(lower, upper), nullable=value.domain.nullable)
    return call("part", f"date_part('{name}', {{0}})", f"{name.upper()}({{0}})", (value,), domain)


def truncated(args: tuple[Expression, ...]) -> Expression:
    """Return the first day of the period that a date falls in."""
    grain = Grain(_word(args[0], tuple(one.value for one in Grain), "the unit of DATE_TRUNC"))
    value = args[1]
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="DATE_TRUNC")
    lower, upper = _day(value.domain.lower), _day(value.domain.upper)
    safe = lower is not None and upper is not None  # the engine fails on years beyond 290,000
    domain = replace(
        value.domain,
        kind=Kind.DATE,
        grain=grain,
        lower=lower,
        upper=upper,
        nullable=value.domain.nullable or not safe,
    )
    sql = f"CAST(date_trunc('{grain.value}', {{0}}) AS DATE)"
    sql = sql if safe else f"TRY({sql})"
    text = f"DATE_TRUNC('{grain.value}', {{0}})"
    return call("truncate", sql, text, (value,), domain)


def to_date(args: tuple[Expression, ...]) -> Expression:
    """Return the day of a date or timestamp."""
    expect(args, Kind.DATE, Kind.TIMESTAMP, name="a cast to DATE")
    day = Literal(value="day", domain=Domain(kind=Kind.TEXT))
    return truncated((day, args[0]))


def days_between(args: tuple[Expression, ...]) -> Expression:
    """Return ``b - a`` in whole days, for dates a and b."""
    first, second = (to_date((arg,)) for arg in args)
    low, high = second.domain, first.domain
    bounds = None
    if isinstance(low.lower, date) and isinstance(low.upper, date):  # noqa: SIM102  types narrow
        if isinstance(high.lower, date) and isinstance(high.upper, date):
            bounds = (
                Fraction((low.lower - high.upper).days),
                Fraction((low.upper - high.lower).days),
            )
    domain = number(*(bounds or (None, None)))
    nullable = first.domain.nullable or second.domain.nullable
    return call(
        "days_between",
        "date_diff('day', {0}, {1})",
        "DATE_DIFF('day', {0}, {1})",
        (first, second),
        replace(domain, nullable=nullable),
    )


def moved(args: tuple[Expression, ...]) -> Expression:
    """Return a date moved by a written number of days, weeks, months, quarters or years."""
    unit = _word(args[2], (*_DAYS, *_MONTHS), "the unit of an interval")
    count = literal_number(args[1], "an interval")
    value = args[0]
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="a moved date")
    if count.denominator != 1 or abs(count) > MAX_COUNT:
        raise refuse("an interval is not a whole number up to 100000", "give a whole number")
    ends = [
        _move(value.domain.lower, int(count), unit, slack=-1),
        _move(value.domain.upper, int(count), unit, slack=1),
    ]
    known = None not in ends
    amount = int(count) * (_DAYS.get(unit) or _MONTHS[unit])
    word = "DAY" if unit in _DAYS else "MONTH"
    sql = f"({{0}} + INTERVAL '{amount}' {word})"
    sql = sql if known else f"TRY({sql})"
    kind = value.domain.kind
    if kind is Kind.DATE:
        sql = f"CAST({sql} AS DATE)"
    domain = Domain(
        kind=kind,
        nullable=value.domain.nullable or not known,
        lower=ends[0] if known else None,
        upper=ends[1] if known else None,
    )
    text = f"({{0}} + INTERVAL {{1}} {unit.upper()})"
    return call("moved", sql, text, (value, args[1]), domain)


def _move(end: Fraction | date | None, count: int, unit: str, *, slack: int) -> date | None:
    """Move a bound; months by their mean length and 4 days outward, so that it stays a bound."""
    if not isinstance(end, date):
        return None
    days = count * _DAYS[unit] if unit in _DAYS else round(count * _MONTHS[unit] * 30.436875)
    outward = 0 if unit in _DAYS else 4 * slack
    try:
        return end + timedelta(days=days + outward)
    except OverflowError:
        return None


def _word(argument: Expression, allowed: tuple[str, ...], what: str) -> str:
    value: Scalar = argument.value if isinstance(argument, Literal) else None
    word = value.lower().removesuffix("s") if isinstance(value, str) else ""
    if word not in allowed:
        raise refuse(f"{what} is not one that is known", f"use one of {', '.join(allowed)}")
    return word


def _day(end: Fraction | date | None) -> date | None:
    if isinstance(end, datetime):
        return end.date()
    return end if isinstance(end, date) else None


DATES: dict[str, Builder] = {
    "part": part,
    "truncate": truncated,
    "to_date": to_date,
    "days_between": days_between,
    "moved": moved,
}
