"""Exact limits of a share that was counted, in whole numbers throughout."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

__all__ = ["upper_limit"]

_BITS: Final = 17
"""Limits are rounded up to a multiple of 2**-17, which is below 1e-5."""


def upper_limit(hits: int, trials: int, *, confidence: Fraction = Fraction(95, 100)) -> Fraction:
    """Return the smallest share above which so few hits would be too unlikely; one-sided.

    Args:
        hits: Times that it happened; 0 to ``trials``.
        trials: Times that it could.
        confidence: Above 0, below 1.

    Returns:
        The limit, rounded up; 1 where there were no trials.

    Source: Clopper and Pearson (1934), Biometrika 26(4).
    """
    if hits >= trials:
        return Fraction(1)
    low, high = 0, 1 << _BITS
    while high - low > 1:
        middle = (low + high) // 2
        if _at_most(hits, trials, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return Fraction(high, 1 << _BITS)


def _at_most(hits: int, trials: int, share: int) -> Fraction:
    """Return the chance of at most so many hits where each comes with chance share / 2**17."""
    whole = 1 << _BITS
    other = whole - share
    # Each term follows from the one before without a remainder: it is C(n, i) p^i (d - p)^(n - i).
    term = total = other**trials
    for place in range(hits):
        term = term * (trials - place) * share // ((place + 1) * other)
        total += term
    return Fraction(total, whole**trials)
