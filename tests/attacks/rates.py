"""What a number of successes says of their rate."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["rate_above", "rate_below"]


def rate_above(successes: int, trials: int, miss: float) -> float:
    """Return what the rate is above, but with probability ``miss``; Clopper and Pearson (1934)."""
    if successes == 0:
        return 0.0
    return _bisected(lambda rate: 1 - _at_most(successes - 1, trials, rate) < miss)


def rate_below(successes: int, trials: int, miss: float) -> float:
    """Return what the rate is below, but with probability ``miss``; Clopper and Pearson (1934)."""
    return 1 - rate_above(trials - successes, trials, miss)


def _bisected(is_too_low: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if is_too_low(middle) else (low, middle)
    return low


def _at_most(successes: int, trials: int, rate: float) -> float:
    """Probability of so many successes or fewer."""
    if not 0 < rate < 1:
        return 1.0 if rate <= 0 or successes >= trials else 0.0
    return math.fsum(
        math.exp(
            math.lgamma(trials + 1)
            - math.lgamma(k + 1)
            - math.lgamma(trials - k + 1)
            + k * math.log(rate)
            + (trials - k) * math.log1p(-rate)
        )
        for k in range(successes + 1)
    )
