"""Aggregates over the rows of one unit: exact, free, and the same however rows are stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from query.domains import Domain, Kind, number, with_null
from query.expressions import Call, Expression
from query.functions import FUNCTIONS
from query.functions.building import as_text, fits, literal_number
from query.parse.addends import exact_number, spread, times
from query.parse.ordered import ORDERED
from query.parse.scalars import Leaf, scalar
from query.parse.spreads import SPREADS, unit_call
from query.parse.sqltext import only, refusal, written_name

__all__ = ["RowsPerUnit", "over_group", "over_window", "unit_aggregate"]

MOST_ROWS = 2**32
"""More than any unit has: sums that fit with so many rows do not overflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPerUnit:
    """Which rows of one unit an aggregate per unit may see.

    Attributes:
        proved: At most so many, or None.
        usual: What the policy counts of one unit, for sums where nothing is proved.
        some: Whether there is always one at least; an aggregate over none is NULL.
        order: Tells them apart.
    """

    proved: int | None
    usual: int
    some: bool
    order: tuple[Expression, ...] = ()


def unit_aggregate(
    node: exp.Expr, leaf: Leaf, condition: Callable[[exp.Expr], Expression], rows: RowsPerUnit
) -> Call | None:
    """Read an aggregate over the rows of one unit; None where the node is none.

    What it is over is still open: finish it with ``over_group`` or ``over_window``.

    Args:
        node: What was written.
        leaf: Reads columns of the rows.
        condition: Reads the condition of FILTER.
        rows: Which rows it may see.

    Raises:
        UnsupportedQueryError: If it is not known.
    """
    where: Expression | None = None
    inner = node
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        inner, where = node.this, condition(node.expression.this)
    if isinstance(inner, exp.IgnoreNulls) and isinstance(inner.this, exp.AnyValue):
        inner = inner.this  # it always does
    if not isinstance(inner, exp.AggFunc):
        return None
    made = _read(inner, leaf, rows)
    if where is not None:
        made = _filtered(made, where)
    # over no row there is none but NULL, whatever the values have
    alone = (rows.some and where is None) or made.name.startswith("unit_count")
    return made if alone else replace(made, domain=with_null(made.domain))


def _read(node: exp.AggFunc, leaf: Leaf, rows: RowsPerUnit) -> Call:
    kind = type(node)
    if kind in ORDERED:
        return ORDERED[kind](node, leaf, rows.order)
    if kind in SPREADS:
        return SPREADS[kind](node, leaf)
    if kind in _READERS:
        return _READERS[kind](node, leaf, rows)
    raise refusal(
        node,
        f"{written_name(node)} over the rows of one unit is not supported",
        "use COUNT, SUM, AVG, MIN, MAX, ARG_MIN, ARG_MAX, FIRST, LAST, ANY_VALUE, MODE, MEDIAN, "
        "STDDEV, BOOL_OR, BOOL_AND or STRING_AGG",
        "SQL-AGGREGATE",
    )


def over_group(call: Call) -> Call:
    """Finish an aggregate as one over a group."""
    return over_window(call, "")


def over_window(call: Call, words: str) -> Call:
    """Finish an aggregate as one over a window, given the words from OVER on."""
    return replace(call, sql=call.sql.replace("@", words))


def _filtered(call: Call, where: Expression) -> Call:
    """Let only rows for which a condition is true into an aggregate per unit."""
    if call.name == "unit_count_rows" and call.args:  # COUNT_IF has a condition of its own
        return replace(call, args=(FUNCTIONS["and"]((call.args[0], where)),))
    place = len(call.args)
    return replace(
        call,
        sql=call.sql.replace("@", f" FILTER (WHERE {{{place}}})@"),
        text=f"{call.text} FILTER (WHERE {{{place}}})",
        args=(*call.args, where),
        domain=replace(call.domain, unit_constant=False),
        deciding=(*call.deciding, place),
    )


