"""What witnesses sign: that a log's head is the largest they have seen, and only grew, at a time.

Two kinds are known: Ed25519, and ML-DSA-44, which also withstands quantum computers.

Source: C2SP tlog-cosignature, https://c2sp.org/tlog-cosignature; RFC 8032; FIPS 204.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from gateway.audit.checkpoint import NAME, Checkpoint, open_note, signature_line
from gateway.audit.encoding import base64_bytes, base64_text
from gateway.audit.errors import LogError

__all__ = ["ED25519", "ML_DSA_44", "Cosigner", "WitnessKey", "parse_cosigner", "parse_witness_key"]

ED25519: Final = 0x04
ML_DSA_44: Final = 0x06
"""Signature types of cosignatures in signed-note."""
_PUBLIC_BYTES: Final[Mapping[int, int]] = MappingProxyType({ED25519: 32, ML_DSA_44: 1312})
_KEY_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_SEED_BYTES: Final = 32
_MAX_TIME: Final = 2**63 - 1
_PRIVATE: Final = "PRIVATE+KEY+"

_PrivateKey: TypeAlias = Ed25519PrivateKey | MLDSA44PrivateKey
_FROM_SEED: Final[Mapping[int, Callable[[bytes], _PrivateKey]]] = MappingProxyType(
    {
        ED25519: Ed25519PrivateKey.from_private_bytes,
        ML_DSA_44: MLDSA44PrivateKey.from_seed_bytes,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessKey:
    """The public half of a witness's key, with the witness's name.

    Attributes:
        name: Name of the witness.
        kind: Signature type: 0x04 for Ed25519, 0x06 for ML-DSA-44.
        public: Raw public key.

    Raises:
        LogError: If the name cannot name a key, the type is another, or the key's length.
    """

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise _bad_key("a key's name has 1 to 255 characters, no white space and no '+'")
        if len(self.public) != _PUBLIC_BYTES.get(self.kind):
            raise _bad_key("this is not the key of a witness, of type 4 (Ed25519) or 6 (ML-DSA-44)")

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256 over name, line feed, type and key."""
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(material).digest()[:_KEY_ID_BYTES]

    def text(self) -> str:
        """Return the vkey: ``name+id+key``, the id in hex, type and key in base64."""
        return f"{self.name}+{self.key_id.hex()}+{base64_text(bytes([self.kind]) + self.public)}"

    def cosigned_at(self, note: str) -> int | None:
        """Return when this witness cosigned a checkpoint, in seconds since 1970; None if never.

        Raises:
            LogError: If the note is malformed, or has a cosignature of this key that does not hold.
        """
        checkpoint, signatures = open_note(note)
        body = note.rpartition("\n\n")[0] + "\n"
        times = [
            self._time_of(checkpoint, body, blob[_KEY_ID_BYTES:])
            for name, blob in signatures
            if name == self.name and blob[:_KEY_ID_BYTES] == self.key_id
        ]
        return max(times, default=None)

    def _time_of(self, checkpoint: Checkpoint, body: str, blob: bytes) -> int:
        time = int.from_bytes(blob[:_TIME_BYTES], "big")
        message = _message(self, checkpoint, body, time)
        if not 0 < time <= _MAX_TIME:
            raise _does_not_hold()
        try:
            if self.kind == ED25519:
                ed25519 = Ed25519PublicKey.from_public_bytes(self.public)
                ed25519.verify(blob[_TIME_BYTES:], message)
            else:
                ml_dsa = MLDSA44PublicKey.from_public_bytes(self.public)
                ml_dsa.verify(blob[_TIME_BYTES:], message)
        except InvalidSignature:
            raise _does_not_hold() from None
        return time


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """The private half of a witness's key.

    Attributes:
        name: Name of the witness.
        kind: Signature type, as in ``WitnessKey``.
        seed: 32 secret bytes that the key follows from; never shown.
    """

    name: str
    kind: int
    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> WitnessKey:
        """The public half."""
        public = _FROM_SEED[self.kind](self.seed).public_key().public_bytes_raw()
        return WitnessKey(name=self.name, kind=self.kind, public=public)

    def text(self) -> str:
        """Return the secret as one line, for a file that its owner alone can read."""
        key = base64_text(bytes([self.kind]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{key}"

    def cosign(self, note: str, time: int) -> str:
        """Return the line of a cosignature on a checkpoint, ending in a line feed.

        Args:
            note: The signed checkpoint; whoever calls has checked it.
            time: Now, in seconds since 1970; above 0.
        """
        checkpoint, _ = open_note(note)
        body = note.rpartition("\n\n")[0] + "\n"
        verifier = self.verifier
        signature = _FROM_SEED[self.kind](self.seed).sign(
            _message(verifier, checkpoint, body, time)
        )
        blob = verifier.key_id + time.to_bytes(_TIME_BYTES, "big") + signature
        return signature_line(self.name, blob)


def parse_witness_key(text: str) -> WitnessKey:
    """Read a witness's vkey, as ``WitnessKey.text`` writes it.

    Raises:
        LogError: If it is malformed, of another type, or its id does not fit its key.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    blob = base64_bytes(encoded)
    if not blob:
        raise _bad_key("this is not a vkey of the form name+id+key")
    key = WitnessKey(name=name, kind=blob[0], public=blob[1:])
    if key.key_id.hex() != key_id:
        raise _bad_key("the vkey's id does not fit its name and key")
    return key


def parse_cosigner(text: str) -> Cosigner:
    """Read the secret of a witness, as ``Cosigner.text`` writes it.

    Raises:
        LogError: If it is malformed; the message holds nothing of it.
    """
    name, _, rest = text.strip().removeprefix(_PRIVATE).partition("+")
    blob = base64_bytes(rest.partition("+")[2]) or b"\0"
    if blob[0] not in _FROM_SEED or len(blob) != 1 + _SEED_BYTES:
        raise _bad_key("this is not the secret key of a witness")
    cosigner = Cosigner(name=name, kind=blob[0], seed=blob[1:])
    if cosigner.text() != text.strip():
        raise _bad_key("the id in the secret key of a witness does not fit its name and key")
    return cosigner


def _message(key: WitnessKey, checkpoint: Checkpoint, body: str, time: int) -> bytes:
    """What is signed: the note's text for Ed25519, a ``cosigned_message`` for ML-DSA-44."""
    if key.kind == ED25519:
        return f"cosignature/v1\ntime {time}\n{body}".encode()
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if max(len(name), len(origin)) > 255:  # noqa: PLR2004  a length of one byte
        raise _bad_key("the name of a log or of a witness has more than 255 bytes")
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            time.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _does_not_hold() -> LogError:
    return LogError(
        "the checkpoint has a cosignature that does not hold",
        code="LOG-COSIGNATURE",
        remedy="get the checkpoint anew, and ask the witness whether it signed it",
    )


def _bad_key(reason: str) -> LogError:
    return LogError(reason, code="LOG-KEY", remedy="give the vkey that the witness published")
