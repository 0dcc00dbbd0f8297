"""What one privacy unit can move, and the noise that hides it: numbers only, nothing is drawn.

Sources: Ghosh, Roughgarden and Sundararajan (2012) for the discrete Laplace, Canonne, Kamath and
Steinke (2020) for the discrete Gaussian and its zCDP guarantee.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from policies.privacy import Measure

__all__ = ["Noise", "Sensitivity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How far one privacy unit can move one vector of integers.

    The vector falls into blocks. A plain statistic has one entry in each block, a group's; of a
    tree of counts, one level of one group is a block (see ``query.trees``). Inside a block the
    moves may be spread over several entries, as long as their absolute values add up to
    ``per_group``: both norms below hold for that too, since no vector has a larger L2 than L1.

    Attributes:
        groups: Blocks that may move, entries where a block is one entry (L0); 1 or more.
        per_group: Most that one block moves (L-infinity of the blocks' L1), in integer steps; 1
            or more.
        total: Most that all blocks together move (L1), 1 or more; None where nothing smaller
            than the product of the two is known.
    """

    groups: int
    per_group: int
    total: int | None = None

    @property
    def l1(self) -> int:
        """Sum of the moves."""
        most = self.groups * self.per_group
        return most if self.total is None else min(most, self.total)

    @property
    def l2(self) -> float:
        """Root of the sum of squared moves, rounded up.

        The sum of squares is convex, so it is largest where as many blocks as possible move as far
        as they can, and one more by what is left.
        """
        full, rest = divmod(self.l1, self.per_group)
        squares = full * self.per_group**2 + rest**2
        return math.nextafter(math.sqrt(squares), math.inf)


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

    @classmethod
    def worth(cls, measure: Measure, sensitivity: Sensitivity, parameter: float) -> Noise:
        """Return the noise that costs ``parameter``, before the rounding of OpenDP's map.

        Args:
            measure: Of the pool.
            sensitivity: Of the statistic.
            parameter: epsilon (pure) or rho (zCDP); above 0.
        """
        if measure is Measure.PURE:
            return cls(measure=measure, scale=sensitivity.l1 / parameter)
        return cls(measure=measure, scale=sensitivity.l2 / math.sqrt(2 * parameter))
