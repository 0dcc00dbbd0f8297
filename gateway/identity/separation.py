"""Separation of duties: nobody is steward and researcher of the same project.

Whoever declares what a project may ask must not be who asks; else one person could widen a policy
for their own question. A steward governs all projects at once, so the two duties never go together,
whichever projects a key is for. A duty is known by the keys in force, and by the sessions of the
last 30 days: it does not end by signing out.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from typing import Final

from gateway.errors import ForbiddenError
from gateway.identity.accounts_file import moment_text
from gateway.identity.principals import AccountRole, Principal

__all__ = ["REMEMBERED", "check_duties_apart", "has_opposite_duty"]

REMEMBERED: Final = timedelta(days=30)
"""How long a session counts after it was last used; ended ones are kept at least as long."""

_OPPOSITE: Final = {
    AccountRole.RESEARCHER: AccountRole.STEWARD,
    AccountRole.STEWARD: AccountRole.RESEARCHER,
}
_HELD: Final = """
SELECT 1 FROM api_key
WHERE user = :user AND role = :role AND revoked IS NULL AND expires > :now
UNION ALL SELECT 1 FROM session
WHERE user = :user AND role = :role AND seen > :since
LIMIT 1
"""


def has_opposite_duty(
    connection: sqlite3.Connection, user: str, role: AccountRole, now: datetime
) -> bool:
    """Say whether a user has the other of the two duties.

    Args:
        connection: To the file of accounts.
        user: Who.
        role: The duty that they would have.
        now: When, UTC.
    """
    opposite = _OPPOSITE.get(role)
    if opposite is None:
        return False
    times = {"now": moment_text(now), "since": moment_text(now - REMEMBERED)}
    held = connection.execute(_HELD, {"user": user, "role": opposite.value, **times})
    return held.fetchone() is not None


def check_duties_apart(connection: sqlite3.Connection, principal: Principal, now: datetime) -> None:
    """Refuse a session to whoever has the other of the two duties.

    Raises:
        ForbiddenError: ``AUTH-DUTIES``.
    """
    if has_opposite_duty(connection, principal.user, principal.role, now):
        raise ForbiddenError(
            "nobody is steward and researcher within 30 days",
            code="AUTH-DUTIES",
            remedy="sign in as what you were, with role=steward or role=researcher after"
            " /auth/oidc/start?, or leave one of the two duties to somebody else",
        )
