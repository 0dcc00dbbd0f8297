"""Values that somebody who has the key can bring back; see docs/adr/0019.

A token is ``[NAME:aes-siv:…]``: in base32 a nonce of 8 bytes, then AES-SIV (RFC 5297) over the
value, padded to a multiple of 16 bytes, so that its length tells little. The nonce is an HMAC of
the patient: one patient's value has one token, another patient's equal value has another.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from anonymizers.keys import KEY_BYTES, keyed_bytes
from policies.errors import DeclarationError
from policies.text_operators import Label

__all__ = ["REVERSIBLE_KEY_BYTES", "Cipher", "Revealed", "reveal"]

_CIPHER_BYTES: Final = 64
REVERSIBLE_KEY_BYTES: Final = _CIPHER_BYTES + KEY_BYTES
"""A key for AES-256-SIV, which takes 64 bytes, and one for the nonces."""
_NONCE_BYTES: Final = 8
_BLOCK: Final = 16
_GROUP: Final = 8
_LABELS: Final = "|".join(label.value for label in Label)
_TOKEN: Final = re.compile(rf"\[(?P<label>{_LABELS}):aes-siv:(?P<token>[a-z2-7]+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cipher:
    """Encrypts and decrypts what is found in the notes of one project.

    Attributes:
        key: 96 bytes of the purpose ``reversible``, derived for one project.

    Raises:
        DeclarationError: If the key has another length.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != REVERSIBLE_KEY_BYTES:
            raise DeclarationError(
                f"a reversible key has {REVERSIBLE_KEY_BYTES} bytes", code="KEY-SHORT"
            )

    def encrypted(self, unit: str, label: Label, value: str) -> str:
        """Return the token of a value.

        Args:
            unit: The patient, as the source names it.
            label: What it is; a token whose label was changed does not decrypt.
            value: As it stands in the note.
        """
        nonce = keyed_bytes(self.key[_CIPHER_BYTES:], "reversible", unit)[:_NONCE_BYTES]
        sealed = self._siv().encrypt(_padded(value), [label.value.encode(), nonce])
        token = base64.b32encode(nonce + sealed).decode("ascii").rstrip("=").lower()
        return f"[{label.value}:aes-siv:{token}]"

    def decrypted(self, label: Label, token: str) -> str | None:
        """Return the value of a token, or None if it is not of this key, or was changed."""
        try:
            raw = base64.b32decode(token.upper() + "=" * (-len(token) % _GROUP))
            nonce, sealed = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
            padded = self._siv().decrypt(sealed, [label.value.encode(), nonce])
        except (ValueError, InvalidTag):
            return None
        return _unpadded(padded)

    def _siv(self) -> AESSIV:
        return AESSIV(self.key[:_CIPHER_BYTES])


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """A text in which tokens were decrypted.

    Attributes:
        text: With the values.
        counts: Decrypted values by label.
        left: Tokens that are still there: of other labels, or of another key.
    """

    text: str = field(repr=False)
    counts: Mapping[Label, int]
    left: int


def reveal(text: str, ciphers: Sequence[Cipher], labels: frozenset[Label]) -> Revealed:
    """Put values in the place of their tokens.

    Args:
        text: Any text.
        ciphers: Of all keys that may be used; the first that fits decrypts.
        labels: Tokens of other labels stay.
    """
    counts: Counter[Label] = Counter()
    left = 0

    def value_of(found: re.Match[str]) -> str:
        nonlocal left
        label = Label(found["label"])
        opened = (cipher.decrypted(label, found["token"]) for cipher in ciphers)
        value = next((one for one in opened if one is not None), None) if label in labels else None
        if value is None:
            left += 1
            return found[0]
        counts[label] += 1
        return value

    return Revealed(text=_TOKEN.sub(value_of, text), counts=counts, left=left)


def _padded(value: str) -> bytes:
    """Add a bit and zeros up to a whole block: ISO/IEC 7816-4."""
    text = value.encode("utf-8", "surrogatepass") + b"\x80"
    return text + bytes(-len(text) % _BLOCK)


def _unpadded(padded: bytes) -> str:
    return padded.rstrip(b"\0")[:-1].decode("utf-8", "surrogatepass")
