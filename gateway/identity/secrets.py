"""The form of an API key, and its digest.

A key is ``gw_<id>_<secret>``: 16 hex digits that name it and 64 hex digits, 256 bits from the
operating system, that prove it. The prefix lets secret scanners find keys that leaked. A secret
of full entropy needs no slow hash: SHA-256 of it is stored (NIST SP 800-63B, 5.1.2.2, asks for
slow hashes of secrets of less than 112 bits).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

__all__ = ["ApiKey", "digest_of", "matches", "new_key", "parse_key"]

_FORM: Final = re.compile(r"gw_([0-9a-f]{16})_([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key in clear; it is shown once and never stored.

    Attributes:
        id: 16 hex digits.
        secret: 64 hex digits; not in the repr.
    """

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"ApiKey(id={self.id!r})"

    @property
    def text(self) -> str:
        """What the caller sends."""
        return f"gw_{self.id}_{self.secret}"


def new_key() -> ApiKey:
    """Return a fresh key."""
    return ApiKey(id=secrets.token_hex(8), secret=secrets.token_hex(32))


def parse_key(text: str) -> ApiKey | None:
    """Return the key that a text is, or None if it has another form."""
    found = _FORM.fullmatch(text)
    return ApiKey(id=found[1], secret=found[2]) if found else None


def digest_of(key: ApiKey) -> bytes:
    """Return the 32 bytes that are stored of a key; the id is bound in."""
    return hashlib.sha256(key.text.encode()).digest()


def matches(key: ApiKey, digest: bytes) -> bool:
    """Say whether a stored digest is that of the key, in constant time."""
    return hmac.compare_digest(digest_of(key), digest)
