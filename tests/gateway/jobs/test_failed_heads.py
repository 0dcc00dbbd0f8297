"""A charge that is committed and whose head cannot be signed, or whose commit is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.bodies import parse_question, question_of
from gateway.deployment import Deployment
from gateway.errors import RequestError
from gateway.jobs.claims import parse_claim
from gateway.jobs.desk import Asked
from gateway.jobs.records import Outcome
from gateway.jobs.watch import Watch
from gateway.jobs.watched import WatchedLedger
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from gateway.ledger.storage import LedgerFile
from policies.errors import InternalError
from query.ports import Charge
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.ledger.worlds import Home, make_charge, make_plan

QUESTION = {"dataset": "example", "purpose": "example research", "sql": COUNTS, "epsilon": "0.1"}
BODY = json.dumps(QUESTION).encode()


def ask(deployment: Deployment, key: str = '"same"') -> Outcome:
    request = question_of(
        parse_question(BODY),
        deployment.policies,
        user=USER,
        project_id=PROJECT,
        time=deployment.now(),
    )
    claim = parse_claim(key, key_id="k", project=PROJECT, body=BODY)
    return deployment.jobs.answer_once(Asked(request=request, key_id="k", claim=claim))


def spent(deployment: Deployment) -> int:
    return deployment.balances(PROJECT, "example", USER)[0].spent.amount


def fail(*_: object) -> None:
    raise LedgerFaultError("a file failed: No space left on device")


def test_a_charge_whose_head_cannot_be_signed_is_told_and_never_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_full(tmp_path)
    with Deployment.open(site, paced=False) as deployment:
        with monkeypatch.context() as broken:
            broken.setattr(LedgerFile, "receipt", fail)
            first = ask(deployment)
        charged, again = spent(deployment), ask(deployment)
        other = ask(deployment, '"other"')  # the question is not busy for ever
    with Deployment.open(site, paced=False) as deployment:
        restarted = ask(deployment)
        total = spent(deployment)

    assert charged > 0
    assert first.told_problem().status == 500
    assert first.told_problem().document["charged"] == "0.1"
    assert first == again == restarted
    assert other.answer is not None
    assert total == 2 * charged


@pytest.mark.parametrize("committed", [True, False])
def test_where_the_commit_is_unknown_the_ledger_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, committed: bool
) -> None:
    site = make_full(tmp_path)
    with Deployment.open(site, paced=False) as deployment:
        with monkeypatch.context() as broken:
            lose_commit(broken, committed=committed)
            told = attempt(lambda: ask(deployment))
        charged, again = spent(deployment), ask(deployment)
        total = spent(deployment)

    assert (told is not None) is (charged > 0) is committed
    assert (again.answer is None) is committed
    assert total == (charged if committed else spent_once(again))


def test_where_the_ledger_cannot_be_asked_the_key_stays_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_full(tmp_path)
    with Deployment.open(site, paced=False) as deployment:
        with monkeypatch.context() as broken:
            lose_commit(broken, committed=True)
            broken.setattr(SqliteLedger, "find_settled", fail)
            assert attempt(lambda: ask(deployment)) is None
        with pytest.raises(RequestError) as busy:
            ask(deployment)
        charged = spent(deployment)
    with Deployment.open(site, paced=False) as deployment:
        restarted = ask(deployment)
        total = spent(deployment)

    assert busy.value.code == "REQ-KEY-BUSY"
    assert restarted.told_problem().document["charged"] == "0.1"
    assert total == charged > 0


def test_who_watches_is_told_of_the_charge_before_the_head_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, watch = Home(tmp_path), Watch("0" * 32)
    ledger = home.open()
    ledger.open_pools(make_plan(), actor="steward")
    monkeypatch.setattr(LedgerFile, "receipt", fail)
    with pytest.raises(LedgerFaultError):
        WatchedLedger(ledger, watch).reserve(make_charge(7))
    ledger.close()

    assert watch.charged is not None
    assert watch.charged.amount == 7
    assert not watch.in_doubt


def attempt(run: Callable[[], Outcome]) -> Outcome | None:
    try:
        return run()
    except InternalError:
        return None


def spent_once(outcome: Outcome) -> int:
    return int(outcome.told_answer().charged.amount)


def lose_commit(patch: pytest.MonkeyPatch, *, committed: bool) -> None:
    """Let each reservation fail at its commit, with nobody knowing on which side of it."""
    reserve = SqliteLedger.reserve

    def lost(self: SqliteLedger, charge: Charge, _: object) -> None:
        if committed:
            reserve(self, charge)
        raise LedgerFaultError("the database failed: no connection")

    patch.setattr(SqliteLedger, "reserve", lost)
