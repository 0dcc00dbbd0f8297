"""What is added up over the rows of one unit: exact numbers, and how large their sum can be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from sqlglot import exp

from query.domains import Kind, number
from query.expressions import Call, Expression
from query.parse.scalars import Leaf, scalar
from query.parse.sqltext import refusal, written_name
from query.steps import in_whole_steps

__all__ = ["as_number", "exact_number", "spread", "times"]


def exact_number(node: exp.Expr, leaf: Leaf) -> Expression:
    """Read the argument of a sum as an exact number: sums of doubles depend on their order."""
    if isinstance(node.this, exp.Distinct):
        raise refusal(
            node, f"{written_name(node)}(DISTINCT …) is not supported", "drop DISTINCT", "SQL-TYPE"
        )
    argument = scalar(node.this, leaf)
    if argument.domain.kind is Kind.BOOLEAN:
        argument = as_number(argument)
    if argument.domain.kind not in {Kind.NUMBER, Kind.REAL}:
        raise refusal(
            node,
            f"{written_name(node)} was given a {argument.domain.kind.value}",
            "give it a number",
            "SQL-TYPE",
        )
    if argument.domain.kind is Kind.REAL and argument.domain.bounds is None:
        raise refusal(
            node,
            f"no bounds are known for what {written_name(node)} adds up",
            "give them: CLAMP(x, lower, upper)",
            "SQL-BOUNDS",
        )
    return in_whole_steps(argument)


def as_number(condition: Expression) -> Expression:
    """Turn a condition into 1 and 0."""
    known = condition.domain
    domain = replace(
        number(Fraction(0), Fraction(1), nullable=known.nullable),
        keeps_nulls=known.keeps_nulls,
        unit_constant=known.unit_constant,
    )
    return Call(
        name="number",
        sql="CAST({0} AS BIGINT)",
        text="CAST({0} AS BIGINT)",
        args=(condition,),
        domain=domain,
    )


def times(
    bounds: tuple[Fraction, Fraction] | None, rows: int | None
) -> tuple[Fraction | None, Fraction | None]:
    """Return the bounds of the sum of 1 to ``rows`` values; None where they are not known."""
    if bounds is None or rows is None:
        return None, None
    low, high = bounds
    return min(low, low * rows), max(high, high * rows)


def spread(bounds: tuple[Fraction, Fraction] | None, rows: int) -> tuple[Fraction, Fraction] | None:
    """Return the bounds of the sum of 1 to ``rows`` values, where those of each are known."""
    low, high = times(bounds, rows)
    return None if low is None or high is None else (low, high)
