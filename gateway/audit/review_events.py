"""What is logged of an auditor's review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

__all__ = ["FlagSignedOff", "ReviewEvent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSignedOff:
    """An auditor looked into a flag; the flag is shown as settled from now on."""

    kind: ClassVar[str] = "review.signoff"

    actor: str
    flag: str
    ref: int
    settled: str


ReviewEvent: TypeAlias = FlagSignedOff
"""Facts of what was reviewed."""
