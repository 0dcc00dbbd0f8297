"""The one move of dates of a dataset: in all its tables and notes the same."""

from __future__ import annotations

from collections.abc import Iterator

from policies.datasets import DatasetPolicy
from policies.documents import TreePath
from policies.errors import DeclarationError
from policies.stand_ins import ShiftDate
from policies.text_operators import Label
from policies.transforms import DeidentifyText

__all__ = ["declared_shifts", "shift_of"]


def declared_shifts(dataset: DatasetPolicy) -> Iterator[tuple[TreePath, ShiftDate]]:
    """Give each declared move of dates, with its place in the declaration."""
    for name, table in dataset.tables.items():
        for column, declared in table.columns.items():
            path: TreePath = ("spec", "tables", name, "columns", column, "transform")
            match declared.effective_transform:
                case ShiftDate() as shift:
                    yield path, shift
                case DeidentifyText(operators=operators):
                    shift_of_notes = operators.get(Label.DATE)
                    if isinstance(shift_of_notes, ShiftDate):
                        yield (*path, "operators", Label.DATE.value), shift_of_notes
                case _:
                    continue


def shift_of(dataset: DatasetPolicy) -> ShiftDate:
    """Return how all dates of a dataset move.

    Raises:
        DeclarationError: ``DEID-SHIFT-DIFFERS`` if two places declare it differently: the dates
            of one patient would move apart.
    """
    declared = {shift for _, shift in declared_shifts(dataset)}
    if len(declared) > 1:
        raise DeclarationError(
            f"dataset {dataset.id} shifts dates by different max_days or keep_weekday",
            code="DEID-SHIFT-DIFFERS",
            remedy="declare the same everywhere",
        )
    return declared.pop() if declared else ShiftDate()
