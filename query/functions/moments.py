"""Dates and times over plain Python values: bounds of what is computed, and labels of keys."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

__all__ = [
    "FORMATS",
    "MONTHS",
    "PART_IMAGES",
    "WEEKDAYS",
    "boundaries",
    "formatted",
    "full_units",
    "full_years",
    "last_day",
    "midnight",
    "moved",
    "truncated",
]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  the store is in UTC
_MONTHS_OF: Final = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
_SECONDS_OF: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_MICROSECOND: Final = timedelta(microseconds=1)


def midnight(value: date) -> datetime:
    """Return a date as the moment at which it starts; a moment stays what it is."""
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def truncated(unit: str, value: date) -> date:
    """Return the start of the period that a date falls in: a moment for periods within a day."""
    if unit in {"hour", "minute", "second"}:
        moment = midnight(value).replace(microsecond=0)
        moment = moment if unit == "second" else moment.replace(second=0)
        return moment.replace(minute=0) if unit == "hour" else moment
    day = value.date() if isinstance(value, datetime) else value
    return _STARTS[unit](day)


_STARTS: Final[dict[str, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
    "decade": lambda day: date(max(day.year // 10 * 10, 1), 1, 1),
}


def boundaries(unit: str, first: date, second: date) -> int:
    """Count the starts of periods after the first and up to the second, as DATE_DIFF.

    Weeks are the exception: DuckDB counts seven days each, wherever they start.
    """
    if unit in _MONTHS_OF:
        return (_month(second) // _MONTHS_OF[unit]) - (_month(first) // _MONTHS_OF[unit])
    if unit == "week":
        days = boundaries("day", first, second)
        return days // 7 if days >= 0 else -(-days // 7)
    start, end = midnight(truncated(unit, first)), midnight(truncated(unit, second))
    return (end - start) // timedelta(seconds=_SECONDS_OF[unit])


def full_units(unit: str, first: date, second: date) -> int:
    """Count the whole periods between two dates, as DATE_SUB.

    A month is over on the same day of the next one, or on its last day where it has no such day.
    """
    start, end = midnight(first), midnight(second)
    if start > end:
        return -full_units(unit, end, start)
    if unit in _SECONDS_OF:
        return (end - start) // timedelta(seconds=_SECONDS_OF[unit])
    day = start.day
    if end.day == calendar.monthrange(end.year, end.month)[1]:
        day = min(day, end.day)
    months = _month(end) - _month(start) - ((day, start.time()) > (end.day, end.time()))
    return months // _MONTHS_OF[unit]


def full_years(first: date, second: date) -> int:
    """Count the birthdays between two dates, as the years of AGE; none on 28 February for 29."""
    start, end = midnight(first), midnight(second)
    if start > end:
        return -full_years(end, start)
    early = (start.day, start.time()) > (end.day, end.time())
    return (_month(end) - _month(start) - early) // 12


def moved(value: date, count: int, unit: str) -> date | None:
    """Return a date moved by a number of units, at the latest on the last day of its month.

    None where the calendar ends before.
    """
    try:
        if unit in _SECONDS_OF:
            within = _SECONDS_OF[unit] < _SECONDS_OF["day"]
            start = midnight(value) if within else value
            return start + timedelta(seconds=count * _SECONDS_OF[unit])
        months = _month(value) + count * _MONTHS_OF[unit]
        first = value.replace(year=months // 12, month=months % 12 + 1, day=1)
        return first.replace(day=min(value.day, last_day(first).day))
    except (OverflowError, ValueError):
        return None


def last_day(value: date) -> date:
    """Return the last day of the month."""
    return date(value.year, value.month, calendar.monthrange(value.year, value.month)[1])


def _month(value: date) -> int:
    return value.year * 12 + value.month - 1


PART_IMAGES: Final[dict[str, Callable[[date], int]]] = {
    "year": lambda day: day.year,
    "quarter": lambda day: (day.month + 2) // 3,
    "month": lambda day: day.month,
    "day": lambda day: day.day,
    "dayofweek": lambda day: day.isoweekday() % 7,
    "isodow": lambda day: day.isoweekday(),
    "dayofyear": lambda day: day.timetuple().tm_yday,
    "week": lambda day: day.isocalendar().week,
    "isoyear": lambda day: day.isocalendar().year,
    "yearweek": lambda day: day.isocalendar().year * 100 + day.isocalendar().week,
    "decade": lambda day: day.year // 10,
    "hour": lambda day: midnight(day).hour,
    "minute": lambda day: midnight(day).minute,
    "second": lambda day: midnight(day).second,
    "epoch_us": lambda day: (midnight(day) - _EPOCH) // _MICROSECOND,
}
"""Parts of a date by DuckDB's names."""

FORMATS: Final[dict[str, tuple[str, Callable[[date], str]]]] = {
    "%": ("year", lambda _: "%"),
    "Y": ("year", lambda day: f"{day.year:04d}"),
    "y": ("year", lambda day: f"{day.year % 100:02d}"),
    "m": ("month", lambda day: f"{day.month:02d}"),
    "-m": ("month", lambda day: str(day.month)),
    "b": ("month", lambda day: MONTHS[day.month - 1][:3]),
    "B": ("month", lambda day: MONTHS[day.month - 1]),
    "d": ("day", lambda day: f"{day.day:02d}"),
    "-d": ("day", lambda day: str(day.day)),
    "a": ("day", lambda day: WEEKDAYS[day.weekday()][:3]),
    "A": ("day", lambda day: WEEKDAYS[day.weekday()]),
    "j": ("day", lambda day: f"{day.timetuple().tm_yday:03d}"),
    "u": ("day", lambda day: str(day.isoweekday())),
    "w": ("day", lambda day: str(day.isoweekday() % 7)),
    "V": ("day", lambda day: f"{day.isocalendar().week:02d}"),
    "G": ("day", lambda day: f"{day.isocalendar().year:04d}"),
    "H": ("second", lambda day: f"{midnight(day).hour:02d}"),
    "M": ("second", lambda day: f"{midnight(day).minute:02d}"),
    "S": ("second", lambda day: f"{midnight(day).second:02d}"),
}
"""Letters of STRFTIME: the longest period in which each is the same, and what it writes."""


def formatted(value: date, codes: tuple[str, ...]) -> str:
    """Write a date by pieces of a format: texts, and letters of ``FORMATS`` after a percent."""
    return "".join(FORMATS[one[1:]][1](value) if one[:1] == "%" else one for one in codes)
