"""A digest of everything in a declaration that decides what lies in the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from decimal import Decimal
from typing import Final

from policies.columns import Column
from policies.contributions import ReleaseProfile
from policies.datasets import DatasetPolicy, Ownership, Table
from policies.layout import own_columns, resolution, stored_length, stored_type
from policies.transforms import DeidentifyText, Transform

__all__ = ["layout_digest"]

_LATER: Final = frozenset({"keep_weekday", "operators", "reversible", "reversible_reason"})


def layout_digest(dataset: DatasetPolicy) -> str:
    """Return ``sha256:`` and 64 hex digits over the stored layout.

    Two declarations with one digest can read one snapshot: the planner's bounds, domains and
    contribution proofs are those that ingest enforced. What only decides who may ask what
    (budgets, purposes, groups, contribution bounds of one answer) does not enter.
    """
    tables = {
        name: _table(table)
        for name, table in dataset.tables.items()
        if table.ownership is not Ownership.DIRECTORY
    }
    unit = dataset.spec.privacy_unit
    most = [] if unit.max_units is None else [unit.max_units]
    document = {"unit": [unit.table, unit.column, *most], "tables": tables}
    text = json.dumps(document, sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _table(table: Table) -> dict[str, object]:
    return {
        "ownership": table.ownership.value,
        "unit": table.unit_column,
        "key": table.key,
        "foreign_keys": dict(table.foreign_keys),
        "max_rows_per_unit": table.max_rows_per_unit,
        "release_profiles": [
            [name, _profile(table, profile)] for name, profile in table.release_profiles.items()
        ],
        # A list, since the order of the columns is part of the layout.
        "own_columns": [list(one) for one in own_columns(table).items()],
        "columns": [[name, _column(column)] for name, column in table.stored_columns.items()],
    }


def _profile(table: Table, profile: ReleaseProfile) -> dict[str, object]:
    """What the stored columns of a profile depend on; ``max_groups`` only cuts when asked."""
    seen = [
        use is not None and use.nulls == "keep"
        for use in (table.columns[group].use for group in profile.groups)
    ]
    return {"groups": list(profile.groups), "nulls_kept": seen}


def _column(column: Column) -> dict[str, object]:
    use = column.use
    said: dict[str, object] = {
        "role": column.role.value,
        "type": stored_type(column),
        "resolution": str(resolution(column).normalize()),
        "transform": _transform(column.effective_transform),
        "categories": list(use.categories) if use is not None else [],
        "required": use is not None and use.nulls == "reject",
        "bounds": [_bound(bound) for bound in use.bounds or ()] if use is not None else [],
    }
    length = stored_length(column)
    if use is None or use.categories or length is None:
        return said  # the digest that it had before texts had lengths
    return {**said, "max_length": length}


def _transform(transform: Transform) -> object:
    """What a transform says; what was added later enters only where it says something."""
    if isinstance(transform, str):
        return transform
    said = {name: value for name, value in asdict(transform).items() if name not in _LATER or value}
    if isinstance(transform, DeidentifyText) and transform.operators:
        operators = transform.operators.items()
        said["operators"] = {label.value: str(operator) for label, operator in operators}
    said.pop("reversible_reason", None)
    return said


def _bound(bound: object) -> str:
    return str(bound.normalize()) if isinstance(bound, Decimal) else str(bound)
