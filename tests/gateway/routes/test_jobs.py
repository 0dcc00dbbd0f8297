from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.jobs.settings import JobSettings
from gateway.jobs.watch import Watch
from gateway.operations_log import operations_log
from policies.errors import BudgetExceededError, InternalError, RefusalError
from policies.projects import Member, MemberRole
from query.answers import Answer, Request
from query.documents import parse_answer
from tests.gateway.fake_service import FakeService
from tests.gateway.ledger.worlds import ledger_file
from tests.gateway.made_up import make_answer, make_project, with_answers_days
from tests.limits import PATIENCE

Headers = Callable[..., dict[str, str]]
URL = "/v1/projects/heart/queries"
JOBS = "/v1/projects/heart/jobs"
SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"
LATER = {"Prefer": "respond-async"}


class Gate:
    """Makes the service's answers wait; a statement of a real engine is ended by ``stop`` too."""

    def __init__(self, service: FakeService) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self._answer = service.answer
        service.answer = self.answer  # type: ignore[method-assign]  # for this object only

    def answer(self, request: Request, watch: Watch | None = None) -> Answer:
        assert watch is not None
        answer = self._answer(request, watch)
        watch.now_running()
        self.entered.release()
        end = time.monotonic() + PATIENCE
        while not self.open.wait(0.01) and not watch.cancelled and time.monotonic() < end:
            pass
        watch.settle()
        return answer


@pytest.fixture
def gate(service: FakeService) -> Iterator[Gate]:
    gate = Gate(service)
    yield gate
    gate.open.set()


def told(reply: TestResponse) -> dict[str, Any]:
    document: dict[str, Any] = reply.get_json()
    return document


def ended(http: FlaskClient, path: str, headers: dict[str, str]) -> TestResponse:
    """The job's reply once it has ended."""
    until = time.monotonic() + PATIENCE
    while True:
        reply = http.get(path, headers=headers)
        if told(reply)["ended"] is not None or time.monotonic() > until:
            return reply
        time.sleep(0.01)


def test_a_question_is_answered_later_where_that_is_preferred(
    http: FlaskClient, key_of: Headers
) -> None:
    headers = key_of()
    accepted = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER})
    path = accepted.headers["Location"]
    done = ended(http, path, headers)
    result = http.get(told(done)["result"], headers=headers)

    assert accepted.status_code == 202
    assert accepted.headers["Preference-Applied"] == "respond-async"
    assert path == f"{JOBS}/{told(accepted)['id']}"
    assert (told(done)["state"], told(done)["problem"]) == ("done", None)
    assert told(done)["charged"] == {"measure": "pure", "epsilon": "0.2", "delta": "0"}
    assert parse_answer(told(result)) == make_answer()
    csv = http.get(f"{path}/result", headers={**headers, "Accept": "text/csv"})
    assert csv.text.startswith("SEX,n,")


def test_a_job_tells_its_phases_and_no_number(
    http: FlaskClient, key_of: Headers, gate: Gate
) -> None:
    headers = key_of()
    path = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}).headers["Location"]
    assert gate.entered.acquire(timeout=PATIENCE)
    running = http.get(path, headers=headers)
    early = http.get(f"{path}/result", headers=headers)
    gate.open.set()

    assert told(running) == {
        "id": path.rpartition("/")[2],
        "project": "heart",
        "dataset": "hospital",
        "state": "running",
        "cancelling": False,
        "created": "2026-06-01T12:00:00.000Z",
        "ended": None,
        "charged": {"measure": "pure", "epsilon": "0.2", "delta": "0"},
        "problem": None,
        "result": None,
    }
    assert running.headers["Retry-After"] == "1"
    assert (early.status_code, told(early)["code"]) == (409, "JOB-NOT-DONE")
    assert told(ended(http, path, headers))["state"] == "done"


def test_a_refused_job_tells_the_refusal(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    service.fails_with = BudgetExceededError("too little is left", remedy="offer less")
    headers = key_of()
    path = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}).headers["Location"]
    failed = ended(http, path, headers)
    result = http.get(f"{path}/result", headers=headers)

    assert told(failed)["state"] == "failed"
    assert told(failed)["charged"] is None
    assert told(failed)["problem"]["code"] == "BUD-EXCEEDED"
    assert (result.status_code, told(result)) == (403, told(failed)["problem"])


