from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.events import QueryReleased, SystemStarted
from gateway.audit.identity_events import LogRead
from gateway.audit.policy_events import BudgetCapped, PolicyActivated
from gateway.identity.principals import AccountRole
from gateway.ledger.facts import reserved
from gateway.pages.words import moment_text
from gateway.witness.witnessed import WitnessStatus
from tests.gateway.ledger.worlds import POLICY, make_charge
from tests.gateway.made_up import SIGNER
from tests.gateway.pages.signed_in import Browser, LoggedService
from tests.gateway.routes.test_receipts import denied
from tests.gateway.routes.test_releases import make_state

MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)


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
    assert f"Read as a whole and found as signed at {moment_text(log.now())}." in page
    assert "<strong>clinic</strong>, spent epsilon over time" in page
    assert '<polyline class="step"' in page
    assert "<title>activate</title>" in page
    assert re.search(r"2026-05-11.*PRJ-NOT-MEMBER</a> \u00d7 1.*2026-05-04", page, re.DOTALL)
    assert "/audit/entries/7" in page
    assert '2</p>\n    <p class="muted">charged; 0 answered for free, 2 refused' in page


def test_the_room_says_how_old_the_signed_head_is(log: LoggedService, auditor: Browser) -> None:
    newest = MONDAY + timedelta(days=9)
    for age, said in ((timedelta(seconds=59), "less than a minute ago"), (DAY * 3, "3 d ago")):
        log.time = newest + age
        assert f"under the last signed head, which was signed {said}," in auditor.get("/audit").text


def test_refusals_of_a_week_lead_to_those_of_that_week(
    log: LoggedService, auditor: Browser
) -> None:
    assert log.kept_leaves
    links = re.findall(r'href="([^"]+code=PRJ-NOT-MEMBER[^"]*)"', auditor.get("/audit").text)
    found = [auditor.get(html.unescape(link)).text for link in links]

    assert [re.findall(r"/audit/entries/(\d+)", page) for page in found] == [["6"], ["5"]]


def test_an_entry_of_a_charge_says_it_as_prices_are_said(
    log: LoggedService, auditor: Browser
) -> None:
    assert log.kept_leaves
    pages = [auditor.get(f"/audit/entries/{index}").text for index in (7, 5)]

    assert 'Charged: <strong class="num">epsilon 0.3</strong>' in pages[0]
    assert "Charged:" not in pages[1]


def test_what_follows_on_another_entry_and_what_caps_a_budget_say_of_which(
    log: LoggedService, auditor: Browser
) -> None:
    assert log.kept_leaves
    page = auditor.get("/audit").text
    rows = {
        found[1]: found[0]
        for found in re.finditer(
            r'<tr><th scope="row"><a href="/audit/entries/(\d+)".*?</tr>', page, re.DOTALL
        )
    }

    assert 'of <a href="/audit/entries/3">entry 3</a>' in rows["4"]
    assert "<td>clinic</td>" in rows["1"]
    assert "of <a" not in rows["3"]


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
        assert f"gateway-audit.pyz check receipt-{index}.tlog-proof --vkey" in page
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


@pytest.mark.parametrize(
    ("level", "drawn"),
    [
        ("pool", ["clinic"]),
        ("project", ["clinic · heart"]),
        ("researcher", ["clinic · heart · ana", "clinic · heart · bob"]),
        ("nothing", ["clinic"]),
    ],
)
def test_spending_is_shown_by_pool_project_or_researcher(
    log: LoggedService, auditor: Browser, level: str, drawn: list[str]
) -> None:
    del log
    page = auditor.get(f"/audit?level={level}").text

    assert re.findall(r"<figcaption><strong>([^<]+)</strong>", page) == drawn
    assert page.count("<title>activate</title>") == len(drawn)


def test_spending_of_one_person_is_shown_for_a_part_of_the_time(
    log: LoggedService, auditor: Browser
) -> None:
    del log
    page = auditor.get("/audit?level=researcher&only=bob").text
    early = auditor.get("/audit?level=pool&since=2026-05-05&until=2026-05-06").text
    nobody = auditor.get("/audit?only=nobody").text

    assert "clinic · heart · ana" not in page
    assert '<th scope="row">clinic · heart · bob</th>' in page
    row = re.search(r'<th scope="row">clinic</th>(.*)</tr>', early)
    assert row is not None
    # charges, before, by the end, cap: the first charge came before, the second after
    assert re.findall(r'num">([^<]*)<', row[1]) == ["0", "0.1", "0.1", "2"]
    assert "<title>activate</title>" not in early
    assert "Nothing was charged to any pool, project or person <code>nobody</code>" in nobody
    assert re.findall("<option>([^<]*)</option>", nobody)[-4:] == ["ana", "bob", "clinic", "heart"]


@pytest.mark.parametrize("level", ["pool", "project"])
@pytest.mark.parametrize("only", ["clinic", "heart", "bob"])
def test_what_somebody_spent_is_shown_of_each_budget_above_theirs(
    log: LoggedService, auditor: Browser, level: str, only: str
) -> None:
    del log
    page = auditor.get(f"/audit?level={level}&only={only}").text
    row = re.search(r'<th scope="row">(clinic[^<]*)</th><td>[^<]*</td><td class="num">(.)<', page)

    assert row is not None
    assert row.groups() == (
        {"pool": "clinic", "project": "clinic · heart"}[level],
        "1" if only == "bob" else "2",
    )


