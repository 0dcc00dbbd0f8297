"""From noisy statistics to the rows of an answer: all of this is post-processing and free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from query.aggregation import NoisyCell
from query.answers import Key, Value
from query.compile import Statement
from query.domains import Kind, Scalar
from query.estimates import Uncertain, estimate_of
from query.evaluation import Evaluated, evaluate, plain
from query.expressions import AggregateRef, Expression, WindowRef, walk
from query.mechanisms import Key as PrivateKey
from query.plan import Part, Plan, Statistic, cell_keys
from query.ports import ExactRow
from query.private_keys import engine_value, scalar_keys, sort_key
from query.question import OrderBy
from query.windows import window_values

__all__ = ["ReleasedRows", "Vectors", "exact_vectors", "measured", "released_rows"]

Vectors: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedRows:
    """The rows of an answer, and how many cells were withheld."""

    rows: tuple[tuple[Value, ...], ...]
    suppressed: int


def exact_vectors(
    plan: Plan, statements: Sequence[Statement], results: Sequence[Sequence[ExactRow]]
) -> Vectors:
    """Place the engine's rows into one dense vector for each statistic, in cell order.

    What the engine returns for a key outside the public domain is dropped: that such a key exists
    must not show.

    Args:
        plan: What was computed.
        statements: What was run.
        results: The rows of each statement.
    """
    vectors = [[[0] * (part.cells * one.buckets) for one in part.statistics] for part in plan.parts]
    for statement, rows in zip(statements, results, strict=True):
        part = plan.parts[statement.part]
        width = len(part.keys)
        places = _places(plan, part)
        for row in rows:
            if statement.has_places:
                place, *values = row
            else:
                place, values = places.get(tuple(row[:width])), list(row[width:])
            if not (isinstance(place, int) and 0 <= place < part.cells):
                continue
            if statement.has_buckets:
                statistic = part.statistics[statement.statistics[0]]
                bucket, *values = values
                place = place * statistic.buckets + int(bucket or 0)
            for index, exact in zip(statement.statistics, values, strict=True):
                vectors[statement.part][index][place] = int(exact or 0)
    return tuple(
        measured(vector, statistic)
        for part, of_part in zip(plan.parts, vectors, strict=True)
        for statistic, vector in zip(part.statistics, of_part, strict=True)
    )


def released_rows(
    plan: Plan,
    noisy: Sequence[Sequence[float]],
    confidence: float,
    keys: Sequence[PrivateKey] | None = None,
) -> ReleasedRows:
    """Turn noisy statistics into the rows that were asked for.

    Args:
        plan: What was computed.
        noisy: One vector for each statistic, in the order of cells or keys.
        confidence: Of the intervals.
        keys: Private keys that were released, as the engine writes them; None where keys are
            public.
    """
    if keys is None:
        listed = [(part, cell_keys(plan.question, part)) for part in plan.parts]
    else:
        listed = [(plan.parts[0], scalar_keys(plan.question, keys))]
    cells = [cell for part, of_part in listed for cell in _cells(plan, part, of_part, noisy)]
    if keys is not None:
        by_key = sort_key(plan.question)
        cells.sort(key=lambda cell: by_key(cell.key))
    shown = [cell for cell in cells if not cell.is_withheld(plan.suppress_below)]
    having = plan.question.having
    kept = [cell for cell in shown if having is None or evaluate(having, cell) is True]
    for window in plan.question.windows:
        for cell, value in zip(kept, window_values(window, kept), strict=True):
            cell.windows.append(value)
    for order in reversed(plan.question.order_by):
        kept.sort(key=_sorter(order), reverse=order.descending)
    first = plan.question.offset
    last = None if plan.question.limit is None else first + plan.question.limit
    rows = tuple(_row(plan, cell, confidence) for cell in kept[first:last])
    return ReleasedRows(rows=rows, suppressed=len(cells) - len(shown))


@dataclass(slots=True, kw_only=True)
class _Cell:
    """One cell: its key values and noisy statistics."""

    key: tuple[Scalar, ...]
    grouped: tuple[int, ...]
    noisy: NoisyCell
    windows: list[Evaluated] = field(default_factory=list)

    def aggregate(self, index: int) -> Uncertain:
        return self.noisy.aggregate(index)

    def window(self, index: int) -> Evaluated:
        return self.windows[index]

    def is_withheld(self, below: int) -> bool:
        return self.noisy.count is not None and self.noisy.count < below


def _cells(
    plan: Plan,
    part: Part,
    keys: Sequence[tuple[Scalar, ...]],
    noisy: Sequence[Sequence[float]],
) -> list[_Cell]:
    first = plan.first_statistic(part)
    vectors = noisy[first : first + len(part.statistics)]
    return [
        _Cell(
            key=key,
            grouped=part.keys,
            noisy=NoisyCell(
                calls=plan.question.aggregates, part=part, place=place, first=first, vectors=vectors
            ),
        )
        for place, key in enumerate(keys)
    ]


def _row(plan: Plan, cell: _Cell, confidence: float) -> tuple[Value, ...]:
    return tuple(
        _released(plan, cell, output.expression, confidence) for output in plan.question.outputs
    )


def _released(plan: Plan, cell: _Cell, expression: Expression, confidence: float) -> Value:
    if isinstance(expression, AggregateRef):
        own = cell.noisy.estimate(expression.index, confidence)
        if own is not None:
            return own
    value = evaluate(expression, cell)
    if value is None and _is_number(plan, expression):
        value = Uncertain(None)  # the shape of an answer does not depend on its numbers
    if isinstance(value, Uncertain):
        return estimate_of(value, plan.noises, confidence)
    return _key(value)


def _is_number(plan: Plan, expression: Expression) -> bool:
    """Whether a value comes with its error, also in the rows where it is NULL."""
    if expression.domain.kind not in {Kind.NUMBER, Kind.REAL, Kind.NULL}:
        return False
    for one in walk(expression):
        if isinstance(one, AggregateRef):
            return True
        if isinstance(one, WindowRef):
            window = plan.question.windows[one.index]
            argument = window.argument
            if window.function in {"sum", "avg"} or (argument and _is_number(plan, argument)):
                return True
    return False


def _places(plan: Plan, part: Part) -> dict[tuple[object, ...], int]:
    """Return the place of each cell by its keys as the engine returns them."""
    domains = [plan.question.keys[key].expression.domain for key in part.keys]
    return {
        tuple(
            engine_value(cell[key], domain) for key, domain in zip(part.keys, domains, strict=True)
        ): place
        for place, cell in enumerate(cell_keys(plan.question, part))
    }


def measured(vector: list[int], statistic: Statistic) -> tuple[int, ...]:
    """Add up the buckets of each cell to the nodes of its tree, if it has one."""
    if statistic.tree is None:
        return tuple(vector)
    size = statistic.buckets
    nodes = (
        statistic.tree.totals(vector[start : start + size]) for start in range(0, len(vector), size)
    )
    return tuple(node for cell in nodes for node in cell)


def _key(value: Scalar | float) -> Key:
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _sorter(order: OrderBy) -> Callable[[_Cell], Any]:
    """Make a sort key that puts NULLs where they were asked for; texts sort by code point."""

    def key(cell: _Cell) -> Any:  # noqa: ANN401  values of one kind
        value = plain(evaluate(order.expression, cell))
        if value is None:
            return (-1 if order.nulls_first is not order.descending else 1, 0)
        return (0, value)

    return key
