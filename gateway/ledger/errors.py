"""What can go wrong inside the ledger."""

from __future__ import annotations

import secrets

from policies.errors import InternalError

__all__ = ["LedgerFaultError"]


class LedgerFaultError(InternalError):
    """The ledger could not do what it was asked, by a fault of the caller's code or the disk's.

    Attributes:
        fault: What was wrong, for the operator's log; never shown to a researcher.
    """

    code = "SYS-LEDGER"

    def __init__(self, fault: str) -> None:
        super().__init__(secrets.token_hex(8))
        self.fault = fault
