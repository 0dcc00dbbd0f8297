"""How clinicians write days: in a dozen formats, with or without the year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from gateway.demo.hospital.notes.pieces import Label, Piece, Pieces, said
from gateway.demo.hospital.notes.scene import Scene

__all__ = ["FULL_FORMS", "SLOTS", "written"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
"""English names, whatever the language of the machine."""

_HOLIDAYS = (
    "Thanksgiving", "Christmas Eve", "Christmas", "New Year's Eve", "Labor Day", "Memorial Day",
    "Halloween", "the Fourth of July", "Easter Sunday", "Valentine's Day", "Mother's Day",
)  # fmt: skip

FULL_FORMS: Final = 9
"""Formats below this number name the day, month and year."""


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if day in {11, 12, 13} else ending}"


_FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day.month:02d}/{day.day:02d}/{day.year}",
    lambda day: f"{day.month}/{day.day}/{day.year % 100:02d}",
    lambda day: f"{day.month}/{day.day}/{day.year}",
    lambda day: day.isoformat(),
    lambda day: f"{_MONTHS[day.month - 1]} {day.day}, {day.year}",
    lambda day: f"{_MONTHS[day.month - 1][:3]} {day.day}, {day.year}",
    lambda day: f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}",
    lambda day: f"{day.day:02d}-{_MONTHS[day.month - 1][:3]}-{day.year}",
    lambda day: f"{day.month:02d}-{day.day:02d}-{day.year}",
    lambda day: f"{day.month}/{day.day}",
    lambda day: f"{_MONTHS[day.month - 1]} {day.day}",
    lambda day: f"{_MONTHS[day.month - 1][:3]} {_ordinal(day.day)}",
    lambda day: f"{_ordinal(day.day)} of {_MONTHS[day.month - 1]}",
)


def written(day: date, form: int) -> str:
    """Return a day in one of the formats; those below FULL_FORMS have the year."""
    return _FORMS[form](day)


def _full(scene: Scene, day: date) -> Pieces:
    usual = scene.draws.chance(0.85)
    form = scene.style.date_form if usual else scene.draws.whole(0, FULL_FORMS - 1)
    return (Piece(written(day, form), Label.DATE),)


def _loose(scene: Scene, day: date) -> Pieces:
    usual = scene.draws.chance(0.4)
    form = scene.style.date_form if usual else scene.draws.whole(0, len(_FORMS) - 1)
    return (Piece(written(day, form), Label.DATE),)


def _before(scene: Scene) -> Pieces:
    day = scene.encounter.started_at.date() - timedelta(days=scene.draws.whole(2, 40))
    return _loose(scene, max(day, scene.patient.birth_date))


def _later(scene: Scene) -> Pieces:
    return _loose(scene, scene.encounter.ended_at.date() + timedelta(days=scene.draws.whole(5, 70)))


def _month(scene: Scene) -> Pieces:
    day = scene.encounter.started_at.date() - timedelta(days=scene.draws.whole(35, 400))
    day = max(day, scene.patient.birth_date)
    return (Piece(f"{_MONTHS[day.month - 1]} {day.year}", Label.DATE),)


def _year(scene: Scene) -> Pieces:
    """Return a year alone, which does not identify."""
    earliest = scene.patient.birth_date.year
    return said(str(max(scene.encounter.started_at.year - scene.draws.whole(1, 15), earliest)))


def _holiday(scene: Scene) -> Pieces:
    return (Piece(scene.draws.pick(_HOLIDAYS), Label.DATE),)


def _clock(scene: Scene) -> Pieces:
    """Return a time of day, which does not identify."""
    hour, minute = scene.draws.whole(7, 22), scene.draws.whole(0, 59)
    return said(scene.draws.pick((f"{hour:02d}:{minute:02d}", f"{hour:02d}{minute:02d}")))


def _stay(scene: Scene) -> Pieces:
    return said(f"{scene.encounter.length_of_stay_days} d")


SLOTS: Final[dict[str, Callable[[Scene], Pieces]]] = {
    "date.start": lambda scene: _full(scene, scene.encounter.started_at.date()),
    "date.end": lambda scene: _full(scene, scene.encounter.ended_at.date()),
    "date.birth": lambda scene: _full(scene, scene.patient.birth_date),
    "date.before": _before,
    "date.later": _later,
    "date.month": _month,
    "date.holiday": _holiday,
    "year": _year,
    "clock": _clock,
    "los": _stay,
}
"""What a template may say about time."""
