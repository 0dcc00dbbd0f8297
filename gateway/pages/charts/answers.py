"""Which chart shows an answer: bars for categories, a line for an order, tints for two keys."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.pages.charts.bars import Bars, bars_of
from gateway.pages.charts.heat import Heat, heat_of
from gateway.pages.charts.lines import Lines, lines_of
from query.answers import Answer, Estimate, Key, Value

__all__ = ["AnswerChart", "answer_charts", "key_text"]

_MOST_BARS: Final = 60
_MOST_CELLS: Final = 600
_FEWEST_POINTS: Final = 3
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  keys have no zone

_Group = tuple[tuple[Key, ...], Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChart:
    """One noisy column of an answer as a chart.

    Attributes:
        column: Its name.
        keys: Names of the keys.
        drawn: The geometry.
    """

    column: str
    keys: tuple[str, ...]
    drawn: Bars | Lines | Heat

    @property
    def kind(self) -> str:
        """``bars``, ``lines`` or ``heat``: which template draws it."""
        return type(self.drawn).__name__.lower()


def answer_charts(answer: Answer) -> tuple[AnswerChart, ...]:
    """Return a chart for each noisy column; none for an answer of one row or of three keys."""
    noisy = [
        place
        for place in range(len(answer.columns))
        if any(isinstance(row[place], Estimate) for row in answer.rows)
    ]
    keys = [place for place in range(len(answer.columns)) if place not in noisy]
    drawn = ((place, _drawn(list(_groups(answer.rows, keys, place)), len(keys))) for place in noisy)
    return tuple(
        AnswerChart(
            column=answer.columns[place],
            keys=tuple(answer.columns[key] for key in keys),
            drawn=chart,
        )
        for place, chart in drawn
        if chart is not None
    )


def key_text(key: Value) -> str:
    """Return a key as people read it."""
    if key is None:
        return "unknown"
    return str(key).lower() if isinstance(key, bool) else str(key)


def _groups(rows: Sequence[tuple[Value, ...]], keys: Sequence[int], place: int) -> Iterator[_Group]:
    for row in rows:
        estimate = row[place]
        found = tuple(key for key in (row[one] for one in keys) if not isinstance(key, Estimate))
        if isinstance(estimate, Estimate):
            yield found, estimate


def _drawn(groups: Sequence[_Group], keys: int) -> Bars | Lines | Heat | None:
    if len(groups) < 2 or len({key for key, _ in groups}) < len(groups):  # noqa: PLR2004  a row alone
        return None
    match keys:
        case 1:
            return _of_one_key([(key, estimate) for (key,), estimate in groups])
        case 2 if len(groups) <= _MOST_CELLS:
            return heat_of([(key_text(a), key_text(b), one) for (a, b), one in groups])
        case _:
            return None


def _of_one_key(groups: Sequence[tuple[Key, Estimate]]) -> Bars | Lines | None:
    places = [(_number(key), key_text(key), estimate) for key, estimate in groups]
    ordered = [(n, label, one) for n, label, one in places if n is not None]
    if len(ordered) == len(places) >= _FEWEST_POINTS:
        return lines_of(sorted(ordered, key=lambda place: place[0]))
    if len(places) <= _MOST_BARS:
        return bars_of([(label, estimate) for _, label, estimate in places])
    return None


def _number(key: Key) -> float | None:
    """Return where a key stands on an axis: itself, or the seconds of a date; None for a text."""
    if isinstance(key, bool) or key is None:
        return None
    if isinstance(key, int | float):
        return float(key) if math.isfinite(key) else None
    if not _DATE.match(key):
        return None
    try:
        return (datetime.fromisoformat(key).replace(tzinfo=None) - _EPOCH).total_seconds()
    except ValueError:  # a code that looks like a date
        return None
