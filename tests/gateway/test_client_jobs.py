from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
import pytest

from gateway.app import create_app
from gateway.client import Gateway
from gateway.errors import JobCancelledError, RequestError, UnavailableError
from gateway.jobs.watch import Watch
from gateway.operations_log import operations_log
from policies.errors import BudgetExceededError, GatewayError
from query.answers import Answer, Request
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import make_answer
from tests.limits import PATIENCE

SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"
URL = "http://127.0.0.1:1"


@pytest.fixture
def gateway(service: FakeService) -> Gateway:
    key = service.accounts.create("ana", expires=FAR_DAY)
    app = create_app(service, log=operations_log())
    return Gateway(URL, key.text, transport=httpx.WSGITransport(app))


@pytest.fixture
def held(service: FakeService) -> threading.Event:
    """The service's answers wait for this event."""
    go = threading.Event()
    answer = service.answer

    def waiting(request: Request, watch: Watch | None = None) -> Answer:
        assert watch is not None
        given = answer(request, watch)
        while not go.wait(0.01) and not watch.cancelled:
            pass
        watch.settle()
        return given

    service.answer = waiting  # type: ignore[method-assign]  # for this object only
    return go


def test_a_job_is_waited_for_and_tells_its_phases(gateway: Gateway, held: threading.Event) -> None:
    job = gateway.submit("heart", SQL, epsilon="0.2")
    seen: list[str] = []

    def progress(one: object) -> None:
        seen.append(repr(one))
        held.set()

    result = job.wait(timeout=PATIENCE, progress=progress)

    assert result.answer == make_answer()
    assert job.state == "done"
    assert seen[-1] == f"<Job {job.id}: done>"
    assert gateway.job("heart", job.id).result().answer == make_answer()
    assert [one.id for one in gateway.jobs("heart")] == [job.id]


def test_a_job_is_cancelled(gateway: Gateway, held: threading.Event) -> None:
    del held
    job = gateway.submit("heart", SQL)
    with pytest.raises(UnavailableError, match="it goes on"):
        job.wait(timeout=0)
    job.cancel()

    with pytest.raises(JobCancelledError):
        job.wait(timeout=PATIENCE)
    assert job.state == "cancelled"


def test_a_refused_job_raises_what_a_question_raises(
    gateway: Gateway, service: FakeService
) -> None:
    service.fails_with = BudgetExceededError("too little is left", remedy="offer less")
    job = gateway.submit("heart", SQL)

    with pytest.raises(BudgetExceededError) as refused:
        job.wait(timeout=PATIENCE)
    assert refused.value.remedy == "offer less"
    assert job.document["charged"] is None


def test_a_result_is_not_there_before_the_end(gateway: Gateway, held: threading.Event) -> None:
    job = gateway.submit("heart", SQL)
    with pytest.raises(RequestError) as early:
        job.result()
    held.set()

    assert early.value.code == "JOB-NOT-DONE"


def test_one_key_makes_one_request(gateway: Gateway, service: FakeService) -> None:
    results = [gateway.query("heart", SQL, idempotency_key="once") for _ in range(3)]
    job = gateway.submit("heart", SQL, idempotency_key="once")
    with pytest.raises(RequestError) as reused:
        gateway.query("heart", f"{SQL} LIMIT 1", idempotency_key="once")

    assert len({result.to_json() for result in results}) == 1
    assert job.wait(timeout=PATIENCE).to_json() == results[0].to_json()
    assert reused.value.code == "REQ-KEY-REUSED"
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        {"id": "../../me", "project": "heart", "state": "queued"},
        {"id": "ab", "state": "queued"},
    ],
)
def test_a_reply_that_is_no_job_is_an_error(reply: dict[str, str]) -> None:
    def answering(_: httpx.Request) -> httpx.Response:
        return httpx.Response(202, json=reply)

    make: Callable[..., Gateway] = Gateway
    job = make(URL, "gw_x", transport=httpx.MockTransport(answering)).submit("heart", SQL)

    with pytest.raises(GatewayError):
        job.refresh()
