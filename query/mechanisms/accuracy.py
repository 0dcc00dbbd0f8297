"""The price of a wanted accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms.measurements import WIDEN
from query.mechanisms.noise import Noise, Sensitivity
from query.mechanisms.vectors import build, noises_of

__all__ = ["Accuracy", "loss_within"]

MOST = 10**6
"""The largest epsilon or rho that is searched; no policy can allow more for one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How near one statistic should be to its exact value.

    Attributes:
        statistic: Its index.
        half_width: Most that the interval reaches to either side, in integer steps; 0 or more.
        confidence: Of the interval; above 0 and below 1.

    Raises:
        ValueError: If a number is outside its range.
    """

    statistic: int
    half_width: float
    confidence: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.half_width) and self.half_width >= 0):
            raise ValueError("the half-width is not a finite number of 0 or more; give one")
        if not 0 < self.confidence < 1:
            raise ValueError("the confidence is not between 0 and 1; give 0.95, for instance")

    def met_by(self, noises: Sequence[Noise]) -> bool:
        """Return whether the statistic's noise stays within the half-width."""
        return noises[self.statistic].half_width(self.confidence) <= self.half_width


def loss_within(
    measure: Measure,
    sensitivities: Sequence[Sensitivity],
    accuracy: Accuracy,
    weights: Sequence[float] | None = None,
) -> PrivacyLoss:
    """Return the smallest loss at which ``build`` gives one statistic the wanted accuracy.

    Half-widths fall as the loss grows, so the loss is found by halving, over the same noises that
    ``build`` starts from, and is then checked against what ``build`` really makes.

    Args:
        measure: Of the pool.
        sensitivities: One for each statistic.
        accuracy: What is wanted of one of them.
        weights: As for ``build``.

    Returns:
        A loss in whole units: one unit less does not do.

    Raises:
        ValueError: If no loss up to ``MOST`` suffices, or the weights do not match.
    """
    weighed = tuple(weights) if weights is not None else (1.0,) * len(sensitivities)

    def met(amount: int) -> bool:
        parameter = amount / measure.units / WIDEN
        return accuracy.met_by(noises_of(measure, sensitivities, parameter, weighed))

    too_little, enough = 0, MOST * measure.units
    if not met(enough):
        raise ValueError(
            f"no {measure.symbol} up to {MOST} is accurate enough; ask for a wider interval"
        )
    while enough - too_little > 1:
        middle = (too_little + enough) // 2
        too_little, enough = (too_little, middle) if met(middle) else (middle, enough)
    loss = PrivacyLoss(measure=measure, amount=enough)
    while not accuracy.met_by(build(measure, sensitivities, 1, loss, weighed).noises):
        loss = PrivacyLoss(measure=measure, amount=loss.amount + 1)
    return loss
