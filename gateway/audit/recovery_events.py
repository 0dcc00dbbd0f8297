"""The event by which an older copy of the log goes on, where no newer one is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["LogRecovered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecovered:
    """The log goes on from an older state than was signed; all budgets are spent to their caps.

    What was charged in the entries that are lost is not known, so all that could have been is
    charged. Heads of these entries, and receipts under them, do not fit the log from here on.
    """

    kind: ClassVar[str] = "log.recover"

    actor: str
    policy: str
    because: str
    lost_size: int
    lost_root: str
    signers: str = ""
