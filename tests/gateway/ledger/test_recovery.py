"""An older ledger goes on only after all that could have been charged since is spent."""

from __future__ import annotations

import pytest

from gateway.audit.errors import LogError
from gateway.audit.findings import Failure
from gateway.audit.publisher import Publisher
from gateway.audit.recovery_events import LogRecovered
from gateway.clock import SystemClock
from gateway.errors import OperatorError
from gateway.ledger.recovery import recover_ledger
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import BudgetExceededError
from tests.gateway.ledger.worlds import OTHER_POLICY, POLICY, SIGNER, Home, make_charge, make_plan

EVENT = LogRecovered(
    actor="operator",
    policy=POLICY,
    because="incident",
    lost_size=12,
    lost_root="0" * 64,
    signers="",
)


def recover(home: Home) -> None:
    recover_ledger(home.place, home.head, SIGNER, SystemClock(), EVENT)


@pytest.fixture
def rolled_back(home: Home, ledger: SqliteLedger) -> str:
    """An older copy was put in place; returns a head that was signed since."""
    backup = home.backup()
    receipt = ledger.reserve(make_charge(100_000))
    ledger.close()
    home.restore(backup)
    return receipt.checkpoint


def test_a_recovered_ledger_has_nothing_left_to_spend(home: Home, rolled_back: str) -> None:
    recover(home)
    ledger = home.open()

    for project, person in (("heart", "ann"), ("lung", "ann"), ("heart", "a/b|c")):
        for one in ledger.balances(project, "visits", person):
            assert (one.spent.amount, one.spent.delta) == (one.cap.amount, one.cap.delta)
    with pytest.raises(BudgetExceededError):
        ledger.reserve(make_charge(1))
    report = home.verify()
    assert report.is_sound, report.lines()
    later = home.verify(rolled_back)
    assert {one.failure for one in later.findings} <= {Failure.ROLLBACK, Failure.ROOT}
    assert not later.is_sound  # whoever holds a head of what is lost sees that it is
    assert len(list(home.head.parent.glob("*.lost-*"))) == 1
    ledger.close()


def test_higher_caps_let_it_go_on_by_what_they_add(home: Home, rolled_back: str) -> None:
    del rolled_back
    recover(home)
    ledger = home.open()
    plan = make_plan(1_000_005, 600_005, 500_005, policy=OTHER_POLICY)
    ledger.open_pools(plan, actor="steward")

    ledger.reserve(make_charge(5, policy_digest=OTHER_POLICY))
    with pytest.raises(BudgetExceededError):
        ledger.reserve(make_charge(1, policy_digest=OTHER_POLICY))
    assert home.verify().is_sound
    ledger.close()


def test_a_crash_before_the_new_head_leaves_a_log_that_is_refused(
    home: Home, rolled_back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del rolled_back

    def fail(_: Publisher) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Publisher, "begin_anew", fail)
        with pytest.raises(KeyboardInterrupt):
            recover(home)
    with pytest.raises(LogError) as refused:
        home.open()

    assert refused.value.code == "SYS-LOG-ROLLBACK"
    recover(home)
    home.open().close()
    assert home.verify().is_sound


def test_a_ledger_that_is_open_is_not_recovered(home: Home, ledger: SqliteLedger) -> None:
    with pytest.raises(OperatorError) as refused:
        recover(home)

    assert refused.value.code == "SYS-LEDGER-OPEN"
    assert ledger.balances("heart", "visits", "ann")[0].spent.amount == 0
