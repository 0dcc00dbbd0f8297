"""Row-wise expressions: sqlglot's nodes to typed calls of the allow-list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import Kind
from query.expressions import Call, Expression
from query.functions import FUNCTIONS
from query.parse.calls import called
from query.parse.casts import cast_of
from query.parse.intervals import date_function, interval_of
from query.parse.literals import boolean, literal, null
from query.parse.patterns import pattern_of
from query.parse.sqltext import called_name, only, position_of, refusal, written_name

__all__ = ["Leaf", "scalar"]

Leaf: TypeAlias = Callable[[exp.Expr], Expression | None]
"""Reads what depends on the place, such as a column; None leaves the node to this module."""

Read: TypeAlias = Callable[[exp.Expr], Expression]

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
    exp.Pow: "power",
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
    exp.NullSafeEQ: "same",
    exp.And: "and",
    exp.Or: "or",
    exp.DPipe: "pipe",
}
_REMEDIES: dict[type[exp.Expr], str] = {
    exp.Interval: "compare dates: a <= b + INTERVAL 30 DAY; of two dates, b - a counts the days",
    exp.Tuple: "compare the columns one by one; count a || '|' || b, or rows of SELECT DISTINCT",
    exp.Any: "list the values: x IN (a, b), or use EXISTS",
    exp.ArrayContains: "write x IN (a, b); lists are not kept in rows",
    exp.ArrayAgg: "use COUNT(DISTINCT x), FIRST(x ORDER BY …) or STRING_AGG(x, ',') per unit",
    exp.Bracket: "use SUBSTRING(x, start, length), or CASE x WHEN … for a map",
    exp.ToMap: "write CASE x WHEN … THEN … END",
    exp.Columns: "write the columns out",
    exp.StrToTime: "CAST(x AS DATE) reads texts such as 2024-01-31",
    exp.DateBin: "use DATE_TRUNC('month', d), or FLOOR((d - DATE '2000-01-01') / 5)",
    exp.Ntile: "use FLOOR(x / width), WIDTH_BUCKET, or bounds from QUANTILE_CONT",
}
_DATES = frozenset({Kind.DATE, Kind.TIMESTAMP})


def scalar(node: exp.Expr, leaf: Leaf) -> Expression:
    """Read one expression.

    Raises:
        UnsupportedQueryError: With the position of the innermost part that cannot be used.
    """
    try:
        found = leaf(node)
        if found is not None:
            return found
        made = _read(node, partial(scalar, leaf=leaf))
    except UnsupportedQueryError as error:
        if error.position is None:
            error.position = position_of(node)
        raise
    if isinstance(made, Call) and (made.size > MAX_SIZE or made.depth > MAX_DEPTH):
        raise refusal(
            node, "this expression is too large", "nest fewer functions, or use IN", "SQL-TOO-DEEP"
        )
    return made


def _read(node: exp.Expr, read: Read) -> Expression:
    kind = type(node)
    if kind in _BINARY:
        return _binary(node, read)
    reader = _SPECIAL.get(kind)
    if reader is not None:
        return reader(node, read)
    named = called_name(node)
    inner = read if isinstance(node, _TAKES_NULL) or named == "iff" else partial(_known, read)
    for group in (pattern_of, date_function, called):
        made = group(node, inner)
        if made is not None:
            return made
    name = "a sub-query" if isinstance(node, exp.Query | exp.Exists) else written_name(node)
    raise refusal(
        node,
        f"{name} is not supported in a row-wise expression",
        _REMEDIES.get(kind, "see the list of functions in the user guide"),
        "SQL-FUNCTION",
    )


def _known(read: Read, node: exp.Expr) -> Expression:
    """Read an argument of a function; of NULL, DuckDB could not tell which function is meant."""
    made = read(node)
    if made.domain.kind is Kind.NULL:
        raise refusal(
            node, "a function is given NULL", "write NULL in place of the function", "SQL-TYPE"
        )
    return made


_TAKES_NULL = (exp.Coalesce, exp.Greatest, exp.Least, exp.Concat, exp.ConcatWs, exp.Nullif)


def _binary(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "expression", "typed", "safe")
    left, right = node.this, node.expression
    back = isinstance(node, exp.Sub)
    if not isinstance(node, exp.Add | exp.Sub):
        return FUNCTIONS[_BINARY[type(node)]]((read(left), read(right)))
    if isinstance(left, exp.Interval) and not back:
        left, right = right, left
    if isinstance(right, exp.Interval):
        return interval_of(read(left), right, read, back=back)
    first, second = read(left), read(right)
    kinds = (first.domain.kind, second.domain.kind)
    if back and set(kinds) <= _DATES:
        return FUNCTIONS["date_diff"]((_day(), second, first))
    if kinds[0] is Kind.DATE and kinds[1] is Kind.NUMBER:
        count = FUNCTIONS["negate"]((second,)) if back else second
        return FUNCTIONS["moved"]((first, count, _day()))
    return FUNCTIONS[_BINARY[type(node)]]((first, second))


def _day() -> Expression:
    return literal(exp.Literal.string("day"))


def _negated(node: exp.Expr, read: Read) -> Expression:
    only(node, "this")
    return FUNCTIONS["not"]((read(node.this),))


def _different(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "expression")
    same = FUNCTIONS["same"]((read(node.this), read(node.expression)))
    return FUNCTIONS["not"]((same,))


def _paren(node: exp.Expr, read: Read) -> Expression:
    return read(node.this)


def _literal(node: exp.Expr, _: Read) -> Expression:
    return literal(node) if isinstance(node, exp.Literal) else null()


def _boolean(node: exp.Expr, _: Read) -> Expression:
    return boolean(value=bool(node.this))


def _between(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "low", "high")
    parts = (node.this, node.args["low"], node.args["high"])
    return FUNCTIONS["between"](tuple(map(read, parts)))


def _in(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "expressions")
    return FUNCTIONS["in"](tuple(map(read, (node.this, *node.expressions))))


def _is(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "expression")
    value = read(node.this)
    if isinstance(node.expression, exp.Null):
        return FUNCTIONS["is_null"]((value,))
    equal = FUNCTIONS["eq"]((value, read(node.expression)))
    return FUNCTIONS["coalesce"]((equal, boolean(value=False)))


def _case(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "ifs", "default")
    subject = node.args.get("this")
    parts: list[Expression] = []
    for branch in node.args["ifs"]:
        condition = read(branch.this)
        if subject is not None:
            condition = FUNCTIONS["eq"]((read(subject), condition))
        parts += [condition, read(branch.args["true"])]
    default = node.args.get("default")
    parts.append(null() if default is None else read(default))
    return FUNCTIONS["case"](tuple(parts))


def _if(node: exp.Expr, read: Read) -> Expression:
    only(node, "this", "true", "false")
    other = node.args.get("false")
    parts = (read(node.this), read(node.args["true"]))
    return FUNCTIONS["case"]((*parts, null() if other is None else read(other)))


_SPECIAL: dict[type[exp.Expr], Callable[[exp.Expr, Read], Expression]] = {
    exp.Paren: _paren,
    exp.Literal: _literal,
    exp.Null: _literal,
    exp.Boolean: _boolean,
    exp.Not: _negated,
    exp.NullSafeNEQ: _different,
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Case: _case,
    exp.If: _if,
    exp.Cast: cast_of,
    exp.TryCast: cast_of,
}
