"""Intervals of released numbers: how far noise may have moved what they were computed from.

A sum of noises reaches as far to both sides. A quotient, a root or a rounded number does not: its
interval is made of that of what it was computed from, as a pair of ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import TypeAlias

from policies.privacy import Measure
from query.mechanisms import Noise

__all__ = [
    "NOWHERE",
    "Ends",
    "Entry",
    "Interval",
    "Parts",
    "expanded_half_width",
    "half_width",
    "image",
    "quotient_ends",
    "standard_error",
]

Entry: TypeAlias = tuple[int, int]
Parts: TypeAlias = Mapping[Entry, float]
"""Derivative with respect to each noisy integer: by the place of its statistic, and its place in
the vector. A place below 0 stands for a standard normal error of its own."""
Interval: TypeAlias = tuple[float, float]
"""Lower and upper end; infinite where there is none."""
Ends: TypeAlias = Callable[[Sequence[Noise], float], Interval]
"""From the noise of each statistic and a confidence to an interval."""

NOWHERE: Interval = (-math.inf, math.inf)
_STANDARD = Noise(measure=Measure.ZCDP, scale=1.0)
_ROUNDS = 32
"""How often the ends of a quotient are solved for at most; noise of one shape needs one."""
_NEAR = 1e-3
"""Part of a standard error that is as good as none."""


def standard_error(parts: Parts, noises: Sequence[Noise]) -> float:
    """Return the standard deviation of a linear combination of noises; may be infinite or nan."""
    pairs = [(_of(noises, place).standard_error, slope) for (place, _), slope in parts.items()]
    # 0 times infinity is not a number, but no noise is no error
    errors = [error * slope for error, slope in pairs if error and slope]
    return math.sqrt(sum(error * error for error in errors))


def half_width(parts: Parts, noises: Sequence[Noise], confidence: float) -> float:
    """Return how far a linear combination of noises reaches to either side.

    Of a single noise it is that of its own distribution. Of a combination, it is the normal
    quantile with the Cornish-Fisher term for the kurtosis of the sum, which for one Laplace term
    is within 3 % of its own quantile at 95 %.
    """
    moved = [(_of(noises, place), slope) for (place, _), slope in parts.items() if slope]
    if len(moved) == 1:
        return moved[0][0].half_width(confidence) * abs(moved[0][1])
    error = standard_error(parts, noises)
    if not error:
        return 0.0
    kurtosis = math.fsum(
        noise.excess_kurtosis * (noise.standard_error * slope / error) ** 4
        for noise, slope in moved
    )
    return expanded_half_width(error, kurtosis, confidence)


def expanded_half_width(error: float, excess_kurtosis: float, confidence: float) -> float:
    """Return the half-width of the interval of a symmetric sum of noises.

    The normal quantile z with the term for the kurtosis: z + (z^3 - 3 z) / 24 times the excess.

    Source: Cornish and Fisher (1938), the expansion's term in the fourth cumulant.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return error * (z + (z**3 - 3 * z) / 24 * excess_kurtosis)


def quotient_ends(above: tuple[float, Parts], below: tuple[float, Parts]) -> Ends:
    """Return the ends between which a quotient lies: all t for which above - t * below may be 0.

    The delta method is wrong where the divisor is not many times its own error; this holds for any
    divisor. Where the divisor itself may be 0, the quotient may be anything.

    What is solved for is the distance from the quotient: of large counts, squares of the numbers
    themselves have not enough digits.

    Args:
        above: Value and parts of the dividend.
        below: Those of the divisor; not 0.

    Source: Fieller (1954), "Some problems in interval estimation".
    """
    (a, a_parts), (b, b_parts) = above, below
    quotient = a / b

    def ends(noises: Sequence[Noise], confidence: float) -> Interval:
        at_quotient = _plus(a_parts, b_parts, -quotient)
        variance = standard_error(at_quotient, noises) ** 2
        divisor = standard_error(b_parts, noises) ** 2
        shared = _covariance(at_quotient, b_parts, noises)

        def errors(by: float) -> float:
            """How many standard errors the interval has there: heavy tails may prevail or not."""
            difference = _plus(at_quotient, b_parts, -by)
            error = standard_error(difference, noises)
            return half_width(difference, noises, confidence) / error if error else 0.0

        def solved(k: float, side: int) -> float:
            """Return where b^2 x^2 = k^2 var(above - (quotient + x) below)."""
            square, half = b * b - k * k * divisor, k * k * shared
            if not square > 0:
                return side * math.inf
            return (side * math.sqrt(half * half + square * k * k * variance) - half) / square

        found, first = [], errors(0.0)
        for side in (-1, 1):
            k, by, before, rounds = first, solved(first, side), 0.0, 0
            while rounds < _ROUNDS and abs(k - before) > _NEAR * k and math.isfinite(by):
                before, k = k, errors(by)
                by, rounds = solved(k, side), rounds + 1
            if not math.isfinite(by):
                return NOWHERE
            found.append(quotient + by)
        return found[0], found[1]

    return ends


def image(
    function: Callable[[float], float], interval: Interval, turns: Sequence[float] = ()
) -> Interval:
    """Return where a function leads from an interval.

    Args:
        function: Rises or falls everywhere but where it turns.
        interval: Where its argument lies.
        turns: Where it turns from rising to falling or back, or has no value.

    Returns:
        All numbers where the function has no value in some place that is looked at.
    """
    low, high = interval
    try:
        values = [function(low), function(high), *(function(t) for t in turns if low < t < high)]
    except (ValueError, OverflowError, ZeroDivisionError):
        return NOWHERE
    return NOWHERE if any(map(math.isnan, values)) else (min(values), max(values))


def _of(noises: Sequence[Noise], place: int) -> Noise:
    return noises[place] if place >= 0 else _STANDARD


def _covariance(one: Parts, other: Parts, noises: Sequence[Noise]) -> float:
    return sum(
        slope * other[entry] * _of(noises, entry[0]).standard_error ** 2
        for entry, slope in one.items()
        if entry in other
    )


def _plus(one: Parts, other: Parts, times: float) -> dict[Entry, float]:
    parts = dict(one)
    for entry, slope in other.items():
        parts[entry] = parts.get(entry, 0.0) + slope * times
    return parts
