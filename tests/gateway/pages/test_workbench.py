"""The workbench as a browser without scripts sees it."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from dataclasses import replace
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.audit.events import QueryReleased
from gateway.jobs.watch import Watch
from gateway.ledger.facts import reserved
from policies.errors import BudgetExceededError, PolicyDeniedError, Position, UnsupportedQueryError
from query.answers import Answer, Estimate, Request
from tests.gateway.fake_service import FakeService
from tests.gateway.ledger.worlds import make_charge
from tests.gateway.made_up import NOW, QUERY_ID, make_answer, make_loss, make_past, make_quote
from tests.gateway.pages.signed_in import Browser, LoggedService

DESK = "/projects/heart"
SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"
ANSWER = f"{DESK}/answers/{QUERY_ID}"


@pytest.fixture
def remembered(service: FakeService) -> FakeService:
    service.kept = (make_past(),)
    return service


def test_whoever_has_one_project_is_led_to_its_desk(
    app: Flask, service: FakeService, ana: Browser
) -> None:
    both = ana.get("/projects")
    service.policies = replace(
        service.policies, projects={"heart": service.policies.projects["heart"]}
    )
    one = ana.get("/projects")
    outsider = Browser(app.test_client(), service).sign_in("eve").get("/projects")

    assert both.status_code == 200
    assert "About heart" in both.text
    assert "About lungs" in both.text
    assert (one.status_code, one.location) == (303, DESK)
    assert "member of no project" in outsider.text


def test_the_desk_shows_catalog_budget_and_what_was_asked(
    ana: Browser, remembered: FakeService
) -> None:
    page = ana.get(DESK).text

    assert "<code>SEX</code>" in page
    assert "SSN" not in page
    assert "0.8 left of 1" in page
    assert ANSWER in page
    assert SQL.replace("'", "&#39;") in page
    assert remembered.asked == []


def test_a_form_without_a_script_is_priced_and_comes_back_filled_in(
    ana: Browser, service: FakeService
) -> None:
    page = ana.send(f"{DESK}/quote", sql=SQL, step="3", pay="price", max_groups="2")

    assert page.status_code == 200
    assert "<!doctype html>" in page.text
    assert "Price: <span" in page.text
    assert "epsilon 0.2" in page.text
    assert "± 15" in page.text
    assert f">{SQL}</textarea>" in page.text
    assert 'value="3"' in page.text
    assert "os.environ" in page.text
    assert service.asked[0].max_groups == 2


def test_a_script_gets_the_part_that_changes(ana: Browser) -> None:
    part = ana.send(f"{DESK}/quote", script=True, sql=SQL)

    assert part.status_code == 200
    assert "Price: <span" in part.text
    assert "<html" not in part.text
    assert "<form" not in part.text


def test_a_price_of_nothing_is_said_so(ana: Browser, service: FakeService) -> None:
    free = replace(make_quote(), loss=replace(make_loss(), amount=0), spent=make_loss("0.5"))
    service.given = make_answer(quote=free)

    assert "charges nothing" in ana.send(f"{DESK}/quote", script=True, sql=SQL).text


def test_a_quote_of_private_keys_names_their_threshold(ana: Browser, service: FakeService) -> None:
    aggregate = replace(make_quote().aggregates[0], expected_error=None)
    keyed = replace(make_quote(), cells=0, threshold=30, aggregates=(aggregate,))
    service.given = make_answer(quote=keyed)
    part = ana.send(f"{DESK}/quote", script=True, sql=SQL).text

    assert "fewer than about 30 patients" in part
    assert "depends on the data" in part


@pytest.mark.parametrize("sql", ["", "   ", "\n"])
def test_an_empty_question_is_not_priced(ana: Browser, service: FakeService, sql: str) -> None:
    part = ana.send(f"{DESK}/quote", script=True, sql=sql)

    assert part.status_code == 200
    assert "What it would cost" in part.text
    assert service.asked == []


def test_a_question_that_is_sent_twice_at_once_is_answered_one_after_the_other(
    app: Flask, service: FakeService, ana: Browser
) -> None:
    inside: list[Request] = []
    others: list[int] = []
    answer = service.answer

    def slow(request: Request, watch: Watch | None = None) -> Answer:
        others.append(len(inside))
        inside.append(request)
        time.sleep(0.2)  # long enough for the other to come in, were it let
        inside.remove(request)
        return answer(request, watch)

    service.answer = slow  # type: ignore[method-assign]  # for this object only
    second = Browser(app.test_client(), service).sign_in("ana")
    second.get(DESK)
    replies: list[TestResponse] = []
    threads = [
        Thread(target=lambda one=one: replies.append(one.send(f"{DESK}/answers", sql=SQL)))
        for one in (ana, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [reply.location for reply in replies] == [f"{ANSWER}#answer"] * 2
    assert others == [0, 0]


def test_asking_leads_to_an_address_that_charges_nothing(
    ana: Browser, service: FakeService
) -> None:
    asked = ana.send(f"{DESK}/answers", sql=SQL)
    pages = [ana.get(asked.location) for _ in range(3)]

    assert (asked.status_code, asked.location) == (303, f"{ANSWER}#answer")
    assert len(service.asked) == 1
    assert all(page.status_code == 200 for page in pages)
    assert "26 to 56" in pages[0].text
    assert "1 row is left out: its noisy count is too small" in pages[0].text
    assert '<td class="withheld" colspan="2">withheld</td>' in pages[0].text
    assert '<svg class="bar"' in pages[0].text


def test_numbers_below_bars_stand_under_their_lines(ana: Browser, service: FakeService) -> None:
    wide = Estimate(value=1600.0, standard_error=600.0, lower=-1300.0, upper=2800.0)
    service.given = make_answer(rows=(("F", wide), ("M", wide)))
    page = ana.get(ANSWER).text
    below = re.findall(r'<text x="([\d.]+)%" y="13" class="(\w+)">', page)

    assert len(below) >= 4
    assert {kind for _, kind in below} == {"mid"}


def test_an_answer_says_what_was_asked_and_paid(ana: Browser, remembered: FakeService) -> None:
    page = ana.get(ANSWER).text

    assert "COUNT(*) AS n" in page
    assert "2026-06-01 12:00 UTC" in page
    assert f"{DESK}/receipts/7" in page
    assert remembered.given.policy_digest in page
    assert remembered.asked == []


def test_a_question_is_changed_with_its_dataset_purpose_and_price(
    ana: Browser, remembered: FakeService
) -> None:
    page = ana.get(ANSWER).text
    desk = ana.get(
        f"/projects/lungs?{urlencode({'sql': SQL, 'dataset': 'clinic', 'amount': '0.2'})}"
    ).text

    for name, said in (("dataset", "hospital"), ("purpose", "heart research"), ("amount", "0.2")):
        assert f'<input type="hidden" name="{name}" value="{said}">' in page
    assert "<option selected>clinic</option>" in desk
    assert 'name="amount" inputmode="decimal" size="8" value="0.2"' in desk
    assert remembered.asked == []


def test_a_column_that_no_aggregate_names_is_shown_with_its_interval(
    ana: Browser, service: FakeService
) -> None:
    ratio = Estimate(value=0.25, standard_error=0.1, lower=0.1, upper=0.4)
    rows = (("F", ratio, ratio), ("M", None, ratio))
    service.given = make_answer(columns=("SEX", "n", "share"), rows=rows)
    page = ana.get(ANSWER)

    assert page.status_code == 200
    assert page.text.count("0.1 to 0.4") >= 3
    assert "withheld" in page.text


def test_an_answer_that_no_chart_shows_says_so(ana: Browser, service: FakeService) -> None:
    row = service.given.rows[0]
    many = tuple((f"code {n}", *row[1:]) for n in range(61))
    ana.send(f"{DESK}/answers", sql=SQL)
    pages = []
    for rows in (many[:60], many, many[:1]):
        service.told = {place: replace(service.given, rows=rows) for place in service.told}
        pages.append(ana.get(ANSWER).text)

    assert ["No chart: " in page for page in pages] == [False, True, False]


def test_an_answer_without_rows_has_a_page(ana: Browser, service: FakeService) -> None:
    service.given = make_answer(rows=(), suppressed=0)

    assert ana.get(ANSWER).status_code == 200


def test_a_refusal_of_sql_is_shown_where_it_is(ana: Browser, service: FakeService) -> None:
    service.fails_with = UnsupportedQueryError(
        "MEDIAN of <b>text</b> is not supported",
        code="SQL-FUNCTION",
        remedy="use AVG",
        position=Position(2, 8),
    )
    page = ana.send(f"{DESK}/answers", sql=SQL)
    part = ana.send(f"{DESK}/quote", script=True, sql=SQL)

    assert page.status_code == 422
    assert part.status_code == 200  # so that the browser's console has no errors while one types
    for reply in (page, part):
        assert 'data-problem-line="2" data-problem-column="8"' in reply.text
        assert "Line 2, column 8" in reply.text
        assert "<code>SQL-FUNCTION</code>" in reply.text
        assert "use AVG." in reply.text
        assert "nothing was charged" in reply.text
        assert "<b>" not in reply.text
    assert f">{SQL}</textarea>" in page.text
    # A page is shouted as it comes; what follows the typing is said politely, in one line.
    assert 'role="alert"' in page.text
    assert 'role="alert"' not in part.text
    assert "is not supported" in part.text.partition('hx-swap-oob="innerHTML:#said">')[2][:200]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PolicyDeniedError("not allowed", rule="column_role", code="POL-COLUMN-ROLE"), 403),
        (BudgetExceededError("too little is left"), 403),
    ],
)
def test_a_refusal_has_the_status_of_the_interface(
    ana: Browser, service: FakeService, error: Exception, status: int
) -> None:
    service.fails_with = error
    page = ana.send(f"{DESK}/answers", sql=SQL)

    assert page.status_code == status
    assert 'role="alert"' in page.text


def test_a_wrong_field_is_told_and_nothing_asked(ana: Browser, service: FakeService) -> None:
    page = ana.send(f"{DESK}/answers", sql=SQL, max_groups="many")

    assert page.status_code == 422
    assert "<strong>Groups a patient adds to</strong>: write a whole number" in page.text
    assert "body" not in page.text.partition('role="alert"')[2].partition("</section>")[0]
    assert "docs/api.md" not in page.text
    assert 'value="many"' in page.text
    assert "<details open>" in page.text
    assert service.asked == []


def test_a_form_of_another_site_asks_nothing(ana: Browser, service: FakeService) -> None:
    headers = {"Origin": "https://evil.example"}
    foreign = ana.http.post(f"{DESK}/answers", data={"sql": SQL}, headers=headers)
    without = ana.http.post(
        f"{DESK}/answers", data={"sql": SQL}, headers={"Origin": "http://localhost"}
    )

    assert foreign.status_code == without.status_code == 403
    assert service.asked == []


@pytest.mark.parametrize("form", ["csv", "json", "arrow", "parquet"])
def test_an_answer_is_downloaded_in_every_form(
    ana: Browser, service: FakeService, form: str
) -> None:
    reply = ana.get(f"{ANSWER}.{form}")

    assert reply.status_code == 200
    assert reply.headers["Content-Disposition"] == f'attachment; filename="answer-01234567.{form}"'
    assert reply.headers["Cache-Control"] == "no-store"
    match form:
        case "csv":
            assert reply.text.splitlines()[1] == "F,41.0,7.0,26.0,56.0"
        case "json":
            assert json.loads(reply.data)["query_id"] == QUERY_ID
        case "arrow":
            table = pa.ipc.open_stream(io.BytesIO(reply.data)).read_all()
            assert table.column("n").to_pylist() == [41.0, None]
        case _:
            assert pq.read_table(pa.BufferReader(reply.data)).num_rows == 2
    assert service.asked == []


def test_there_is_no_other_form(ana: Browser) -> None:
    reply = ana.get(f"{ANSWER}.xlsx")

    assert reply.status_code == 404
    assert "csv, json, arrow, parquet" in reply.text


@pytest.mark.parametrize("path", ["f" * 32, "nonsense", f"{QUERY_ID}0", f"{QUERY_ID.upper()}x"])
def test_an_unknown_answer_is_not_found(ana: Browser, path: str) -> None:
    assert ana.get(f"{DESK}/answers/{path}").status_code == 404
    assert ana.get(f"{DESK}/answers/{path}.csv").status_code == 404


def test_an_answer_of_another_project_is_not_found(ana: Browser) -> None:
    assert ana.get(ANSWER).status_code == 200
    assert ana.get(f"/projects/lungs/answers/{QUERY_ID}").status_code == 404
    assert ana.get(f"/projects/lungs/answers/{QUERY_ID}.csv").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        DESK,
        ANSWER,
        f"{ANSWER}.csv",
        f"{DESK}/datasets/hospital/practice.zip",
        "/projects/no-such-project",
    ],
)
def test_somebody_outside_of_the_project_sees_nothing_of_it(
    app: Flask, service: FakeService, path: str
) -> None:
    eve = Browser(app.test_client(), service).sign_in("eve")
    reply = eve.get(path)

    assert reply.status_code == 403
    assert "PRJ-NOT-MEMBER" in reply.text
    assert "26 to 56" not in reply.text
    assert "attachment" not in str(reply.headers)


def test_a_member_whose_time_is_over_is_outside(app: Flask, service: FakeService) -> None:
    old = Browser(app.test_client(), service).sign_in("old")

    assert old.get(DESK).status_code == 403


def test_practice_data_come_as_a_file(ana: Browser) -> None:
    reply = ana.get(f"{DESK}/datasets/hospital/practice.zip")
    unknown = ana.get(f"{DESK}/datasets/clinic/practice.zip")

    assert reply.mimetype == "application/zip"
    assert "patients.csv" in zipfile.ZipFile(io.BytesIO(reply.data)).namelist()
    assert unknown.status_code in {403, 404}


def test_a_receipt_is_for_whoever_asked(app: Flask, logged: LoggedService, ana: Browser) -> None:
    charge = reserved(make_charge(principal="ana", query_id="1" * 32), "hospital")
    logged.write(charge)
    answered = QueryReleased(query_id="1" * 32, ref=0, answer="sha256:" + "0" * 64)
    logged.log[logged.write(answered)] += logged.log[0]
    mine = ana.get(f"{DESK}/receipts/1")
    bob = Browser(app.test_client(), logged).sign_in("bob")

    assert mine.mimetype == "text/plain"
    assert mine.text == logged.proof(1)
    assert "receipt-1.tlog-proof" in mine.headers["Content-Disposition"]
    assert bob.get(f"{DESK}/receipts/1").status_code in {403, 404}
    assert ana.get(f"{DESK}/receipts/{10**30}").status_code == 404


def test_the_prices_are_those_of_the_dataset_that_is_chosen(
    ana: Browser, service: FakeService
) -> None:
    pure = ana.get("/projects/lungs?dataset=hospital").text
    zcdp = ana.get("/projects/lungs?dataset=clinic").text
    ana.send("/projects/lungs/quote", script=True, sql=SQL, dataset="clinic", step="0")

    assert 'data-symbol="epsilon"' in pure
    assert 'data-symbol="rho"' in zcdp
    assert service.asked[-1].measure is not None
    assert service.asked[-1].measure.symbol == "rho"


def test_an_accuracy_beside_a_chosen_price_asks_nothing_and_is_kept(
    ana: Browser, service: FakeService
) -> None:
    page = ana.send(f"{DESK}/answers", sql=SQL, pay="price", step="3", within="30")

    assert page.status_code == 422
    assert "choose the accuracy, or empty its field" in page.text
    assert 'name="within" inputmode="decimal" size="8" value="30"' in page.text
    assert f">{SQL}</textarea>" in page.text
    assert service.asked == []


def test_a_price_of_another_datasets_slider_asks_nothing_and_is_shown_anew(
    ana: Browser, service: FakeService
) -> None:
    desk = ana.get("/projects/lungs?dataset=hospital").text
    fields: dict[str, Any] = {"sql": SQL, "dataset": "clinic", "priced": "hospital", "step": "0"}
    refused = ana.send("/projects/lungs/answers", **fields)
    asked = list(service.asked)
    part = ana.send("/projects/lungs/quote", script=True, **fields).text
    fields["priced"] = "clinic"
    again = ana.send("/projects/lungs/quote", script=True, **fields).text

    assert 'name="priced" value="hospital"' in desk
    assert (refused.status_code, asked) == (422, [])
    assert "look at this one&#39;s, in rho" in refused.text
    assert 'name="priced" value="clinic"' in refused.text
    slider = part.partition('hx-swap-oob="innerHTML:#slider"')[2]
    assert 'data-symbol="rho"' in slider
    assert 'name="priced" value="clinic"' in slider
    assert "#slider" not in again  # whoever moves it goes on moving it
    assert service.asked[0].loss != service.asked[1].loss


def test_a_project_without_a_dataset_in_force_says_so(ana: Browser, service: FakeService) -> None:
    service.policies = replace(service.policies, datasets={})
    reply = ana.get(DESK)

    assert reply.status_code == 404
    assert "no dataset in force" in reply.text


def test_no_page_of_a_session_is_kept_by_browsers(ana: Browser) -> None:
    for path in ("/projects", DESK, ANSWER):
        assert ana.get(path).headers["Cache-Control"] == "no-store"
    assert NOW
