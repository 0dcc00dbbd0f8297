"""The tables of the ledger, and how its SQLite file is opened.

``entry`` is the log and the only truth; the other tables are projections of it that an auditor
recomputes. The triggers stop accidents; attackers are found out by the signed tree.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from gateway.audit.errors import LogError

__all__ = ["SCHEMA_VERSION", "TABLES", "open_database"]

SCHEMA_VERSION: Final = 4
BUSY_TIMEOUT_MS: Final = 10_000

TABLES: Final = """
CREATE TABLE entry(
  idx INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL,
  leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
) STRICT;
CREATE TABLE activation(
  entry INTEGER PRIMARY KEY REFERENCES entry,
  policy TEXT NOT NULL
) STRICT;
CREATE TABLE suspension(
  id TEXT PRIMARY KEY,
  entry INTEGER NOT NULL UNIQUE REFERENCES entry
) STRICT;
CREATE TABLE scope(
  id TEXT PRIMARY KEY,
  parent TEXT REFERENCES scope,
  measure TEXT NOT NULL CHECK (measure IN ('pure', 'zcdp')),
  cap INTEGER NOT NULL,
  cap_delta INTEGER NOT NULL,
  spent INTEGER NOT NULL DEFAULT 0 CHECK (spent BETWEEN 0 AND cap),
  spent_delta INTEGER NOT NULL DEFAULT 0 CHECK (spent_delta BETWEEN 0 AND cap_delta)
) STRICT;
CREATE TABLE dataset(
  id TEXT PRIMARY KEY,
  pool TEXT NOT NULL REFERENCES scope
) STRICT;
CREATE TABLE charge(
  entry INTEGER NOT NULL REFERENCES entry,
  scope TEXT NOT NULL REFERENCES scope,
  amount INTEGER NOT NULL CHECK (amount > 0),
  delta INTEGER NOT NULL CHECK (delta >= 0),
  PRIMARY KEY (entry, scope)
) STRICT;
CREATE TABLE query(
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  cache_key TEXT NOT NULL,
  boot TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reserved', 'released', 'abandoned')),
  reserve INTEGER NOT NULL UNIQUE REFERENCES entry,
  close INTEGER UNIQUE REFERENCES entry,
  salt BLOB,
  answer BLOB,
  family TEXT,
  wording BLOB,
  CHECK ((state = 'reserved') = (close IS NULL)),
  CHECK ((state = 'released') = (answer IS NOT NULL AND salt IS NOT NULL))
) STRICT;
CREATE INDEX query_equal ON query(project, cache_key) WHERE state = 'released';
CREATE INDEX query_open ON query(project, cache_key) WHERE state = 'reserved';
CREATE INDEX query_related ON query(project, family) WHERE state = 'released';
"""
"""Tables and indexes, of which PostgreSQL needs but other names of types."""
_TRIGGERS: Final = """
CREATE TRIGGER entry_next BEFORE INSERT ON entry
  WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entry)
  BEGIN SELECT RAISE(ABORT, 'entries are numbered without gaps'); END;
CREATE TRIGGER entry_kept BEFORE UPDATE ON entry
  BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_not_deleted BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER charge_kept BEFORE UPDATE ON charge
  BEGIN SELECT RAISE(ABORT, 'charges are never changed'); END;
CREATE TRIGGER charge_not_deleted BEFORE DELETE ON charge
  BEGIN SELECT RAISE(ABORT, 'charges are never deleted'); END;
CREATE TRIGGER scope_not_refunded BEFORE UPDATE ON scope
  WHEN NEW.spent < OLD.spent OR NEW.spent_delta < OLD.spent_delta
  BEGIN SELECT RAISE(ABORT, 'what is spent stays spent'); END;
CREATE TRIGGER scope_not_deleted BEFORE DELETE ON scope
  BEGIN SELECT RAISE(ABORT, 'scopes are never deleted'); END;
CREATE TRIGGER query_closed_once BEFORE UPDATE ON query WHEN OLD.state <> 'reserved'
  BEGIN SELECT RAISE(ABORT, 'a query is closed once'); END;
CREATE TRIGGER query_not_deleted BEFORE DELETE ON query
  BEGIN SELECT RAISE(ABORT, 'queries are never deleted'); END;
"""


_UPGRADES: Final = {
    1: """
ALTER TABLE query ADD COLUMN family TEXT;
ALTER TABLE query ADD COLUMN wording BLOB;
CREATE INDEX query_related ON query(project, family) WHERE state = 'released';
""",
    2: """
CREATE TABLE suspension(
  id TEXT PRIMARY KEY,
  entry INTEGER NOT NULL UNIQUE REFERENCES entry
) STRICT;
""",
    3: "",  # entries have a salt from here on, which software for older tables cannot read
}
"""What brings the tables of a version to the next one; entries stay as they are."""


def open_database(path: Path) -> sqlite3.Connection:
    """Open the ledger's file for reading and writing; make it, or its tables, if missing.

    The connection may be used from several threads, one at a time. A commit is durable when it
    returns: in this journal mode SQLite syncs the truncated journal as well. Nothing is cached
    outside SQLite's own pages.

    Raises:
        LogError: If the file has tables of another version, or is no database.
        OSError: If the file cannot be made.
        sqlite3.Error: If it cannot be opened.

    Source: https://sqlite.org/pragma.html, journal_mode and synchronous.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000
    )
    try:
        for pragma in (
            "journal_mode = TRUNCATE",
            "synchronous = FULL",
            "fullfsync = ON",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "mmap_size = 0",
        ):
            connection.execute(f"PRAGMA {pragma}")
        _make_tables(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    ((version,),) = connection.execute("PRAGMA user_version")
    ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema")
    if (version, tables) == (0, 0):
        _run(connection, TABLES + _TRIGGERS)
    elif version in _UPGRADES:
        for number in range(version, SCHEMA_VERSION):
            _run(connection, _UPGRADES[number])
    elif version != SCHEMA_VERSION:
        raise LogError(
            f"the ledger has tables of version {version}; this software has {SCHEMA_VERSION}",
            code="SYS-LEDGER-VERSION",
            remedy="run the version of the software that wrote it",
            file=str(path),
        )
    connection.execute("COMMIT")


def _run(connection: sqlite3.Connection, script: str) -> None:
    for statement in _statements(script):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _statements(script: str) -> list[str]:
    """The script's statements; ``executescript`` would commit our transaction."""
    statements, start = [], 0
    for end, character in enumerate(script):
        if character == ";" and sqlite3.complete_statement(script[start : end + 1]):
            statements.append(script[start : end + 1])
            start = end + 1
    return statements
