"""Dates and timestamps: their parts and periods; the store is in UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from fractions import Fraction
from typing import Final

from query.domains import Domain, Kind, Scalar, number
from query.expressions import Expression, Literal
from query.functions.building import Builder, as_timestamp, call, expect, refuse, rescaled
from query.functions.moments import PART_IMAGES, last_day
from query.periods import Grain, period_start

__all__ = ["DATES", "PARTS", "as_day", "day_of", "ends_of", "is_bounded", "to_date", "word"]

PARTS: Final = {
    "year": None,
    "isoyear": None,
    "yearweek": None,
    "decade": None,
    "epoch": None,
    "quarter": (1, 4),
    "month": (1, 12),
    "day": (1, 31),
    "dayofweek": (0, 6),
    "isodow": (1, 7),
    "dayofyear": (1, 366),
    "week": (1, 53),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}
"""Parts of a date with their ranges; others follow from the date's bounds."""

_ALIASES: Final = {
    "dow": "dayofweek",
    "weekday": "dayofweek",
    "doy": "dayofyear",
    "dayofmonth": "day",
    "weekofyear": "week",
}
_WITHIN_A_DAY: Final = ("hour", "minute", "second")
_MICRO: Final = Fraction(1, 10**6)


def part(args: tuple[Expression, ...]) -> Expression:
    """Return a part of a date as a number; the first argument names the part."""
    name = word(args[0], (*PARTS, *_ALIASES), "the part of a date")
    name = _ALIASES.get(name, name)
    value = args[1]
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="a date part")
    named, text = _named(name), f"{name.upper()}({{1}})"
    if name == "epoch":
        return _epoch(named, value, text)
    limits = PARTS[name]
    ends = ends_of(value.domain) if limits is None else None
    if ends is not None:
        limits = (PART_IMAGES[name](ends[0]), PART_IMAGES[name](ends[1]))
    lower, upper = (Fraction(limits[0]), Fraction(limits[1])) if limits else (None, None)
    domain = number(lower, upper, nullable=value.domain.nullable)
    return call("part", f"date_part('{name}', {{1}})", text, (named, value), domain)


def _epoch(named: Expression, value: Expression, text: str) -> Expression:
    """Return seconds since 1970, exact to the microsecond."""
    moment, ends = as_timestamp(value), ends_of(value.domain)
    low, high = (_MICRO * PART_IMAGES["epoch_us"](end) for end in ends) if ends else (None, None)
    domain = number(low, high, step=_MICRO, nullable=moment.domain.nullable)
    return call("part", "epoch_us({1})", text, (named, moment), domain)


def truncated(args: tuple[Expression, ...]) -> Expression:
    """Return the first day of the period that a date falls in, or the first moment of an hour."""
    grains = tuple(one.value for one in Grain)
    unit = word(args[0], (*grains, *_WITHIN_A_DAY), "the unit of DATE_TRUNC")
    value = args[1]
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="DATE_TRUNC")
    text = f"DATE_TRUNC('{unit}', {{1}})"
    if unit in _WITHIN_A_DAY:
        value = as_timestamp(value)
        sql = _total(f"date_trunc('{unit}', {{1}})", value)
        domain = replace(value.domain, nullable=value.domain.nullable or not is_bounded(value))
        return call("truncate", sql, text, (_named(unit), value), domain)
    bounded = is_bounded(value)  # the engine fails on years beyond 290,000
    first = day_of(value.domain.lower)
    if unit == Grain.DECADE.value and first is not None and first.year < 10:  # noqa: PLR2004  years
        first = None  # the decade of year 9 starts before the calendar that we know
    domain = replace(
        value.domain,
        kind=Kind.DATE,
        grain=Grain(unit),
        lower=None if first is None else period_start(first, Grain(unit)),
        upper=day_of(value.domain.upper),
        nullable=value.domain.nullable or not bounded,
    )
    sql = _total(f"CAST(date_trunc('{unit}', {{1}}) AS DATE)", value)
    return call("truncate", sql, text, (_named(unit), value), domain)


