"""Final aggregates."""

from __future__ import annotations

from sqlglot import exp

from query.domains import Kind
from query.expressions import Expression
from query.parse.joins import condition_of
from query.parse.scalars import Leaf, scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.question import AggregateCall, Function

__all__ = ["aggregate_of", "has_aggregate"]

_SUMS = {exp.Sum: Function.SUM, exp.Avg: Function.AVG}


def has_aggregate(node: exp.Expr) -> bool:
    """Say whether an aggregate is anywhere inside."""
    return next(node.find_all(exp.AggFunc), None) is not None


def aggregate_of(node: exp.Expr, leaf: Leaf, scope: Scope) -> AggregateCall | None:
    """Read an aggregate with its FILTER; None where the node is none.

    Raises:
        UnsupportedQueryError: If it is one that is not supported, or over what it cannot be.
    """
    where: Expression | None = None
    inner = node
    if isinstance(node, exp.Filter):
        inner = node.this
        where = condition_of(node.expression.this, scope)
    if isinstance(inner, exp.Window):
        raise refusal(
            inner, "windows over the answer are not supported", "compute them later", "SQL-FUNCTION"
        )
    if not isinstance(inner, exp.AggFunc):
        return None
    for argument in inner.iter_expressions():
        if has_aggregate(argument):
            raise refusal(
                argument, "an aggregate is inside another", "nest no aggregates", "SQL-NESTED"
            )
    call = _count(inner, leaf) if isinstance(inner, exp.Count) else _sum(inner, leaf)
    return AggregateCall(function=call.function, argument=call.argument, where=where)


def _count(node: exp.Count, leaf: Leaf) -> AggregateCall:
    only(node, "this", "big_int")
    inner = node.args.get("this")
    if inner is None or isinstance(inner, exp.Star):
        return AggregateCall(function=Function.COUNT_ROWS)
    if not isinstance(inner, exp.Distinct):
        return AggregateCall(function=Function.COUNT, argument=scalar(inner, leaf))
    only(inner, "expressions")
    counted = [scalar(part, leaf) for part in inner.expressions]
    if len(counted) == 1 and counted[0].domain.key_space == "privacy unit":
        return AggregateCall(function=Function.COUNT_UNITS, argument=counted[0])
    raise refusal(
        node,
        "COUNT(DISTINCT …) counts privacy units only",
        "count the unit's key, or use COUNT(*)",
        "SQL-AGGREGATE",
    )


def _sum(node: exp.AggFunc, leaf: Leaf) -> AggregateCall:
    function = _SUMS.get(type(node))
    if function is None or isinstance(node.this, exp.Distinct):
        raise refusal(
            node,
            f"the aggregate {node.key.upper()} is not supported in this form",
            "use COUNT, COUNT(DISTINCT unit), SUM or AVG",
            "SQL-AGGREGATE",
        )
    only(node, "this")
    argument = scalar(node.this, leaf)
    if argument.domain.kind not in {Kind.NUMBER, Kind.REAL}:
        raise refusal(
            node,
            f"{function.value} was given a {argument.domain.kind.value}",
            "give it a number; for conditions use COUNT(*) FILTER (WHERE …)",
            "SQL-TYPE",
        )
    if argument.domain.bounds is None:
        raise refusal(
            node,
            f"no bounds are known for what {function.value} adds up",
            "give them: CLAMP(x, lower, upper)",
            "SQL-BOUNDS",
        )
    return AggregateCall(function=function, argument=argument)
