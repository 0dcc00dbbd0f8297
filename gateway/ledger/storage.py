"""The ledger's file: durable transactions over it, and the signed head that follows them."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from gateway.audit.checkpoint import Signer, VerifierKey, parse_checkpoint
from gateway.audit.database import Connection, DatabaseError, LedgerPlace
from gateway.audit.entries import Entry
from gateway.audit.publisher import Publisher, changed
from gateway.audit.tiles import TILE_WIDTH
from gateway.audit.tlog import leaf_hash
from gateway.clock import Clock
from gateway.ledger.backends import backend_of
from gateway.ledger.book import Place
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.grouping import Grouping, Member
from gateway.ledger.receipts import StoredTree, chain_salt, entry_chain, prove
from gateway.ledger.transaction import Transaction
from query.ports import Receipt

__all__ = ["LedgerFile", "faults"]

Kept = TypeVar("Kept")
_BATCH: Final = 1000


class LedgerFile:
    """One opening of the ledger's database; used by the threads of one process.

    Args:
        database: The SQLite file, made if missing, or the address of a database.
        checkpoint: The file of the last signed head.
        signer: Signs the heads.
        clock: Where time comes from.
        following: The key that signs once an entry hands over to it.

    Attributes:
        tree: The hashes of the log's tree.
        read_whole: When all entries were last read and found to be those that were signed, UTC.
    """

    def __init__(
        self,
        database: LedgerPlace,
        checkpoint: Path,
        signer: Signer,
        clock: Clock,
        following: Signer | None = None,
    ) -> None:
        self._pid = os.getpid()
        self._clock = clock
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._grouping: Grouping[Transaction] = Grouping(self._carry_out, self._sign)
        with faults():
            self._backend = backend_of(database)
        self._publisher = Publisher(checkpoint, signer, self._leaves_from, following)
        self.tree = StoredTree(self.reading)
        self.read_whole = clock.now()

    def start(self, write: Callable[[Transaction], Kept]) -> Kept:
        """Check the log against its last signed head, then write the first transaction.

        Only one process at a time is in here, so ``write`` can tell which others run.

        Raises:
            LogError: If the log is not the one that was last signed, or its head is missing.
        """
        with faults():
            with self._backend.starting():
                self._publisher.begin()
                with self.writing() as transaction:
                    kept = write(transaction)
            head = parse_checkpoint(self._publisher.publish())
        self.read_whole = self._clock.now()
        self.tree.hashes(1, 0, head.size // TILE_WIDTH)  # so that no question waits for it
        return kept

    @property
    def verifier(self) -> VerifierKey:
        """The key that signs the heads."""
        return self._publisher.verifier

    def hand_over(self, following: Signer, write: Callable[[Transaction], Place]) -> Receipt:
        """Write the entry that hands over to another key; no process starts meanwhile.

        Raises:
            LogError: As ``receipt`` does.
        """
        with faults(), self._backend.starting():
            self._publisher.expect(following)
            with self.writing() as transaction:
                place = write(transaction)
            return self.receipt(place)

    def close(self) -> None:
        """Let go of the files, once all is done that was asked for; a second call does nothing."""
        self._grouping.drain()
        with self._lock:
            self._backend.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold the connection for a block that only reads.

        Raises:
            LedgerFaultError: If the database fails, the process has forked since opening, or the
                thread is in such a block already.
        """
        self._check_usable()
        with faults(), self._lock:
            self._holder = threading.get_ident()
            try:
                yield self._backend.connection()
            finally:
                self._holder = None

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Hold the write lock for a block; what it wrote is durable when it ends without error.

        Raises:
            LogError: If the log does not have the last entries that were signed.
            LedgerFaultError: As ``reading`` does, or if the lock does not come within 10 s.
        """
        with self.reading() as connection:
            backend = self._backend
            try:
                backend.begin()
                self._publisher.check_end(partial(_leaf_at, connection))
                yield Transaction(
                    connection,
                    backend.boot,
                    backend.is_running,
                    backend.others_run,
                    self._clock,
                    backend.postgresql,
                )
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def append(
        self, write: Callable[[Transaction], Place], committed: Callable[[], object] = lambda: None
    ) -> Receipt:
        """Append an entry in one durable transaction, which it may share with other threads.

        Args:
            write: Writes it, under the write lock and in whichever thread leads; what it raises
                undoes what it wrote, and is raised here.
            committed: Called once that is durable, whether or not a head could be signed over it.

        Raises:
            LedgerFaultError: As ``writing`` does; nothing was written then, or it cannot be told.
                Or if the head cannot be written; the entry is durable then.
            LogError: If the log was rolled back while it was open.
        """
        self._check_usable()
        one = self._grouping.join(write)
        with faults():
            place = one.outcome()
        committed()
        return self.receipt(place, one.checkpoint)

    def receipt(self, place: Place, checkpoint: str = "") -> Receipt:
        """Return where a committed entry stands, under a signed head that covers it.

        Args:
            place: Of the entry.
            checkpoint: Such a head, if there is one already.

        Raises:
            LogError: If the log was rolled back while it was open.
            LedgerFaultError: If the head cannot be written.
        """
        checkpoint = checkpoint or self.checkpoint()
        if place.index >= parse_checkpoint(checkpoint).size:
            raise LedgerFaultError("a head was signed that does not cover its entry")
        return Receipt(index=place.index, leaf_hash=place.leaf_hash.hex(), checkpoint=checkpoint)

    def proved(self, receipt: Receipt) -> Receipt:
        """Return a receipt with the text that proves it to anybody.

        Raises:
            LogError: If the log is not the one that was signed.
        """
        return replace(receipt, proof=self.proof(receipt.index, receipt.checkpoint) or "")

    def proof(self, index: int, checkpoint: str) -> str | None:
        """Return the receipt of an entry under a signed head; None if that does not cover it.

        Raises:
            LogError: If the log is not the one that was signed.
        """
        if not 0 <= index < parse_checkpoint(checkpoint).size:
            return None
        with self.reading() as connection:
            chain = entry_chain(connection, index)
            salt = chain_salt(connection, chain)
        return prove(self.tree, chain, salt, checkpoint)

    def chain(self, index: int) -> tuple[tuple[bytes, Entry], ...]:
        """Return an entry and those that it refers to; nothing if there is none."""
        with self.reading() as connection:
            return entry_chain(connection, index)

    def recheck(self, pause: Callable[[], bool]) -> None:
        """Compare all entries with the last signed head, as ``Publisher.recheck`` does."""
        with faults():
            is_whole = self._publisher.recheck(pause)
        if is_whole:
            self.read_whole = self._clock.now()

    def checkpoint(self) -> str:
        """Return a signed head that covers all that was committed before the call."""
        with faults():
            return self._publisher.publish()

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """Return the entries from one number to below another, as bytes."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx", (start, end)
            ).fetchall()
        return tuple(leaf for (leaf,) in rows)

    def _carry_out(self, group: Sequence[Member[Transaction]]) -> None:
        """Run the transactions of a group, and commit all."""
        with self.writing() as transaction:
            for one in group:
                one.attempt(transaction, transaction.connection)

    def _sign(self, group: Sequence[Member[Transaction]]) -> None:
        """Sign one head over what a group has committed."""
        if any(one.place is not None for one in group):
            with suppress(Exception):  # each asks again for itself, and is told why not
                checkpoint = self.checkpoint()
                for one in group:
                    one.checkpoint = checkpoint

    def _check_usable(self) -> None:
        if os.getpid() != self._pid:
            raise LedgerFaultError("the ledger was opened before a fork and used after it")
        if self._holder == threading.get_ident():
            raise LedgerFaultError("the ledger was asked within a transaction of its own")

    def _leaves_from(self, start: int) -> Iterator[bytes]:
        """The leaves from an index on, in batches, so that no writer waits long."""
        while True:
            with self.reading() as connection:
                batch = connection.execute(
                    "SELECT leaf, leaf_hash FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?",
                    (start, _BATCH),
                ).fetchall()
            for leaf, stored in batch:
                if leaf_hash(leaf) != stored:  # proofs are made of what is stored
                    raise changed("a stored hash is not that of its entry")
                yield leaf
            if len(batch) < _BATCH:
                return
            start += _BATCH


def _leaf_at(connection: Connection, index: int) -> bytes | None:
    row = connection.execute("SELECT leaf FROM entry WHERE idx = ?", (index,)).fetchone()
    return None if row is None else bytes(row[0])


@contextmanager
def faults() -> Iterator[None]:
    """Tell a failure of the disk or the database without the vendor's words."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise LedgerFaultError(f"the database failed: {name}") from None
    except DatabaseError as error:
        raise LedgerFaultError(f"the database failed: {error.name}") from None
    except OSError as error:
        raise LedgerFaultError(f"a file failed: {os.strerror(error.errno or 0)}") from None
