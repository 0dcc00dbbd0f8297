"""From aggregates to the integer statistics they are computed from."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from policies.privacy import Measure
from query.domains import Domain, Kind
from query.expressions import Call, Expression, Literal
from query.functions import FUNCTIONS
from query.functions.building import as_real, rescaled
from query.plan import MAX_UNITS, SPLIT_WEIGHT, Bounds, Statistic, StatisticKind
from query.question import AggregateCall, Function
from query.steps import constant, in_steps, in_whole_steps, steps_of
from query.trees import MAX_BUCKETS, best_tree

__all__ = ["MAX_ENTRIES", "Needed", "statistics_of"]

_LARGEST = 2**62 // MAX_UNITS
MAX_ENTRIES = 400_000
"""Integers of one statistic at most, where the number of buckets is ours to choose."""
MIN_BUCKETS = 64
_SECONDARY = 0.25
"""Weight of a statistic that only corrects another, such as the count under a mean: a value lies
anywhere between the bounds, so on average over them its count matters a quarter as much or less."""

Needed = tuple[Statistic, float]
"""A statistic, and how much its error matters."""


def statistics_of(
    aggregate: AggregateCall, bounds: Bounds, cells: int, measure: Measure
) -> tuple[Needed, ...]:
    """Return what an aggregate is computed from, the most important first.

    Args:
        aggregate: The aggregate.
        bounds: Contribution bounds in force; sums of that many rows must fit.
        cells: Of the answer.
        measure: Of the pool, which decides on the shape of trees.
    """
    where = _contributing(aggregate)
    count = Statistic(kind=StatisticKind.ROWS, where=where)
    rows = bounds.max_rows_per_group
    match aggregate.function:
        case Function.COUNT_ROWS | Function.COUNT:
            return ((count, 1.0),)
        case Function.COUNT_UNITS:
            return ((Statistic(kind=StatisticKind.UNITS, where=where), 1.0),)
        case Function.COUNT_DISTINCT:
            value = aggregate.args[0]
            return ((Statistic(kind=StatisticKind.DISTINCT, where=where, value=value), 1.0),)
        case Function.SUM:
            return ((_sum(aggregate.args[0], where, rows, centered=False), 1.0),)
        case Function.AVG:
            total = _sum(aggregate.args[0], where, rows, centered=True)
            return ((total, 1.0), (count, _SECONDARY))
        case Function.HISTOGRAM:
            return ((_bins(aggregate, where, bounds), 1.0),)
        case Function.QUANTILE_CONT | Function.QUANTILE_DISC | Function.MIN | Function.MAX:
            return ((_tree(aggregate.args[0], where, bounds, cells, measure), 1.0),)
        case _:
            return (*_moments(aggregate, where, rows), (count, _SECONDARY))


def _moments(aggregate: AggregateCall, where: Expression | None, rows: int) -> tuple[Needed, ...]:
    """Second moments, then first ones; with two variables: xy, xx, yy, x, y as far as needed."""
    centered = [_centered(in_whole_steps(one)) for one in aggregate.args]
    firsts = [_sum(one, where, rows, centered=True) for one in aggregate.args]
    if len(centered) == 1:
        pairs = [(0, 0)]
    elif aggregate.function in {Function.COVAR_POP, Function.COVAR_SAMP}:
        pairs = [(0, 1)]
    elif aggregate.function in {Function.REGR_SLOPE, Function.REGR_INTERCEPT}:
        pairs = [(0, 1), (1, 1)]
    else:
        pairs = [(0, 1), (0, 0), (1, 1)]
    seconds = [
        _sum(_product(centered[one], centered[other]), where, rows, centered=True)
        for one, other in pairs
    ]
    return (*((one, 1.0) for one in seconds), *((one, _SECONDARY) for one in firsts))


def _centered(value: Expression) -> Expression:
    """Subtract the middle of the bounds, in whole steps, as ``_sum`` does."""
    bounds, step = value.domain.bounds, value.domain.step
    assert bounds is not None  # noqa: S101  the parser refuses sums without bounds
    lower, upper = (steps_of(end, step) for end in bounds)
    middle = (lower + upper) // 2 * step
    return value if middle == 0 else FUNCTIONS["subtract"]((value, constant(middle)))


def _product(one: Expression, other: Expression) -> Expression:
    """Multiply two numbers as reals: their product may have more steps than an integer holds."""
    first, second = sorted((as_real(one), as_real(other)), key=repr)
    product = FUNCTIONS["multiply"]((first, second))
    if one == other and product.domain.bounds is not None:
        return replace(product, domain=replace(product.domain, lower=Fraction(0)))
    return product


def _contributing(aggregate: AggregateCall) -> Expression | None:
    """Rows that enter: those that pass FILTER and whose arguments are not NULL."""
    where = aggregate.where
    # in one order, so that the counts under CORR(x, y) and REGR_SLOPE(y, x) are one
    for argument in sorted(aggregate.args, key=repr):
        if argument.domain.nullable:
            present = FUNCTIONS["not"]((FUNCTIONS["is_null"]((argument,)),))
            where = present if where is None else FUNCTIONS["and"]((where, present))
    return where


def _sum(
    argument: Expression, where: Expression | None, max_rows: int, *, centered: bool
) -> Statistic:
    """Make a sum in steps small enough to be exact and large enough not to overflow."""
    argument = in_whole_steps(argument)
    bounds = argument.domain.bounds
    assert bounds is not None  # noqa: S101  the parser refuses sums without bounds
    low, high = bounds
    step = argument.domain.step
    largest = max(abs(low), abs(high), step)
    while largest / step * max_rows > _LARGEST:
        step *= 10
    lower, upper = steps_of(low, step), steps_of(high, step)
    center = (lower + upper) // 2 if centered else 0
    return Statistic(
        kind=StatisticKind.SUM,
        where=where,
        value=_held(in_steps(argument, step), lower, upper),
        center=center,
        bound=max(abs(lower - center), abs(upper - center), 1),
    )


def _bins(aggregate: AggregateCall, where: Expression | None, bounds: Bounds) -> Statistic:
    """Count rows up to each edge, and above the one before it; rows above the last do not count."""
    value = aggregate.args[0]
    branches: list[Expression] = []
    for place, edge in enumerate(aggregate.edges):
        branches += [
            FUNCTIONS["le"]((value, constant(edge))),
            constant(Fraction(place)),
        ]
    number = FUNCTIONS["case"]((*branches, Literal(value=None, domain=Domain(kind=Kind.NULL))))
    return Statistic(
        kind=StatisticKind.BUCKETS,
        where=where,
        value=rescaled(number, Fraction(1)),
        bound=_row_weight(bounds),
        buckets=len(aggregate.edges),
    )


def _tree(
    argument: Expression,
    where: Expression | None,
    bounds: Bounds,
    cells: int,
    measure: Measure,
) -> Statistic:
    """Count rows in buckets of equal width between the bounds of a number."""
    value = in_whole_steps(argument)
    ends, step = value.domain.bounds, value.domain.step
    assert ends is not None  # noqa: S101  the parser refuses quantiles without bounds
    lower, upper = steps_of(ends[0], step), steps_of(ends[1], step)
    steps = upper - lower + 1
    most = min(MAX_BUCKETS, max(MAX_ENTRIES // cells, MIN_BUCKETS))
    width = -(-steps // most)
    buckets = -(-steps // width)
    held = _held(value, lower, upper)
    bucket = Call(
        name="bucket",
        sql=f"(({{0}} - ({lower})) // {width})",
        text="{0}",
        args=(held,),
        domain=Domain(
            kind=Kind.NUMBER,
            nullable=held.domain.nullable,
            lower=Fraction(0),
            upper=Fraction(buckets - 1),
        ),
    )
    return Statistic(
        kind=StatisticKind.BUCKETS,
        where=where,
        value=bucket,
        bound=_row_weight(bounds),
        buckets=buckets,
        tree=best_tree(buckets, measure),
        origin=lower * step,
        width=width * step,
    )


def _row_weight(bounds: Bounds) -> int:
    return 1 if bounds.rows_proved else SPLIT_WEIGHT


def _held(value: Expression, lower: int, upper: int) -> Expression:
    """Hold a count of steps to its proved bounds: sensitivity must not rest on the store alone."""
    return Call(
        name="held",
        sql=f"LEAST(GREATEST({{0}}, {lower}), {upper})",
        text="{0}",
        args=(value,),
        domain=value.domain,
    )
