"""Two bars for each group, one below the other: shares before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.pages.charts.scales import Scale, Tick

__all__ = ["Pair", "Pairs", "pairs_of"]

_SCALE: Final = Scale(0.0, 1.0, tuple(Tick(float(at), f"{at} %") for at in (0, 50, 100)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One group; both lengths in percent of the plot's width.

    Attributes:
        label: Of the group.
        first: How long its first bar is.
        second: How long its second bar is.
    """

    label: str
    first: float
    second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A chart of pairs of bars.

    Attributes:
        rows: From top to bottom.
        scale: From 0 to 100 %, always, so that charts can be compared.
    """

    rows: tuple[Pair, ...]
    scale: Scale


def pairs_of(groups: Sequence[tuple[str, float, float]]) -> Pairs:
    """Return two bars for each group, of shares from 0 to 1."""
    return Pairs(
        rows=tuple(
            Pair(label=label, first=_SCALE.place(first), second=_SCALE.place(second))
            for label, first, second in groups
        ),
        scale=_SCALE,
    )
