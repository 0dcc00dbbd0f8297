from __future__ import annotations

import io
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import RequestError, UnavailableError
from gateway.jobs.claims import Claim
from gateway.jobs.desk import Asked, Jobs
from gateway.jobs.records import Asking, JobRecord, Outcome
from gateway.jobs.settings import JobSettings
from gateway.jobs.store import JobStore
from gateway.jobs.watch import State, Watch
from gateway.operations_log import operations_log
from policies.errors import DeclarationError, GatewayError
from query.answers import Answer, Request
from tests.factories import make_request
from tests.gateway.made_up import make_answer, make_loss

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECONDS = 10
Answering = Callable[[Request, Watch], Answer]


def asked(claim: bytes | None = None, body: bytes = b"b") -> Asked:
    return Asked(
        request=make_request("SELECT COUNT(*) FROM visits"),
        key_id="key",
        claim=None if claim is None else Claim(scope=claim, fingerprint=body),
    )


def at_once(_: Request, watch: Watch) -> Answer:
    watch.now_charged(make_loss())
    watch.settle()
    return make_answer()


class Held:
    """Answers when it is let go."""

    def __init__(self) -> None:
        self.entered, self.go = threading.Event(), threading.Event()

    def __call__(self, request: Request, watch: Watch) -> Answer:
        self.entered.set()
        while not self.go.wait(0.01):
            watch.check()
        return at_once(request, watch)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Jobs]]:
    """Opens the same file as a process of its own would; all are closed at the end."""
    desks: list[Jobs] = []
    lines = io.StringIO()

    def open_one(
        answer: Answering = at_once,
        became: Callable[[JobRecord], Outcome | None] = lambda _: None,
        settings: JobSettings | None = None,
    ) -> Jobs:
        store = JobStore(tmp_path / "jobs.sqlite", timedelta(hours=24))
        desk = Jobs(store, settings or JobSettings(), answer, lambda: NOON, operations_log(lines))
        desk.recover(became)
        desks.append(desk)
        return desk

    yield open_one
    for desk in desks:
        desk.close()


def ended(desk: Jobs, job: str) -> Outcome:
    record = desk.find(job)
    assert record is not None
    outcome = desk.outcome(record)
    assert outcome is not None
    return outcome


def test_another_process_is_told_to_come_again_and_takes_nothing_over(
    opened: Callable[..., Jobs],
) -> None:
    held = Held()
    first = opened(held)
    thread = threading.Thread(target=first.answer_once, args=(asked(b"claim"),))
    thread.start()
    assert held.entered.wait(SECONDS)
    second = opened()
    with pytest.raises(RequestError) as busy:
        second.answer_once(asked(b"claim"))
    held.go.set()
    thread.join(SECONDS)

    assert busy.value.code == "REQ-KEY-BUSY"
    assert second.answer_once(asked(b"claim")).state is State.DONE


def test_a_stop_lets_what_is_charged_end_and_gives_the_rest_back(
    opened: Callable[..., Jobs],
) -> None:
    held = Held()
    desk = opened(held, settings=JobSettings(workers=1))
    running, waiting = desk.submit(asked()), desk.submit(asked(b"claim"))
    assert held.entered.wait(SECONDS)
    threading.Timer(0.1, held.go.set).start()
    desk.close()
    again = opened()

    assert ended(again, running.id).state is State.DONE
    stopped = ended(again, waiting.id)
    assert (stopped.state, stopped.charged) == (State.FAILED, None)
    assert stopped.told_problem().document["code"] == "SYS-RESTARTED"
    assert again.replayed(asked(b"claim").claim) is None
    with pytest.raises(UnavailableError):
        desk.submit(asked())


def test_a_start_tells_what_became_of_jobs_that_a_crash_left(
    opened: Callable[..., Jobs], tmp_path: Path
) -> None:
    store = JobStore(tmp_path / "jobs.sqlite", timedelta(hours=24))
    store.start()
    left = [
        store.begin(f"{n:032x}", asked().asking, asked(b"%d" % n).claim, NOON) for n in range(2)
    ]
    store.close()  # as a process that ended
    found = Outcome.of_answer(make_answer())
    desk = opened(became=lambda record: found if record.id == left[0].id else None)

    assert ended(desk, left[0].id) == found
    assert desk.answer_once(asked(b"0")) == found
    assert ended(desk, left[1].id).told_problem().document["code"] == "SYS-RESTARTED"
    assert desk.replayed(asked(b"1").claim) is None


def test_a_stewards_error_is_told_as_an_incident_and_may_be_tried_again(
    opened: Callable[..., Jobs],
) -> None:
    errors: list[GatewayError] = [DeclarationError("the bound of salary is 120000")]

    def failing_once(request: Request, watch: Watch) -> Answer:
        if errors:
            raise errors.pop()
        return at_once(request, watch)

    desk = opened(failing_once)
    with pytest.raises(GatewayError) as hidden:
        desk.answer_once(asked(b"claim"))

    assert hidden.value.code == "SYS-INTERNAL"
    assert "salary" not in str(hidden.value)
    assert desk.answer_once(asked(b"claim")).state is State.DONE


def test_who_waits_for_a_request_that_failed_for_the_moment_tries_it_anew(
    opened: Callable[..., Jobs],
) -> None:
    entered, go = threading.Event(), threading.Event()
    calls: list[str] = []

    def failing_once(request: Request, watch: Watch) -> Answer:
        calls.append(watch.query_id)
        if len(calls) == 1:
            entered.set()
            assert go.wait(SECONDS)
            raise UnavailableError("not now")
        return at_once(request, watch)

    desk = opened(failing_once)
    failed: list[str] = []

    def first() -> None:
        try:
            desk.answer_once(asked(b"claim"))
        except UnavailableError as error:
            failed.append(error.code)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert entered.wait(SECONDS)
    told: list[Outcome] = []
    threads.append(threading.Thread(target=lambda: told.append(desk.answer_once(asked(b"claim")))))
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join(SECONDS)

    assert failed == ["SYS-UNAVAILABLE"]
    assert [one.state for one in told] == [State.DONE]
    assert len(set(calls)) == 2


def test_what_is_kept_of_a_problem_is_what_is_told() -> None:
    error = RequestError("no", code="REQ-CONFLICT", remedy="yes")
    outcome = Outcome.of_error(State.FAILED, error, make_loss())

    assert outcome.told_problem().status == 400
    assert json.loads(outcome.charged or b"")["epsilon"] == "0.2"
    assert replace(outcome, charged=None).told_problem() == outcome.told_problem()


def test_a_file_of_an_earlier_version_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    JobStore(path, timedelta(days=1)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE job DROP COLUMN sql")
    store = JobStore(path, timedelta(days=1))
    asking, now = Asking(user="ana", project="heart", dataset="hospital"), NOON
    kept = store.begin("a" * 32, asking, None, now, "SELECT 1")
    store.begin("b" * 32, asking, None, now)
    listed = store.left_by("heart", "ana", 5)
    store.close()

    assert kept.sql == "SELECT 1"
    assert listed == (kept,)
