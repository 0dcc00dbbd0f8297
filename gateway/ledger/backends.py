"""What keeps a ledger durable: a SQLite file for one host, or PostgreSQL for several.

All else is written once, over ``Connection``. A backend says how to connect, how the one writer is
chosen, and which processes still run.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from gateway.audit.database import Connection, LedgerPlace
from gateway.ledger.boots import Boot
from gateway.ledger.places import PostgresAddress
from gateway.ledger.schema import open_database

__all__ = ["Backend", "SqliteBackend", "backend_of"]


class Backend(Protocol):
    """One opening of a ledger's database by one process."""

    @property
    def boot(self) -> str:
        """Id of this opening, 32 hex digits."""
        ...

    @property
    def postgresql(self) -> str:
        """Version of the PostgreSQL server; empty for SQLite."""
        ...

    def connection(self) -> Connection:
        """Return the connection, made anew where it was lost.

        Raises:
            sqlite3.Error, DatabaseError: If that fails, or it was closed.
        """
        ...

    def begin(self) -> None:
        """Begin a transaction that holds the write lock: of all hosts, nobody else is in one.

        Raises:
            sqlite3.Error, DatabaseError: If the lock does not come within 10 s.
        """
        ...

    def starting(self) -> AbstractContextManager[None]:
        """Be the only process that starts, for a block; be known as running from here on."""
        ...

    def is_running(self, boot: str) -> bool:
        """Say whether the process of an opening still runs; ask while starting or writing."""
        ...

    def others_run(self) -> bool:
        """Say whether openings of others run that the log need not know of; ask while writing."""
        ...

    def close(self) -> None:
        """Let go of all; be known as ended. A second call does nothing."""
        ...


class SqliteBackend:
    """A SQLite file; the folder beside it with ``-boots`` in its name says who has it open.

    Args:
        database: The file; made if missing.
    """

    postgresql = ""

    def __init__(self, database: Path) -> None:
        self._boot = Boot(database.with_name(f"{database.name}-boots"))
        self._connection: sqlite3.Connection = open_database(database)

    @property
    def boot(self) -> str:
        """Id of this opening, 32 hex digits."""
        return self._boot.id

    def connection(self) -> Connection:
        """Return the connection."""
        return self._connection

    def begin(self) -> None:
        """Begin a transaction that holds the write lock."""
        self._connection.execute("BEGIN IMMEDIATE")

    def starting(self) -> AbstractContextManager[None]:
        """Be the only process that starts, for a block; be known as running from here on."""
        return self._boot.starting()

    def is_running(self, boot: str) -> bool:
        """Say whether the process of an opening still runs."""
        return self._boot.is_running(boot)

    def others_run(self) -> bool:
        """Say whether another opening runs of whatever file has lain in this place."""
        return self._boot.others_run()

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()
        self._boot.end()


def backend_of(place: LedgerPlace) -> Backend:
    """Open what keeps the ledger of that place.

    Raises:
        LogError: If its tables are of another version.
        OperatorError: If the database may not be relied on as it is set up.
        OSError, sqlite3.Error, DatabaseError: If it cannot be opened.
    """
    if isinstance(place, Path):
        return SqliteBackend(place)
    if isinstance(place, PostgresAddress):
        place.check_driver()
        from gateway.ledger.postgresql_backend import PostgresBackend  # noqa: PLC0415  psycopg is optional

        return PostgresBackend(place.url)
    raise TypeError(place)
