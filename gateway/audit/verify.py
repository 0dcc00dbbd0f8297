"""Verification of the whole log: everything that it claims is computed again.

The database is opened read-only and read in batches, so a service that runs on it is not held up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import Checkpoint, VerifierKey
from gateway.audit.entries import parse_entry
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.audit.projections import check_answers, check_tables
from gateway.audit.replay import Replay
from gateway.audit.tlog import EMPTY_ROOT, Frontier, leaf_hash

__all__ = ["VerificationReport", "verify_log"]

_BATCH: Final = 1000
_MAX_FINDINGS: Final = 1000
_BUSY_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """What a verification found.

    Attributes:
        size: Entries in the log.
        root: Root of the tree over them, 64 hex digits.
        signed_size: Entries that the last signed checkpoint covers; 0 if it cannot be used.
        charged: Queries that were charged.
        open_reserves: Charged queries that are neither released nor abandoned: in the making, or
            left behind by a process that ended.
        findings: What is wrong: bad entries by index, then what is wrong with the log as a whole,
            then tables and answers that differ from it; at most about 1000.
    """

    size: int
    root: str
    signed_size: int
    charged: int
    open_reserves: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def exit_code(self) -> int:
        """0, or the exit code of the class of the first finding."""
        return self.findings[0].failure.value if self.findings else 0

    def with_findings(self, more: Sequence[Finding]) -> VerificationReport:
        """Return the report with what another check of the same log found."""
        return replace(self, findings=tuple(sorted((*self.findings, *more), key=_order)))

    def lines(self) -> tuple[str, ...]:
        """Return the report for a person, a sentence a line."""
        state = "sound" if self.is_sound else f"NOT sound: {len(self.findings)} findings"
        return (
            f"The log is {state}.",
            f"{self.size} entries, {self.signed_size} of them under the last signed checkpoint.",
            f"{self.charged} queries were charged; {self.open_reserves} of them are open.",
            f"Root {self.root}",
            *(str(finding) for finding in self.findings),
        )


@dataclass(slots=True)
class _Reading:
    """How far the log was read, and what was found."""

    sizes: frozenset[int]
    roots: dict[int, bytes] = field(default_factory=dict)
    cursor: int = -(2**63)
    next_index: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    replay: Replay = field(default_factory=Replay)
    findings: list[Finding] = field(default_factory=list)

    def add(self, findings: Iterator[Finding]) -> None:
        for finding in findings:
            if len(self.findings) < _MAX_FINDINGS:
                self.findings.append(finding)

    def take(self, index: int, leaf: bytes, stored_hash: bytes) -> None:
        """Read one more entry."""
        self.add(self._check(index, leaf, stored_hash))
        self.cursor, self.next_index = index, max(index + 1, self.next_index)
        self.frontier = self.frontier.extended((leaf_hash(leaf),))
        if self.frontier.size in self.sizes:
            self.roots[self.frontier.size] = self.frontier.root()

    def _check(self, index: int, leaf: bytes, stored_hash: bytes) -> Iterator[Finding]:
        if index != self.next_index:
            place = min(index, self.next_index)
            yield Finding(place, Failure.SEQUENCE, "an entry of this number is missing or moved")
        if leaf_hash(leaf) != stored_hash:
            yield Finding(index, Failure.LEAF_HASH, "it does not have the hash stored beside it")
        try:
            entry = parse_entry(leaf)
        except LogError as error:
            yield Finding(index, Failure.FORM, error.message)
            return
        yield from self.replay.take(index, entry)


def verify_log(
    database: Path, *, key: VerifierKey, checkpoint: Path, earlier: Sequence[str] = ()
) -> VerificationReport:
    """Verify a log, its tables, and its checkpoints.

    Checked are: numbering, leaf hashes, canonical form and schema of entries, order of time, each
    query's life, every cap at every entry, all tables, digests of stored answers, and for each
    checkpoint its signature and that the log holds exactly what it was signed for.

    Args:
        database: The ledger's SQLite file.
        key: Whose signatures count.
        checkpoint: The file of the last signed checkpoint.
        earlier: Texts of other checkpoints of this log, such as those in receipts.

    Returns:
        The report; also where nothing can be read. Nothing is raised for what is wrong.
    """
    heads: list[Checkpoint] = []
    findings: list[Finding] = []
    texts = list(earlier)
    try:
        texts.insert(0, checkpoint.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        detail = "the last signed checkpoint cannot be read"
        findings.append(Finding(None, Failure.DATABASE, detail))
    for text in texts:
        try:
            heads.append(key.verify(text))
        except LogError as error:
            findings.append(Finding(None, Failure.SIGNATURE, error.message))
    last = max((head.size for head in heads), default=0)
    reading = _Reading(frozenset(head.size for head in heads), findings=findings)
    try:
        _read_log(database, reading)
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        reading.findings.append(Finding(None, Failure.DATABASE, _unreadable(name)))
    else:
        # Of a log that was not read to its end, nothing can be said to be missing.
        reading.add(_check_heads(heads, reading))
    queries = reading.replay.queries.values()
    return VerificationReport(
        size=reading.frontier.size,
        root=reading.frontier.root().hex(),
        signed_size=last,
        charged=len(queries),
        open_reserves=sum(query.closed is None for query in queries),
        findings=tuple(sorted(reading.findings, key=_order)),
    )


def _unreadable(name: str) -> str:
    if name == "SQLITE_READONLY_ROLLBACK":
        # SQLite undoes it at the next opening for writing; a verification changes nothing.
        return "a write was interrupted; start the service or ask a quote, then verify again"
    return f"the database cannot be read: {name}"


def _read_log(database: Path, reading: _Reading) -> None:
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        timeout=_BUSY_TIMEOUT_S,
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        while _read_batch(connection, reading):
            pass
        connection.execute("BEGIN")  # from here on, tables and log are of one moment
        while _read_batch(connection, reading):
            pass
        reading.add(check_tables(connection, reading.replay))
        connection.execute("COMMIT")
        reading.add(check_answers(connection, reading.replay))
    finally:
        connection.close()


def _read_batch(connection: sqlite3.Connection, reading: _Reading) -> bool:
    """Read some more entries; say whether there may be others."""
    batch = connection.execute(
        "SELECT idx, leaf, leaf_hash FROM entry WHERE idx > ? ORDER BY idx LIMIT ?",
        (reading.cursor, _BATCH),
    ).fetchall()
    for index, leaf, stored_hash in batch:
        reading.take(index, leaf if isinstance(leaf, bytes) else b"", stored_hash)
    return len(batch) == _BATCH


def _check_heads(heads: Sequence[Checkpoint], reading: _Reading) -> Iterator[Finding]:
    for head in heads:
        if head.size > reading.frontier.size:
            detail = f"a checkpoint was signed for {head.size} entries"
            yield Finding(reading.frontier.size, Failure.ROLLBACK, detail)
        elif reading.roots.get(head.size, EMPTY_ROOT) != head.root:
            detail = f"the first {head.size} entries are not those that were signed"
            yield Finding(None, Failure.ROOT, detail)


def _order(finding: Finding) -> tuple[int, bool, int, int]:
    """Bad entries first, by index; then the log as a whole; then what only follows from it."""
    follows = finding.failure in {Failure.TABLES, Failure.ANSWER}
    rank = 2 if follows else int(finding.index is None)
    return rank, finding.index is None, finding.index or 0, finding.failure.value
