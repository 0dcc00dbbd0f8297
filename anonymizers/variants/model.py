"""One written form of an identifier."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from anonymizers.spans import Label
from policies.columns import IdentifierKind

__all__ = ["Case", "Gaps", "Identifier", "Variant"]

Identifier: TypeAlias = tuple[IdentifierKind, str]


class Gaps(Enum):
    """Where characters other than letters and digits may stand inside a variant."""

    ANYWHERE = "anywhere"
    BETWEEN_PIECES = "between_pieces"
    BETWEEN_ALL_PIECES = "between_all_pieces"
    """And there must be one at every border of two pieces."""


class Case(Enum):
    """How the letters of a match must look."""

    ANY = "any"
    CAPITAL = "capital"
    """Each piece starts with a capital."""
    INITIAL = "initial"
    """The same, or the first piece is a letter with a point."""
    EVIDENT = "evident"
    """The word is an everyday word too: capital, and not where any word would have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One written form, in folded letters and digits.

    Attributes:
        pieces: The words or numbers it is made of.
        label: What it is.
        gaps: What may stand between and in the pieces.
        case: What the capitals must look like.

    Raises:
        ValueError: If a piece is empty: nothing would stand where its capital is looked for.
    """

    pieces: tuple[str, ...]
    label: Label
    gaps: Gaps = Gaps.BETWEEN_PIECES
    case: Case = Case.ANY

    def __post_init__(self) -> None:
        if not all(self.pieces):
            raise ValueError("a piece of a variant is empty")

    @property
    def key(self) -> str:
        """The letters and digits alone."""
        return "".join(self.pieces)
