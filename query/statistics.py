"""From aggregates to the integer statistics they are computed from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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

__all__ = [
    "HELD",
    "MAX_ENTRIES",
    "Needed",
    "counts_of",
    "products_of",
    "statistics_of",
]

_LARGEST = 2**62 // MAX_UNITS
MAX_ENTRIES = 400_000
"""Integers of one statistic at most, where the number of buckets is ours to choose."""
MIN_BUCKETS = 64
HELD = "held"
"""Name of the call that holds a value to its proved bounds."""
_SECONDARY = 0.25
"""Weight of a statistic that only corrects another, such as the count under a mean: a value lies
anywhere between the bounds, so on average over them its count matters a quarter as much or less."""

Needed = tuple[Statistic, float]
"""A statistic, and how much its error matters."""


def statistics_of(
    aggregate: AggregateCall,
    bounds: Bounds,
    cells: int,
    measure: Measure,
    counts: Collection[Statistic] = (),
) -> tuple[Needed, ...]:
    """Return what an aggregate is computed from, the most important first.

    Args:
        aggregate: The aggregate.
        bounds: Contribution bounds in force; sums of that many rows must fit.
        cells: Of the answer.
        measure: Of the pool, which decides on the shape of trees.
        counts: Of rows, that others need; a sum of the same rows may use one too.
    """
    asked = _Asked(aggregate, bounds, cells, measure)
    if aggregate.function is Function.SUM:
        return asked.total(counts)
    return _NEEDED.get(aggregate.function, _Asked.moments)(asked)


def counts_of(
    aggregates: Sequence[AggregateCall], bounds: Bounds, measure: Measure
) -> list[Statistic]:
    """Return the counts of rows that aggregates need, for sums to share."""
    others = [one for one in aggregates if one.function is not Function.SUM]
    needed = [each for one in others for each, _ in statistics_of(one, bounds, 1, measure)]
    return [one for one in needed if one.kind is StatisticKind.ROWS]


class _Asked:
    """One aggregate under bounds."""

    def __init__(
        self, aggregate: AggregateCall, bounds: Bounds, cells: int, measure: Measure
    ) -> None:
        self._call, self._bounds, self._cells, self._measure = aggregate, bounds, cells, measure
        self._where = _contributing(aggregate)
        self._count = Statistic(kind=StatisticKind.ROWS, where=self._where)

    def count(self) -> tuple[Needed, ...]:
        return ((self._count, 1.0),)

    def units(self) -> tuple[Needed, ...]:
        return ((Statistic(kind=StatisticKind.UNITS, where=self._where), 1.0),)

    def distinct(self) -> tuple[Needed, ...]:
        value = self._call.args[0]
        return ((Statistic(kind=StatisticKind.DISTINCT, where=self._where, value=value), 1.0),)

    def total(self, counts: Collection[Statistic]) -> tuple[Needed, ...]:
        """A sum, or where there is a count, one of differences from the center, beside it.

        The center times the count is then added. Differences need half as much noise where the
        lower bound is 0, and a mean of the same rows needs the same two. Each weighs what it adds
        to the squared error, relative to the most that one row can.
        """
        value = self._call.args[0]
        centered = self._sum(value, centered=True)
        if self._count not in counts or not centered.center:
            return ((self._sum(value, centered=False), 1.0),)
        most = (abs(centered.center) + centered.bound) ** 2
        return (
            (centered, centered.bound**2 / most),
            (self._count, centered.center**2 / most),
        )

    def mean(self) -> tuple[Needed, ...]:
        return ((self._sum(self._call.args[0], centered=True), 1.0), (self._count, _SECONDARY))

    def bins(self) -> tuple[Needed, ...]:
        return ((_bins(self._call, self._where, self._bounds), 1.0),)

    def tree(self) -> tuple[Needed, ...]:
        value = in_whole_steps(self._call.args[0])
        most = min(MAX_BUCKETS, max(MAX_ENTRIES // self._cells, MIN_BUCKETS))
        tree = _tree(value, most, self._measure)
        return ((replace(tree, where=self._where, bound=_row_weight(self._bounds)), 1.0),)

    def moments(self) -> tuple[Needed, ...]:
        """Second moments, then first ones, all about the same centers."""
        firsts = [self._sum(one, centered=True) for one in self._call.args]
        centered = [
            _minus(in_whole_steps(one), first.center * first.step)
            for one, first in zip(self._call.args, firsts, strict=True)
        ]
        seconds = [
            self._sum(_product(centered[one], centered[other]), centered=True)
            for one, other in products_of(self._call)
        ]
        return (
            *((one, 1.0) for one in seconds),
            *((one, _SECONDARY) for one in firsts),
            (self._count, _SECONDARY),
        )

    def _sum(self, argument: Expression, *, centered: bool) -> Statistic:
        return _sum(argument, self._where, self._bounds.max_rows_per_group, centered=centered)


_NEEDED = {
    Function.COUNT_ROWS: _Asked.count,
    Function.COUNT: _Asked.count,
    Function.COUNT_UNITS: _Asked.units,
    Function.COUNT_DISTINCT: _Asked.distinct,
    Function.AVG: _Asked.mean,
    Function.HISTOGRAM: _Asked.bins,
    Function.QUANTILE_CONT: _Asked.tree,
    Function.QUANTILE_DISC: _Asked.tree,
    Function.MIN: _Asked.tree,
    Function.MAX: _Asked.tree,
}
_PAIRS = {
    Function.COVAR_POP: [(0, 1)],
    Function.COVAR_SAMP: [(0, 1)],
    Function.REGR_SLOPE: [(0, 1), (1, 1)],
    Function.REGR_INTERCEPT: [(0, 1), (1, 1)],
}
_SQUARES = {1: [(0, 0)], 2: [(0, 1), (0, 0), (1, 1)]}
"""Products that are summed, by the number of variables, where the function needs all."""


def products_of(aggregate: AggregateCall) -> list[tuple[int, int]]:
    """Return which arguments are multiplied in each sum of products that an aggregate needs."""
    return _PAIRS.get(aggregate.function, _SQUARES[len(aggregate.args)])


def _minus(value: Expression, center: Fraction) -> Expression:
    return FUNCTIONS["subtract"]((value, constant(center))) if center else value


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


def _tree(value: Expression, most: int, measure: Measure) -> Statistic:
    """Count rows in at most ``most`` buckets of equal width between the bounds of a number."""
    ends, step = value.domain.bounds, value.domain.step
    assert ends is not None  # noqa: S101  the parser refuses quantiles without bounds
    lower, upper = steps_of(ends[0], step), steps_of(ends[1], step)
    width = -(-(upper - lower + 1) // most)
    buckets = -(-(upper - lower + 1) // width)
    held = _held(value, lower, upper)
    domain = replace(held.domain, lower=Fraction(0), upper=Fraction(buckets - 1), step=Fraction(1))
    bucket = Call(
        name="bucket",
        sql=f"(({{0}} - ({lower})) // {width})",
        text="{0}",
        args=(held,),
        domain=domain,
    )
    return Statistic(
        kind=StatisticKind.BUCKETS,
        value=bucket,
        buckets=buckets,
        tree=best_tree(buckets, measure),
        origin=lower * step,
        width=width * step,
        unit=step,
    )


def _row_weight(bounds: Bounds) -> int:
    return 1 if bounds.rows_proved else SPLIT_WEIGHT


def _held(value: Expression, lower: int, upper: int) -> Expression:
    """Hold a count of steps to its proved bounds: sensitivity must not rest on the store alone."""
    return Call(
        name=HELD,
        sql=f"LEAST(GREATEST({{0}}, {lower}), {upper})",
        text="{0}",
        args=(value,),
        domain=value.domain,
    )
