"""Small tables as the risk package takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pyarrow as pa

from anonymizers.risk import ClassCounter, QuasiIdentifier, Sensitive
from anonymizers.risk.model import encoded
from anonymizers.tables.hierarchies import Hierarchy, NoHierarchy, generalize, step_names

Cells = Mapping[str, Sequence[str | None]]
Owned = Sequence[tuple[str, int]]
"""Whose each row is, and the rank of its sensitive value."""


def l_by_hand(rows: Owned) -> int:
    """Count, of so many units at most one has the same value."""
    owners = {unit for unit, _ in rows}
    return min(len(owners) // len({unit for unit, one in rows if one == value})
               for _, value in rows)  # fmt: skip


def distance_by_hand(rows: Owned, table: Owned, distance: str) -> Fraction:
    """Compare a class with the table in every way in which units with several values differ."""
    values, zero = sorted({value for _, value in table}), Fraction(0)
    here, there = _means(rows, values), _means(table, values)
    if distance == "equal":
        half = sum((abs(a - b) for a, b in zip(here, there, strict=True)), zero) / 2
        has = zip(_has(rows, values), _has(table, values), strict=True)
        return max([half, *(a - b for a, b in has)])
    moved = [
        abs(sum(here[:place], zero) - sum(there[:place], zero)) for place in range(1, len(values))
    ]
    below = [_below(rows, limit) - _below(table, limit) for limit in values[1:]]
    above = [_from(rows, limit) - _from(table, limit) for limit in values[1:]]
    most = max(sum((max(one, zero) for one in each), zero) for each in (moved, below, above))
    return most / max(len(values) - 1, 1)


def _below(rows: Owned, limit: int) -> Fraction:
    own = _by_unit(rows)
    return Fraction(sum(min(of) < limit for of in own), len(own))


def _from(rows: Owned, limit: int) -> Fraction:
    own = _by_unit(rows)
    return Fraction(sum(max(of) >= limit for of in own), len(own))


def _means(rows: Owned, values: Sequence[int]) -> list[Fraction]:
    own = _by_unit(rows)
    return [sum((Fraction(of.count(value), len(of)) for of in own), Fraction(0)) / len(own)
            for value in values]  # fmt: skip


def _has(rows: Owned, values: Sequence[int]) -> list[Fraction]:
    own = _by_unit(rows)
    return [Fraction(sum(value in of for of in own), len(own)) for value in values]


def _by_unit(rows: Owned) -> list[list[int]]:
    return [[value for unit, value in rows if unit == one] for one in {unit for unit, _ in rows}]


def quasi(
    name: str, values: Sequence[str | None], hierarchy: Hierarchy | None = None
) -> QuasiIdentifier:
    chosen = NoHierarchy() if hierarchy is None else hierarchy
    return encoded(
        name,
        pa.array(values, pa.string()),
        lambda value: generalize(chosen, value),
        step_names(chosen),
    )


def counter(
    cells: Cells,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    *,
    sensitive: tuple[Sequence[Any], str] | None = None,
    units: Sequence[int] | None = None,
) -> ClassCounter:
    given = hierarchies or {}
    found = None
    if sensitive is not None:
        values, distance = sensitive
        ranks = {value: place for place, value in enumerate(sorted(set(values)))}
        codes = pa.array([ranks[value] for value in values], pa.int64())
        ordered = distance == "ordered"
        found = Sensitive(name="s", codes=codes, distance="ordered" if ordered else "equal")
    return ClassCounter(
        [quasi(name, values, given.get(name)) for name, values in cells.items()],
        units=None if units is None else pa.array(units, pa.int64()),
        sensitive=found,
    )
