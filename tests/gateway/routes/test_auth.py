from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.audit.identity_events import AuthenticationFailed, SessionEnded, SignedIn
from gateway.identity.attempts import local_path
from gateway.identity.principals import AccountRole
from gateway.identity.secrets import ApiKey
from gateway.identity.settings import IdentitySettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService

HERE = {"Origin": "http://localhost"}
RESEARCHER = re.compile(r"<td>researcher</td>.*?/auth/sessions/([0-9a-f]{16})/end", re.DOTALL)
Entered = Callable[..., tuple[FlaskClient, ApiKey]]


@pytest.fixture
def entered(http: FlaskClient, service: FakeService) -> Entered:
    """A browser that has signed in with a fresh key."""

    def enter(role: AccountRole = AccountRole.RESEARCHER) -> tuple[FlaskClient, ApiKey]:
        key = service.accounts.create(role.value, expires=FAR_DAY, role=role)
        browser = http.application.test_client()
        reply = browser.post("/auth/signin", data={"key": key.text}, headers=HERE)
        assert reply.status_code == 303, reply.text
        return browser, key

    return enter


def form_of(browser: FlaskClient, page: str = "/auth/session") -> dict[str, str]:
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', browser.get(page).text)
    assert found is not None
    return {"form_token": found[1]}


def cookies(reply: TestResponse) -> list[str]:
    return reply.headers.getlist("Set-Cookie")


def test_the_sign_in_page_needs_no_script_and_no_provider(http: FlaskClient) -> None:
    page = http.get("/auth/signin?next=/auth/session")

    assert page.status_code == 200
    assert "<script" not in page.text
    assert 'name="next" value="/auth/session"' in page.text
    assert "institution" not in page.text
    assert http.get("/auth/oidc/start").status_code == 404


def test_a_key_opens_a_session_and_is_not_in_any_page(
    entered: Entered, service: FakeService
) -> None:
    browser, key = entered()
    page = browser.get("/auth/session")

    assert page.status_code == 200
    assert key.secret not in page.text
    (event,) = service.recorded
    assert isinstance(event, SignedIn)
    assert (event.actor, event.role, event.method) == ("researcher", "researcher", "key")


def test_a_wrong_key_is_told_on_the_form_and_counted(
    http: FlaskClient, service: FakeService
) -> None:
    for _ in range(3):
        reply = http.post("/auth/signin", data={"key": "gw_x"}, headers=HERE)

        assert reply.status_code == 401
        assert "not a key" in reply.text
        assert not cookies(reply)
    service.time += timedelta(minutes=1)
    http.get("/v1/me")

    assert service.recorded == [AuthenticationFailed(attempts=1), AuthenticationFailed(attempts=3)]


def test_a_flood_of_wrong_keys_makes_one_entry_a_minute(
    http: FlaskClient, service: FakeService
) -> None:
    for _ in range(120):
        service.time += timedelta(seconds=1)
        http.get("/v1/me")

    assert len(service.recorded) == 2
    assert sum(getattr(event, "attempts", 0) for event in service.recorded) == 61


def test_a_page_without_a_session_leads_to_the_sign_in_page_and_back(http: FlaskClient) -> None:
    reply = http.get("/auth/session")

    assert (reply.status_code, reply.location) == (303, "/auth/signin?next=/auth/session")


def test_what_was_looked_for_is_found_again_after_signing_in(
    http: FlaskClient, service: FakeService
) -> None:
    place = "/audit/entries?kind=query&who=ana+b%26c&next=//evil.example"
    asked = http.get(place)
    form = re.search(r'name="next" value="([^"]*)"', http.get(asked.location).text)
    assert form is not None
    key = service.accounts.create("vera", expires=FAR_DAY, role=AccountRole.AUDITOR)
    fields = {"key": key.text, "next": html.unescape(form[1])}
    reply = http.post("/auth/signin", data=fields, headers=HERE)

    assert reply.location == place


