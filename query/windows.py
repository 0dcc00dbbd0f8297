"""Windows over released rows: totals, shares, ranks and changes, computed after the noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from query.estimates import Uncertain
from query.evaluation import Cell, Evaluated, evaluate, plain
from query.expressions import KeyRef
from query.question import OrderBy, ReleasedWindow
from query.released_values import uncertain

__all__ = ["total_of", "window_values"]


def window_values(window: ReleasedWindow, cells: Sequence[Cell]) -> list[Evaluated]:
    """Return the window's value for each of the rows, in their order."""
    partitions: dict[tuple[Any, ...], list[int]] = {}
    keys = () if window.function == "grouping" else window.partition
    for place, cell in enumerate(cells):
        key = tuple(plain(evaluate(one, cell)) for one in keys)
        partitions.setdefault(key, []).append(place)
    values: list[Evaluated] = [None] * len(cells)
    for places in partitions.values():
        partition = _Partition(window, [cells[place] for place in places])
        for place, value in zip(places, partition.values(), strict=True):
            values[place] = value
    return values


class _Partition:
    """Rows that are taken together, and their order."""

    def __init__(self, window: ReleasedWindow, rows: Sequence[Cell]) -> None:
        self._window, self._rows = window, rows
        orders = window.order_by
        self._keys = [tuple(plain(evaluate(one.expression, row)) for one in orders) for row in rows]
        # without ORDER BY all rows are peers
        self._places = sorted(range(len(rows)), key=cmp_to_key(self._compare))

    def values(self) -> list[Evaluated]:
        """Return the window's value for each row."""
        match self._window.function:
            case "row_number":
                return self._spread(list(range(1, len(self._rows) + 1)))
            case "rank" | "dense_rank":
                return self._ranks(dense=self._window.function == "dense_rank")
            case "grouping":
                return [_totaled(self._window, row) for row in self._rows]
            case "lag":
                return self._spread([None, *self._arguments()[:-1]])
            case "lead":
                return self._spread([*self._arguments()[1:], None])
            case _:
                return self._totals()

    def _arguments(self) -> list[Evaluated]:
        """Return the argument in the window's order."""
        argument = self._window.argument
        if argument is None:
            return [1] * len(self._rows)
        return [evaluate(argument, self._rows[place]) for place in self._places]

    def _spread(self, ordered: Sequence[Evaluated]) -> list[Evaluated]:
        """Bring values from the window's order into that of the rows."""
        values: list[Evaluated] = [None] * len(self._rows)
        for place, value in zip(self._places, ordered, strict=True):
            values[place] = value
        return values

    def _peers(self) -> list[list[int]]:
        """Return the ordered rows in runs that tie, by their number in the order."""
        runs: list[list[int]] = []
        for number, place in enumerate(self._places):
            if runs and self._keys[self._places[runs[-1][-1]]] == self._keys[place]:
                runs[-1].append(number)
            else:
                runs.append([number])
        return runs

    def _ranks(self, *, dense: bool) -> list[Evaluated]:
        ordered: list[Evaluated] = []
        for count, run in enumerate(self._peers(), start=1):
            ordered += [count if dense else run[0] + 1] * len(run)
        return self._spread(ordered)

    def _totals(self) -> list[Evaluated]:
        """Return totals of all rows up to the last peer, each made of the one before it."""
        arguments, function = self._arguments(), self._window.function
        ordered: list[Evaluated] = []
        total: Evaluated = None
        count = 0
        for run in self._peers():
            added = arguments[run[0] : run[-1] + 1]
            count += len(_present(added))
            if function != "count":
                total = total_of("sum" if function == "avg" else function, [total, *added])
            shown = total
            if function == "avg" and count:
                shown = uncertain(total) / Uncertain(float(count))
            ordered += [count if function == "count" else shown] * len(run)
        return self._spread(ordered)

    def _compare(self, one: int, other: int) -> int:
        for order, left, right in zip(
            self._window.order_by, self._keys[one], self._keys[other], strict=True
        ):
            if left != right:
                return _before(order, left, right)
        return 0


def total_of(function: str, values: Sequence[Evaluated]) -> Evaluated:
    """Return the ``sum``, ``avg``, ``count``, ``min`` or ``max`` of values; NULLs are left out."""
    present = _present(values)
    if function == "count":
        return len(present)
    if function in {"min", "max"}:
        return (min if function == "min" else max)(present, key=plain, default=None)
    if not present:
        return Uncertain(None)
    total = _sum([uncertain(value) for value in present])
    return total if function == "sum" else total / Uncertain(float(len(present)))


def _present(values: Sequence[Evaluated]) -> list[Evaluated]:
    return [value for value in values if plain(value) is not None]


def _sum(numbers: Sequence[Uncertain]) -> Uncertain:
    """Add by halves: each sum copies what both of its parts depend on."""
    if len(numbers) == 1:
        return numbers[0]
    middle = len(numbers) // 2
    return _sum(numbers[:middle]) + _sum(numbers[middle:])


def _totaled(window: ReleasedWindow, row: Cell) -> int:
    """Return a bit for each key, the last one lowest: 1 where the row is a total over it."""
    bits = 0
    for key in window.partition:
        assert isinstance(key, KeyRef)  # noqa: S101  the parser gives keys only
        bits = 2 * bits + (key.index not in row.grouped)
    return bits


def _before(order: OrderBy, left: Any, right: Any) -> int:  # noqa: ANN401  values of one kind
    if left is None or right is None:
        return -1 if (left is None) is order.nulls_first else 1
    ascending = -1 if left < right else 1
    return -ascending if order.descending else ascending
