"""The rows of released tables: HAVING, windows, joins, unions and aggregates after the noise.

Everything here reads noisy statistics and public keys, so it costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias, assert_never, cast

from query.aggregation import NoisyCell
from query.answers import Estimate
from query.domains import Scalar
from query.estimates import Uncertain
from query.evaluation import Cell, evaluate, plain
from query.expressions import Expression, ReleasedTable
from query.mechanisms import Key as PrivateKey
from query.plan import Part, Plan, cell_keys
from query.private_keys import scalar_keys, sort_key
from query.question import OrderBy, PostProcessed
from query.relations import JoinKind
from query.released_values import Evaluated
from query.reports import Joined, Listed, Measured, ReleasedAggregate, Selected, Stacked, Table
from query.windows import total_of, window_values

__all__ = ["PostProcessing"]

Row: TypeAlias = tuple[Evaluated, ...]


@dataclass(kw_only=True)
class PostProcessing:
    """The rows of the tables of one release.

    Attributes:
        plan: What was computed.
        noisy: One vector for each statistic, in cell order.
        confidence: Of the intervals that aggregates have of their own.
        keys: Private keys that were released, as the engine writes them; None where keys are
            public.
        withheld: Cells whose noisy count was too small, of all questions read so far.
    """

    plan: Plan
    noisy: Sequence[Sequence[float]]
    confidence: float
    keys: Sequence[PrivateKey] | None = None
    withheld: int = 0
    _known: dict[int, list[Row]] = field(default_factory=dict)

    def rows(self, table: Table) -> list[Row]:
        """Return a table's rows, in its order."""
        match table:
            case Measured():
                return self._measured(table)
            case Listed():
                return [tuple(one.value for one in row) for row in table.rows]
            case Stacked():
                return [row for part in table.parts for row in self.rows(part)]
            case Joined():
                return self._joined(table)
            case Selected():
                return self._selected(table)
            case _:
                assert_never(table)

    def single(self, table: ReleasedTable) -> Evaluated:
        """Return the value of the one row and column of a table; NULL without a row."""
        key = id(table)  # the plan keeps it alive
        if key not in self._known:
            self._known[key] = self.rows(cast("Table", table))
        rows = self._known[key]
        return rows[0][0] if rows else None

    def _measured(self, table: Measured) -> list[Row]:
        """Return the released rows of a question, which are made once."""
        key = -1 - table.place
        if key not in self._known:
            question = self.plan.question.questions[table.place]
            parts = [one for one in self.plan.parts if one.question == table.place]
            cells = [cell for part in parts for cell in self._cells(part)]
            below = self.plan.suppress_below
            shown = [one for one in cells if one.count is None or one.count >= below]
            self.withheld += len(cells) - len(shown)
            self._known[key] = _shown(question, shown)
        return self._known[key]

    def _cells(self, part: Part) -> list[_Cell]:
        question = self.plan.question_of(part)
        first = self.plan.first_statistic(part)
        noises = self.plan.released_noises
        cells: list[_Cell] = []
        listed = cell_keys(question, part)
        if self.keys is not None:
            listed = scalar_keys(question, self.keys)
        for place, key in enumerate(listed):
            noisy = NoisyCell(
                calls=question.aggregates,
                part=part,
                place=place,
                first=first,
                sources=self.plan.sources(part, place),
                vectors=self.noisy,
                noises=noises,
                confidence=self.confidence,
            )
            cells.append(
                _Cell(
                    tables=self,
                    key=key,
                    grouped=part.keys,
                    aggregates=noisy.aggregate,
                    count=noisy.count,
                )
            )
        if self.keys is not None:  # in no order of how many units have them
            by_key = sort_key(question)
            cells.sort(key=lambda cell: by_key(cast("tuple[Scalar, ...]", cell.key)))
        return cells

    def _joined(self, table: Joined) -> list[Row]:
        left, right = self.rows(table.left), self.rows(table.right)
        partners: dict[Row, list[int]] = {}
        for place, row in enumerate(right):
            partners.setdefault(_named(row, [one for _, one in table.pairs]), []).append(place)
        found: list[Row] = []
        met: set[int] = set()
        nothing_right: Row = (None,) * table.right.width
        for row in left:
            key = _named(row, [one for one, _ in table.pairs])
            places = [] if None in key else partners.get(key, [])
            joined = [(place, (*row, *right[place])) for place in places]
            pairs = [one for one in joined if self._holds(table.condition, one[1])]
            found += [pair for _, pair in pairs]
            met.update(place for place, _ in pairs)
            if not pairs and table.kind in {JoinKind.LEFT, JoinKind.FULL}:
                found.append((*row, *nothing_right))
        if table.kind in {JoinKind.RIGHT, JoinKind.FULL}:
            nothing_left: Row = (None,) * table.left.width
            rest = (row for place, row in enumerate(right) if place not in met)
            found += [(*nothing_left, *row) for row in rest]
        return found

    def _holds(self, condition: Expression | None, row: Row) -> bool:
        return condition is None or evaluate(condition, _Cell(tables=self, row=row)) is True

    def _selected(self, table: Selected) -> list[Row]:
        rows = self.rows(table.source)
        cells = [_Cell(tables=self, row=row) for row in rows if self._holds(table.where, row)]
        if table.keys is not None:
            cells = [
                _Cell(tables=self, key=key, aggregates=partial(_total, table.aggregates, group))
                for key, group in _groups(table.keys, cells)
            ]
        return _shown(table, cells)


