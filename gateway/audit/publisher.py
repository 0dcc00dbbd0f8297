"""Publishing the log: one signed head, in a file outside the database, that only moves forward.

Whoever puts back an older database, to get the budget back, finds that it does not fit the file.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import Checkpoint, Signer, VerifierKey, parse_checkpoint
from gateway.audit.durable import locked, put_file
from gateway.audit.errors import LogError
from gateway.audit.succession import Succession
from gateway.audit.tlog import EMPTY_ROOT, Frontier, leaf_hash

__all__ = ["LeavesFrom", "Publisher", "changed"]

LeavesFrom = Callable[[int], Iterable[bytes]]
"""Returns the leaves from an index on to the end of the log, in order."""
_SLICE: Final = 256
_MOST_UNREAD: Final = 2
"""Entries that are hashed in one go where nobody is to wait for it."""


class Publisher:
    """Signs the head of one log; safe among threads and processes.

    Args:
        path: The file of the last signed checkpoint, best not in the database's folder.
        signer: Signs the heads.
        leaves_from: The log's storage.
        following: The key that signs once an entry hands over to it; None where there is none.
    """

    def __init__(
        self,
        path: Path,
        signer: Signer,
        leaves_from: LeavesFrom,
        following: Signer | None = None,
    ) -> None:
        self._path = path
        self._keys = Succession(signer, following)
        self._leaves_from = leaves_from
        self._frontier = Frontier()
        self._text = ""
        self._last: deque[bytes] = deque(maxlen=1)  # hash of the last leaf under the frontier
        self._lock = threading.Lock()
        self._seen: tuple[int, bytes] = (0, b"")  # frontier's size, and the hash of its last leaf
        self._fault: LogError | None = None
        self._unread = 0

    def begin(self) -> None:
        """Check the whole log against the last signed head; sign the head of an empty new log.

        Raises:
            LogError: If the log is not the one that was last signed or went on from it
                (``SYS-LOG-ROLLBACK``), the file is missing or unusable (``SYS-LOG-HEAD``), or an
                entry hands over to a key that is not at hand (``SYS-LOG-KEY``).
            OSError: If the file cannot be written.
        """
        with self._lock, locked(self._lock_path):
            if not self._path.exists():
                if next(iter(self._leaves_from(0)), None) is not None:
                    raise _bad_head("is missing, though the log has entries", self._path)
                text = self._keys.signer.sign(0, EMPTY_ROOT)
                put_file(self._path, text.encode(), 0o644)
            self._advance()

    def publish(self) -> str:
        """Return a signed checkpoint of a tree that holds all that was committed before the call.

        Read the last signed head, check that the log holds it and what this process has seen; if
        the log has grown, sign the new head, sync it to disk, and put it in the old one's place.
        Entries of several threads that wait for each other share one signature.

        Raises:
            LogError: As ``begin`` does; nothing is signed then.
            OSError: If the file cannot be written; nothing is published then.
        """
        with self._lock, locked(self._lock_path):
            self._advance()
            return self._text

    def check_end(self, leaf_at: Callable[[int], bytes | None]) -> None:
        """Check in a transaction that the log still has the last entries that were signed.

        So nothing is charged upon a log that was rolled back. Takes no lock, and reads two entries
        at most; ``publish`` finds out the rest.

        Args:
            leaf_at: Returns the entry of a number; None where there is none.

        Raises:
            LogError: If it has not (``SYS-LOG-ROLLBACK``), or as ``recheck`` said.
        """
        self._check_trusted()
        size, last = self._seen
        signed = self._last_signed()[1].size
        if last and leaf_hash(leaf_at(size - 1) or b"") != last:
            raise self._rolled_back()
        if signed > size and leaf_at(signed - 1) is None:
            raise self._rolled_back()

    def recheck(self, pause: Callable[[], bool] = bool) -> bool:
        """Compute the root anew from all stored leaves, in slices; compare it with the signed one.

        Args:
            pause: Called between two slices; ends the check without a verdict if it returns true.

        Returns:
            Whether it was read to its end.

        Raises:
            LogError: If an entry was changed (``SYS-LOG-CHANGED``), or the log could not be read
                twice in a row; nothing is signed from then on.
        """
        head = parse_checkpoint(self.publish())
        is_whole = False
        try:
            is_whole = self._read_all(head, pause)
        except LogError as error:
            self._fault = error
        except Exception:
            self._unread += 1
            if self._unread == _MOST_UNREAD:  # whoever changed an entry could damage another
                self._fault = changed("it cannot be read from its first entry to its last")
            raise
        else:
            self._unread = 0
        self._check_trusted()
        return is_whole

    @property
    def verifier(self) -> VerifierKey:
        """The key that signs now."""
        return self._keys.verifier

    def expect(self, following: Signer) -> None:
        """Let another key sign from the entry on that hands over to it."""
        with self._lock:
            self._keys = replace(self._keys, following=following)

    @property
    def _lock_path(self) -> Path:
        return self._path.with_name(f"{self._path.name}.lock")

    def _advance(self) -> None:
        """Sign what was appended since the last signed head."""
        self._check_trusted()
        text, head = self._last_signed()
        if head.size < self._frontier.size:
            raise _bad_head("is older than one that was signed before", self._path)
        last, keys = self._last.copy(), replace(self._keys)
        hashes = self._hashes_since(last, keys)
        missing = head.size - self._frontier.size
        frontier = self._frontier.extended(islice(hashes, missing))
        self._check_signed(text, keys.verifier)
        if frontier.size < head.size or frontier.root() != head.root:
            raise self._rolled_back()
        frontier = frontier.extended(hashes)
        try:
            signer = keys.in_force()
        except LogError as error:
            self._fault = error
            raise
        if frontier.size > head.size:
            text = signer.sign(frontier.size, frontier.root())
            put_file(self._path, text.encode(), 0o644)
        self._frontier, self._text, self._last, self._keys = frontier, text, last, keys
        self._seen = (frontier.size, b"".join(last))

    def _read_all(self, head: Checkpoint, pause: Callable[[], bool]) -> bool:
        leaves, frontier = islice(iter(self._leaves_from(0)), head.size), Frontier()
        while hashes := [leaf_hash(leaf) for leaf in islice(leaves, _SLICE)]:
            frontier = frontier.extended(hashes)
            if pause():
                return False
        if frontier.root() != head.root:
            raise changed("an entry is not the one that was signed")
        return True

    def _last_signed(self) -> tuple[str, Checkpoint]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise _bad_head("cannot be read", self._path) from None
        try:
            return text, parse_checkpoint(text)
        except LogError as error:
            raise _bad_head(f"cannot be used: {error.message}", self._path) from None

    def _check_signed(self, text: str, key: VerifierKey) -> None:
        """Check that the head is signed by the key that was in force at its size."""
        try:
            key.verify(text)
        except LogError as error:
            raise _bad_head(f"cannot be used: {error.message}", self._path) from None

    def _hashes_since(self, last: deque[bytes], keys: Succession) -> Iterator[bytes]:
        """Leaf hashes from where this process stands; puts each into ``last``, tells ``keys``.

        The entry before is read again: where it is another one, the log was rolled back and has
        grown past this place since.
        """
        leaves = iter(self._leaves_from(max(0, self._frontier.size - 1)))
        for expected in self._last:
            if leaf_hash(next(leaves, b"")) != expected:
                raise self._rolled_back()
        for leaf in leaves:
            last.append(leaf_hash(leaf))
            keys.take(leaf)
            yield last[0]

    def _check_trusted(self) -> None:
        """Check that nothing was found that only a new start can mend."""
        if self._fault is not None:
            raise self._fault.with_traceback(None)

    def _rolled_back(self) -> LogError:
        return LogError(
            "the audit log is not the one whose head was last signed",
            code="SYS-LOG-ROLLBACK",
            remedy="put the newest database back in place; an older one would give budget back",
            file=str(self._path),
        )


def changed(how: str) -> LogError:
    """Return the error of a log whose entries are not those that were signed."""
    return LogError(
        f"the audit log was changed: {how}",
        code="SYS-LOG-CHANGED",
        remedy="stop the service, keep a copy of the database, and run 'gateway audit verify DIR'"
        " to see which; then put the newest sound copy back",
    )


def _bad_head(reason: str, path: Path) -> LogError:
    return LogError(
        f"the last signed checkpoint {reason}",
        code="SYS-LOG-HEAD",
        remedy="put the newest checkpoint back in place; without it a rollback cannot be noticed",
        file=str(path),
    )
