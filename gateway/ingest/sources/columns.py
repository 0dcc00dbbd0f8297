"""What the files of a dataset hold, for the lint: names of columns, and lists that are all used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow.compute as pc

from gateway.ingest.sources.locate import SourceTable, sources_of
from policies.columns import Column
from policies.datasets import DatasetPolicy
from policies.lint.source import SourceColumns
from policies.transforms import Keep, Recode

__all__ = ["read_columns"]

_SMALLEST_LIST: Final = 3
"""Two categories, such as F and M, are nearly always all used, and tell nothing."""


def read_columns(dataset: DatasetPolicy, folder: Path) -> Mapping[str, SourceColumns]:
    """Return what each table's file holds; no value leaves this function.

    Args:
        dataset: The declaration.
        folder: The data folder; the source's path starts there.

    Raises:
        SourceError: If a file is missing or cannot be read.
    """
    return {
        table.name: SourceColumns(
            names=header,
            exhausted=frozenset(
                name
                for name, column in table.table.columns.items()
                if (column.derived_from or name) in header and _is_exhausted(table, name, column)
            ),
        )
        for table, header in sources_of(dataset, folder)
    }


def _is_exhausted(table: SourceTable, name: str, column: Column) -> bool:
    """Say whether the categories are exactly the values that occur.

    Only of columns that are stored under the names that the file has, or under listed ones: the
    results of other transforms are public lists already, such as of areas.
    """
    categories = () if column.use is None else column.use.categories
    transform = column.effective_transform
    if len(categories) < _SMALLEST_LIST or not isinstance(transform, Keep | Recode):
        return False
    names = transform.values if isinstance(transform, Recode) else {}
    seen: set[str] = set()
    for batch in table.batches((column.derived_from or name,)):
        values = (
            str(value) for value in pc.unique(batch.column(0)).to_pylist() if value is not None
        )
        seen.update(names.get(value, value) for value in values)
        if not seen <= set(categories):
            return False
    return seen == set(categories)
