"""Which keys have signed the log one after the other, as its entries tell.

None of it makes a key trusted: the log is held to the one key that its verifier was given. It says
which earlier key has signed a head that the log contains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.audit.checkpoint import VerifierKey, parse_vkey
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.audit.key_events import KeyRotated
from gateway.audit.signed_heads import EarlierHead

__all__ = ["KeyReplay"]


@dataclass(slots=True)
class KeyReplay:
    """The changes of the log's key after the entries so far.

    Attributes:
        changes: Number of each entry, and what it says.
    """

    changes: list[tuple[int, KeyRotated]] = field(default_factory=list)

    def take(self, index: int, event: KeyRotated) -> Iterator[tuple[Failure, str]]:
        """Go one entry on, and yield what is wrong with it."""
        if event.size != index:
            yield Failure.FORM, "it says that the former key has signed another number of entries"
        if self.changes and self.changes[-1][1].vkey != event.former_vkey:
            yield Failure.SIGNATURE, "it hands over from a key that was not in force"
        try:
            former, follower = parse_vkey(event.former_vkey), parse_vkey(event.vkey)
        except LogError:
            yield Failure.FORM, "it names a key that is none"
        else:
            if former.name != follower.name or former == follower:
                yield Failure.SIGNATURE, "it hands over to the key of another log, or to none"
        self.changes.append((index, event))

    def check_last(self, key: VerifierKey) -> Iterator[Finding]:
        """Check that the log was last handed over to a key, if ever it was."""
        if self.changes and self.changes[-1][1].vkey != key.text():
            detail = "from here on another key signs the log than the one that was given"
            yield Finding(self.changes[-1][0], Failure.SIGNATURE, detail)

    def check_signed(self, one: EarlierHead) -> Iterator[Finding]:
        """Check that a head of the log is signed by the key that was in force at its size."""
        size = one.head.size
        keys = [event.former_vkey for index, event in self.changes if size <= index]
        try:
            parse_vkey(keys[0] if keys else "").verify(one.text)
        except LogError:
            detail = f"a head of {size} entries is not signed by the key that was in force then"
            yield Finding(None, Failure.SIGNATURE, detail)
