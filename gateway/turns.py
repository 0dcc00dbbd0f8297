"""One after the other: what must not be done twice at the same moment."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["Turns"]


class Turns:
    """Lets those who would do the same wait for each other; all others pass. Safe among threads."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._lines: dict[Hashable, _Line] = {}

    @contextmanager
    def taken(self, same: Hashable) -> Iterator[None]:
        """Wait until nobody else of this process is in here with the same.

        Args:
            same: What tells which are the same.
        """
        with self._guard:
            line = self._lines.setdefault(same, _Line())
            line.length += 1
        try:
            with line.lock:
                yield
        finally:
            with self._guard:
                line.length -= 1
                if not line.length:
                    del self._lines[same]


class _Line:
    """Those who wait for one turn, and whose it is."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.length = 0
