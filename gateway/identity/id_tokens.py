"""ID tokens: read only where signature, issuer, audience, times and nonce are what they must be.

The one module that knows joserfc. Algorithms are an allow list of public-key signatures; keys come
from the provider's key set only, never from a token's own header.

Source: OpenID Connect Core 1.0, 3.1.3.7; RFC 8725.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import (
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import KeySet

from gateway.errors import SignInError

__all__ = [
    "UNKNOWN_KEY",
    "Expected",
    "KeySet",
    "parse_key_set",
    "proof_seconds",
    "verified_claims",
]

MAX_TOKEN_CHARS: Final = 16_384
LEEWAY_SECONDS: Final = 60
"""By how much the provider's clock may differ from ours."""
MAX_AGE_SECONDS: Final = 600
"""How old an ID token may be that has just been fetched."""
UNKNOWN_KEY: Final = "unknown-key"
"""Reason where the key set lacks the key that a token names; it may have been renewed."""
_KINDS: Final = {"RSA", "EC", "OKP"}
_LEAST_RSA_BITS: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an ID token must say.

    Attributes:
        issuer: Exact.
        client_id: The audience.
        nonce: Of the attempt.
        algorithms: Signatures that are taken.
        now: Seconds since 1970.
        authenticated_since: The person must have proved who they are since then, in seconds since
            1970; None where it may be longer ago.
        acr: Authentication context that is insisted on; empty for any.
    """

    issuer: str
    client_id: str
    nonce: str
    algorithms: Sequence[str]
    now: int
    authenticated_since: int | None = None
    acr: str = ""


def parse_key_set(document: Mapping[str, Any]) -> KeySet:
    """Return the public signing keys of a key set (RFC 7517); all else in it is left out.

    Raises:
        SignInError: If there is none.
    """
    keys = document.get("keys")
    usable = [
        one
        for one in (keys if isinstance(keys, list) else [])
        if isinstance(one, dict) and one.get("kty") in _KINDS and one.get("use", "sig") == "sig"
    ]
    try:
        found = KeySet.import_key_set({"keys": usable})
        weak = [
            one
            for one in found
            if one.key_type == "RSA" and one.raw_value.key_size < _LEAST_RSA_BITS  # type: ignore[union-attr]  # an RSA key
        ]
    except (JoseError, ValueError, TypeError, KeyError):
        raise SignInError("key-set") from None
    if weak:
        raise SignInError("weak-key")
    return found


def verified_claims(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """Return the claims of an ID token that is what it must be.

    Raises:
        SignInError: If it is not; of reason ``UNKNOWN_KEY`` if newer keys may help.
    """
    if len(token) > MAX_TOKEN_CHARS:
        raise SignInError("token-size")
    try:
        claims = jwt.decode(token, keys, algorithms=list(expected.algorithms)).claims
        _check_registered(claims, expected)
    except InvalidKeyIdError:
        raise SignInError(UNKNOWN_KEY) from None
    except ExpiredTokenError:
        raise SignInError("expired") from None
    except (InvalidClaimError, MissingClaimError) as error:
        raise SignInError(f"claim-{error.claim}") from None
    except (JoseError, ValueError, TypeError, RecursionError):
        raise SignInError("signature") from None
    _check_session(claims, expected)
    return claims


def proof_seconds(claims: Mapping[str, Any], now: int) -> int | None:
    """Return when the person last proved who they are, in seconds since 1970, ``now`` at most.

    None where ``auth_time`` is missing, or is no time that has been: a provider that is only asked
    to sign somebody in need not say it, and may do so without asking the person anything.
    """
    claimed = claims.get("auth_time")
    if not isinstance(claimed, int | float) or isinstance(claimed, bool):
        return None
    if not 0 <= claimed <= now + LEEWAY_SECONDS:  # nor is NaN, which JSON readers let in
        return None
    return min(int(claimed), now)


def _check_registered(claims: dict[str, Any], expected: Expected) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=expected.now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    registry.validate(claims)


def _check_session(claims: Mapping[str, Any], expected: Expected) -> None:
    """Check what joserfc's registry does not: azp, nonce, and how fresh all of it is."""
    audience, party = claims["aud"], claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise SignInError("azp")
    if party is not None and party != expected.client_id:
        raise SignInError("azp")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not _equal(nonce, expected.nonce):
        raise SignInError("nonce")
    if expected.now - claims["iat"] > MAX_AGE_SECONDS:
        raise SignInError("old")
    if expected.authenticated_since is not None:
        since = proof_seconds(claims, expected.now)
        if since is None or since < expected.authenticated_since - LEEWAY_SECONDS:
            raise SignInError("auth-time")
    if expected.acr and claims.get("acr") != expected.acr:
        raise SignInError("acr")


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
