"""Periods of the calendar: decades to days, and the numbers by which they are counted."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import assert_never

__all__ = ["Grain", "common_grain", "first_day", "period_of", "period_start"]


class Grain(Enum):
    """Steps between the dates of a truncated date, coarse to fine."""

    DECADE = "decade"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


def common_grain(grains: list[Grain]) -> Grain:
    """Return the coarsest period that every given one starts; a month may start within a week."""
    found = max(grains, key=list(Grain).index)
    return Grain.DAY if found is Grain.WEEK and set(grains) != {Grain.WEEK} else found


def period_of(day: date, grain: Grain) -> int:
    """Return the number of a day's period; weeks start on Monday, as 0001-01-01 did."""
    match grain:
        case Grain.DECADE:
            return day.year // 10
        case Grain.YEAR:
            return day.year
        case Grain.QUARTER:
            return day.year * 4 + (day.month - 1) // 3
        case Grain.MONTH:
            return day.year * 12 + day.month - 1
        case Grain.WEEK:
            return (day.toordinal() - 1) // 7
        case Grain.DAY:
            return day.toordinal()
        case _:
            assert_never(grain)


def period_start(day: date, grain: Grain) -> date:
    """Return the first day of the period that a day falls in."""
    return first_day(period_of(day, grain), grain)


def first_day(period: int, grain: Grain) -> date:
    """Return the first day of the period with that number."""
    match grain:
        case Grain.DECADE:
            return date(max(period * 10, 1), 1, 1)  # before the year 10 no date starts a decade
        case Grain.YEAR:
            return date(period, 1, 1)
        case Grain.QUARTER:
            return date(period // 4, period % 4 * 3 + 1, 1)
        case Grain.MONTH:
            return date(period // 12, period % 12 + 1, 1)
        case Grain.WEEK:
            return date.fromordinal(period * 7 + 1)
        case Grain.DAY:
            return date.fromordinal(period)
        case _:
            assert_never(grain)
