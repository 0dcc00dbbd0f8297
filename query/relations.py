"""Relations before the final aggregate: who owns each row, and what is proved of their number.

A relation is public, or each of its rows belongs to one privacy unit: its ``unit`` then is an
expression that names the unit in every row, and what is in the row depends on that unit's rows
alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from query.domains import UNIT, Domain, Kind
from query.expressions import ColumnRef, Expression, Literal, SubQuery

__all__ = [
    "HIDDEN_UNIT",
    "Derived",
    "Field",
    "Filter",
    "Grouped",
    "Join",
    "JoinKind",
    "Relation",
    "Scan",
    "Union",
    "Values",
    "rows_of",
]

HIDDEN_UNIT = "__unit"
"""The column of a computed relation that names each row's unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a computed relation.

    Attributes:
        name: Our name: ``f0``, ``f1``, …
        expression: What it is computed from, over the relation's source.
    """

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All rows of one stored table.

    Attributes:
        alias: Our name of it in this query: ``t0``, ``t1``, … in the order of the text.
        table: Declared table.
        unit: The column that names each row's privacy unit; None for a public table.
        proved_rows: Rows of one unit at most, proved by ingest; None where nothing is proved.
        cap: Rows of one unit that are read, the first ones in keyed order; None for all.
    """

    alias: str
    table: str
    unit: ColumnRef | None
    proved_rows: int | None
    cap: int | None = None

    @property
    def max_rows(self) -> int | None:
        """Rows of one unit at most, or None."""
        return self.proved_rows if self.cap is None else self.cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Rows that the researcher wrote; public.

    Attributes:
        alias: Our name of it in this query.
        domains: What is known of each column.
        rows: Constants; all rows as long as ``domains``.
    """

    alias: str
    domains: tuple[Domain, ...]
    rows: tuple[tuple[Literal, ...], ...]

    @property
    def unit(self) -> None:
        """Nobody's."""
        return

    @property
    def max_rows(self) -> int:
        """Number of rows."""
        return len(self.rows)


class JoinKind(Enum):
    """Which rows without a partner stay."""

    INNER = "JOIN"
    LEFT = "LEFT JOIN"
    RIGHT = "RIGHT JOIN"
    FULL = "FULL JOIN"
    ASOF = "ASOF JOIN"
    ASOF_LEFT = "ASOF LEFT JOIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Pairs of rows of one privacy unit, or of one private and one public row.

    Attributes:
        left: Private where either side is.
        right: One relation of the FROM clause.
        kind: Which rows without a partner stay.
        condition: When two rows are a pair; None for all. Where both sides are private, it implies
            that their units are equal.
        unit: What names each row's unit.
        finds_one: Whether each row on the left has one partner at most, by a key.
        notes: What was added or proved, in words.
    """

    left: Relation
    right: Relation
    kind: JoinKind
    condition: Expression | None
    unit: Expression | None
    finds_one: bool = False
    notes: tuple[str, ...] = ()

    @property
    def repeats_none(self) -> bool:
        """Whether each row on the left is there at most once, and none without it."""
        one_each = self.right.unit is not None and self.right.max_rows == 1
        return self.kind in {JoinKind.INNER, JoinKind.LEFT} and (self.finds_one or one_each)

    @property
    def max_rows(self) -> int | None:
        """Rows of one unit at most, or None."""
        one, other = self.left.max_rows, self.right.max_rows
        keeps_left = self.kind not in {JoinKind.RIGHT, JoinKind.FULL}
        if one is None or (other is None and not (keeps_left and self.finds_one)):
            return None
        if other is None:
            return one
        # a row that stays without a partner is there once, as with one partner
        pairs = max(one, 1) * max(other, 1)
        if self.kind is JoinKind.FULL:
            pairs = max(pairs, one + other)
        if not self.finds_one:
            return pairs
        return one if keeps_left else min(pairs, one + other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The rows for which a condition is true.

    Attributes:
        source: Rows.
        condition: What they are judged by.
        limit: Rows of one unit at most that the condition lets through, or None.
    """

    source: Relation
    condition: Expression
    limit: int | None = None

    @property
    def unit(self) -> Expression | None:
        """What names each row's unit."""
        return self.source.unit

    @property
    def max_rows(self) -> int | None:
        """Rows of one unit at most, or None."""
        known = [one for one in (self.source.max_rows, self.limit) if one is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One row for each row of its source, with computed columns: a SELECT without aggregates.

    Attributes:
        alias: Our name of it in this query.
        source: Rows.
        fields: Columns.
        qualify: Only rows for which this is true stay; may hold windows.
        max_rows: Rows of one unit at most, or None.
    """

    alias: str
    source: Relation
    fields: tuple[Field, ...]
    max_rows: int | None
    qualify: Expression | None = None

    @property
    def unit(self) -> ColumnRef | None:
        """The column that names each row's unit."""
        return _hidden_unit(self.alias, self.source.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """One row for each group of rows of one unit: GROUP BY that contains the unit, and DISTINCT.

    Attributes:
        alias: Our name of it in this query.
        source: Rows.
        keys: Group keys; the unit is one more, also where it is not listed.
        aggregates: Aggregates over each group.
        max_rows: Rows of one unit at most, or None.
        single: Whether there is one row in all, also without any row in the source: an aggregate
            without GROUP BY over rows that a condition outside holds to one unit.
        notes: What was added, in words.
    """

    alias: str
    source: Relation
    keys: tuple[Field, ...]
    aggregates: tuple[Field, ...]
    max_rows: int | None
    single: bool = False
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> ColumnRef | None:
        """The column that names each row's unit."""
        return None if self.single else _hidden_unit(self.alias, self.source.unit)

    @property
    def fields(self) -> tuple[Field, ...]:
        """All columns."""
        return (*self.keys, *self.aggregates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """All rows of several relations of the same columns.

    Attributes:
        alias: Our name of it in this query.
        parts: Relations whose columns have the same names and representations.
        max_rows: Rows of one unit at most, or None.
    """

    alias: str
    parts: tuple[Derived, ...]
    max_rows: int | None

    @property
    def unit(self) -> ColumnRef | None:
        """The column that names each row's unit."""
        return _hidden_unit(self.alias, self.parts[0].unit)


Relation: TypeAlias = Scan | Values | Join | Filter | Derived | Grouped | Union


def rows_of(query: SubQuery) -> Relation:
    """Return the rows that a sub-query asks something of."""
    relation = query.relation
    assert isinstance(relation, Relation)  # noqa: S101  there are no other rows
    return relation


def _hidden_unit(alias: str, inner: Expression | None) -> ColumnRef | None:
    if inner is None:
        return None
    domain = Domain(kind=Kind.KEY, nullable=False, key_space=UNIT, unit_constant=True)
    return ColumnRef(alias=alias, table="", column=HIDDEN_UNIT, domain=domain, origin=inner)
