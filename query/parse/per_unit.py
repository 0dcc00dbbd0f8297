"""Aggregates over the rows of one unit: exact, free, and the same however rows are stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from query.domains import Domain, Kind, number
from query.expressions import Call, Expression
from query.functions import FUNCTIONS
from query.functions.building import as_text, literal_number
from query.parse.addends import exact_number, spread, times
from query.parse.ordered import ORDERED
from query.parse.scalars import Leaf, scalar
from query.parse.spreads import SPREADS
from query.parse.sqltext import only, refusal, written_name

__all__ = ["RowsPerUnit", "over_group", "over_window", "unit_aggregate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPerUnit:
    """Which rows of one unit an aggregate per unit may see.

    Attributes:
        proved: At most so many, or None.
        usual: What the policy counts of one unit, for sums where nothing is proved.
        order: Tells them apart.
    """

    proved: int | None
    usual: int
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
    return made if where is None else _filtered(made, where)


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
    nullable = call.domain.nullable or not call.name.startswith("unit_count")
    return replace(
        call,
        sql=call.sql.replace("@", f" FILTER (WHERE {{{place}}})@"),
        text=f"{call.text} FILTER (WHERE {{{place}}})",
        args=(*call.args, where),
        # a group without a row that passes has NULL, whatever the others have
        domain=replace(call.domain, nullable=nullable, unit_constant=False),
        deciding=(*call.deciding, place),
    )


def _made(name: str, sql: str, text: str, args: tuple[Expression, ...], domain: Domain) -> Call:
    """Make an aggregate; ``@`` in its SQL is where FILTER and OVER go."""
    return Call(name=f"unit_{name}", sql=sql, text=text, args=args, domain=domain)


def _count(node: exp.Expr, leaf: Leaf, rows: RowsPerUnit) -> Call:
    only(node, "this", "big_int")
    most = None if rows.proved is None else Fraction(rows.proved)
    domain = replace(
        number(Fraction(0), most, nullable=False), usual=(Fraction(0), Fraction(rows.usual))
    )
    inner = node.args.get("this")
    if inner is None or isinstance(inner, exp.Star):
        return _made("count_rows", "COUNT(*)@", "COUNT(*)", (), domain)
    if isinstance(inner, exp.Distinct):
        only(inner, "expressions")
        args = tuple(scalar(part, leaf) for part in inner.expressions)
        if len(args) != 1:
            raise refusal(node, "COUNT(DISTINCT …) has several columns", "count one", "SQL-TYPE")
        made = _made("count_distinct", "COUNT(DISTINCT {0})@", "COUNT(DISTINCT {0})", args, domain)
        return replace(made, deciding=(0,))  # how many values, not which
    args = (scalar(inner, leaf),)
    made = _made("count", "COUNT({0})@", "COUNT({0})", args, domain)
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
    total = Domain(
        kind=Kind.NUMBER,
        nullable=True,
        lower=lower,
        upper=upper,
        step=domain.step,
        usual=spread(bounds, rows.usual),
    )
    sql = "TRY_CAST(SUM(CAST(TRY_CAST({0} AS BIGINT) AS HUGEINT))@ AS BIGINT)"
    return _made("sum", sql, "SUM({0})", (argument,), total)


def _mean(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    argument = exact_number(node, leaf)
    up, down = argument.domain.step.numerator, argument.domain.step.denominator
    sql = (
        "(CAST(SUM(CAST(TRY_CAST({0} AS BIGINT) AS HUGEINT))@ AS DOUBLE) "
        f"* CAST({up} AS DOUBLE) / CAST({down} AS DOUBLE) "
        "/ NULLIF(COUNT(TRY_CAST({0} AS BIGINT))@, 0))"
    )
    domain = _real(argument.domain)
    return _made("avg", sql, "AVG({0})", (argument,), domain)


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
    domain = replace(argument.domain, nullable=True)
    return _made(name.lower(), f"{name}({{0}})@", f"{name}({{0}})", (argument,), domain)


def _logical(node: exp.Expr, leaf: Leaf, _: RowsPerUnit) -> Call:
    only(node, "this")
    argument = scalar(node.this, leaf)
    name = "BOOL_OR" if isinstance(node, exp.LogicalOr) else "BOOL_AND"
    if argument.domain.kind is not Kind.BOOLEAN:
        raise refusal(node, f"{name} needs a condition", "write a comparison", "SQL-TYPE")
    return _of_condition(name, argument)


def _of_condition(name: str, argument: Expression) -> Call:
    domain = replace(argument.domain, nullable=True)
    return _made(name.lower(), f"{name}({{0}})@", f"{name}({{0}})", (argument,), domain)


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
    domain = replace(value.domain, nullable=True, unit_constant=constant)
    made = _made(name.lower(), sql, f"{name}({{0}}, {{1}})", (value, by), domain)
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
        domain = replace(argument.domain, nullable=True)
        sql = f"quantile_disc({{0}}, CAST('{value!r}' AS DOUBLE))@"
        return _made("quantile_disc", sql, f"QUANTILE_DISC({{0}}, {value!r})", (argument,), domain)
    up, down = argument.domain.step.numerator, argument.domain.step.denominator
    sql = (
        f"(CAST(quantile_cont({{0}}, CAST('{value!r}' AS DOUBLE))@ AS DOUBLE) "
        f"* CAST({up} AS DOUBLE) / CAST({down} AS DOUBLE))"
    )
    text = f"QUANTILE_CONT({{0}}, {value!r})"
    return _made("quantile_cont", sql, text, (argument,), _real(argument.domain))


def _real(domain: Domain) -> Domain:
    bounds = domain.bounds
    lower, upper = bounds or (None, None)
    return Domain(kind=Kind.REAL, nullable=True, lower=lower, upper=upper, usual=domain.usual)


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
