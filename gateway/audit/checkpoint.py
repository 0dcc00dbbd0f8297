"""Signed tree heads as text that other people's tools can check.

A checkpoint says "the log of this origin had this many entries and this root"; it is signed as a
note with Ed25519. A verifier needs one line of text, the vkey, which anybody may have.

Sources: C2SP signed-note and tlog-checkpoint, https://c2sp.org/signed-note and
https://c2sp.org/tlog-checkpoint; Ed25519 is RFC 8032.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.audit.encoding import base64_bytes, base64_text
from gateway.audit.errors import LogError
from gateway.audit.tlog import HASH_BYTES

__all__ = [
    "NAME",
    "Checkpoint",
    "Signer",
    "VerifierKey",
    "open_note",
    "parse_checkpoint",
    "parse_vkey",
    "signature_line",
]

_ED25519: Final = b"\x01"
"""Signature type of Ed25519 in signed-note."""
_KEY_ID_BYTES: Final = 4
_PUBLIC_KEY_BYTES: Final = 32
_SIGNATURE_START: Final = "— "  # em dash U+2014, as signed-note has it
_MAX_NOTE_CHARS: Final = 1_000_000
_MAX_SIGNATURES: Final = 100
_MAX_SIZE: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
NAME: Final = re.compile(r"[^\s+]{1,255}")
"""What can name a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One state of one log.

    Attributes:
        origin: Which log; the deployment's id.
        size: Number of entries, 0 or more.
        root: Root of the Merkle tree over them; 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the text that is signed: origin, size and root, a line each."""
        root = base64_text(self.root)
        return f"{self.origin}\n{self.size}\n{root}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """The public half of a log's key, with the log's name.

    Attributes:
        name: Name of the key: the origin of the log that it signs.
        public: Raw Ed25519 public key; 32 bytes.

    Raises:
        LogError: If the name is empty, over 255 characters, or has white space or a plus sign;
            or the key does not have 32 bytes.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise _bad_key("a key's name has 1 to 255 characters, no white space and no '+'")
        if len(self.public) != _PUBLIC_KEY_BYTES:
            raise _bad_key("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256 over name, line feed, type and key."""
        material = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(material).digest()[:_KEY_ID_BYTES]

    def text(self) -> str:
        """Return the vkey: ``name+id+key``, the id in hex, type and key in base64."""
        key = base64_text(_ED25519 + self.public)
        return f"{self.name}+{self.key_id.hex()}+{key}"

    def is_on(self, note: str) -> bool:
        """Say whether a note has a signature that says it is of this key, right or wrong.

        Raises:
            LogError: If the note is malformed.
        """
        named = (blob[:_KEY_ID_BYTES] for name, blob in open_note(note)[1] if name == self.name)
        return self.key_id in named

    def is_named_on(self, note: str) -> bool:
        """Say whether a note has a signature of any key of this name.

        Raises:
            LogError: If the note is malformed.
        """
        return any(name == self.name for name, _ in open_note(note)[1])

    def verify(self, note: str) -> Checkpoint:
        """Return the checkpoint in a note that this key has signed.

        Signatures of other keys, such as witnesses', are left alone.

        Raises:
            LogError: If the note is malformed, is about another log, or this key has not signed
                it, or has a signature on it that does not hold.
        """
        checkpoint, signatures = open_note(note)
        ours = [
            blob[_KEY_ID_BYTES:]
            for name, blob in signatures
            if name == self.name and blob[:_KEY_ID_BYTES] == self.key_id
        ]
        if not ours and any(name == self.name for name, _ in signatures):
            raise _other_key()
        if not ours:
            raise _bad_note("is not signed by the log's key")
        public = Ed25519PublicKey.from_public_bytes(self.public)
        for signature in ours:
            try:
                public.verify(signature, checkpoint.body().encode())
            except InvalidSignature:
                raise _bad_note("has a signature that does not hold") from None
        if checkpoint.origin != self.name:
            raise _bad_note("is about another log")
        return checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The private half: signs the heads of one log.

    Attributes:
        origin: Which log; also the name of the key.
        key: The Ed25519 private key; never shown.
    """

    origin: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = self.key.public_key().public_bytes_raw()
        return VerifierKey(name=self.origin, public=public)

    def sign(self, size: int, root: bytes) -> str:
        """Return the signed checkpoint of a tree, ending in a line feed."""
        body = Checkpoint(origin=self.origin, size=size, root=root).body()
        blob = self.verifier.key_id + self.key.sign(body.encode())
        return f"{body}\n{signature_line(self.origin, blob)}"


def signature_line(name: str, blob: bytes) -> str:
    """Return the line of a signature, from the key's name, and key id and signature as bytes."""
    return f"{_SIGNATURE_START}{name} {base64_text(blob)}\n"


def parse_vkey(text: str) -> VerifierKey:
    """Read one vkey, as ``VerifierKey.text`` writes it; white space around it does not matter.

    Raises:
        LogError: If it is malformed, of another type, its id does not fit its key, or another key
            stands beside it.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    blob = base64_bytes(encoded)
    if blob is None or blob[:1] != _ED25519:
        raise _bad_key("this is not an Ed25519 vkey of the form name+id+key")
    key = VerifierKey(name=name, public=blob[1:])
    if key.key_id.hex() != key_id:
        raise _bad_key("the vkey's id does not fit its name and key")
    return key


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint without asking who has signed it.

    Raises:
        LogError: If the note is malformed.
    """
    return open_note(note)[0]


def open_note(note: str) -> tuple[Checkpoint, tuple[tuple[str, bytes], ...]]:
    """Return the checkpoint, and (key name, key id and signature) of each signature line.

    Raises:
        LogError: If the note is malformed.
    """
    if len(note) > _MAX_NOTE_CHARS or re.search(r"[^\n -\ud7ff\ue000-\U0010ffff]|\x7f", note):
        raise _bad_note("is too long or has control characters")
    body, blank, tail = note.rpartition("\n\n")
    lines = tail[:-1].split("\n") if tail.endswith("\n") else []
    if not blank or not 1 <= len(lines) <= _MAX_SIGNATURES:
        raise _bad_note("has no block of signatures")
    return _parse_body(body), tuple(_parse_signature(line) for line in lines)


def _parse_body(body: str) -> Checkpoint:
    match body.split("\n"):
        case [origin, size, root, *extensions] if origin and all(extensions):
            decoded = base64_bytes(root)
            if _NUMBER.fullmatch(size) and int(size) <= _MAX_SIZE and decoded is not None:
                if len(decoded) != HASH_BYTES:
                    raise _bad_note("has a root that does not have 32 bytes")
                if extensions:
                    raise _bad_note("has extension lines, which this log does not write")
                return Checkpoint(origin=origin, size=int(size), root=decoded)
    raise _bad_note("does not have the lines origin, size and root")


def _parse_signature(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
    blob = base64_bytes(encoded)
    if not line.startswith(_SIGNATURE_START) or not space or not NAME.fullmatch(name):
        raise _bad_note("has a malformed signature line")
    if blob is None or len(blob) <= _KEY_ID_BYTES:
        raise _bad_note("has a malformed signature")
    return name, blob


def _other_key() -> LogError:
    return LogError(
        "the checkpoint is not signed by the log's key in force but by another of that name, which"
        " alone proves nothing: whoever held an earlier key could sign another past",
        code="LOG-CHECKPOINT",
        remedy="if the log's key was changed, ask for the one in force as you got the first, and"
        " check together with the log (gateway audit verify) or a proof of growth (--growth)",
    )


def _bad_note(reason: str) -> LogError:
    return LogError(
        f"the checkpoint {reason}",
        code="LOG-CHECKPOINT",
        remedy="get the checkpoint and the log's vkey anew from where they are published",
    )


def _bad_key(reason: str) -> LogError:
    return LogError(
        reason, code="LOG-KEY", remedy="give the vkey that the log's operator published"
    )
