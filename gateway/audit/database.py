"""The database of a ledger as its readers see it, whichever software keeps it.

Statements are written once, in the SQL that SQLite and PostgreSQL share, with parameters as ``?``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from gateway.errors import OperatorError

__all__ = [
    "Connection",
    "DatabaseError",
    "LedgerPlace",
    "RemoteDatabase",
    "Rows",
    "entries_of",
    "read_ledger",
]

_BUSY_TIMEOUT_S: Final = 10.0


class DatabaseError(OperatorError):
    """A database failed; told by the name of the fault, never in the vendor's words.

    Attributes:
        name: Such as ``SQLITE_FULL``, or the five characters of an SQLSTATE.
    """

    code = "SYS-LEDGER-DATABASE"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the ledger's database failed: {name}",
            remedy="look at the disk and the database's own log, then try again",
        )
        self.name = name


class Rows(Protocol):
    """What a statement gives: tuples, of which bytes are ``bytes`` and whole numbers ``int``."""

    @property
    def rowcount(self) -> int:
        """How many rows a statement changed."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401  what a column holds is for the statement to say
        """Return the next row; None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield all rows that are left."""
        ...


class Connection(Protocol):
    """A connection to a ledger's database; ``sqlite3.Connection`` is one."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun and not ended."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), /) -> Rows:
        """Run one statement; its parameters are ``?``, or ``:name`` where they come by name."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each set of parameters."""
        ...


class RemoteDatabase(Protocol):
    """A database that is no file of this machine."""

    def exists(self) -> bool:
        """Say whether there is a ledger in it."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """Connect for reading alone; a transaction sees one moment.

        Raises:
            DatabaseError: If that fails.
        """
        ...


LedgerPlace: TypeAlias = Path | RemoteDatabase
"""Where a ledger is: its SQLite file, or a database that is reached by an address."""


@contextmanager
def read_ledger(place: LedgerPlace) -> Iterator[Connection]:
    """Open a ledger for reading alone, also while it is written.

    Raises:
        DatabaseError: If it cannot be read.
    """
    if not isinstance(place, Path):
        with place.reading() as connection:
            yield connection
        return
    try:
        uri = f"{place.absolute().as_uri()}?mode=ro"
        with closing(
            sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
        ) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            yield connection
    except sqlite3.Error as error:
        raise DatabaseError(getattr(error, "sqlite_errorname", type(error).__name__)) from None


def entries_of(
    connection: Connection, kinds: Iterable[str], start: int = 0
) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each entry of some kinds, in order; no others are read as JSON.

    Args:
        connection: To the ledger.
        kinds: One or more.
        start: The first number that is looked at.
    """
    marks = [f'"kind":"{kind}"'.encode() for kind in kinds]  # in a text its quotes are escaped
    marked = " OR ".join("instr(leaf, ?) > 0" for _ in marks)
    yield from connection.execute(
        f"SELECT idx, leaf FROM entry WHERE idx >= ? AND ({marked}) ORDER BY idx",  # noqa: S608  placeholders alone
        [start, *marks],
    )
