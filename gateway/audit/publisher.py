"""Publishing the log: one signed head, in a file outside the database, that only moves forward.

Whoever puts back an older database, to get the budget back, finds that it does not fit the file.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from gateway.audit.checkpoint import Checkpoint, Signer
from gateway.audit.errors import LogError
from gateway.audit.filelock import exclusive
from gateway.audit.tlog import EMPTY_ROOT, Frontier, leaf_hash

__all__ = ["LeavesFrom", "Publisher", "read_checkpoint"]

LeavesFrom = Callable[[int], Iterable[bytes]]
"""Returns the leaves from an index on to the end of the log, in order."""


class Publisher:
    """Signs the head of one log; safe among threads and processes.

    Args:
        path: The file of the last signed checkpoint, best not in the database's folder.
        signer: Signs the heads.
        leaves_from: The log's storage.
    """

    def __init__(self, path: Path, signer: Signer, leaves_from: LeavesFrom) -> None:
        self._path = path
        self._signer = signer
        self._leaves_from = leaves_from
        self._frontier = Frontier()
        self._text = ""
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Check the whole log against the last signed head; sign the head of an empty new log.

        Raises:
            LogError: If the log is not the one that was last signed or went on from it
                (``SYS-LOG-ROLLBACK``), or the file is missing or unusable (``SYS-LOG-HEAD``).
            OSError: If the file cannot be written.
        """
        with self._lock, exclusive(self._lock_path):
            if not self._path.exists():
                if next(iter(self._leaves_from(0)), None) is not None:
                    raise _bad_head("is missing, though the log has entries", self._path)
                self._write(self._signer.sign(0, EMPTY_ROOT))
            self._advance()

    def publish(self, least_size: int) -> str:
        """Return a signed checkpoint of a tree of at least that many entries.

        Signs and writes one if there is none yet: read the last signed head, check that the log
        holds it, sign the new head, sync it to disk, put it in the old one's place.

        Raises:
            LogError: As ``begin`` does; nothing is signed then.
            OSError: If the file cannot be written; nothing is published then.
        """
        with self._lock:
            if self._frontier.size < least_size or not self._text:
                with exclusive(self._lock_path):
                    self._advance()
            return self._text

    @property
    def _lock_path(self) -> Path:
        return self._path.with_name(f"{self._path.name}.lock")

    def _advance(self) -> None:
        """Sign what was appended since the last signed head."""
        text, head = read_checkpoint(self._path, self._signer)
        if head.size < self._frontier.size:
            raise _bad_head("is older than one that was signed before", self._path)
        hashes = map(leaf_hash, self._leaves_from(self._frontier.size))
        missing = head.size - self._frontier.size
        frontier = self._frontier.extended(islice(hashes, missing))
        if frontier.size < head.size or frontier.root() != head.root:
            raise LogError(
                "the audit log is not the one whose head was last signed",
                code="SYS-LOG-ROLLBACK",
                remedy="put the newest database back in place; an older one would give budget back",
                file=str(self._path),
            )
        frontier = frontier.extended(hashes)
        if frontier.size > head.size:
            text = self._signer.sign(frontier.size, frontier.root())
            self._write(text)
        self._frontier, self._text = frontier, text

    def _write(self, text: str) -> None:
        draft = self._path.with_name(f"{self._path.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read_checkpoint(path: Path, signer: Signer) -> tuple[str, Checkpoint]:
    """Return the text and the meaning of the last signed checkpoint.

    Raises:
        LogError: If it is missing, unreadable, or not signed by this key (``SYS-LOG-HEAD``).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _bad_head("cannot be read", path) from None
    try:
        return text, signer.verifier.verify(text)
    except LogError as error:
        raise _bad_head(f"cannot be used: {error.message}", path) from None


def _bad_head(reason: str, path: Path) -> LogError:
    return LogError(
        f"the last signed checkpoint {reason}",
        code="SYS-LOG-HEAD",
        remedy="put the newest checkpoint back in place; without it a rollback cannot be noticed",
        file=str(path),
    )
