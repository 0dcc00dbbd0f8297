"""Vectors of known length, measured together.

For each statistic a user transformation, whose stability map states the sensitivity that the
planner proved, is chained with a discrete Laplace (pure) or discrete Gaussian (zCDP) mechanism;
all of them are composed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import opendp.prelude as dp

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms.measurements import fitting, measured_vector, price_of, thread_kept
from query.mechanisms.noise import Noise, Sensitivity
from query.mechanisms.shares import shares

__all__ = ["BuiltMeasurement", "ExactVectors", "build", "noises_of"]

ExactVectors: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltMeasurement:
    """An OpenDP measurement over exact statistics.

    Attributes:
        loss: Its price: the privacy map at distance 1, in integer units rounded up.
        noises: One for each statistic.
    """

    loss: PrivacyLoss
    noises: tuple[Noise, ...]
    _measurement: Any

    def release(self, exact: ExactVectors) -> ExactVectors:
        """Draw the noise, once; one noisy vector for each statistic, of the same lengths."""
        return tuple(tuple(vector) for vector in self._measurement(exact))


def build(
    measure: Measure,
    sensitivities: Sequence[Sensitivity],
    lengths: int | Sequence[int],
    loss: PrivacyLoss,
    weights: Sequence[float] | None = None,
) -> BuiltMeasurement:
    """Build the measurement whose price is at most ``loss``.

    What was built is kept: asking again for the same costs next to nothing.

    Args:
        measure: Of the pool.
        sensitivities: One for each statistic.
        lengths: Of the statistics' vectors, or one number where all are of one length.
        loss: What may be charged.
        weights: Say how the statistics share the loss, see ``shares``; None for evenly.

    Raises:
        ValueError: If there is not one length and one weight for each statistic.
    """
    count = len(sensitivities)
    each = (lengths,) * count if isinstance(lengths, int) else tuple(lengths)
    weighed = (1.0,) * count if weights is None else tuple(weights)
    if not len(each) == len(weighed) == count:
        raise ValueError("lengths or weights do not match; give one for each statistic")
    built: BuiltMeasurement = _built(measure, tuple(sensitivities), each, loss, weighed)
    return built


def noises_of(
    measure: Measure,
    sensitivities: Sequence[Sensitivity],
    parameter: float,
    weights: Sequence[float],
) -> tuple[Noise, ...]:
    """Return the noise of each statistic where all of them cost epsilon or rho ``parameter``."""
    pairs = zip(sensitivities, shares(measure, weights), strict=True)
    return tuple(Noise.worth(measure, one, parameter * share) for one, share in pairs)


@thread_kept
def _built(
    measure: Measure,
    sensitivities: tuple[Sensitivity, ...],
    lengths: tuple[int, ...],
    loss: PrivacyLoss,
    weights: tuple[float, ...],
) -> BuiltMeasurement:
    def made(parameter: float) -> BuiltMeasurement:
        noises = noises_of(measure, sensitivities, parameter, weights)
        each = zip(lengths, sensitivities, noises, strict=True)
        composed = dp.c.make_composition(
            [measured_vector(_entry(place), *statistic) for place, statistic in enumerate(each)]
        )
        price = price_of(measure, composed)
        return BuiltMeasurement(loss=price, noises=noises, _measurement=composed)

    return fitting(loss, made)


def _entry(place: int) -> Callable[[ExactVectors], list[int]]:
    return lambda exact: list(exact[place])
