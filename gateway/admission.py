"""How many requests one API key may have under way, so that no caller takes every thread."""

from __future__ import annotations

from collections import Counter
from threading import Lock

from gateway.errors import TooManyRequestsError

__all__ = ["Admission"]


class Admission:
    """Counts requests under way by key; it is not a limit on spending, which the ledger is.

    Args:
        per_key: Requests that one key may have under way; 1 or more.
    """

    def __init__(self, per_key: int) -> None:
        self._per_key = per_key
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    def enter(self, key_id: str) -> None:
        """Count one request in.

        Raises:
            TooManyRequestsError: If the key has as many as it may have; it is not counted then.
        """
        with self._lock:
            if self._under_way[key_id] >= self._per_key:
                raise TooManyRequestsError(
                    f"this key has {self._per_key} requests under way, which is the most at once",
                    remedy="wait for one to end, then send the request again",
                )
            self._under_way[key_id] += 1

    def leave(self, key_id: str) -> None:
        """Count one request out."""
        with self._lock:
            self._under_way[key_id] -= 1
            if self._under_way[key_id] <= 0:
                del self._under_way[key_id]
