"""Noise and price, by OpenDP; the only module that draws randomness.

A plan's exact integer statistics become one OpenDP measurement: for each statistic a user
transformation, whose stability map states the sensitivity that the planner proved, chained with a
discrete Laplace (pure) or discrete Gaussian (zCDP) mechanism; all of them composed. The price is
the map of that object at distance 1, one privacy unit.

Sources: Ghosh, Roughgarden and Sundararajan (2012) for the discrete Laplace, Canonne, Kamath and
Steinke (2020) for the discrete Gaussian and its zCDP guarantee.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import opendp.prelude as dp

from policies.privacy import Measure, PrivacyLoss

__all__ = ["BuiltMeasurement", "Noise", "Sensitivity", "build", "rho_of"]

dp.enable_features("contrib", "honest-but-curious")

ExactVectors = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How far one privacy unit can move one vector of integers over groups.

    Attributes:
        groups: Entries that may move (L0); 1 or more.
        per_group: Most that one entry moves (L-infinity), in integer steps; 1 or more.
    """

    groups: int
    per_group: int

    @property
    def l1(self) -> int:
        """Sum of the moves."""
        return self.groups * self.per_group

    @property
    def l2(self) -> float:
        """Root of the sum of squared moves, rounded up."""
        return math.nextafter(math.sqrt(self.groups) * self.per_group, math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The distribution of the noise on one statistic, in its integer steps.

    Attributes:
        measure: Laplace for pure, Gaussian for zCDP.
        scale: Of the discrete distribution.
    """

    measure: Measure
    scale: float

    @property
    def name(self) -> str:
        """The mechanism in words."""
        return "discrete Laplace" if self.measure is Measure.PURE else "discrete Gaussian"

    @property
    def standard_error(self) -> float:
        """Standard deviation.

        For the discrete Laplace it is the root of 2 p / (1 - p)^2 with p = exp(-1 / scale); the
        discrete Gaussian's is at most its scale (Canonne et al. 2020, Corollary 9).
        """
        if self.measure is Measure.ZCDP:
            return self.scale
        p = math.exp(-1 / self.scale)
        return math.sqrt(2 * p) / -math.expm1(-1 / self.scale)

    @property
    def excess_kurtosis(self) -> float:
        """Of the continuous counterpart: 3 for Laplace, 0 for Gauss."""
        return 3.0 if self.measure is Measure.PURE else 0.0

    def half_width(self, confidence: float) -> float:
        """Return the smallest a such that the noise lies in [-a, a] with that probability.

        For the discrete Laplace the tail beyond a is 2 p^(a+1) / (1 + p) with p = exp(-1 / scale),
        and a is whole, as the noise is; for the discrete Gaussian it is that of the continuous one.
        """
        if self.measure is Measure.PURE:
            tail = math.log1p(-confidence) + math.log1p(math.exp(-1 / self.scale)) - math.log(2)
            return max(math.ceil(-self.scale * tail - 1), 0)
        return NormalDist().inv_cdf((1 + confidence) / 2) * self.scale


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
    measure: Measure, sensitivities: Sequence[Sensitivity], cells: int, loss: PrivacyLoss
) -> BuiltMeasurement:
    """Build the measurement whose price is at most ``loss``, shared evenly by the statistics.

    Args:
        measure: Of the pool.
        sensitivities: One for each statistic.
        cells: Length of each vector.
        loss: What may be charged.
    """
    share = float(loss.parameter) / len(sensitivities)
    widened = 1.0
    while True:
        noises = tuple(_noise(measure, one, share, widened) for one in sensitivities)
        pairs = zip(sensitivities, noises, strict=True)
        children = [_child(i, cells, one, noise) for i, (one, noise) in enumerate(pairs)]
        composed = dp.c.make_composition(children)
        price = PrivacyLoss.of_price(measure, float(_map(composed, 1)))
        if price.amount <= loss.amount:
            return BuiltMeasurement(loss=price, noises=noises, _measurement=composed)
        # the map rounds up in floating point: widen by parts in 10^13 until it fits
        widened *= 1 + 1e-13


def _noise(measure: Measure, one: Sensitivity, share: float, widened: float) -> Noise:
    if measure is Measure.PURE:
        return Noise(measure=measure, scale=one.l1 / share * widened)
    return Noise(measure=measure, scale=one.l2 / math.sqrt(2 * share) * widened)


def _child(index: int, cells: int, one: Sensitivity, noise: Noise) -> Any:  # noqa: ANN401  untyped
    """One statistic's measurement: exact vectors of all statistics in, its noisy vector out."""
    domain = dp.vector_domain(dp.atom_domain(T="i64"), size=cells)
    pure = noise.measure is Measure.PURE
    metric = dp.l1_distance(T="i64") if pure else dp.l2_distance(T="f64")
    distance: float = one.l1 if pure else one.l2
    transformation = dp.t.make_user_transformation(
        dp.user_domain("exact statistics of a database", lambda _: True),
        dp.user_distance("privacy units"),
        domain,
        metric,
        lambda exact: list(exact[index]),
        lambda units: units * distance,
    )
    mechanism = dp.m.make_laplace if pure else dp.m.make_gaussian
    return transformation >> mechanism(domain, metric, noise.scale)


def _map(measurement: Any, distance: float) -> Any:  # noqa: ANN401  OpenDP is not typed
    return measurement.map(distance)


def rho_of(epsilon: Decimal, delta: Decimal) -> Decimal:
    """Return the largest rho whose zCDP guarantee implies (epsilon, delta), by OpenDP's conversion.

    Raises:
        ValueError: If epsilon or delta is not above 0.
    """
    if epsilon <= 0 or delta <= 0:
        raise ValueError("a zcdp budget needs epsilon and delta above 0")
    domain, metric = dp.vector_domain(dp.atom_domain(T="i64"), size=1), dp.l2_distance(T="f64")

    def epsilon_at(scale: float) -> float:
        gaussian = dp.m.make_gaussian(domain, metric, scale)
        profile = _map(dp.c.make_zCDP_to_approxDP(gaussian), 1.0)
        return float(profile.epsilon(float(delta)))

    low, high = 1e-3, 1e6
    for _ in range(70):  # halves the logarithm of the range down to parts in 1e15
        middle = math.sqrt(low * high)
        low, high = (low, middle) if epsilon_at(middle) <= float(epsilon) else (middle, high)
    return Decimal(1 / (2 * high * high))
