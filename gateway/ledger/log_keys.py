"""Which key signs the log, and how it hands over to another."""

from __future__ import annotations

from gateway.audit.checkpoint import Signer, VerifierKey
from gateway.audit.events import KeyRotated
from gateway.ledger.book import Place
from gateway.ledger.lifecycle import check_alone
from gateway.ledger.storage import LedgerFile
from gateway.ledger.transaction import Transaction
from query.ports import Receipt

__all__ = ["LogKeys"]


class LogKeys:
    """The key of one ledger's log.

    Args:
        file: The ledger's file.
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    @property
    def verifier(self) -> VerifierKey:
        """Public half of the key that signs now."""
        return self._file.verifier

    def check_alone(self) -> None:
        """Check that no other process has the ledger open.

        Raises:
            OperatorError: ``SYS-LEDGER-OPEN`` if one has.
        """
        with self._file.writing() as writing:
            check_alone(writing)

    def hand_over(self, following: Signer, *, actor: str) -> Receipt:
        """Let another key sign the heads, from an entry on that says so.

        Args:
            following: The key, durable already where it is looked for at the next opening.
            actor: Opaque id of who does it.

        Raises:
            OperatorError: ``SYS-LEDGER-OPEN`` if another process has the ledger open.
        """

        def write(transaction: Transaction) -> Place:
            check_alone(transaction)
            ((size,),) = transaction.connection.execute("SELECT count(*) FROM entry").fetchall()
            former, vkey = self.verifier.text(), following.verifier.text()
            return transaction.append(
                KeyRotated(actor=actor, former_vkey=former, vkey=vkey, size=size)
            )

        return self._file.hand_over(following, write)
