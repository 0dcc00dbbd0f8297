"""Separation of duties: nobody is steward and researcher of the same project.

Whoever declares what a project may ask must not be who asks; else one person could widen a policy
for their own question. A duty is known by the keys in force and the sessions that are open.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Final

from gateway.identity.accounts_file import moment_text, scope_names
from gateway.identity.principals import AccountRole

__all__ = ["has_opposite_duty"]

_OPPOSITE: Final = {
    AccountRole.RESEARCHER: AccountRole.STEWARD,
    AccountRole.STEWARD: AccountRole.RESEARCHER,
}
_HELD: Final = """
SELECT projects FROM api_key
WHERE user = :user AND role = :role AND revoked IS NULL AND expires > :now
UNION ALL SELECT projects FROM session
WHERE user = :user AND role = :role AND ended IS NULL AND expires > :now
"""


def has_opposite_duty(
    connection: sqlite3.Connection,
    user: str,
    role: AccountRole,
    projects: tuple[str, ...] | None,
    now: datetime,
) -> bool:
    """Say whether a user has the other of the two duties in one of the projects.

    Args:
        connection: To the file of accounts.
        user: Who.
        role: The duty that they would have.
        projects: Where; None for all.
        now: When, UTC.
    """
    opposite = _OPPOSITE.get(role)
    if opposite is None:
        return False
    rows = connection.execute(
        _HELD, {"user": user, "role": opposite.value, "now": moment_text(now)}
    ).fetchall()
    return any(_meet(scope_names(held), projects) for (held,) in rows)


def _meet(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    return one is None or other is None or not set(one).isdisjoint(other)
