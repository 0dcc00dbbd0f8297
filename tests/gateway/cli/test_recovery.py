"""``gateway audit recover``: two people, and all budgets, for an older copy of the ledger."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from gateway.activated import ActivatedSets
from gateway.deployment import Deployment
from gateway.kept_approvals import check_kept_approvals
from gateway.local import LocalGateway
from gateway.settings import load_settings
from policies.errors import BudgetExceededError
from tests.gateway.approving import Office
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.ledger.worlds import ledger_file


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office.of(make_full(tmp_path))
    office.sign("bea", "cid")
    office.activate()
    return office


def ask(office: Office, sql: str = COUNTS) -> None:
    with Deployment.open(office.site, paced=False) as deployment:
        LocalGateway(deployment, USER).query(PROJECT, sql, epsilon="0.1")


@pytest.fixture
def rolled_back(office: Office) -> Office:
    database = ledger_file(office.settings)
    old = database.read_bytes()
    ask(office)
    database.write_bytes(old)
    return office


def recover(run: Run, office: Office, person: str = "") -> tuple[int, str]:
    key = ("--key", office.key(person)) if person else ()
    told = run(
        "audit", "recover", office.site, "--reason-code", "incident", "--spend-all-budgets", *key
    )
    return told.code, told.err


def test_two_people_let_an_older_ledger_go_on_and_nothing_is_left(
    run: Run, rolled_back: Office
) -> None:
    office = rolled_back
    assert recover(run, office)[0] == 1
    code, told = recover(run, office, "bea")
    assert (code, "APP-" in told) == (1, True)
    assert "SYS-LOG-ROLLBACK" in run("audit", "cosign", office.site).err
    assert recover(run, office, "cid")[0] == 0

    with pytest.raises(BudgetExceededError):
        ask(office)
    verified = run("audit", "verify", office.site)
    assert verified.code == 0, verified.out
    assert (
        check_kept_approvals(ledger_file(office.settings), ActivatedSets(office.settings.activated))
        == ()
    )


def test_an_envelope_that_is_taken_away_is_found(run: Run, rolled_back: Office) -> None:
    recover(run, rolled_back, "bea")
    recover(run, rolled_back, "cid")
    kept = rolled_back.settings.activated.rglob("*.dsse.json")
    recovering = [path for path in kept if b"recover" in payload_of(path)]
    recovering[0].unlink()

    assert len(recovering) == 2
    assert run("audit", "verify", rolled_back.site).code == 23


def payload_of(path: Path) -> bytes:
    return base64.b64decode(json.loads(path.read_text())["payload"])


def test_nobody_comes_back_to_a_time_when_nobody_had_to_sign(run: Run, tmp_path: Path) -> None:
    site = make_full(tmp_path / "early")
    with Deployment.open(site, paced=False):
        database = ledger_file(load_settings(site))
        early = database.read_bytes()
    office = Office.of(site)
    office.sign("bea", "cid")
    office.activate()
    database.write_bytes(early)

    code, told = recover(run, office)
    assert (code, "SYS-LOG-UNAPPROVED" in told) == (1, True)


def test_a_log_that_is_the_signed_one_is_not_recovered(run: Run, office: Office) -> None:
    code, told = recover(run, office, "bea")

    assert (code, "SYS-LOG-SOUND" in told) == (1, True)


def test_the_cost_has_to_be_said(run: Run, rolled_back: Office) -> None:
    told = run("audit", "recover", rolled_back.site, "--reason-code", "incident")

    assert told.code == 2
    assert "--spend-all-budgets" in told.err
