"""What each column is for, at each door: the declarations of a dataset as one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.columns import Column
from policies.datasets import DatasetPolicy, Ownership
from policies.layout import stored_length

__all__ = ["ColumnRow", "matrix_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """One column.

    Attributes:
        table: Its table.
        name: Its name.
        role: What it is.
        identifies: As what it is searched for in notes; empty for nothing.
        transform: What ingest does to it.
        stored: Whether it is kept at all.
        uses: What a question may do with it.
        domain: Its public values, in words.
        leaves: Whether it may leave as records.
    """

    table: str
    name: str
    role: str
    identifies: str
    transform: str
    stored: bool
    uses: tuple[str, ...]
    domain: str
    leaves: bool


def matrix_rows(dataset: DatasetPolicy) -> tuple[ColumnRow, ...]:
    """Return all columns of a dataset, table by table, as they are declared."""
    return tuple(_rows(dataset))


def _rows(dataset: DatasetPolicy) -> Iterator[ColumnRow]:
    for table_name, table in dataset.tables.items():
        for name, column in table.columns.items():
            transform = column.effective_transform
            yield ColumnRow(
                table=table_name,
                name=name,
                role=column.role.value,
                identifies="" if column.identifies is None else column.identifies.value,
                transform=transform if isinstance(transform, str) else transform.kind,
                stored=column.is_stored and table.ownership is not Ownership.DIRECTORY,
                uses=_uses(column),
                domain=_domain(column),
                leaves=dataset.spec.releases.allowed == "allowed" and column.release == "keep",
            )


def _uses(column: Column) -> tuple[str, ...]:
    use = column.use
    if use is None:
        return ("join",) if column.is_key else ()
    grouped = ("group",) if use.group_by else ()
    return ("filter", *grouped, *(one.value for one in use.aggregates))


def _domain(column: Column) -> str:
    use = column.use
    if use is None:
        return ""
    if use.bounds is not None:
        return f"{use.bounds[0]} to {use.bounds[1]}"
    if use.categories:
        return f"{len(use.categories)} categories"
    length = stored_length(column)
    return "" if length is None else f"up to {length} characters"
