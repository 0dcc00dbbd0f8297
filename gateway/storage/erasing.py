"""A snapshot without some privacy units: copied anew, so that no byte of them is left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from gateway.storage.building import (
    FACTS,
    MEMORY_ONLY,
    PRIVATE,
    UNITS,
)
from gateway.storage.errors import StoreError
from policies.layout import RANK
from query.quoting import quoted, quoted_text

__all__ = ["copy_without"]


def copy_without(old: Path, new: Path, marks: Iterable[bytes]) -> int:
    """Write a snapshot that is as if some units had never been in the source.

    Nothing of another unit changes but the number under which it is stored, which is dense.

    Args:
        old: A snapshot, opened.
        new: Where the copy goes, in a RAM-backed folder; must not exist.
        marks: As ``tombstones.unit_mark`` gives them; of units that are not there, too.

    Returns:
        How many units were left out.

    Raises:
        StoreError: ``STO-NO-UNITS`` if a version made the snapshot that did not write down whose
            rows are whose; ``STO-WRITE`` if it cannot be written.
    """
    connection = duckdb.connect(str(new), config=MEMORY_ONLY)
    try:
        connection.execute(f"ATTACH {quoted_text(str(old))} AS old (READ_ONLY)")
        copy = _Copy(connection)
        copy.check_units()
        left_out = copy.decide(marks)
        for name in copy.tables():
            copy.table(name)
        connection.execute("DROP TABLE __kept")
        connection.execute("DETACH old")
        connection.execute("CHECKPOINT")
    except duckdb.Error:
        raise StoreError(
            "the snapshot could not be written anew", remedy="check the space of the RAM folder"
        ) from None
    finally:
        connection.close()
    return left_out


class _Copy:
    """Copies table by table; ``old`` is attached."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def tables(self) -> list[str]:
        rows = self._connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' ORDER BY table_oid"
        ).fetchall()
        return [str(name) for (name,) in rows]

    def check_units(self) -> None:
        if not {UNITS, PRIVATE} <= set(self.tables()):
            raise StoreError(
                "the snapshot was made by an earlier version, in which nobody can be found",
                code="STO-NO-UNITS",
                remedy="run gateway ingest: who is on the list is not read; until then nothing of "
                "the dataset is answered",
            )

    def decide(self, marks: Iterable[bytes]) -> int:
        """Number the units that stay, in their order; return how many do not."""
        gone = pa.table({"mark": pa.array(list(marks), pa.binary())})
        self._connection.register("gone", gone)
        self._connection.execute(
            f"CREATE TABLE __kept AS SELECT number AS was,"
            f" row_number() OVER (ORDER BY number) - 1 AS number FROM old.{quoted(UNITS)}"
            " WHERE mark NOT IN (SELECT mark FROM gone)"
        )
        self._connection.unregister("gone")
        return self._count(f"old.{quoted(UNITS)}") - self._count("__kept")

    def table(self, name: str) -> None:
        """Copy one table, in its order."""
        table = quoted(name)
        private = f"SELECT name, unit FROM old.{quoted(PRIVATE)}"
        unit = dict(self._connection.execute(private).fetchall()).get(name)
        if name == FACTS:
            self._facts()
        elif name == UNITS:
            self._copy(name, "number", "number")
        elif unit is None:
            self._connection.execute(f"CREATE TABLE {table} AS FROM old.{table}")
        else:
            self._copy(name, unit, f"{quoted(unit)}, {quoted(RANK)}")

    def _copy(self, name: str, unit: str, order: str) -> None:
        table, key = quoted(name), quoted(unit)
        self._connection.execute(
            f"CREATE TABLE {table} AS SELECT rows.* REPLACE (kept.number AS {key})"
            f" FROM old.{table} AS rows JOIN __kept AS kept ON rows.{key} = kept.was"
            f" ORDER BY {order}"
        )

    def _facts(self) -> None:
        """Count anew what is private about the whole."""
        facts = quoted(FACTS)
        self._connection.execute(f"CREATE TABLE {facts} AS FROM old.{facts}")
        for (fact,) in self._connection.execute(f"SELECT name FROM {facts}").fetchall():
            kind, _, table = str(fact).partition(" ")
            counted = "__kept" if kind == "units" else quoted(table)
            self._connection.execute(
                f"UPDATE {facts} SET value = (SELECT count(*) FROM {counted}) WHERE name = ?",
                [fact],
            )

    def _count(self, table: str) -> int:
        ((count,),) = self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)