def test_a_fault_is_told_by_an_incident_id_alone(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    service.fails_with = ValueError("Could not convert string 'forty'")
    headers = key_of()
    path = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}).headers["Location"]
    failed = ended(http, path, headers)

    assert told(failed)["problem"]["code"] == "SYS-INTERNAL"
    assert "forty" not in failed.text


def test_a_cancelled_job_stays_charged(http: FlaskClient, key_of: Headers, gate: Gate) -> None:
    headers = key_of()
    path = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}).headers["Location"]
    assert gate.entered.acquire(timeout=PATIENCE)
    http.delete(path, headers=headers)
    cancelled = ended(http, path, headers)
    again = http.delete(path, headers=headers)
    result = http.get(f"{path}/result", headers=headers)

    assert told(cancelled)["state"] == "cancelled"
    assert told(cancelled)["charged"]["epsilon"] == "0.2"
    assert told(again) == told(cancelled)
    assert (result.status_code, told(result)["code"]) == (409, "JOB-CANCELLED")
    assert (told(result)["charged"], told(result)["query_id"]) == ("0.2", told(cancelled)["id"])


def test_a_job_that_waits_is_cancelled_at_once_and_for_nothing(
    http: FlaskClient, key_of: Headers, service: FakeService, gate: Gate
) -> None:
    jobs = JobSettings(workers=1)
    service.settings = replace(
        service.settings, service=replace(service.settings.service, jobs=jobs)
    )
    headers = key_of()
    first = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}).headers["Location"]
    assert gate.entered.acquire(timeout=PATIENCE)
    second = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}).headers["Location"]
    waiting = http.get(second, headers=headers)
    cancelled = http.delete(second, headers=headers)
    gate.open.set()

    assert told(waiting)["state"] == "queued"
    assert (told(cancelled)["state"], told(cancelled)["charged"]) == ("cancelled", None)
    assert told(ended(http, first, headers))["state"] == "done"
    assert len(service.asked) == 1


def test_a_job_is_its_owners_alone(http: FlaskClient, key_of: Headers, gate: Gate) -> None:
    del gate
    mine = http.post(URL, json={"sql": SQL}, headers={**key_of(), **LATER}).headers["Location"]
    path = mine.replace("heart", "lungs")
    unknown = f"{JOBS}/{'0' * 32}"
    replies = [
        http.get(path, headers=key_of()),
        http.delete(path, headers=key_of()),
        http.get(f"{path}/result", headers=key_of()),
        http.get(unknown, headers=key_of()),
        http.get(f"{JOBS}/x", headers=key_of()),
    ]

    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.data for reply in replies}) == 1
    assert http.get(mine, headers=key_of("old")).status_code == 403
    assert http.get(mine, headers=key_of("ana", ("lungs",))).status_code == 403
    assert told(http.get(mine, headers=key_of()))["state"] != "cancelled"


def test_another_member_of_the_project_sees_nothing_of_it(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    bo = Member(user="bo", role=MemberRole.RESEARCHER, until=date(2026, 12, 31))
    members = (*make_project().spec.members, bo)
    projects = {**service.policies.projects, "heart": make_project(members=members)}
    service.policies = replace(service.policies, projects=projects)
    path = http.post(URL, json={"sql": SQL}, headers={**key_of(), **LATER}).headers["Location"]
    done = ended(http, path, key_of())
    others = [
        call(one, headers=key_of("bo"))
        for one in (path, f"{path}/result")
        for call in (http.get, http.delete)
    ]

    assert told(done)["state"] == "done"
    assert {reply.status_code for reply in others} == {404, 405}
    assert told(http.get(JOBS, headers=key_of("bo")))["jobs"] == []


def test_jobs_are_listed_the_newest_first(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = key_of()
    ids = []
    for _ in range(3):
        ids.append(told(http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}))["id"])
        service.time += timedelta(seconds=1)
    listed = told(http.get(JOBS, headers=headers))

    assert [job["id"] for job in listed["jobs"]] == ids[::-1]
    assert told(http.get("/v1/projects/lungs/jobs", headers=headers))["jobs"] == []


