"""T6: a failure after private rows were read is not charged, or is charged after the reading.

Attack: provoke a failure that depends on the data, learn from it, and pay nothing; or end the
connection or the process between reading and charging. Found in peers that charge after the run.

Pass: when the engine is called, the debit is already in the ledger's file; whatever happens then
(an error, NaN, an empty result, a timeout, a full disk, the client's or the process's end), it
stays, survives a restart and is in the log, which stays sound. Exact, so no false alarms.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.ledger import lifecycle
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.scopes import budget_plan
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import cap_of
from policies.active import PolicySet
from policies.errors import BudgetExceededError, InternalError
from query.mechanisms import BuiltMeasurement
from query.ports import ExactRow
from query.service import OpenDataset, Ports, answer
from tests.attacks.hospital import make_hospital, make_set
from tests.factories import make_request
from tests.fakes import BlankEngine
from tests.gateway.ledger.contenders import CONTEXT
from tests.gateway.ledger.worlds import Home
from tests.limits import PATIENCE

COUNT = "SELECT class, COUNT(*) AS n FROM visits GROUP BY class"
PRICE = 500_000


def opened(home: Home, policies: PolicySet) -> SqliteLedger:
    ledger = home.open()
    ledger.open_pools(budget_plan(policies, cap_of), actor="steward")
    return ledger


def spent(home: Home, policies: PolicySet) -> tuple[int, ...]:
    """What pool, project and researcher have spent, after a restart."""
    ledger = opened(home, policies)
    try:
        return tuple(one.spent.amount for one in ledger.balances("study", "clinic", "u|ann"))
    finally:
        ledger.close()


@dataclass
class FailingEngine(BlankEngine):
    """Looks into the ledger's file when it is called, then does what the test says."""

    home: Home
    act: Callable[[], list[ExactRow]]
    debits: list[int] = field(default_factory=list)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        del statement, keys
        other = sqlite3.connect(f"file:{self.home.database}?mode=ro", uri=True)
        try:
            found = other.execute("SELECT count(*) FROM query WHERE state = 'reserved'").fetchone()
        finally:
            other.close()
        self.debits.append(found[0])
        return self.act()


def ports_of(engine: FailingEngine, ledger: SqliteLedger, policies: PolicySet) -> Ports:
    return Ports(
        policies=policies,
        datasets={"clinic": OpenDataset(engine=engine, snapshot="2026-10-31")},
        ledger=ledger,
        new_query_id=lambda: os.urandom(16).hex(),
    )


def raised(error: BaseException) -> Callable[[], list[ExactRow]]:
    def act() -> list[ExactRow]:
        raise error

    return act