def _count(node: exp.Expr, leaf: Leaf, rows: RowsPerUnit) -> Call:
    only(node, "this", "big_int")
    most = None if rows.proved is None else Fraction(rows.proved)
    domain = replace(
        number(Fraction(0), most, nullable=False), usual=(Fraction(0), Fraction(rows.usual))
    )
    inner = node.args.get("this")
    if inner is None or isinstance(inner, exp.Star):
        return unit_call("count_rows", "COUNT(*)@", "COUNT(*)", (), domain)
    if isinstance(inner, exp.Distinct):
        only(inner, "expressions")
        args = tuple(scalar(part, leaf) for part in inner.expressions)
        if len(args) != 1:
            raise refusal(node, "COUNT(DISTINCT …) has several columns", "count one", "SQL-TYPE")
        made = unit_call(
            "count_distinct", "COUNT(DISTINCT {0})@", "COUNT(DISTINCT {0})", args, domain
        )
        return replace(made, deciding=(0,))  # how many values, not which
    args = (scalar(inner, leaf),)
    made = unit_call("count", "COUNT({0})@", "COUNT({0})", args, domain)
    return replace(made, deciding=(0,))


def _count_if(node: exp.Expr, leaf: Leaf, rows: RowsPerUnit) -> Call:
    only(node, "this")
    condition = scalar(node.this, leaf)
    if condition.domain.kind is not Kind.BOOLEAN:
        raise refusal(node, "COUNT_IF needs a condition", "write a comparison", "SQL-TYPE")
    every = _count(exp.Count(this=exp.Star()), leaf, rows)
    return _filtered(every, condition)


def _sum(node: exp.Expr, leaf: Leaf, rows: RowsPerUnit) -> Call:
    argument = exact_number(node, leaf)
    bounds, domain = argument.domain.bounds, argument.domain
    lower, upper = times(bounds, rows.proved)
    safe = fits(number(*times(bounds, rows.proved or MOST_ROWS)), domain.step)
    total = Domain(
        kind=Kind.NUMBER,
        nullable=domain.nullable or not safe,
        keeps_nulls=domain.keeps_nulls or not safe,
        lower=lower,
        upper=upper,
        step=domain.step,
        usual=spread(bounds, rows.usual),
    )
    sql = "TRY_CAST(SUM(CAST(TRY_CAST({0} AS BIGINT) AS HUGEINT))@ AS BIGINT)"
    return unit_call("sum", sql, "SUM({0})", (argument,), total)


