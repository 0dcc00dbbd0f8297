"""The event by which another key takes over the signing of the log.

It makes nobody trust the new key: who holds the old one can write such an entry as well. A verifier
trusts the one key that it was given as the one in force, and what that has signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["KeyRotated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated:
    """From this entry on another key signs the heads of the log; the former signs none with it."""

    kind: ClassVar[str] = "key.rotate"

    actor: str
    former_vkey: str
    vkey: str
    size: int
