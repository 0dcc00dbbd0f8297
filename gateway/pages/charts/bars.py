"""Horizontal bars from zero, each with the interval of its noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.pages.charts.scales import Scale, scale_of
from query.answers import Estimate

__all__ = ["Bar", "Bars", "bars_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; all places in percent of the plot's width.

    Attributes:
        label: Of the group.
        estimate: What it shows; None throughout where the cell is withheld.
        start: Where the bar begins.
        width: How long it is.
        lower: Lower end of the interval.
        upper: Upper end.
    """

    label: str
    estimate: Estimate
    start: float = 0.0
    width: float = 0.0
    lower: float = 0.0
    upper: float = 0.0

    @property
    def withheld(self) -> bool:
        """Whether there is nothing to show."""
        return self.estimate.value is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A chart of bars.

    Attributes:
        rows: From top to bottom.
        scale: Of the values.
        zero: Where 0 is, in percent.
    """

    rows: tuple[Bar, ...]
    scale: Scale
    zero: float


def bars_of(groups: Sequence[tuple[str, Estimate]]) -> Bars:
    """Return one bar for each group."""
    ends = [
        end
        for _, estimate in groups
        for end in (estimate.value, estimate.lower, estimate.upper)
        if end is not None
    ]
    scale = scale_of(ends)
    return Bars(
        rows=tuple(_bar(label, estimate, scale) for label, estimate in groups),
        scale=scale,
        zero=scale.place(0),
    )


def _bar(label: str, estimate: Estimate, scale: Scale) -> Bar:
    if estimate.value is None:
        return Bar(label=label, estimate=estimate)
    ends = sorted((scale.place(0), scale.place(estimate.value)))
    return Bar(
        label=label,
        estimate=estimate,
        start=ends[0],
        width=round(ends[1] - ends[0], 2),
        lower=scale.place(estimate.value if estimate.lower is None else estimate.lower),
        upper=scale.place(estimate.value if estimate.upper is None else estimate.upper),
    )
