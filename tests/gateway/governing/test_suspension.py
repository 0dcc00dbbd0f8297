from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.events import PolicySuspended
from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.errors import OperatorError
from gateway.governing.signing_keys import open_key
from gateway.governing.suspension import Stopping, resume, suspend, suspend_statement
from gateway.keyring import KeyRing
from gateway.ledger.sqlite import SqliteLedger
from gateway.local import LocalGateway
from gateway.opening import open_ledger
from gateway.settings import load_settings
from policies.errors import ApprovalError, PolicyDeniedError, RefusalError
from policies.signatures import signed
from tests.gateway.approving import Office
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.governing.test_activation import active, entries, office, verified
from tests.limits import PATIENCE

__all__ = ["active", "office", "run"]

NOW = datetime.now(UTC)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_full(tmp_path)


@pytest.fixture
def deployment(site: Path) -> Iterator[Deployment]:
    with Deployment.open(site, paced=False) as opened:
        yield opened


def other_ledger(site: Path) -> SqliteLedger:
    settings = load_settings(site)
    return open_ledger(settings, KeyRing.open(settings.keys), SystemClock())


def stop(site: Path, name: str) -> None:
    ledger = other_ledger(site)
    parts = (load_settings(site), ledger)
    suspend(Stopping.of(name, *parts), "review", None, parts, NOW)
    ledger.close()


def go_on(site: Path, name: str) -> None:
    ledger = other_ledger(site)
    parts = (load_settings(site), ledger)
    resume(Stopping.of(name, *parts), parts, NOW)
    ledger.close()


@pytest.mark.parametrize("name", ["example", "dataset/example", PROJECT, f"project/{PROJECT}"])
def test_a_running_service_refuses_from_the_next_question_on(
    deployment: Deployment, site: Path, name: str
) -> None:
    gateway = LocalGateway(deployment, USER)
    first = gateway.query(PROJECT, COUNTS)
    stop(site, name)
    for ask in (gateway.quote, gateway.query):
        with pytest.raises(RefusalError) as caught:
            ask(PROJECT, COUNTS, dataset="example", purpose="example research")
        assert caught.value.code == "POL-SUSPENDED"
    go_on(site, name)
    again = gateway.query(PROJECT, COUNTS)

    assert again.rows == first.rows
    assert [one["kind"] for one in entries(site, "policy.suspend")] == ["policy.suspend"]
    assert verified(site).is_sound


def test_of_a_suspended_project_no_stored_answer_is_given(
    deployment: Deployment, site: Path
) -> None:
    first = LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    stop(site, PROJECT)

    assert deployment.stored_answer(PROJECT, first.answer.query_id) is None
    with pytest.raises(PolicyDeniedError):
        LocalGateway(deployment, USER).budget(PROJECT)


def test_of_a_suspended_dataset_no_stored_answer_is_given_until_it_goes_on(
    deployment: Deployment, site: Path
) -> None:
    first = LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    stop(site, "example")

    assert deployment.stored_answer(PROJECT, first.answer.query_id) is None
    go_on(site, "example")
    assert deployment.stored_answer(PROJECT, first.answer.query_id) is not None


def test_a_suspension_survives_a_restart(site: Path) -> None:
    Deployment.open(site).close()
    stop(site, "example")
    with Deployment.open(site, paced=False) as again, pytest.raises(PolicyDeniedError) as caught:
        LocalGateway(again, USER).query(PROJECT, COUNTS)

    assert caught.value.code == "POL-SUSPENDED"


