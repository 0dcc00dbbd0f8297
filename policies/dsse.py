"""Signed envelopes: a payload, its type, and Ed25519 signatures over both.

The form is that of DSSE version 1, so that other people's tools read and verify it too.

Source: https://github.com/secure-systems-lab/dsse, protocol.md and envelope.md, version 1.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from policies.errors import ApprovalError

__all__ = ["Envelope", "Signature", "key_id", "parse_envelope", "sign"]

MAX_ENVELOPE_BYTES: Final = 64 * 1024
_KEY_ID_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature.

    Attributes:
        key_id: Whose it claims to be; a hint, which nothing relies on.
        value: 64 bytes of Ed25519 (RFC 8032), over the pre-authentication encoding.
    """

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload and who signed it.

    Attributes:
        payload_type: What the payload is, such as ``application/vnd.in-toto+json``.
        payload: Bytes that were signed.
        signatures: One or more.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Say whether one of the signatures is by that key."""
        return any(self._holds(key, one.value) for one in self.signatures)

    def to_bytes(self) -> bytes:
        """Return the envelope as JSON, with a final newline."""
        document = {
            "payload": _encoded(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": one.key_id, "sig": _encoded(one.value)} for one in self.signatures
            ],
        }
        return json.dumps(document, indent=2).encode() + b"\n"

    def _holds(self, key: Ed25519PublicKey, signature: bytes) -> bool:
        try:
            key.verify(signature, _encoding(self.payload_type, self.payload))
        except InvalidSignature:
            return False
        return True


def key_id(key: Ed25519PublicKey) -> str:
    """Return how a key is called: the first 16 hex digits of the SHA-256 over its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:_KEY_ID_DIGITS]


def sign(payload_type: str, payload: bytes, key: Ed25519PrivateKey) -> Envelope:
    """Return the payload in an envelope with one signature."""
    signature = Signature(key_id(key.public_key()), key.sign(_encoding(payload_type, payload)))
    return Envelope(payload_type=payload_type, payload=payload, signatures=(signature,))


def parse_envelope(raw: bytes) -> Envelope:
    """Read an envelope; its signatures are not verified here.

    Raises:
        ApprovalError: If the bytes are no such envelope.
    """
    try:
        document: Any = json.loads(raw[: MAX_ENVELOPE_BYTES + 1])  # what is cut off does not parse
        return Envelope(
            payload_type=_text(document["payloadType"]),
            payload=_decoded(document["payload"]),
            signatures=tuple(_signatures(document["signatures"])),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ApprovalError(
            "a file of approvals is not a DSSE envelope",
            code="APP-ENVELOPE",
            remedy="remove it, or sign again with 'gateway policy sign'",
        ) from None


def _signatures(found: list[dict[str, Any]]) -> Iterator[Signature]:
    for one in found:
        yield Signature(str(one.get("keyid", "")), _decoded(one["sig"]))


def _encoding(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding (PAE) of protocol.md: lengths make it unambiguous."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _text(found: object) -> str:
    if isinstance(found, str):
        return found
    raise TypeError


def _decoded(text: str) -> bytes:
    """Read standard or URL-safe base64, as verifiers have to."""
    try:
        return base64.b64decode(text.translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error:
        raise ValueError from None
