"""The event by which another key takes over the signing of the log, and what makes it hold.

The old key signs that the new one follows it. So whoever knows one of them knows all that follow,
and which heads each of them may have signed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.audit.checkpoint import Signer, VerifierKey, parse_vkey
from gateway.audit.encoding import base64_bytes, base64_text
from gateway.audit.errors import LogError

__all__ = ["KeyRotated", "endorse", "is_endorsed", "with_rotations"]

_PURPOSE: Final = "clinical-gateway log key rotation v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated:
    """From the next entry on, another key signs the log; the old one signed that it follows."""

    kind: ClassVar[str] = "key.rotate"

    actor: str
    former_vkey: str
    vkey: str
    endorsement: str


def endorse(signer: Signer, follower: VerifierKey, actor: str) -> KeyRotated:
    """Return the event by which a key gives over to another.

    Args:
        signer: The old key.
        follower: Public half of the new one.
        actor: Opaque id of who does it.
    """
    former, vkey = signer.verifier.text(), follower.text()
    signature = signer.key.sign(_statement(former, vkey))
    return KeyRotated(
        actor=actor, former_vkey=former, vkey=vkey, endorsement=base64_text(signature)
    )


def is_endorsed(event: KeyRotated) -> bool:
    """Say whether the old key has signed that the new one follows it, for the same log."""
    try:
        former, new = parse_vkey(event.former_vkey), parse_vkey(event.vkey)
        signature = base64_bytes(event.endorsement) or b""
        public = Ed25519PublicKey.from_public_bytes(former.public)
        public.verify(signature, _statement(event.former_vkey, event.vkey))
    except (LogError, InvalidSignature):
        return False
    return former.name == new.name


def with_rotations(key: VerifierKey, rotations: Iterable[tuple[int, KeyRotated]]) -> VerifierKey:
    """Return a key with all others of its log, as endorsed entries of the log name them.

    Args:
        key: One that is trusted, whichever of them.
        rotations: Number of the entry, and what it says, in their order.
    """
    newest = key.text()
    known = {newest: replace(key, former=()), **{one.text(): one for one in key.former}}
    forward = list(rotations)
    for index, event in (*forward, *reversed(forward)):  # what follows, and what came before
        if event.former_vkey not in known and event.vkey not in known:
            continue
        former = parse_vkey(event.former_vkey) if is_endorsed(event) else None
        if former is None or former.name != key.name:
            continue
        # The old key's last head is the one that covers this entry.
        known[event.former_vkey] = replace(former, last_size=index + 1)
        known.setdefault(event.vkey, parse_vkey(event.vkey))
        newest = event.vkey if newest == event.former_vkey else newest
    first = known.pop(newest)
    return replace(first, former=tuple(known.values()))


def _statement(former: str, vkey: str) -> bytes:
    return f"{_PURPOSE}\n{former}\n{vkey}\n".encode()