def test_what_was_allowed_before_is_not_charged_and_not_repeated_after(
    deployment: Deployment, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = LocalGateway(deployment, USER)
    gateway.query(PROJECT, COUNTS, epsilon="0.1")
    seen = deployment.policies
    stop(site, "example")
    monkeypatch.setattr(Deployment, "policies", seen)  # as a question that began before
    for price in ("0.1", "0.2"):
        with pytest.raises(PolicyDeniedError) as caught:
            gateway.query(PROJECT, COUNTS, epsilon=price)
        assert caught.value.code == "POL-SUSPENDED"
    monkeypatch.undo()

    go_on(site, "example")
    assert str(gateway.budget(PROJECT)["example"][0].spent.parameter) == "0.1"
    assert verified(site).is_sound


def test_a_question_under_way_ends_as_it_began(
    deployment: Deployment, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserved, goes_on = threading.Event(), threading.Event()
    reserve = SqliteLedger.reserve

    def slow(ledger: SqliteLedger, charge: Any, *more: Any) -> object:  # noqa: ANN401  as it came
        receipt = reserve(ledger, charge, *more)
        reserved.set()
        goes_on.wait(PATIENCE)
        return receipt

    monkeypatch.setattr(SqliteLedger, "reserve", slow)
    found: list[str] = []
    asking = threading.Thread(
        target=lambda: found.append(
            LocalGateway(deployment, USER).query(PROJECT, COUNTS).answer.policy_digest
        )
    )
    asking.start()
    assert reserved.wait(PATIENCE)
    began_under = deployment.policies.digest
    stop(site, "example")
    goes_on.set()
    asking.join()

    assert found == [began_under]
    assert verified(site).is_sound


def test_one_person_stops_and_two_let_go_on(active: Office, run: Run) -> None:
    where = ("example", active.site)
    key = ("--key", active.key("dan"))
    unsigned = run("policy", "suspend", *where, "--reason-code", "breach")
    done = run("policy", "suspend", *where, "--reason-code", "breach", *key)
    twice = run("policy", "suspend", *where, "--reason-code", "breach", *key)
    shown = run("policy", "status", active.site)
    refused = run(*("query", "--folder", active.site, "--as", USER, "--project", PROJECT, COUNTS))
    auditor = run("policy", "resume", *where, *key)
    one = run("policy", "resume", *where, "--key", active.key("bea"))
    two = run("policy", "resume", *where, "--key", active.key("cid"))
    again = run("policy", "resume", *where)

    assert "APP-MISSING" in unsigned.err
    assert done.code == 0
    assert "APP-SUSPENDED" in twice.err
    assert "suspended: dataset/example" in shown.out
    assert "POL-SUSPENDED" in refused.err
    assert "APP-ROLE" in auditor.err
    assert (one.code, two.code) == (1, 0)
    assert "APP-NOT-SUSPENDED" in again.err
    (entry,) = entries(active.site, "policy.resume")
    assert len(entry["signers"].split()) == 2
    assert verified(active.site).is_sound


def test_an_approval_to_go_on_is_for_one_stop(active: Office, run: Run) -> None:
    def stop_it() -> None:
        run(
            *("policy", "suspend", "example", active.site, "--reason-code", "error"),
            *("--key", active.key("bea")),
        )

    stop_it()
    for person in ("bea", "cid"):
        run("policy", "resume", "example", active.site, "--key", active.key(person))
    folder = active.settings.policies / "approvals"
    old = {path.name: path.read_bytes() for path in folder.glob("resume-*")}
    stop_it()
    entry = entries(active.site, "policy.suspend")[-1]["seq"]
    for name, content in old.items():
        (folder / f"resume-{entry}.{name.split('.')[1]}.dsse.json").write_bytes(content)
    outcome = run("policy", "resume", "example", active.site)

    assert len(old) == 2
    assert "APP-STALE" in outcome.err


def test_an_approval_to_stop_is_for_one_stop(active: Office, run: Run) -> None:
    envelope = approved(active, "dan")
    stop_signed(active, envelope)
    for person in ("bea", "cid"):
        run("policy", "resume", "example", active.site, "--key", active.key(person))

    with pytest.raises(ApprovalError) as again:
        stop_signed(active, envelope)
    assert again.value.code == "APP-STALE"
    stop_signed(active, approved(active, "dan"))
    assert len(entries(active.site, "policy.suspend")) == 2


def test_who_signs_for_what_is_stopped_already_is_told_that(active: Office) -> None:
    first, second = approved(active, "dan"), approved(active, "bea")
    stop_signed(active, first)

    with pytest.raises(OperatorError) as late:
        stop_signed(active, second)
    assert late.value.code == "APP-SUSPENDED"


def test_a_turn_of_another_makes_no_approval_stale(active: Office, run: Run) -> None:
    envelope = approved(active, "dan")
    where = (f"project/{PROJECT}", active.site, "--reason-code", "error")
    run("policy", "suspend", *where, "--key", active.key("bea"))
    stop_signed(active, envelope)

    assert len(entries(active.site, "policy.suspend")) == 2


def test_whatever_turns_while_a_stop_is_checked_makes_it_stale(active: Office) -> None:
    ledger = active.ledger()
    since = ledger.last_turn("dataset/example")
    active.edit("purposes: [example research]", "purposes: [example research]  # the same")
    active.sign("bea")
    active.activate()
    event = PolicySuspended(
        actor="dan", policy=active.in_force(), suspended="dataset/example", because="error"
    )

    with pytest.raises(OperatorError) as caught:
        ledger.suspend(event, since)
    ledger.close()
    assert caught.value.code == "APP-STALE"
    assert entries(active.site, "policy.suspend") == []


def approved(office: Office, person: str) -> bytes:
    """Return what a person signs to stop the dataset now."""
    ledger = office.ledger()
    stopping = Stopping.of("example", office.settings, ledger)
    statement = suspend_statement(stopping, "review", ledger.last_turn(stopping.subject))
    ledger.close()
    return signed(statement, open_key(office.key(person)), datetime.now(UTC)).to_bytes()


def stop_signed(office: Office, envelope: bytes) -> None:
    ledger = office.ledger()
    parts = (office.settings, ledger)
    try:
        suspend(Stopping.of("example", *parts), "review", envelope, parts, datetime.now(UTC))
    finally:
        ledger.close()


def test_only_what_is_in_force_can_be_stopped(active: Office, run: Run) -> None:
    outcome = run("policy", "suspend", "nothing", active.site, "--reason-code", "error")

    assert "CFG-DATASET" in outcome.err
    assert "dataset/example" in outcome.err
