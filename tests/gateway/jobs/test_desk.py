from __future__ import annotations

import io
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.errors import (
    ChargedError,
    JobCancelledError,
    KeptCharge,
    RequestError,
    UnavailableError,
)
from gateway.jobs import desk as desk_module
from gateway.jobs import workers as workers_module
from gateway.jobs.claims import Claim
from gateway.jobs.desk import Asked, Jobs
from gateway.jobs.errors import JobsFaultError
from gateway.jobs.records import Asking, JobRecord, Outcome
from gateway.jobs.settings import JobSettings
from gateway.jobs.store import JobStore
from gateway.jobs.watch import State, Watch
from gateway.jobs.workers import Workers
from gateway.operations_log import operations_log
from policies.errors import DeclarationError, GatewayError
from query.answers import Answer, Request
from tests.factories import make_request
from tests.gateway.made_up import make_answer, make_loss
from tests.limits import PATIENCE

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
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
def lines() -> io.StringIO:
    """The operator's log."""
    return io.StringIO()


@pytest.fixture
def opened(
    tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Jobs]]:
    """Opens the same file as a process of its own would; all are closed at the end."""
    desks: list[Jobs] = []
    monkeypatch.setattr(desk_module, "_GRACE_SECONDS", PATIENCE)
    monkeypatch.setattr(desk_module, "_JOIN_SECONDS", PATIENCE)

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


@contextmanager
def failing(folder: Path, statement: str = "UPDATE") -> Iterator[None]:
    """Let each such statement on the file of jobs fail, in words of the database's own."""
    with closing(sqlite3.connect(folder / "jobs.sqlite", isolation_level=None)) as connection:
        connection.execute(
            f"CREATE TRIGGER fault BEFORE {statement} ON job BEGIN SELECT RAISE(FAIL, 'secret');END"
        )
        yield
        connection.execute("DROP TRIGGER fault")


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
    assert held.entered.wait(PATIENCE)
    second = opened()
    with pytest.raises(RequestError) as busy:
        second.answer_once(asked(b"claim"))
    held.go.set()
    thread.join(PATIENCE)

    assert busy.value.code == "REQ-KEY-BUSY"
    assert second.answer_once(asked(b"claim")).state is State.DONE


def test_a_stop_lets_what_is_charged_end_and_gives_the_rest_back(
    opened: Callable[..., Jobs],
) -> None:
    held = Held()
    desk = opened(held, settings=JobSettings(workers=1))
    running, waiting = desk.submit(asked()), desk.submit(asked(b"claim"))
    assert held.entered.wait(PATIENCE)
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


class Waited(threading.Event):
    """What does not come before its time; waiting for it moves the clock."""

    def __init__(self, now: list[float]) -> None:
        super().__init__()
        self.now = now

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.now[0] += timeout
        return False

    join = wait  # as a thread that does not end


def test_a_stop_waits_for_all_jobs_together_and_cancels_what_is_left_at_once(
    opened: Callable[..., Jobs], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, begun, stopped = [0.0], threading.Semaphore(0), list[float]()

    def until_cancelled(_: Request, watch: Watch) -> Answer:
        begun.release()
        watch.stop.wait(PATIENCE)
        stopped.extend(now)
        raise JobCancelledError

    desk = opened(until_cancelled, settings=JobSettings(workers=4))
    jobs = [desk.submit(asked()) for _ in range(4)]
    assert all(begun.acquire(timeout=PATIENCE) for _ in jobs)
    for one in desk._under_way.values():
        one.ended = Waited(now)
    with monkeypatch.context() as patched:
        patched.setattr(desk_module, "monotonic", lambda: now[0])
        patched.setattr(desk_module, "_GRACE_SECONDS", 10)
        desk.close()
    again = opened()

    assert stopped == [10] * 4
    assert [ended(again, one.id).state for one in jobs] == [State.CANCELLED] * 4


def test_a_stop_waits_for_all_threads_together_that_do_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(workers_module, "monotonic", lambda: now[0])
    workers = Workers(4, lambda _: None, None)
    workers._threads = cast("Any", [Waited(now) for _ in range(4)])
    workers.join(5)

    assert now == [5]


def test_a_start_tells_what_became_of_jobs_that_a_crash_left(
    opened: Callable[..., Jobs], lines: io.StringIO, tmp_path: Path
) -> None:
    store = JobStore(tmp_path / "jobs.sqlite", timedelta(hours=24))
    store.start()
    left = [
        store.begin(f"{n:032x}", asked().asking, asked(b"%d" % n).claim, NOON) for n in range(3)
    ]
    store.close()  # as a process that ended
    found = Outcome.of_answer(make_answer())
    charge = KeptCharge(query_id=left[2].id, charged=Decimal("0.1"), entry=7)
    lost = Outcome.of_error(State.FAILED, ChargedError(charge), make_loss())
    became = {left[0].id: found, left[2].id: lost}
    desk = opened(became=lambda record: became.get(record.id))

    assert ended(desk, left[0].id) == found
    assert desk.answer_once(asked(b"0")) == found
    assert ended(desk, left[1].id).told_problem().document["code"] == "SYS-RESTARTED"
    assert desk.replayed(asked(b"1").claim) is None
    assert ended(desk, left[2].id).told_problem().document["incident"] == left[2].id
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(one["incident"], one["error"]) for one in logged] == [
        (left[2].id, "ProcessEndedError")
    ]


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
            assert go.wait(PATIENCE)
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
    assert entered.wait(PATIENCE)
    told: list[Outcome] = []
    threads.append(threading.Thread(target=lambda: told.append(desk.answer_once(asked(b"claim")))))
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join(PATIENCE)

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


