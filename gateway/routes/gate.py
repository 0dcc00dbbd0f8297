"""Who is let in: every request passes here before its route runs."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from gateway.errors import AuthenticationError, ForbiddenError
from gateway.identity.duties import Action, check_duty
from gateway.identity.journal import Journal
from gateway.identity.principals import AccountRole, Principal
from gateway.identity.sessions import Session, Sessions
from gateway.identity.signing_in import open_oidc
from gateway.ports import Service
from gateway.routes.callers import bearer_token, is_for_people, set_journal
from gateway.routes.doors import Door, Entrance, entrance_of
from gateway.routes.sessions import note_session, require_session

__all__ = ["Gate"]

_OF_RESEARCHERS: Final = frozenset({Action.ASK, Action.READ_ANSWER})
"""What a steward must not do, whichever key they show."""


class Gate:
    """The gate of one deployment; safe for threads.

    Args:
        service: The deployment.

    Raises:
        OperatorError: If the file of accounts, or of the OpenID client's secret, cannot be read.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        settings = service.settings
        self.sessions = Sessions(settings.accounts, settings.identity)
        self.journal = Journal(service.record)
        self.oidc = open_oidc(settings.identity, settings.folder, self.sessions)

    def enter(self) -> Principal | Response | None:
        """Return who calls, None where that does not matter, or where to sign in first.

        Raises:
            AuthenticationError: If that is not known.
            ForbiddenError: If it is known, and this is not for them.
        """
        set_journal(self.journal)
        entrance = entrance_of(request.endpoint)
        if request.endpoint is None and is_for_people():
            entrance = Entrance(Door.OPEN)  # a page says that nothing is there
        match entrance.door:
            case Door.OPEN:
                self._greet()
                return None
            case Door.KEY:
                return self._with_key(entrance)
            case Door.SESSION:
                return self._with_session(entrance)

    def _greet(self) -> None:
        """Where anybody may look, show whoever is signed in that they are."""
        if request.method in {"GET", "HEAD"} and is_for_people():
            note_session(self.sessions, self._service.settings.identity, self._service.now())

    def _with_key(self, entrance: Entrance) -> Principal:
        now = self._service.now()
        try:
            principal = self._service.accounts.authenticate(bearer_token(), now)
        except AuthenticationError:
            self.journal.failed(now)
            raise
        if entrance.action is not None:
            check_duty(principal, entrance.action)
            self._check_separation(principal, entrance.action)
        return principal

    def _with_session(self, entrance: Entrance) -> Principal | Response:
        if entrance.action is None:
            raise RuntimeError("a page does nothing that the table of duties has")
        found = require_session(
            self.sessions, self._service.settings.identity, entrance.action, self._service.now()
        )
        if not isinstance(found, Session):
            return found
        self._check_separation(found.principal, entrance.action)
        return found.principal

    def _check_separation(self, principal: Principal, action: Action) -> None:
        if (
            principal.role is AccountRole.RESEARCHER
            and action in _OF_RESEARCHERS
            and self._service.accounts.oversees(principal.user, self._service.now())
        ):
            raise ForbiddenError(
                "whoever is steward, or was within 30 days, does not ask",
                code="AUTH-DUTIES",
                remedy="let another member ask",
            )