@pytest.mark.parametrize("query", [
    "to=" + "x" * 500, "\\evil.example", "a=<script>", "a=é", "a=%0d%0ab", "@evil.example",
])  # fmt: skip
def test_no_query_leads_to_another_place(http: FlaskClient, query: str) -> None:
    reply = http.get("/auth/session", environ_overrides={"QUERY_STRING": query})
    asked = urlsplit(reply.location)

    assert (reply.status_code, asked.netloc, asked.path) == (303, "", "/auth/signin")
    (target,) = parse_qs(asked.query)["next"]
    assert target.partition("?")[0] == "/auth/session"
    assert local_path(target) == target


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {**HERE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:81"},
        {"Referer": "http://localhost/auth/signin"},
    ],
)
def test_another_site_cannot_sign_anybody_in_or_out(
    entered: Entered, service: FakeService, headers: dict[str, str]
) -> None:
    browser, key = entered()
    form = form_of(browser)
    signed_in = browser.application.test_client().post(
        "/auth/signin", data={"key": key.text}, headers=headers
    )
    signed_out = browser.post("/auth/signout", data=form, headers=headers)

    assert signed_in.status_code == signed_out.status_code == 403
    assert not cookies(signed_in)
    assert "AUTH-FORM" in signed_out.text
    assert browser.get("/auth/session").status_code == 200
    assert len(service.recorded) == 1


def test_a_form_carries_the_sessions_own_token(entered: Entered) -> None:
    (browser, _), (other, _) = entered(), entered(AccountRole.AUDITOR)
    for form in ({}, {"form_token": ""}, form_of(other)):
        assert browser.post("/auth/signout", data=form, headers=HERE).status_code == 403

    assert browser.post("/auth/signout", data=form_of(browser), headers=HERE).status_code == 303
    assert browser.get("/auth/session").status_code == 303


def test_signing_out_ends_the_session_and_not_just_the_cookie(entered: Entered) -> None:
    browser, _ = entered()
    cookie = browser.get_cookie("gateway-session")
    assert cookie is not None
    browser.post("/auth/signout", data=form_of(browser), headers=HERE)
    browser.set_cookie("gateway-session", cookie.value)

    assert browser.get("/auth/session").status_code == 303


def test_signing_in_never_keeps_a_name_that_the_browser_brought(
    http: FlaskClient, service: FakeService
) -> None:
    http.set_cookie("gateway-session", "a" * 64)
    key = service.accounts.create("ana", expires=FAR_DAY)
    http.post("/auth/signin", data={"key": key.text}, headers=HERE)
    cookie = http.get_cookie("gateway-session")

    assert cookie is not None
    assert cookie.value != "a" * 64


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(
    http: FlaskClient, service: FakeService, target: str
) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY)
    reply = http.post("/auth/signin", data={"key": key.text, "next": target}, headers=HERE)

    assert reply.location == "/auth/session"


def test_an_administrator_lists_and_ends_sessions(entered: Entered, service: FakeService) -> None:
    (admin, _), (browser, key) = entered(AccountRole.ADMINISTRATOR), entered()
    page = admin.get("/auth/sessions").text
    (end,) = RESEARCHER.findall(page)
    form = form_of(admin, "/auth/sessions")
    reply = admin.post(f"/auth/sessions/{end}/end", data=form, headers=HERE)

    assert key.id not in page
    assert reply.status_code == 303
    assert browser.get("/auth/session").status_code == 303
    assert service.recorded[-1] == SessionEnded(actor="administrator", session=end)


def test_ending_sessions_needs_a_new_proof_after_five_minutes(
    entered: Entered, service: FakeService
) -> None:
    (admin, key), (browser, other) = entered(AccountRole.ADMINISTRATOR), entered()
    (end,) = RESEARCHER.findall(admin.get("/auth/sessions").text)
    service.time += timedelta(minutes=6)
    place = f"/auth/sessions/{end}/end"
    form = {**form_of(admin, "/auth/sessions"), "next": "/auth/sessions"}
    sent_on = admin.post(place, data=form, headers=HERE)
    wrong = admin.post("/auth/stepup", data={**form, "key": other.text}, headers=HERE)
    before = admin.get_cookie("gateway-session")
    proved = admin.post("/auth/stepup", data={**form, "key": key.text}, headers=HERE)
    after = admin.get_cookie("gateway-session")

    assert sent_on.location == "/auth/stepup?next=/auth/sessions"
    told = admin.get(sent_on.location).text
    assert "Nothing of what you just sent was done" in told
    assert wrong.status_code == 403
    assert "This is not the key that this session was opened with." in wrong.text
    assert "AUTH-STEP-UP" in wrong.text
    assert 'name="next" value="/auth/sessions"' in wrong.text
    assert AuthenticationFailed(attempts=1) in service.recorded
    assert (proved.status_code, proved.location) == (303, "/auth/sessions")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert admin.post(place, data=form, headers=HERE).status_code == 403  # the old token
    form = form_of(admin, "/auth/sessions")
    assert admin.post(place, data=form, headers=HERE).location == "/auth/sessions"
    assert browser.get("/auth/session").status_code == 303


