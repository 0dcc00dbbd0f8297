"""How people sign in, and how long they stay so; who may do what is in gateway.identity.duties."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field
from pydantic.dataclasses import dataclass

from gateway.identity.principals import AccountRole
from policies.model import STRICT

__all__ = ["Algorithm", "IdentitySettings", "OidcSettings"]

_ORIGIN: Final = r"(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?)"
_Word: TypeAlias = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]

Algorithm: TypeAlias = Literal["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures of ID tokens that may be taken; none that a public key could make."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OidcSettings:
    """The OpenID provider of the institution.

    Attributes:
        issuer: Its issuer identifier, https unless it is on this machine.
        client_id: What it calls this gateway, which is the audience of its ID tokens.
        client_secret_file: File with the client's secret, which its owner alone may read; relative
            to the deployment's folder; none for a public client.
        client_auth: How the secret is shown to the token endpoint.
        scopes: What is asked for.
        user_claim: Claim with the name of the user; a dotted path leads into objects.
        user_prefix: Put before it, so that members of projects are named with their institution.
        role_claim: Claim with the user's roles or groups, likewise.
        roles: From the gateway's role to the provider's names for it.
        algorithms: Signatures of ID tokens that are taken.
        step_up_acr: Authentication context that a step-up asks for and insists on; empty for any.
        timeout_seconds: Longest wait for the provider.
    """

    issuer: Annotated[str, Field(pattern=rf"^{_ORIGIN}(/[^\s?#]*)?$")]
    client_id: _Word
    client_secret_file: str = ""
    client_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scopes: tuple[_Word, ...] = ("openid",)
    user_claim: _Word = "sub"
    user_prefix: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,100}$")] = ""
    role_claim: _Word = "roles"
    roles: dict[AccountRole, tuple[str, ...]] = Field(default_factory=dict)
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "PS256", "ES256")
    step_up_acr: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,200}$")] = ""
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class IdentitySettings:
    """Sessions of the pages, and where those who open them are known.

    Attributes:
        public_url: Origin under which browsers reach the gateway, such as
            ``https://gateway.hospital.example``; empty where they are on this machine.
        idle_minutes: A session ends when it was not used for so long.
        absolute_hours: A session ends so long after sign-in, however it is used.
        recent_minutes: How long after signing in, or stepping up, what needs it may be done.
        key_sign_in: Whether people sign in with API keys too where a provider is connected:
            ``always``, or only where there is none, ``auto``.
        oidc: The OpenID provider; without one, people sign in with an API key.
    """

    public_url: Annotated[str, Field(pattern=rf"^({_ORIGIN})?$")] = ""
    idle_minutes: Annotated[int, Field(ge=1, le=120)] = 30
    absolute_hours: Annotated[int, Field(ge=1, le=24)] = 12
    recent_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    key_sign_in: Literal["auto", "always"] = "auto"
    oidc: OidcSettings | None = None

    @property
    def keys_sign_in(self) -> bool:
        """Whether a key opens a session; else whoever copies one is let past the provider."""
        return self.oidc is None or self.key_sign_in == "always"

    @property
    def idle(self) -> timedelta:
        """How long a session may go unused."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a session may last."""
        return timedelta(hours=self.absolute_hours)

    @property
    def recent_seconds(self) -> int:
        """How long ago the last proof may be for what needs a step-up."""
        return 60 * self.recent_minutes
