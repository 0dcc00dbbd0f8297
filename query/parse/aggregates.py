"""Final aggregates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from sqlglot import exp

from query.domains import UNIT, Kind
from query.expressions import Expression
from query.functions import FUNCTIONS
from query.functions.building import literal_number
from query.parse.addends import as_number
from query.parse.leaves import condition_of, row_leaf
from query.parse.scalars import Leaf, scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal, written_name
from query.question import AggregateCall, Function
from query.steps import constant

__all__ = ["aggregate_of", "histogram_edges", "quantile_levels"]

_OVER_ONE: dict[type[exp.Expr], Function] = {
    exp.Sum: Function.SUM,
    exp.Avg: Function.AVG,
    exp.Variance: Function.VAR_SAMP,
    exp.VariancePop: Function.VAR_POP,
    exp.Stddev: Function.STDDEV_SAMP,
    exp.StddevSamp: Function.STDDEV_SAMP,
    exp.StddevPop: Function.STDDEV_POP,
    exp.Median: Function.QUANTILE_CONT,
    exp.Quantile: Function.QUANTILE_DISC,
    exp.PercentileCont: Function.QUANTILE_CONT,
    exp.PercentileDisc: Function.QUANTILE_DISC,
    exp.Min: Function.MIN,
    exp.Max: Function.MAX,
}
_OVER_TWO: dict[type[exp.Expr], Function] = {
    exp.Corr: Function.CORR,
    exp.CovarPop: Function.COVAR_POP,
    exp.CovarSamp: Function.COVAR_SAMP,
    exp.RegrSlope: Function.REGR_SLOPE,
    exp.RegrIntercept: Function.REGR_INTERCEPT,
    exp.RegrR2: Function.REGR_R2,
}
_QUANTILES = {Function.QUANTILE_CONT, Function.QUANTILE_DISC}
_REMEDIES = {
    "logicalor": "use AVG(CASE WHEN x THEN 1 ELSE 0 END), or COUNT(DISTINCT unit) FILTER (WHERE x)",
    "logicaland": "use AVG(CASE WHEN x THEN 1 ELSE 0 END)",
    "arrayagg": "rows are not released; use HISTOGRAM or GROUP BY",
    "groupconcat": "rows are not released; use GROUP BY",
    "approxdistinct": "use COUNT(DISTINCT x)",
    "mode": "use GROUP BY with ORDER BY COUNT(*) DESC LIMIT 1",
}
MAX_BINS = 1000
"""Bins of one histogram."""


def aggregate_of(node: exp.Expr, scope: Scope) -> AggregateCall | None:
    """Read an aggregate with its FILTER; None where the node is none.

    Raises:
        UnsupportedQueryError: If it is one that is not supported, or over what it cannot be.
    """
    where: Expression | None = None
    inner = node
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        inner = node.this
        where = condition_of(node.expression.this, scope)
    if isinstance(inner, exp.IgnoreNulls) and isinstance(inner.this, exp.AggFunc):
        inner = inner.this
    if not isinstance(inner, exp.AggFunc):
        return None
    _check_not_nested(inner)
    if isinstance(inner, exp.CountIf):
        only(inner, "this")
        condition = condition_of(inner.this, scope)
        where = condition if where is None else FUNCTIONS["and"]((where, condition))
        return AggregateCall(function=Function.COUNT_ROWS, where=where)
    return replace(_call(inner, row_leaf(scope)), where=where)


def _check_not_nested(node: exp.AggFunc) -> None:
    for argument in node.iter_expressions():
        if any(isinstance(part, exp.AggFunc) for part in argument.walk()) and not list(
            argument.find_all(exp.Query)
        ):
            raise refusal(
                argument, "an aggregate is inside another", "nest no aggregates", "SQL-NESTED"
            )


def _call(node: exp.AggFunc, leaf: Leaf) -> AggregateCall:
    kind = type(node)
    if isinstance(node, exp.Count):
        return _count(node, leaf)
    if kind in _OVER_ONE:
        return _over_one(node, leaf, _OVER_ONE[kind])
    if kind in _OVER_TWO:
        return _over_two(node, leaf, _OVER_TWO[kind])
    raise refusal(
        node,
        f"the aggregate {written_name(node)} is not supported",
        _REMEDIES.get(
            node.key,
            "use COUNT, SUM, AVG, VAR_SAMP, STDDEV, MEDIAN, QUANTILE_CONT, MIN, MAX, CORR, "
            "REGR_SLOPE or HISTOGRAM",
        ),
        "SQL-AGGREGATE",
    )


def quantile_levels(node: exp.Expr) -> list[exp.Expr] | None:
    """Return the levels of a quantile that lists several, or None."""
    asked = node.args.get("expression") or node.args.get("quantile")
    quantile = isinstance(node, exp.PercentileCont | exp.PercentileDisc | exp.Quantile)
    return list(asked.expressions) if quantile and isinstance(asked, exp.Array) else None


def histogram_edges(node: exp.Expr, leaf: Leaf) -> tuple[Fraction, ...]:
    """Return the upper ends of a histogram's bins.

    Raises:
        UnsupportedQueryError: If they are not written numbers in ascending order.
    """
    edges = tuple(literal_number(scalar(one, leaf), "a bin") for one in node.expressions)
    if not edges or len(edges) > MAX_BINS or list(edges) != sorted(set(edges)):
        raise refusal(
            node,
            f"the bins of HISTOGRAM are not 1 to {MAX_BINS} ascending numbers",
            "write the upper ends of the bins, such as [10, 20, 30]",
            "SQL-NUMBER",
        )
    return edges


def _count(node: exp.Count, leaf: Leaf) -> AggregateCall:
    only(node, "this", "big_int")
    inner = node.args.get("this")
    if inner is None or isinstance(inner, exp.Star):
        return AggregateCall(function=Function.COUNT_ROWS)
    if not isinstance(inner, exp.Distinct):
        return AggregateCall(function=Function.COUNT, args=(scalar(inner, leaf),))
    only(inner, "expressions")
    counted = tuple(scalar(part, leaf) for part in inner.expressions)
    if len(counted) != 1:
        raise refusal(
            node, "COUNT(DISTINCT …) of several columns is not supported", "count one column, or "
            "one expression such as a || '|' || b", "SQL-AGGREGATE",
        )  # fmt: skip
    function = Function.COUNT_DISTINCT
    if counted[0].domain.key_space == UNIT:
        function = Function.COUNT_UNITS
    return AggregateCall(function=function, args=counted)


def _over_one(node: exp.AggFunc, leaf: Leaf, function: Function) -> AggregateCall:
    only(node, "this", "expression", "quantile")
    if isinstance(node.this, exp.Distinct):
        raise refusal(
            node,
            f"{written_name(node)}(DISTINCT …) is not supported",
            "leave DISTINCT out, or take one row of each unit and value first",
            "SQL-AGGREGATE",
        )
    level = None
    if function in _QUANTILES:
        asked = node.args.get("expression") or node.args.get("quantile")
        written = (
            Fraction(1, 2) if asked is None else literal_number(scalar(asked, leaf), "a quantile")
        )
        if not 0 <= written <= 1:
            raise refusal(node, "a quantile is not between 0 and 1", "write 0.5", "SQL-NUMBER")
        level = written
    argument = _summed(node, scalar(node.this, leaf), function)
    return AggregateCall(function=function, args=(argument,), level=level)


def _over_two(node: exp.AggFunc, leaf: Leaf, function: Function) -> AggregateCall:
    only(node, "this", "expression")
    args = tuple(
        _summed(node, scalar(part, leaf), function) for part in (node.this, node.expression)
    )
    return AggregateCall(function=function, args=args)


def _summed(node: exp.Expr, argument: Expression, function: Function) -> Expression:
    """Check that what is added up is a number of known bounds."""
    if argument.domain.kind is Kind.BOOLEAN:
        argument = as_number(argument)
    domain = argument.domain
    if domain.kind not in {Kind.NUMBER, Kind.REAL}:
        raise refusal(
            node,
            f"{function.value} was given a {domain.kind.value}",
            "give it a number; for conditions use COUNT(*) FILTER (WHERE …)",
            "SQL-TYPE",
        )
    if domain.bounds is None and domain.usual is not None:
        low, high = (constant(end) for end in domain.usual)
        argument = FUNCTIONS["clamp"]((argument, low, high))
    if argument.domain.bounds is None:
        raise refusal(
            node,
            f"no bounds are known for what {function.value} adds up",
            "give them: CLAMP(x, lower, upper)",
            "SQL-BOUNDS",
        )
    return argument
