"""DP-NO-CONTRIB: a private table says how much of one patient enters an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.datasets import Ownership, Table
from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_no_contribution"]

_BOUNDS: Final = ("contribution", "max_rows_per_unit")


def find_no_contribution(declarations: Declarations) -> Iterator[DeclarationError]:
    """Give each private table that may be asked and that leaves its bounds to the defaults.

    The defaults are safe, and for nearly every table so small that answers are of no use: that
    the bounds were forgotten must not be found out from the answers.
    """
    for dataset in declarations.datasets:
        for name, table in dataset.policy.tables.items():
            path = ("spec", "tables", name)
            if _is_asked(table) and not any(
                (*path, key) in dataset.document.keys for key in _BOUNDS
            ):
                yield dataset.document.error(
                    f"the table {name} does not say how much of one unit enters an answer",
                    code="DP-NO-CONTRIB",
                    remedy="declare contribution, or max_rows_per_unit where a unit has one row",
                    path=path,
                    key=True,
                )


def _is_asked(table: Table) -> bool:
    private = table.ownership is Ownership.PRIVATE
    return private and any(column.use is not None for column in table.columns.values())
