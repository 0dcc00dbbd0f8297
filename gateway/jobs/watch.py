"""One question under way: how far it is, and whether who asked still wants it.

Its phases follow from the text of the question and from the clock: none of them depends on a row,
and what does, the end, is written at a step of time (docs/adr/0007).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from threading import Event, Lock

from gateway.errors import ChargedError, JobCancelledError, KeptCharge
from policies.errors import RefusalError
from policies.privacy import PrivacyLoss
from query.losses import loss_document
from query.ports import Receipt

__all__ = ["State", "Watch"]


class State(Enum):
    """How far a question is; the last three are ends."""

    QUEUED = "queued"
    CHARGED = "charged"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether there is more to come."""
        return self in {State.QUEUED, State.CHARGED, State.RUNNING}


class Watch:
    """One question under way; safe among threads.

    Args:
        query_id: Under which it is charged, once; 32 hex digits.

    Attributes:
        query_id: The same.
        stop: Is set once who asked no longer wants it; ends the statement that runs.
    """

    def __init__(self, query_id: str) -> None:
        self.query_id = query_id
        self.stop = Event()
        self._state = State.QUEUED
        self._charged: PrivacyLoss | None = None
        self._closed: Receipt | None = None
        self._settled = False
        self._in_doubt = False
        self._lock = Lock()

    @property
    def state(self) -> State:
        """``queued``, ``charged`` or ``running``."""
        with self._lock:
            return self._state

    @property
    def charged(self) -> PrivacyLoss | None:
        """What was charged; None while nothing is, and for what is given for nothing."""
        with self._lock:
            return self._charged

    @property
    def kept(self) -> KeptCharge | None:
        """What stays charged if it has no answer; None while nothing is charged."""
        with self._lock:
            loss, closed = self._charged, self._closed
        if loss is None:
            return None
        return KeptCharge(
            query_id=self.query_id,
            charged=Decimal(loss_document(loss)[loss.measure.symbol]),
            entry=None if closed is None else closed.index,
            proof="" if closed is None else closed.proof,
        )

    @contextmanager
    def failures_told(self) -> Iterator[None]:
        """Tell whatever fails after the charge in one and the same way, with what stays charged.

        Raises:
            ChargedError: In place of it.
        """
        try:
            yield
        except Exception as error:
            charge = self.kept
            if charge is None:
                raise
            raise ChargedError(charge) from error

    @property
    def in_doubt(self) -> bool:
        """Whether charging failed in a way that only the ledger can tell what came of it."""
        with self._lock:
            return self._in_doubt and self._charged is None

    @property
    def cancelled(self) -> bool:
        """Whether it was cancelled in time."""
        return self.stop.is_set()

    def cancel(self) -> bool:
        """Ask for its end; say whether that came before its answer was settled."""
        with self._lock:
            if not self._settled:
                self.stop.set()
            return self.stop.is_set()

    def check(self) -> None:
        """Go on, if it is still wanted.

        Raises:
            JobCancelledError: If not.
        """
        if self.stop.is_set():
            raise JobCancelledError

    @contextmanager
    def charging(self) -> Iterator[None]:
        """Be in doubt while the ledger charges, and after it, unless it was charged or refused."""
        with self._lock:
            self._in_doubt = True
        try:
            yield
        except RefusalError:
            with self._lock:
                self._in_doubt = False
            raise

    def now_charged(self, loss: PrivacyLoss) -> None:
        """Tell that the charge is durable."""
        with self._lock:
            self._charged, self._state = loss, State.CHARGED

    def now_closed(self, receipt: Receipt) -> None:
        """Tell that the log has its end without an answer."""
        with self._lock:
            self._closed = receipt

    def now_running(self) -> None:
        """Tell that the engine was given the first statement, whether or not it has its turn."""
        with self._lock:
            self._state = State.RUNNING

    def settle(self) -> None:
        """Be answered: whoever cancels after this comes too late.

        Raises:
            JobCancelledError: If somebody was in time.
        """
        with self._lock:
            self.check()
            self._settled = True
