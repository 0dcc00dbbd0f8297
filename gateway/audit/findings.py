"""What a verification of the log can find, each with an exit code of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Failure", "Finding"]


class Failure(Enum):
    """A class of failure; its value is the exit code of ``gateway audit verify``."""

    DATABASE = 10
    """The database or the checkpoint cannot be read."""
    SEQUENCE = 11
    """Entries are missing, or are not numbered from 0 without gaps."""
    LEAF_HASH = 12
    """An entry does not have the hash that is stored beside it."""
    FORM = 13
    """An entry is not canonical, or holds what the schema does not allow."""
    TIME = 14
    """Time runs backwards."""
    SIGNATURE = 15
    """A checkpoint is not signed by the log's key."""
    ROLLBACK = 16
    """The log has fewer entries than a checkpoint says."""
    ROOT = 17
    """The log's entries are not those that a checkpoint was signed for."""
    LIFECYCLE = 18
    """A query is not reserved once, and closed once at most."""
    POLICY = 19
    """Something was charged, or opened, against the declarations in force."""
    OVERSPENT = 20
    """A charge went over a cap."""
    TABLES = 21
    """A balance, a charge or a query is not what the log says."""
    ANSWER = 22
    """A stored answer is not the one that was released."""
    APPROVAL = 23
    """Declarations came in force, something was stopped or resumed, or records left, without the
    approvals."""
    WITNESS = 24
    """Not enough witnesses have cosigned a head, or a cosignature does not hold."""
    RECEIPT = 25
    """A receipt does not hold, or is of another answer."""
    TILES = 26
    """A tile of hashes or of entries is missing, or does not have the hashes of the tree."""
    ERASURE = 27
    """The list of who was erased, or a snapshot, is older than the log says."""
    SNAPSHOT = 28
    """A snapshot is in force that no entry names, or its file was replaced."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        index: Number of the first entry that shows it; None where it cannot be told.
        failure: Its class.
        detail: What was found, in words without any value of the log but names.
    """

    index: int | None
    failure: Failure
    detail: str

    def __str__(self) -> str:
        place = "log" if self.index is None else f"entry {self.index}"
        return f"{place}: {self.failure.name} {self.detail}"
