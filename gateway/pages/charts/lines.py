"""A line over dates or numbers, with the band of its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from gateway.pages.charts.scales import Scale, Tick, scale_of
from query.answers import Estimate

__all__ = ["LinePoint", "Lines", "lines_of"]

_LABELS: Final = 6
_UNITS: Final = 10
"""Units of a path for one percent: paths are drawn in a square of 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePoint:
    """One point; places in percent, from the left and from the top."""

    label: str
    estimate: Estimate
    x: float
    y: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A chart of one line.

    Attributes:
        points: From left to right; withheld ones are left out.
        paths: ``points`` of SVG polylines in a square of 1,000; broken at what is withheld.
        bands: ``points`` of SVG polygons, the same for intervals.
        labels: Of the horizontal axis.
        scale: Of the values; its places are from the bottom.
    """

    points: tuple[LinePoint, ...]
    paths: tuple[str, ...]
    bands: tuple[str, ...]
    labels: tuple[Tick, ...]
    scale: Scale


def lines_of(places: Sequence[tuple[float, str, Estimate]]) -> Lines:
    """Return the line through groups that have an order.

    Args:
        places: Number, label and estimate of each group, sorted by the number; at least two.
    """
    ends = [
        end
        for _, _, estimate in places
        for end in (estimate.value, estimate.lower, estimate.upper)
        if end is not None
    ]
    scale = scale_of(ends, zero=min(ends, default=0.0) >= 0)
    first, last = places[0][0], places[-1][0]

    def across(number: float) -> float:
        return round(2 + 96 * (number - first) / ((last - first) or 1.0), 2)

    runs = [
        tuple(_point(across(number), label, estimate, scale) for number, label, estimate in run)
        for shown, run in groupby(places, key=lambda place: place[2].value is not None)
        if shown
    ]
    every = -(-len(places) // _LABELS)
    return Lines(
        points=tuple(point for run in runs for point in run),
        paths=tuple(_polyline([(point.x, point.y) for point in run]) for run in runs),
        bands=tuple(
            _polyline(
                [(point.x, point.upper) for point in run]
                + [(point.x, point.lower) for point in reversed(run)]
            )
            for run in runs
        ),
        labels=tuple(Tick(across(number), label) for number, label, _ in places[::every]),
        scale=scale,
    )


def _point(x: float, label: str, estimate: Estimate, scale: Scale) -> LinePoint:
    value = estimate.value or 0.0
    y, lower, upper = (
        round(100 - scale.place(value if end is None else end), 2)
        for end in (value, estimate.lower, estimate.upper)
    )
    return LinePoint(label=label, estimate=estimate, x=x, y=y, lower=lower, upper=upper)


def _polyline(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_UNITS * x:g},{_UNITS * y:g}" for x, y in places)
