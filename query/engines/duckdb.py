"""DuckDB, locked down: it reads one snapshot and can do nothing else."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from policies.errors import InternalError, UnsupportedQueryError
from policies.layout import SALT
from query.ports import ExactRow
from query.quoting import quoted

__all__ = ["DuckDbEngine", "EmptyTables", "EngineLimits"]

_INTERRUPT_SECONDS = 0.02
_PARTS = 64
_Until = tuple[float, threading.Event | None]
"""When a statement has to end: a deadline, and what is set to end it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLimits:
    """What one snapshot's engine may use.

    Attributes:
        threads: Threads of one statement; 1 or more.
        memory_mib: Memory of all statements together, in MiB; beyond it a statement fails.
        deadline_seconds: Longest time of one statement, waiting for its turn included.
        concurrent: Statements that run at once; the others wait.
    """

    threads: int
    memory_mib: int
    deadline_seconds: float
    concurrent: int


_LOCK_DOWN = (
    "SET temp_directory = ''",
    "SET max_temp_directory_size = '0B'",
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET enable_external_access = false",
    # Last: nothing can be set after it, not by any statement.
    "SET lock_configuration = true",
)
"""Settings in the order in which DuckDB 2.0 accepts them; no folder is allowed."""


class DuckDbEngine:
    """Runs statements over one snapshot file; implements ``query.ports.Engine``.

    The file may be unlinked once this is made. Safe to use from several threads: each statement
    has a cursor of its own.

    Args:
        file: A DuckDB database; opened read-only.
        limits: What it may use.

    Raises:
        InternalError: If the file does not open as a DuckDB database.
    """

    def __init__(self, file: Path, limits: EngineLimits) -> None:
        self._limits = limits
        self._turns = threading.BoundedSemaphore(self._limits.concurrent)
        try:
            self._connection = duckdb.connect(str(file), read_only=True)
            self._connection.execute(f"SET threads = {self._limits.threads:d}")
            self._connection.execute(f"SET memory_limit = '{self._limits.memory_mib:d}MiB'")
            for statement in _LOCK_DOWN:
                self._connection.execute(statement)
            self._empty = EmptyTables(self._connection)
            ((main,),) = self._connection.execute("SELECT current_database()").fetchall()
            salted = self._connection.execute(
                "SELECT table_name FROM duckdb_columns() WHERE column_name = ?", [SALT]
            ).fetchall()
        except duckdb.Error:
            raise _failure() from None
        self._main, self._private = f"{quoted(main)}.main", [table for (table,) in salted]

    def prepare(self, statement: str) -> None:
        """Bind and optimize a statement over the same tables without their rows.

        Raises:
            UnsupportedQueryError: If the engine cannot plan the statement (``SQL-ENGINE``).
            InternalError: If the engine is closed.
        """
        self._empty.prepare(statement)

    def run(
        self, statement: str, keys: int | None = None, stop: threading.Event | None = None
    ) -> list[ExactRow]:
        """Return all rows: integers, texts, booleans and NULL; dates as ISO 8601 text.

        Where there is too little memory for all units at once, sums are added up over parts of
        them: that memory does not suffice would tell of whoever makes the difference.

        Args:
            statement: One that we generated.
            keys: Columns at the left that tell rows apart, all others being sums over privacy
                units; None where they are not.
            stop: Ends it once it is set, by another thread; also while it waits for its turn.

        Raises:
            InternalError: On any failure, such as a passed deadline, too little memory, or a
                value that is not exact; and where it was stopped. Nothing of the vendor's words is
                kept, since they quote values.
        """
        deadline = time.monotonic() + self._limits.deadline_seconds
        self._take_turn(deadline, stop)
        try:
            return self._whole_or_parts(statement, keys, (deadline, stop))
        except duckdb.Error:
            raise _failure() from None
        finally:
            self._turns.release()

    def close(self) -> None:
        """Close the database; statements that run are interrupted."""
        self._empty.close()
        self._connection.close()

    def _take_turn(self, deadline: float, stop: threading.Event | None) -> None:
        longest = self._limits.deadline_seconds if stop is None else _INTERRUPT_SECONDS
        while (left := deadline - time.monotonic()) > 0 and not (stop and stop.is_set()):
            if self._turns.acquire(timeout=min(left, longest)):
                return
        raise _failure()

    def _whole_or_parts(self, statement: str, keys: int | None, until: _Until) -> list[ExactRow]:
        try:
            return self._fetch(statement, until)
        except duckdb.OutOfMemoryException:
            if keys is None:
                raise
        sums: dict[ExactRow, list[int]] = {}
        for part in range(_PARTS):
            for row in self._fetch(statement, until, part):
                # not there, or NULL of nobody: nothing is added
                added = [value if isinstance(value, int) else 0 for value in row[keys:]]
                before = sums.setdefault(row[:keys], [0] * len(added))
                sums[row[:keys]] = [one + more for one, more in zip(before, added, strict=True)]
        return [(*key, *values) for key, values in sums.items()]

    def _fetch(self, statement: str, until: _Until, part: int | None = None) -> list[ExactRow]:
        """Run a statement over all units, or over one part of them, as their salts fall."""
        cursor = self._connection.cursor()
        try:
            if part is not None:
                for table in self._private:  # views of a cursor stand before the tables' names
                    cursor.execute(
                        f"CREATE TEMP VIEW {quoted(table)} AS SELECT * FROM {self._main}."  # noqa: S608  declared names
                        f"{quoted(table)} WHERE {SALT} % {_PARTS} = {part}"
                    )
            with _watched(cursor, *until):
                # At once and whole: an open result would keep the cursor busy.
                rows = cursor.execute(statement).fetchall()
        finally:
            cursor.close()
        return [tuple(_exact(value) for value in row) for row in rows]


