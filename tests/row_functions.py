"""Row-wise functions by their names, over plain Python values, with SQL's three-valued logic."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression, Literal

__all__ = ["Value", "compute"]

Value: TypeAlias = Fraction | int | float | str | bool | date | None
Values: TypeAlias = Sequence[Any]
WIDE = 2**127


def compute(expression: Expression, column: Callable[[ColumnRef], Value]) -> Value:
    """Return the value of an expression in one row."""
    match expression:
        case ColumnRef():
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
    if None in args[: _NEEDED.get(call.name, len(args))]:
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


def _floored(call: Call, args: Values) -> Value:
    if call.name == "floor_divide":
        whole = math.floor(Fraction(args[0]) / Fraction(args[1]))
        return Fraction(whole) if abs(Fraction(args[0])) < WIDE else None
    if isinstance(args[0], float) and not -(2.0**63) <= args[0] < 2.0**63:
        return None
    return Fraction(math.floor(args[0]))


def _clamped(_: Call, args: Values) -> Value:
    value, low, high = args
    if _order(value) <= _order(low):
        return low  # type: ignore[no-any-return]
    return value if _order(value) < _order(high) else high  # type: ignore[no-any-return]


def _like(call: Call, args: Values) -> Value:
    flags = re.DOTALL | (re.IGNORECASE if call.name == "ilike" else 0)
    pattern = "".join({"%": ".*", "_": "."}.get(one, re.escape(one)) for one in args[1])
    return re.fullmatch(pattern, args[0], flags) is not None


def _part(call: Call, args: Values) -> Value:
    day: date = args[0]
    name = call.sql.split("'")[1]
    found = {
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "day": day.day,
        "dayofweek": day.isoweekday() % 7,
        "isodow": day.isoweekday(),
        "week": day.isocalendar().week,
        "hour": day.hour if isinstance(day, datetime) else 0,
    }
    return Fraction(found[name])


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _truncated(call: Call, args: Values) -> Value:
    day = _day(args[-1])
    starts = {
        "year": day.replace(month=1, day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "month": day.replace(day=1),
        "week": day - timedelta(days=day.weekday()),
        "day": day,
    }
    return starts[call.domain.grain.value]


def _moved(call: Call, args: Values) -> Value:
    value: date = args[0]
    found = re.search(r"INTERVAL '(-?\d+)' (DAY|MONTH)", call.sql)
    assert found is not None
    amount = int(found[1])
    try:
        if found[2] == "DAY":
            return value + timedelta(days=amount)
        months = value.year * 12 + value.month - 1 + amount
        last = calendar.monthrange(months // 12, months % 12 + 1)[1]
        return value.replace(year=months // 12, month=months % 12 + 1, day=min(value.day, last))
    except (OverflowError, ValueError, calendar.IllegalMonthError):
        raise OutsideCalendarError from None


class OutsideCalendarError(Exception):
    """The engine knows years that Python does not."""


def _midnight(_: Call, args: Values) -> Value:
    day: date = args[0]
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  the store is in UTC


_LAZY: dict[str, Callable[[Values], Value]] = {
    "and": _and,
    "or": _or,
    "in": _is_in,
    "case": _case,
    "coalesce": lambda args: next((arg for arg in args if arg is not None), None),
    "greatest": _extreme(max),
    "least": _extreme(min),
    "is_null": lambda args: args[0] is None,
    "null_if": lambda args: None if args[0] is True else args[1],
    "text": lambda args: args[0],
}
_NEEDED = {"band": 2}
"""How many arguments must not be NULL, where it is not all."""
_STRICT: dict[str, Callable[[Call, Values], Value]] = {
    "rescale": lambda _, args: args[0],
    "real": _real,
    "steps": _in_steps,
    "held": _held,
    "add": lambda _, args: args[0] + args[1],
    "subtract": lambda _, args: args[0] - args[1],
    "multiply": lambda _, args: args[0] * args[1],
    "divide": _divided,
    "floor_divide": _floored,
    "floor": _floored,
    "modulo": lambda _, args: args[0] - args[1] * math.floor(args[0] / args[1]),
    "negate": lambda _, args: -args[0],
    "abs": lambda _, args: abs(args[0]),
    "band": lambda _, args: args[1],
    "round": lambda _, args: args[1],
    "clamp": _clamped,
    "eq": _compared(lambda a, b: a == b),
    "ne": _compared(lambda a, b: a != b),
    "lt": _compared(lambda a, b: a < b),
    "le": _compared(lambda a, b: a <= b),
    "gt": _compared(lambda a, b: a > b),
    "ge": _compared(lambda a, b: a >= b),
    "not": lambda _, args: not args[0],
    "lower": lambda _, args: args[0].lower(),
    "upper": lambda _, args: args[0].upper(),
    "length": lambda _, args: Fraction(len(args[0])),
    "like": _like,
    "ilike": _like,
    "part": _part,
    "truncate": _truncated,
    "timestamp": _midnight,
    "days_between": lambda _, args: Fraction((args[1] - args[0]).days),
    "moved": _moved,
}
