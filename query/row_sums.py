"""What one row adds to a statistic, and how it is added up, as SQL."""

from __future__ import annotations

from typing import assert_never

from query.expressions import Call, ColumnRef, Expression
from query.plan import Statistic, StatisticKind
from query.sql import sql_of
from query.statistics import HELD
from query.steps import steps_of

__all__ = ["contribution", "scaled", "summed", "valued"]


def contribution(statistic: Statistic) -> str:
    """Return what one row adds before bounding and centering; NULL where it adds nothing."""
    where = statistic.where
    match statistic.kind:
        case StatisticKind.ROWS | StatisticKind.UNITS:
            column = _present(where)
            if column is not None:
                return sql_of(column)  # COUNT passes over NULL by itself
            return _only(where, "1")
        case StatisticKind.SUM:
            value = valued(statistic)
            column = _stored(value)
            return _only(where, sql_of(value)) if column is None else _checked(column, where)
        case StatisticKind.DISTINCT | StatisticKind.BUCKETS:
            return _only(where, sql_of(valued(statistic)))
        case _:
            assert_never(statistic.kind)


def summed(statistic: Statistic, name: str) -> str:
    """Return the sum of a column of contributions over rows that need no bounding.

    What is subtracted from each value is subtracted from the sum, once for each row that adds:
    the same integer, for less work.
    """
    if statistic.kind is not StatisticKind.SUM:
        return f"COUNT({name})"
    total = f"SUM({name})"  # of BIGINT, which the engine adds up in 128 bits
    if not statistic.center:
        return total
    return f"({total} - CAST({statistic.center} AS HUGEINT) * COUNT({name}))"


def scaled(statistic: Statistic, name: str, most: int) -> str:
    """Return what one unit adds to one group once bounded, with weight min(1, most / rows).

    The weight is that of the expected sum over a random sample of ``most`` rows, without its
    variance; numerator and denominator of a mean have the same weight, so it stays unbiased for the
    mean over such samples.

    Args:
        statistic: A count or a sum.
        name: Ending of the columns of counts, ``n_``, and of sums, ``s_``.
        most: Rows of one unit that count in one group.
    """
    match statistic.kind:
        case StatisticKind.UNITS:
            return f"CASE WHEN n_{name} > 0 THEN 1 ELSE 0 END"
        case StatisticKind.ROWS:
            return f"LEAST(n_{name}, {most})"
        case _:
            cut = f"s_{name} * {most} // n_{name}"
            return f"CASE WHEN n_{name} <= {most} THEN s_{name} ELSE {cut} END"


def valued(statistic: Statistic) -> Expression:
    """Return the value of a statistic that has one."""
    assert statistic.value is not None  # noqa: S101  all but counts have one
    return statistic.value


def _checked(column: ColumnRef, where: Expression | None) -> str:
    """Return a stored column, held to its bounds: a value outside them would add nothing.

    An engine that knows the ends of what it stores finds that there is none, and reads the column
    as it is; to move values to the ends would cost it a pass.
    """
    bounds = column.domain.bounds
    assert bounds is not None  # noqa: S101  what is held has bounds
    low, high = (steps_of(end, column.domain.step) for end in bounds)
    value = sql_of(column)
    inside = f"{value} BETWEEN {low} AND {high}"
    if where is not None and _present(where) != column:
        inside = f"{sql_of(where)} AND {inside}"
    return f"CASE WHEN {inside} THEN {value} END"


def _stored(value: Expression) -> ColumnRef | None:
    """Return the declared column that is summed as it lies in the store, if one is."""
    held = value.args[0] if isinstance(value, Call) and value.name == HELD else value
    return held if isinstance(held, ColumnRef) and held.origin is None else None


def _present(where: Expression | None) -> ColumnRef | None:
    """Return the column of which a condition says that it is not NULL, and nothing else."""
    if isinstance(where, Call) and where.name == "not":
        (inner,) = where.args
        if isinstance(inner, Call) and inner.name == "is_null":
            (column,) = inner.args
            return column if isinstance(column, ColumnRef) else None
    return None


def _only(where: Expression | None, added: str) -> str:
    return added if where is None else f"CASE WHEN {sql_of(where)} THEN {added} END"
