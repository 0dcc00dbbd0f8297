"""The log as others see it: heads, entries, and proofs about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.entries import Entry
from gateway.audit.growth import AddCheckpoint
from gateway.audit.tile_files import Place, tile_bytes
from gateway.audit.tiles import HashReader, consistency_from
from gateway.ledger.past import PastQuestion, past_questions
from gateway.ledger.storage import LedgerFile

__all__ = ["PublishedLog"]


class PublishedLog:
    """What may be proved of one ledger's log; safe among threads.

    Args:
        file: The ledger's file.
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    @property
    def tree(self) -> HashReader:
        """The hashes of the log's tree."""
        return self._file.tree

    def checkpoint(self) -> str:
        """Return the newest signed head (C2SP tlog-checkpoint)."""
        return self._file.checkpoint()

    @property
    def read_whole(self) -> datetime:
        """When all entries were last read and found to be those that were signed, UTC."""
        return self._file.read_whole

    def recheck(self, pause: Callable[[], bool]) -> None:
        """Compute the root anew from all entries, slice by slice, as ``Publisher.recheck`` does.

        Raises:
            LogError: If an entry is not the one that was signed; nothing is written from then on.
        """
        self._file.recheck(pause)

    def entries(self, index: int) -> tuple[Entry, ...]:
        """Return an entry and those that it refers to; nothing if there is none."""
        return tuple(entry for _, entry in self._file.chain(index))

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """Return the entries from one number to below another, as bytes."""
        return self._file.leaves(start, end)

    def questions(self, project: str, user: str, limit: int) -> tuple[PastQuestion, ...]:
        """Return the last questions of a project that were charged, as a user may see them."""
        with self._file.reading() as connection:
            return past_questions(connection, project, user, limit)

    def proof(self, index: int, checkpoint: str | None = None) -> str | None:
        """Return the receipt of an entry (C2SP tlog-proof); None if there is no such entry.

        Args:
            index: Number of the entry.
            checkpoint: Under which head, if that covers it; the newest otherwise.
        """
        older = None if checkpoint is None else self._file.proof(index, checkpoint)
        return older or self._file.proof(index, self.checkpoint())

    def tile(self, place: Place) -> bytes | None:
        """Return the bytes of a tile (C2SP tlog-tiles); None if the log does not have it yet."""
        if not place.fits(parse_checkpoint(self.checkpoint()).size):
            return None
        return tile_bytes(self._file.tree, self._file.leaves, place)

    def growth(self, size: int) -> str | None:
        """Return why the log grew from an earlier size; None if it never had it.

        Args:
            size: Entries of the earlier head; 1 or more.
        """
        note = self.checkpoint()
        later = parse_checkpoint(note).size
        if not 1 <= size <= later:
            return None
        proof = self.consistency(size, later)
        return AddCheckpoint(old=size, proof=proof, note=note).body().decode()

    def consistency(self, size: int, later_size: int) -> tuple[bytes, ...]:
        """Return the proof that the log of one size grew from another.

        Raises:
            LogError: If there is no such proof.
        """
        return consistency_from(self._file.tree, size, later_size)
