"""API keys of one deployment, in an SQLite file of its own.

It is not a table beside the ledger: the ledger's file is append-only, is verified as a whole and
is never changed afterwards, while keys come and go; and a look-up of a key must not wait for a
charge.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.errors import AuthenticationError, NotFoundError, OperatorError
from gateway.identity.principals import (
    KEY_PRINCIPAL_PREFIX,
    AccountRole,
    Principal,
    is_user_name,
)
from gateway.identity.secrets import ApiKey, digest_of, matches, new_key, parse_key

__all__ = ["Accounts", "KeyRecord"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS api_key(
  id TEXT PRIMARY KEY,
  digest BLOB NOT NULL CHECK(length(digest) = 32),
  user TEXT NOT NULL,
  role TEXT NOT NULL,
  projects TEXT,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  revoked TEXT
) STRICT;
"""
_NOBODY: Final = ApiKey(id="0" * 16, secret="0" * 64)
_NOBODYS_DIGEST: Final = bytes(32)
_COLUMNS: Final = "id, user, role, projects, created, expires, revoked"


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
    """

    id: str
    user: str
    role: AccountRole
    projects: tuple[str, ...] | None
    created: datetime
    expires: datetime
    revoked: datetime | None

    def in_force(self, now: datetime) -> bool:
        """Say whether the key opens anything at that time."""
        return self.revoked is None and now < self.expires


class Accounts:
    """The API keys of one deployment; safe for threads and for several processes.

    Args:
        path: The SQLite file; made, readable by its owner only, if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.touch(mode=0o600, exist_ok=True)
            with self._connection() as connection:
                connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error):
            raise OperatorError(
                "the file of accounts cannot be opened",
                code="CFG-ACCOUNTS",
                remedy="check the folder's owner and free space, or paths.accounts in gateway.toml",
                file=str(path),
            ) from None

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
            OperatorError: If the user's name or the date cannot be used.
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
        key = new_key()
        scope = None if projects is None else " ".join(sorted(set(projects)))
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO api_key(id, digest, user, role, projects, created, expires)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key.id, digest_of(key), user, role.value, scope, _text(now), _text(expires)),
            )
        return key

    def revoke(self, key_id: str) -> None:
        """End a key now; it stays in the list.

        Raises:
            NotFoundError: If there is no such key.
        """
        with self._connection() as connection:
            changed = connection.execute(
                "UPDATE api_key SET revoked = coalesce(revoked, ?) WHERE id = ?",
                (_text(datetime.now(UTC)), key_id),
            ).rowcount
        if changed == 0:
            raise NotFoundError(
                "there is no key with this id", remedy="'gateway key list' shows all ids"
            )

    def records(self) -> tuple[KeyRecord, ...]:
        """Return all keys, oldest first."""
        with self._connection() as connection:
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
        with self._connection() as connection:
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
        return Principal(
            user=record.user,
            role=record.role,
            key_id=record.id,
            projects=None if record.projects is None else frozenset(record.projects),
            expires=record.expires,
        )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction; SQLite serves many of them at once."""
        connection = sqlite3.connect(self._path, timeout=10)
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _record(row: tuple[str, ...]) -> KeyRecord:
    key_id, user, role, projects, created, expires, revoked = row
    return KeyRecord(
        id=key_id,
        user=user,
        role=AccountRole(role),
        projects=None if projects is None else tuple(projects.split()),
        created=datetime.fromisoformat(created),
        expires=datetime.fromisoformat(expires),
        revoked=None if revoked is None else datetime.fromisoformat(revoked),
    )
