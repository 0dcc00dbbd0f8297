"""Engine and ledger of one question that somebody watches, and may cancel."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Protocol

from gateway.jobs.watch import Watch
from query.ports import Balance, Charge, Denial, ExactRow, Ledger, Receipt

__all__ = ["ReasonedLedger", "StoppableEngine", "WatchedEngine", "WatchedLedger"]


class StoppableEngine(Protocol):
    """An engine whose statements another thread may end."""

    def prepare(self, statement: str) -> None:
        """Check a statement, as ``query.ports.Engine`` says."""
        ...

    def run(
        self, statement: str, keys: int | None = None, stop: Event | None = None
    ) -> list[ExactRow]:
        """Return all rows; raises InternalError soon after ``stop`` is set."""
        ...


class ReasonedLedger(Ledger, Protocol):
    """A ledger that is told why there is no answer, and tells when a charge is durable."""

    def reserve(self, charge: Charge, committed: Callable[[], object] = ...) -> Receipt:
        """Debit as ``query.ports.Ledger`` says; call what is given once that is durable."""
        ...

    def abandon(self, charge: Charge, reason: str = "failed") -> Receipt:
        """Append the entry that closes a reservation without an answer; the charge stays."""
        ...


class WatchedEngine:
    """An engine for one question; implements ``query.ports.Engine``.

    Args:
        engine: Runs the statements.
        watch: Is told, and may end them.
    """

    def __init__(self, engine: StoppableEngine, watch: Watch) -> None:
        self._engine = engine
        self._watch = watch

    def prepare(self, statement: str) -> None:
        """Check a statement, as the engine does."""
        self._engine.prepare(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Return all rows.

        Raises:
            JobCancelledError: If the question is not wanted any more.
            InternalError: If it fails, or is cancelled while it runs.
        """
        self._watch.now_running()
        self._watch.check()
        return self._engine.run(statement, keys, self._watch.stop)


class WatchedLedger:
    """A ledger for one question; implements ``query.ports.Ledger``.

    It stands behind the steps of time: whether somebody cancelled is looked at when the outcome is
    due, so that it makes no difference whether the rows had been read by then.

    Args:
        ledger: Where it is written.
        watch: Is told, and may end it.
    """

    def __init__(self, ledger: ReasonedLedger, watch: Watch) -> None:
        self._ledger = ledger
        self._watch = watch

    def recall(self, project: str, cache_key: bytes) -> bytes | None:
        """Return what the ledger returns."""
        return self._ledger.recall(project, cache_key)

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
        """Return what the ledger returns."""
        return self._ledger.related(project, family, most)

    def reserve(self, charge: Charge) -> Receipt:
        """Charge, unless it was cancelled before; tell that it is charged, before the head is.

        What fails between may have been charged or not: the watch is in doubt then.
        """
        self._watch.check()
        with self._watch.charging():
            return self._ledger.reserve(charge, lambda: self._watch.now_charged(charge.loss))

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        """Write the release, unless it was cancelled before."""
        self._watch.settle()
        return self._ledger.release(charge, answer)

    def abandon(self, charge: Charge) -> Receipt:
        """Write the end, and whether somebody wanted it; tell where it stands."""
        receipt = self._ledger.abandon(charge, "cancelled" if self._watch.cancelled else "failed")
        self._watch.now_closed(receipt)
        return receipt

    def repeat(self, charge: Charge) -> Receipt:
        """Write it, unless it was cancelled before."""
        self._watch.settle()
        return self._ledger.repeat(charge)

    def deny(self, denial: Denial) -> Receipt:
        """Write what the ledger writes."""
        return self._ledger.deny(denial)

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return what the ledger returns."""
        return self._ledger.balances(project, dataset, principal)