@dataclass(slots=True, kw_only=True)
class _Cell:
    """One row under way: of a question's cell, of a released table, or of a group of its rows."""

    tables: PostProcessing
    key: tuple[Evaluated, ...] = ()
    grouped: tuple[int, ...] = ()
    row: Row = ()
    aggregates: Callable[[int], Evaluated] | None = None
    count: float | None = None
    windows: list[Evaluated] = field(default_factory=list)

    def aggregate(self, index: int) -> Evaluated:
        assert self.aggregates is not None  # noqa: S101  the parser names them in groups only
        return self.aggregates(index)

    def window(self, index: int) -> Evaluated:
        return self.windows[index]

    def column(self, index: int) -> Evaluated:
        return self.row[index]

    def single(self, table: ReleasedTable) -> Evaluated:
        return self.tables.single(table)


def _shown(shown: PostProcessed, cells: list[_Cell]) -> list[Row]:
    """Return the rows of a SELECT: HAVING, then windows, ORDER BY, LIMIT and its columns."""
    having = shown.having
    kept = [cell for cell in cells if having is None or evaluate(having, cell) is True]
    for window in shown.windows:
        for cell, value in zip(kept, window_values(window, kept), strict=True):
            cell.windows.append(value)
    for order in reversed(shown.order_by):
        kept.sort(key=_sorter(order), reverse=order.descending)
    last = None if shown.limit is None else shown.offset + shown.limit
    return [
        tuple(evaluate(output.expression, cell) for output in shown.outputs)
        for cell in kept[shown.offset : last]
    ]


def _groups(keys: tuple[Expression, ...], cells: list[_Cell]) -> list[tuple[Row, list[_Cell]]]:
    """Return the rows that agree in some values; without keys, all rows, be there any or not."""
    groups: dict[Row, tuple[Row, list[_Cell]]] = {} if keys else {(): ((), [])}
    for cell in cells:
        values = tuple(evaluate(key, cell) for key in keys)
        groups.setdefault(tuple(map(plain, values)), (values, []))[1].append(cell)
    return list(groups.values())


def _total(
    aggregates: tuple[ReleasedAggregate, ...], cells: Sequence[Cell], index: int
) -> Evaluated:
    """Return an aggregate over released rows; without interval where noise picks the row."""
    aggregate = aggregates[index]
    where, argument = aggregate.where, aggregate.argument
    entering = [one for one in cells if where is None or evaluate(where, one) is True]
    values = [1 if argument is None else evaluate(argument, one) for one in entering]
    total = total_of(aggregate.function, values)
    if aggregate.function not in {"min", "max"} or not isinstance(total, Uncertain):
        return total
    # which row is picked depends on the noise of all, so the error of the one picked says little
    own = Estimate(value=total.value, standard_error=None, lower=None, upper=None)
    return Uncertain(total.value, total.parts, own=own)


def _named(row: Row, places: Sequence[int]) -> Row:
    return tuple(plain(row[place]) for place in places)


def _sorter(order: OrderBy) -> Callable[[Cell], Any]:
    """Make a sort key that puts NULLs where they were asked for; texts sort by code point."""

    def key(cell: Cell) -> Any:  # noqa: ANN401  values of one kind
        value = plain(evaluate(order.expression, cell))
        if value is None:
            return (-1 if order.nulls_first is not order.descending else 1, 0)
        return (0, value)

    return key
