from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.events import QueryReleased, SystemStarted
from gateway.audit.identity_events import LogRead
from gateway.audit.policy_events import BudgetCapped, PolicyActivated
from gateway.ledger.facts import reserved
from gateway.witness.witnessed import WitnessStatus
from tests.gateway.ledger.worlds import POLICY, make_charge
from tests.gateway.made_up import SIGNER
from tests.gateway.pages.signed_in import Browser, LoggedService
from tests.gateway.routes.test_receipts import denied
from tests.gateway.routes.test_releases import make_state

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture
def log(logged: LoggedService) -> LoggedService:
    """Two charges, an answer, refusals in two weeks, a change of the declarations."""
    logged.write(SystemStarted(software="gateway", sqlite="3.0.0"), MONDAY)
    logged.write(
        BudgetCapped(
            scope="pool",
            pool="clinic",
            capped_project="",
            capped_researcher="",
            measure="pure",
            cap=2_000_000,
            cap_delta="0",
        ),
        MONDAY,
    )
    logged.write(PolicyActivated(actor="steward", policy=POLICY), MONDAY)
    logged.write(reserved(make_charge(principal="ana", query_id="1" * 32), "clinic"), MONDAY)
    logged.write(
        QueryReleased(query_id="1" * 32, ref=3, answer="sha256:" + "0" * 64),
        MONDAY + timedelta(hours=1),
    )
    logged.write(denied("eve"), MONDAY + timedelta(days=1))
    logged.write(denied("eve"), MONDAY + timedelta(days=8))
    logged.write(
        reserved(make_charge(300_000, principal="bob", query_id="2" * 32), "clinic"),
        MONDAY + timedelta(days=9),
    )
    return logged


def test_the_room_shows_spending_refusals_and_newest_entries(
    log: LoggedService, auditor: Browser
) -> None:
    page = auditor.get("/audit").text

    assert f'<p class="big num">{len(log.kept_leaves)}</p>' in page
    assert "No witness is required here." in page
    assert "<strong>clinic</strong>, spent epsilon over time" in page
    assert '<polyline class="step"' in page
    assert "<title>activate</title>" in page
    assert re.search(r"2026-05-11.*PRJ-NOT-MEMBER</a> \u00d7 1.*2026-05-04", page, re.DOTALL)
    assert "/audit/entries/7" in page
    assert '2</p>\n    <p class="muted">charged; 0 answered for free, 2 refused' in page


def test_an_empty_log_has_a_room(auditor: Browser) -> None:
    page = auditor.get("/audit")

    assert page.status_code == 200
    assert "Nothing was charged yet." in page.text
    assert "Nothing was refused yet." in page.text


def test_old_and_missing_witnesses_are_told(
    log: LoggedService, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {
        WitnessStatus(fresh=False): "None has cosigned the log yet.",
        WitnessStatus(fresh=True, age_seconds=125, size=5): "2 min",
        WitnessStatus(fresh=False, age_seconds=125, size=5): "panel problem",
    }
    for state, told in states.items():
        monkeypatch.setattr(log, "witness_status", lambda state=state: state)
        assert told in auditor.get("/audit").text


def test_entries_are_searched_and_paged(log: LoggedService, auditor: Browser) -> None:
    for _ in range(60):
        log.write(SystemStarted(software="gateway", sqlite="3.0.0"), MONDAY + timedelta(days=20))
    first = auditor.get("/audit/entries?kind=system.start")
    older = re.search(r'class="button" href="(/audit/entries\?before=[^"]+)"', first.text)
    assert older is not None
    second = auditor.get(older[1].replace("&amp;", "&"))
    numbers = [
        int(number)
        for page in (first, second)
        for number in re.findall(r"/audit/entries/(\d+)\"", page.text)
    ]

    assert "kind=system" in older[1]
    assert numbers == [*reversed(range(8, 68)), 0]


def test_a_search_says_what_it_looked_for(log: LoggedService, auditor: Browser) -> None:
    del log
    page = auditor.get("/audit/entries?actor=eve&since=2026-05-10&code=%22%3E%3Cb%3E").text

    assert 'name="actor" value="eve"' in page
    assert 'value="2026-05-10"' in page
    assert "<b>" not in page
    assert "Nothing that fits was found here." in page


@pytest.mark.parametrize("before", ["x", "-1", "", "9" * 5000, "1.5"])
def test_a_place_that_is_none_shows_nothing_wrong(
    log: LoggedService, auditor: Browser, before: str
) -> None:
    del log
    assert auditor.get(f"/audit/entries?before={before}").status_code == 200


def test_an_entry_is_shown_with_a_proof_that_holds(log: LoggedService, auditor: Browser) -> None:
    for index in range(len(log.kept_leaves)):
        page = auditor.get(f"/audit/entries/{index}").text
        head = SIGNER.verifier.verify(log.checkpoint())

        assert f'data-index="{index}" data-size="{head.size}"' in page
        assert f'data-root="{head.root.hex()}"' in page
        assert json.loads(log.kept_leaves[index])["kind"] in page
        assert auditor.get(f"/audit/entries/{index}/receipt").text == log.proof(index)
    assert 'href="/audit/entries/3">entry 3</a>' in auditor.get("/audit/entries/4").text


@pytest.mark.parametrize("index", ["8", "99999999", "9" * 30])
def test_an_entry_that_is_not_there_is_not_found(
    log: LoggedService, auditor: Browser, index: str
) -> None:
    del log
    for path in (f"/audit/entries/{index}", f"/audit/entries/{index}/receipt"):
        assert auditor.get(path).status_code == 404


def test_what_came_since_is_shown_the_next_time(log: LoggedService, auditor: Browser) -> None:
    before = auditor.get("/audit").text
    log.write(denied("eve"), MONDAY + timedelta(days=9))
    after = auditor.get("/audit").text

    assert "PRJ-NOT-MEMBER</a> \u00d7 2" not in before
    assert "PRJ-NOT-MEMBER</a> \u00d7 2" in after
    assert parse_checkpoint(log.checkpoint()).size == 9


@pytest.mark.parametrize("role", ["auditor", "steward"])
def test_releases_of_records_are_listed_for_who_answers_for_them(
    logged: LoggedService, role: str, request: pytest.FixtureRequest
) -> None:
    path = {"auditor": "/audit/releases", "steward": "/studio/releases"}[role]
    person: Browser = request.getfixturevalue(role)
    assert "Nothing left this gateway as records." in person.get(path).text

    late = make_state("2", recipient="<b>eve</b>")
    late = replace(late, request=replace(late.request, until="2026-05-31"))
    logged.released = (make_state("1"), late)
    page = person.get(path).text

    assert page.index("<code>222222222222</code>") < page.index("<code>111111111111</code>")
    assert "11 or more" in page
    assert '<span class="tag bad">overdue</span>' in page
    assert "&lt;b&gt;eve&lt;/b&gt;" in page
    assert "<b>eve</b>" not in page


def test_whoever_looks_at_the_log_is_in_it_once_a_minute(
    log: LoggedService, auditor: Browser
) -> None:
    for path in ("/audit", "/audit/entries", "/audit/entries/1", "/audit/export.csv"):
        assert auditor.get(path).status_code == 200
    assert [one for one in log.recorded if isinstance(one, LogRead)] == [LogRead(actor="vera")]

    log.time += timedelta(minutes=1)
    auditor.get("/audit/entries/1/receipt")
    assert len([one for one in log.recorded if isinstance(one, LogRead)]) == 2
