"""Dates written as texts: what can be written is listed where the date's bounds are known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from query.domains import TEXT, Kind
from query.expressions import Expression
from query.functions.building import Builder, call, expect, literal_text, refuse
from query.functions.dates import as_day, day_of, with_weeks
from query.functions.moments import FORMATS, MONTHS, WEEKDAYS, formatted
from query.periods import Grain
from query.text_lengths import copies_of

__all__ = ["FORMATTING", "codes_of"]

MAX_FORMAT_CHARS = 60
MAX_LISTED = 10_000
"""Periods that are written out to find all texts of a format."""

_CODE: Final = re.compile(r"%-?.|[^%]+|%", re.DOTALL)
_LONGEST: Final = max(map(len, (*MONTHS, *WEEKDAYS)))
"""Characters that a letter of a format writes at most."""
_FINEST: Final = ("second", "day", "month", "year")


def codes_of(written: str) -> tuple[str, ...]:
    """Cut a format into letters after a percent, and texts between them.

    Raises:
        UnsupportedQueryError: If it is too long or has a letter that is not known.
    """
    pieces = tuple(_CODE.findall(written))
    known = all(one[:1] != "%" or one[1:] in FORMATS for one in pieces)
    if len(written) > MAX_FORMAT_CHARS or not known or not pieces:
        letters = " ".join(f"%{letter}" for letter in FORMATS)
        raise refuse("the format of STRFTIME is not one that is known", f"use {letters}")
    return pieces


def strftime(args: tuple[Expression, ...]) -> Expression:
    """Return a date written in a format that is written out, such as ``'%Y-%m'``."""
    value, written = args
    if value.domain.kind is Kind.TEXT:  # DuckDB takes them in either order
        value, written = written, value
    expect((value,), Kind.DATE, Kind.TIMESTAMP, name="STRFTIME")
    codes = codes_of(literal_text(written, "STRFTIME"))
    units = {FORMATS[one[1:]][0] for one in codes if one[:1] == "%"}
    finest = next((one for one in _FINEST if one in units), "year")
    if finest != "second":
        value = as_day(value)
    if not {"%V", "%G"}.isdisjoint(codes):
        value = with_weeks(value)
    listed = _listed(value, codes, finest)
    longest = sum(_LONGEST if one[:1] == "%" else len(one.encode()) for one in codes)
    domain = replace(
        TEXT, nullable=value.domain.nullable, categories=listed, copies=copies_of(longest)
    )
    return call("strftime", "STRFTIME({0}, {1})", "STRFTIME({0}, {1})", (value, written), domain)


def _listed(value: Expression, codes: tuple[str, ...], finest: str) -> tuple[str, ...] | None:
    low, high = day_of(value.domain.lower), day_of(value.domain.upper)
    # DuckDB and Python agree on years of four digits
    if finest == "second" or low is None or high is None or low.year < 1000:  # noqa: PLR2004  as said
        return None
    coarse = value.domain.grain if finest == "day" else Grain(finest)
    if value.domain.grain in {Grain.WEEK, Grain.DECADE}:
        coarse = value.domain.grain
    periods = replace(value.domain, grain=coarse)
    size = periods.size()
    if size is None or size > MAX_LISTED:
        return None
    # the first week may start in the year before the first day
    days = [day for day in periods.values() if isinstance(day, type(low))]
    return tuple(dict.fromkeys(formatted(day, codes) for day in days))


def month_name(args: tuple[Expression, ...]) -> Expression:
    """Return the English name of the month."""
    return _name("MONTHNAME", MONTHS, args)


def day_name(args: tuple[Expression, ...]) -> Expression:
    """Return the English name of the day of the week."""
    return _name("DAYNAME", WEEKDAYS, args)


def _name(name: str, names: tuple[str, ...], args: tuple[Expression, ...]) -> Expression:
    expect(args, Kind.DATE, Kind.TIMESTAMP, name=name)
    (value,) = args
    domain = replace(TEXT, nullable=value.domain.nullable, categories=names)
    return call(name.lower(), f"{name}({{0}})", f"{name}({{0}})", (value,), domain)


FORMATTING: dict[str, Builder] = {
    "strftime": strftime,
    "monthname": month_name,
    "dayname": day_name,
}
