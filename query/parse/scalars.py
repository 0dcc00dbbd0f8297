"""Row-wise expressions: sqlglot's nodes to typed calls of the allow-list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import Kind
from query.expressions import Call, Expression
from query.functions import FUNCTIONS
from query.parse.literals import boolean, literal, moment, null, text
from query.parse.sqltext import only, position_of, refusal

__all__ = ["Leaf", "scalar"]

Leaf: TypeAlias = Callable[[exp.Expr], Expression | None]
"""Reads what depends on the place, such as a column; None leaves the node to this module."""

MAX_SIZE = 5_000
"""Calls and leaves of one expression as SQL: nested CLAMPs alone would grow it fourfold each."""
MAX_DEPTH = 120

_BINARY: dict[type[exp.Expr], str] = {
    exp.Add: "add",
    exp.Sub: "subtract",
    exp.Mul: "multiply",
    exp.Div: "divide",
    exp.IntDiv: "floor_divide",
    exp.Mod: "modulo",
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
    exp.And: "and",
    exp.Or: "or",
    exp.Nullif: "null_if",
    exp.Like: "like",
    exp.ILike: "ilike",
}
_UNARY: dict[type[exp.Expr], str] = {
    exp.Neg: "negate",
    exp.Not: "not",
    exp.Abs: "abs",
    exp.Floor: "floor",
    exp.Lower: "lower",
    exp.Upper: "upper",
    exp.Length: "length",
}
_PARTS: dict[type[exp.Expr], str] = {
    exp.Year: "year",
    exp.Quarter: "quarter",
    exp.Month: "month",
    exp.Week: "week",
    exp.Day: "day",
    exp.DayOfWeek: "dayofweek",
    exp.Hour: "hour",
}
_LISTS: dict[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Greatest: "greatest",
    exp.Least: "least",
}
_NAMED = {"age_band": ("age_band", 2), "clamp": ("clamp", 3), "date_part": ("part", 2)}


def scalar(node: exp.Expr, leaf: Leaf) -> Expression:
    """Read one expression.

    Raises:
        UnsupportedQueryError: With the position of the innermost part that cannot be used.
    """
    found = leaf(node)
    if found is not None:
        return found
    try:
        made = _read(node, leaf)
    except UnsupportedQueryError as error:
        if error.position is None:
            error.position = position_of(node)
        raise
    if isinstance(made, Call) and (made.size > MAX_SIZE or made.depth > MAX_DEPTH):
        raise refusal(
            node, "this expression is too large", "nest fewer functions, or use IN", "SQL-TOO-DEEP"
        )
    return made


def _read(node: exp.Expr, leaf: Leaf) -> Expression:
    kind = type(node)
    if kind in _BINARY:
        return _binary(node, leaf)
    if kind in _UNARY:
        only(node, "this")
        return FUNCTIONS[_UNARY[kind]]((scalar(node.this, leaf),))
    if kind in _PARTS:
        only(node, "this")
        return FUNCTIONS["part"]((text(_PARTS[kind]), scalar(node.this, leaf)))
    if kind in _LISTS:
        only(node, "this", "expressions", "ignore_nulls")
        items = (node.this, *node.expressions)
        return FUNCTIONS[_LISTS[kind]](tuple(scalar(item, leaf) for item in items))
    reader = _SPECIAL.get(kind)
    if reader is None:
        raise refusal(
            node,
            f"{_name(node)} is not supported in a row-wise expression",
            "see the list of functions in the user guide",
            "SQL-FUNCTION",
        )
    return reader(node, leaf)


def _binary(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "expression", "typed", "safe")
    left, right = node.this, node.expression
    if isinstance(node, exp.Add | exp.Sub) and isinstance(right, exp.Interval):
        return _moved(scalar(left, leaf), right, leaf, back=isinstance(node, exp.Sub))
    first, second = scalar(left, leaf), scalar(right, leaf)
    dates = {Kind.DATE, Kind.TIMESTAMP}
    if isinstance(node, exp.Sub) and {first.domain.kind, second.domain.kind} <= dates:
        return FUNCTIONS["days_between"]((second, first))
    return FUNCTIONS[_BINARY[type(node)]]((first, second))


def _moved(value: Expression, interval: exp.Interval, leaf: Leaf, *, back: bool) -> Expression:
    only(interval, "this", "unit")
    amount = interval.this
    if isinstance(amount, exp.Literal) and amount.is_string:
        amount = exp.Literal(this=amount.this.lstrip("-"), is_string=False).copy()
        back ^= interval.this.this.startswith("-")
    count = scalar(amount, leaf)
    signed = FUNCTIONS["negate"]((count,)) if back else count
    unit = interval.args.get("unit")
    return FUNCTIONS["moved"]((value, signed, text(unit.name if unit is not None else "")))


def _paren(node: exp.Expr, leaf: Leaf) -> Expression:
    return scalar(node.this, leaf)


def _literal(node: exp.Expr, _: Leaf) -> Expression:
    if not isinstance(node, exp.Literal):
        return null()
    return literal(node)


def _boolean(node: exp.Expr, _: Leaf) -> Expression:
    return boolean(value=bool(node.this))


def _between(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "low", "high")
    parts = (node.this, node.args["low"], node.args["high"])
    return FUNCTIONS["between"](tuple(scalar(part, leaf) for part in parts))


def _in(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "expressions")
    return FUNCTIONS["in"](tuple(scalar(item, leaf) for item in (node.this, *node.expressions)))


def _is(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "expression")
    value = scalar(node.this, leaf)
    if isinstance(node.expression, exp.Null):
        return FUNCTIONS["is_null"]((value,))
    wanted = scalar(node.expression, leaf)
    equal = FUNCTIONS["eq"]((value, wanted))
    return FUNCTIONS["coalesce"]((equal, boolean(value=False)))


def _case(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "ifs", "default")
    subject = node.args.get("this")
    parts: list[Expression] = []
    for branch in node.args["ifs"]:
        condition = scalar(branch.this, leaf)
        if subject is not None:
            condition = FUNCTIONS["eq"]((scalar(subject, leaf), condition))
        parts += [condition, scalar(branch.args["true"], leaf)]
    default = node.args.get("default")
    parts.append(null() if default is None else scalar(default, leaf))
    return FUNCTIONS["case"](tuple(parts))


def _if(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "true", "false")
    parts = [scalar(node.this, leaf), scalar(node.args["true"], leaf)]
    other = node.args.get("false")
    parts.append(null() if other is None else scalar(other, leaf))
    return FUNCTIONS["case"](tuple(parts))


def _round(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "decimals")
    parts = [node.this, *filter(None, [node.args.get("decimals")])]
    return FUNCTIONS["round"](tuple(scalar(part, leaf) for part in parts))


def _truncated(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "unit")
    return FUNCTIONS["truncate"]((text(node.args["unit"].name), scalar(node.this, leaf)))


def _extracted(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "expression")
    return FUNCTIONS["part"]((text(node.this.name), scalar(node.expression, leaf)))


def _days(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "expression", "unit", "date_part_boundary")
    unit = node.args.get("unit")
    if unit is None or unit.name.lower() != "day":
        raise refusal(
            node, "DATE_DIFF counts days only", "use DATE_DIFF('day', a, b)", "SQL-FUNCTION"
        )
    return FUNCTIONS["days_between"]((scalar(node.expression, leaf), scalar(node.this, leaf)))


def _cast(node: exp.Expr, leaf: Leaf) -> Expression:
    only(node, "this", "to", "safe")
    target = node.args["to"].this.value
    inner = node.this
    written = inner.this if isinstance(inner, exp.Literal) and inner.is_string else None
    if target == "DATE":
        if written is not None:
            return moment(node, written, Kind.DATE)
        return FUNCTIONS["to_date"]((scalar(inner, leaf),))
    if target in {"TIMESTAMP", "TIMESTAMPNTZ"} and written is not None:
        return moment(node, written, Kind.TIMESTAMP)
    value = scalar(inner, leaf)
    if target in {"DOUBLE", "FLOAT"} and value.domain.kind in {Kind.NUMBER, Kind.REAL}:
        return value
    if target in {"INT", "BIGINT"} and value.domain.kind is Kind.NUMBER:
        return FUNCTIONS["round"]((value,))
    if target in {"INT", "BIGINT"} and value.domain.kind is Kind.BOOLEAN:
        return FUNCTIONS["case"]((value, _number("1"), _zero_or_null(value)))
    raise refusal(
        node, f"a cast to {target} is not supported here", "leave the cast out", "SQL-FUNCTION"
    )


def _zero_or_null(value: Expression) -> Call:
    made = FUNCTIONS["case"]((FUNCTIONS["not"]((value,)), _number("0"), null()))
    assert isinstance(made, Call)  # noqa: S101  for the type checker; case always makes a call
    return made


def _number(written: str) -> Expression:
    return literal(exp.Literal(this=written, is_string=False))


def _named(node: exp.Expr, leaf: Leaf) -> Expression:
    known = _NAMED.get(str(node.this).lower())
    if known is None or len(node.expressions) != known[1]:
        raise refusal(
            node,
            f"the function {str(node.this).upper()} with {len(node.expressions)} arguments is "
            "not on the list",
            "see the list of functions in the user guide",
            "SQL-FUNCTION",
        )
    return FUNCTIONS[known[0]](tuple(scalar(arg, leaf) for arg in node.expressions))


def _name(node: exp.Expr) -> str:
    return "a sub-query" if isinstance(node, exp.Query | exp.Exists) else node.key.upper()


_SPECIAL: dict[type[exp.Expr], Callable[[exp.Expr, Leaf], Expression]] = {
    exp.Paren: _paren,
    exp.Literal: _literal,
    exp.Null: _literal,
    exp.Boolean: _boolean,
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Case: _case,
    exp.If: _if,
    exp.Round: _round,
    exp.TimestampTrunc: _truncated,
    exp.DateTrunc: _truncated,
    exp.Extract: _extracted,
    exp.DateDiff: _days,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Anonymous: _named,
}
