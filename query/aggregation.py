"""Aggregates from the noisy statistics of one cell: post-processing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from query.answers import Estimate
from query.combined_noise import sum_noise
from query.estimates import Uncertain
from query.intervals import Interval
from query.mechanisms import Noise
from query.plan import Part, Statistic
from query.question import LINEAR, AggregateCall, Function
from query.sources import Source
from query.statistics import products_of
from query.trees import NoisyTree, Position, extreme, quantile

__all__ = ["NoisyCell"]

_SAMPLE = {Function.VAR_SAMP, Function.STDDEV_SAMP, Function.COVAR_SAMP}
_ROOTS = {Function.STDDEV_SAMP, Function.STDDEV_POP}
_ORDERED = {Function.QUANTILE_CONT, Function.QUANTILE_DISC, Function.MIN, Function.MAX}


@dataclass(frozen=True, kw_only=True)
class NoisyCell:
    """The noisy statistics of one cell.

    Attributes:
        calls: The question's aggregates.
        part: The grouping set of the cell.
        place: Of the cell among those of its grouping set.
        first: Place of the part's first statistic among those of the plan.
        sources: For each of the part's statistics, the vector that it is read from, and the cells
            of it that add up to this one.
        vectors: Noisy integers of all statistics that were released, for all of their cells.
        noises: The noise of each vector.
        confidence: Of the intervals that an aggregate has of its own.
    """

    calls: tuple[AggregateCall, ...]
    part: Part
    place: int
    first: int
    sources: Sequence[Source]
    vectors: Sequence[Sequence[float]]
    noises: Sequence[Noise]
    confidence: float

    def aggregate(self, index: int) -> Uncertain:
        """Return the value of an aggregate with the noise it depends on."""
        call, components = self.calls[index], self.part.components[index]
        match call.function:
            case Function.SUM if len(components) > 1:
                return self._total(components[0], self._number(components[1]))
            case function if function in LINEAR:
                return self._number(components[0], call.place)
            case Function.AVG:
                return self._mean(call, components)
            case function if function in _ORDERED:
                return self._quantile(call, index)
            case _:
                return self._moment(call, components)

    def _estimate(self, index: int, confidence: float) -> Estimate | None:
        """Return a quantile with the interval of its rank; None where the cell seems empty."""
        call = self.calls[index]
        found = self._position(call, index, confidence)
        if found is None:
            return None
        statistic = self._statistic(index)
        size, origin = float(statistic.width), float(statistic.origin)
        unit = float(statistic.unit)
        # a position inside a bucket stands for the value whose bucket begins half a step before
        value = origin + found.position * size - unit / 2
        whole = found.whole()
        low, high = origin + whole.lower * size, origin + whole.upper * size - unit
        if call.function is Function.QUANTILE_DISC:
            value = origin + math.floor((value - origin) / unit + 0.5) * unit
        value = min(max(value, low), max(low, high))
        error = None if found.standard_error is None else found.standard_error * size
        return Estimate(value=value, standard_error=error, lower=low, upper=max(low, high))

    @cached_property
    def count(self) -> float | None:
        """The noisy count that decides whether the cell is withheld; None where none does."""
        if self.part.counter is None:
            return None
        return self._number(self.part.counter).value

    def _statistic(self, index: int) -> Statistic:
        return self.part.statistics[self.part.components[index][0]]

    def _number(self, component: int, bucket: int = 0) -> Uncertain:
        statistic = self.part.statistics[component]
        vector, cells = self.sources[component]
        step = float(statistic.step)
        entries = [cell * statistic.entries + bucket for cell in cells]
        total = sum(self.vectors[vector][entry] for entry in entries)
        return Uncertain(total * step, {(vector, entry): step for entry in entries})

    def _total(self, component: int, count: Uncertain) -> Uncertain:
        """Return a sum of values from the sum of differences from their center."""
        statistic = self.part.statistics[component]
        center = float(statistic.center * statistic.step)
        return self._number(component) + count * Uncertain(center)

    def _mean(self, call: AggregateCall, components: Sequence[int]) -> Uncertain:
        """Return a mean from a centered sum and its count; NULL where that is not above 0."""
        count, bounds = self._number(components[1]), call.args[0].domain.bounds
        if count.value is None or count.value <= 0 or bounds is None:
            return Uncertain(None)
        statistic = self.part.statistics[components[0]]
        center = float(statistic.center * statistic.step)
        mean = self._number(components[0]) / count + Uncertain(center)
        return mean.held(float(bounds[0]), float(bounds[1]))

    def _moment(self, call: AggregateCall, components: Sequence[int]) -> Uncertain:
        """Return a variance, covariance, correlation or regression from centered moments."""
        *moments, last = components
        count = self._number(last)
        if count.value is None or count.value <= 1:
            return Uncertain(None)
        arity = len(call.args)
        seconds, firsts = moments[:-arity], moments[-arity:]
        sums = [
            self._total(second, count) - self._product(firsts[one], firsts[other]) / count
            for second, (one, other) in zip(seconds, products_of(call), strict=True)
        ]
        if arity == 1:
            return _spread(call, sums[0], count)
        match call.function:
            case Function.COVAR_POP | Function.COVAR_SAMP:
                most = _largest(call)
                return (sums[0] / _rows(call, count)).held(-most, most)
            case Function.REGR_SLOPE:
                return sums[0] / _positive(sums[1])
            case Function.REGR_INTERCEPT:
                means = [self._offset(place) + self._number(place) / count for place in firsts]
                squares = _positive(sums[1])
                return (means[0] * squares - sums[0] * means[1]) / squares
            case _:
                return _correlation(call.function, sums)

    def _product(self, one: int, other: int) -> Uncertain:
        """Return the product of two sums, without what noise adds to a square on the average."""
        product = self._number(one) * self._number(other)
        if one != other:
            return product
        vector, cells = self.sources[one]
        noise = sum_noise(self.noises[vector], len(cells))
        error = noise.standard_error * float(self.part.statistics[one].step)
        return product - Uncertain(error * error)

    def _offset(self, place: int) -> Uncertain:
        """Return what was subtracted from an argument: the center of its first moment."""
        statistic = self.part.statistics[place]
        return Uncertain(float(statistic.center * statistic.step))

    def _quantile(self, call: AggregateCall, index: int) -> Uncertain:
        """Return a quantile; inside an expression, its error is as if it were independent."""
        found = self._estimate(index, _ONE_SIGMA)
        own = self._estimate(index, self.confidence)
        if found is None or found.value is None or call.args[0].domain.bounds is None:
            return Uncertain(None)
        error = found.standard_error
        if error is None:
            error = ((found.upper or 0.0) - (found.lower or 0.0)) / 2
        place = index * self.part.cells + self.place

        def ends(_noises: Sequence[Noise], confidence: float) -> Interval:
            one = self._estimate(index, confidence) or found
            return one.lower or 0.0, one.upper or 0.0

        return Uncertain(found.value, {(-1 - self.first, place): error}, ends, own)

    def _position(self, call: AggregateCall, index: int, confidence: float) -> Position | None:
        noisy = self._tree(self.part.components[index][0])
        if noisy is None:
            return None
        if call.function in {Function.MIN, Function.MAX}:
            return extreme(noisy, confidence, largest=call.function is Function.MAX)
        assert call.level is not None  # noqa: S101  the parser gives quantiles their level
        return quantile(noisy, float(call.level), confidence)

    def _tree(self, component: int) -> NoisyTree | None:
        """Return the tree of counts under quantiles; None where no cell adds to this one."""
        statistic = self.part.statistics[component]
        assert statistic.tree is not None  # noqa: S101  quantiles are measured by trees
        vector, cells = self.sources[component]
        if not cells:
            return None
        size = statistic.entries
        trees = (self.vectors[vector][cell * size : (cell + 1) * size] for cell in cells)
        nodes = [int(sum(node)) for node in zip(*trees, strict=True)]
        return NoisyTree.of(statistic.tree, sum_noise(self.noises[vector], len(cells)), nodes)


_ONE_SIGMA = 0.6827


def _spread(call: AggregateCall, squares: Uncertain, count: Uncertain) -> Uncertain:
    """Return a variance, or its root; what noise has made negative is 0, with its interval."""
    variance = (squares / _rows(call, count)).held(0.0, _largest(call))
    return variance.root() if call.function in _ROOTS else variance


def _correlation(function: Function, sums: Sequence[Uncertain]) -> Uncertain:
    """Return a correlation, or its square, from the sums of xy, xx and yy about the means."""
    product = _positive(sums[1]) * _positive(sums[2])
    found = (sums[0] / product.root()).held(-1.0, 1.0)
    if function is Function.REGR_R2:
        return found.through(lambda r: r * r, lambda r: 2 * r, turns=(0.0,))
    return found


def _rows(call: AggregateCall, count: Uncertain) -> Uncertain:
    return count - Uncertain(1.0) if call.function in _SAMPLE else count


def _largest(call: AggregateCall) -> float:
    """Return the largest variance or covariance between the bounds.

    Half the width, squared: with half of the values at either end (Popoviciu). Of a sample of two
    rows or more it is at most twice that.
    """
    bounds = [one.domain.bounds for one in (call.args[0], call.args[-1])]
    widths = [float(high - low) for low, high in filter(None, bounds)]
    return math.prod(widths) / (2 if call.function in _SAMPLE else 4)


def _positive(variance: Uncertain) -> Uncertain:
    """Return a variance; NULL where noise has made it negative."""
    return variance if variance.value is not None and variance.value > 0 else Uncertain(None)
