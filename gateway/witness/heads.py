"""What a witness remembers: of each log the last head that it cosigned, and what it refused."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

__all__ = ["Heads"]

_BUSY_TIMEOUT_S: Final = 10.0
_MAX_REFUSED: Final = 100
_HEADS: Final = """
CREATE TABLE IF NOT EXISTS head(
  origin TEXT PRIMARY KEY,
  note TEXT NOT NULL
) STRICT
"""
_REFUSED: Final = """
CREATE TABLE IF NOT EXISTS refused(
  origin TEXT NOT NULL,
  note TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (origin, note)
) STRICT
"""


class Heads:
    """A file of heads; safe among threads and processes.

    Args:
        path: The SQLite file; made if missing. Whoever puts an old copy back in its place makes
            the witness forget, so it is best kept where nobody of the log's operators can write.

    Raises:
        OSError: If it cannot be made.
        sqlite3.Error: If it is something else.
    """

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._path = path
        with self._connected() as connection:
            for table in (_HEADS, _REFUSED):
                connection.execute(table)

    def find(self, origin: str) -> str | None:
        """Return the last cosigned head of a log, with the cosignature; None before the first."""
        with self._connected() as connection:
            return _find(connection, origin)

    def all(self) -> Mapping[str, str]:
        """Return the last cosigned heads by origin."""
        with self._connected() as connection:
            return dict(connection.execute("SELECT origin, note FROM head ORDER BY origin"))

    def refused(self) -> tuple[tuple[int, str], ...]:
        """Return heads that logs have signed and that came without a proof that they follow.

        Each with the time at which it came first, in seconds since 1970. Where its log cannot give
        a proof from what was cosigned to it, or back, the two heads prove that it misbehaved.
        """
        with self._connected() as connection:
            rows = connection.execute("SELECT time, note FROM refused ORDER BY time, note")
            return tuple((int(time), str(note)) for time, note in rows)

    @contextmanager
    def turn(self, origin: str) -> Iterator[_Turn]:
        """Be the only one who looks and writes, for a block; what was kept is durable after it.

        An error in the block leaves everything as it was.
        """
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _Turn(connection, origin)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(
            sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_TIMEOUT_S)
        ) as connection:
            # As in the ledger: a commit is on the disk when it returns.
            for pragma in ("journal_mode = TRUNCATE", "synchronous = FULL", "fullfsync = ON"):
                connection.execute(f"PRAGMA {pragma}")
            yield connection


class _Turn:
    """One look at a log's head, and perhaps its replacement."""

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        self._connection = connection
        self._origin = origin

    def find(self) -> str | None:
        """Return the last cosigned head; None before the first."""
        return _find(self._connection, self._origin)

    def keep(self, note: str) -> None:
        """Put a newer head in its place."""
        self._connection.execute(
            "INSERT OR REPLACE INTO head VALUES (?, ?)",
            (self._origin, note),
        )

    def refuse(self, note: str, time: int) -> None:
        """Remember a signed head that does not follow; a hundred of each log at most."""
        self._connection.execute(
            "INSERT OR IGNORE INTO refused SELECT ?, ?, ?"
            " WHERE (SELECT count(*) FROM refused WHERE origin = ?) < ?",
            (self._origin, note, time, self._origin, _MAX_REFUSED),
        )


def _find(connection: sqlite3.Connection, origin: str) -> str | None:
    row = connection.execute("SELECT note FROM head WHERE origin = ?", (origin,)).fetchone()
    return None if row is None else str(row[0])
