"""How the values of a quasi-identifier grow coarser, step by step, as declared data.

Every hierarchy starts with the value as the source has it, which is never released, and ends with
``*``, which says nothing. What stands together at one step stands together at all later ones, so
that a coarser table is never easier to attack; the search for a release rests on that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from math import floor
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeAlias, assert_never

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from anonymizers.tables.zip_areas import state_of
from policies.model import STRICT, invalid
from policies.transforms import RESTRICTED_ZIP3

__all__ = [
    "ANYTHING",
    "CategoryHierarchy",
    "DateHierarchy",
    "Hierarchy",
    "NoHierarchy",
    "NumberHierarchy",
    "ZipHierarchy",
    "generalize",
    "step_names",
]

ANYTHING: Final = "*"
"""The coarsest value of every hierarchy."""
SMALL_AREAS: Final = "000"
"""Where the three-digit ZIP areas of 20,000 or fewer people stand; 45 CFR 164.514(b)(2)(i)(B)."""

DateStep: TypeAlias = Literal["day", "month", "quarter", "year", "5 years", "10 years"]
ZipStep: TypeAlias = Literal["zip5", "zip3", "state"]
_DATE_ORDER: Final[tuple[DateStep, ...]] = (
    "day", "month", "quarter", "year", "5 years", "10 years",
)  # fmt: skip
_ZIP_ORDER: Final[tuple[ZipStep, ...]] = ("zip5", "zip3", "state")
_ZIP_DIGITS: Final = 5
_MAX_DIGITS: Final = 18
"""No measure has more, and a long exponent would take long to write out."""


def _rising(steps: Sequence[str], order: Sequence[str]) -> None:
    places = [order.index(step) for step in steps]
    if any(later <= earlier for earlier, later in pairwise(places)):
        raise invalid("DEID-STEPS", "the steps do not grow coarser; put them in rising order")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DateHierarchy:
    """Days become months, quarters, years, bands of years.

    Attributes:
        steps: Rising; by default what 45 CFR 164.514(b)(2)(i)(C) allows, years and coarser.
        oldest: First year that is shown; dates before it are one band at every step, so that a
            birth date does not tell an age of 90 or more.
        format: strptime pattern of the source; ISO 8601 by default.
    """

    kind: Literal["date"] = "date"
    steps: Annotated[tuple[DateStep, ...], Field(min_length=1)] = (
        "year", "5 years", "10 years",
    )  # fmt: skip
    oldest: int | None = None
    format: str | None = None

    def __post_init__(self) -> None:
        _rising(self.steps, _DATE_ORDER)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class NumberHierarchy:
    """Numbers become half-open bands of rising width, in the column's unit.

    Attributes:
        widths: Whole numbers; each divides the next, so that bands nest.
        start: Where a band of each width begins.
        top: Numbers at or above it are one band at every step; 90 for ages, by 45 CFR
            164.514(b)(2)(i)(C).
    """

    kind: Literal["number"] = "number"
    widths: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = (1, 5, 10, 20)
    start: int = 0
    top: int | None = None

    def __post_init__(self) -> None:
        if any(wide <= narrow or wide % narrow for narrow, wide in pairwise(self.widths)):
            raise invalid("DEID-STEPS", "a width is no multiple of the one before; bands must nest")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ZipHierarchy:
    """US ZIP codes become three digits, then the state.

    Five digits are only shown where a steward asks for them. Areas of 20,000 or fewer people are
    ``000`` from three digits on, also at the step of states: a name of their state would take them
    out of the pool that hides them.
    """

    kind: Literal["zip"] = "zip"
    steps: Annotated[tuple[ZipStep, ...], Field(min_length=1)] = ("zip3", "state")

    def __post_init__(self) -> None:
        _rising(self.steps, _ZIP_ORDER)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class CategoryHierarchy:
    """Categories become declared groups.

    Attributes:
        groups: From coarse to coarser: a group's name, and the values of the step before that
            belong to it. A value in no group becomes ``*`` from that step on.
    """

    kind: Literal["category"] = "category"
    groups: tuple[
        Annotated[Mapping[str, tuple[str, ...]], AfterValidator(MappingProxyType)], ...
    ] = ()

    def __post_init__(self) -> None:
        for group in self.groups:
            members = [member for names in group.values() for member in names]
            if len(set(members)) != len(members):
                raise invalid("DEID-STEPS", "a value belongs to two groups; keep it in one")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class NoHierarchy:
    """The value, or nothing."""

    kind: Literal["none"] = "none"


Hierarchy: TypeAlias = Annotated[
    DateHierarchy | NumberHierarchy | ZipHierarchy | CategoryHierarchy | NoHierarchy,
    Field(discriminator="kind"),
]


def step_names(hierarchy: Hierarchy) -> tuple[str, ...]:
    """Return what each step is called, from ``source`` to ``*``."""
    match hierarchy:
        case DateHierarchy() | ZipHierarchy():
            steps: tuple[str, ...] = tuple(hierarchy.steps)
        case NumberHierarchy():
            steps = tuple(f"bands of {width}" for width in hierarchy.widths)
        case CategoryHierarchy():
            steps = ("value", *(f"groups {place}" for place, _ in enumerate(hierarchy.groups, 1)))
        case NoHierarchy():
            steps = ("value",)
        case _:
            assert_never(hierarchy)
    return ("source", *steps, ANYTHING)


def generalize(hierarchy: Hierarchy, value: str | None) -> tuple[str | None, ...]:
    """Return a value at each step, the source's own first.

    NULL stays NULL up to the last step. A value that cannot be read (no date, no number, no ZIP
    code) is ``*`` at every step but the first, since it might be anything.
    """
    steps = len(step_names(hierarchy)) - 2
    if value is None:
        return (*([None] * (steps + 1)), ANYTHING)
    return (value, *(_steps(hierarchy, value.strip()) or [ANYTHING] * steps), ANYTHING)


def _steps(hierarchy: Hierarchy, value: str) -> list[str] | None:
    match hierarchy:
        case DateHierarchy():
            day = _day(value, hierarchy.format)
            return None if day is None else _date_steps(day, hierarchy)
        case NumberHierarchy():
            number = _number(value)
            if number is None:
                return None
            return [_band(number, width, hierarchy) for width in hierarchy.widths]
        case ZipHierarchy():
            return _zip_steps(value, hierarchy.steps)
        case CategoryHierarchy():
            return _group_steps(value, hierarchy.groups)
        case NoHierarchy():
            return [value]
    assert_never(hierarchy)


def _day(value: str, pattern: str | None) -> date | None:
    try:
        if pattern is not None:
            return datetime.strptime(value, pattern).date()  # noqa: DTZ007  a day has no zone
        return datetime.fromisoformat(value).date()
    except ValueError:
        return None


def _date_steps(day: date, hierarchy: DateHierarchy) -> list[str]:
    if hierarchy.oldest is not None and day.year < hierarchy.oldest:
        return [f"before {hierarchy.oldest}" for _ in hierarchy.steps]
    return [_date_at(day, step) for step in hierarchy.steps]


def _date_at(day: date, step: DateStep) -> str:
    match step:
        case "day":
            return day.isoformat()
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year:04}"
        case "5 years" | "10 years":
            width = int(step.partition(" ")[0])
            first = day.year - day.year % width
            return f"{first}-{first + width - 1}"
    assert_never(step)


def _number(value: str) -> int | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return floor(number) if number.is_finite() and number.adjusted() < _MAX_DIGITS else None


def _band(number: int, width: int, hierarchy: NumberHierarchy) -> str:
    top = hierarchy.top
    if top is not None and number >= top:
        return f"{top}+"
    low = hierarchy.start + (number - hierarchy.start) // width * width
    high = low + width - 1 if top is None else min(low + width, top) - 1
    return str(low) if low == high else f"{low}-{high}"


def _zip_steps(value: str, steps: Sequence[ZipStep]) -> list[str] | None:
    five = value.partition("-")[0]
    if len(five) != _ZIP_DIGITS or not (five.isascii() and five.isdigit()):
        return None
    three = five[:3]
    hidden = three in RESTRICTED_ZIP3 or three == SMALL_AREAS
    coarse: Mapping[ZipStep, str] = {
        "zip5": five,
        "zip3": SMALL_AREAS if hidden else three,
        "state": SMALL_AREAS if hidden else state_of(three) or ANYTHING,
    }
    return [coarse[step] for step in steps]


def _group_steps(value: str, groups: Sequence[Mapping[str, tuple[str, ...]]]) -> list[str]:
    steps = [value]
    for group in groups:
        names = [name for name, members in group.items() if steps[-1] in members]
        steps.append(names[0] if names else ANYTHING)
    return steps
