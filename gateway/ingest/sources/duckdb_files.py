"""Tables of a DuckDB file; the file is only read, and nothing outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from policies.errors import SourceError
from query.quoting import quoted

__all__ = ["duckdb_batches", "duckdb_header", "duckdb_rows", "duckdb_tables"]

_BATCH_ROWS: Final = 1 << 16
_READING: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",  # a view in the file may name other files
    "temp_directory": "",  # what is read is identified, and spills to no disk
}
_PLAIN: Final = (
    *("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT"),
    *("DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR"),
)
"""Types that Arrow has, too; others are read as the text that DuckDB writes for them."""
_NESTED: Final = ("STRUCT", "MAP", "UNION", "BLOB")


def duckdb_tables(path: Path) -> tuple[str, ...]:
    """Return the names of all tables of the main schema, sorted; views are none.

    Raises:
        SourceError: ``SRC-INVALID`` if it is not a DuckDB file.
    """
    rows = _fetched(
        path,
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema = 'main' ORDER BY table_name",
    )
    return tuple(str(name) for (name,) in rows)


def duckdb_header(path: Path, table: str) -> tuple[str, ...]:
    """Return the names of all columns of a table.

    Raises:
        SourceError: ``SRC-MISSING`` if there is no such table; ``SRC-INVALID`` if the file is not
            a DuckDB file, or a column is nested.
    """
    return tuple(_types(path, table))


def duckdb_rows(path: Path, table: str) -> int:
    """Return how many rows a table has.

    Raises:
        SourceError: As ``duckdb_header`` does.
    """
    _types(path, table)
    ((rows,),) = _fetched(path, f"SELECT count(*) FROM {quoted(table)}")  # noqa: S608  quoted
    return int(str(rows))


def duckdb_batches(path: Path, table: str, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Read some columns of a table, a batch of rows at a time, in the order of the file.

    Raises:
        SourceError: As ``duckdb_header`` does; ``SRC-INVALID`` if the file is damaged.
    """
    types = _types(path, table)
    chosen = ", ".join(
        quoted(one) if types[one] in _PLAIN else f"CAST({quoted(one)} AS VARCHAR) AS {quoted(one)}"
        for one in columns
    )
    with closing(_opened(path)) as connection:
        try:
            found = connection.sql(f"SELECT {chosen} FROM {quoted(table)}")  # noqa: S608  quoted
            yield from found.to_arrow_reader(_BATCH_ROWS)
        except (duckdb.Error, pa.ArrowException):
            raise _damaged(path) from None


def _types(path: Path, table: str) -> dict[str, str]:
    rows = _fetched(
        path,
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'main' AND table_name = ? ORDER BY ordinal_position",
        table,
    )
    types = {str(name): str(kind) for name, kind in rows}
    if not types:
        raise SourceError(
            f"the database has no table {table}",
            code="SRC-MISSING",
            remedy="correct the table's name or file in the declaration",
            file=path.name,
        )
    nested = [name for name, kind in types.items() if kind.startswith(_NESTED) or "[" in kind]
    if nested:
        raise SourceError(
            f"column {nested[0]} is nested, or holds bytes",
            remedy="flatten it into columns of plain types",
            file=path.name,
        )
    return types


def _fetched(path: Path, statement: str, *values: str) -> list[tuple[object, ...]]:
    with closing(_opened(path)) as connection:
        try:
            return connection.execute(statement, list(values)).fetchall()
        except duckdb.Error:
            raise _damaged(path) from None


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=True, config=_READING)
    except duckdb.Error:
        raise _damaged(path) from None


def _damaged(path: Path) -> SourceError:
    return SourceError(
        "the file is not a DuckDB database, is open elsewhere for writing, or is damaged",
        remedy="close it there, write it again, or correct the source's format",
        file=path.name,
    )
