"""One whole number for a unit's group: its order, its place, and what the unit adds there.

Choosing a unit's first groups is then finding its smallest numbers, which an engine does in one
pass over the groups; a window would sort them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from query.keyed_order import PRIME
from query.plan import Part, Statistic, StatisticKind

__all__ = ["Packing", "packing_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How the numbers are made.

    Attributes:
        cells: Places of groups.
        lows: Smallest value of each statistic.
        widths: How many values each statistic has.
    """

    cells: int
    lows: tuple[int, ...]
    widths: tuple[int, ...]

    def packed(self, order: str, place: str, values: Sequence[str]) -> str:
        """Return the SQL of the number; smaller where the order comes first.

        Args:
            order: SQL of the mix, from 0 to below the prime.
            place: SQL of the group's place among the cells.
            values: SQL of each statistic, in its range; NULL for 0, since a group to which no row
                adds anything takes its place among the unit's groups too.
        """
        number = f"{order} * {self.cells} + ({place})"
        for value, low, width in zip(values, self.lows, self.widths, strict=True):
            number = f"({number}) * {width} + CAST(COALESCE({value}, 0) - ({low}) AS BIGINT)"
        return number

    def place(self, number: str) -> str:
        """Return the SQL of the place that is in a number."""
        return f"{number} // {prod(self.widths)} % {self.cells}"

    def value(self, number: str, index: int) -> str:
        """Return the SQL of a statistic that is in a number."""
        below = prod(self.widths[index + 1 :])
        return f"{number} // {below} % {self.widths[index]} + ({self.lows[index]})"


def packing_of(part: Part, statistics: Sequence[Statistic]) -> Packing | None:
    """Return how groups with these statistics are packed, or None where 63 bits are too few."""
    rows = part.bounds.max_rows_per_group
    most = [1 if one.kind is StatisticKind.UNITS else rows * one.bound for one in statistics]
    signed = [one.kind is StatisticKind.SUM for one in statistics]
    packing = Packing(
        cells=part.cells,
        lows=tuple(-end if both else 0 for end, both in zip(most, signed, strict=True)),
        widths=tuple(end * (2 if both else 1) + 1 for end, both in zip(most, signed, strict=True)),
    )
    fits = PRIME * part.cells * prod(packing.widths) < 2**63
    return packing if fits else None
