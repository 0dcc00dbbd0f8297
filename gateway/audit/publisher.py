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

from gateway.audit.checkpoint import Checkpoint, Signer, VerifierKey, parse_checkpoint
from gateway.audit.errors import LogError
from gateway.audit.filelock import exclusive, replace_text
from gateway.audit.succession import Succession
from gateway.audit.tlog import EMPTY_ROOT, Frontier, leaf_hash

__all__ = ["LeavesFrom", "Publisher"]

LeavesFrom = Callable[[int], Iterable[bytes]]
"""Returns the leaves from an index on to the end of the log, in order."""


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

    def begin(self) -> None:
        """Check the whole log against the last signed head; sign the head of an empty new log.

        Raises:
            LogError: If the log is not the one that was last signed or went on from it
                (``SYS-LOG-ROLLBACK``), the file is missing or unusable (``SYS-LOG-HEAD``), or an
                entry hands over to a key that is not at hand (``SYS-LOG-KEY``).
            OSError: If the file cannot be written.
        """
        with self._lock, exclusive(self._lock_path):
            if not self._path.exists():
                if next(iter(self._leaves_from(0)), None) is not None:
                    raise _bad_head("is missing, though the log has entries", self._path)
                replace_text(self._path, self._keys.signer.sign(0, EMPTY_ROOT))
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
        with self._lock, exclusive(self._lock_path):
            self._advance()
            return self._text

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
        signer = keys.in_force()
        if frontier.size > head.size:
            text = signer.sign(frontier.size, frontier.root())
            replace_text(self._path, text)
        self._frontier, self._text, self._last, self._keys = frontier, text, last, keys

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

    def _rolled_back(self) -> LogError:
        return LogError(
            "the audit log is not the one whose head was last signed",
            code="SYS-LOG-ROLLBACK",
            remedy="put the newest database back in place; an older one would give budget back",
            file=str(self._path),
        )


def _bad_head(reason: str, path: Path) -> LogError:
    return LogError(
        f"the last signed checkpoint {reason}",
        code="SYS-LOG-HEAD",
        remedy="put the newest checkpoint back in place; without it a rollback cannot be noticed",
        file=str(path),
    )
