"""From noisy statistics to the rows of an answer: all of this is post-processing and free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from query.answers import Key, Value
from query.domains import Domain, Kind, Scalar
from query.estimates import Uncertain, estimate_of
from query.evaluation import Evaluated, evaluate, plain
from query.expressions import AggregateRef, Expression, walk
from query.plan import Plan, cell_keys
from query.ports import ExactRow
from query.question import AggregateCall, Function, OrderBy

__all__ = ["ReleasedRows", "Vectors", "exact_vectors", "released_rows"]

Vectors: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedRows:
    """The rows of an answer, and how many cells were withheld."""

    rows: tuple[tuple[Value, ...], ...]
    suppressed: int


def exact_vectors(plan: Plan, rows: Sequence[ExactRow]) -> Vectors:
    """Place the engine's rows into one dense vector for each statistic, in cell order.

    What the engine returns for a key outside the public domain is dropped: that such a key exists
    must not show.
    """
    width = len(plan.question.keys)
    places = {_engine_key(plan, cell): place for place, cell in enumerate(cell_keys(plan))}
    vectors = [[0] * plan.cells for _ in plan.statistics]
    for row in rows:
        place = places.get(tuple(row[:width]))
        if place is not None:
            for vector, exact in zip(vectors, row[width:], strict=True):
                vector[place] = int(exact or 0)
    return tuple(tuple(vector) for vector in vectors)


def released_rows(plan: Plan, noisy: Vectors, confidence: float) -> ReleasedRows:
    """Turn noisy statistics into the rows that were asked for.

    Args:
        plan: What was computed.
        noisy: One vector for each statistic, in cell order.
        confidence: Of the intervals.
    """
    kept: list[_Cell] = []
    suppressed = 0
    for place, key in enumerate(cell_keys(plan)):
        statistics = tuple(vector[place] for vector in noisy)
        if plan.counter is not None and statistics[plan.counter] < plan.suppress_below:
            suppressed += 1
            continue
        cell = _Cell(plan=plan, key=key, statistics=statistics)
        if plan.question.having is None or cell.compute(plan.question.having) is True:
            kept.append(cell)
    for order in reversed(plan.question.order_by):
        kept.sort(key=_sorter(order), reverse=order.descending)
    first = plan.question.offset
    last = None if plan.question.limit is None else first + plan.question.limit
    rows = tuple(cell.row(confidence) for cell in kept[first:last])
    return ReleasedRows(rows=rows, suppressed=suppressed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One cell: its key values and noisy statistics."""

    plan: Plan
    key: tuple[Scalar, ...]
    statistics: tuple[int, ...]

    def compute(self, expression: Expression) -> Evaluated:
        """Evaluate an expression over keys and aggregates."""
        return evaluate(expression, self.key, self._aggregate)

    def row(self, confidence: float) -> tuple[Value, ...]:
        """The cell's row of the answer."""
        return tuple(
            self._released(output.expression, confidence) for output in self.plan.question.outputs
        )

    def _released(self, expression: Expression, confidence: float) -> Value:
        value = self.compute(expression)
        if value is None and any(isinstance(part, AggregateRef) for part in walk(expression)):
            value = Uncertain(None)  # the shape of an answer does not depend on its numbers
        if isinstance(value, Uncertain):
            return estimate_of(value, self.plan.noises, confidence)
        return _key(value)

    def _aggregate(self, index: int) -> Uncertain:
        call, components = self.plan.question.aggregates[index], self.plan.components[index]
        numbers = [self._statistic(component) for component in components]
        if call.function is not Function.AVG:
            return numbers[0]
        total = self.plan.statistics[components[0]]
        return _mean(call, numbers[0], numbers[1], float(total.center * total.step))

    def _statistic(self, index: int) -> Uncertain:
        step = float(self.plan.statistics[index].step)
        return Uncertain(self.statistics[index] * step, {index: step})


def _mean(call: AggregateCall, total: Uncertain, count: Uncertain, center: float) -> Uncertain:
    """Mean from a centered sum and its count; NULL where the noisy count is not above 0."""
    bounds = call.argument.domain.bounds if call.argument is not None else None
    if count.value is None or count.value <= 0 or bounds is None:
        return Uncertain(None)
    return (total / count + Uncertain(center)).held(float(bounds[0]), float(bounds[1]))


def _engine_key(plan: Plan, cell: tuple[Scalar, ...]) -> tuple[object, ...]:
    """A cell's key as the engine returns it: counts of steps, ISO dates."""
    domains = [key.expression.domain for key in plan.question.keys]
    return tuple(_engine_value(value, one) for value, one in zip(cell, domains, strict=True))


def _engine_value(value: Scalar, domain: Domain) -> object:
    if domain.kind is Kind.NUMBER and isinstance(value, int | Fraction):
        return int(Fraction(value) / domain.step)
    return value.isoformat() if isinstance(value, date) else value


def _key(value: Scalar | float) -> Key:
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _sorter(order: OrderBy) -> Callable[[_Cell], Any]:
    """Make a sort key that puts NULLs where they were asked for; texts sort by code point."""

    def key(cell: _Cell) -> Any:  # noqa: ANN401  values of one kind
        value = plain(cell.compute(order.expression))
        if value is None:
            return (-1 if order.nulls_first is not order.descending else 1, 0)
        return (0, value)

    return key
