"""The SQLite file of a deployment that holds API keys, sessions and the searches that people named.

It is not a part of the ledger: the ledger's file is append-only, is verified as a whole and is
never changed afterwards, while keys and sessions come and go; and a look-up must not wait for a
charge.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.errors import OperatorError

__all__ = ["AccountsFile", "close_all", "moment_text", "scope_names", "scope_text"]

_TABLES: Final = (
    """
CREATE TABLE IF NOT EXISTS api_key(
  id TEXT PRIMARY KEY,
  digest BLOB NOT NULL CHECK(length(digest) = 32),
  user TEXT NOT NULL,
  role TEXT NOT NULL,
  projects TEXT,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  revoked TEXT,
  used TEXT,
  successor TEXT
) STRICT""",
    """
CREATE TABLE IF NOT EXISTS session(
  id TEXT PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE CHECK(length(digest) = 32),
  user TEXT NOT NULL,
  role TEXT NOT NULL,
  projects TEXT,
  key TEXT REFERENCES api_key(id),
  created TEXT NOT NULL,
  authenticated TEXT NOT NULL,
  seen TEXT NOT NULL,
  expires TEXT NOT NULL,
  ended TEXT
) STRICT""",
    "CREATE INDEX IF NOT EXISTS session_of_user ON session(user, role)",
    "CREATE INDEX IF NOT EXISTS api_key_of_user ON api_key(user, role)",
    """
CREATE TABLE IF NOT EXISTS spent_state(
  digest BLOB PRIMARY KEY CHECK(length(digest) = 32),
  until TEXT NOT NULL
) STRICT""",
    """
CREATE TABLE IF NOT EXISTS saved_search(
  user TEXT NOT NULL,
  name TEXT NOT NULL,
  search TEXT NOT NULL,
  PRIMARY KEY (user, name)
) STRICT""",
)
_ADDED: Final = ("used", "successor")
"""Columns of ``api_key`` that files of earlier versions lack."""


class AccountsFile:
    """The file; safe for threads and for several processes.

    Args:
        path: Made, readable by its owner only, if it does not exist.

    Raises:
        OperatorError: ``CFG-ACCOUNTS`` if it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.touch(mode=0o600, exist_ok=True)
            with self.connection() as connection:
                _make_tables(connection)
        except (OSError, sqlite3.Error):
            raise OperatorError(
                "the file of accounts cannot be opened",
                code="CFG-ACCOUNTS",
                remedy="check the folder's owner and free space, or paths.accounts in gateway.toml",
                file=str(path),
            ) from None

    @contextmanager
    def connection(self, *, wait_seconds: float = 10) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction; SQLite serves many of them at once."""
        connection = sqlite3.connect(self._path, timeout=wait_seconds)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def close_all(path: Path, now: datetime) -> None:
    """Revoke all keys of a copied file and forget all sessions: which ended since is not known.

    Raises:
        OperatorError: ``CFG-ACCOUNTS`` if it cannot be opened.
        sqlite3.Error: If it cannot be written.
    """
    with AccountsFile(path).connection() as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM session")
        connection.execute("UPDATE api_key SET revoked = coalesce(revoked, ?)", (moment_text(now),))


def moment_text(moment: datetime) -> str:
    """Return a time as it is stored: UTC, with microseconds, so that texts sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def scope_text(projects: tuple[str, ...] | frozenset[str] | None) -> str | None:
    """Return projects as they are stored; None for all."""
    return None if projects is None else " ".join(sorted(set(projects)))


def scope_names(text: str | None) -> tuple[str, ...] | None:
    """Return the projects that were stored, sorted; None for all."""
    return None if text is None else tuple(text.split())


def _make_tables(connection: sqlite3.Connection) -> None:
    wanted = ("api_key", "session", "spent_state", "saved_search")
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    columns = {row[1] for row in connection.execute("PRAGMA table_info(api_key)")}
    if known.issuperset(wanted) and columns.issuperset(_ADDED):
        return  # no write lock is taken where nothing is to be done
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(api_key)")}
    for name in _ADDED:
        if name not in columns:
            connection.execute(f"ALTER TABLE api_key ADD COLUMN {name} TEXT")
