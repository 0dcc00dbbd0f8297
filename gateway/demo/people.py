"""The demo's made-up people, as whom everybody may look at the pages of this machine."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.demo.questions import RESEARCHER
from gateway.identity.accounts import Accounts
from gateway.identity.principals import AccountRole
from gateway.pages import DemoAccount

__all__ = ["make_people"]

_PEOPLE: Final = (
    (
        AccountRole.RESEARCHER,
        RESEARCHER,
        "Ask in SQL: see price and expected error first, then the answer as a table and a chart.",
    ),
    (
        AccountRole.STEWARD,
        "demo|steward",
        "Look after the declarations: who may ask what of which columns, why and for how much.",
    ),
    (
        AccountRole.AUDITOR,
        "demo|auditor",
        "Follow the budget, read what was asked and refused, and check that the log holds.",
    ),
)
"""Role, user and what one can do as them."""


def make_people(accounts: Accounts, *, expires: datetime) -> tuple[DemoAccount, ...]:
    """Make a key for each of the made-up people; the researcher is the first.

    Args:
        accounts: Of the demo's deployment.
        expires: When the keys end, UTC.
    """
    return tuple(
        DemoAccount(
            role=role,
            user=user,
            does=does,
            key=accounts.create(user, expires=expires, role=role).text,
        )
        for role, user, does in _PEOPLE
    )
