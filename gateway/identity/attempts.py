"""One attempt to sign in through the identity provider, bound to the browser that began it.

Nothing is stored while it lasts, so that nobody can fill the disk with attempts. The browser keeps
a random seed in a cookie; ``state``, ``nonce`` and the PKCE verifier (RFC 7636) follow from the
seed and from all else that the attempt says, by HMAC-SHA256. What comes back with another state was
not begun by this browser, or was begun for something else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

__all__ = ["ATTEMPT_SECONDS", "Attempt", "local_path"]

ATTEMPT_SECONDS: Final = 600
"""How long an attempt may take."""
_MAX_COOKIE: Final = 2048
_SEED: Final = re.compile("[0-9a-f]{64}")
_PATH: Final = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@/%?]{0,500}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt.

    Attributes:
        seed: 64 hex digits; secret of the browser.
        begun: When, in seconds since 1970.
        target: Local path to go to afterwards.
        role: The role that is wanted; empty for the least that the person has.
        session: Id of the session that steps up; empty for signing in.
    """

    seed: str
    begun: int
    target: str
    role: str = ""
    session: str = ""

    def __repr__(self) -> str:
        return f"Attempt(begun={self.begun}, target={self.target!r})"

    @classmethod
    def begin(cls, now: datetime, *, target: str, role: str = "", session: str = "") -> Attempt:
        """Begin an attempt with a fresh seed."""
        return cls(
            seed=secrets.token_hex(32),
            begun=int(now.timestamp()),
            target=local_path(target),
            role=role,
            session=session,
        )

    @classmethod
    def of_cookie(cls, cookie: str | None, now: datetime) -> Attempt | None:
        """Return the attempt that a browser carries; None if there is none that still lasts."""
        if cookie is None or len(cookie) > _MAX_COOKIE:
            return None
        try:
            fields = json.loads(base64.urlsafe_b64decode(cookie.encode("ascii")))
        except (UnicodeError, binascii.Error, ValueError, RecursionError):
            return None
        match fields:
            case [str(seed), int(begun), str(target), str(role), str(session)]:
                found = cls(seed=seed, begun=begun, target=target, role=role, session=session)
            case _:
                return None
        lasts = 0 <= int(now.timestamp()) - found.begun <= ATTEMPT_SECONDS
        known = _SEED.fullmatch(seed) and local_path(target) == target
        return found if lasts and known else None

    def cookie(self) -> str:
        """Return what the browser carries meanwhile."""
        return base64.urlsafe_b64encode(json.dumps(self._fields()).encode()).decode("ascii")

    @property
    def state(self) -> str:
        """What the provider sends back with its answer."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the ID token must say."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What proves to the provider that the code is shown by who asked for it."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """The S256 challenge of the verifier (RFC 7636, 4.2)."""
        return _text(hashlib.sha256(self.verifier.encode("ascii")).digest())

    def is_state(self, shown: str) -> bool:
        """Say whether a state is this attempt's, in constant time."""
        return hmac.compare_digest(self.state.encode(), shown.encode("utf-8", "replace"))

    def _derived(self, purpose: str) -> str:
        said = json.dumps([purpose, *replace(self, seed="")._fields()])
        return _text(hmac.digest(bytes.fromhex(self.seed), said.encode(), "sha256"))

    def _fields(self) -> list[str | int]:
        return [self.seed, self.begun, self.target, self.role, self.session]


def local_path(shown: str) -> str:
    r"""Return where to go after signing in: a path of this service, or its start for all else.

    A browser reads ``//host`` and ``/\host`` as another host; so neither is let through.
    """
    return shown if _PATH.fullmatch(shown) else "/auth/session"


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
