"""COL-NO-ROLE, COL-GONE, DP-CATEGORIES-EQUAL-DATA: declarations beside the data that they declare.

Whoever reads the data says what is there; nothing here sees a value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.datasets import DatasetPolicy
from policies.declared import Declared
from policies.errors import DeclarationError

__all__ = ["SourceColumns", "find_equal_categories", "find_other_columns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumns:
    """What one table's file holds.

    Attributes:
        names: Its columns, in the order of the file.
        exhausted: Declared columns whose categories are exactly the values that occur.
    """

    names: tuple[str, ...]
    exhausted: frozenset[str] = frozenset()


def find_other_columns(
    dataset: Declared[DatasetPolicy], source: Mapping[str, SourceColumns]
) -> Iterator[DeclarationError]:
    """Give each column that only the data or only the declaration has.

    Args:
        dataset: The declaration.
        source: By table; tables that are not in it are passed over.
    """
    for name, found in source.items():
        table = dataset.policy.tables[name]
        read = {column.derived_from or key: key for key, column in table.columns.items()}
        path = ("spec", "tables", name, "columns")
        for column, key in read.items():
            if column not in found.names:
                near = difflib.get_close_matches(column, found.names, n=1)
                yield dataset.document.error(
                    f"the source of table {name} has no column {column}",
                    code="COL-GONE",
                    remedy=f"write {near[0]}" if near else "correct the name, or take it out",
                    path=(*path, key),
                    key=True,
                )
        for column in found.names:
            if column not in read:
                yield dataset.document.error(
                    f"the source of table {name} has a column {column} without a role",
                    code="COL-NO-ROLE",
                    remedy="declare it; role: direct_identifier reads it and stores nothing",
                    path=path,
                    key=True,
                )


def find_equal_categories(
    dataset: Declared[DatasetPolicy], source: Mapping[str, SourceColumns]
) -> Iterator[DeclarationError]:
    """Give each list of categories that is exactly what occurs, as if it had been read off."""
    for name, found in source.items():
        for key in sorted(found.exhausted):
            yield dataset.document.error(
                f"the categories of {name}.{key} are exactly the values that occur in the data",
                code="DP-CATEGORIES-EQUAL-DATA",
                remedy="take them from a public list, which also has what nobody here has",
                path=("spec", "tables", name, "columns", key, "dp", _listed(dataset, name, key)),
            )


def _listed(dataset: Declared[DatasetPolicy], table: str, key: str) -> str:
    place = ("spec", "tables", table, "columns", key, "dp", "categories_ref")
    return "categories_ref" if place in dataset.document.keys else "categories"
