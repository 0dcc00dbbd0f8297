"""Where the cells of a plan are read from: its own vectors, or those of a stored release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from query.mechanisms import Noise

__all__ = ["Derivation", "Source"]

Source: TypeAlias = tuple[int, tuple[int, ...]]
"""A vector, and the cells of it that add up to one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How the statistics of a plan follow from those of a stored release.

    Attributes:
        noises: The noise of each stored vector.
        vectors: For each statistic of the plan, the stored vector it is read from.
        cells: For each statistic of the plan and each of its cells, the stored cells that add up
            to it.
    """

    noises: tuple[Noise, ...]
    vectors: tuple[int, ...]
    cells: tuple[tuple[tuple[int, ...], ...], ...]
