"""Windows over released rows: totals, shares and ranks, computed after the noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from query.estimates import Uncertain
from query.evaluation import Cell, Evaluated, evaluate, plain
from query.question import OrderBy, ReleasedWindow

__all__ = ["window_values"]


def window_values(window: ReleasedWindow, cells: Sequence[Cell]) -> list[Evaluated]:
    """Return the window's value for each of the rows, in their order."""
    partitions: dict[tuple[Any, ...], list[int]] = {}
    for place, cell in enumerate(cells):
        key = tuple(plain(evaluate(one, cell)) for one in window.partition)
        partitions.setdefault(key, []).append(place)
    values: list[Evaluated] = [None] * len(cells)
    for places in partitions.values():
        rows = [cells[place] for place in places]
        found = _ranks(window, rows) if window.order_by else [_total(window, rows)] * len(rows)
        for place, value in zip(places, found, strict=True):
            values[place] = value
    return values


def _total(window: ReleasedWindow, rows: Sequence[Cell]) -> Evaluated:
    if window.argument is None:
        return len(rows)
    argument = window.argument
    evaluated = (evaluate(argument, row) for row in rows)
    numbers = [_number(value) for value in evaluated if plain(value) is not None]
    if window.function == "count":
        return len(numbers)
    if not numbers:
        return Uncertain(None)
    if window.function in {"min", "max"}:
        pick = min if window.function == "min" else max
        return pick(numbers, key=lambda number: number.value or 0.0)
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total if window.function == "sum" else total / Uncertain(float(len(numbers)))


def _number(value: Evaluated) -> Uncertain:
    return value if isinstance(value, Uncertain) else Uncertain(float(plain(value)))


def _ranks(window: ReleasedWindow, rows: Sequence[Cell]) -> list[Evaluated]:
    keys = [tuple(plain(evaluate(one.expression, row)) for one in window.order_by) for row in rows]

    def compare(one: int, other: int) -> int:
        for order, left, right in zip(window.order_by, keys[one], keys[other], strict=True):
            if left != right:
                return _before(order, left, right)
        return 0

    places = sorted(range(len(rows)), key=cmp_to_key(compare))
    ranks: list[Evaluated] = [None] * len(rows)
    for number, place in enumerate(places, start=1):
        before = places[number - 2] if number > 1 else None
        ties = window.function == "rank" and before is not None and keys[before] == keys[place]
        ranks[place] = ranks[before] if ties and before is not None else number
    return ranks


def _before(order: OrderBy, left: Any, right: Any) -> int:  # noqa: ANN401  values of one kind
    if left is None or right is None:
        return -1 if (left is None) is order.nulls_first else 1
    ascending = -1 if left < right else 1
    return -ascending if order.descending else ascending
