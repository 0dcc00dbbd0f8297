"""What is logged of privacy units that are to be forgotten: that it was done, and nobody's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["UnitsErased", "UnitsReadmitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsErased:
    """From here on nothing is stored of whoever is on a list; the snapshot was written anew.

    It is appended whether anybody of the list was in the data or not. Without a snapshot, none
    was in the store, or a run was cut short before there was a new one; then none is served.
    """

    kind: ClassVar[str] = "unit.erase"

    actor: str
    dataset: str
    policy: str
    because: str
    generation: int
    tombstones: str
    snapshot: str = ""
    sealed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsReadmitted:
    """Somebody was taken off a list, and is read again by the next ingest."""

    kind: ClassVar[str] = "unit.readmit"

    actor: str
    dataset: str
    policy: str
    because: str
    generation: int
    tombstones: str
    snapshot: str = ""
    sealed: str = ""
