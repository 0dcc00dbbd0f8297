"""What the columns of a table say of each person, to be searched for in their free text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from anonymizers.known import KnownIdentifiers
from anonymizers.tables.plan import UNITS, ColumnRole, TablePlan
from policies.columns import IdentifierKind

__all__ = ["said_of_units"]

_NUMBERS: Final = (*UNITS, ColumnRole.KEY, ColumnRole.DIRECT_IDENTIFIER)


def said_of_units(
    plan: TablePlan, texts: Mapping[str, pa.Array], units: Sequence[str]
) -> dict[str, KnownIdentifiers]:
    """Return what all rows of a unit say of it, those that are left out included.

    Args:
        plan: Says what columns identify.
        texts: The columns.
        units: Whose each row is.
    """
    said: dict[str, list[tuple[IdentifierKind, str | None]]] = {unit: [] for unit in units}
    for name, planned in plan.columns.items():
        kind = planned.identifies
        if kind is None and planned.role in _NUMBERS:
            kind = IdentifierKind.ID
        if kind is not None:
            for unit, value in zip(units, texts[name].to_pylist(), strict=True):
                said[unit].append((kind, value))
    return {unit: KnownIdentifiers.of(pairs) for unit, pairs in said.items()}
