"""What a sub-query turns out to be: rows that belong to units, or numbers to be released."""

from __future__ import annotations

from dataclasses import dataclass

from query.domains import Domain
from query.expressions import ColumnRef
from query.relations import Relation
from query.reports import Table

__all__ = ["Released", "Rows", "Value", "Work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows before the noise.

    Attributes:
        relation: A relation that has a name of ours.
        columns: Its columns by the names that the researcher gave, in order.
        restricted: Whether a condition holds them to the unit of the row outside.
        single: Whether there is exactly one row for each row outside.
        order: Hidden columns that tell the rows of one unit apart as the tables below do; empty
            where the columns themselves have to.
    """

    relation: Relation
    columns: tuple[tuple[str, ColumnRef], ...]
    restricted: bool = False
    single: bool = False
    order: tuple[ColumnRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Aggregates over units: everything computed from them comes after the noise.

    Attributes:
        table: Released rows; its questions are those of ``query.parse.scopes.Names``.
        columns: Its columns by the names that the researcher gave, in order.
    """

    table: Table
    columns: tuple[tuple[str, Domain], ...]


@dataclass(frozen=True, slots=True)
class Value:
    """What a value takes: calls and leaves of its expression, and noisy numbers behind it."""

    size: int = 1
    noisy: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a table takes, with all that it is made of.

    Attributes:
        tables: How many, each once for every time that it is named.
        rows: At most, before LIMIT.
        columns: Of a row.
        entries: Noisy numbers that all of it depends on.
        steps: Of its computation.
    """

    tables: int = 0
    rows: int = 1
    columns: tuple[Value, ...] = ()
    entries: int = 0
    steps: int = 0
