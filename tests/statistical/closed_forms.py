"""Probabilities that the tests compare with."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

__all__ = ["chi_square_limit", "discrete_gaussian", "discrete_laplace"]


def discrete_laplace(scale: float) -> Callable[[int], float]:
    """Ghosh, Roughgarden and Sundararajan (2012), Definition 2.2."""
    p = math.exp(-1 / scale)
    return lambda k: (1 - p) / (1 + p) * p ** abs(k)


def discrete_gaussian(scale: float) -> Callable[[int], float]:
    """Canonne, Kamath and Steinke (2020), Definition 1."""
    reach = math.ceil(20 * scale) + 1
    total = math.fsum(math.exp(-k * k / (2 * scale * scale)) for k in range(-reach, reach + 1))
    return lambda k: math.exp(-k * k / (2 * scale * scale)) / total


def chi_square_limit(freedom: int, false_alarm: float) -> float:
    """Return what is exceeded with that probability; Wilson and Hilferty (1931)."""
    z = NormalDist().inv_cdf(1 - false_alarm)
    spread = 2 / (9 * freedom)
    return freedom * float((1 - spread + z * math.sqrt(spread)) ** 3)