# groups come by their place, of which a row without one would be left out
FAILURES: dict[str, tuple[Callable[[], list[ExactRow]], type[BaseException]]] = {
    "the vendor's error": (raised(ValueError("could not convert 'C12'")), InternalError),
    "a timeout": (raised(InternalError("incident")), InternalError),
    "no memory": (raised(MemoryError()), InternalError),
    "NaN": (lambda: [(0, float("nan"))], InternalError),  # type: ignore[list-item]  # as no engine may
    "too large": (lambda: [(0, 2**63)], InternalError),
    "no columns": (lambda: [(0,)], InternalError),
    "a text": (lambda: [(0, "C12")], InternalError),
    "the client's end": (raised(GeneratorExit()), GeneratorExit),
    "a signal": (raised(KeyboardInterrupt()), KeyboardInterrupt),
    "the process's exit": (raised(SystemExit(1)), SystemExit),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failure_stays_charged_and_is_in_the_log(tmp_path: Path, kind: str) -> None:
    home, policies = Home(tmp_path), make_set(make_hospital())
    act, error = FAILURES[kind]
    ledger = opened(home, policies)
    engine = FailingEngine(home, act)

    with pytest.raises(error) as caught:
        answer(make_request(COUNT, loss="0.5"), ports_of(engine, ledger, policies))
    ledger.close()

    assert "C12" not in str(caught.value)
    assert engine.debits == [1]
    assert spent(home, policies) == (PRICE, PRICE, PRICE)
    report = home.verify()
    assert report.is_sound, report.lines()
    assert (report.charged, report.open_reserves) == (1, 0)


def test_an_empty_result_and_an_answer_below_the_threshold_are_charged(tmp_path: Path) -> None:
    hospital = make_hospital(queries={"suppress_below": 1_000_000})
    home, policies = Home(tmp_path), make_set(hospital)
    ledger = opened(home, policies)
    engine = FailingEngine(home, list)

    given = answer(make_request(COUNT, loss="0.5"), ports_of(engine, ledger, policies))
    ledger.close()

    assert given.rows == ()
    assert engine.debits == [1]
    assert spent(home, policies) == (PRICE, PRICE, PRICE)


def test_a_failing_draw_is_charged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: BuiltMeasurement, exact: object) -> object:
        del self, exact
        raise RuntimeError("no entropy for value 17")

    home, policies = Home(tmp_path), make_set(make_hospital())
    ledger = opened(home, policies)
    monkeypatch.setattr(BuiltMeasurement, "release", fail)
    with pytest.raises(InternalError) as caught:
        answer(
            make_request(COUNT, loss="0.5"),
            ports_of(FailingEngine(home, list), ledger, policies),
        )
    ledger.close()

    assert "17" not in str(caught.value).replace(caught.value.incident, "")
    assert spent(home, policies) == (PRICE, PRICE, PRICE)


def test_a_disk_that_is_full_when_the_answer_is_stored_refunds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer cannot be kept, so it is not given either; nor can its end be written."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    home, policies = Home(tmp_path), make_set(make_hospital())
    ledger = opened(home, policies)
    with monkeypatch.context() as patched:
        patched.setattr(lifecycle, "open_reserve", full)
        with pytest.raises(LedgerFaultError):
            answer(
                make_request(COUNT, loss="0.5"),
                ports_of(FailingEngine(home, list), ledger, policies),
            )
    ledger.close()

    assert spent(home, policies) == (PRICE, PRICE, PRICE)
    report = home.verify()
    assert report.is_sound, report.lines()


def ask_and_die(folder: Path) -> None:
    """Be killed while private rows are read."""

    def die() -> list[ExactRow]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    home, policies = Home(folder), make_set(make_hospital())
    engine = FailingEngine(home, die)
    answer(make_request(COUNT, loss="0.5"), ports_of(engine, opened(home, policies), policies))


def test_a_killed_process_stays_charged(tmp_path: Path) -> None:
    policies, home = make_set(make_hospital()), Home(tmp_path)
    for asked in (1, 2):  # each opening closes what the one before left open
        client = CONTEXT.Process(target=ask_and_die, args=(tmp_path,))
        client.start()
        client.join(PATIENCE)

        assert client.exitcode == -signal.SIGKILL
        assert spent(home, policies) == (asked * PRICE,) * 3

    report = home.verify()
    assert report.is_sound, report.lines()
    assert (report.charged, report.open_reserves) == (2, 0)


def test_failing_until_the_budget_is_gone_ends_in_refusals(tmp_path: Path) -> None:
    """Eighty-five free failures out of a hundred is what a peer gives."""
    home, policies = Home(tmp_path), make_set(make_hospital(), budget="2")
    ledger = opened(home, policies)
    engine = FailingEngine(home, raised(InternalError("incident")))
    ports = ports_of(engine, ledger, policies)
    for _ in range(4):
        with pytest.raises(InternalError):
            answer(make_request(COUNT, loss="0.5"), ports)
    for _ in range(20):
        with pytest.raises(BudgetExceededError):
            answer(make_request(COUNT, loss="0.5"), ports)
    ledger.close()

    assert engine.debits == [1] * 4
    assert spent(home, policies)[1] == 4 * PRICE
