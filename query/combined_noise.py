"""The noise of means and sums of independent draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from policies.privacy import Measure
from query.intervals import expanded_half_width
from query.mechanisms import Noise

__all__ = ["CombinedNoise", "combine_noises", "sum_noise", "weight_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedNoise(Noise):
    """The noise of a mean of independent draws, weighted by inverse variance, or of their sum.

    Attributes:
        scale: Of one draw of the same mechanism with the same standard deviation.
        draws: How many draws are in it; 2 or more.
        error: Standard deviation, in the statistic's steps.
        kurtosis: Excess kurtosis of the mean: the sum of those of the draws, each times the square
            of the draw's weight (fourth cumulants of independent terms add up).
    """

    draws: int
    error: float
    kurtosis: float

    @property
    def name(self) -> str:
        """The mechanism in words."""
        kind = Noise(measure=self.measure, scale=self.scale).name
        return f"{kind}, {self.draws} draws combined"

    @property
    def standard_error(self) -> float:
        """Standard deviation."""
        return self.error

    @property
    def excess_kurtosis(self) -> float:
        """Of the mean."""
        return self.kurtosis

    def half_width(self, confidence: float) -> float:
        """Return a such that the noise lies in [-a, a] with about that probability."""
        return expanded_half_width(self.error, self.kurtosis, confidence)


def combine_noises(kept: Sequence[Noise], drawn: Sequence[Noise]) -> tuple[Noise, ...]:
    """Return the noise of each statistic once a further draw is added; known before the draw."""
    return tuple(_combined(old, new) for old, new in zip(kept, drawn, strict=True))


def sum_noise(noise: Noise, terms: int) -> Noise:
    """Return the noise of a sum of independent values with the same noise: variances add up.

    So do fourth cumulants, hence the excess kurtosis falls with the number of terms.
    """
    if terms == 1:
        return noise
    error = noise.standard_error * math.sqrt(terms)
    return CombinedNoise(
        measure=noise.measure,
        scale=error if noise.measure is Measure.ZCDP else error / math.sqrt(2),
        draws=terms * (noise.draws if isinstance(noise, CombinedNoise) else 1),
        error=error,
        kurtosis=noise.excess_kurtosis / max(terms, 1),
    )


def weight_of(old: Noise, new: Noise) -> float:
    """Weight of the new draw: its part of the sum of inverse variances; from 0 to 1."""
    both = math.hypot(old.standard_error, new.standard_error)
    return 0.5 if both == 0 else (old.standard_error / both) ** 2


def _combined(old: Noise, new: Noise) -> Noise:
    weight = weight_of(old, new)
    both = math.hypot(old.standard_error, new.standard_error)
    error = old.standard_error * (new.standard_error / both) if both else 0.0
    return CombinedNoise(
        measure=new.measure,
        scale=error if new.measure is Measure.ZCDP else error / math.sqrt(2),
        draws=1 + (old.draws if isinstance(old, CombinedNoise) else 1),
        error=error,
        kurtosis=old.excess_kurtosis * (1 - weight) ** 2 + new.excess_kurtosis * weight**2,
    )
