"""Reading entries of a log that may be running, without writing to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.audit.database import Connection, LedgerPlace, read_ledger
from gateway.audit.entries import Entry, parse_entry
from gateway.ledger.receipts import StoredTree, chain_salt, entry_chain, prove

__all__ = ["LoggedEntry", "ReadLog", "project_of", "read_log"]

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEntry:
    """One entry.

    Attributes:
        index: Its number.
        leaf: Its bytes.
        entry: What they say.
        references: Those that it refers to, one from the other.
    """

    index: int
    leaf: bytes
    entry: Entry
    references: tuple[Entry, ...]


class ReadLog:
    """A log that is only read; use ``read_log``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.tree = StoredTree(self._reading)

    def entries(self, project: str | None = None, size: int | None = None) -> Iterator[LoggedEntry]:
        """Yield entries in their order.

        Args:
            project: Only those about this project's requests; all if None.
            size: Only the first so many; all if None.

        Raises:
            LogError: If one is not an entry that this version writes.
        """
        start = 0
        while batch := self.leaves(start, start + _BATCH):
            for index, leaf in enumerate(batch, start):
                if size is not None and index >= size:
                    return
                found = self._found(index, leaf)
                if project is None or project_of(found) == project:
                    yield found
            start += len(batch)

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        """Return entries from one number to below another, as bytes."""
        select = "SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"
        return [leaf for (leaf,) in self._connection.execute(select, (start, end))]

    def receipt(self, index: int, checkpoint: str) -> str:
        """Return the receipt of an entry under a signed head that covers it.

        Raises:
            LogError: If the log is not the one that was signed.
        """
        chain = entry_chain(self._connection, index)
        return prove(self.tree, chain, chain_salt(self._connection, chain), checkpoint)

    def answer(self, query_id: str) -> bytes | None:
        """Return what is stored of an answer; None if there is none."""
        row = self._connection.execute(
            "SELECT answer FROM query WHERE id = ? AND state = 'released'", (query_id,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def _found(self, index: int, leaf: bytes) -> LoggedEntry:
        entry = parse_entry(leaf)
        references: tuple[Entry, ...] = ()
        if getattr(entry.event, "ref", None) is not None:
            references = tuple(one for _, one in entry_chain(self._connection, index)[1:])
        return LoggedEntry(index=index, leaf=leaf, entry=entry, references=references)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        yield self._connection


@contextmanager
def read_log(database: LedgerPlace) -> Iterator[ReadLog]:
    """Open the ledger for reading alone.

    Raises:
        DatabaseError: If it cannot be read.
    """
    with read_ledger(database) as connection:
        yield ReadLog(connection)


def project_of(logged: LoggedEntry) -> str:
    """Return whose request an entry is about; empty where it is nobody's."""
    for one in (logged.entry, *logged.references):
        for name in ("project", "named_project", "capped_project"):
            found = getattr(one.event, name, "")
            if found:
                return str(found)
    return ""
