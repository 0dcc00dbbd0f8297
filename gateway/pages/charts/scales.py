"""Linear scales with round ticks; places are percent of the plot's width or height."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.answers.explanations import number_text

__all__ = ["Scale", "Tick", "scale_of"]

_STEPS: Final = (1, 2, 5, 10)
_TICKS: Final = 5
_ROOM: Final = 0.03
"""Share of the length that is left free beyond the outermost value."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One mark of a scale: its place in percent, and its number in words."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers to percent of a length.

    Attributes:
        low: The number at 0 %.
        high: The number at 100 %; above ``low``.
        ticks: Round numbers between them.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...]

    def place(self, value: float) -> float:
        """Return where a number stands, in percent with two digits; what is outside is at an end.

        Args:
            value: A finite number.
        """
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def scale_of(values: Iterable[float], *, zero: bool = True) -> Scale:
    """Return a scale that all finite values fit on, with a little room, and round numbers on it.

    Args:
        values: What is shown; may be empty.
        zero: Whether 0 must be on it, as bars need it; it is an end where nothing is beyond it.
    """
    found = [value for value in values if math.isfinite(value)]
    if zero or not found:
        found.append(0.0)
    low, high = min(found), max(found)
    if low == high:
        high = low + (abs(low) or 1.0)
    step = _step((high - low) / _TICKS)
    room = _ROOM * (high - low)
    low, high = (low - room if low else 0.0), (high + room if high else 0.0)
    bare = Scale(low, high, ())
    marks = range(math.ceil(low / step), math.floor(high / step) + 1)
    ticks = tuple(
        Tick(bare.place(mark * step), number_text(_rounded(mark * step, step))) for mark in marks
    )
    return Scale(low, high, ticks)


def _step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(one * power for one in _STEPS if one * power >= least * (1 - 1e-9))


def _rounded(value: float, step: float) -> float:
    return round(value, max(0, 1 - math.floor(math.log10(step))))
