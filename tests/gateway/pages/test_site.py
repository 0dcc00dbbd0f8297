"""What holds for all pages: doors, roles, headers; and the pages that anybody may read."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from gateway.app import SECURITY_HEADERS, create_app
from gateway.errors import ChargedError, KeptCharge, OperatorError
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from gateway.pages import DemoAccount
from gateway.pages.site import HOMES
from gateway.routes.doors import ENTRANCES, Door
from policies.errors import InternalError
from policies.releases import Releases
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import QUERY_ID, SIGNER
from tests.gateway.pages.signed_in import Browser

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = ("/", "/register")
OF_RESEARCHERS = ("/projects", "/projects/heart", f"/projects/heart/answers/{QUERY_ID}")
OF_AUDITORS = ("/audit", "/audit/entries")
PEOPLE = tuple(
    DemoAccount(role=role, user=f"demo|{role.value}", does=f"Act as {role.value}.", key="gw_key")
    for role in AccountRole
)


def pages_of(app: Flask) -> dict[str, str]:
    """Return address by endpoint of all that is no interface."""
    return {
        rule.endpoint: rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(("/v1/", "/livez", "/readyz", "/auth/"))
    }


def test_every_page_has_a_line_in_the_table_of_doors(service: FakeService) -> None:
    pages = pages_of(create_app(service, demo=PEOPLE))

    assert len(pages) >= 16
    assert set(pages) <= set(ENTRANCES)
    assert {name for name in pages if ENTRANCES[name].door is Door.KEY} == set()
    assert {name for name in pages if ENTRANCES[name].door is Door.OPEN} == {
        "assets.asset",
        "demo.choose",
        "public.register",
        "public.start",
    }


def test_every_page_is_described(service: FakeService) -> None:
    text = (ROOT / "docs" / "pages.md").read_text("utf-8")
    pages = pages_of(create_app(service, demo=PEOPLE))

    for address in pages.values():
        told = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)
        assert f"`{told}`" in text, told


@pytest.mark.parametrize("path", PUBLIC)
def test_the_public_pages_are_open(nobody: Browser, path: str) -> None:
    assert nobody.get(path).status_code == 200


@pytest.mark.parametrize("path", PUBLIC)
def test_whoever_is_signed_in_sees_that_on_public_pages_too(
    ana: Browser, nobody: Browser, path: str
) -> None:
    looking = {"Accept": "text/html"}
    own, others = (one.http.get(path, headers=looking).text for one in (ana, nobody))

    assert "Sign out" in own
    assert "/auth/signin" not in own
    assert '<a href="/projects">Projects</a>' in own
    assert "Sign out" not in others


@pytest.mark.parametrize("path", [*OF_RESEARCHERS, *OF_AUDITORS, "/home"])
def test_whoever_is_not_signed_in_is_led_to_the_door(nobody: Browser, path: str) -> None:
    reply = nobody.get(path)

    assert reply.status_code == 303
    assert reply.location == f"/auth/signin?next={path}"


@pytest.mark.parametrize("path", OF_RESEARCHERS)
def test_a_key_in_a_header_opens_no_page(nobody: Browser, service: FakeService, path: str) -> None:
    from tests.gateway.conftest import FAR_DAY  # noqa: PLC0415  one test's

    key = service.accounts.create("ana", expires=FAR_DAY)
    reply = nobody.http.get(path, headers={"Authorization": f"Bearer {key.text}"})

    assert reply.status_code == 303


@pytest.mark.parametrize("role", list(AccountRole))
def test_roles_are_kept_apart(app: Flask, service: FakeService, role: AccountRole) -> None:
    person = Browser(app.test_client(), service).sign_in("ana", role)
    open_to = {
        AccountRole.RESEARCHER: OF_RESEARCHERS,
        AccountRole.AUDITOR: OF_AUDITORS,
    }.get(role, ())

    for path in (*OF_RESEARCHERS, *OF_AUDITORS):
        reply = person.get(path)
        if path in open_to:
            assert reply.status_code == 200, path
        else:
            assert reply.status_code == 403, path
            assert "AUTH-ROLE" in reply.text
    assert person.get("/home").location == HOMES[role][1]


@pytest.mark.parametrize("path", [*PUBLIC, "/projects/heart", "/projects/nothing", "/auth/signin"])
def test_every_page_says_what_it_may_load(ana: Browser, path: str) -> None:
    reply, again = ana.get(path), ana.get(path)
    policy = reply.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["Referrer-Policy"] == "same-origin"
    assert reply.headers["Cache-Control"] == "no-store"
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Cross-Origin-Opener-Policy"):
        assert reply.headers[name] == SECURITY_HEADERS[name]
    if path.startswith("/auth/"):
        return
    assert "script-src 'self'" in policy
    nonces = [
        re.findall(r"'nonce-([^']{20,})'", one.headers["Content-Security-Policy"])
        for one in (reply, again)
    ]
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize("path", [*PUBLIC, "/projects", "/projects/heart", "/projects/nothing"])
def test_no_page_has_scripts_or_styles_in_it(ana: Browser, path: str) -> None:
    page = ana.get(path).text

    for script in re.findall(r"<script[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", page)
    assert all(
        address.startswith(("/", "#")) for address in re.findall(r'(?:src|href)="([^"]+)"', page)
    )


def test_a_page_that_fails_shows_an_incident_and_nothing_else(
    ana: Browser, service: FakeService
) -> None:
    service.fails_with = InternalError("abc123")
    reply = ana.send("/projects/heart/answers", sql="SELECT 1")

    assert reply.status_code == 500
    assert "abc123" in reply.text
    assert "Traceback" not in reply.text


def test_a_form_of_an_ended_session_is_shown_back_with_the_way_to_sign_in(
    ana: Browser, service: FakeService
) -> None:
    service.time += timedelta(days=30)
    reply = ana.send("/projects/heart/answers", sql="SELECT '</code><b>1'")
    part = ana.send("/projects/heart/quote", script=True, sql="SELECT 1").text

    assert reply.status_code == 401
    assert "<h1>Your session has ended</h1>" in reply.text
    assert 'href="/auth/signin?next=/projects/heart"' in reply.text
    assert "<code>SELECT &#39;&lt;/code&gt;&lt;b&gt;1&#39;</code>" in reply.text
    assert "Authorization" not in reply.text + part
    assert 'href="/auth/signin?next=/projects/heart"' in part
    assert 'hx-swap-oob="innerHTML:#said">Your session has ended' in part
    assert service.asked == []


def test_a_declaration_of_an_ended_session_is_shown_back(
    steward: Browser, service: FakeService
) -> None:
    steward.get("/studio")
    service.time += timedelta(days=30)
    reply = steward.send("/studio/trial", name="gateway.yaml", text="kind: Gateway")

    assert reply.status_code == 401
    assert "<code>kind: Gateway</code>" in reply.text
    assert 'href="/auth/signin?next=/studio"' in reply.text


def test_what_another_site_sends_is_not_shown_back(nobody: Browser) -> None:
    headers = {"Origin": "https://evil.example"}
    reply = nobody.http.post("/projects/heart/answers", data={"sql": "Call 555"}, headers=headers)

    assert reply.status_code == 403
    assert "555" not in reply.text


def test_a_failure_leads_to_the_readers_own_part_and_says_its_title_once(
    ana: Browser, steward: Browser
) -> None:
    asking, declaring = ana.get("/projects/nothing").text, steward.get("/studio/datasets/none").text

    assert '<a href="/projects">Back to Projects</a>' in asking
    assert '<a href="/studio">Back to Studio</a>' in declaring
    assert "nothing was charged" in asking
    assert "nothing was charged" not in declaring
    for page in (asking, declaring):
        assert page.count(re.findall("<h1>(.*?)</h1>", page)[0]) == 2  # in <title>, too


def test_the_incident_that_a_page_shows_is_in_the_operators_log(service: FakeService) -> None:
    written = io.StringIO()
    app = create_app(service, log=operations_log(written))
    ana = Browser(app.test_client(), service).sign_in("ana")
    ana.get("/projects/heart")
    service.fails_with = InternalError("abc123")
    ana.send("/projects/heart/answers", sql="SELECT 1")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]

    assert [one["incident"] for one in lines if one["event"] == "incident"] == ["abc123"]


def test_the_register_lists_projects_in_force_and_how_to_check(
    nobody: Browser, service: FakeService
) -> None:
    page = nobody.get("/register").text

    assert "About heart" in page
    assert "heart research" in page
    assert "31 December 2026" in page
    assert SIGNER.verifier.text() in page
    expired = replace(service.policies, projects={})
    service.policies = expired
    assert "No project is in force." in nobody.get("/register").text


def test_a_suspended_project_is_marked(nobody: Browser, service: FakeService) -> None:
    service.policies = replace(service.policies, suspended=frozenset({"project/heart"}))

    assert nobody.get("/register").text.count(">suspended<") == 1


def test_the_register_says_who_may_be_given_records_and_what_does_not_hold_of_them(
    nobody: Browser, service: FakeService
) -> None:
    kept = service.policies
    project, dataset = kept.projects["heart"], kept.datasets["hospital"]
    grant = replace(project.spec.datasets[0], releases="allowed")
    asking = replace(project, spec=replace(project.spec, datasets=(grant,)))
    giving = replace(dataset, spec=replace(dataset.spec, releases=Releases(allowed="allowed")))
    pages = []
    for one, of in ((project, giving), (asking, dataset), (asking, giving)):
        service.policies = replace(kept, projects={"heart": one}, datasets={"hospital": of})
        pages.append(nobody.get("/register").text)

    assert [page.count(">records, too<") for page in pages] == [0, 0, 1]
    assert "differential privacy does not hold of it" in pages[0]
    assert "misses some names" in pages[0]
    assert "Names stay outside" not in pages[0]
    assert "gateway audit verifier --out" in pages[0]


def test_nobody_named_in_the_register_is_a_member(nobody: Browser) -> None:
    page = nobody.get("/register").text

    assert not re.search(r"\bana\b", page)
    assert not re.search(r"\bold\b", page)


def test_the_demos_people_are_there_in_a_demo_only(nobody: Browser, service: FakeService) -> None:
    demo = Browser(create_app(service, demo=PEOPLE).test_client(), service)

    assert nobody.get("/demo").status_code in {401, 404}
    assert "/demo" not in nobody.get("/").text
    assert demo.get("/demo").text.count('value="gw_key"') == len(PEOPLE)
    assert "every patient here is made up" in demo.get("/").text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "gateway.example"])  # noqa: S104  refused
def test_the_demos_people_stay_on_this_machine(service: FakeService, host: str) -> None:
    settings = service.settings
    service.settings = replace(settings, service=replace(settings.service, host=host))

    with pytest.raises(OperatorError) as caught:
        create_app(service, demo=PEOPLE)
    assert caught.value.code == "CFG-DEMO-HOST"
    assert create_app(service)


def test_a_proxy_before_the_demo_is_refused_too(service: FakeService) -> None:
    settings = service.settings
    identity = replace(settings.identity, public_url="https://gateway.example")
    service.settings = replace(settings, identity=identity)

    with pytest.raises(OperatorError):
        create_app(service, demo=PEOPLE)


def test_a_question_that_fails_after_its_charge_shows_what_stays_charged_and_where(
    ana: Browser, service: FakeService
) -> None:
    charge = KeptCharge(query_id="a" * 32, charged=Decimal("0.2"), entry=7)
    service.fails_with = ChargedError(charge)
    reply = ana.send("/projects/heart/answers", sql="SELECT 1")

    assert reply.status_code == 500
    assert "0.2 stays charged" in reply.text
    assert "entry 7 of the audit log" in reply.text
    assert "nothing was charged" not in reply.text
