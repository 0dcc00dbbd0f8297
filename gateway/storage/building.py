"""A snapshot while it is built: a DuckDB file in a RAM-backed folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from gateway.storage.errors import StoreError
from policies.columns import Column
from policies.datasets import Table
from policies.layout import own_columns, stored_type
from query.quoting import quoted, quoted_text

__all__ = [
    "FACTS",
    "MEMORY_ONLY",
    "PRIVATE",
    "UNITS",
    "SnapshotBuilder",
    "keyed_order",
]

FACTS = "__facts"
"""Table inside the sealed file with what is private about it: units, and rows of each table."""

UNITS = "__units"
"""Table inside the sealed file with a keyed digest of each unit, so that one can be erased."""

PRIVATE = "__private"
"""Table inside the sealed file that says of each private table which column is the unit's."""

MEMORY_ONLY: dict[str, str | bool | int | float | list[str]] = {"temp_directory": ""}
"""Nothing may spill to a disk: what is ordered here still holds identified text."""


class SnapshotBuilder:
    """Writes tables as ``policies.layout`` says; a context manager that closes the file.

    Args:
        file: A path in a RAM-backed folder; must not exist.
    """

    def __init__(self, file: Path) -> None:
        self._connection = duckdb.connect(str(file), config=MEMORY_ONLY)
        self._connection.execute(f"CREATE TABLE {quoted(FACTS)} (name VARCHAR, value BIGINT)")
        self._connection.execute(f"CREATE TABLE {quoted(PRIVATE)} (name VARCHAR, unit VARCHAR)")
        self._connection.execute(f"CREATE TABLE {quoted(UNITS)} (number BIGINT, mark BLOB)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def add(self, name: str, table: Table, rows: pa.Table) -> None:
        """Write one table, its rows in the order given.

        Args:
            name: Declared name of the table.
            table: Its declaration.
            rows: The stored columns under their names, and ours in a private table.

        Raises:
            StoreError: ``STO-WRITE`` if it cannot be written.
        """
        columns = {column: _type(declared) for column, declared in table.stored_columns.items()}
        columns |= own_columns(table)
        if not columns:
            return
        declared = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        selected = ", ".join(quoted(column) for column in columns)
        try:
            self._connection.execute(f"CREATE TABLE {quoted(name)} ({declared})")
            self._connection.register("incoming", rows)
            self._connection.execute(f"INSERT INTO {quoted(name)} SELECT {selected} FROM incoming")
            self._connection.unregister("incoming")
            if table.unit_column is not None:
                place = [name, table.unit_column]
                self._connection.execute(f"INSERT INTO {quoted(PRIVATE)} VALUES (?, ?)", place)
        except duckdb.Error:
            raise StoreError(
                f"table {name} could not be written to the snapshot",
                remedy="check the space of the RAM folder",
            ) from None

    def add_units(self, marks: pa.Array) -> None:
        """Write down the keyed digest of each unit, in the order of their numbers.

        Raises:
            StoreError: ``STO-WRITE`` if it cannot be written.
        """
        rows = pa.table({"number": pa.array(range(len(marks)), pa.int64()), "mark": marks})
        try:
            self._connection.register("incoming", rows)
            self._connection.execute(
                f"INSERT INTO {quoted(UNITS)} SELECT number, mark FROM incoming"
            )
            self._connection.unregister("incoming")
        except duckdb.Error:
            raise StoreError(
                "the units could not be written to the snapshot",
                remedy="check the space of the RAM folder",
            ) from None

    def finish(self, facts: Mapping[str, int]) -> None:
        """Write the private facts and flush everything into the file.

        Raises:
            StoreError: ``STO-WRITE`` if it cannot be written.
        """
        try:
            self._connection.executemany(
                f"INSERT INTO {quoted(FACTS)} VALUES (?, ?)",
                [[name, value] for name, value in facts.items()],
            )
            self._connection.execute("CHECKPOINT")
        except duckdb.Error:
            raise StoreError(
                "the snapshot could not be written", remedy="check the space of the RAM folder"
            ) from None


def keyed_order(units: pa.Array, salts: pa.Array, content: pa.Table, *, key: bytes) -> pa.Table:
    """Put rows in the order of the store: by unit, and within it by a keyed hash of the content.

    The order within a unit depends on the key, on the unit's salt and on the unit's own rows
    only, so another unit's presence never changes which of its rows are kept.

    Args:
        units: Dense number of each row's unit.
        salts: Salt of each row's unit.
        content: The columns that make up a row's content.
        key: Secret of the order.

    Returns:
        Columns ``row`` (index into the input, from 0), ``rank`` (1, 2, … within the unit) and
        ``rows`` (of the unit).
    """
    names = [f"c{index}" for index in range(content.num_columns)]
    rows = content.rename_columns(names)
    rows = rows.append_column("unit", units).append_column("salt", salts)
    rows = rows.append_column("row", pa.array(range(len(rows)), pa.int64()))
    # An absent value and a present one must not read the same, nor may two columns run together.
    texts = "".join(
        f", '\x1f', CASE WHEN {name} IS NULL THEN '' ELSE '=' || CAST({name} AS VARCHAR) END"
        for name in names
    )
    connection = duckdb.connect(":memory:", config=MEMORY_ONLY)
    try:
        connection.register("rows", rows)
        return connection.sql(
            f"""
            SELECT "row",
                CAST(row_number() OVER (PARTITION BY unit ORDER BY hash, "row") AS INTEGER) AS rank,
                CAST(count(*) OVER (PARTITION BY unit) AS INTEGER) AS rows
            FROM (SELECT "row", unit, sha256(concat($secret, salt{texts})) AS hash FROM rows)
            ORDER BY unit, rank
            """,
            params={"secret": key.hex()},
        ).to_arrow_table()
    finally:
        connection.close()


def _type(column: Column) -> str:
    kind = stored_type(column)
    if kind != "ENUM" or column.use is None:
        return kind
    return f"ENUM ({', '.join(quoted_text(category) for category in column.use.categories)})"