def _mean(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    argument = exact_number(node, leaf)
    up, down = argument.domain.step.numerator, argument.domain.step.denominator
    sql = (
        "(CAST(SUM(CAST(TRY_CAST({0} AS BIGINT) AS HUGEINT))@ AS DOUBLE) "
        f"* CAST({up} AS DOUBLE) / CAST({down} AS DOUBLE) "
        "/ NULLIF(COUNT(TRY_CAST({0} AS BIGINT))@, 0))"
    )
    domain = _real(argument.domain)
    if not fits(argument.domain, argument.domain.step):
        domain = with_null(domain)
    return unit_call("avg", sql, "AVG({0})", (argument,), domain)


def _extreme(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    only(node, "this")
    argument = as_text(scalar(node.this, leaf))
    name = "MIN" if isinstance(node, exp.Min) else "MAX"
    if argument.domain.kind is Kind.BOOLEAN:
        return _of_condition("BOOL_AND" if name == "MIN" else "BOOL_OR", argument)
    if argument.domain.kind in {Kind.KEY, Kind.NULL}:
        raise refusal(
            node,
            f"{name} of a {argument.domain.kind.value} is not supported",
            "use COUNT(DISTINCT …) or FIRST for keys",
            "SQL-TYPE",
        )
    form = f"{name}({{0}})"
    return unit_call(name.lower(), f"{form}@", form, (argument,), argument.domain)


def _logical(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    only(node, "this")
    argument = scalar(node.this, leaf)
    name = "BOOL_OR" if isinstance(node, exp.LogicalOr) else "BOOL_AND"
    if argument.domain.kind is not Kind.BOOLEAN:
        raise refusal(node, f"{name} needs a condition", "write a comparison", "SQL-TYPE")
    return _of_condition(name, argument)


def _of_condition(name: str, argument: Expression) -> Call:
    form = f"{name}({{0}})"
    return unit_call(name.lower(), f"{form}@", form, (argument,), argument.domain)


def _at_extreme(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    """Read ARG_MIN and ARG_MAX; of rows that tie, the largest (smallest) value is taken."""
    only(node, "this", "expression")
    value, by = (as_text(scalar(part, leaf)) for part in (node.this, node.expression))
    name = "ARG_MIN" if isinstance(node, exp.ArgMin) else "ARG_MAX"
    extreme = name.removeprefix("ARG_")
    if Kind.KEY in {value.domain.kind, by.domain.kind}:
        raise refusal(node, f"{name} of a key is not supported", "use another column", "SQL-TYPE")
    sql = (
        f"struct_extract({extreme}(CASE WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL "
        "THEN struct_pack(by := {1}, v := {0}) END)@, 'v')"
    )
    constant = value.domain.unit_constant and by.domain.unit_constant
    keeps = any(one.domain.nullable and one.domain.keeps_nulls for one in (value, by))
    nullable = value.domain.nullable or by.domain.nullable
    domain = replace(value.domain, nullable=nullable, keeps_nulls=keeps, unit_constant=constant)
    made = unit_call(name.lower(), sql, f"{name}({{0}}, {{1}})", (value, by), domain)
    return replace(made, deciding=(1,))


def _quantile(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    only(node, "this", "quantile", "expression")
    argument = exact_number(node, leaf)
    asked = node.args.get("quantile") or node.args.get("expression")
    level = Fraction(1, 2) if asked is None else literal_number(scalar(asked, leaf), "a quantile")
    if not 0 <= level <= 1:
        raise refusal(node, "a quantile is not between 0 and 1", "write 0.5", "SQL-NUMBER")
    value = float(level)
    if isinstance(node, exp.PercentileDisc):
        sql = f"quantile_disc({{0}}, CAST('{value!r}' AS DOUBLE))@"
        text = f"QUANTILE_DISC({{0}}, {value!r})"
        return unit_call("quantile_disc", sql, text, (argument,), argument.domain)
    up, down = argument.domain.step.numerator, argument.domain.step.denominator
    sql = (
        f"(CAST(quantile_cont({{0}}, CAST('{value!r}' AS DOUBLE))@ AS DOUBLE) "
        f"* CAST({up} AS DOUBLE) / CAST({down} AS DOUBLE))"
    )
    text = f"QUANTILE_CONT({{0}}, {value!r})"
    return unit_call("quantile_cont", sql, text, (argument,), _real(argument.domain))


def _real(domain: Domain) -> Domain:
    lower, upper = domain.bounds or (None, None)
    return Domain(
        kind=Kind.REAL,
        nullable=domain.nullable,
        keeps_nulls=domain.keeps_nulls,
        lower=lower,
        upper=upper,
        usual=domain.usual,
    )


_READERS: dict[type[exp.Expr], Callable[[exp.Expr, Leaf, RowsPerUnit], Call]] = {
    exp.Count: _count,
    exp.CountIf: _count_if,
    exp.Sum: _sum,
    exp.Avg: _mean,
    exp.Min: _extreme,
    exp.Max: _extreme,
    exp.LogicalOr: _logical,
    exp.LogicalAnd: _logical,
    exp.ArgMin: _at_extreme,
    exp.ArgMax: _at_extreme,
    exp.Median: _quantile,
    exp.PercentileCont: _quantile,
    exp.PercentileDisc: _quantile,
    exp.Quantile: _quantile,
}
