"""Evaluates expressions over released values: the functions that make sense after the noise."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from query.estimates import Uncertain
from query.expressions import (
    AggregateRef,
    Call,
    Expression,
    KeyRef,
    Literal,
    ReleasedRef,
    ReleasedTable,
    Single,
    WindowRef,
    walk,
)
from query.released_labels import RELEASED_DATES, RELEASED_TEXTS
from query.released_numbers import RELEASED_NUMBERS
from query.released_values import Arguments, Evaluated, certain, plain, uncertain

__all__ = ["Cell", "Evaluated", "evaluate", "evaluate_on_keys", "plain", "unsupported_after_noise"]


class Cell(Protocol):
    """One released row: its keys, those of its grouping set, and its noisy numbers by index."""

    @property
    def key(self) -> tuple[Evaluated, ...]:
        """Values of the group keys."""

    @property
    def grouped(self) -> tuple[int, ...]:
        """Places of the keys of its grouping set."""

    def aggregate(self, index: int) -> Evaluated:
        """Return the noisy value of an aggregate."""
        ...

    def column(self, index: int) -> Evaluated:
        """Return a column of the released row that it was made from."""
        ...

    def single(self, table: ReleasedTable) -> Evaluated:
        """Return the value of the one row and column of a released table, NULL without it."""
        ...

    def window(self, index: int) -> Evaluated:
        """Return the value of a window over the released rows."""
        ...


def evaluate(  # noqa: PLR0911  one return for each kind of expression
    expression: Expression, cell: Cell
) -> Evaluated:
    """Compute an expression for one cell, with SQL's three-valued logic.

    Args:
        expression: Over keys, aggregates and windows.
        cell: What it is computed for.
    """
    match expression:
        case Literal():
            return expression.value
        case KeyRef():
            return cell.key[expression.index]
        case AggregateRef():
            return cell.aggregate(expression.index)
        case WindowRef():
            return cell.window(expression.index)
        case ReleasedRef():
            return cell.column(expression.index)
        case Single():
            return cell.single(expression.table)
        case Call():
            args = [evaluate(arg, cell) for arg in expression.args]
            return _EVALUATORS[expression.name](args)
        case _:
            raise TypeError("a column of rows cannot be read after the noise")


def evaluate_on_keys(expression: Expression, key: Sequence[Evaluated]) -> Evaluated:
    """Compute an expression over group keys alone.

    Args:
        expression: Over keys.
        key: Values of all keys.
    """
    match expression:
        case Literal():
            return expression.value
        case KeyRef():
            return key[expression.index]
        case Call():
            args = [evaluate_on_keys(arg, key) for arg in expression.args]
            return _EVALUATORS[expression.name](args)
        case _:
            raise TypeError("more than keys is read")


def unsupported_after_noise(expression: Expression) -> str | None:
    """Return the name of a function that cannot be computed over released values, if any."""
    names = (part.name for part in walk(expression) if isinstance(part, Call))
    return next((name for name in names if name not in _EVALUATORS), None)


def _numeric(combine: Callable[[Uncertain, Uncertain], Uncertain]) -> Callable[..., Evaluated]:
    def compute(args: Arguments) -> Evaluated:
        return certain(combine(uncertain(args[0]), uncertain(args[1])))

    return compute


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[..., Evaluated]:
    def compute(args: Arguments) -> Evaluated:
        left, right = plain(args[0]), plain(args[1])
        return None if left is None or right is None else compare(left, right)

    return compute


def _joined(*, decisive: bool) -> Callable[..., Evaluated]:
    def compute(args: Arguments) -> Evaluated:
        values = [plain(arg) for arg in args]
        if decisive in values:
            return decisive
        return None if None in values else not decisive

    return compute


def _negation(args: Arguments) -> Evaluated:
    value = plain(args[0])
    return None if value is None else not value


def _is_in(args: Arguments) -> Evaluated:
    value, *items = (plain(arg) for arg in args)
    if value is None or (None in items and value not in items):
        return None
    return value in items


def _coalesce(args: Arguments) -> Evaluated:
    return next((arg for arg in args if plain(arg) is not None), None)


def _case(args: Arguments) -> Evaluated:
    branches = zip(args[:-1:2], args[1:-1:2], strict=True)
    return next((value for condition, value in branches if condition is True), args[-1])


def _midnight(args: Arguments) -> Evaluated:
    day = args[0]
    if not isinstance(day, date):
        return None
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  the store is in UTC


def _held(args: Arguments) -> Evaluated:
    low, high = plain(args[1]), plain(args[2])
    return certain(uncertain(args[0]).held(float(low), float(high)))


_EVALUATORS: dict[str, Callable[[Arguments], Evaluated]] = {
    "add": _numeric(operator.add),
    "subtract": _numeric(operator.sub),
    "multiply": _numeric(operator.mul),
    "divide": _numeric(operator.truediv),
    "negate": lambda args: certain(Uncertain(0.0) - uncertain(args[0])),
    "clamp": _held,
    "eq": _compared(operator.eq),
    "ne": _compared(operator.ne),
    "lt": _compared(operator.lt),
    "le": _compared(operator.le),
    "gt": _compared(operator.gt),
    "ge": _compared(operator.ge),
    "and": _joined(decisive=False),
    "or": _joined(decisive=True),
    "not": _negation,
    "is_null": lambda args: plain(args[0]) is None,
    "same": lambda args: args[1] if args[0] is None else args[0],
    "in": _is_in,
    "coalesce": _coalesce,
    "case": _case,
    "null_if": lambda args: None if args[0] is True else args[1],
    "timestamp": _midnight,
    # changes of representation that matter to the engine only
    "real": lambda args: args[0],
    "rescale": lambda args: args[0],
    "text": lambda args: args[0],
    **RELEASED_NUMBERS,
    **RELEASED_TEXTS,
    **RELEASED_DATES,
}
