"""What a policy needs to know of a release of records, before and after its rows are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from policies.text_operators import Profile

__all__ = [
    "Joint",
    "Measured",
    "RecordCriteria",
    "RecordRole",
    "ReleaseFacts",
    "Scorecard",
    "TextReading",
    "Told",
]


class RecordRole(Enum):
    """As what a column leaves."""

    PRIVACY_UNIT = "privacy_unit"
    """Whose row it is, where each unit has one: a stand-in, of this release only."""
    COUNTED_UNIT = "counted_unit"
    """Whose row it is: counted, and stays; a stand-in of each row leaves, so none are linked."""
    KEY = "key"
    """Another stand-in, which earlier versions let out."""
    QUASI_IDENTIFIER = "quasi_identifier"
    """Grown coarser until enough people look alike."""
    SENSITIVE = "sensitive"
    """As it is stored; no class tells it."""
    FREE_TEXT = "free_text"
    """As it is stored, which is de-identified."""
    AS_STORED = "as_stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCriteria:
    """What every class of equal quasi-identifiers of a release has.

    Attributes:
        k: At least so many privacy units.
        l: Of so many privacy units whose sensitive value is known, at most one has the same: no
            value is had by more than 1 / l of them. Of 1 nothing is asked.
        t: At most this distance to the sensitive column's distribution in the whole table, from 0
            to 1; None asks for none.
        suppression: Largest share of the rows that may be left out to get there, from 0 to 1.
    """

    k: int
    l: int = 1  # noqa: E741  its name in the literature
    t: Decimal | None = None
    suppression: Decimal = Decimal(0)

    def covers(self, other: RecordCriteria) -> bool:
        """Say whether whatever meets these criteria meets the others too."""
        close = other.t is None or (self.t is not None and self.t <= other.t)
        complete = self.suppression <= other.suppression
        return self.k >= other.k and self.l >= other.l and close and complete

    def __str__(self) -> str:
        distance = "" if self.t is None else f", t {self.t} or less"
        left_out = f", suppression {self.suppression} or less"
        return f"k {self.k} or more, l {self.l} or more{distance}{left_out}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReading:
    """With what the stored text was searched for identifiers.

    Attributes:
        engine: Kind, name and version of the model.
        profile: The least strict operating point of any stored text.
    """

    engine: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """How well a way of reading found what identifies in a gold set.

    Attributes:
        on: Name of the gold set.
        gold: SHA-256 of its file, with ``sha256:`` before it.
        reading: With what it was read.
        entities: What identifies in it; how many.
        found: How many of those were found whole.
        texts: Texts in it.
        leaking: Of those, texts with anything identifying that was not found.
    """

    on: str
    gold: str
    reading: TextReading
    entities: int
    found: int
    texts: int = 0
    leaking: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """All that a policy needs to know of a release, none of it from rows.

    Attributes:
        table: Declared table.
        columns: What leaves, and as what.
        criteria: What the release is made to meet.
        recipient: Who gets it, as the project's declaration names people.
        text: How the stored text was read; None where the state of the data has none.
        scorecard: What was measured of that; None where nothing was brought.
    """

    table: str
    columns: Mapping[str, RecordRole]
    criteria: RecordCriteria
    recipient: str
    text: TextReading | None = None
    scorecard: Scorecard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one of several releases tells of its sensitive column, in the classes of all.

    Attributes:
        least_l: The l that its plan asks for.
        most_t: The t that its plan asks for; None for none.
        l: That of the worst class.
        t: That of the worst class.
    """

    least_l: int
    most_t: Decimal | None
    l: int  # noqa: E741  its name in the literature
    t: Decimal

    @property
    def is_too_much(self) -> bool:
        """Whether a class tells more than the plan lets it tell."""
        return self.l < self.least_l or (self.most_t is not None and self.t > self.most_t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What was counted in the classes that several releases of a table have together.

    Attributes:
        units: How few privacy units share their classes in all of them.
        least_k: How many the strictest of their plans asks for.
        told: What each release tells that has a sensitive column.
    """

    units: int
    least_k: int
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was counted in a release that was made; private until it leaves.

    Attributes:
        rows: Rows that would leave.
        reached: What the classes have, and the share of the rows that was left out.
        joint: What this release and the earlier ones of the table to the same recipient or project
            tell together; None where there are none.
    """

    rows: int
    reached: RecordCriteria
    joint: Joint | None = None
