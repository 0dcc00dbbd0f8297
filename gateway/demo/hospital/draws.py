"""The made-up chance of the made-up hospital: the same draws for the same key, everywhere.

Only two methods of the standard generator are used, ``random`` and ``getrandbits``, whose sequence
is fixed by the Mersenne Twister and does not change between Python versions. Nothing here is noise
in the sense of differential privacy; that comes from the query engine alone.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

__all__ = ["Draws", "Weighted"]

T = TypeVar("T")

_UNIFORMS = 4
"""Uniform draws that are summed for one bell-shaped draw."""


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Values with their weights, prepared for quick drawing.

    Attributes:
        values: What may be drawn; not empty.
        rising: Running sums of the weights, in the same order; the last is above 0.
    """

    values: tuple[T, ...]
    rising: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[T, float]) -> Weighted[T]:
        """Prepare a mapping from value to weight; weights are 0 or more, not all 0."""
        return cls(tuple(weights), tuple(accumulate(weights.values())))


class Draws:
    """A reproducible stream of draws.

    Two streams with different keys are independent, so a patient's course of life does not
    depend on how many patients there are.
    """

    __slots__ = ("_random", "fraction")

    def __init__(self, *key: str | int) -> None:
        self._random = Random("|".join(map(str, key)))  # noqa: S311  made-up people, not secrets
        self.fraction = self._random.random
        """Draw a number, uniform in [0, 1)."""

    def chance(self, probability: float) -> bool:
        """Say yes with that probability, in [0, 1]."""
        return self.fraction() < probability

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number, uniform in [low, high]."""
        return low + int(self.fraction() * (high - low + 1))

    def between(self, low: float, high: float) -> float:
        """Draw a number, uniform in [low, high)."""
        return low + self.fraction() * (high - low)

    def pick(self, values: Sequence[T]) -> T:
        """Draw one of the values, all alike; there is at least one."""
        return values[int(self.fraction() * len(values))]

    def weigh(self, table: Weighted[T]) -> T:
        """Draw one of the weighted values."""
        rising = table.rising
        return table.values[bisect_right(rising, self.fraction() * rising[-1])]

    def normal(self, mean: float, deviation: float) -> float:
        """Draw from a bell that ends at 3.5 deviations.

        The sum of four uniform numbers (Irwin-Hall) is close to normal and, unlike the usual
        methods, uses no logarithm, whose last digit differs between machines.
        """
        draw = self.fraction
        total = draw() + draw() + draw() + draw()
        return mean + deviation * (total - _UNIFORMS / 2) * math.sqrt(12 / _UNIFORMS)

    def skewed(self, median: float, sigma: float) -> float:
        """Draw from a log-normal shape: above 0, long-tailed to the right."""
        return median * math.exp(self.normal(0, sigma))

    def run(self, again: float, most: int) -> int:
        """Count how often chance says "again", at most ``most`` times; 0 or more."""
        count = 0
        while count < most and self.fraction() < again:
            count += 1
        return count

    def digits(self, count: int) -> str:
        """Draw that many decimal digits."""
        return f"{self._random.getrandbits(64) % 10**count:0{count}d}"

    def uuid(self) -> str:
        """Draw a random identifier in the form of RFC 9562, version 4."""
        text = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
