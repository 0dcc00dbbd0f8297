"""A ledger in which a question's end is written at a step of time, not when its rows were read.

Pacing the reply alone would hide nothing: whoever asks for the log's checkpoint, or looks at the
entry number of another receipt, sees to the millisecond when a release was appended.
"""

from __future__ import annotations

from gateway.pacing import Pacer
from query.ports import Balance, Charge, Denial, Ledger, Receipt

__all__ = ["PacedLedger"]


class PacedLedger:
    """A ledger for one question, whose outcome waits; implements ``query.ports.Ledger``.

    Private rows are read between ``reserve`` and ``release`` or ``abandon``, and nowhere else. So
    what follows, in the log and in the reply, comes at a step of time after the reservation, and
    everything before and after takes a time that does not depend on rows.

    Args:
        ledger: Where it is written.
        pacer: When outcomes may be written.
    """

    def __init__(self, ledger: Ledger, pacer: Pacer) -> None:
        self._ledger = ledger
        self._pacer = pacer
        self._started: float | None = None

    def recall(self, project: str, cache_key: bytes) -> bytes | None:
        """Return what the ledger returns, at once."""
        return self._ledger.recall(project, cache_key)

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
        """Return what the ledger returns, at once."""
        return self._ledger.related(project, family, most)

    def reserve(self, charge: Charge) -> Receipt:
        """Charge at once; the steps of time begin when that is durable."""
        receipt = self._ledger.reserve(charge)
        self._started = self._pacer.start()
        return receipt

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        """Wait for the next step of time, then write the release."""
        self._wait()
        return self._ledger.release(charge, answer)

    def abandon(self, charge: Charge) -> Receipt:
        """Wait for the next step of time, unless that was done, then write the end."""
        self._wait()
        return self._ledger.abandon(charge)

    def repeat(self, charge: Charge) -> Receipt:
        """Write it at once: no rows were read."""
        return self._ledger.repeat(charge)

    def deny(self, denial: Denial) -> Receipt:
        """Write it at once: no rows were read."""
        return self._ledger.deny(denial)

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return what the ledger returns, at once."""
        return self._ledger.balances(project, dataset, principal)

    def _wait(self) -> None:
        """Wait once: a release that fails is followed by its end without an answer."""
        if self._started is not None:
            started, self._started = self._started, None
            self._pacer.wait(started)
