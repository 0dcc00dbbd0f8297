"""API keys of one deployment: made, rotated, revoked, and found by what a caller shows."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.errors import AuthenticationError, NotFoundError, OperatorError
from gateway.identity.accounts_file import AccountsFile, moment_text, scope_names, scope_text
from gateway.identity.principals import (
    KEY_PRINCIPAL_PREFIX,
    AccountRole,
    Principal,
    is_user_name,
)
from gateway.identity.secrets import ApiKey, digest_of, matches, new_key, parse_key
from gateway.identity.separation import has_opposite_duty

__all__ = ["Accounts", "KeyRecord"]

_NOBODY: Final = ApiKey(id="0" * 16, secret="0" * 64)
_NOBODYS_DIGEST: Final = bytes(32)
_COLUMNS: Final = "id, user, role, projects, created, expires, revoked, used, successor"
_USE_INTERVAL: Final = timedelta(minutes=1)
"""How exactly the last use of a key is known; so requests mostly write nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is known of a key; nothing in it is secret.

    Attributes:
        id: 16 hex digits.
        user: Whose it is.
        role: What the account may do.
        projects: Projects that it is for, sorted; None for all.
        created: When it was made, UTC.
        expires: When it ends, UTC.
        revoked: When it was revoked, UTC, or None.
        used: When it last opened something, UTC, to a minute; None for never.
        successor: Id of the key that it was rotated to, or None.
    """

    id: str
    user: str
    role: AccountRole
    projects: tuple[str, ...] | None
    created: datetime
    expires: datetime
    revoked: datetime | None
    used: datetime | None = None
    successor: str | None = None

    def in_force(self, now: datetime) -> bool:
        """Say whether the key opens anything at that time."""
        return self.revoked is None and now < self.expires

    def principal(self) -> Principal:
        """Return who acts with the key."""
        return Principal(
            user=self.user,
            role=self.role,
            key_id=self.id,
            projects=None if self.projects is None else frozenset(self.projects),
            expires=self.expires,
        )


class Accounts:
    """The API keys of one deployment; safe for threads and for several processes.

    Args:
        path: The SQLite file; made, readable by its owner only, if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._file = AccountsFile(path)

    def create(
        self,
        user: str,
        *,
        expires: datetime,
        role: AccountRole = AccountRole.RESEARCHER,
        projects: tuple[str, ...] | None = None,
    ) -> ApiKey:
        """Make a key for a user; what is returned is the only copy of its secret.

        Raises:
            OperatorError: If the user's name or the date cannot be used, or the user would be
                steward and researcher.
        """
        now = datetime.now(UTC)
        if not is_user_name(user) or user.startswith(KEY_PRINCIPAL_PREFIX):
            raise OperatorError(
                f"a user is 1 to 200 printing characters, without {KEY_PRINCIPAL_PREFIX} in front",
                code="KEYS-USER",
                remedy="use the name that the project's members have",
            )
        if expires <= now:
            raise OperatorError(
                "the key would have expired already", code="KEYS-EXPIRY", remedy="give a later day"
            )
        with self._file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if has_opposite_duty(connection, user, role, now):
                raise OperatorError(
                    "this user would be steward and researcher, or was the other within 30 days",
                    code="KEYS-DUTIES",
                    remedy="give one of the two duties to somebody else",
                )
            return _insert(connection, user, role, projects, now, expires)

    def rotate(self, key_id: str, *, overlap: timedelta, expires: datetime) -> ApiKey:
        """Make the successor of a key, for the same user, role and projects.

        Args:
            key_id: Of the key, which must be in force and not have been rotated before.
            overlap: How long the old key still works beside the new one; 0 ends it at once.
            expires: When the new one ends, UTC.

        Returns:
            The only copy of the new secret.

        Raises:
            NotFoundError: If there is no such key in force.
            OperatorError: If the new key would have expired already.
        """
        now = datetime.now(UTC)
        if expires <= now:
            raise OperatorError(
                "the key would have expired already", code="KEYS-EXPIRY", remedy="give a later day"
            )
        with self._file.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            record = _find(connection, key_id)
            if record is None or not record.in_force(now) or record.successor is not None:
                raise NotFoundError(
                    "there is no key with this id that is in force and was not rotated",
                    remedy="'gateway key list' shows all ids; make a new key otherwise",
                )
            key = _insert(connection, record.user, record.role, record.projects, now, expires)
            end = min(record.expires, now + overlap)
            connection.execute(
                "UPDATE api_key SET successor = ?, expires = ? WHERE id = ?",
                (key.id, moment_text(end), key_id),
            )
        return key

    def revoke(self, key_id: str) -> None:
        """End a key now; it stays in the list.

        Raises:
            NotFoundError: If there is no such key.
        """
        with self._file.connection() as connection:
            changed = connection.execute(
                "UPDATE api_key SET revoked = coalesce(revoked, ?) WHERE id = ?",
                (moment_text(datetime.now(UTC)), key_id),
            ).rowcount
        if changed == 0:
            raise NotFoundError(
                "there is no key with this id", remedy="'gateway key list' shows all ids"
            )

    def records(self) -> tuple[KeyRecord, ...]:
        """Return all keys, oldest first."""
        with self._file.connection() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM api_key ORDER BY created, id"  # noqa: S608  constant
            ).fetchall()
        return tuple(_record(row) for row in rows)

    def authenticate(self, text: str | None, now: datetime) -> Principal:
        """Return whose key a text is.

        The same steps are taken for a text of any form, an unknown, an expired and a revoked
        key: one look-up and one comparison of digests in constant time.

        Raises:
            AuthenticationError: If it is not a key in force; the reason is not told.
        """
        key = parse_key(text or "") or _NOBODY
        with self._file.connection() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS}, digest FROM api_key WHERE id = ?",  # noqa: S608  constant
                (key.id,),
            ).fetchone()
        proved = matches(key, row[-1] if row else _NOBODYS_DIGEST)
        if row is None or not proved:
            raise AuthenticationError
        record = _record(row[:-1])
        if not record.in_force(now):
            raise AuthenticationError
        self._note_use(record, now)
        return record.principal()

    def oversees(self, user: str, now: datetime) -> bool:
        """Say whether a user is a steward, by any key in force or session of the last 30 days."""
        with self._file.connection() as connection:
            return has_opposite_duty(connection, user, AccountRole.RESEARCHER, now)

    def _note_use(self, record: KeyRecord, now: datetime) -> None:
        """Keep when a key was used, once a minute at most; that it cannot be kept stops nobody."""
        if record.used is not None and now - record.used < _USE_INTERVAL:
            return
        with suppress(sqlite3.OperationalError), self._file.connection(wait_seconds=0.1) as writing:
            writing.execute(
                "UPDATE api_key SET used = ? WHERE id = ? AND (used IS NULL OR used < ?)",
                (moment_text(now), record.id, moment_text(now)),
            )


def _find(connection: sqlite3.Connection, key_id: str) -> KeyRecord | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM api_key WHERE id = ?",  # noqa: S608  constant
        (key_id,),
    ).fetchone()
    return None if row is None else _record(row)


def _insert(  # noqa: PLR0913, PLR0917  the columns of one row
    connection: sqlite3.Connection,
    user: str,
    role: AccountRole,
    projects: tuple[str, ...] | None,
    now: datetime,
    expires: datetime,
) -> ApiKey:
    key = new_key()
    connection.execute(
        "INSERT INTO api_key(id, digest, user, role, projects, created, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key.id,
            digest_of(key),
            user,
            role.value,
            scope_text(projects),
            moment_text(now),
            moment_text(expires),
        ),
    )
    return key


def _record(row: tuple[str, ...]) -> KeyRecord:
    key_id, user, role, projects, created, expires, revoked, used, successor = row
    return KeyRecord(
        id=key_id,
        user=user,
        role=AccountRole(role),
        projects=scope_names(projects),
        created=datetime.fromisoformat(created),
        expires=datetime.fromisoformat(expires),
        revoked=_moment(revoked),
        used=_moment(used),
        successor=successor,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
