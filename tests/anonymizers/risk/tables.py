"""Small tables as the risk package takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from anonymizers.risk import ClassCounter, QuasiIdentifier, Sensitive
from anonymizers.risk.model import encoded
from anonymizers.tables.hierarchies import Hierarchy, NoHierarchy, generalize, step_names

Cells = Mapping[str, Sequence[str | None]]


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
