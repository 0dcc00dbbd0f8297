"""What is logged of an auditor's review, and of who looked at texts of persons who agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

__all__ = ["ConsentedTextRead", "FlagSignedOff", "ReviewEvent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSignedOff:
    """An auditor looked into a flag; the flag is shown as settled from now on."""

    kind: ClassVar[str] = "review.signoff"

    actor: str
    flag: str
    ref: int
    settled: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentedTextRead:
    """A steward looked at an identified text of the consented gold set, before it was shown.

    ``text`` is its place in the set, from 1; ``gold`` is the SHA-256 of the set.
    """

    kind: ClassVar[str] = "gold.read"

    actor: str
    gold: str
    text: int


ReviewEvent: TypeAlias = FlagSignedOff | ConsentedTextRead
"""Facts of what was reviewed."""
