"""T4, by way of jobs: whether a question that is cancelled at a chosen time had read its rows.

Attack: leave a question whose statement is slow for the victim's row alone, cancel it at a time of
one's choice, and see whether it ends as answered or as cancelled, and when.

Pass: with the rows read, and with the statement still running, the job ends in the same way, at the
same step of time, with the same entry of the log. Exact, so there are no false alarms.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.jobs.watch import Watch
from gateway.jobs.watched import WatchedEngine, WatchedLedger
from gateway.paced_ledger import PacedLedger
from gateway.pacing import Pacer
from policies.active import PolicySet
from policies.errors import GatewayError, InternalError
from query.ports import Charge, ExactRow, Receipt
from query.service import OpenDataset, Ports, answer
from tests.attacks.hospital import make_hospital, make_set
from tests.factories import make_request
from tests.fakes import BlankEngine, MemoryLedger

COUNT = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"
BUCKET = 0.25
CANCELS = [0.0, 0.01, 0.1, 0.24, 0.26, 0.9, 1.1, 3.9]


class Moments:
    """A clock moved by hand; at one moment somebody cancels."""

    def __init__(self, watch: Watch, cancel_at: float) -> None:
        self.now = 0.0
        self._watch = watch
        self._cancel_at = cancel_at

    def sleep(self, seconds: float) -> None:
        if self.now <= self._cancel_at < self.now + seconds:
            self._watch.cancel()
        self.now += seconds


class NotedLedger(MemoryLedger):
    """Notes when the outcome is written, and as what."""

    def __init__(self, policies: PolicySet) -> None:
        super().__init__(policies=policies)
        self.moments: Moments | None = None
        self.outcomes: list[tuple[float, str]] = []

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        self._note("released")
        return super().release(charge, answer)

    def abandon(self, charge: Charge, reason: str = "failed") -> Receipt:
        self._note(reason)
        return super().abandon(charge)

    def _note(self, outcome: str) -> None:
        assert self.moments is not None
        self.outcomes.append((round(self.moments.now, 6), outcome))


class TakingEngine(BlankEngine):
    """Reads rows for so long, or until it is stopped."""

    def __init__(self, moments: Moments, seconds: float) -> None:
        self._moments = moments
        self._seconds = seconds

    def run(self, statement: str, keys: int | None = None, stop: object = None) -> list[ExactRow]:
        end = self._moments.now + self._seconds
        while self._moments.now < end:
            self._moments.sleep(0.001)
            if stop is not None and stop.is_set():  # type: ignore[attr-defined]  # an Event
                raise InternalError("0")
        return super().run(statement, keys)


class EarlyLedger(PacedLedger):
    """Paces what a watched ledger writes, which therefore looks before the step of time."""

    def reserve(self, charge: Charge, committed: Callable[[], object] = lambda: None) -> Receipt:
        receipt = super().reserve(charge)
        committed()
        return receipt

    def abandon(self, charge: Charge, reason: str = "failed") -> Receipt:
        del reason
        return super().abandon(charge)


def ended(
    seconds: float, cancel_at: float, *, early: bool = False
) -> tuple[list[tuple[float, str]], str]:
    """When and how a question ended that reads rows for so long."""
    policies, watch = make_set(make_hospital()), Watch("0" * 32)
    ledger = NotedLedger(policies)
    moments = ledger.moments = Moments(watch, cancel_at)
    pacer = Pacer(bucket=BUCKET, clock=lambda: moments.now, sleep=moments.sleep)
    engine = WatchedEngine(TakingEngine(moments, seconds), watch)
    ports = Ports(
        policies=policies,
        datasets={"clinic": OpenDataset(engine=engine, snapshot="2026-10-31")},
        ledger=WatchedLedger(EarlyLedger(ledger, pacer), watch)
        if early
        else PacedLedger(WatchedLedger(ledger, watch), pacer),
        new_query_id=lambda: watch.query_id,
    )
    told = "answered"
    try:
        answer(make_request(COUNT, loss="0.5"), ports)
    except GatewayError:
        told = "cancelled" if watch.cancelled else "failed"
    return ledger.outcomes, told


@pytest.mark.parametrize("cancel_at", CANCELS)
def test_a_cancelled_job_ends_alike_whether_its_rows_were_read(cancel_at: float) -> None:
    """The two take a different time, but would be answered at the same step."""
    steps = {0.001: 0.2, 0.3: 0.95, 1.2: 3.9}
    for quick, slow in steps.items():
        assert ended(quick, cancel_at) == ended(slow, cancel_at)


def test_the_attack_works_where_cancelling_is_looked_at_before_the_step() -> None:
    assert ended(0.001, 0.1, early=True) == ([(BUCKET, "released")], "answered")
    assert ended(0.2, 0.1, early=True) == ([(BUCKET, "failed")], "cancelled")
