"""Questions in the background as a browser follows them, with and without a script."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from werkzeug.test import TestResponse

from gateway.jobs.settings import JobSettings
from policies.errors import BudgetExceededError, InternalError, UnsupportedQueryError
from policies.projects import Member, MemberRole
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import QUERY_ID
from tests.gateway.pages.signed_in import Browser
from tests.gateway.routes.test_jobs import Gate
from tests.limits import PATIENCE

DESK = "/projects/heart"
JOBS = f"{DESK}/jobs"
SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"
SCRIPT = {"HX-Request": "true"}
ONCE = re.compile(r'name="once" value="([0-9a-f]{32})"')


@pytest.fixture
def gate(service: FakeService) -> Iterator[Gate]:
    """Comes before whoever loads a page, since that opens the jobs."""
    gate = Gate(service)
    yield gate
    gate.open.set()


def begun(ana: Browser) -> str:
    """Begin a question in the background; return the address at which it is followed."""
    reply = ana.send(JOBS, sql=SQL)
    assert reply.status_code == 303, reply.text
    page, _, focused = reply.location.partition("#")
    assert focused == "job"
    return page


def ended(ana: Browser, page: str) -> TestResponse:
    """The page once its question has ended, as a script waits for it."""
    until = time.monotonic() + PATIENCE
    while "HX-Refresh" not in ana.http.get(page, headers=SCRIPT).headers:
        assert time.monotonic() < until
        time.sleep(0.01)
    return ana.get(page)


def test_a_question_is_left_followed_and_leads_to_its_answer(gate: Gate, ana: Browser) -> None:
    page = begun(ana)
    assert gate.entered.acquire(timeout=PATIENCE)
    running = ana.get(page).text
    desk = ana.get(DESK).text
    gate.open.set()
    done = ended(ana, page)

    assert '<p class="big">Is being answered</p>' in running
    assert "epsilon 0.2" in running
    assert f'href="{page}"><code>{SQL}</code></a>' in desk
    assert ">Is being answered · hospital" in desk
    assert (done.status_code, done.location) == (303, f"{DESK}/answers/{QUERY_ID}#answer")
    assert f'href="{page}"><code>{SQL}</code></a>' in ana.get(DESK).text
    assert ">Answered · hospital" in ana.get(DESK).text


def test_a_script_is_told_of_changes_alone(gate: Gate, ana: Browser) -> None:
    page = begun(ana)
    assert gate.entered.acquire(timeout=PATIENCE)
    part = ana.http.get(f"{page}?seen=queued", headers=SCRIPT)
    same = ana.http.get(f"{page}?seen=running", headers=SCRIPT)

    assert part.status_code == 200
    assert "<h1" not in part.text
    assert 'hx-trigger="every 2s"' in part.text
    assert "seen=running" in part.text
    assert (same.status_code, same.data) == (204, b"")
    assert "HX-Refresh" not in same.headers


def test_a_question_is_cancelled_after_being_told_that_the_charge_stays(
    gate: Gate, ana: Browser
) -> None:
    page = begun(ana)
    assert gate.entered.acquire(timeout=PATIENCE)
    assert "<strong>stays charged</strong>: epsilon 0.2" in ana.get(page).text
    sent = ana.send(f"{page}/cancellation")
    cancelled = ended(ana, page)

    assert (sent.status_code, sent.location) == (303, f"{page}#job")
    assert '<p class="big">Cancelled</p>' in cancelled.text
    assert "epsilon 0.2</strong>, which stays charged" in cancelled.text
    assert "JOB-CANCELLED" in cancelled.text
    assert "/cancellation" not in cancelled.text
    assert "&amp;dataset=hospital" in cancelled.text.partition("Change the question")[0]
    assert SQL in cancelled.text


def test_a_refused_question_is_refused_at_the_desk_and_no_job_is_begun(
    ana: Browser, service: FakeService
) -> None:
    service.fails_with = UnsupportedQueryError("no such function", remedy="use another")
    refused = ana.send(JOBS, sql=SQL)

    assert refused.status_code == 422
    assert f">{SQL}</textarea>" in refused.text
    assert "No such function" in refused.text
    # Priced first, and then asked as any question: that is what logs the refusal.
    assert len(service.asked) == 2
    assert service.jobs.of_user("heart", "ana") == ()


def test_what_is_too_dear_by_its_turn_is_told_with_the_way_back(
    ana: Browser, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "quote", lambda _: service.given.quote)
    service.fails_with = BudgetExceededError("too little is left", remedy="offer less")
    failed = ended(ana, begun(ana))

    assert failed.status_code == 200
    assert '<p class="big">Not answered</p>' in failed.text
    assert "Nothing was charged." in failed.text
    assert "BUD-EXCEEDED" in failed.text
    assert SQL in failed.text
    assert "Change the question" in failed.text
    assert f"<code>{SQL}</code></a>" in ana.get(DESK).text


def test_a_form_that_is_sent_twice_is_one_question(
    gate: Gate, ana: Browser, service: FakeService
) -> None:
    once = ONCE.search(ana.get(DESK).text)
    assert once is not None
    first = ana.send(JOBS, sql=SQL, once=once[1])
    assert gate.entered.acquire(timeout=PATIENCE)
    asked = len(service.asked)
    again = ana.send(JOBS, sql=SQL, once=once[1])
    asked_again = len(service.asked)
    other = ana.send(JOBS, sql=f"{SQL} ", once=once[1])
    anew = ana.send(JOBS, sql=SQL, once="0" * 32)

    assert (again.status_code, again.location) == (303, first.location)
    assert len({first.location, other.location, anew.location}) == 3
    assert asked_again == asked  # so that nothing is refused, and logged, a second time
    assert once[1] not in ana.get(DESK).text


def test_the_same_request_for_an_answer_at_once_is_none_in_the_background(
    ana: Browser, service: FakeService
) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY)
    said = ana.http.post(
        "/v1/projects/heart/queries",
        json={"sql": SQL},
        headers={"Authorization": f"Bearer {key.text}", "Idempotency-Key": "a"},
    )

    assert len(service.jobs.of_user("heart", "ana")) == 1, said.text
    desk = ana.get(DESK)
    assert desk.status_code == 200
    assert "<h2>In the background</h2>" not in desk.text


def test_a_fault_is_told_by_an_incident_alone(
    ana: Browser, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "quote", lambda _: service.given.quote)
    service.fails_with = InternalError("1a2b3c")
    failed = ended(ana, begun(ana)).text

    assert "incident <code>1a2b3c</code>" in failed


def test_too_many_questions_in_the_background_are_told_at_the_desk(
    service: FakeService, gate: Gate, nobody: Browser
) -> None:
    del gate
    few = replace(service.settings.service, jobs=JobSettings(per_key=1))
    service.settings = replace(service.settings, service=few)
    ana = nobody.sign_in("ana")
    ana.get(DESK)
    begun(ana)
    refused = ana.send(JOBS, sql=SQL)

    assert refused.status_code == 429
    assert "RATE-JOBS" in refused.text
    assert f">{SQL}</textarea>" in refused.text


def test_a_question_in_the_background_is_its_owners_alone(
    service: FakeService, gate: Gate, ana: Browser, nobody: Browser
) -> None:
    ben = Member(user="ben", role=MemberRole.RESEARCHER, until=date(2026, 12, 31))
    heart = service.policies.projects["heart"]
    both = replace(heart.spec, members=(*heart.spec.members, ben))
    service.policies = replace(service.policies, projects={"heart": replace(heart, spec=both)})
    page = begun(ana)
    assert gate.entered.acquire(timeout=PATIENCE)
    other = nobody.sign_in("ben")
    other.get("/auth/session")
    replies = [other.get(page), other.send(f"{page}/cancellation"), ana.get(f"{JOBS}/none")]
    desk = other.get(DESK)

    assert [one.status_code for one in replies] == [404, 404, 404]
    assert desk.status_code == 200
    assert "Is being answered" in ana.get(page).text
    assert page not in desk.text