def test_there_are_no_more_open_jobs_than_there_may_be(
    http: FlaskClient, key_of: Headers, service: FakeService, gate: Gate
) -> None:
    del gate
    jobs = JobSettings(workers=1, per_key=2, most=3)
    service.settings = replace(
        service.settings, service=replace(service.settings.service, jobs=jobs)
    )
    headers, other, third = key_of(), key_of(), key_of()

    def submitted(who: dict[str, str]) -> TestResponse:
        return http.post(URL, json={"sql": SQL}, headers={**who, **LATER})

    codes = [submitted(who).status_code for who in (headers, headers, headers, other, third)]
    refused = submitted(headers)
    http.delete(f"{JOBS}/{told(http.get(JOBS, headers=headers))['jobs'][0]['id']}", headers=headers)

    assert codes == [202, 202, 429, 202, 429]
    assert (told(refused)["code"], refused.headers["Retry-After"]) == ("RATE-JOBS", "1")


def test_who_is_no_member_is_refused_at_once(http: FlaskClient, key_of: Headers) -> None:
    reply = http.post(URL, json={"sql": SQL}, headers={**key_of("eve"), **LATER})

    assert (reply.status_code, told(reply)["code"]) == (403, "PRJ-NOT-MEMBER")


@pytest.mark.parametrize("prefer", ["wait=10, Respond-Async", "respond-async; foo=1"])
def test_the_preference_is_read_as_its_standard_says(
    http: FlaskClient, key_of: Headers, prefer: str
) -> None:
    reply = http.post(URL, json={"sql": SQL}, headers={**key_of(), "Prefer": prefer})

    assert reply.status_code == 202


def keyed(headers: dict[str, str], key: str = '"one"') -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


