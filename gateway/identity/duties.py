"""What each role may do: the one table that every route is held to.

It says what a role may try; what a person may then ask of which data is for the policies to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from gateway.errors import ForbiddenError
from gateway.identity.principals import AccountRole, Principal

__all__ = ["DUTIES", "OF_ALL_PROJECTS", "RECENT", "Action", "check_duty", "may"]


class Action(Enum):
    """What a request does, in the words that a refusal uses."""

    KNOW_ONESELF = "see who one is"
    READ_PROJECT = "read projects and their budgets"
    PRACTICE = "get practice data"
    ASK = "ask questions"
    READ_ANSWER = "read stored answers"
    READ_RECEIPT = "get receipts"
    READ_HEADS = "read heads and proofs of the audit log"
    READ_ENTRIES = "read entries of the audit log"
    SEND_TEXTS = "have texts searched for identifiers"
    SIGN_OFF = "settle flags of the audit"
    KEEP_SEARCHES = "name searches of the audit log"
    END_OWN_SESSION = "sign out"
    PROVE_ONESELF = "sign in once more"
    READ_SESSIONS = "list the sessions of others"
    END_SESSIONS = "end the sessions of others"
    READ_POLICY = "read declarations and try them out"
    READ_COUNTS = "read exact counts of what was stored and released"
    SIGN_POLICY = "sign declarations"
    ACTIVATE_POLICY = "put declarations in force"
    SUSPEND_POLICY = "stop datasets and projects"


_EVERYBODY: Final = frozenset(
    {
        Action.KNOW_ONESELF,
        Action.READ_HEADS,
        Action.END_OWN_SESSION,
        Action.PROVE_ONESELF,
    }
)

DUTIES: Final[Mapping[AccountRole, frozenset[Action]]] = MappingProxyType(
    {
        AccountRole.RESEARCHER: _EVERYBODY
        | {
            Action.READ_PROJECT,
            Action.PRACTICE,
            Action.ASK,
            Action.SEND_TEXTS,  # where presidio.roles has the role
            Action.READ_ANSWER,
            Action.READ_RECEIPT,
        },
        AccountRole.STEWARD: _EVERYBODY
        | {
            Action.READ_PROJECT,
            Action.PRACTICE,
            Action.READ_RECEIPT,
            Action.READ_POLICY,
            Action.READ_COUNTS,
            Action.SEND_TEXTS,  # where presidio.roles has the role
            Action.SIGN_POLICY,
            Action.ACTIVATE_POLICY,
            Action.SUSPEND_POLICY,
        },
        # An auditor changes nothing but what they settled, their own searches and session.
        AccountRole.AUDITOR: _EVERYBODY
        | {
            Action.READ_PROJECT,
            Action.READ_RECEIPT,
            Action.READ_ENTRIES,
            Action.SIGN_OFF,
            Action.KEEP_SEARCHES,
            Action.SEND_TEXTS,  # where presidio.roles has the role
        },
        # An administrator runs the service and has nothing to do with data.
        AccountRole.ADMINISTRATOR: _EVERYBODY | {Action.READ_SESSIONS, Action.END_SESSIONS},
    }
)
"""From role to what it may do; what is not here it may not."""

RECENT: Final = frozenset(
    {
        Action.END_SESSIONS,
        Action.SIGN_POLICY,
        Action.ACTIVATE_POLICY,
        Action.SUSPEND_POLICY,
        Action.SIGN_OFF,
    }
)
"""What is done at the pages only shortly after proving who one is."""

OF_ALL_PROJECTS: Final = frozenset(
    {
        Action.READ_POLICY,
        Action.READ_COUNTS,
        Action.SIGN_POLICY,
        Action.ACTIVATE_POLICY,
        Action.SUSPEND_POLICY,
        Action.READ_ENTRIES,
        Action.SIGN_OFF,
        Action.KEEP_SEARCHES,
    }
)
"""What is about all projects at once, and so is not for a key that is limited to some."""


def may(principal: Principal, action: Action) -> bool:
    """Say whether somebody may do something: by their role, and for as many projects."""
    limited = principal.projects is not None and action in OF_ALL_PROJECTS
    return action in DUTIES[principal.role] and not limited


def check_duty(principal: Principal, action: Action) -> None:
    """Refuse what somebody may not do.

    Raises:
        ForbiddenError: ``AUTH-ROLE``, which names the roles that may; ``AUTH-SCOPE`` if the role
            may, and the key is limited to projects.
    """
    if action not in DUTIES[principal.role]:
        allowed = sorted(role.value for role in AccountRole if action in DUTIES[role])
        raise ForbiddenError(
            f"the role {principal.role.value} may not {action.value}",
            remedy=f"use a key or a session of the role {' or '.join(allowed)}",
        )
    if not may(principal, action):
        raise ForbiddenError(
            f"a key that is limited to projects may not {action.value}",
            code="AUTH-SCOPE",
            remedy="use a key for all projects; the operator makes one without --project",
        )
