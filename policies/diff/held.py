"""What is held of one thing, and whether another holding allows more, less or the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, assert_never

__all__ = ["AtLeast", "AtMost", "Beyond", "Change", "Fixed", "Held", "Within", "compare", "shown"]

_Number: TypeAlias = int | Decimal | date


class Change(Enum):
    """What a change does to what is allowed."""

    WIDENS = "widens"
    NARROWS = "narrows"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class AtMost:
    """A cap; not to be there is the least of all."""

    value: _Number


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A floor; not to be there is the least strict of all."""

    value: _Number


@dataclass(frozen=True, slots=True)
class Within:
    """A choice; not to be there is to have none."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Duties; not to be there is to have none."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What has no order that is known here: any other value may allow more.

    Attributes:
        value: Compared for equality only.
        optional: Whether not to be there is known to be the least.
        words: How it is told; empty for as the value is written.
    """

    value: object
    optional: bool = False
    words: str = field(default="", compare=False)


Held: TypeAlias = AtMost | AtLeast | Within | Beyond | Fixed


def compare(before: Held | None, after: Held | None) -> Change:
    """Return what a change from one holding to another does; what is undecided widens.

    Args:
        before: What was held; None for nothing.
        after: What is held then, of the same kind; None for nothing.
    """
    if before == after:
        return Change.NEUTRAL
    return Change.NARROWS if _is_less(before, after) else Change.WIDENS


def _is_less(before: Held | None, after: Held | None) -> bool:
    match before, after:
        case AtMost() | Within() | Fixed(optional=True), None:
            return True
        case None, AtLeast() | Beyond():
            return True
        case (AtMost(value=more), AtMost(value=less)) | (AtLeast(value=less), AtLeast(value=more)):
            return _below(less, more)
        case (Within(values=more_of), Within(values=fewer)) | (
            Beyond(values=fewer),
            Beyond(values=more_of),
        ):
            return fewer < more_of
        case _:
            return False


def _below(one: _Number, other: _Number) -> bool:
    """Say whether a number or a day is below another of its kind."""
    if isinstance(one, date) or isinstance(other, date):
        return isinstance(one, date) and isinstance(other, date) and one < other
    return one < other


def shown(held: Held | None) -> str:
    """Return what is held in a few words."""
    match held:
        case None:
            return "nothing"
        case AtMost(value=value):
            return _at_most(value)
        case AtLeast(value=value):
            return f"at least {_number(value)}"
        case Within(values=values) | Beyond(values=values):
            return _listed(values)
        case Fixed(words=words) if words:
            return words
        case Fixed(value=value):
            text = str(value)
            return text if len(text) <= _MOST else f"{text[:_MOST]}…"
        case _:
            assert_never(held)


_MOST = 60


def _at_most(value: _Number) -> str:
    if isinstance(value, bool):
        return "allowed" if value else "denied"
    if isinstance(value, Decimal) and value.is_infinite():
        return "no limit"
    return f"at most {_number(value)}"


def _number(value: _Number) -> str:
    """Return a number or a day as a person writes it: "0", not "0E-7"."""
    return f"{value:f}" if isinstance(value, Decimal) and value else str(value or 0)


def _listed(values: Collection[str]) -> str:
    return ", ".join(sorted(values)) or "none"
