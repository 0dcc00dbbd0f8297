"""The stored rows of one table, as text, and how a plan has them leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pyarrow as pa

from anonymizers.tables.plan import ColumnPlan, ColumnRole, TablePlan
from gateway.storage import OpenSnapshot
from policies.columns import Column
from policies.datasets import Table
from policies.errors import DeclarationError
from policies.layout import is_opaque_key, resolution
from policies.query_use import ValueType
from policies.record_facts import RecordRole
from query.ports import ExactRow
from query.quoting import quoted

__all__ = ["count_rows", "leaving_roles", "over_stored", "read_rows", "row_names"]

_ROLES: Final[Mapping[ColumnRole, RecordRole]] = MappingProxyType(
    {
        ColumnRole.PRIVACY_UNIT: RecordRole.PRIVACY_UNIT,
        ColumnRole.COUNTED_UNIT: RecordRole.COUNTED_UNIT,
        ColumnRole.KEY: RecordRole.KEY,
        ColumnRole.QUASI_IDENTIFIER: RecordRole.QUASI_IDENTIFIER,
        ColumnRole.SENSITIVE: RecordRole.SENSITIVE,
        ColumnRole.FREE_TEXT: RecordRole.FREE_TEXT,
        ColumnRole.CODE: RecordRole.AS_STORED,
        ColumnRole.MEASURE: RecordRole.AS_STORED,
        ColumnRole.CATEGORY: RecordRole.AS_STORED,
    }
)
_STAYS_OUT: Final = (ColumnRole.DIRECT_IDENTIFIER, ColumnRole.UNDECIDED)


def leaving_roles(plan: TablePlan) -> Mapping[str, RecordRole]:
    """Return what leaves by a plan, and as what.

    Raises:
        DeclarationError: ``DEID-PLAN`` if dates are to move that moved when they were stored.
    """
    if plan.of(ColumnRole.DATE):
        raise DeclarationError(
            "dates moved when they were stored, as declared",
            code="DEID-PLAN",
            remedy="write role: category or quasi_identifier",
        )
    return {
        name: _ROLES[column.role]
        for name, column in plan.columns.items()
        if column.role not in _STAYS_OUT
    }


def over_stored(plan: TablePlan, names: Iterable[str]) -> TablePlan:
    """Return a plan for stored rows: of these columns only, and text is de-identified already."""
    columns = {name: _as_stored(plan.columns[name]) for name in names}
    return replace(plan, columns=columns)


def _as_stored(column: ColumnPlan) -> ColumnPlan:
    role = ColumnRole.CATEGORY if column.role is ColumnRole.FREE_TEXT else column.role
    return replace(column, role=role, identifies=None)


def count_rows(snapshot: OpenSnapshot, name: str) -> int:
    """Return how many rows of a table are stored; a private number."""
    ((rows,),) = snapshot.engine.run(f"SELECT count(*) FROM {quoted(name)}")  # noqa: S608  the same
    assert isinstance(rows, int)  # noqa: S101  a count is
    return rows


def read_rows(snapshot: OpenSnapshot, name: str, table: Table, columns: Iterable[str]) -> pa.Table:
    """Return columns of all stored rows of a table, as text.

    Args:
        snapshot: The state of the data.
        name: Of the table.
        table: Its declaration.
        columns: Stored columns.

    Raises:
        InternalError: If the engine fails.
    """
    names = list(columns)
    shown = ", ".join(_text(one, table.columns[one]) for one in names)
    rows = _in_order(snapshot, name, shown)
    by_column = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.table(
        {one: pa.array(values, pa.string()) for one, values in zip(names, by_column, strict=True)}
    )


def row_names(snapshot: OpenSnapshot, name: str, table: Table) -> tuple[list[str], list[str]]:
    """Return whose each stored row is, and what it is called, in the order of ``read_rows``.

    A row is called as its unit where each unit has one, else after its place. Both are numbers
    of this state of the data alone: in another they are other patients'.

    Raises:
        InternalError: If the engine fails.
    """
    assert table.unit_column is not None  # noqa: S101  REL-TABLE: rows of nobody do not leave
    unit = f"CAST({quoted(table.unit_column)} AS VARCHAR)"
    rows = _in_order(snapshot, name, f"{unit}, CAST(rowid AS VARCHAR)")
    units = [str(one) for one, _ in rows]
    return units, units if table.max_rows_per_unit == 1 else [f"row {place}" for _, place in rows]


def _in_order(snapshot: OpenSnapshot, name: str, shown: str) -> list[ExactRow]:
    statement = f"SELECT {shown} FROM {quoted(name)} ORDER BY rowid"  # noqa: S608  declared names
    return snapshot.engine.run(statement)


def _text(name: str, column: Column) -> str:
    if column.type is not ValueType.DECIMAL or is_opaque_key(column):
        return f"CAST({quoted(name)} AS VARCHAR)"
    # Whole steps: their product with the step is exact, and so are its digits.
    step = resolution(column)
    return f"CAST(CAST({quoted(name)} AS DECIMAL(20, 0)) * {step:f} AS VARCHAR)"
