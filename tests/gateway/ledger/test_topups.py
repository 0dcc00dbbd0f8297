"""Asking again for more, over the real ledger: nothing is lost, nothing is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from gateway.ledger.scopes import BudgetPlan, Scope
from gateway.ledger.sqlite import SqliteLedger
from policies.active import PolicySet
from policies.errors import RefusalError
from query.answers import Answer
from query.ports import Ledger, Receipt
from query.service import Ports, answer, quote
from tests.factories import make_policies, make_request
from tests.gateway.ledger.worlds import Home, loss
from tests.worlds import close_engines, make_world

COUNT = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"
POLICIES: PolicySet = make_policies()
THREADS = 6


class PowerCutError(BaseException):
    """The process ends here: nothing more is written."""


class Cut:
    """A ledger whose process ends when a release is to be written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    def release(self, *_: object) -> Receipt:
        raise PowerCutError

    def abandon(self, *_: object) -> Receipt:
        raise PowerCutError


@pytest.fixture(autouse=True)
def _no_engine_stays_open() -> Iterator[None]:
    yield
    close_engines()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    opened = open_ledger(Home(tmp_path))
    yield opened
    opened.close()


def open_ledger(home: Home) -> SqliteLedger:
    ledger = home.open()
    path = {"pool": "clinic", "cap": loss(5_000_000)}
    scopes = (
        Scope(**path),  # type: ignore[arg-type]  # the names of the fields
        Scope(**path, project="study"),  # type: ignore[arg-type]  # the same
        Scope(**path, project="study", researcher="u|ann"),  # type: ignore[arg-type]  # the same
    )
    plan = BudgetPlan(policy=POLICIES.digest, scopes=scopes, pools=(("clinic", "clinic"),))
    ledger.open_pools(plan, actor="steward")
    return ledger


def ports_of(ledger: Ledger, start: int = 0) -> Ports:
    numbers = iter(range(start, 10**6))
    ports = make_world(POLICIES).ports
    return replace(ports, ledger=ledger, new_query_id=lambda: f"{next(numbers):032x}")


def ask(ports: Ports, epsilon: str) -> Answer:
    return answer(make_request(COUNT, loss=epsilon), ports)


def spent(ledger: SqliteLedger) -> int:
    return ledger.balances("study", "clinic", "u|ann")[0].spent.amount


def test_a_top_up_charges_the_rest_and_is_the_answer_from_then_on(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    ports = ports_of(ledger)
    ask(ports, "0.1")
    price = quote(make_request(COUNT, loss="0.3"), ports)
    more = ask(ports, "0.3")

    assert price.loss == more.charged == loss(200_000)
    assert ask(ports, "0.2").rows == more.rows
    assert spent(ledger) == 300_000
    assert Home(tmp_path).verify().is_sound


def test_threads_that_top_one_question_up_pay_for_it_once(
    ledger: SqliteLedger, tmp_path: Path
) -> None:
    ports = ports_of(ledger)
    ask(ports, "0.1")
    meet = Barrier(THREADS)

    def top_up(_: int) -> str:
        meet.wait()
        try:
            return str(ask(ports, "0.5").charged.amount)
        except RefusalError as refused:
            return refused.code

    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = list(threads.map(top_up, range(THREADS)))

    assert outcomes.count("400000") == 1
    assert set(outcomes) <= {"400000", "0", "BUD-QUESTION-BUSY"}
    assert spent(ledger) == 500_000
    assert ask(ports, "0.5").repeated
    assert Home(tmp_path).verify().is_sound


def test_threads_that_climb_in_different_steps_lose_none_and_never_overspend(
    ledger: SqliteLedger,
) -> None:
    ports = ports_of(ledger)
    prices = [f"0.{digit}" for digit in range(1, 10)] * 2

    def climb(price: str) -> int:
        while True:
            try:
                return ask(ports, price).charged.amount
            except RefusalError as refused:
                if refused.code != "BUD-QUESTION-BUSY":
                    raise

    with ThreadPoolExecutor(3) as threads:
        charged = sum(threads.map(climb, prices))

    assert charged == spent(ledger) == 900_000
    assert ask(ports, "0.9").quote.spent == loss(900_000)


def test_a_process_that_dies_in_a_top_up_is_charged_and_the_stored_answer_stays(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    before = open_ledger(home)
    first = ask(ports_of(before), "0.1")
    with pytest.raises(PowerCutError):
        ask(replace(ports_of(before, 100), ledger=Cut(before)), "0.3")  # type: ignore[arg-type]
    before.close()
    after = open_ledger(home)
    ports = ports_of(after, 200)

    assert spent(after) == 300_000
    assert ask(ports, "0.1").rows == first.rows
    assert ask(ports, "0.3").charged == loss(200_000)
    assert home.verify().is_sound
    after.close()


def test_a_question_under_way_in_another_process_is_not_paid_for_twice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    one, other = open_ledger(home), home.open()
    with pytest.raises(PowerCutError):
        ask(replace(ports_of(one), ledger=Cut(one)), "0.1")  # type: ignore[arg-type]

    with pytest.raises(RefusalError) as busy:
        ask(ports_of(other, 100), "0.1")
    one.close()
    late = ask(ports_of(other, 200), "0.1")

    assert busy.value.code == "BUD-QUESTION-BUSY"
    assert late.charged == loss(100_000)
    other.close()