def test_a_wrong_key_at_a_new_proof_is_told_on_its_form(
    entered: Entered, service: FakeService
) -> None:
    admin, key = entered(AccountRole.ADMINISTRATOR)
    service.time += timedelta(minutes=6)
    form = {**form_of(admin, "/auth/sessions"), "next": "/auth/sessions?a=b"}
    wrong = admin.post("/auth/stepup", data={**form, "key": "gw_x"}, headers=HERE)

    assert wrong.status_code == 401
    assert "This is not a key that is in force." in wrong.text
    assert 'name="next" value="/auth/sessions?a=b"' in wrong.text
    assert service.recorded[-1] == AuthenticationFailed(attempts=1)
    proved = admin.post("/auth/stepup", data={**form, "key": key.text}, headers=HERE)
    assert proved.location == "/auth/sessions?a=b"


def test_behind_https_the_cookie_is_bound_to_the_host(service: FakeService) -> None:
    site = "https://gateway.hospital.example"
    service.settings = replace(service.settings, identity=IdentitySettings(public_url=site))
    browser = create_app(service).test_client()
    key = service.accounts.create("ana", expires=FAR_DAY)
    reply = browser.post(
        "/auth/signin", data={"key": key.text}, headers={"Origin": site}, base_url=site
    )
    (cookie,) = cookies(reply)

    assert cookie.startswith("__Host-gateway-session=")
    assert "Secure" in cookie
    assert browser.get("/auth/session", base_url=site).status_code == 200
    refused = browser.post("/auth/signin", data={"key": key.text}, headers=HERE, base_url=site)
    assert refused.status_code == 403


@pytest.mark.parametrize("host", ["gateway.hospital.example", "evil.example:8080", "127.0.0.1.e.x"])
def test_there_are_no_pages_under_a_name_that_the_settings_do_not_have(
    http: FlaskClient, host: str
) -> None:
    reply = http.get("/auth/signin", headers={"Host": host, "X-Forwarded-Host": "localhost"})

    assert reply.status_code == 403
    assert "AUTH-ADDRESS" in reply.text


def test_pages_have_headers_that_let_forms_say_where_they_come_from(http: FlaskClient) -> None:
    headers = http.get("/auth/signin").headers

    assert headers["Referrer-Policy"] == "same-origin"
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_failure_at_a_page_is_told_as_a_page(entered: Entered) -> None:
    browser, _ = entered()
    reply = browser.get("/auth/sessions")

    assert reply.status_code == 403
    assert reply.mimetype == "text/html"
    assert "AUTH-ROLE" in reply.text
    assert "The role researcher may not list the sessions of others. " in reply.text
    assert ">To your start: Projects</a>" in reply.text
    assert "To the sign-in page" not in reply.text


def test_a_failure_is_told_to_a_stranger_with_the_way_in(http: FlaskClient) -> None:
    page = http.get("/auth/oidc/start").text

    assert "No identity provider is connected here." in page
    assert "Sign in with an API key" in page or "sign in with an API key." in page
    assert ">To the sign-in page</a>" in page


def test_a_session_that_has_ended_already_is_ended_without_a_word(
    entered: Entered, service: FakeService
) -> None:
    (admin, _), (browser, _) = entered(AccountRole.ADMINISTRATOR), entered()
    (end,) = RESEARCHER.findall(admin.get("/auth/sessions").text)
    form = form_of(admin, "/auth/sessions")
    browser.post("/auth/signout", data=form_of(browser), headers=HERE)
    reply = admin.post(f"/auth/sessions/{end}/end", data=form, headers=HERE)

    assert (reply.status_code, reply.location) == (303, "/auth/sessions")
    assert not any(isinstance(one, SessionEnded) for one in service.recorded)


def test_every_page_is_documented(http: FlaskClient) -> None:
    page = (Path(__file__).parents[3] / "docs" / "identity.md").read_text(encoding="utf-8")
    rules = [rule for rule in http.application.url_map.iter_rules() if "/auth/" in rule.rule]

    assert len(rules) == 10
    for rule in rules:
        for method in (rule.methods or set()) - {"HEAD"}:
            assert f"`{method} {rule.rule}`" in page
