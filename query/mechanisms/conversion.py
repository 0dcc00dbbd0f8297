"""Between the measures of privacy, by OpenDP's conversion."""

from __future__ import annotations

import math
from decimal import Decimal

import opendp.prelude as dp

from policies.privacy import Measure
from query.mechanisms.measurements import map_at, metric_of, vector_domain

__all__ = ["rho_of"]


def rho_of(epsilon: Decimal, delta: Decimal) -> Decimal:
    """Return the largest rho whose zCDP guarantee implies (epsilon, delta), by OpenDP's conversion.

    Raises:
        ValueError: If epsilon or delta is not above 0.
    """
    if epsilon <= 0 or delta <= 0:
        raise ValueError("a zcdp budget needs epsilon and delta above 0")
    domain, metric = vector_domain(1), metric_of(Measure.ZCDP)

    def epsilon_at(scale: float) -> float:
        gaussian = dp.m.make_gaussian(domain, metric, scale)
        profile = map_at(dp.c.make_zCDP_to_approxDP(gaussian), 1.0)
        return float(profile.epsilon(float(delta)))

    low, high = 1e-3, 1e6
    for _ in range(70):  # halves the logarithm of the range down to parts in 1e15
        middle = math.sqrt(low * high)
        low, high = (low, middle) if epsilon_at(middle) <= float(epsilon) else (middle, high)
    return Decimal(1 / (2 * high * high))
