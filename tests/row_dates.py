"""Functions of dates by their names, over plain Python values; slow and obvious."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from query.domains import Kind
from query.expressions import Call

__all__ = ["DATES", "OutsideCalendarError"]

Values = Sequence[Any]
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 7 * 86_400}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


class OutsideCalendarError(Exception):
    """The engine knows years that Python does not."""


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _part(call: Call, args: Values) -> Fraction:
    name, value = args
    week = value.isocalendar()
    now = _moment(value)
    seconds = Fraction((now - datetime(1970, 1, 1)) // timedelta(microseconds=1), 10**6)  # noqa: DTZ001
    found = {
        "year": value.year, "quarter": (value.month + 2) // 3, "month": value.month,
        "day": value.day, "dayofweek": (value.weekday() + 1) % 7, "isodow": value.weekday() + 1,
        "dayofyear": (_day(value) - date(value.year, 1, 1)).days + 1,
        "week": week.week, "isoyear": week.year, "yearweek": week.year * 100 + week.week,
        "decade": value.year // 10,
        "hour": now.hour, "minute": now.minute, "second": now.second, "epoch": seconds,
    }  # fmt: skip
    del call
    return Fraction(found[name])


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _truncated(call: Call, args: Values) -> date:
    unit, value = args
    if call.domain.kind is Kind.TIMESTAMP:
        length = {"hour": 13, "minute": 16, "second": 19}[unit]
        written = value.isoformat(timespec="seconds")[:length]
        return datetime.fromisoformat(written + ":00" if unit == "hour" else written)
    day = _day(value)
    starts = {
        "decade": lambda: date(max(day.year - day.year % 10, 1), 1, 1),
        "year": lambda: day.replace(month=1, day=1),
        "quarter": lambda: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "month": lambda: day.replace(day=1),
        "week": lambda: day - timedelta(days=day.weekday()),
        "day": lambda: day,
    }
    return starts[unit]()


def _last_day(value: date) -> int:
    return calendar.monthrange(value.year, value.month)[1]


def _shifted(value: date, months: int) -> date:
    """A date some months later, on the last day of the month where it has no such day."""
    total = value.year * 12 + value.month - 1 + months
    try:
        first = value.replace(year=total // 12, month=total % 12 + 1, day=1)
    except ValueError:
        raise OutsideCalendarError from None
    return first.replace(day=min(value.day, _last_day(first)))


def _moved(call: Call, args: Values) -> date:
    value, count, unit = args
    unit = unit.lower().removesuffix("s")
    del call
    if unit in MONTHS:
        return _shifted(value, int(count) * MONTHS[unit])
    try:
        return value + timedelta(seconds=int(count) * SECONDS[unit])  # type: ignore[no-any-return]
    except OverflowError:
        raise OutsideCalendarError from None


def _date_diff(call: Call, args: Values) -> Fraction:
    del call
    unit, first, second = args
    if unit in MONTHS:
        sizes = [(day.year * 12 + day.month - 1) // MONTHS[unit] for day in (first, second)]
        return Fraction(sizes[1] - sizes[0])
    if unit == "week":  # DuckDB counts days, not Mondays
        return Fraction(int((_day(second) - _day(first)).days / 7))
    origin = datetime(1, 1, 1)  # noqa: DTZ001  any first moment
    length = timedelta(seconds=SECONDS[unit])
    counts = [(_moment(day) - origin) // length for day in (first, second)]
    return Fraction(counts[1] - counts[0])


def _date_sub(call: Call, args: Values) -> Fraction:
    """Count steps of one unit that do not go beyond the later date."""
    unit, first, second = args
    if first > second:
        return -_date_sub(call, (unit, second, first))
    start, end = _moment(first), _moment(second)
    if unit in SECONDS:
        return Fraction((end - start) // timedelta(seconds=SECONDS[unit]))
    months = (end.year - start.year) * 12 + end.month - start.month
    while months > 0 and _shifted(start, months) > end:
        months -= 1
    # where the end is no last day, a month that was cut short is not over
    if (
        months > 0
        and end.day < start.day
        and end.day != _last_day(end)
        and (_shifted(start, months).month == end.month)
    ):
        months -= 1
    return Fraction(months // MONTHS[unit])


def _age_years(call: Call, args: Values) -> Fraction:
    _, earlier, later = args
    if earlier > later:
        return -_age_years(call, ("year", later, earlier))
    years = later.year - earlier.year
    birthday = (earlier.month, earlier.day, earlier.time())
    return Fraction(years - ((later.month, later.day, later.time()) < birthday))


def _made(call: Call, args: Values) -> date | None:
    del call
    try:
        return date(*(int(one) for one in args))
    except (ValueError, OverflowError):
        return None


def _format(call: Call, args: Values) -> str:
    del call
    value, written = args
    for code, length in (("%Y", "year"), ("%G", "isoyear")):
        year = value.year if length == "year" else value.isocalendar().year
        written = written.replace(code, f"{year:04d}")
    return str(value.strftime(written))


def _parsed(call: Call, args: Values) -> date | None:
    try:
        found = datetime.fromisoformat(args[0].strip())
    except ValueError:
        return None
    return found if call.domain.kind is Kind.TIMESTAMP else found.date()


DATES: dict[str, Callable[[Call, Values], Any]] = {
    "part": _part, "truncate": _truncated, "timestamp": lambda _, args: _moment(args[0]),
    "date_diff": _date_diff, "date_sub": _date_sub, "age_years": _age_years, "moved": _moved,
    "last_day": lambda _, args: _day(args[0]).replace(day=_last_day(args[0])),
    "make_date": _made, "strftime": _format,
    "monthname": lambda _, args: calendar.month_name[args[0].month],
    "dayname": lambda _, args: calendar.day_name[args[0].weekday()],
    "to_day": _parsed, "to_timestamp": _parsed,
}  # fmt: skip
