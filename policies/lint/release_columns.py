"""COL-GONE, COL-QI-NOT-LISTED: the record door names what is declared, and all that identifies."""

from __future__ import annotations

from collections.abc import Iterator

from policies.columns import Column, Role
from policies.datasets import DatasetPolicy
from policies.declared import Declarations
from policies.documents import TreePath
from policies.errors import DeclarationError

__all__ = ["find_release_columns", "released"]


def released(dataset: DatasetPolicy) -> Iterator[tuple[str, str, Column]]:
    """Give the table, the name and the declaration of each column that may leave in records."""
    if dataset.spec.releases.allowed == "allowed":
        for name, table in dataset.tables.items():
            for key, column in table.columns.items():
                if column.release == "keep":
                    yield name, key, column


def find_release_columns(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each column that the record door names in vain, or should name and does not."""
    for dataset in declarations.datasets:
        releases = dataset.policy.spec.releases
        declared = {
            f"{name}.{key}"
            for name, table in dataset.policy.tables.items()
            for key in table.columns
        }
        named: list[tuple[TreePath, str]] = [
            (("quasi_identifiers", i), one) for i, one in enumerate(releases.quasi_identifiers)
        ]
        if releases.l_diversity is not None:
            named.append((("l_diversity", "column"), releases.l_diversity.column))
        for path, one in named:
            if one not in declared:
                yield dataset.document.error(
                    f"there is no column {one}",
                    code="COL-GONE",
                    remedy="write table.column of a declared column",
                    path=("spec", "releases", *path),
                )
        for name, key, column in released(dataset.policy):
            listed = f"{name}.{key}" in releases.quasi_identifiers
            if column.role is Role.QUASI_IDENTIFIER and not listed:
                yield dataset.document.error(
                    f"the quasi-identifier {name}.{key} would leave without being counted",
                    code="COL-QI-NOT-LISTED",
                    remedy=f"add {name}.{key} to releases.quasi_identifiers, or set release: none",
                    path=("spec", "tables", name, "columns", key, "release"),
                    key=True,
                )
