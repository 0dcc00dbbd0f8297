"""How a budget was spent over time: steps up to a cap, with marks where the policy changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.pages.charts.scales import Scale, Tick, scale_of

__all__ = ["Mark", "Spending", "Step", "spending_of"]

_LABELS: Final = 5
_SHORT: Final = timedelta(days=1)
"""What is shorter has times on its axis, in UTC, and not days."""
_BRIEF: Final = timedelta(minutes=5)
"""What is shorter has seconds, too, lest the same time stands at several places."""
_UNITS: Final = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One charge.

    Attributes:
        time: When, UTC.
        amount: How much, in the parameter of the measure; above 0.
    """

    time: datetime
    amount: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A change of the policy: its place in percent from the left, and what it was."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A chart of steps.

    Attributes:
        path: ``points`` of an SVG polyline in a square of 1,000.
        cap: Place of the cap from the top, in percent.
        marks: Changes of the policy.
        labels: Days on the horizontal axis.
        scale: Of the sums; its places are from the bottom.
    """

    path: str
    cap: float
    marks: tuple[Mark, ...]
    labels: tuple[Tick, ...]
    scale: Scale


def spending_of(
    steps: Sequence[Step],
    changes: Sequence[tuple[datetime, str]],
    *,
    cap: float,
    until: datetime,
    since: datetime | None = None,
) -> Spending:
    """Return the sum of all charges over time.

    Args:
        steps: Charges, the oldest first.
        changes: Times and names of changes of the policy.
        cap: What may be spent in all.
        until: Where the axis ends, UTC; what came later is left out.
        since: Where it begins, with the sum of what came earlier; None for the first time.
    """
    early = sum((step.amount for step in steps if since and step.time < since), 0.0)
    steps = [step for step in steps if _within(step.time, since, until)]
    changes = [(time, what) for time, what in changes if _within(time, since, until)]
    times = [*(step.time for step in steps), *(time for time, _ in changes), until]
    first, last = since or min(times), max(times)
    length = (last - first).total_seconds() or 1.0
    scale = scale_of([cap, early + sum(step.amount for step in steps)])

    def across(time: datetime) -> float:
        return round(100 * (time - first).total_seconds() / length, 2)

    def up(amount: float) -> float:
        return round(100 - scale.place(amount), 2)

    quarter = (last - first) / (_LABELS - 1)
    form = _form(last - first)
    spent, places = early, [(0.0, up(early))]
    for step in steps:
        places.append((across(step.time), up(spent)))
        spent += step.amount
        places.append((across(step.time), up(spent)))
    places.append((100.0, up(spent)))
    return Spending(
        path=" ".join(f"{_UNITS * x:g},{_UNITS * y:g}" for x, y in places),
        cap=up(cap),
        marks=tuple(Mark(across(time), label) for time, label in changes),
        labels=tuple(
            Tick(100.0 * at / (_LABELS - 1), f"{first + at * quarter:{form}}")
            for at in range(_LABELS)
        ),
        scale=scale,
    )


def _form(shown: timedelta) -> str:
    """Return how times on an axis of a length are written."""
    if shown < _BRIEF:
        return "%H:%M:%S"
    return "%H:%M" if shown < _SHORT else "%Y-%m-%d"


def _within(time: datetime, since: datetime | None, until: datetime) -> bool:
    return (since is None or since <= time) and time <= until
