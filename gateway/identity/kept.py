"""What is fetched from the identity provider and kept: one fetch at a time, and not of a dead one.

Anybody may begin a sign-in. So nobody waits for the fetch of another: a thread is held by each
fetch alone, and a provider that did not answer is left in peace for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Final, Generic, TypeVar

from gateway.errors import UnavailableError

__all__ = ["KEEP_SECONDS", "REST_SECONDS", "Kept", "unreachable"]

KEEP_SECONDS: Final = 600
"""How long a document is kept."""
REST_SECONDS: Final = 10
"""How long a provider that did not answer is not asked again."""
_Document = TypeVar("_Document")


class Kept(Generic[_Document]):
    """One document; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: tuple[int, _Document] | None = None
        self._under_way = False
        self._rests_until = 0

    def get(self, fetch: Callable[[], _Document], now: int, *, anew: bool = False) -> _Document:
        """Return the document, fetched if it is not known for long enough, or ``anew``.

        Args:
            fetch: Fetches it; runs outside all locks.
            now: Seconds since 1970.
            anew: Whether one that is kept will not do.

        Raises:
            UnavailableError: If the provider does not answer, did not a moment ago, or is being
                asked by another thread.
        """
        with self._lock:
            if self._found is not None and not anew and 0 <= now - self._found[0] <= KEEP_SECONDS:
                return self._found[1]
            if self._under_way or 0 < self._rests_until - now <= KEEP_SECONDS:
                raise unreachable()
            self._under_way = True
        begun = monotonic()
        try:
            document = fetch()
        except UnavailableError:
            with self._lock:
                self._rests_until = now + int(monotonic() - begun) + REST_SECONDS
            raise
        else:
            with self._lock:
                self._found = (now, document)
            return document
        finally:
            with self._lock:
                self._under_way = False


def unreachable() -> UnavailableError:
    """Return what is told where the provider does not answer, or is asked too much at once."""
    return UnavailableError(
        "the identity provider does not answer",
        code="AUTH-PROVIDER",
        remedy="try again later; API keys go on working",
    )
