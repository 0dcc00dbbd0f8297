"""How much is computed after the noise: more than a service can bear is refused from the text.

A sub-query that is named twice is measured once, but computed twice, and twenty that each name the
one before twice are computed a million times. A total over rows depends on the noise of each of
them, so shares of a total take time and memory with the square of their number. All of that would
come after the charge, and again for nothing with each repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from sqlglot import exp

from query.expressions import AggregateRef, Expression, KeyRef, ReleasedRef, Single, WindowRef, walk
from query.parse.outcomes import Value, Work
from query.parse.scopes import Names
from query.parse.sqltext import refusal
from query.question import Question, ReleasedWindow, post_processed
from query.reports import (
    MAX_RELEASED,
    Joined,
    Measured,
    ReleasedAggregate,
    Selected,
    Stacked,
    Table,
    expressions_of,
    tables_of,
)

__all__ = ["check_work"]

MAX_TABLES = 500
"""Tables that an answer is made of, each once for every time that it is named."""
MAX_SIZE = 20_000
"""Calls and leaves of all columns of a table, down to the aggregates over units."""
MAX_STEPS = 20_000_000
"""Of one answer; a million take some two seconds."""
_NOISY = 5
"""Steps that a number's error takes for each noisy number that it depends on."""
_STATISTICS = 2
"""Noisy numbers under most aggregates."""
_ADDING = frozenset({"sum", "avg"})


def check_work(table: Table, names: Names, node: exp.Expr) -> None:
    """Check that the rows of a table can be computed from the released ones in bearable time.

    Raises:
        UnsupportedQueryError: If they cannot.
    """
    work = _work_of(table, names)
    size = sum(one.size for one in work.columns)
    stacked = isinstance(table, Stacked) and work.rows > MAX_RELEASED
    if stacked or work.tables > MAX_TABLES or size > MAX_SIZE:
        raise refusal(
            node,
            "what is computed from released rows grows beyond bounds",
            "put fewer sub-queries together; one counts each time it is named",
            "SQL-TOO-DEEP",
        )
    if work.steps > MAX_STEPS:
        raise refusal(
            node,
            "each of very many released numbers depends on the noise of very many",
            "ask for fewer groups, or for the groups alone, and compute totals and shares yourself",
            "SQL-TOO-DEEP",
        )


def _work_of(table: Table, names: Names) -> Work:
    """Return the work of a table, which is looked into once."""
    known = names.works.get(id(table))
    if known is None:  # beside the table itself, so that no other gets its id
        known = names.works[id(table)] = (table, _Reading(table=table, names=names).work())
    return known[1]


@dataclass(kw_only=True)
class _Reading:
    """One table under way."""

    table: Table
    names: Names
    source: Work = field(default_factory=Work)
    entries: int = 0

    def work(self) -> Work:
        """Return the work of the table."""
        table = self.table
        sources = [_work_of(one, self.names) for one in _parts(table)]
        columns = tuple(column for one in sources for column in one.columns)
        self.source = Work(rows=self._rows_read(sources), columns=columns)
        shown = list(post_processed(self._shown())) if self._is_shown else []
        read = [one for one in expressions_of(table) if one not in shown]
        singles = (one for part in (*shown, *read) for one in tables_of(part))
        sources += [_work_of(one, self.names) for one in singles]
        self.entries = self._measured_here() + sum(one.entries for one in sources)
        rows = self._rows()
        own = self.source.rows * self._steps(read) + rows * self._steps(shown)
        return Work(
            tables=1 + sum(one.tables for one in sources),
            rows=rows,
            columns=self._columns(),
            entries=self.entries,
            steps=own + sum(one.steps for one in sources),
        )

    @property
    def _is_shown(self) -> bool:
        return isinstance(self.table, Measured | Selected)

    def _rows_read(self, sources: list[Work]) -> int:
        match self.table:
            case Measured(place=place):
                most = self.names.dataset.spec.queries.max_cells
                return min(self.names.questions[place].cells or most, most)
            case Selected():
                return sources[0].rows
            case _:
                return self.table.max_rows

    def _rows(self) -> int:
        """Return how many rows there are at most, before LIMIT."""
        keys = self.table.keys if isinstance(self.table, Selected) else None
        sizes = [key.domain.size() for key in keys or ()]
        known = [size + 1 for size in sizes if size is not None]
        if keys is None or len(known) < len(sizes):
            return self.source.rows
        return min(prod(known), max(self.source.rows, 1))

    def _measured_here(self) -> int:
        if not isinstance(self.table, Measured):
            return 0
        question = self.names.questions[self.table.place]
        return _STATISTICS * self.source.rows * len(question.aggregates)

    def _columns(self) -> tuple[Value, ...]:
        match self.table:
            case Measured(place=place):
                outputs = self.names.questions[place].outputs
            case Selected():
                outputs = self.table.outputs
            case Stacked(width=width):
                read = self.source.columns
                return tuple(
                    Value(
                        sum(one.size for one in read[column::width]),
                        max(one.noisy for one in read[column::width]),
                    )
                    for column in range(width)
                )
            case Joined():
                return self.source.columns
            case _:
                return (Value(),) * self.table.width
        return tuple(self._value(one.expression) for one in outputs)

    def _steps(self, expressions: list[Expression]) -> int:
        """Return what expressions take in a row, whose columns are known then."""
        nodes = sum(1 for one in expressions for _ in walk(one))
        return nodes + _NOISY * sum(self._value(one).noisy for one in expressions)

    def _value(self, expression: Expression) -> Value:
        leaves = [self._leaf(part) for part in walk(expression)]
        noisy = min(sum(one.noisy for one in leaves), self.entries)
        return Value(sum(one.size for one in leaves), noisy)

    def _leaf(self, part: Expression) -> Value:
        match part:
            case ReleasedRef(index=index):
                return self.source.columns[index]
            case AggregateRef() if isinstance(self.table, Measured):
                return Value(noisy=_STATISTICS)
            case AggregateRef(index=index):
                assert isinstance(self.table, Selected)  # noqa: S101  others have no aggregates
                return self._called(self.table.aggregates[index], self.source.rows)
            case WindowRef(index=index):
                window = self._shown().windows[index]
                return self._called(window, self._peers(window))
            case Single():
                (table,) = tables_of(part)
                return _work_of(table, self.names).columns[0]
            case _:
                return Value()

    def _called(self, called: ReleasedWindow | ReleasedAggregate, rows: int) -> Value:
        inner = Value() if called.argument is None else self._value(called.argument)
        return Value(1 + inner.size, inner.noisy * (rows if called.function in _ADDING else 1))

    def _peers(self, window: ReleasedWindow) -> int:
        """Return how many rows stand in one partition; those of a question have all keys alike."""
        table = self.table
        measured = table.source if isinstance(table, Selected) and table.keys is None else table
        if not isinstance(measured, Measured):
            return self._rows()
        question = self.names.questions[measured.place]
        shown = [one.expression for one in question.outputs]
        partition = (
            shown[one.index] if isinstance(one, ReleasedRef) else one for one in window.partition
        )
        named = {one.index for one in partition if isinstance(one, KeyRef)}
        return self.source.rows // max(prod(question.keys[key].size for key in named), 1)

    def _shown(self) -> Question | Selected:
        if isinstance(self.table, Measured):
            return self.names.questions[self.table.place]
        assert isinstance(self.table, Selected)  # noqa: S101  others have no windows
        return self.table


def _parts(table: Table) -> tuple[Table, ...]:
    match table:
        case Joined():
            return table.left, table.right
        case Stacked():
            return table.parts
        case Selected():
            return (table.source,)
        case _:
            return ()
