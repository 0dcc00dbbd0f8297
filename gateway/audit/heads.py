"""Which heads a verifier believes: those of the one key in force, and what that log contains.

A key that is no longer in force may be in other hands, so nothing counts because it has signed it.
A head of it counts where it is proved that the log, under a head of the key in force, has grown
from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from gateway.audit.checkpoint import Checkpoint, VerifierKey, parse_checkpoint
from gateway.audit.errors import LogError
from gateway.audit.growth import check_growth

__all__ = ["Heads", "KnownHeads", "grown_from"]


class Heads(Protocol):
    """What says whether a head counts; a ``VerifierKey`` is one."""

    def verify(self, note: str) -> Checkpoint:
        """Return the checkpoint of a signed head that counts.

        Raises:
            LogError: If it does not.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownHeads:
    """The heads of the key in force, and others that its log was proved to contain.

    Attributes:
        key: The key in force.
        contained: Texts of the others.
    """

    key: VerifierKey
    contained: frozenset[str] = frozenset()

    def verify(self, note: str) -> Checkpoint:
        """Return the checkpoint of a head that counts.

        Raises:
            LogError: If it is neither signed by the key nor known to be contained.
        """
        return parse_checkpoint(note) if note in self.contained else self.key.verify(note)


def grown_from(notes: Iterable[str], proofs: Iterable[str], key: VerifierKey) -> frozenset[str]:
    """Return those heads from which the log, under a head of the key, is proved to have grown.

    Args:
        notes: Heads, whoever has signed them.
        proofs: Texts, as ``GET /v1/log/proof`` gives them.
        key: The key in force.
    """
    given = tuple(proofs)
    return frozenset(note for note in notes if any(_grew(note, one, key) for one in given))


def _grew(note: str, proof: str, key: VerifierKey) -> bool:
    try:
        check_growth(note, proof, key)
    except LogError:
        return False
    return True
