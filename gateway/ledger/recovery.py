"""Going on from an older state of the ledger than was signed, without giving budget back."""

from __future__ import annotations

from pathlib import Path

from gateway.audit.checkpoint import Signer
from gateway.audit.database import LedgerPlace
from gateway.audit.recovery_events import LogRecovered
from gateway.clock import Clock
from gateway.ledger.lifecycle import check_alone
from gateway.ledger.storage import LedgerFile, Transaction

__all__ = ["recover_ledger"]


def recover_ledger(
    place: LedgerPlace, checkpoint: Path, signer: Signer, clock: Clock, event: LogRecovered
) -> None:
    """Append the event, spend all budgets to their caps, and sign the head of what there is.

    Args:
        place: Where the older state lies.
        checkpoint: The file of the last signed head, which does not fit it.
        signer: Signs the heads.
        clock: For the entry.
        event: What the log will say.

    Raises:
        OperatorError: ``SYS-LEDGER-OPEN`` if another process has the ledger open.
        LedgerFaultError: If the disk or the database fails.
    """

    def give_up(transaction: Transaction) -> None:
        check_alone(transaction)
        transaction.append(event)
        transaction.connection.execute("UPDATE scope SET spent = cap, spent_delta = cap_delta")

    file = LedgerFile(place, checkpoint, signer, clock)
    try:
        file.recover(give_up)
    finally:
        file.close()
