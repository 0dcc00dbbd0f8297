from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.ledger.errors import LedgerFaultError
from policies.errors import BudgetExceededError, PolicyDeniedError, RefusalError
from query.ports import Charge
from tests.gateway.ledger.worlds import (
    OTHER_POLICY,
    POLICY,
    Home,
    SetClock,
    loss,
    make_charge,
    make_plan,
)
from tests.postgresql import Server

PEOPLE = (("heart", "ann"), ("heart", "a/b|c"), ("lung", "ann"))
AMOUNTS = st.integers(1, 6)
CAPS = st.integers(0, 20)


class LedgerMachine(RuleBasedStateMachine):
    """The ledger against a model of plain dictionaries."""

    open_charges = Bundle("open_charges")
    closed_charges = Bundle("closed_charges")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.home = self.make_home(Path(self.folder.name))
        self.clock = SetClock()
        self.ledger = self.home.open(self.clock)
        self.policy = POLICY
        self.caps = {"pool": 20, "project": 15, "researcher": 10}
        self.delta = 3
        self.spent: dict[tuple[str, ...], tuple[int, int]] = {}
        self.charges = 0
        self.answers: dict[str, bytes] = {}
        self.open: set[str] = set()
        self.ended: set[str] = set()
        self.receipts: list[str] = []
        self.activate(**self.caps, delta=self.delta)

    def make_home(self, folder: Path) -> Home:
        return Home(folder)

    def teardown(self) -> None:
        self.verify()
        self.ledger.close()
        self.folder.cleanup()

    def scopes(self, project: str, who: str) -> dict[str, tuple[str, ...]]:
        return {"pool": (), "project": (project,), "researcher": (project, who)}

    def covers(self, kind: str, scope: tuple[str, ...], amount: int, delta: int) -> bool:
        spent, spent_delta = self.spent.get(scope, (0, 0))
        cap, cap_delta = max(spent, self.caps[kind]), max(spent_delta, self.delta)
        return spent + amount <= cap and spent_delta + delta <= cap_delta

    @rule(pool=CAPS, project=CAPS, researcher=CAPS, delta=st.integers(0, 3))
    def activate(self, pool: int, project: int, researcher: int, delta: int) -> None:
        self.caps = {"pool": pool, "project": project, "researcher": researcher}
        self.delta = delta
        self.policy = OTHER_POLICY if self.policy == POLICY else POLICY
        plan = make_plan(pool, project, researcher, delta=delta, policy=self.policy)
        self.ledger.open_pools(plan, actor="steward")

    @rule(target=open_charges, person=st.sampled_from(PEOPLE), amount=AMOUNTS, delta=CAPS)
    def reserve(self, person: tuple[str, str], amount: int, delta: int) -> Charge:
        project, who = person
        price = loss(amount, delta % 2)
        charge = make_charge(project=project, principal=who, loss=price, policy_digest=self.policy)
        scopes = self.scopes(project, who)
        if all(self.covers(kind, scope, amount, delta % 2) for kind, scope in scopes.items()):
            self.receipts.append(self.ledger.reserve(charge).checkpoint)
            self.charges += 1
            self.open.add(charge.query_id)
            for scope in scopes.values():
                spent, spent_delta = self.spent.get(scope, (0, 0))
                self.spent[scope] = (spent + amount, spent_delta + delta % 2)
        else:
            with pytest.raises(BudgetExceededError):
                self.ledger.reserve(charge)
            self.ended.add(charge.query_id)
        return charge

    @rule(target=closed_charges, charge=consumes(open_charges), answer=st.binary(max_size=9))
    def release(self, charge: Charge, answer: bytes) -> Charge:
        if charge.query_id in self.ended:
            with pytest.raises(LedgerFaultError):
                self.ledger.release(charge, answer)
        else:
            self.ledger.release(charge, answer)
            self.answers[charge.query_id] = answer
            self.open.discard(charge.query_id)
        return charge

    @rule(target=closed_charges, charge=consumes(open_charges))
    def abandon(self, charge: Charge) -> Charge:
        if charge.query_id in self.ended:
            with pytest.raises(LedgerFaultError):
                self.ledger.abandon(charge)
        else:
            self.ledger.abandon(charge)
            self.open.discard(charge.query_id)
        return charge

    @rule(charge=closed_charges)
    def close_again(self, charge: Charge) -> None:
        with pytest.raises(LedgerFaultError):
            self.ledger.release(charge, b"again")

    @rule(charge=open_charges)
    def submit_again(self, charge: Charge) -> None:
        if self.ledger.find(charge.project, charge.query_id) is not None:
            with pytest.raises(RefusalError, match="submitted before"):
                self.ledger.reserve(charge)

    @rule(charge=closed_charges)
    def repeat(self, charge: Charge) -> None:
        answer = self.ledger.recall(charge.project, charge.cache_key)
        assert answer == self.answers.get(charge.query_id)
        if answer is not None and charge.policy_digest == self.policy:
            self.ledger.repeat(charge)
        elif answer is not None:
            with pytest.raises(PolicyDeniedError):
                self.ledger.repeat(charge)

    @rule(seconds=st.integers(-100, 100))
    def set_clock(self, seconds: int) -> None:
        self.clock.move(seconds)

    @rule()
    def restart(self) -> None:
        self.ledger.close()
        self.ledger = self.home.open(self.clock)
        self.ended |= self.open
        self.open.clear()

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        for project, who in PEOPLE:
            for balance, (kind, scope) in zip(
                self.ledger.balances(project, "visits", who),
                self.scopes(project, who).items(),
                strict=True,
            ):
                spent, spent_delta = self.spent.get(scope, (0, 0))
                assert (balance.spent.amount, balance.spent.delta) == (spent, spent_delta)
                assert balance.cap.amount == max(spent, self.caps[kind])
                assert balance.cap.delta == max(spent_delta, self.delta)

    @rule()
    def verify(self) -> None:
        report = self.home.verify(*self.receipts[-2:])
        assert report.is_sound, report.lines()
        assert report.charged == self.charges


def test_the_ledger_in_postgresql_is_that_of_the_model_too(postgresql: Server) -> None:
    class PostgresMachine(LedgerMachine):
        def make_home(self, folder: Path) -> Home:
            schema = f"m{secrets.token_hex(8)}"
            postgresql.run(f"CREATE SCHEMA {schema}")
            (folder / "address").write_text(postgresql.url(schema))
            return Home(folder)

    run_state_machine_as_test(
        PostgresMachine, settings=settings(max_examples=8, stateful_step_count=20, deadline=None)
    )


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
