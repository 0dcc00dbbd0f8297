"""What a researcher does from a shell with a service elsewhere."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path

import httpx
import pytest

from gateway.app import create_app
from gateway.cli import asking
from gateway.client import Gateway
from gateway.operations_log import operations_log
from policies.errors import BudgetExceededError
from query.answers import Answer, Request
from tests.gateway.cli.conftest import Run
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import COUNTS, PROJECT, USER
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import QUERY_ID
from tests.limits import PATIENCE

TARGET = ("--project", "heart", "--url", "http://127.0.0.1:1")


@pytest.fixture
def connected(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    """A service that the command line reaches."""
    key = service.accounts.create("ana", expires=FAR_DAY)
    transport = httpx.WSGITransport(create_app(service, log=operations_log(io.StringIO())))
    monkeypatch.setattr(asking, "Gateway", lambda url, key: Gateway(url, key, transport=transport))
    monkeypatch.setenv("GATEWAY_API_KEY", key.text)
    return service


def test_a_question_is_left_as_a_job_and_its_answer_shown_later(
    run: Run, connected: FakeService
) -> None:
    left = run("query", COUNTS, *TARGET, "--job", "--idempotency-key", "one")
    again = run("query", COUNTS, *TARGET, "--job", "--idempotency-key", "one")
    job = left.out.strip()
    waited = run("jobs", "wait", job, *TARGET)
    shown = run("jobs", "show", job, *TARGET)
    listed = run("jobs", "list", *TARGET)
    cancelled = run("jobs", "cancel", job, *TARGET)

    assert (left.code, again.out) == (0, left.out)
    assert QUERY_ID in waited.out
    assert f"job {job}: done, charged epsilon 0.2" in shown.out
    assert "41" in shown.out
    assert listed.out.count(job) == 1
    assert cancelled.out == f"job {job}: done, charged epsilon 0.2\n"
    assert len(connected.asked) == 1


def test_waiting_tells_how_far_it_is_and_then_the_answer(run: Run, connected: FakeService) -> None:
    outcome = run("query", COUNTS, *TARGET, "--wait")

    assert outcome.code == 0
    assert outcome.err.splitlines()[-1].endswith(": done")
    assert "41" in outcome.out
    assert "hospital, left: pool 0.8 of 1" in outcome.out
    assert len(connected.asked) == 1


def test_a_refused_job_is_told_like_a_refused_question(run: Run, connected: FakeService) -> None:
    connected.fails_with = BudgetExceededError("too little is left", remedy="offer less")
    outcome = run("query", COUNTS, *TARGET, "--wait")
    job = run("query", COUNTS, *TARGET, "--job").out.strip()
    waited = run("jobs", "wait", job, *TARGET)
    shown = run("jobs", "show", job, *TARGET)

    assert [one.code for one in (outcome, waited, shown)] == [1, 1, 1]
    assert all("BUD-EXCEEDED too little is left; offer less" in one.err for one in (outcome, shown))
    assert f"job {job}: failed, charged nothing" in shown.out


def test_a_job_under_way_is_cancelled(run: Run, connected: FakeService) -> None:
    done = threading.Event()

    def waiting(request: Request, watch: object = None) -> Answer:
        del request
        stop: threading.Event = watch.stop  # type: ignore[attr-defined]  # of a Watch
        assert stop.wait(PATIENCE)
        done.set()
        raise ValueError

    connected.answer = waiting  # type: ignore[method-assign]  # for this object only
    job = run("query", COUNTS, *TARGET, "--job").out.strip()
    while "running" not in run("jobs", "list", *TARGET).out and not done.is_set():
        cancelled = run("jobs", "cancel", job, *TARGET)
    assert done.wait(PATIENCE)
    waited = run("jobs", "wait", job, *TARGET)

    assert job in cancelled.out
    assert "JOB-CANCELLED" in waited.err


def test_jobs_need_a_service(run: Run, shared_site: Path) -> None:
    where = ("--project", PROJECT, "--folder", shared_site, "--as", USER)

    for flag in (["--job"], ["--wait"], ["--idempotency-key", "one"]):
        assert run("query", COUNTS, *where, *flag).code == 2


@pytest.mark.parametrize("here", [True, False])
def test_catalog_and_budget_are_told_of_a_folder_and_of_a_service(
    run: Run, connected: FakeService, shared_site: Path, *, here: bool
) -> None:
    del connected
    where = ("--project", PROJECT, "--folder", shared_site, "--as", USER) if here else TARGET
    catalog, budget = run("catalog", *where), run("budget", *where)
    catalog_json, budget_json = (
        json.loads(run(command, *where, "--format", "json").out)
        for command in ("catalog", "budget")
    )

    assert "domain" in catalog.out
    assert "patients" in catalog.out
    assert "left: pool" in budget.out
    dataset = catalog_json["datasets"][0]["id"]
    assert budget_json[dataset][0]["scope"] == "pool"


def test_practice_tables_come_from_a_service_too(
    run: Run, connected: FakeService, tmp_path: Path
) -> None:
    del connected
    outcome = run("practice", "hospital", *TARGET, "--out", tmp_path / "made", "--units", "5")

    assert outcome.code == 0, outcome.err
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"patients.csv", "MADE-UP.txt"}
    assert run("practice", "hospital", "--project", "heart", "--out", tmp_path / "x").code == 2


def test_a_receipt_is_fetched_from_a_service(
    run: Run, connected: FakeService, tmp_path: Path
) -> None:
    del connected
    url = ("--url", "http://127.0.0.1:1")
    outcome = run("receipt", 999, *url, "--out", tmp_path / "proof")

    assert outcome.code == 1
    assert "REQ-NOT-FOUND" in outcome.err
    assert not (tmp_path / "proof").exists()
