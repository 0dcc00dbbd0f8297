"""Which key signs the heads of a log now: the ring's, until an entry hands over to the next one.

So a change of the key takes effect with its entry, and a process that is cut short in between goes
on where it was: before the entry nothing has changed, and after it only the new key signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.audit.checkpoint import Signer, VerifierKey
from gateway.audit.entries import parse_entry
from gateway.audit.errors import LogError
from gateway.audit.key_events import KeyRotated

__all__ = ["ROTATION_MARK", "Succession"]

ROTATION_MARK: Final = f'"kind":"{KeyRotated.kind}"'.encode()
"""What the bytes of such an entry have and no other's: within a text, JSON has escaped quotes."""


@dataclass(slots=True)
class Succession:
    """The keys that may sign, and what the entries so far say of them.

    Attributes:
        signer: The key of the ring.
        following: The key that is to follow it; None where none was drawn.
        named: vkey that the last such entry hands over to; empty before the first.
    """

    signer: Signer
    following: Signer | None = None
    named: str = ""

    def take(self, leaf: bytes) -> None:
        """Go one entry on.

        Raises:
            LogError: If it looks like a change of the key, and is no entry.
        """
        if ROTATION_MARK in leaf:
            event = parse_entry(leaf).event
            if isinstance(event, KeyRotated):
                self.named = event.vkey

    @property
    def verifier(self) -> VerifierKey:
        """The key whose signature a head of the entries so far must have."""
        following = self.following
        if following is not None and following.verifier.text() == self.named:
            return following.verifier
        return self.signer.verifier

    def in_force(self) -> Signer:
        """Return the key that signs a head of the entries so far.

        Raises:
            LogError: If they hand over to a key that is not in the ring (``SYS-LOG-KEY``).
        """
        for signer in (self.signer, self.following):
            if signer is not None and self.named in {"", signer.verifier.text()}:
                return signer
        raise LogError(
            "the audit log says that another key signs it than the one of this key ring",
            code="SYS-LOG-KEY",
            remedy="copy the key ring, with its log.checkpoint, from the host on which the key was"
            " changed",
        )
