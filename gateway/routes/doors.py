"""Where each route may be entered, and for which of the things that a role may do.

A route that is not in this table is closed to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from gateway.identity.duties import Action

__all__ = ["ENTRANCES", "SOMEWHERE", "Door", "Entrance", "entrance_of"]


class Door(Enum):
    """What has to be shown."""

    OPEN = "nothing"
    KEY = "an API key, in the header Authorization; cookies are not looked at"
    SESSION = "the cookie of a session; the header Authorization is not looked at"


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a route is entered.

    Attributes:
        door: What has to be shown.
        action: What is done there; None where nobody in particular does it.
    """

    door: Door
    action: Action | None = None


SOMEWHERE: Final = Entrance(Door.KEY)
"""Addresses that no route has: whoever is not known is not told so."""
_OPEN: Final = Entrance(Door.OPEN)


def _key(action: Action) -> Entrance:
    return Entrance(Door.KEY, action)


def _session(action: Action) -> Entrance:
    return Entrance(Door.SESSION, action)


ENTRANCES: Final[Mapping[str, Entrance]] = MappingProxyType(
    {
        "assets.asset": _OPEN,
        "audit.entries": _session(Action.READ_ENTRIES),
        "audit.entry": _session(Action.READ_ENTRIES),
        "audit.receipt": _session(Action.READ_ENTRIES),
        "audit.export": _session(Action.READ_ENTRIES),
        "audit.flags": _session(Action.READ_ENTRIES),
        "audit.keep": _session(Action.KEEP_SEARCHES),
        "audit.forget": _session(Action.KEEP_SEARCHES),
        "audit.settle": _session(Action.SIGN_OFF),
        "audit.releases": _session(Action.READ_ENTRIES),
        "audit.room": _session(Action.READ_ENTRIES),
        "demo.choose": _OPEN,
        "probes.livez": _OPEN,
        "probes.readyz": _OPEN,
        "description.document": _key(Action.KNOW_ONESELF),
        "public.home": _session(Action.KNOW_ONESELF),
        "public.register": _OPEN,
        "public.start": _OPEN,
        "studio.activate": _session(Action.ACTIVATE_POLICY),
        "studio.dataset": _session(Action.READ_POLICY),
        "studio.file": _session(Action.READ_POLICY),
        "studio.ingest": _session(Action.READ_COUNTS),
        "studio.ingests": _session(Action.READ_COUNTS),
        "studio.download": _session(Action.READ_POLICY),
        "studio.draft_members": _session(Action.READ_POLICY),
        "studio.draft_project": _session(Action.READ_POLICY),
        "studio.members": _session(Action.READ_POLICY),
        "studio.new_project": _session(Action.READ_POLICY),
        "studio.overview": _session(Action.READ_POLICY),
        "studio.reading": _session(Action.READ_COUNTS),
        "studio.readings": _session(Action.READ_POLICY),
        "studio.release": _session(Action.READ_COUNTS),
        "studio.releases": _session(Action.READ_POLICY),
        "studio.sign": _session(Action.SIGN_POLICY),
        "studio.suspend": _session(Action.SUSPEND_POLICY),
        "studio.trial": _session(Action.READ_POLICY),
        "workbench.answer": _session(Action.READ_ANSWER),
        "workbench.answers": _session(Action.ASK),
        "workbench.ask": _session(Action.ASK),
        "workbench.background": _session(Action.ASK),
        "workbench.cancel": _session(Action.ASK),
        "workbench.download": _session(Action.READ_ANSWER),
        "workbench.job": _session(Action.READ_ANSWER),
        "workbench.practice": _session(Action.PRACTICE),
        "workbench.projects": _session(Action.ASK),
        "workbench.quote": _session(Action.ASK),
        "workbench.receipt": _session(Action.READ_RECEIPT),
        "me.show": _key(Action.KNOW_ONESELF),
        "projects.project": _key(Action.READ_PROJECT),
        "projects.catalog": _key(Action.READ_PROJECT),
        "projects.budget": _key(Action.READ_PROJECT),
        "practice.tables": _key(Action.PRACTICE),
        "queries.price": _key(Action.ASK),
        "queries.explain": _key(Action.ASK),
        "queries.run": _key(Action.ASK),
        "queries.stored": _key(Action.READ_ANSWER),
        "jobs.cancelled": _key(Action.ASK),
        "jobs.listed": _key(Action.READ_ANSWER),
        "jobs.result": _key(Action.READ_ANSWER),
        "jobs.shown": _key(Action.READ_ANSWER),
        "releases.listed": _key(Action.READ_PROJECT),
        "receipts.receipt": _key(Action.READ_RECEIPT),
        "log.checkpoint": _key(Action.READ_HEADS),
        "log.proof": _key(Action.READ_HEADS),
        "log.tile": _key(Action.READ_HEADS),
        "presidio.analyze": _key(Action.SEND_TEXTS),
        "presidio.anonymize": _key(Action.SEND_TEXTS),
        "presidio.anonymizers": _key(Action.SEND_TEXTS),
        "presidio.health": _key(Action.SEND_TEXTS),
        "presidio.recognizers": _key(Action.SEND_TEXTS),
        "presidio.supported": _key(Action.SEND_TEXTS),
        "auth.signin": _OPEN,
        "auth.signin_with_key": _OPEN,
        "auth.oidc_start": _OPEN,
        "auth.oidc_callback": _OPEN,
        "auth.session": _session(Action.KNOW_ONESELF),
        "auth.step_up": _session(Action.PROVE_ONESELF),
        "auth.step_up_with_key": _session(Action.PROVE_ONESELF),
        "auth.signout": _session(Action.END_OWN_SESSION),
        "auth.sessions": _session(Action.READ_SESSIONS),
        "auth.end_session": _session(Action.END_SESSIONS),
    }
)
"""From a route's endpoint to how it is entered."""


def entrance_of(endpoint: str | None) -> Entrance:
    """Return how a route is entered.

    Args:
        endpoint: Of the route; None for an address or a method that no route has.

    Raises:
        RuntimeError: If the route is not in the table, which closes it as an internal error.
    """
    if endpoint is None:
        return SOMEWHERE
    if endpoint not in ENTRANCES:
        raise RuntimeError("a route is not in the table of doors")
    return ENTRANCES[endpoint]
