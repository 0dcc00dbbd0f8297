"""Quantiles and extremes, with intervals, from one noisy tree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from query.trees.counts import NoisyTree

__all__ = ["Position", "extreme", "quantile"]


_NOTHING = 1e-6
"""Part of a group that is as good as none, where the noise is too small to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where on the scale of buckets a value lies: 0 is the lower bound, ``buckets`` the upper.

    Attributes:
        position: Estimate; linear inside a bucket.
        standard_error: Half the interval over the normal quantile of its confidence; None for
            extremes.
        lower: Lower end of the interval.
        upper: Upper end.
    """

    position: float
    standard_error: float | None
    lower: float
    upper: float

    def whole(self) -> Position:
        """Return the same with its interval widened to whole buckets.

        Inside a bucket nothing is known about the values. The narrow interval is right if they
        spread evenly there; this one is right however they lie.
        """
        return Position(
            position=self.position,
            standard_error=self.standard_error,
            lower=float(math.floor(self.lower)),
            upper=float(math.ceil(self.upper)),
        )


def quantile(noisy: NoisyTree, q: float, confidence: float) -> Position | None:
    """Estimate the position below which a part ``q`` of the group lies.

    The estimate is where the rising count crosses q of the total. The interval holds all positions
    that a test at level 1 - ``confidence`` does not reject: those where the count below differs
    from q of the total by at most z standard errors of that difference, which are exact, since
    all estimates are linear in the noise.

    Args:
        noisy: The group's tree.
        q: 0 to 1.
        confidence: Of the interval; above 0 and below 1.

    Returns:
        None where the noisy total is not above 0: a group that may as well be empty.

    Raises:
        ValueError: If ``q`` is outside its range.
    """
    if not 0 <= q <= 1:
        raise ValueError("a quantile is not between 0 and 1; give 0.5 for the median")
    total = noisy.total
    if total <= 0:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def distance(position: float) -> float:
        return noisy.below(position) - q * total

    def reach(position: float) -> float:
        return z * noisy.standard_error(0, position, q)

    first = _crossing(noisy, distance)
    last = noisy.tree.buckets - _crossing(noisy, _mirrored(noisy, distance))
    position = (first + last) / 2
    lower = _crossing(noisy, lambda place: distance(place) + reach(place))
    upper = noisy.tree.buckets - _crossing(
        noisy, _mirrored(noisy, lambda place: distance(place) - reach(place))
    )
    lower, upper = min(lower, position), max(upper, position)
    error = (upper - lower) / 2 / z
    return Position(position=position, standard_error=error, lower=lower, upper=upper)


def extreme(noisy: NoisyTree, confidence: float, *, largest: bool) -> Position | None:
    """Estimate the smallest or the largest value of the group, as an extreme quantile.

    One row cannot be told from none. The estimate is the first position (the last, for the
    largest) beyond which the count is what noise alone would hardly reach at any of the n edges:
    sqrt(2 ln n) standard errors, about the largest of n normal errors. The values beyond it are at
    most about that many rows. Of a group so small that this would be more than half of it, the
    estimate is the median. The interval is one-sided, since a single row may lie anywhere up
    to the bound: it reaches from the bound to the position at which the count is above 0 beyond
    doubt, at ``confidence`` for all edges together (Bonferroni).

    Args:
        noisy: The group's tree.
        confidence: Of the interval; above 0 and below 1.
        largest: True for the largest value, False for the smallest.

    Returns:
        None where the noisy total is not above 0.
    """
    total, buckets = noisy.total, noisy.tree.buckets
    if total <= 0:
        return None

    least = total * _NOTHING

    def depth(z: float) -> float:
        """How far from the end the count beyond is z standard errors."""

        def excess(place: float) -> float:
            # at the very end nothing is counted and nothing is uncertain: look one bucket further
            first = max(place, 1)
            if largest:
                counted = total - noisy.below(buckets - place)
                error = noisy.standard_error(buckets - first, buckets)
                return counted - max(z * error, least)
            return noisy.below(place) - max(z * noisy.standard_error(0, first), least)

        return _crossing(noisy, excess)

    near = depth(math.sqrt(2 * math.log(max(buckets, 2))))
    half = _crossing(noisy, lambda place: noisy.below(place) - total / 2)
    likely = min(near, buckets - half if largest else half)
    sure = max(likely, depth(-NormalDist().inv_cdf((1 - confidence) / buckets)))
    if largest:
        return Position(
            position=buckets - likely,
            standard_error=None,
            lower=buckets - sure,
            upper=float(buckets),
        )
    return Position(position=likely, standard_error=None, lower=0.0, upper=sure)


def _mirrored(noisy: NoisyTree, function: Callable[[float], float]) -> Callable[[float], float]:
    """Turn a rising function around, so that it rises from the other end."""
    return lambda place: -function(noisy.tree.buckets - place)


def _crossing(noisy: NoisyTree, function: Callable[[float], float]) -> float:
    """Return where a function that rises, by and large, first reaches 0: linear between edges."""
    low, high = 0, noisy.tree.buckets
    at_low, at_high = function(low), function(high)
    if at_low >= 0:
        return float(low)
    if at_high < 0:
        return float(high)
    while high - low > 1:
        middle = (low + high) // 2
        at_middle = function(middle)
        if at_middle >= 0:
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
    return low + at_low / (at_low - at_high)
