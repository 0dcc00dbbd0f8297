"""Arithmetic on noisy numbers that carries the error along to first order.

A released number is a function of noisy statistics; its error is that of a linear combination of
their noises, with the derivatives at the noisy values as coefficients (the delta method). Shared
statistics, such as the count under two means, are therefore counted once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TypeAlias

from policies.privacy import Measure
from query.answers import Estimate
from query.mechanisms import Noise

__all__ = ["Uncertain", "estimate_of", "expanded_half_width"]


Entry: TypeAlias = tuple[int, int]
_STANDARD = Noise(measure=Measure.ZCDP, scale=1.0)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A noisy number.

    Attributes:
        value: The number, or None for NULL.
        parts: Derivative with respect to each noisy integer that it depends on: by the place of
            its statistic and its place in the vector. A place below 0 stands for a standard
            normal error of its own.
        square: Of a root that nothing was done with since: what it was taken of, the ends of
            whose interval have the ends of its own as their roots.
        own: Of a number that nothing was done with since: what is said of it where that does not
            follow from the parts, such as the interval of a quantile.
    """

    value: float | None
    parts: Mapping[Entry, float] = field(default_factory=dict)
    square: Uncertain | None = None
    own: Estimate | None = None

    def __add__(self, other: Uncertain) -> Uncertain:
        return _combined(self, other, lambda a, b: a + b, lambda _a, _b: (1.0, 1.0))

    def __sub__(self, other: Uncertain) -> Uncertain:
        return _combined(self, other, lambda a, b: a - b, lambda _a, _b: (1.0, -1.0))

    def __mul__(self, other: Uncertain) -> Uncertain:
        return _combined(self, other, lambda a, b: a * b, lambda a, b: (b, a))

    def __truediv__(self, other: Uncertain) -> Uncertain:
        """Divide; NULL where the divisor is 0."""
        if not other.value:
            return Uncertain(None)
        return _combined(self, other, lambda a, b: a / b, lambda a, b: (1 / b, -a / b / b))

    def through(
        self, value: Callable[[float], float], slope: Callable[[float], float]
    ) -> Uncertain:
        """Apply a smooth function; NULL where it has no finite value.

        Args:
            value: The function.
            slope: Its derivative.
        """
        if self.value is None or math.isnan(self.value):
            return Uncertain(None)
        try:
            result, factor = value(self.value), slope(self.value) if self.parts else 0.0
        except (ValueError, OverflowError, ZeroDivisionError):
            return Uncertain(None)
        return Uncertain(result, {index: part * factor for index, part in self.parts.items()})

    def root(self) -> Uncertain:
        """Take the square root; below 0, where noise has led, it is 0, with an unknown slope."""
        if self.value is None:
            return self
        value = math.sqrt(max(self.value, 0.0))
        slope = 0.5 / value if value else math.inf
        parts = {index: part * slope for index, part in self.parts.items() if part}
        return Uncertain(value, parts, self)

    def held(self, lower: float, upper: float) -> Uncertain:
        """Move to the nearer bound; the error stays what it was."""
        if self.value is None:
            return self
        return Uncertain(min(max(self.value, lower), upper), self.parts)


def _combined(
    a: Uncertain,
    b: Uncertain,
    value: Callable[[float, float], float],
    slopes: Callable[[float, float], tuple[float, float]],
) -> Uncertain:
    if a.value is None or b.value is None:
        return Uncertain(None)
    da, db = slopes(a.value, b.value)
    parts = {index: da * slope for index, slope in a.parts.items()}
    for index, slope in b.parts.items():
        parts[index] = parts.get(index, 0.0) + db * slope
    return Uncertain(value(a.value, b.value), parts)


_UNKNOWN = Estimate(value=None, standard_error=None, lower=None, upper=None)


def estimate_of(number: Uncertain, noises: Sequence[Noise], confidence: float) -> Estimate:
    """Return a number with its standard error and interval.

    The interval of a single statistic is that of its own noise. Of a combination, it is the
    normal quantile with the Cornish-Fisher term for the kurtosis of the sum, which for one
    Laplace term is within 3 % of its own quantile at 95 %. Where the number or its error is
    beyond what a double can say, nothing is released.
    """
    if number.own is not None:
        return number.own
    if number.square is not None:
        return _root_of(estimate_of(number.square, noises, confidence), confidence)
    if number.value is None or not math.isfinite(number.value):
        return _UNKNOWN
    moved = [
        (noises[statistic] if statistic >= 0 else _STANDARD, slope)
        for (statistic, _), slope in number.parts.items()
        if slope
    ]
    errors = [noise.standard_error * slope for noise, slope in moved]
    variances = [error * error for error in errors]  # ``**`` raises where ``*`` gives infinity
    variance = math.fsum(variances)
    if not math.isfinite(variance):
        return _UNKNOWN
    if variance == 0:
        return Estimate(
            value=number.value, standard_error=0.0, lower=number.value, upper=number.value
        )
    error = math.sqrt(variance)
    if len(moved) == 1:
        half = moved[0][0].half_width(confidence) * abs(moved[0][1])
    else:
        kurtosis = math.fsum(
            noise.excess_kurtosis * (part / variance) ** 2
            for (noise, _), part in zip(moved, variances, strict=True)
        )
        half = expanded_half_width(error, kurtosis, confidence)
    return Estimate(
        value=number.value,
        standard_error=error,
        lower=number.value - half,
        upper=number.value + half,
    )


def _root_of(square: Estimate, confidence: float) -> Estimate:
    """Return the root of a noisy square: a rising function keeps what an interval holds."""
    if square.value is None or square.lower is None or square.upper is None:
        return _UNKNOWN
    value, lower, upper = (
        math.sqrt(max(one, 0.0)) for one in (square.value, square.lower, square.upper)
    )
    error = (upper - lower) / 2 / NormalDist().inv_cdf((1 + confidence) / 2)
    return Estimate(value=value, standard_error=error, lower=lower, upper=upper)


def expanded_half_width(error: float, excess_kurtosis: float, confidence: float) -> float:
    """Return the half-width of the interval of a symmetric sum of noises.

    The normal quantile z with the term for the kurtosis: z + (z^3 - 3 z) / 24 times the excess.

    Source: Cornish and Fisher (1938), the expansion's term in the fourth cumulant.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return error * (z + (z**3 - 3 * z) / 24 * excess_kurtosis)
