"""What a steward says of each column of one table that is to be released."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from anonymizers.risk.model import Criteria
from anonymizers.tables.hierarchies import Hierarchy, NoHierarchy
from policies.columns import IdentifierKind
from policies.model import STRICT, invalid
from policies.stand_ins import WEEK_DAYS, ShiftDate
from policies.text_operators import Profile

__all__ = ["UNITS", "ColumnPlan", "ColumnRole", "TablePlan"]


class ColumnRole(Enum):
    """What a column is to the people in a table, and so what becomes of it."""

    PRIVACY_UNIT = "privacy_unit"
    """Whose row it is: becomes a keyed pseudonym, which links the rows of a unit."""
    COUNTED_UNIT = "counted_unit"
    """Whose row it is: is counted and left out; each row gets a pseudonym of its own."""
    KEY = "key"
    """Links to other tables: becomes a keyed pseudonym."""
    DIRECT_IDENTIFIER = "direct_identifier"
    """Is left out; what it says is searched for in the same person's free text."""
    QUASI_IDENTIFIER = "quasi_identifier"
    """Known to others: grows coarser until enough people look alike."""
    DATE = "date"
    """Moves by the person's own secret number of days."""
    FREE_TEXT = "free_text"
    """Goes through the text pipeline."""
    SENSITIVE = "sensitive"
    """Stays; no class may tell it."""
    CODE = "code"
    MEASURE = "measure"
    CATEGORY = "category"
    """These three stay as they are."""
    UNDECIDED = "undecided"
    """Nobody has said yet: is left out."""


UNITS: Final = (ColumnRole.PRIVACY_UNIT, ColumnRole.COUNTED_UNIT)
"""The roles of the column that says whose row it is."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ColumnPlan:
    """One column.

    Attributes:
        role: What it is.
        hierarchy: Of quasi-identifiers: how it grows coarser.
        identifies: What it says of the person, to be searched for in that person's free text.
        weight: Of quasi-identifiers: how much its loss counts beside that of the others.
        distance: Of the sensitive column: ``ordered`` for numbers.
        format: Of dates: strptime pattern of the source; ISO 8601 by default.
    """

    role: Annotated[ColumnRole, Field(strict=False)]
    hierarchy: Hierarchy = NoHierarchy()
    identifies: Annotated[IdentifierKind, Field(strict=False)] | None = None
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    distance: Literal["equal", "ordered"] = "equal"
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TablePlan:
    """A table's release.

    Attributes:
        columns: Every column of the source by name; one without a plan stops the release.
        criteria: What the release must meet.
        max_shift_days: Largest move of dates either way; the same as for notes.
        keep_weekday: Whether dates move by whole weeks; the same as for notes.
        profile: Operating point of the text pipeline.
    """

    columns: Annotated[Mapping[str, ColumnPlan], AfterValidator(MappingProxyType)]
    criteria: Criteria = Criteria()
    max_shift_days: Annotated[int, Field(ge=1, le=3650)] = ShiftDate().max_days
    keep_weekday: bool = False
    profile: Profile = "strict"

    def __post_init__(self) -> None:
        if self.keep_weekday and self.max_shift_days < WEEK_DAYS:
            raise invalid(
                "DEID-SHIFT-WEEKDAY",
                "dates that keep their weekday move by whole weeks; give max_shift_days of 7 or "
                "more",
            )
        roles = Counter(column.role for column in self.columns.values())
        if roles[ColumnRole.PRIVACY_UNIT] + roles[ColumnRole.COUNTED_UNIT] > 1:
            raise invalid("DEID-PLAN", "two columns are the privacy unit; make one of them a key")
        if roles[ColumnRole.COUNTED_UNIT] and roles[ColumnRole.KEY]:
            raise invalid(
                "DEID-PLAN",
                "a key links the rows that counted_unit keeps apart; make it a direct_identifier",
            )
        if roles[ColumnRole.SENSITIVE] > 1:
            raise invalid("DEID-PLAN", "two columns are sensitive; l and t are judged for one")
        if roles[ColumnRole.DATE] and not self.of(*UNITS):
            raise invalid(
                "DEID-PLAN",
                "dates move with their person; name the privacy unit, or make them "
                "quasi-identifiers",
            )
        if not roles[ColumnRole.QUASI_IDENTIFIER]:
            raise invalid(
                "DEID-PLAN", "no column is a quasi-identifier; name what others know of a person"
            )
        told = self.criteria.l > 1 or self.criteria.t is not None
        if told and not roles[ColumnRole.SENSITIVE]:
            raise invalid("DEID-PLAN", "l and t need a sensitive column; name one")

    def of(self, *roles: ColumnRole) -> tuple[str, ...]:
        """Return the names of the columns with one of these roles, in order."""
        return tuple(name for name, column in self.columns.items() if column.role in roles)

    @property
    def shift(self) -> ShiftDate:
        """How dates move."""
        return ShiftDate(max_days=self.max_shift_days, keep_weekday=self.keep_weekday)
