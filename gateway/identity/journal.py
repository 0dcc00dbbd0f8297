"""What the audit log is told of who came and who looked, however often they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from gateway.audit.identity_events import (
    AuthenticationFailed,
    IdentityEvent,
    LogRead,
    SessionEnded,
    SignedIn,
)
from gateway.identity.sessions import Session

__all__ = ["Journal"]

INTERVAL: Final = timedelta(minutes=1)
"""Between two entries of failures, or of one auditor's reading, of one process."""


class Journal:
    """Writes entries of sign-ins at once, and of what comes in floods once a minute.

    Args:
        record: Appends to the audit log.
    """

    def __init__(self, record: Callable[[IdentityEvent], object]) -> None:
        self._record = record
        self._lock = Lock()
        self._failures = 0
        self._failed: datetime | None = None
        self._read: dict[str, datetime] = {}

    def signed_in(self, session: Session, now: datetime) -> None:
        """Tell that a person proved who they are, and what failed before."""
        self._record(
            SignedIn(
                actor=session.principal.user,
                role=session.principal.role.value,
                method="oidc" if session.key_id is None else "key",
                session=session.id,
            )
        )
        self._tell_failures(now)

    def failed(self, now: datetime) -> None:
        """Count a key, a session or a sign-in that was refused."""
        with self._lock:
            self._failures += 1
        self._tell_failures(now)

    def ended(self, actor: str, session_id: str) -> None:
        """Tell that an administrator ended a session."""
        self._record(SessionEnded(actor=actor, session=session_id))

    def read(self, actor: str, now: datetime) -> None:
        """Tell that an auditor reads entries, before they are given."""
        with self._lock:
            if _is_near(self._read.get(actor), now):
                return
        self._record(LogRead(actor=actor))
        with self._lock:
            self._read[actor] = now

    def _tell_failures(self, now: datetime) -> None:
        with self._lock:
            if self._failures == 0 or _is_near(self._failed, now):
                return
            attempts, self._failures, self._failed = self._failures, 0, now
        self._record(AuthenticationFailed(attempts=attempts))


def _is_near(last: datetime | None, now: datetime) -> bool:
    return last is not None and timedelta(0) <= now - last < INTERVAL
