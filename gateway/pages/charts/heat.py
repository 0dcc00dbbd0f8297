"""Two keys as a table whose cells are tinted by their value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from query.answers import Estimate

__all__ = ["TINTS", "Heat", "HeatCell", "heat_of"]

TINTS: Final = 7
"""Classes of tint, from 0 to 6."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell: what is known, and its tint; both None where there is no such row."""

    estimate: Estimate | None
    tint: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A tinted table.

    Attributes:
        across: Labels of the columns.
        down: Labels of the rows.
        cells: One tuple a row.
    """

    across: tuple[str, ...]
    down: tuple[str, ...]
    cells: tuple[tuple[HeatCell, ...], ...]


def heat_of(groups: Sequence[tuple[str, str, Estimate]]) -> Heat:
    """Return the table of two keys; the one with fewer values runs across.

    Args:
        groups: First key, second key and estimate; each pair of keys once.
    """
    firsts = tuple(dict.fromkeys(first for first, _, _ in groups))
    seconds = tuple(dict.fromkeys(second for _, second, _ in groups))
    found = {(first, second): estimate for first, second, estimate in groups}
    if len(firsts) < len(seconds):
        firsts, seconds = seconds, firsts
        found = {(second, first): estimate for (first, second), estimate in found.items()}
    values = [estimate.value for estimate in found.values() if estimate.value is not None]
    low, high = min(values, default=0.0), max(values, default=0.0)

    def cell(estimate: Estimate | None) -> HeatCell:
        if estimate is None or estimate.value is None:
            return HeatCell(estimate, None)
        share = (estimate.value - low) / ((high - low) or 1.0)
        return HeatCell(estimate, min(int(TINTS * share), TINTS - 1))

    return Heat(
        across=seconds,
        down=firsts,
        cells=tuple(
            tuple(cell(found.get((first, second))) for second in seconds) for first in firsts
        ),
    )
