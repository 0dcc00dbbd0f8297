"""Principals: who acts, as whom the policies know them, and what their key is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

__all__ = ["KEY_PRINCIPAL_PREFIX", "AccountRole", "Principal", "is_user_name"]

KEY_PRINCIPAL_PREFIX: Final = "key:"
"""Begins the name under which a key acts outside its projects; no principal may have it."""


_MAX_NAME: Final = 200


class AccountRole(Enum):
    """What an account may do in the service; what it may ask is for the policies to say."""

    RESEARCHER = "researcher"
    STEWARD = "steward"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The authenticated caller of one request.

    Attributes:
        user: Opaque id, as members of projects are named.
        role: What the account may do in the service.
        key_id: Which key was shown; not a secret.
        projects: Projects that the key is for; None for all that the user is a member of.
        expires: When the key ends, UTC.
    """

    user: str
    role: AccountRole
    key_id: str
    projects: frozenset[str] | None
    expires: datetime

    def acting_in(self, project: str) -> str:
        """Return who acts in a project: the user, or nobody's name outside the key's projects.

        That name is a member nowhere, so that a key shown in the wrong project is answered, and
        logged, by the one rule for those who are not members.
        """
        if self.projects is None or project in self.projects:
            return self.user
        return f"{KEY_PRINCIPAL_PREFIX}{self.key_id}"


def is_user_name(user: str) -> bool:
    """Say whether a text can name a user: 1 to 200 printing characters, as in the audit log."""
    return 1 <= len(user) <= _MAX_NAME and user.isprintable() and bool(user.strip())