def test_the_budgets_charged_last_are_those_of_the_time_that_is_shown(
    log: LoggedService, auditor: Browser
) -> None:
    for number in range(12):
        charge = make_charge(principal=f"p{number:02}", query_id=f"{number:032x}")
        log.write(reserved(charge, "clinic"), MONDAY + timedelta(days=10))
    page = auditor.get("/audit?level=researcher&until=2026-05-06").text

    assert "<strong>clinic · heart · ana" in page


def test_only_so_many_budgets_are_drawn_those_charged_last(
    log: LoggedService, auditor: Browser
) -> None:
    for number in range(12):
        charge = make_charge(principal=f"p{number:02}", query_id=f"{number:032x}")
        log.write(reserved(charge, "clinic"), MONDAY + timedelta(days=10))
    page = auditor.get("/audit?level=researcher").text

    assert page.count("<figcaption>") == 12
    assert "2 more are not drawn" in page
    assert "<strong>clinic · heart · ana" not in page


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("kind=querry", "has a kind that begins with <code>querry</code>"),
        ("code=SQL-X", "has a code that begins with <code>SQL-X</code>"),
        ("actor=<b>", "names the person <code>&lt;b&gt;</code>"),
        ("project=hart", "names the project <code>hart</code>"),
        ("dataset=x", "names the dataset <code>x</code>"),
    ],
)
def test_what_no_entry_says_is_told_as_that(
    log: LoggedService, auditor: Browser, query: str, told: str
) -> None:
    del log
    page = auditor.get(f"/audit/entries?{query}").text

    assert f"No entry of the log {told}; the field offers what there is." in page


@pytest.mark.parametrize(
    "query", ["kind=query", "code=", "actor=bob", "project=heart", "since=2030-01-01&kind=policy."]
)
def test_what_an_entry_says_is_not_told_as_unknown(
    log: LoggedService, auditor: Browser, query: str
) -> None:
    del log
    page = auditor.get(f"/audit/entries?{query}").text

    assert "No entry of the log" not in page
    assert '<datalist id="of-actor"><option>ana</option><option>bob</option>' in page


@pytest.mark.parametrize("path", ["/audit", "/audit/entries"])
@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-31T25:00", "2026-1-1"])
def test_what_is_no_time_is_refused_with_the_form_of_one(
    log: LoggedService, auditor: Browser, path: str, text: str
) -> None:
    del log
    reply = auditor.get(f"{path}?until={text}&only=bob&actor=eve")

    assert reply.status_code == 400
    assert "What stands under To is no day or time: write a day as 2026-01-31" in reply.text
    assert f'name="until" value="{text}"' in reply.text
    assert ('value="bob"' if path == "/audit" else 'value="eve"') in reply.text
    assert "fits" not in reply.text  # as nothing was looked for


@pytest.mark.parametrize("path", ["/audit", "/audit/entries"])
def test_a_time_that_ends_before_it_begins_is_told(
    log: LoggedService, auditor: Browser, path: str
) -> None:
    del log
    backwards = auditor.get(f"{path}?since=2026-05-05&until=2026-05-04T09:00")
    day = auditor.get(f"{path}?since=2026-05-04T09:00&until=2026-05-04")

    assert backwards.status_code == 400
    assert "What stands under To is before what stands under From" in backwards.text
    assert 'value="2026-05-05"' in backwards.text
    assert day.status_code == 200


def test_entries_are_searched_by_the_minute(log: LoggedService, auditor: Browser) -> None:
    del log
    until = auditor.get("/audit/entries?until=2026-05-04T09:00").text
    since = auditor.get("/audit/entries?since=2026-05-04 09:01&until=2026-05-04").text
    rows = r'<th scope="row"><a href="/audit/entries/(\d+)"'
    numbers = [re.findall(rows, page) for page in (until, since)]

    assert numbers == [["3", "2", "1", "0"], ["4"]]


def test_a_search_is_named_looked_at_again_and_removed(
    log: LoggedService, auditor: Browser
) -> None:
    del log
    auditor.get("/audit/entries?actor=eve&since=2026-05-04")
    kept = auditor.send("/audit/searches", name=" <b>Eve</b> ", actor="eve", since="2026-05-04")
    page = auditor.get("/audit/entries").text
    found = re.search(r'href="(/audit/entries[^"]+)">&lt;b&gt;Eve&lt;/b&gt;</a>', page)
    assert found is not None
    again = auditor.get(found[1].replace("&amp;", "&")).text
    gone = auditor.send("/audit/searches/removal", name="<b>Eve</b>")

    assert (kept.status_code, gone.status_code) == (303, 303)
    assert kept.location == "/audit/entries?actor=eve&since=2026-05-04#kept"
    assert 'value="eve"' in again
    assert "<b>Eve" not in page
    assert "Eve" not in auditor.get("/audit/entries").text


def test_a_search_is_its_owners_alone(app: Flask, log: LoggedService, auditor: Browser) -> None:
    auditor.get("/audit")
    auditor.send("/audit/searches", name="mine", kind="query")
    other = Browser(app.test_client(), log).sign_in("vito", AccountRole.AUDITOR)
    seen = other.get("/audit/entries").text
    other.send("/audit/searches/removal", name="mine")

    assert ">mine</a>" not in seen
    assert ">mine</a>" in auditor.get("/audit/entries").text


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"name": "x" * 61}, {"name": "a\nb"}, {"name": "x", "kind": "k" * 201}],
)
def test_a_search_that_cannot_be_kept_is_refused(
    log: LoggedService, auditor: Browser, fields: dict[str, Any]
) -> None:
    auditor.get("/audit")
    recorded = len(log.recorded)

    assert auditor.send("/audit/searches", **fields).status_code == 400
    assert len(log.recorded) == recorded