def test_a_fault_of_the_file_is_told_without_the_words_of_the_database(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite", timedelta(days=1))
    with failing(tmp_path, "INSERT"), pytest.raises(JobsFaultError) as written:
        store.begin("a" * 32, asked().asking, None, NOON)
    kept = store.begin("a" * 32, asked().asking, None, NOON)
    store.close()
    with pytest.raises(JobsFaultError) as read:
        store.find(kept.id)

    assert written.value.code == read.value.code == "SYS-JOBS"
    assert "secret" not in str(written.value)


def test_a_worker_goes_on_after_a_job_whose_end_cannot_be_kept(
    opened: Callable[..., Jobs], lines: io.StringIO, tmp_path: Path
) -> None:
    answered = threading.Semaphore(0)

    def counted(request: Request, watch: Watch) -> Answer:
        answered.release()
        return at_once(request, watch)

    desk = opened(counted, settings=JobSettings(workers=1))
    with failing(tmp_path):
        lost = desk.submit(asked())
        with pytest.raises(RequestError):
            desk.outcome(lost)
    next_one = desk.submit(asked())

    assert all(answered.acquire(timeout=PATIENCE) for _ in range(2))
    assert ended(desk, next_one.id).state is State.DONE
    (line,) = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert (line["incident"], line["code"]) == (lost.id, "SYS-JOBS")
    assert "secret" not in lines.getvalue()


def test_a_stop_goes_on_where_the_file_fails_and_the_next_start_tells_what_became_of_all(
    opened: Callable[..., Jobs], lines: io.StringIO, tmp_path: Path
) -> None:
    held = Held()
    desk = opened(held, settings=JobSettings(workers=1))
    running, waiting = desk.submit(asked()), desk.submit(asked(b"claim"))
    assert held.entered.wait(PATIENCE)
    with failing(tmp_path):
        threading.Timer(0.1, held.go.set).start()
        desk.close()
    found = Outcome.of_answer(make_answer())
    again = opened(became=lambda record: found if record.id == running.id else None)

    assert ended(again, running.id) == found
    assert ended(again, waiting.id).told_problem().document["code"] == "SYS-RESTARTED"
    assert [json.loads(one)["code"] for one in lines.getvalue().splitlines()] == ["SYS-JOBS"] * 2


def test_lists_have_all_but_the_answers(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.sqlite", timedelta(days=1))
    asking, refusal = asked().asking, RequestError("no", remedy="yes")
    outcomes = [
        Outcome.of_answer(make_answer()),
        Outcome.of_error(State.FAILED, refusal, make_loss()),
    ]
    for n, outcome in enumerate(outcomes):
        job = store.begin(f"{n:032x}", asking, None, NOON + timedelta(seconds=n), "SELECT 1")
        store.end(job.id, outcome, NOON)
    who = (asking.project, asking.user)
    listed = store.of_user(*who)
    shown = store.left_by(*who, 5)
    kept = store.find(f"{0:032x}")
    store.close()

    assert listed == shown
    assert [one.outcome for one in listed] == [outcomes[1], replace(outcomes[0], answer=None)]
    assert kept is not None
    assert kept.outcome == outcomes[0]
