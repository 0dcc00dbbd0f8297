"""Seeded draws, and which half of the world they are from: what trains is never what validates."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

__all__ = ["Draw", "is_held_out"]

_T = TypeVar("_T")
_ONE_IN: Final = 8


def is_held_out(value: str) -> bool:
    """Say whether a name or word is kept for validation; one in eight is, by its checksum."""
    return zlib.crc32(value.lower().encode("utf-8")) % _ONE_IN == 0


@dataclass(frozen=True, slots=True)
class Draw:
    """A stream of choices.

    Attributes:
        seed: Equal seeds give equal streams.
        held_out: Whether names are drawn from those that no training text has.
    """

    seed: int
    held_out: bool = False
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        generator = random.Random(self.seed)  # noqa: S311  made-up text, no secret and no noise
        object.__setattr__(self, "_random", generator)

    def pick(self, values: Sequence[_T]) -> _T:
        """Return one of the values, each as often."""
        return values[int(self._random.random() * len(values))]

    def chance(self, share: float) -> bool:
        """Return True in this share of the calls."""
        return self._random.random() < share

    def number(self, least: int, most: int) -> int:
        """Return a whole number from ``least`` to ``most``."""
        return least + int(self._random.random() * (most - least + 1))

    def weighted(self, values: Sequence[tuple[float, _T]]) -> _T:
        """Return one of the values as often as its weight says."""
        left = self._random.random() * sum(weight for weight, _ in values)
        for weight, value in values:
            left -= weight
            if left <= 0:
                return value
        return values[-1][1]

    def filled(self, pattern: str) -> str:
        """Return the pattern with # as a digit, % as one from 1 to 9, ? as a letter in capitals."""
        kinds = {"#": "0123456789", "%": "123456789", "?": "ABCDEFGHJKLMNPQRSTUVWXYZ"}
        return "".join(self.pick(kinds[one]) if one in kinds else one for one in pattern)

    def split(self, values: Sequence[str]) -> tuple[str, ...]:
        """Return the values that this stream may use."""
        return tuple(value for value in values if is_held_out(value) == self.held_out)
