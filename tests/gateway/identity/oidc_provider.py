"""A small OpenID provider over loopback HTTP: discovery, authorize, token, keys; and its lies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from flask import Flask, Response, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.gateway.served import served

CLIENT, SECRET = "gateway:one", "s3cret+/ with spaces"
Claims = dict[str, Any]


class LocalProvider:
    """One that keeps to the specifications, unless a test tells it otherwise.

    Attributes:
        person: Claims of who sits before the browser; None for somebody who refuses.
        authenticated: When they typed their password, in seconds since 1970.
        lie: Changes the claims before they are signed.
        forge: Makes the token in place of the provider.
        metadata: Overrides what it says of itself.
        asked: The query of the last authorization request.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.issuer = ""
        self.keys = [_new_key("first")]
        self.person: Claims | None = {"sub": "ana", "roles": ["researchers"]}
        self.authenticated: int | None = None
        self.lie: Callable[[Claims], None] = lambda claims: None  # noqa: ARG005  an honest one
        self.forge: Callable[[LocalProvider, Claims], str] | None = None
        self.metadata: Claims = {}
        self.forgets_codes = True
        self.ignores_prompt = False
        self.down = False
        self.public = False
        self.key_use = "sig"
        self.asked: dict[str, str] = {}
        self.key_fetches = 0
        self._codes: dict[str, dict[str, str]] = {}

    def roll_over(self) -> None:
        """Sign with a new key from now on; the old one is gone."""
        self.keys = [_new_key(secrets.token_hex(4))]

    def sign(self, claims: Claims, **header: Any) -> str:  # noqa: ANN401  fields of a header
        """Return a token under the present key."""
        key = self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key)

    def app(self) -> Flask:
        """The provider's HTTP service."""
        app = Flask("provider", static_folder=None)
        app.add_url_rule("/.well-known/openid-configuration", "metadata", self._metadata)
        app.add_url_rule("/authorize", "authorize", self._authorize)
        app.add_url_rule("/token", "token", self._token, methods=["POST"])
        app.add_url_rule("/keys", "keys", self._keys)

        @app.before_request
        def refuse() -> Response | None:
            return Response("down", 503) if self.down else None

        return app

    def _metadata(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def _keys(self) -> Claims:
        self.key_fetches += 1
        public = [{**key.as_dict(private=False), "use": self.key_use} for key in self.keys]
        return {"keys": [*public, {"kty": "unheard-of", "kid": "x"}]}

    def _authorize(self) -> Any:  # noqa: ANN401  werkzeug's response
        self.asked = asked = dict(request.args)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        back = {"state": asked["state"], "iss": self.issuer}
        if self.person is None:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(24)
            self._codes[back["code"]] = asked
            if self.authenticated is None or (asked.get("max_age") and not self.ignores_prompt):
                self.authenticated = self._now()
        return redirect(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    def _token(self) -> Any:  # noqa: ANN401  the same
        form, auth = request.form, request.authorization
        if auth is not None:
            client = (unquote_plus(auth.username or ""), unquote_plus(auth.password or ""))
        else:
            client = (form["client_id"], form.get("client_secret", ""))
        asked = self._codes.get(form["code"])
        if asked is not None and self.forgets_codes:
            del self._codes[form["code"]]
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            client != (CLIENT, "" if self.public else SECRET)
            or asked is None
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge"] != _text(challenge)
        ):
            return {"error": "invalid_grant", "error_description": "canary-vendor-words"}, 400
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "nonce": asked["nonce"],
            "iat": self._now(),
            "exp": self._now() + 300,
            "auth_time": self.authenticated,
            **(self.person or {}),
        }
        self.lie(claims)
        token = self.forge(self, claims) if self.forge else self.sign(claims)
        return {"id_token": token, "access_token": "opaque", "token_type": "Bearer"}


@contextmanager
def serving(provider: LocalProvider) -> Iterator[None]:
    """Serve a provider on a free port of this machine."""
    with served(provider.app()) as provider.issuer:
        yield


def visit(url: str) -> str:
    """Go to the provider as a browser does; return path and query where it sends the browser."""
    reply = httpx.get(url, follow_redirects=False)
    assert reply.status_code == 302, reply.text
    back = urlsplit(reply.headers["Location"])
    return f"{back.path}?{back.query}"


def query_of(url: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def unsigned(_: LocalProvider, claims: Claims) -> str:
    """A token of algorithm none."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def signed_with_the_public_key(provider: LocalProvider, claims: Claims) -> str:
    """A token of algorithm HS256, whose secret everybody knows."""
    key = provider.keys[0]
    said = f"{_part({'alg': 'HS256', 'kid': key.kid})}.{_part(claims)}"
    public = key.as_pem(private=False)
    return f"{said}.{_text(hmac.digest(public, said.encode(), 'sha256'))}"


def signed_raw(provider: LocalProvider, claims: Claims, **header: Any) -> str:  # noqa: ANN401  the same
    """A token that the key signs, with what careful libraries would not put into a header."""
    key = provider.keys[0]
    said = f"{_part({'alg': 'RS256', 'kid': key.kid, **header})}.{_part(claims)}"
    digest = SHA512() if header.get("alg") == "RS512" else SHA256()
    assert isinstance(key.private_key, RSAPrivateKey)
    return f"{said}.{_text(key.private_key.sign(said.encode(), PKCS1v15(), digest))}"


def signed_by_another_key(provider: LocalProvider, claims: Claims) -> str:
    """A token under the name of the provider's key, and with its own key in the header."""
    key = RSAKey.generate_key(2048, {"kid": str(provider.keys[0].kid)})
    header = {"alg": "RS256", "kid": key.kid, "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key)


@cache
def _new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name})


def _part(document: Claims) -> str:
    return _text(json.dumps(document).encode())


def _text(blob: bytes) -> str:
    return base64.urlsafe_b64encode(blob).decode().rstrip("=")
