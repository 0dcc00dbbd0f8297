"""Keys and keyed stand-ins; every function is pure, and every secret is an argument.

One master secret of the site gives all other keys (HKDF-SHA256, RFC 5869). The info string
``purpose|dataset|scope`` keeps them apart, so that what is linked in one project cannot be linked
to another. Stand-ins are HMAC-SHA-256 (RFC 2104) of the value under such a key.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from policies.errors import DeclarationError
from policies.stand_ins import WEEK_DAYS, ShiftDate

__all__ = [
    "KEY_BYTES",
    "DateShift",
    "bears_mark",
    "date_shift_days",
    "derive_key",
    "keyed_bytes",
    "marked_pseudonym",
    "opaque_key",
    "pseudonym",
    "salt",
]

KEY_BYTES = 32
"""Length of the master secret at least, and of derived keys by default."""

_SEPARATOR = "|"
_PSEUDONYM_CHARACTERS = 26
_STAND_IN_CHARACTERS = 16


def derive_key(
    master: bytes, *, purpose: str, dataset: str, scope: str = "", length: int = KEY_BYTES
) -> bytes:
    """Derive the key for one purpose, such as ``pseudonyms`` or ``date-shift``.

    Args:
        master: The site's master secret; 32 bytes or more.
        purpose: What the key is for; no ``|``.
        dataset: Id of the dataset whose values are replaced; no ``|``.
        scope: Within what stand-ins are to be equal, such as a project's id; no ``|``.
        length: Of the key, in bytes; 32 but for ciphers that take more.

    Raises:
        DeclarationError: If the secret is too short, or a part holds ``|``, which would let two
            lists of parts give one key.

    Source: RFC 5869 (HKDF), with an empty salt.
    """
    if len(master) < KEY_BYTES:
        raise DeclarationError(
            f"the master secret has {len(master)} bytes; give {KEY_BYTES} or more", code="KEY-SHORT"
        )
    parts = (purpose, dataset, scope)
    if any(_SEPARATOR in part for part in parts):
        raise DeclarationError("a part of a key's name holds |; leave it out", code="KEY-NAME")
    derivation = HKDF(
        algorithm=SHA256(), length=length, salt=None, info=_SEPARATOR.join(parts).encode()
    )
    return derivation.derive(master)


def keyed_bytes(key: bytes, purpose: str, *values: str) -> bytes:
    """Return 32 bytes of HMAC-SHA-256 over a purpose and values; no two lists share a message."""
    message = "".join(f"{len(value)}:{value}" for value in (purpose, *values))
    return hmac.digest(key, message.encode("utf-8", "surrogatepass"), "sha256")


def pseudonym(key: bytes, value: str) -> str:
    """Return the stand-in of a value: 26 lower-case characters of base32 (130 bits)."""
    text = base64.b32encode(keyed_bytes(key, "pseudonym", value)).decode("ascii")
    return text[:_PSEUDONYM_CHARACTERS].lower()


def marked_pseudonym(key: bytes, value: str) -> str:
    """Return a stand-in that can be told to be of this key: 26 lower-case characters of base32.

    The first 16 (80 bits) stand for the value. The other 10 (50 bits) are a code over them under
    the same key, so whoever has the key recognizes every stand-in that it made, and nobody else
    can tell two keys apart.
    """
    stand_in = pseudonym(key, value)[:_STAND_IN_CHARACTERS]
    return stand_in + _mark(key, stand_in)


def bears_mark(key: bytes, text: str) -> bool:
    """Say whether a text is a stand-in that ``marked_pseudonym`` made with a key.

    A text that is none passes with a chance of 1e-15.
    """
    stand_in, mark = text[:_STAND_IN_CHARACTERS], text[_STAND_IN_CHARACTERS:]
    return hmac.compare_digest(mark.encode(), _mark(key, stand_in).encode())


def _mark(key: bytes, stand_in: str) -> str:
    text = base64.b32encode(keyed_bytes(key, "mark", stand_in)).decode("ascii").lower()
    return text[: _PSEUDONYM_CHARACTERS - _STAND_IN_CHARACTERS]


def opaque_key(key: bytes, value: str) -> int:
    """Return the stand-in of a value as a whole number from 0 to 2**62 - 1.

    Among a million values two share a number with a chance of about 1e-7 (birthday bound).
    """
    return int.from_bytes(keyed_bytes(key, "opaque", value)[:8]) >> 2


def salt(key: bytes, unit: str) -> int:
    """Return the 31 bits that order the rows of one privacy unit; 0 to 2**31 - 1."""
    return int.from_bytes(keyed_bytes(key, "salt", unit)[:4]) >> 1


def date_shift_days(key: bytes, unit: str, max_days: int, *, keep_weekday: bool = False) -> int:
    """Return by how many days the dates of one privacy unit move.

    Args:
        key: Key of the purpose ``date-shift``.
        unit: The privacy unit as the source names it.
        max_days: Largest move either way, in days; 1 or more, 7 or more for whole weeks.
        keep_weekday: Whether the move is a number of whole weeks.

    Returns:
        A number from -max_days to max_days, never 0; uniform but for a bias below 1e-15.
    """
    step = WEEK_DAYS if keep_weekday else 1
    most = max_days // step
    drawn = int.from_bytes(keyed_bytes(key, "shift", unit)[:8]) % (2 * most)
    return step * (drawn - most if drawn < most else drawn - most + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateShift:
    """How the dates of each privacy unit move, in tables and in notes alike.

    Attributes:
        key: Key of the purpose ``date-shift``; never shown.
        max_days: Largest move either way, in days.
        keep_weekday: Whether dates move by whole weeks.
    """

    key: bytes = field(repr=False)
    max_days: int = 182
    keep_weekday: bool = False

    @classmethod
    def of(cls, key: bytes, rule: ShiftDate) -> DateShift:
        """Return the move that a policy declares."""
        return cls(key=key, max_days=rule.max_days, keep_weekday=rule.keep_weekday)

    def days(self, unit: str) -> int:
        """Return the move of one privacy unit, in days."""
        return date_shift_days(self.key, unit, self.max_days, keep_weekday=self.keep_weekday)
