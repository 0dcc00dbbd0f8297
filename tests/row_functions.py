"""Row-wise functions by their names, over plain Python values, with SQL's three-valued logic."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression, Literal, SubQuery
from tests.row_dates import DATES, OutsideCalendarError
from tests.row_numbers import NUMBERS
from tests.row_texts import LAZY_TEXTS, TEXTS

__all__ = ["OutsideCalendarError", "Value", "compute"]

Value: TypeAlias = Fraction | int | float | str | bool | date | None
Values: TypeAlias = Sequence[Any]
WIDE = 2**127


def compute(expression: Expression, column: Callable[[Expression], Value]) -> Value:
    """Return the value of an expression in one row.

    Args:
        expression: What is computed.
        column: Returns what is not computed from its row alone: columns, sub-queries, windows.
    """
    match expression:
        case ColumnRef() | SubQuery():
            return column(expression)
        case Call() if expression.name.startswith("over_"):
            return column(expression)
        case Literal():
            return _constant(expression)
        case Call():
            args = [compute(arg, column) for arg in expression.args]
            return _applied(expression, args)
        case _:
            raise AssertionError("not a row-wise expression")


def _constant(literal: Literal) -> Value:
    value = literal.value
    if literal.domain.kind is Kind.REAL and isinstance(value, int | Fraction):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    return value


def _applied(call: Call, args: Values) -> Value:
    if call.name in _LAZY:
        return _LAZY[call.name](args)
    if None in args:
        return None
    value = _STRICT[call.name](call, args)
    if call.domain.kind is Kind.NUMBER and isinstance(value, int | Fraction):
        # what does not fit 128 bits is NULL
        return value if abs(Fraction(value) / call.domain.step) < WIDE else None
    return value


def _real(call: Call, args: Values) -> float:
    step = call.args[0].domain.step
    result = float(int(Fraction(args[0]) / step))
    if step.numerator != 1:
        result *= float(step.numerator)
    if step.denominator != 1:
        result /= float(step.denominator)
    return result


def _in_steps(call: Call, args: Values) -> Fraction:
    step = call.domain.step
    real: float = args[0]
    return math.floor(real * float(step.denominator) / float(step.numerator) + 0.5) * step


def _held(call: Call, args: Values) -> Fraction:
    found = re.fullmatch(r"LEAST\(GREATEST\(\{0\}, (-?\d+)\), (-?\d+)\)", call.sql)
    assert found is not None
    low, high = (int(one) * call.domain.step for one in found.groups())
    value: Fraction = args[0]
    return min(max(value, low), high)


def _order(value: Any) -> tuple[int, Any]:  # noqa: ANN401  any value
    """Doubles in the engine's order: NaN is equal to itself and above all others."""
    if isinstance(value, float) and math.isnan(value):
        return (1, 0)
    return (0, value)


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Call, Values], Value]:
    return lambda _, args: compare(_order(args[0]), _order(args[1]))


def _is_in(args: Values) -> Value:
    value, *items = args
    if value is None:
        return None
    if any(item is not None and _order(item) == _order(value) for item in items):
        return True
    return None if None in items else False


def _and(args: Values) -> Value:
    if False in args:
        return False
    return None if None in args else True


def _or(args: Values) -> Value:
    if True in args:
        return True
    return None if None in args else False


def _case(args: Values) -> Value:
    for condition, value in zip(args[:-1:2], args[1:-1:2], strict=True):
        if condition is True:
            return value  # type: ignore[no-any-return]
    return args[-1]  # type: ignore[no-any-return]


def _extreme(pick: Callable[..., Any]) -> Callable[[Values], Value]:
    def compute(args: Values) -> Value:
        known = [arg for arg in args if arg is not None]
        return pick(known, key=_order) if known else None

    return compute


def _divided(_: Call, args: Values) -> Value:
    return None if args[1] == 0 else args[0] / args[1]


def _clamped(_: Call, args: Values) -> Value:
    value, low, high = args
    if _order(value) <= _order(low):
        return low  # type: ignore[no-any-return]
    return value if _order(value) < _order(high) else high  # type: ignore[no-any-return]


_LAZY: dict[str, Callable[[Values], Value]] = {
    "and": _and,
    "or": _or,
    "in": _is_in,
    "case": _case,
    "coalesce": lambda args: next((arg for arg in args if arg is not None), None),
    "greatest": _extreme(max),
    "least": _extreme(min),
    "is_null": lambda args: args[0] is None,
    "same": lambda args: args[2] == args[3],
    **LAZY_TEXTS,
    "null_if": lambda args: None if args[0] is True else args[1],
    "text": lambda args: args[0],
}
_STRICT: dict[str, Callable[[Call, Values], Value]] = {
    "rescale": lambda _, args: args[0],
    "real": _real,
    "steps": _in_steps,
    "held": _held,
    "add": lambda _, args: args[0] + args[1],
    "subtract": lambda _, args: args[0] - args[1],
    "multiply": lambda _, args: args[0] * args[1],
    "divide": _divided,
    "negate": lambda _, args: -args[0],
    "abs": lambda _, args: abs(args[0]),
    "clamp": _clamped,
    "eq": _compared(lambda a, b: a == b),
    "ne": _compared(lambda a, b: a != b),
    "lt": _compared(lambda a, b: a < b),
    "le": _compared(lambda a, b: a <= b),
    "gt": _compared(lambda a, b: a > b),
    "ge": _compared(lambda a, b: a >= b),
    **NUMBERS,
    **TEXTS,
    **DATES,
    "not": lambda _, args: not args[0],
}
