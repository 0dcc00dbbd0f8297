"""Sessions of people at the pages, kept by the service; a browser holds a random name of one.

The name is 256 bits from the operating system, of which SHA-256 is stored, as of keys. A session
that was opened with a key ends with it. What a form has to carry against forged requests follows
from the name, so that nothing more is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.errors import NotFoundError
from gateway.identity.accounts_file import AccountsFile, moment_text, scope_names, scope_text
from gateway.identity.principals import AccountRole, Principal
from gateway.identity.separation import REMEMBERED, check_duties_apart
from gateway.identity.settings import IdentitySettings

__all__ = ["OpenedSession", "Session", "Sessions", "form_token", "is_form_token"]

_FORM: Final = re.compile("[0-9a-f]{64}")
_MOST_OPEN: Final = 8
"""Sessions that one user may have at once; the oldest ends for a new one."""
_SEEN_INTERVAL: Final = timedelta(minutes=1)
_COLUMNS: Final = (
    "s.id, s.user, s.role, s.projects, s.key, s.created, s.authenticated, s.seen, s.expires"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person's stay at the pages; nothing in it is secret.

    Attributes:
        principal: Who acts, and in which role; its ``key_id`` is the session's id.
        key_id: The API key that opened it; None where the identity provider did.
        created: When the person signed in, UTC.
        authenticated: When they last proved who they are, UTC.
        seen: When it was last used, UTC, to a minute.
    """

    principal: Principal
    key_id: str | None
    created: datetime
    authenticated: datetime
    seen: datetime

    @property
    def id(self) -> str:
        """16 hex digits, for lists; it opens nothing."""
        return self.principal.key_id

    def is_recent(self, now: datetime, seconds: int) -> bool:
        """Say whether the person proved who they are within so many seconds."""
        return timedelta(0) <= now - self.authenticated <= timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A session with the name that its browser is given.

    Attributes:
        name: 64 hex digits; secret, and kept nowhere else.
        session: The session.
    """

    name: str
    session: Session

    def __repr__(self) -> str:
        return f"OpenedSession(session={self.session!r})"


class Sessions:
    """The sessions of one deployment; safe for threads and for several processes.

    Args:
        path: The SQLite file of accounts.
        settings: How long sessions last.
    """

    def __init__(self, path: Path, settings: IdentitySettings) -> None:
        self._file = AccountsFile(path)
        self._settings = settings

    def open(
        self,
        principal: Principal,
        now: datetime,
        *,
        key_id: str | None,
        before: str | None = None,
        authenticated: datetime | None = None,
    ) -> OpenedSession:
        """Begin a session under a fresh name; the one that the browser had before ends.

        Args:
            principal: Who signed in; a session does not outlive what they showed.
            now: The time, UTC.
            key_id: The API key that was shown; None for the identity provider.
            before: Name of the browser's earlier session.
            authenticated: When the person proved who they are, UTC; now if None.

        Raises:
            ForbiddenError: If they were steward and would be researcher, or the other way round.
        """
        proved = authenticated or now
        opened = _new(principal, now, key_id, now + self._settings.absolute, proved)
        session = opened.session
        with self._file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            check_duties_apart(connection, principal, now)
            _end_by_name(connection, before, now)
            _make_room(connection, principal.user, now)
            connection.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    session.id,
                    _digest(opened.name),
                    principal.user,
                    principal.role.value,
                    scope_text(principal.projects),
                    key_id,
                    moment_text(now),
                    moment_text(proved),
                    moment_text(now),
                    moment_text(session.principal.expires),
                ),
            )
        return opened

    def find(self, name: str | None, now: datetime) -> Session | None:
        """Return the open session of a name, and note that it is in use; None for any other."""
        if name is None or not _FORM.fullmatch(name):
            return None
        with self._file.connection() as connection:
            found = self._open_where(connection, "s.digest = ?", (_digest(name),), now)
        if not found:
            return None
        (session,) = found
        if now - session.seen >= _SEEN_INTERVAL:
            with self._file.connection() as connection:
                connection.execute(
                    "UPDATE session SET seen = ? WHERE id = ? AND seen < ?",
                    (moment_text(now), session.id, moment_text(now)),
                )
        return session

    def renew(
        self, session: Session, now: datetime, *, authenticated: datetime | None = None
    ) -> OpenedSession:
        """Give a session whose person has proved again who they are a fresh name.

        Args:
            session: Which one.
            now: The time, UTC.
            authenticated: When they proved it, UTC; now if None.

        Raises:
            NotFoundError: If it has ended meanwhile.
        """
        name = secrets.token_hex(32)
        with self._file.connection() as connection:
            changed = connection.execute(
                "UPDATE session SET digest = ?, authenticated = ?, seen = ?"
                " WHERE id = ? AND ended IS NULL",
                (_digest(name), moment_text(authenticated or now), moment_text(now), session.id),
            ).rowcount
            renewed = self._open_where(connection, "s.id = ?", (session.id,), now)
        if changed != 1 or not renewed:
            raise NotFoundError("this session has ended", remedy="sign in again")
        return OpenedSession(name=name, session=renewed[0])

    def end(self, session_id: str, now: datetime) -> None:
        """End a session.

        Raises:
            NotFoundError: If no open session has this id.
        """
        with self._file.connection() as connection:
            changed = connection.execute(
                "UPDATE session SET ended = ? WHERE id = ? AND ended IS NULL",
                (moment_text(now), session_id),
            ).rowcount
        if changed == 0:
            raise NotFoundError(
                "there is no open session with this id", remedy="look at the list of sessions"
            )

    def all_open(self, now: datetime) -> tuple[Session, ...]:
        """Return all open sessions, oldest first."""
        with self._file.connection() as connection:
            return self._open_where(connection, "TRUE", (), now)

    def spend(self, state: str, now: datetime, until: datetime) -> bool:
        """Use up the state of a sign-in, once; say whether it had not been used."""
        digest = _digest(state)
        with self._file.connection() as connection:
            connection.execute("DELETE FROM spent_state WHERE until < ?", (moment_text(now),))
            added = connection.execute(
                "INSERT OR IGNORE INTO spent_state VALUES (?, ?)", (digest, moment_text(until))
            )
            return added.rowcount == 1

    def _open_where(
        self,
        connection: sqlite3.Connection,
        condition: str,
        values: tuple[bytes | str, ...],
        now: datetime,
    ) -> tuple[Session, ...]:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM session s LEFT JOIN api_key k ON k.id = s.key"  # noqa: S608  constants
            f" WHERE {condition} AND s.ended IS NULL AND s.expires > ? AND s.seen > ?"
            " AND (s.key IS NULL OR (k.revoked IS NULL AND k.expires > ?))"
            " ORDER BY s.created, s.id",
            (*values, moment_text(now), moment_text(now - self._settings.idle), moment_text(now)),
        ).fetchall()
        return tuple(_session(row) for row in rows)


def form_token(name: str) -> str:
    """Return what the forms of a session carry, so that no other site can send them."""
    return hmac.digest(name.encode(), b"form", "sha256").hex()


def is_form_token(name: str, shown: str) -> bool:
    """Say whether a form carries what those of the session do, in constant time."""
    return hmac.compare_digest(form_token(name).encode(), shown.encode("utf-8", "replace"))


def _new(
    principal: Principal,
    now: datetime,
    key_id: str | None,
    latest: datetime,
    authenticated: datetime,
) -> OpenedSession:
    acting = Principal(
        user=principal.user,
        role=principal.role,
        key_id=secrets.token_hex(8),
        projects=principal.projects,
        expires=min(principal.expires, latest),
    )
    session = Session(
        principal=acting, key_id=key_id, created=now, authenticated=authenticated, seen=now
    )
    return OpenedSession(name=secrets.token_hex(32), session=session)


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _end_by_name(connection: sqlite3.Connection, name: str | None, now: datetime) -> None:
    if name is not None and _FORM.fullmatch(name):
        connection.execute(
            "UPDATE session SET ended = ? WHERE digest = ? AND ended IS NULL",
            (moment_text(now), _digest(name)),
        )


def _make_room(connection: sqlite3.Connection, user: str, now: datetime) -> None:
    """End the oldest sessions of a user beyond the most, and forget those long over."""
    connection.execute(
        "UPDATE session SET ended = ? WHERE id IN (SELECT id FROM session WHERE user = ?"
        " AND ended IS NULL AND expires > ? ORDER BY created DESC, id LIMIT -1 OFFSET ?)",
        (moment_text(now), user, moment_text(now), _MOST_OPEN - 1),
    )
    connection.execute("DELETE FROM session WHERE expires < ?", (moment_text(now - REMEMBERED),))


def _session(row: tuple[str, ...]) -> Session:
    session_id, user, role, projects, key_id, created, authenticated, seen, expires = row
    scope = scope_names(projects)
    return Session(
        principal=Principal(
            user=user,
            role=AccountRole(role),
            key_id=session_id,
            projects=None if scope is None else frozenset(scope),
            expires=datetime.fromisoformat(expires),
        ),
        key_id=key_id,
        created=datetime.fromisoformat(created),
        authenticated=datetime.fromisoformat(authenticated),
        seen=datetime.fromisoformat(seen),
    )
