"""What the ledger tells of what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PolicyStanding", "StoredQuery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStanding:
    """Which declarations are in force.

    Attributes:
        policy: Their digest; empty before the first.
        approvals: ``required`` or ``none``: how they came in force; empty before the first.
        suspended: What is stopped, as ``dataset/ID`` and ``project/ID``, and by which entry.
        entry: Which entry put them in force; None before the first.
    """

    policy: str
    approvals: str
    suspended: Mapping[str, int]
    entry: int | None

    @property
    def state(self) -> str:
        """What an approval names that it replaces: the digest, and since which entry it holds.

        ``none`` before the first. A set that comes back in force is another state.
        """
        return "none" if self.entry is None else f"{self.policy}@{self.entry}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredQuery:
    """What became of one charged query.

    Attributes:
        query_id: 32 hex digits.
        project: Whose query it is.
        state: ``reserved``, ``released`` or ``abandoned``.
        answer: The stored answer; None unless it is released.
        index: Number of the entry that closed it; of the one that reserved it while it is open.
    """

    query_id: str
    project: str
    state: str
    answer: bytes | None
    index: int
