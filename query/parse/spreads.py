"""Variances, correlations and slopes over the rows of one unit.

All sums are of integers, so the value is the same in whatever order rows are stored; only the last
division is one of doubles.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from sqlglot import exp

from query.domains import Domain, Kind
from query.expressions import Call, Expression
from query.parse.addends import exact_number
from query.parse.scalars import Leaf
from query.parse.sqltext import only, refusal, written_name

__all__ = ["SPREADS", "unit_call"]

MOST_STEPS = 2**40
"""Steps that one value may count: n times the sum of n squares then fits 128 bits, n < 2^40."""

_COUNT = "COUNT({0})@"


def _sum(value: str) -> str:
    return f"SUM({value})@"


def _wide(place: int) -> str:
    return f"CAST({{{place}}} AS HUGEINT)"


def _spread(one: str, other: str) -> str:
    """Return n times the sum of products of what two values differ from their means by, times n."""
    return f"({_COUNT} * {_sum(f'{one} * {other}')} - {_sum(one)} * {_sum(other)})"


def _variance(node: exp.Expr, leaf: Leaf) -> Call:
    only(node, "this")
    value = _narrow(node, exact_number(node, leaf))
    name = _NAMES[type(node)]
    less = " - 1" if name.endswith("samp") else ""
    step = value.domain.step**2
    sql = f"(CAST({_spread(_wide(0), _wide(0))} AS DOUBLE) * {_real(step)}"
    sql += f" / NULLIF(CAST({_COUNT} AS DOUBLE) * ({_COUNT}{less}), 0))"
    low, high = value.domain.bounds or (Fraction(0), Fraction(0))
    # the true ends are at most half as large, so doubles cannot lie beyond these
    upper = (high - low) ** 2
    if name.startswith("stddev"):
        sql, upper = f"SQRT({sql})", high - low
    domain = Domain(kind=Kind.REAL, nullable=True, lower=Fraction(0), upper=upper)
    return unit_call(name, sql, f"{name.upper()}({{0}})", (value,), domain)


def _pair(node: exp.Expr, leaf: Leaf) -> Call:
    """Read CORR(y, x) and REGR_SLOPE(y, x): over the rows that have both values."""
    only(node, "this", "expression")
    args = tuple(
        _narrow(node, exact_number(type(node)(this=part), leaf))
        for part in (node.this, node.expression)
    )
    y, x = (f"CASE WHEN {{{1 - place}}} IS NOT NULL THEN {_wide(place)} END" for place in range(2))
    both = _spread(f"({y})", f"({x})").replace(_COUNT, f"COUNT({y})@")
    of_x, of_y = (_spread(f"({one})", f"({one})").replace(_COUNT, f"COUNT({y})@") for one in (x, y))
    if isinstance(node, exp.Corr):
        name = "corr"
        roots = " * ".join(f"SQRT(CAST({one} AS DOUBLE))" for one in (of_x, of_y))
        ratio = f"CAST({both} AS DOUBLE) / NULLIF({roots}, 0)"
        sql = f"(SIGN({ratio}) * LEAST(ABS({ratio}), 1))"
        domain = Domain(kind=Kind.REAL, nullable=True, lower=Fraction(-1), upper=Fraction(1))
    else:
        name = "regr_slope"
        step = args[0].domain.step / args[1].domain.step
        sql = f"(CAST({both} AS DOUBLE) * {_real(step)} / NULLIF(CAST({of_x} AS DOUBLE), 0))"
        domain = Domain(kind=Kind.REAL, nullable=True)
    return unit_call(name, sql, f"{name.upper()}({{0}}, {{1}})", args, domain)


def unit_call(name: str, sql: str, text: str, args: tuple[Expression, ...], domain: Domain) -> Call:
    """Make an aggregate per unit; ``@`` in its SQL is where FILTER and OVER go."""
    return Call(name=f"unit_{name}", sql=sql, text=text, args=args, domain=domain)


def _real(step: Fraction) -> str:
    return f"CAST({step.numerator} AS DOUBLE) / CAST({step.denominator} AS DOUBLE)"


def _narrow(node: exp.Expr, value: Expression) -> Expression:
    bounds = value.domain.bounds
    if bounds is None or max(abs(end) for end in bounds) / value.domain.step >= MOST_STEPS:
        raise refusal(
            node,
            f"{written_name(node)} per unit needs bounds, and not too many decimals",
            "give them: CLAMP(ROUND(x, 3), lower, upper)",
            "SQL-BOUNDS",
        )
    return value


_NAMES: Final[dict[type[exp.Expr], str]] = {
    exp.Variance: "var_samp",
    exp.VariancePop: "var_pop",
    exp.Stddev: "stddev_samp",
    exp.StddevSamp: "stddev_samp",
    exp.StddevPop: "stddev_pop",
}
SPREADS: Final[dict[type[exp.Expr], Callable[[exp.Expr, Leaf], Call]]] = {
    **dict.fromkeys(_NAMES, _variance),
    exp.Corr: _pair,
    exp.RegrSlope: _pair,
}
"""Readers of second moments per unit."""
