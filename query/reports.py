"""What a statement computes from released rows: joins, unions and SELECTs after the noise.

A statement may release several answers, each of a question of its own, and put them together.
All of that is post-processing: it reads noisy numbers and public keys alone, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from query.expressions import Expression, KeyRef, Literal, ReleasedRef, Single, walk
from query.question import OrderBy, Output, Question, ReleasedWindow, post_processed
from query.relations import JoinKind

__all__ = [
    "MAX_RELEASED",
    "Joined",
    "Listed",
    "Measured",
    "ReleasedAggregate",
    "Selected",
    "Stacked",
    "Table",
    "expressions_of",
    "measured_in",
    "report_of",
    "tables_of",
]

MAX_RELEASED = 100_000
"""Rows of one released table at most, where the cells of several are joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The released rows of one question.

    Attributes:
        place: Of the question among those of the statement.
        width: Columns of each row.
        max_rows: Rows at most.
        unique: Columns that tell the rows apart together; None where none are known to.
    """

    place: int
    width: int
    max_rows: int
    unique: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Rows that the researcher wrote.

    Attributes:
        rows: Constants; all rows of one length.
    """

    rows: tuple[tuple[Literal, ...], ...]

    @property
    def width(self) -> int:
        """Columns of each row."""
        return len(self.rows[0])

    @property
    def max_rows(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def unique(self) -> frozenset[int] | None:
        """The first column whose values all differ, or None."""
        columns = zip(*self.rows, strict=True)
        found = (
            place
            for place, column in enumerate(columns)
            if len({one.value for one in column} - {None}) == len(column)
        )
        place = next(found, None)
        return None if place is None else frozenset({place})


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Pairs of released rows: the columns of the left one, then those of the right one.

    Attributes:
        left: Rows.
        right: Rows.
        kind: Which rows without a partner stay, with NULLs for the other's columns.
        pairs: Columns of left and right whose values are equal in a pair.
        condition: What else makes a pair, over the columns of both; None for nothing.
        max_rows: Rows at most; kept, as is the next, since tables may be joined to themselves.
        unique: Columns that tell the rows apart, or None where none are known to.
    """

    left: Table
    right: Table
    kind: JoinKind
    pairs: tuple[tuple[int, int], ...]
    condition: Expression | None = None
    max_rows: int = field(init=False, compare=False, repr=False)
    unique: frozenset[int] | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_rows", self._max_rows())
        object.__setattr__(self, "unique", self._unique())

    @property
    def width(self) -> int:
        """Columns of each row."""
        return self.left.width + self.right.width

    def _max_rows(self) -> int:
        one, other = max(self.left.max_rows, 1), max(self.right.max_rows, 1)
        if self._finds_one(self.right, 1):
            pairs = one
        else:
            pairs = other if self._finds_one(self.left, 0) else one * other
        return pairs + {JoinKind.RIGHT: other, JoinKind.FULL: one + other}.get(self.kind, 0)

    def _unique(self) -> frozenset[int] | None:
        left, right = self.left.unique, self.right.unique
        if self.kind in {JoinKind.RIGHT, JoinKind.FULL} or left is None or right is None:
            return None
        if self._finds_one(self.right, 1):
            return left
        return left | {self.left.width + place for place in right}

    def _finds_one(self, table: Table, side: int) -> bool:
        """Say whether a row finds one partner at most in a table on that side."""
        matched = {pair[side] for pair in self.pairs}
        return table.max_rows <= 1 or (table.unique is not None and table.unique <= matched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacked:
    """The rows of several tables, one after another: UNION ALL.

    Attributes:
        parts: Tables of equally many columns.
    """

    parts: tuple[Table, ...]

    @property
    def width(self) -> int:
        """Columns of each row."""
        return self.parts[0].width

    @property
    def max_rows(self) -> int:
        """Rows at most."""
        return sum(part.max_rows for part in self.parts)

    @property
    def unique(self) -> None:
        """Parts may hold equal rows."""
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedAggregate:
    """An aggregate over released rows.

    Attributes:
        function: ``sum``, ``avg``, ``count``, ``min`` or ``max``.
        argument: Over the rows; None for ``COUNT(*)``.
        where: Only rows for which this is true enter; None for all.
    """

    function: str
    argument: Expression | None
    where: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A SELECT over released rows.

    Attributes:
        source: Rows.
        outputs: Columns, over those of the source, or over keys and aggregates.
        where: Which rows are read; None for all.
        keys: Rows that agree in these become one; None where each row stays by itself.
        aggregates: Over the rows that become one.
        windows: Over the rows that stay, as for ``Question``; so are the others.
    """

    source: Table
    outputs: tuple[Output, ...]
    where: Expression | None = None
    keys: tuple[Expression, ...] | None = None
    aggregates: tuple[ReleasedAggregate, ...] = ()
    windows: tuple[ReleasedWindow, ...] = ()
    having: Expression | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0

    @property
    def width(self) -> int:
        """Columns of each row."""
        return len(self.outputs)

    @property
    def max_rows(self) -> int:
        """Rows at most."""
        rows = 1 if self.keys == () else self.source.max_rows
        return rows if self.limit is None else min(rows, self.limit)

    @property
    def unique(self) -> frozenset[int] | None:
        """Columns that tell the rows apart, or None where none are known to."""
        kind = ReleasedRef if self.keys is None else KeyRef
        wanted = self.source.unique if self.keys is None else frozenset(range(len(self.keys)))
        if wanted is None:
            return None
        shown = [(one.expression, at) for at, one in enumerate(self.outputs)]
        places = {one.index: at for one, at in shown if isinstance(one, kind)}
        return frozenset(places[one] for one in wanted) if wanted <= set(places) else None


Table: TypeAlias = Measured | Listed | Joined | Stacked | Selected


def expressions_of(table: Table) -> Iterator[Expression]:
    """Yield the expressions that a table itself holds."""
    match table:
        case Joined():
            yield from () if table.condition is None else (table.condition,)
        case Selected():
            yield from post_processed(table)
            yield from () if table.where is None else (table.where,)
            yield from table.keys or ()
            for aggregate in table.aggregates:
                parts = (aggregate.argument, aggregate.where)
                yield from (part for part in parts if part is not None)
        case Measured() | Listed() | Stacked():
            return
        case _:
            assert_never(table)


def tables_of(expression: Expression) -> Iterator[Table]:
    """Yield the tables that an expression reads a single value from."""
    for part in walk(expression):
        if isinstance(part, Single):
            assert isinstance(part.table, Table)  # noqa: S101  there are no other kinds
            yield part.table


def measured_in(table: Table, questions: tuple[Question, ...]) -> Iterator[int]:
    """Yield the place of a question wherever a table or what it reads names it, by the text."""
    match table:
        case Measured():
            yield table.place
            inner = tuple(post_processed(questions[table.place]))
        case Joined():
            yield from measured_in(table.left, questions)
            yield from measured_in(table.right, questions)
            inner = tuple(expressions_of(table))
        case Stacked():
            for part in table.parts:
                yield from measured_in(part, questions)
            inner = ()
        case Selected():
            yield from measured_in(table.source, questions)
            inner = tuple(expressions_of(table))
        case Listed():
            inner = ()
        case _:
            assert_never(table)
    for expression in inner:
        for one in tables_of(expression):
            yield from measured_in(one, questions)


def report_of(question: Question) -> Table:
    """Return what a statement computes of the released rows of all of its questions."""
    if question.report is None:
        return Measured(place=0, width=len(question.outputs), max_rows=MAX_RELEASED)
    assert isinstance(question.report, Table)  # noqa: S101  there are no other kinds
    return question.report
