"""GRP-TOO-MANY-CELLS: a group key with so many values that noise would be all there is to see."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from policies.columns import QueryUse
from policies.datasets import DatasetPolicy, Ownership
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.layout import stored_bounds
from policies.privacy import Measure

__all__ = ["find_too_many_cells"]

USELESS: Final = 1.0
"""Relative standard error from which on a cell says nothing."""


def find_too_many_cells(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each group key whose counts drown in noise even at the highest price.

    The error is the best that can be: as many units as there may be, spread evenly over the cells.
    So nothing is told of datasets that do not say how many units they hold at most.
    """
    for dataset in declarations.datasets:
        for name, table in dataset.policy.tables.items():
            if table.ownership is not Ownership.PRIVATE:
                continue
            for key, column in table.columns.items():
                if column.use is None or not column.use.group_by:
                    continue
                cells = _cells(column.use, stored_bounds(column))
                error = _relative_error(dataset.policy, name, cells)
                if error > USELESS:
                    yield dataset.document.error(
                        f"{name}.{key} has {cells} values, so that counts of them would have a "
                        f"relative error of {error:.0%} or more",
                        code="GRP-TOO-MANY-CELLS",
                        remedy="store it coarser, such as in bands, or set group_by: false",
                        path=("spec", "tables", name, "columns", key, "dp", "group_by"),
                        key=True,
                    )


def _cells(use: QueryUse, bounds: tuple[int, int] | tuple[date, date] | None) -> int:
    """Return how many values the key has: those of its categories, or one a step or a day."""
    if bounds is None:
        return max(len(use.categories), 2)  # without categories it is a boolean
    low, high = bounds
    if isinstance(low, date) and isinstance(high, date):
        return (high - low).days + 1
    assert isinstance(low, int)  # noqa: S101  bounds are of one type, as the declaration checks
    assert isinstance(high, int)  # noqa: S101  the same
    return high - low + 1


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
