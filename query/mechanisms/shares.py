"""How one loss is divided among the statistics of a query."""

from __future__ import annotations

import math
from collections.abc import Sequence

from policies.privacy import Measure

__all__ = ["shares"]


def shares(measure: Measure, weights: Sequence[float]) -> tuple[float, ...]:
    """Return the fractions of a loss that make the weighted sum of squared errors smallest.

    Let a_i be the fraction of statistic i and e_i its error if it had the whole loss to itself.
    Scales of noise fall as 1 / a_i under pure differential privacy and as 1 / sqrt(a_i) under
    zCDP, so that the error is e_i / a_i or e_i / sqrt(a_i). With v_i the importance of a squared
    error and w_i = v_i * e_i^2, the sum of w_i / a_i^2 (pure) or of w_i / a_i (zCDP) is to be
    minimal while the a_i add up to 1. At the minimum the derivatives agree (Lagrange):

    - pure: 2 w_i / a_i^3 is the same for all i, hence a_i is proportional to w_i^(1/3);
    - zCDP: w_i / a_i^2 is the same for all i, hence a_i is proportional to w_i^(1/2).

    The sums are convex in the a_i, so this is the minimum and no other is.

    Args:
        measure: Of the pool.
        weights: The w_i, one for each statistic; finite and above 0. Only ratios matter.

    Returns:
        Fractions above 0, one for each weight, which add up to 1 but for rounding.

    Raises:
        ValueError: If there is no weight, or one is not a finite number above 0.
    """
    if not weights or not all(math.isfinite(one) and one > 0 for one in weights):
        raise ValueError("weights are not all finite numbers above 0; give one for each statistic")
    power = 1 / 3 if measure is Measure.PURE else 1 / 2
    largest = max(weights)
    # divided by the largest, and no ratio is below what a double can hold
    parts = [max(one / largest, 1e-30) ** power for one in weights]
    total = math.fsum(parts)
    return tuple(part / total for part in parts)