def to_date(args: tuple[Expression, ...]) -> Expression:
    """Return the day of a date or timestamp."""
    expect(args, Kind.DATE, Kind.TIMESTAMP, name="a cast to DATE")
    return truncated((_named("day"), args[0]))


def as_day(value: Expression) -> Expression:
    """Turn a timestamp into its day; a date stays what it is."""
    return value if value.domain.kind is Kind.DATE else to_date((value,))


def last_day_of(args: tuple[Expression, ...]) -> Expression:
    """Return the last day of the month that a date falls in."""
    expect(args, Kind.DATE, Kind.TIMESTAMP, name="LAST_DAY")
    (value,) = args
    ends = ends_of(value.domain)
    domain = Domain(
        kind=Kind.DATE,
        nullable=value.domain.nullable or ends is None,
        lower=last_day(ends[0]) if ends else None,
        upper=last_day(ends[1]) if ends else None,
    )
    return call("last_day", _total("LAST_DAY({0})", value), "LAST_DAY({0})", (value,), domain)


def make_date(args: tuple[Expression, ...]) -> Expression:
    """Return the date of a year, a month and a day; NULL where there is none."""
    expect(args, Kind.NUMBER, name="MAKE_DATE")
    parts = tuple(rescaled(arg, Fraction(1)) for arg in args)
    if any(arg.domain.step.denominator != 1 for arg in args):
        raise refuse("MAKE_DATE was given a number with decimals", "FLOOR it")
    years, lower, upper = args[0].domain.bounds, None, None
    if years is not None and years[0] >= 1 and years[1] <= date.max.year:
        lower, upper = date(int(years[0]), 1, 1), date(int(years[1]), 12, 31)
    # later years than texts of four digits can say are NULL
    ends = "DATE '0001-01-01' AND DATE '9999-12-31'"
    # the engine knows MAKE_DATE of BIGINT alone, and wide numbers may be HUGEINT
    made = "TRY(MAKE_DATE({}))".format(", ".join(f"CAST({{{n}}} AS BIGINT)" for n in range(3)))
    sql = f"(CASE WHEN {made} BETWEEN {ends} THEN {made} END)"
    domain = Domain(kind=Kind.DATE, lower=lower, upper=upper)
    return call("make_date", sql, "MAKE_DATE({0}, {1}, {2})", parts, domain)


def word(argument: Expression, allowed: tuple[str, ...], what: str) -> str:
    """Return the name of a part or unit, which must be written out.

    Raises:
        UnsupportedQueryError: If it is none of those allowed.
    """
    value: Scalar = argument.value if isinstance(argument, Literal) else None
    found = value.lower() if isinstance(value, str) else ""
    for one in (found, found.removesuffix("s")):
        if one in allowed:
            return one
    raise refuse(f"{what} is not one that is known", f"use one of {', '.join(allowed)}")


def ends_of(domain: Domain) -> tuple[date, date] | None:
    """Return the first and the last value, moments up to the last of their day, or None."""
    low, high = domain.lower, domain.upper
    if not isinstance(low, date) or not isinstance(high, date):
        return None
    if domain.kind is Kind.TIMESTAMP and not isinstance(high, datetime):
        high = datetime.combine(high, time.max)
    return low, high


def is_bounded(value: Expression) -> bool:
    """Say whether both ends of a date are known."""
    return ends_of(value.domain) is not None


def day_of(end: Fraction | date | None) -> date | None:
    """Return the day of an end of a domain."""
    if isinstance(end, datetime):
        return end.date()
    return end if isinstance(end, date) else None


def _total(sql: str, value: Expression) -> str:
    return sql if is_bounded(value) else f"TRY({sql})"


def _named(name: str) -> Literal:
    return Literal(value=name, domain=Domain(kind=Kind.TEXT, nullable=False), public=True)


DATES: dict[str, Builder] = {
    "part": part,
    "truncate": truncated,
    "to_date": to_date,
    "last_day": last_day_of,
    "make_date": make_date,
}
