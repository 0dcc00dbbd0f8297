"""Signing in through the identity provider: from its claims to a principal of ours."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.errors import OperatorError, SignInError
from gateway.identity.attempts import Attempt
from gateway.identity.id_tokens import proof_seconds
from gateway.identity.principals import (
    KEY_PRINCIPAL_PREFIX,
    AccountRole,
    Principal,
    is_user_name,
)
from gateway.identity.provider import Provider
from gateway.identity.sessions import Sessions
from gateway.identity.settings import IdentitySettings, OidcSettings

__all__ = ["CALLBACK", "OidcSignIn", "Proved", "Returned", "open_oidc"]

CALLBACK: Final = "/auth/oidc/callback"
_MAX_CODE_CHARS: Final = 2048
_FOREIGN_RIGHTS: Final = 0o077
_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
"""Of a proof of which the provider does not say enough: too old for all that needs a recent one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What the provider's answer says, as the browser brings it.

    Attributes:
        state: Of the attempt.
        code: To be exchanged; None where the provider refused.
        issuer: Whose answer it is, if it says so.
    """

    state: str
    code: str | None
    issuer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """Who signed in, and what that proves.

    Attributes:
        principal: Who.
        authenticated: When they proved to the provider who they are, in the way that the settings
            ask of a step-up, UTC; 1970 where the provider does not say so.
    """

    principal: Principal
    authenticated: datetime


class OidcSignIn:
    """Sign-ins through one provider.

    Args:
        provider: The provider.
        settings: Sessions, and how claims become users and roles.
        sessions: Where the state of a sign-in is used up.
    """

    def __init__(self, provider: Provider, settings: IdentitySettings, sessions: Sessions) -> None:
        if settings.oidc is None:
            raise ValueError("there is no provider in the settings")
        self._provider = provider
        self._oidc: OidcSettings = settings.oidc
        self._settings = settings
        self._sessions = sessions

    def start(self, attempt: Attempt, origin: str, now: datetime) -> str:
        """Return the provider's address for an attempt.

        Raises:
            UnavailableError: If the provider cannot be reached.
        """
        return self._provider.authorization_url(attempt, origin + CALLBACK, _seconds(now))

    def finish(
        self, attempt: Attempt | None, returned: Returned, origin: str, now: datetime
    ) -> Proved:
        """Return who signed in, and when they proved it.

        Raises:
            SignInError: If the answer is not to this browser's attempt, is used a second time, or
                does not prove who signed in; or they have no role here.
            UnavailableError: If the provider cannot be reached.
        """
        if attempt is None:
            raise SignInError("no-attempt")
        if not attempt.is_state(returned.state):
            raise SignInError("state")
        self._provider.check_issuer(returned.issuer, _seconds(now))
        if returned.code is None or not 0 < len(returned.code) <= _MAX_CODE_CHARS:
            raise SignInError("provider-refused")
        claims = self._provider.claims(attempt, returned.code, origin + CALLBACK, _seconds(now))
        principal = self._principal(claims, attempt.role, now)
        if not self._sessions.spend(attempt.state, now, now + self._settings.absolute):
            raise SignInError("replayed")
        return Proved(principal=principal, authenticated=self._authenticated(claims, now))

    def _authenticated(self, claims: Mapping[str, Any], now: datetime) -> datetime:
        # To sign in is no step-up: the provider may let in whoever sits before the browser.
        asked = self._oidc.step_up_acr
        proved = proof_seconds(claims, _seconds(now))
        if proved is None or (asked and claims.get("acr") != asked):
            return _LONG_AGO
        return datetime.fromtimestamp(proved, UTC)

    def _principal(self, claims: Mapping[str, Any], wanted: str, now: datetime) -> Principal:
        roles = _roles(_claim(claims, self._oidc.role_claim), self._oidc.roles)
        chosen = [role for role in roles if wanted in {"", role.value}]
        if not chosen:
            raise SignInError("no-role")
        return Principal(
            user=self._user(claims),
            role=chosen[0],
            key_id="",
            projects=None,
            expires=now + self._settings.absolute,
        )

    def _user(self, claims: Mapping[str, Any]) -> str:
        name = _claim(claims, self._oidc.user_claim)
        # An address that nobody verified can be anybody's.
        path = f".{self._oidc.user_claim}"
        beside = f"{path.removesuffix('email')}email_verified".removeprefix(".")
        if path.endswith(".email") and _claim(claims, beside) is not True:
            raise SignInError("email-not-verified")
        if not isinstance(name, str) or not name:
            raise SignInError("user-claim")
        user = f"{self._oidc.user_prefix}{name}"
        if not is_user_name(user) or user.startswith(KEY_PRINCIPAL_PREFIX):
            raise SignInError("user-name")
        return user


def open_oidc(
    settings: IdentitySettings,
    folder: Path,
    sessions: Sessions,
    *,
    transport: httpx.BaseTransport | None = None,
) -> OidcSignIn | None:
    """Return how people sign in through the provider of the settings; None if there is none.

    Args:
        settings: Of the deployment.
        folder: The deployment's, at which the path of the client's secret starts.
        sessions: Of the deployment.
        transport: How requests to the provider travel; httpx's own by default.

    Raises:
        OperatorError: ``CFG-OIDC-SECRET`` if the client's secret cannot be read, or others can.
    """
    oidc = settings.oidc
    if oidc is None:
        return None
    secret = ""
    if oidc.client_secret_file:
        secret = _secret(folder / Path(oidc.client_secret_file).expanduser())
    provider = Provider(oidc, secret, recent_seconds=settings.recent_seconds, transport=transport)
    return OidcSignIn(provider, settings, sessions)


def _claim(claims: Mapping[str, Any], path: str) -> object:
    """Return the claim of that name, or else what a dotted path leads to; None for nothing."""
    if path in claims:  # names such as https://hospital.example/roles have dots of their own
        return claims[path]
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _roles(
    claimed: object, names: Mapping[AccountRole, tuple[str, ...]]
) -> tuple[AccountRole, ...]:
    """Return the roles of ours that a claim gives, the least powerful first."""
    given = {claimed} if isinstance(claimed, str) else set()
    if isinstance(claimed, list):
        given = {one for one in claimed if isinstance(one, str)}
    return tuple(role for role in AccountRole if given.intersection(names.get(role, ())))


def _seconds(now: datetime) -> int:
    return int(now.timestamp())


def _secret(path: Path) -> str:
    try:
        found = path.stat()
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _bad_secret("cannot be read", path) from None
    if stat.S_IMODE(found.st_mode) & _FOREIGN_RIGHTS:
        raise _bad_secret("can be read by others", path)
    if not text:
        raise _bad_secret("is empty", path)
    return text


def _bad_secret(what: str, path: Path) -> OperatorError:
    return OperatorError(
        f"the file of the OpenID client's secret {what}",
        code="CFG-OIDC-SECRET",
        remedy="write the secret into it and run chmod 600 on it, as the user of the gateway",
        file=str(path),
    )
