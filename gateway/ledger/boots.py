"""Which processes that once opened the ledger are still running.

Each holds the lock of a file of its own while it runs; the kernel lets it go however it ends. So
a process that starts can tell the reservations that were left behind from those in the making.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.audit.durable import hold, is_held, locked

__all__ = ["Boot"]


class Boot:
    """One opening of the ledger by one process.

    Args:
        folder: Where the files lie; made if missing.

    Attributes:
        id: 32 random hex digits.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self.id = secrets.token_hex(16)
        self._descriptor = -1

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Be the only process that starts, for a block; be known as running from here on.

        Raises:
            OSError: If the folder cannot be written.
        """
        with locked(self._folder / "start"):
            if self._descriptor < 0:
                self._descriptor = hold(self._path(self.id))
            yield
            for path in self._folder.glob("*.boot"):
                if not is_held(path):
                    path.unlink(missing_ok=True)

    def is_running(self, boot: str) -> bool:
        """Say whether that opening's process still runs.

        Ask while starting, or under the database's write lock: two that ask at once may take one
        another for it.
        """
        return is_held(self._path(boot))

    def others_run(self) -> bool:
        """Say whether the process of any other opening runs; ask as for ``is_running``."""
        own = self._path(self.id)
        return any(is_held(path) for path in self._folder.glob("*.boot") if path != own)

    def end(self) -> None:
        """Be known as ended; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _path(self, boot: str) -> Path:
        return self._folder / f"{boot}.boot"
