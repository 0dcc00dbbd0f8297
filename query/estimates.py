"""Arithmetic on noisy numbers that carries the error along.

A released number is a function of noisy statistics; its error is that of a linear combination of
their noises, with the derivatives at the noisy values as coefficients (the delta method). Shared
statistics, such as the count under two means, are therefore counted once. Numbers whose interval
is not as wide to both sides carry its ends along as well (``query.intervals``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

from query.answers import Estimate
from query.intervals import (
    Ends,
    Interval,
    Parts,
    half_width,
    image,
    quotient_ends,
    standard_error,
)
from query.mechanisms import Noise

__all__ = ["Uncertain", "estimate_of"]


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A noisy number.

    Attributes:
        value: The number, or None for NULL.
        parts: Derivative with respect to each noisy integer that it depends on.
        ends: Its interval, where that is not what ``parts`` say to both sides of the value.
        own: Of a number that nothing was done with since: what is said of it where neither follows
            from the parts, such as the error of the extreme value of noisy numbers.
    """

    value: float | None
    parts: Parts = field(default_factory=dict)
    ends: Ends | None = None
    own: Estimate | None = None

    @property
    def is_exact(self) -> bool:
        """Whether no noise is in it."""
        return not self.parts and self.ends is None

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
        divided = _combined(self, other, lambda a, b: a / b, lambda a, b: (1 / b, -a / b / b))
        if other.is_exact or self.value is None:
            return divided
        ends = quotient_ends((self.value, self.parts), (other.value, other.parts))
        return replace(divided, ends=ends)

    def through(
        self,
        value: Callable[[float], float],
        slope: Callable[[float], float],
        turns: Sequence[float] = (),
    ) -> Uncertain:
        """Apply a function; NULL where it has no finite value.

        Args:
            value: The function; it rises or falls everywhere but where it turns.
            slope: Its derivative, for what is computed from it; a step's is 1.
            turns: Where it turns from rising to falling or back, or has no value.
        """
        if self.value is None or math.isnan(self.value):
            return Uncertain(None)
        try:
            result, factor = value(self.value), slope(self.value) if self.parts else 0.0
        except (ValueError, OverflowError, ZeroDivisionError):
            return Uncertain(None)
        parts = {index: part * factor for index, part in self.parts.items() if part}
        return Uncertain(result, parts, self._image(value, turns))

    def root(self) -> Uncertain:
        """Take the square root; below 0, where noise has led, it is 0, with an unknown slope."""
        return self.through(
            lambda value: math.sqrt(max(value, 0.0)),
            lambda value: 0.5 / math.sqrt(value) if value > 0 else math.inf,
        )

    def held(self, lower: float, upper: float) -> Uncertain:
        """Move to the nearer bound, and an interval of its own as far, but to no further than it.

        The error stays what it was. What lies between the bounds and in the interval before is in
        the interval after, since that moves towards the bounds.
        """
        if self.value is None:
            return self
        value = min(max(self.value, lower), upper)
        moved = value - self.value
        before = self.ends
        if before is None:
            return Uncertain(value, self.parts)

        def ends(noises: Sequence[Noise], confidence: float) -> Interval:
            low, high = before(noises, confidence)
            return max(low + moved, lower), min(high + moved, upper)

        return Uncertain(value, self.parts, ends)

    def _image(
        self, function: Callable[[float], float], turns: Sequence[float] = ()
    ) -> Ends | None:
        """The ends of a function of this number; None where it is exact."""
        if self.is_exact:
            return None
        return lambda noises, confidence: image(
            function, _interval(self, noises, confidence), turns
        )


def _combined(
    a: Uncertain,
    b: Uncertain,
    value: Callable[[float, float], float],
    slopes: Callable[[float, float], tuple[float, float]],
) -> Uncertain:
    if a.value is None or b.value is None:
        return Uncertain(None)
    one, other = a.value, b.value
    da, db = slopes(one, other)
    parts = {index: da * slope for index, slope in a.parts.items()}
    for index, slope in b.parts.items():
        parts[index] = parts.get(index, 0.0) + db * slope
    ends = None
    if a.ends and b.is_exact:
        ends = a._image(lambda end: value(end, other))  # noqa: SLF001  of its own class
    elif b.ends and a.is_exact:
        ends = b._image(lambda end: value(one, end))  # noqa: SLF001  of its own class
    return Uncertain(value(one, other), parts, ends)


_UNKNOWN = Estimate(value=None, standard_error=None, lower=None, upper=None)


def estimate_of(number: Uncertain, noises: Sequence[Noise], confidence: float) -> Estimate:
    """Return a number with its standard error and interval.

    The standard error is that of first order, or what the ends of the interval say if that is
    less: a root near 0 is steep. Where the number or its error is beyond what a double can say,
    nothing is released; where the interval has no end to a side, that end is None.
    """
    if number.own is not None:
        return number.own
    if number.value is None or not math.isfinite(number.value):
        return _UNKNOWN
    error = standard_error(number.parts, noises)
    low, high = _interval(number, noises, confidence)
    if number.ends is not None and math.isfinite(high - low):  # a root of 0 has no slope
        error = min(error, (high - low) / 2 / NormalDist().inv_cdf((1 + confidence) / 2))
    if not math.isfinite(error) or math.isnan(low) or math.isnan(high):
        return _UNKNOWN
    return Estimate(
        value=number.value,
        standard_error=error,
        lower=low if math.isfinite(low) else None,
        upper=high if math.isfinite(high) else None,
    )


def _interval(number: Uncertain, noises: Sequence[Noise], confidence: float) -> Interval:
    if number.ends is not None:
        return number.ends(noises, confidence)
    value = number.value or 0.0
    half = half_width(number.parts, noises, confidence)
    return value - half, value + half
