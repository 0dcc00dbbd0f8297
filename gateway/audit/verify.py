"""Verification of the whole log: everything that it claims is computed again.

The database is opened read-only and read in batches, so a service that runs on it is not held up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import VerifierKey
from gateway.audit.database import Connection, DatabaseError, LedgerPlace, read_ledger
from gateway.audit.findings import Failure, Finding
from gateway.audit.projections import check_answers, check_tables
from gateway.audit.reading import Reading, VerificationReport
from gateway.audit.signed_heads import sort_heads

__all__ = ["VerificationReport", "verify_log"]

_BATCH: Final = 1000


def verify_log(
    database: LedgerPlace, *, key: VerifierKey, checkpoint: Path, earlier: Sequence[str] = ()
) -> VerificationReport:
    """Verify a log, its tables, and its checkpoints.

    Checked are: numbering, leaf hashes, canonical form and schema of entries, order of time, each
    query's life, every cap at every entry, all tables, digests of stored answers, and for each
    checkpoint its signature and that the log holds exactly what it was signed for.

    Args:
        database: The ledger's SQLite file, or the database that it is kept in.
        key: The key in force, whose signatures count; no other key's do, whatever the log says.
        checkpoint: The file of the last signed checkpoint.
        earlier: Texts of other checkpoints of this log, such as those in receipts; one of an
            earlier key counts if the log, under the last signed checkpoint, contains it.

    Returns:
        The report; also where nothing can be read. Nothing is raised for what is wrong.
    """
    reading = Reading(sort_heads(key, _text_of(checkpoint), earlier))
    try:
        _read_log(database, reading)
    except DatabaseError as error:
        reading.findings.append(Finding(None, Failure.DATABASE, _unreadable(error.name)))
    else:
        # Of a log that was not read to its end, nothing can be said to be missing.
        reading.check_heads()
    return reading.report()


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _unreadable(name: str) -> str:
    if name == "SQLITE_READONLY_ROLLBACK":
        # SQLite undoes it at the next opening for writing; a verification changes nothing.
        return "a write was interrupted; start the service or ask a quote, then verify again"
    return f"the database cannot be read: {name}"


def _read_log(database: LedgerPlace, reading: Reading) -> None:
    with read_ledger(database) as connection:
        while _read_batch(connection, reading):
            pass
        connection.execute("BEGIN")  # from here on, tables and log are of one moment
        while _read_batch(connection, reading):
            pass
        reading.add(check_tables(connection, reading.replay))
        connection.execute("COMMIT")
        reading.add(check_answers(connection, reading.replay))


def _read_batch(connection: Connection, reading: Reading) -> bool:
    """Read some more entries; say whether there may be others."""
    batch = connection.execute(
        "SELECT idx, leaf, leaf_hash FROM entry WHERE idx > ? ORDER BY idx LIMIT ?",
        (reading.cursor, _BATCH),
    ).fetchall()
    for index, leaf, stored_hash in batch:
        reading.take(index, leaf if isinstance(leaf, bytes) else b"", stored_hash)
    return len(batch) == _BATCH
