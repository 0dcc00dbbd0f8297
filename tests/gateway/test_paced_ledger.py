from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.ledger.errors import LedgerFaultError
from gateway.paced_ledger import PacedLedger
from gateway.pacing import Pacer
from policies.errors import UnsupportedQueryError
from policies.privacy import Measure, PrivacyLoss
from query.ports import Balance, Charge, Denial, Receipt

RECEIPT = Receipt(index=0, leaf_hash="", checkpoint="")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHARGE = Charge(
    query_id="0" * 32, time=NOON, principal="ana", project="heart", dataset="ward",
    snapshot="2026-11-01#1", purpose="audit", policy_digest="sha256:00", template="",
    cache_key=b"", loss=PrivacyLoss(measure=Measure.PURE, amount=1),
)  # fmt: skip
DENIAL = Denial(
    time=NOON, principal="ana", project="heart", dataset="ward", purpose="audit",
    policy_digest="sha256:00", template="", error=UnsupportedQueryError("no"),
)  # fmt: skip


class Recorded:
    """A ledger and the time, in one list of what happened; reading rows takes 0.1 s."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.seconds = 0.0
        self.failing = False

    def sleep(self, seconds: float) -> None:
        self.steps.append(f"waited {seconds:.2f}")
        self.seconds += seconds

    def recall(self, project: str, cache_key: bytes) -> bytes | None:
        del project, cache_key
        self.steps.append("recall")
        return None

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
        del project, family, most
        self.steps.append("related")
        return ()

    def reserve(self, charge: Charge) -> Receipt:
        del charge
        return self._step("reserve")

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        del charge, answer
        if self.failing:
            self.seconds += 0.1
            raise LedgerFaultError("the disk is full")
        return self._step("release")

    def abandon(self, charge: Charge) -> Receipt:
        del charge
        return self._step("abandon")

    def repeat(self, charge: Charge) -> Receipt:
        del charge
        return self._step("repeat")

    def deny(self, denial: Denial) -> Receipt:
        del denial
        return self._step("deny")

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        del project, dataset, principal
        self.steps.append("balances")
        return ()

    def _step(self, name: str) -> Receipt:
        self.steps.append(name)
        return RECEIPT


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
def ledger(recorded: Recorded) -> PacedLedger:
    pacer = Pacer(bucket=0.25, clock=lambda: recorded.seconds, sleep=recorded.sleep)
    return PacedLedger(recorded, pacer)


def test_a_release_is_logged_at_a_step_of_time(ledger: PacedLedger, recorded: Recorded) -> None:
    ledger.reserve(CHARGE)
    recorded.seconds += 0.1
    ledger.release(CHARGE, b"")

    assert recorded.steps == ["reserve", "waited 0.15", "release"]


def test_a_failure_is_logged_at_a_step_of_time(ledger: PacedLedger, recorded: Recorded) -> None:
    ledger.reserve(CHARGE)
    recorded.seconds += 0.3
    ledger.abandon(CHARGE)

    assert recorded.steps == ["reserve", "waited 0.70", "abandon"]


def test_a_release_that_cannot_be_written_is_not_waited_for_twice(
    ledger: PacedLedger, recorded: Recorded
) -> None:
    recorded.failing = True
    ledger.reserve(CHARGE)
    with pytest.raises(LedgerFaultError):
        ledger.release(CHARGE, b"")
    ledger.abandon(CHARGE)

    assert recorded.steps == ["reserve", "waited 0.25", "abandon"]


def test_what_reads_no_rows_does_not_wait(ledger: PacedLedger, recorded: Recorded) -> None:
    ledger.recall("heart", b"")
    ledger.repeat(CHARGE)
    ledger.deny(DENIAL)
    ledger.balances("heart", "ward", "ana")

    assert recorded.steps == ["recall", "repeat", "deny", "balances"]
