"""Functions of released keys: labels made of texts, and parts of dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from query.functions.formats import codes_of
from query.functions.images import IMAGES, Image
from query.functions.moments import (
    MONTHS,
    PART_IMAGES,
    WEEKDAYS,
    boundaries,
    formatted,
    full_units,
    full_years,
    last_day,
    moved,
    truncated,
)
from query.released_values import Arguments, Evaluated, plain

__all__ = ["RELEASED_DATES", "RELEASED_TEXTS"]

_SKIP_NULLS = frozenset({"concat", "concat_ws"})
_BACKTRACKING = frozenset({"regexp_extract", "regexp_replace"})
"""Not computed after the noise: Python's matcher may take exponential time."""


def _label(name: str, image: Image) -> Callable[[Arguments], Evaluated]:
    def compute(args: Arguments) -> Evaluated:
        # the separator of CONCAT_WS must be known; what it joins may be NULL
        needed = args[:1] if name == "concat_ws" else () if name in _SKIP_NULLS else args
        values = [arg if isinstance(arg, date) else plain(arg) for arg in args]
        if any(plain(arg) is None for arg in needed):
            return None
        return image(*values)  # type: ignore[no-any-return]  # a text, a number or a truth

    return compute


def _dated(image: Callable[..., Any]) -> Callable[[Arguments], Evaluated]:
    """Look at noisy numbers without their errors; NULL where there is no such date."""

    def compute(args: Arguments) -> Evaluated:
        values = [arg if isinstance(arg, date) else plain(arg) for arg in args]
        if None in values:
            return None
        try:
            return image(*values)  # type: ignore[no-any-return]  # a date, a text or a number
        except (ValueError, OverflowError):  # noise may lead anywhere, also to no finite number
            return None

    return compute


def _part(name: str, day: date) -> Any:  # noqa: ANN401  a number
    return PART_IMAGES["epoch_us"](day) / 10**6 if name == "epoch" else PART_IMAGES[name](day)


RELEASED_TEXTS: Final = {
    name: _label(name, image) for name, image in IMAGES.items() if name not in _BACKTRACKING
}
RELEASED_DATES: Final[dict[str, Callable[[Arguments], Evaluated]]] = {
    "part": _dated(_part),
    "truncate": _dated(truncated),
    "date_diff": _dated(boundaries),
    "date_sub": _dated(full_units),
    "age_years": _dated(lambda _, first, second: full_years(first, second)),
    "moved": _dated(lambda day, count, unit: moved(day, int(count), unit)),
    "last_day": _dated(last_day),
    "make_date": _dated(lambda *parts: date(*map(int, parts))),
    "strftime": _dated(lambda day, written: formatted(day, codes_of(written))),
    "monthname": _dated(lambda day: MONTHS[day.month - 1]),
    "dayname": _dated(lambda day: WEEKDAYS[day.weekday()]),
}
