"""GRP-TOO-MANY-CELLS: a group key with so many values that noise would be all there is to see."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from policies.datasets import DatasetPolicy, Ownership
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.privacy import Measure

__all__ = ["find_too_many_cells"]

USELESS: Final = 1.0
"""Relative standard error from which on a cell says nothing."""


def find_too_many_cells(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each list of categories whose counts drown in noise even at the highest price.

    Numbers and dates are passed over: a question can group them by bands and months.
    The error is the best that can be: as many units as there may be, spread evenly over the cells.
    So nothing is told of datasets that do not say how many units they hold at most.
    """
    for dataset in declarations.datasets:
        for name, table in dataset.policy.tables.items():
            if table.ownership is not Ownership.PRIVATE:
                continue
            for key, column in table.columns.items():
                if column.use is None or not (column.use.group_by and column.use.categories):
                    continue
                cells = len(column.use.categories)
                error = _relative_error(dataset.policy, name, cells)
                if error > USELESS:
                    yield dataset.document.error(
                        f"{name}.{key} has {cells} categories, so that counts of them would have a "
                        f"relative error of {error:.0%} or more",
                        code="GRP-TOO-MANY-CELLS",
                        remedy="recode them into fewer, or set group_by: false",
                        path=("spec", "tables", name, "columns", key, "dp", "group_by"),
                        key=True,
                    )


def _relative_error(dataset: DatasetPolicy, table: str, cells: int) -> float:
    """Return the noise's standard deviation over the number of units in one cell; 0 if unknown."""
    units = dataset.spec.privacy_unit.max_units
    most = dataset.spec.queries.max_loss_per_query
    if units is None:
        return 0.0
    contribution = dataset.tables[table].contribution
    rows = contribution.max_rows_per_group
    if dataset.measure is Measure.PURE:
        l1 = min(contribution.max_groups * rows, contribution.max_rows or math.inf)
        deviation = math.sqrt(2) * l1 / _positive(most)
    else:
        deviation = math.sqrt(contribution.max_groups / (2 * _positive(most))) * rows
    return deviation * cells / (units * contribution.max_groups * rows)


def _positive(amount: Decimal) -> float:
    """Return an amount to divide by: nothing can be asked where it is 0."""
    return float(amount) or math.inf
