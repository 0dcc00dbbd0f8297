"""The institution's OpenID provider: what it says of itself, its keys, and its token endpoint.

Source: OpenID Connect Discovery 1.0; RFC 6749, 4.1; RFC 7636; RFC 9207.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx

from gateway.errors import OperatorError, SignInError
from gateway.identity.attempts import Attempt
from gateway.identity.id_tokens import (
    UNKNOWN_KEY,
    Expected,
    KeySet,
    parse_key_set,
    verified_claims,
)
from gateway.identity.kept import Kept, unreachable
from gateway.identity.settings import OidcSettings

__all__ = ["Provider"]

_MAX_BYTES: Final = 262_144
_MOST_AT_ONCE: Final = 2
"""Requests to the provider under way; anybody can cause one, and each holds a thread."""
_LOCAL: Final = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metadata:
    authorization: str
    token: str
    keys: str
    names_issuer: bool
    """Whether each answer of the provider says by whom it is (RFC 9207)."""


class Provider:
    """One OpenID provider; safe for threads.

    Args:
        settings: Where it is, and what it calls this gateway.
        secret: The client's; empty for a public client.
        recent_seconds: How long ago the proof of a step-up may be.
        transport: How requests travel; httpx's own by default.
    """

    def __init__(
        self,
        settings: OidcSettings,
        secret: str,
        *,
        recent_seconds: int,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._recent_seconds = recent_seconds
        self._transport = transport
        self._places = BoundedSemaphore(_MOST_AT_ONCE)
        self._metadata: Kept[_Metadata] = Kept()
        self._keys: Kept[KeySet] = Kept()

    def authorization_url(self, attempt: Attempt, redirect_uri: str, now: int) -> str:
        """Return where the browser goes to sign in; a step-up asks for a new proof.

        Raises:
            UnavailableError: If the provider cannot be reached.
            OperatorError: If it is not the provider of the settings.
        """
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *self._settings.scopes))),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        if attempt.session:
            asked |= {"prompt": "login", "max_age": "0"}
            if self._settings.step_up_acr:
                asked["acr_values"] = self._settings.step_up_acr
        url = self._known(now).authorization
        return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"

    def check_issuer(self, shown: str | None, now: int) -> None:
        """Refuse an answer of another provider than the one that was asked (RFC 9207).

        Raises:
            SignInError: If it is another's, or does not say whose, where this one always does.
        """
        if shown is None and not self._known(now).names_issuer:
            return
        if shown != self._settings.issuer:
            raise SignInError("mix-up")

    def claims(self, attempt: Attempt, code: str, redirect_uri: str, now: int) -> Mapping[str, Any]:
        """Return what the provider says of who signed in, for a code that it gave.

        Raises:
            SignInError: If the code is not good, or the ID token is not what it must be.
            UnavailableError: If the provider cannot be reached.
        """
        token = self._exchange(attempt, code, redirect_uri, now)
        # When the attempt began is what the browser says; so that alone is not enough.
        since = max(attempt.begun, now - self._recent_seconds)
        expected = Expected(
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            nonce=attempt.nonce,
            algorithms=self._settings.algorithms,
            now=now,
            authenticated_since=since if attempt.session else None,
            acr=self._settings.step_up_acr if attempt.session else "",
        )
        try:
            return verified_claims(token, self._signing_keys(now), expected)
        except SignInError as error:
            if error.reason != UNKNOWN_KEY:
                raise
            return verified_claims(token, self._signing_keys(now, anew=True), expected)

    def _exchange(self, attempt: Attempt, code: str, redirect_uri: str, now: int) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        client, auth = self._settings.client_id, None
        if self._secret and self._settings.client_auth == "client_secret_basic":
            # Both are encoded as a form's fields before (RFC 6749, 2.3.1).
            auth = httpx.BasicAuth(quote_plus(client), quote_plus(self._secret))
        else:
            form |= {"client_id": client} | (
                {"client_secret": self._secret} if self._secret else {}
            )
        request = httpx.Request("POST", self._known(now).token, data=form)
        status, document = self._fetched(request, auth)
        if status != httpx.codes.OK:
            raise SignInError("code")
        token = document.get("id_token")
        if not isinstance(token, str):
            raise SignInError("no-id-token")
        return token

    def _known(self, now: int) -> _Metadata:
        return self._metadata.get(self._discovered, now)

    def _discovered(self) -> _Metadata:
        issuer = self._settings.issuer
        document = self._got(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise _wrong_provider("calls itself by another issuer")
        urls = [
            document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ]
        local = _LOCAL.match(f"{issuer}/") is not None
        for url in urls:
            if not isinstance(url, str) or not (
                url.startswith("https://") or (local and _LOCAL.match(url))
            ):
                raise _wrong_provider("lacks an address that is reached by https")
        return _Metadata(
            authorization=str(urls[0]),
            token=str(urls[1]),
            keys=str(urls[2]),
            names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _signing_keys(self, now: int, *, anew: bool = False) -> KeySet:
        url = self._known(now).keys
        return self._keys.get(lambda: parse_key_set(self._got(url)), now, anew=anew)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            timeout=self._settings.timeout_seconds,
            follow_redirects=False,
            transport=self._transport,
        )

    def _got(self, url: str) -> Mapping[str, Any]:
        status, document = self._fetched(httpx.Request("GET", url))
        if status != httpx.codes.OK:
            raise unreachable()
        return document

    def _fetched(
        self, request: httpx.Request, auth: httpx.BasicAuth | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        if not self._places.acquire(blocking=False):
            raise unreachable()
        try:
            reply, body = self._sent(request, auth)
        except httpx.HTTPError:
            raise unreachable() from None
        finally:
            self._places.release()
        if reply.is_server_error:
            raise unreachable()
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            document = None
        return reply.status_code, document if isinstance(document, dict) else {}

    def _sent(
        self, request: httpx.Request, auth: httpx.BasicAuth | None
    ) -> tuple[httpx.Response, bytes]:
        # Sign-ins are few: no connection is kept open between them.
        latest = monotonic() + self._settings.timeout_seconds
        with self._client() as http:
            reply = http.send(request, stream=True, auth=auth)
            body = b""
            for chunk in reply.iter_bytes():
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise SignInError("provider-size")
                if monotonic() > latest:  # httpx limits each wait, and not all of them together
                    raise unreachable()
        return reply, body


def _wrong_provider(what: str) -> OperatorError:
    return OperatorError(
        f"the identity provider of identity.oidc.issuer {what}",
        code="CFG-OIDC",
        remedy="write its issuer exactly as its discovery document has it",
    )
