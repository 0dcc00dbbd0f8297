from __future__ import annotations

import pytest

from gateway.audit.events import PolicyResumed, PolicySuspended
from gateway.errors import OperatorError
from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.worlds import make_charge

SUBJECT = "dataset/visits"


def stop(ledger: SqliteLedger, subject: str, since: int | None = None) -> int:
    policy = ledger.standing().policy
    event = PolicySuspended(actor="dan", policy=policy, suspended=subject, because="error")
    return ledger.suspend(event, since).index


def go_on(ledger: SqliteLedger, subject: str, ref: int) -> int:
    policy = ledger.standing().policy
    event = PolicyResumed(actor="dan", policy=policy, suspended=subject, ref=ref)
    return ledger.resume(event).index


def test_the_last_turn_is_the_last_stop_resumption_or_activation(ledger: SqliteLedger) -> None:
    turns = [ledger.last_turn(SUBJECT)]
    ledger.reserve(make_charge(1))
    stop(ledger, "project/lung")
    turns.append(ledger.last_turn(SUBJECT))
    stopped = stop(ledger, SUBJECT)
    turns.append(ledger.last_turn(SUBJECT))
    resumed = go_on(ledger, SUBJECT, stopped)
    turns.append(ledger.last_turn(SUBJECT))

    activated = ledger.standing().entry
    assert turns == [activated, activated, stopped, resumed]


def test_what_turned_since_it_was_signed_for_is_not_stopped(ledger: SqliteLedger) -> None:
    since = ledger.last_turn(SUBJECT)
    go_on(ledger, SUBJECT, stop(ledger, SUBJECT, since))

    with pytest.raises(OperatorError) as caught:
        stop(ledger, SUBJECT, since)
    assert caught.value.code == "APP-STALE"
    assert not ledger.standing().suspended
