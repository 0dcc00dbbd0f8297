"""Dates in every form, ages on both sides of ninety, and times that fix no day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.pieces import Piece, Text

__all__ = [
    "age", "age_great", "birth_date", "clock", "day", "day_month", "holiday", "month", "month_year",
    "relative", "year",
]  # fmt: skip

_FULL: Final = (
    "{m:02}/{d:02}/{y}", "{m}/{d}/{y}", "{m}/{d}/{s:02}", "{m:02}/{d:02}/{s:02}", "{m}-{d}-{s:02}",
    "{m:02}-{d:02}-{y}", "{y}-{m:02}-{d:02}", "{y}/{m:02}/{d:02}", "{d:02}.{m:02}.{y}",
    "{d}.{m}.{y}",
    "{d:02}/{m:02}/{y}", "{B} {d}, {y}", "{B} {d}, {y}", "{B} {d} {y}", "{b} {d}, {y}",
    "{b} {d} {y}",
    "{d} {B} {y}", "{d} {b} {y}", "{d:02}-{b}-{y}", "{d:02}{b}{y}", "{d}-{b}-{s:02}",
    "{B} {o}, {y}",
    "{o} of {B} {y}", "{o} {B} {y}", "{b}. {d}, {y}", "{y}{m:02}{d:02}", "{A}, {B} {d}, {y}",
    "{a} {m}/{d}/{s:02}", "{a}, {b} {d}", "{d}/{b}/{y}", "{y} {b} {d}", "{b}-{d}-{y}",
    "{m}.{d}.{s:02}", "{d:02}{B_}{s:02}", "{b}{d:02}/{y}", "{m:02}{d:02}{y}", "{A} {d} {B} {y}",
)  # fmt: skip
_PARTS: Final = (
    "{m}/{d}", "{m}/{d}", "{m:02}/{d:02}", "{B} {d}", "{B} {o}", "{b} {d}", "{d} {B}", "{d} {b}",
    "{o} of {B}", "the {o} of {B}", "{m}-{d}", "{A} {m}/{d}", "{A}, {B} {o}", "{a} {b} {d}",
    "{d}.{m}.",
)  # fmt: skip
_MONTHS: Final = ("{B} {y}", "{b} {y}", "{m}/{y}", "{m:02}/{y}", "{B} of {y}", "{b}-{s:02}",
                  "{b} '{s:02}",
                  "{B}, {y}", "{y}-{m:02}")  # fmt: skip
_HOLIDAYS: Final = (
    "Christmas", "Christmas Day", "Christmas Eve", "Thanksgiving", "Halloween", "New Year's Eve",
    "New Year's Day", "Easter", "Easter Sunday", "Good Friday", "Valentine's Day", "Mother's Day",
    "Father's Day", "Memorial Day", "Labor Day", "Veterans Day", "Presidents Day",
    "Independence Day",
    "Juneteenth", "the Fourth of July", "4th of July", "Boxing Day", "St. Patrick's Day", "MLK Day",
    "Hanukkah", "Passover", "Ramadan", "Diwali", "Yom Kippur", "Eid", "Lunar New Year",
    "Mardi Gras",
    "Cinco de Mayo", "Columbus Day", "Canada Day", "Ash Wednesday", "Palm Sunday", "Rosh Hashanah",
)  # fmt: skip
_RELATIVE: Final = (
    "today", "yesterday", "last Tuesday", "tomorrow", "on Monday", "two days ago", "3 weeks ago",
    "last week", "next month", "this morning", "last night", "over the weekend", "in the fall",
    "last summer", "this spring", "this winter", "in 2 weeks", "POD #3", "POD 2", "HD 4", "day 5",
    "DOL 3", "hospital day 6", "overnight", "for 10 days", "since Friday", "x 3 days",
    "6 months ago",
    "a year ago", "on Thursday", "Sunday night", "in the early 2000s", "in the 1990s",
    "earlier today",
    "week 12", "cycle 4 day 1", "at 34 weeks", "two Fridays ago", "next Wednesday",
    "in her twenties",
)  # fmt: skip
_CLOCK: Final = ("%:## am", "1#:3#", "0#:4#", "2%5#", "%:1# PM", "0#15", "1#00 hrs", "1#:0#:2#",
                 "%pm",
                 "%:30", "noon", "midnight")  # fmt: skip
_ORDINALS: Final = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
_LAST: Final = date(2031, 12, 31)


def _filled(form: str, draw: Draw, *, least: int = 0, most: int = 32) -> str:
    when = _LAST - timedelta(days=draw.number(least * 365, most * 365))
    return form.format(
        y=when.year, m=when.month, d=when.day, s=when.year % 100, B=f"{when:%B}", b=f"{when:%b}",
        A=f"{when:%A}", a=f"{when:%a}", B_=f"{when:%b}".upper(),
        o=f"{when.day}{_ORDINALS.get(when.day, 'th')}",
    )  # fmt: skip


def _dated(text: str) -> Text:
    return (Piece(text, Label.DATE),)


def day(draw: Draw) -> Text:
    """Return a day, most often with its year."""
    return _dated(_filled(draw.pick(_FULL if draw.chance(0.75) else _PARTS), draw))


def day_month(draw: Draw) -> Text:
    """Return a day without its year."""
    return _dated(_filled(draw.pick(_PARTS), draw))


def birth_date(draw: Draw) -> Text:
    """Return a full day from the last century on."""
    return _dated(_filled(draw.pick(_FULL[:24]), draw, least=1, most=100))


def month_year(draw: Draw) -> Text:
    """Return a month of a year."""
    return _dated(_filled(draw.pick(_MONTHS), draw))


def month(draw: Draw) -> Text:
    """Return a month alone."""
    return _dated(_filled("{B}", draw))


def holiday(draw: Draw) -> Text:
    """Return a holiday, which fixes a day."""
    return _dated(draw.pick(_HOLIDAYS))


def year(draw: Draw) -> Text:
    """Return a year alone, which identifies nobody."""
    return (Piece(_filled("{y}", draw, most=80)),)


def relative(draw: Draw) -> Text:
    """Return a time that fixes no day."""
    return (Piece(draw.pick(_RELATIVE)),)


def clock(draw: Draw) -> Text:
    """Return a time of day."""
    return (Piece(draw.filled(draw.pick(_CLOCK))),)


def age(draw: Draw) -> Text:
    """Return an age below ninety, which identifies nobody."""
    return (Piece(str(draw.number(1, 89))),)


def age_great(draw: Draw) -> Text:
    """Return an age of ninety or more."""
    spelled = (
        "ninety-one",
        "ninety two",
        "ninety-six",
        "ninety",
        "one hundred",
        "one hundred and two",
    )
    text = draw.pick(spelled) if draw.chance(0.12) else str(draw.number(90, 107))
    return (Piece(text, Label.AGE),)