class EmptyTables:
    """The tables of a database without their rows, where statements are planned on trial.

    The optimizer refuses some statements that the binder takes, and it looks at the smallest and
    largest values that are stored: over the rows themselves, what is refused and how long that
    takes could depend on them.

    Args:
        original: The database; only names and types are read.

    Raises:
        duckdb.Error: If they cannot be read.
    """

    def __init__(self, original: duckdb.DuckDBPyConnection) -> None:
        columns = original.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        tables: dict[str, list[str]] = {}
        for table, column, kind in columns:
            tables.setdefault(table, []).append(f"{quoted(column)} {kind}")
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        for table, declared in tables.items():
            self._connection.execute(f"CREATE TABLE {quoted(table)} ({', '.join(declared)})")
        for statement in _LOCK_DOWN:
            self._connection.execute(statement)

    def prepare(self, statement: str) -> None:
        """Bind and optimize one statement.

        What was planned is not kept: how long it takes would tell what others have asked.

        Raises:
            UnsupportedQueryError: If that fails.
            InternalError: If these tables are closed.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {statement}").fetchall()
        except duckdb.ConnectionException:
            raise _failure() from None
        except duckdb.Error:
            raise UnsupportedQueryError(
                "the engine cannot plan this combination, although each of its parts is supported",
                code="SQL-ENGINE",
                remedy="compute inner windows, aggregates and sub-queries first, each in a CTE",
            ) from None

    def close(self) -> None:
        """Free the memory."""
        self._connection.close()


@contextmanager
def _watched(
    cursor: duckdb.DuckDBPyConnection, deadline: float, stop: threading.Event | None
) -> Iterator[None]:
    """Interrupt the cursor from the deadline on, since DuckDB has no time limit of its own.

    And from ``stop`` on, at which it looks often.
    """
    ended = threading.Event()

    def watch() -> None:
        if stop is None and ended.wait(deadline - time.monotonic()):
            return
        # More than once: an interrupt before the statement has begun to run is lost.
        while not ended.is_set():
            left = deadline - time.monotonic()
            if left <= 0 or (stop is not None and stop.is_set()):
                cursor.interrupt()
            ended.wait(min(left, _INTERRUPT_SECONDS) if left > 0 else _INTERRUPT_SECONDS)

    watchdog = threading.Thread(target=watch, name="query deadline", daemon=True)
    watchdog.start()
    try:
        yield
    finally:
        ended.set()
        # Else it could still interrupt whatever uses the cursor next.
        watchdog.join()


def _exact(value: object) -> int | str | bool | None:
    match value:
        case None | bool() | int() | str():
            return value
        case date():
            # Timestamps are dates to Python, and say their time too.
            return value.isoformat()
        case Decimal() if value == value.to_integral_value():
            return int(value)
        case _:
            raise _failure()


def _failure() -> InternalError:
    return InternalError(secrets.token_hex(8))