def test_the_same_request_is_answered_once_and_by_the_same_bytes(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = keyed(key_of())
    first = http.post(URL, json={"sql": SQL}, headers=headers)
    service.given = make_answer(query_id="f" * 32)
    again = http.post(URL, json={"sql": SQL}, headers=headers)
    csv = http.post(URL, json={"sql": SQL}, headers={**headers, "Accept": "text/csv"})

    assert first.status_code == 200
    assert (again.data, again.headers["Gateway-Receipt"]) == (first.data, "7")
    assert csv.headers["Gateway-Query-Id"] == first.headers["Gateway-Query-Id"]
    assert len(service.asked) == 1


def test_a_key_with_and_without_quotes_is_one(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = key_of()
    http.post(URL, json={"sql": SQL}, headers=keyed(headers, '"a b"'))
    http.post(URL, json={"sql": SQL}, headers=keyed(headers, '"x"'))
    http.post(URL, json={"sql": SQL}, headers=keyed(headers, "x"))

    assert len(service.asked) == 2


def test_a_key_that_came_with_another_body_is_refused(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = keyed(key_of())
    http.post(URL, json={"sql": SQL}, headers=headers)
    now = http.post(URL, json={"sql": SQL, "epsilon": "0.1"}, headers=headers)
    later = http.post(URL, json={"sql": SQL, "epsilon": "0.1"}, headers={**headers, **LATER})

    assert [(one.status_code, told(one)["code"]) for one in (now, later)] == [
        (422, "REQ-KEY-REUSED")
    ] * 2
    assert len(service.asked) == 1


def test_nobody_elses_key_and_no_other_project_meets_it(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = keyed(key_of())
    http.post(URL, json={"sql": SQL}, headers=headers)
    other_key = http.post(URL, json={"sql": f"{SQL} "}, headers=keyed(key_of()))
    other_project = http.post(
        URL.replace("heart", "lungs"), json={"sql": SQL, "dataset": "hospital"}, headers=headers
    )

    assert (other_key.status_code, other_project.status_code) == (200, 200)
    assert len(service.asked) == 3


@pytest.mark.parametrize("key", ["", '""', '"a', "a b", "x" * 256, "é"])
def test_a_key_of_another_form_is_refused(http: FlaskClient, key_of: Headers, key: str) -> None:
    reply = http.post(URL, json={"sql": SQL}, headers=keyed(key_of(), key))

    assert (reply.status_code, told(reply)["code"]) == (400, "REQ-KEY-FORM")


def test_requests_at_one_time_with_one_key_are_answered_together(
    service: FakeService, key_of: Headers, gate: Gate
) -> None:
    app = create_app(service, log=operations_log())
    headers = keyed(key_of())

    def ask(_: int) -> TestResponse:
        return app.test_client().post(URL, json={"sql": SQL}, headers=headers)

    with ThreadPoolExecutor(4) as clients:
        asked = clients.map(ask, range(4))
        assert gate.entered.acquire(timeout=PATIENCE)
        time.sleep(0.05)
        gate.open.set()
        replies = list(asked)

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.data for reply in replies}) == 1
    assert len(service.asked) == 1


def test_a_refusal_is_told_again_and_one_of_the_moment_is_not(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = key_of()
    service.fails_with = RefusalError("busy", code="BUD-QUESTION-BUSY")
    busy = http.post(URL, json={"sql": SQL}, headers=keyed(headers))
    service.fails_with = BudgetExceededError("too little is left", remedy="offer less")
    refused = http.post(URL, json={"sql": SQL}, headers=keyed(headers))
    service.fails_with = None
    again = http.post(URL, json={"sql": SQL}, headers=keyed(headers))

    assert (busy.status_code, told(busy)["code"]) == (409, "BUD-QUESTION-BUSY")
    assert (refused.status_code, told(refused)["code"]) == (403, "BUD-EXCEEDED")
    assert (again.status_code, again.data) == (403, refused.data)
    assert len(service.asked) == 2


def test_a_failure_that_was_charged_is_told_again(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    def charged_then_failed(request: Request, watch: Watch | None = None) -> Answer:
        assert watch is not None
        service.asked.append(request)
        watch.now_charged(service.given.charged)
        raise InternalError(watch.query_id)

    service.answer = charged_then_failed  # type: ignore[method-assign]  # for this object only
    headers = keyed(key_of())
    first = http.post(URL, json={"sql": SQL}, headers=headers)
    again = http.post(URL, json={"sql": SQL}, headers=headers)

    assert first.status_code == 500
    assert again.data == first.data
    assert len(service.asked) == 1


def test_the_same_request_is_one_job(
    http: FlaskClient, key_of: Headers, service: FakeService, gate: Gate
) -> None:
    headers = keyed(key_of())
    ids = {
        told(http.post(URL, json={"sql": SQL}, headers={**headers, **LATER}))["id"]
        for _ in range(20)
    }
    gate.open.set()
    now = http.post(URL, json={"sql": SQL}, headers=headers)

    assert len(ids) == 1
    assert parse_answer(told(now)) == make_answer()
    assert len(service.asked) == 1


def test_what_was_told_is_kept_for_two_days_and_then_forgotten(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = keyed(key_of())
    http.post(URL, json={"sql": SQL}, headers=headers)
    service.time += timedelta(hours=47)
    http.post(URL, json={"sql": SQL}, headers=headers)
    kept = len(service.asked)
    service.time += timedelta(hours=2)
    http.post(URL, json={"sql": SQL}, headers=keyed(key_of(), "another"))
    http.post(URL, json={"sql": SQL}, headers=headers)

    assert (kept, len(service.asked)) == (1, 3)


def test_of_what_is_suspended_since_nothing_is_told(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    headers = keyed(key_of())
    http.post(URL, json={"sql": SQL}, headers=headers)
    service.policies = service.policies.with_suspended(["dataset/hospital"])
    reply = http.post(URL, json={"sql": SQL}, headers=headers)

    assert reply.status_code == 404
    assert "rows" not in reply.text


def test_what_is_older_than_answers_are_given_is_not_told(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    service.policies = with_answers_days(service.policies, 1)
    headers = keyed(key_of())
    accepted = http.post(URL, json={"sql": SQL}, headers={**headers, **LATER})
    result = told(ended(http, accepted.headers["Location"], headers))["result"]
    service.time += timedelta(hours=23)
    before = http.get(result, headers=headers)
    service.time += timedelta(hours=1)
    after = [http.get(result, headers=headers), http.post(URL, json={"sql": SQL}, headers=headers)]

    assert before.status_code == 200
    assert [one.status_code for one in after] == [404, 404]
    assert not any("rows" in one.text for one in after)


def test_neither_key_nor_question_is_in_the_file(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    service.fails_with = BudgetExceededError("too little is left", remedy="offer less")
    http.post(
        URL,
        json={"sql": f"{SQL} -- canary-question"},
        headers=keyed(key_of(), "canary-key"),
    )
    kept = ledger_file(service.settings).with_name("jobs.sqlite")

    assert b"BUD-EXCEEDED" in kept.read_bytes()
    assert b"canary" not in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
