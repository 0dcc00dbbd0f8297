"""An answer as a chart that shows how uncertain it is: bars, a line, or a heat map."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Literal, TypeAlias, cast

from gateway.answers.explanations import number_text
from gateway.errors import RequestError
from query.answers import Answer, Estimate, Value

__all__ = ["ChartKind", "draw_chart"]

ChartKind: TypeAlias = Literal["bars", "line", "heat map"]
Axes: TypeAlias = Any
"""Axes of matplotlib, which is optional."""

_BAR_COLOR: Final = "#4c78a8"
_ERROR_COLOR: Final = "#222222"
_GRID_KEYS: Final = 2


def draw_chart(
    answer: Answer, *, y: str | None = None, kind: ChartKind | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one noisy column over the group keys, with the interval of each number.

    Args:
        answer: What is drawn; withheld numbers leave a gap.
        y: Which noisy column; the first by default.
        kind: By default a heat map over two keys, a line over one key of numbers or dates, and
            bars otherwise.
        ax: Where to draw; a new figure by default.

    Raises:
        RequestError: ``REQ-CHART`` if the answer has no such column, or keys for another chart.
    """
    column, keys = _columns(answer, y)
    chosen = kind or _kind(answer, keys)
    if (len(keys) == _GRID_KEYS) != (chosen == "heat map") or len(keys) > _GRID_KEYS:
        raise _no_chart("an answer with two keys is a heat map, and one with fewer bars or a line")
    if ax is None:
        import matplotlib.pyplot as plt  # noqa: PLC0415  loads matplotlib where it is wanted

        ax = plt.subplots(layout="constrained")[1]
    name = answer.columns[column]
    interval = f"{name}, intervals at {answer.quote.confidence:.0%}"
    if chosen == "heat map":
        _draw_cells(ax, answer, column, keys)
        ax.set_title(interval)
        return ax
    _draw_series(ax, answer, column, keys, chosen)
    ax.set_xlabel(answer.columns[keys[0]] if keys else "")
    ax.set_ylabel(interval)
    return ax


def _columns(answer: Answer, y: str | None) -> tuple[int, list[int]]:
    told = {aggregate.column for aggregate in answer.quote.aggregates}
    noisy = [
        place
        for place, name in enumerate(answer.columns)
        if name in told or any(isinstance(row[place], Estimate) for row in answer.rows)
    ]
    wanted = [place for place in noisy if y is None or answer.columns[place] == y]
    if not wanted:
        raise _no_chart(f"name one of: {', '.join(answer.columns[place] for place in noisy)}")
    return wanted[0], [place for place in range(len(answer.columns)) if place not in noisy]


def _kind(answer: Answer, keys: list[int]) -> ChartKind:
    if len(keys) == _GRID_KEYS:
        return "heat map"
    values = [row[keys[0]] for row in answer.rows] if keys else []
    ordered = [value for value in values if _position(value) is not None]
    return "line" if len(ordered) > 1 and len(ordered) == len(values) else "bars"


def _position(value: Value) -> float | date | None:
    """Return where a key stands on an axis of numbers or dates; None for a category."""
    match value:
        case bool() | None | Estimate():
            return None
        case int() | float():
            return float(value)
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _draw_series(ax: Axes, answer: Answer, column: int, keys: list[int], kind: ChartKind) -> None:
    shown = [row for row in answer.rows if _number(row[column]) is not None]
    numbers = [cast("float", _number(row[column])) for row in shown]
    errors = _errors([row[column] for row in shown])
    labels = [_label(row[keys[0]]) if keys else answer.columns[column] for row in shown]
    if kind == "bars":
        ax.bar(labels, numbers, color=_BAR_COLOR)
        ax.errorbar(labels, numbers, yerr=errors, fmt="none", ecolor=_ERROR_COLOR, capsize=4)
        ax.axhline(0, color=_ERROR_COLOR, linewidth=0.8)
        return
    places: list[Any] = [_position(row[keys[0]]) if keys else None for row in shown]
    order = sorted(range(len(places)), key=lambda one: places[one])
    ax.errorbar(
        [places[one] for one in order],
        [numbers[one] for one in order],
        yerr=[[side[one] for one in order] for side in errors],
        color=_BAR_COLOR,
        ecolor=_ERROR_COLOR,
        capsize=4,
        marker="o",
    )


def _draw_cells(ax: Axes, answer: Answer, column: int, keys: list[int]) -> None:
    across, down = keys
    columns = list(dict.fromkeys(_label(row[across]) for row in answer.rows))
    lines = list(dict.fromkeys(_label(row[down]) for row in answer.rows))
    grid = [[float("nan")] * len(columns) for _ in lines]
    for row in answer.rows:
        line, place = lines.index(_label(row[down])), columns.index(_label(row[across]))
        number = _number(row[column])
        if number is None:
            continue
        grid[line][place] = number
        ((below,), (above,)) = _errors([row[column]])
        text = f"{number_text(number)}\n± {number_text(max(below, above))}"
        ax.text(place, line, text, ha="center", va="center", fontsize="small")
    image = ax.imshow(grid, aspect="auto", cmap="Blues", alpha=0.6)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(lines)), lines)
    ax.set_xlabel(answer.columns[across])
    ax.set_ylabel(answer.columns[down])
    ax.figure.colorbar(image, ax=ax)


def _number(value: Value) -> float | None:
    return value.value if isinstance(value, Estimate) else None


def _errors(values: list[Value]) -> list[list[float]]:
    """Return how far each interval reaches below and above; 0 where there is none."""
    below, above = [], []
    for one in values:
        known = isinstance(one, Estimate) and None not in {one.value, one.lower, one.upper}
        number, lower, upper = (
            (cast("float", one.value), cast("float", one.lower), cast("float", one.upper))
            if known and isinstance(one, Estimate)
            else (0.0, 0.0, 0.0)
        )
        below.append(max(0.0, number - lower))
        above.append(max(0.0, upper - number))
    return [below, above]


def _label(value: Value) -> str:
    return "(none)" if value is None else str(value)


def _no_chart(remedy: str) -> RequestError:
    return RequestError("there is no such chart of this answer", code="REQ-CHART", remedy=remedy)
