"""Proving once more who one is, through the provider."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.identity.attempts import Attempt
from gateway.identity.sessions import Sessions
from tests.gateway.fake_service import FakeService
from tests.gateway.identity.conftest import reasons, sign_in
from tests.gateway.identity.oidc_provider import LocalProvider, visit

HERE = {"Origin": "http://localhost"}
AGAIN = "?again=1&next=/auth/sessions"


@pytest.fixture
def admin(browser: FlaskClient, provider: LocalProvider, service: FakeService) -> FlaskClient:
    """An administrator whose last proof is six minutes old."""
    return enter(browser, provider, service)


def enter(browser: FlaskClient, provider: LocalProvider, service: FakeService) -> FlaskClient:
    provider.person = {"sub": "root", "roles": ["operators"]}
    assert sign_in(browser).status_code == 303
    service.time += timedelta(minutes=6)
    return browser


def end_own(browser: FlaskClient) -> TestResponse:
    page = browser.get("/auth/sessions").text
    (token,) = set(re.findall(r'form_token" value="(\w+)"', page))
    own = re.findall(r"/auth/sessions/(\w+)/end", page)[0]
    return browser.post(f"/auth/sessions/{own}/end", data={"form_token": token}, headers=HERE)


def test_a_new_proof_from_the_provider_opens_what_needs_one(
    admin: FlaskClient, provider: LocalProvider
) -> None:
    refused = end_own(admin)
    page = admin.get(refused.location)
    before = admin.get_cookie("gateway-session")
    back = sign_in(admin, AGAIN)
    after = admin.get_cookie("gateway-session")

    assert refused.location.startswith("/auth/stepup")
    assert "/auth/oidc/start?next=" in page.text
    assert 'name="key"' not in page.text
    assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
    assert back.location == "/auth/sessions"
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert end_own(admin).location == "/auth/sessions"
    assert admin.get("/auth/session").status_code == 303


def test_a_provider_that_does_not_ask_again_proves_nothing(
    admin: FlaskClient, provider: LocalProvider, log: io.StringIO
) -> None:
    provider.ignores_prompt = True

    assert sign_in(admin, AGAIN).status_code == 400
    assert end_own(admin).location.startswith("/auth/stepup")
    assert reasons(log) == ["auth-time"]


@pytest.mark.parametrize("claimed", [None, True, "now"])
def test_a_step_up_without_a_time_proves_nothing(
    admin: FlaskClient, provider: LocalProvider, log: io.StringIO, claimed: object
) -> None:
    provider.lie = lambda claims: claims.update(auth_time=claimed)

    assert sign_in(admin, AGAIN).status_code == 400
    assert reasons(log) == ["auth-time"]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"sub": "other", "roles": ["operators"]}, "another-person"),
        ({"sub": "root", "roles": ["researchers"]}, "no-role"),
    ],
)
def test_nobody_else_proves_who_is_there(
    admin: FlaskClient,
    provider: LocalProvider,
    log: io.StringIO,
    person: dict[str, object],
    reason: str,
) -> None:
    provider.person = person

    assert sign_in(admin, AGAIN).status_code == 400
    assert reasons(log) == [reason]
    assert "root" in admin.get("/auth/session").text


def test_a_step_up_asks_for_the_context_of_the_settings_and_insists_on_it(
    browsers: Callable[..., FlaskClient],
    provider: LocalProvider,
    service: FakeService,
    log: io.StringIO,
) -> None:
    admin = enter(browsers(step_up_acr="urn:mfa"), provider, service)
    assert sign_in(admin, AGAIN).status_code == 400
    assert provider.asked["acr_values"] == "urn:mfa"

    provider.lie = lambda claims: claims.update(acr="urn:mfa")
    assert sign_in(admin, AGAIN).status_code == 303
    assert reasons(log) == ["acr"]


@pytest.mark.parametrize(
    "case",
    [
        ("", {"auth_time": -7 * 86_400}, True),
        ("", {"auth_time": None}, True),
        ("", {"auth_time": 3600}, True),
        ("", {"auth_time": float("nan")}, True),
        ("", {"auth_time": 0}, False),
        ("urn:mfa", {"auth_time": 0, "acr": "urn:password"}, True),
        ("urn:mfa", {"auth_time": 0, "acr": "urn:mfa"}, False),
    ],
)
def test_an_ordinary_sign_in_is_a_new_proof_only_if_the_provider_says_so(
    browsers: Callable[..., FlaskClient],
    provider: LocalProvider,
    service: FakeService,
    case: tuple[str, dict[str, object], bool],
) -> None:
    acr, said, asked = case

    def lie(claims: dict[str, object]) -> None:
        since = said["auth_time"]
        moment = int(service.time.timestamp())
        claims.update(said, auth_time=moment + since if isinstance(since, int | float) else None)

    provider.person = {"sub": "root", "roles": ["operators"]}
    provider.lie = lie
    browser = browsers(step_up_acr=acr)

    assert sign_in(browser).status_code == 303
    assert end_own(browser).location.startswith("/auth/stepup") is asked


def test_a_step_up_that_the_browser_dates_back_proves_nothing(
    admin: FlaskClient, provider: LocalProvider, service: FakeService, log: io.StringIO
) -> None:
    cookie = admin.get_cookie("gateway-session")
    assert cookie is not None
    sessions = Sessions(service.settings.accounts, service.settings.identity)
    session = sessions.find(cookie.value, service.now())
    assert session is not None
    start = admin.get(f"/auth/oidc/start{AGAIN}")
    service.time += timedelta(minutes=5)
    attempt = Attempt.begin(
        service.now() - timedelta(minutes=9),
        target="/auth/sessions",
        role="administrator",
        session=session.id,
    )
    admin.set_cookie("gateway-attempt", attempt.cookie())
    url = start.location
    for name, value in (
        ("state", attempt.state),
        ("nonce", attempt.nonce),
        ("code_challenge", attempt.challenge),
    ):
        url = re.sub(rf"\b{name}=[^&]*", f"{name}={value}", url)
    provider.ignores_prompt = True
    provider.authenticated = int(service.time.timestamp()) - 8 * 60

    assert admin.get(visit(url)).status_code == 400
    assert reasons(log) == ["auth-time"]


def test_a_proof_counts_from_when_the_provider_had_it(
    admin: FlaskClient, provider: LocalProvider, service: FakeService
) -> None:
    start = admin.get(f"/auth/oidc/start{AGAIN}")
    answer = visit(start.location)
    service.time += timedelta(minutes=4)
    assert admin.get(answer).status_code == 303
    service.time += timedelta(minutes=2)

    assert provider.authenticated == int(service.time.timestamp()) - 6 * 60
    assert end_own(admin).location.startswith("/auth/stepup")


def test_who_is_not_signed_in_cannot_step_up(browser: FlaskClient, log: io.StringIO) -> None:
    assert browser.get("/auth/oidc/start?again=1").status_code == 400
    assert reasons(log) == ["no-session"]
