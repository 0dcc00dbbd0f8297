"""Relations before the final aggregate: who owns each row, and what is proved of their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, assert_never

from query.expressions import ColumnRef, Expression

__all__ = ["Filter", "Join", "JoinKind", "Relation", "Scan", "conditions", "scans"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All rows of one stored table.

    Attributes:
        alias: Our name of it in this query: ``t0``, ``t1``, … in the order of the text.
        table: Declared table.
        unit: The column that names each row's privacy unit; None for a public table.
        max_rows: Rows of one unit at most, proved by ingest; None where nothing is proved.
    """

    alias: str
    table: str
    unit: ColumnRef | None
    max_rows: int | None


class JoinKind(Enum):
    """Which rows without a partner stay."""

    INNER = "JOIN"
    LEFT = "LEFT JOIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Pairs of rows of one privacy unit, or of one private and one public row.

    Attributes:
        left: Private where either side is.
        right: A scan.
        kind: Which rows without a partner stay.
        condition: When two rows are a pair; implies that their units are equal.
        unit: The column that names each row's unit.
        max_rows: Rows of one unit at most, or None.
        notes: What was added or proved, in words.
    """

    left: Relation
    right: Scan
    kind: JoinKind
    condition: Expression
    unit: ColumnRef | None
    max_rows: int | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The rows for which a condition is true."""

    source: Relation
    condition: Expression

    @property
    def unit(self) -> ColumnRef | None:
        """The column that names each row's unit."""
        return self.source.unit

    @property
    def max_rows(self) -> int | None:
        """Rows of one unit at most, or None."""
        return self.source.max_rows


Relation: TypeAlias = Scan | Join | Filter


def scans(relation: Relation) -> Iterator[Scan]:
    """Yield the tables that are read, in the order of the text."""
    match relation:
        case Scan():
            yield relation
        case Join():
            yield from scans(relation.left)
            yield relation.right
        case Filter():
            yield from scans(relation.source)
        case _:
            assert_never(relation)


def conditions(relation: Relation) -> Iterator[Expression]:
    """Yield every condition inside a relation."""
    match relation:
        case Scan():
            return
        case Join():
            yield from conditions(relation.left)
            yield relation.condition
        case Filter():
            yield from conditions(relation.source)
            yield relation.condition
        case _:
            assert_never(relation)
