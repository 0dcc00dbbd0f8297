from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from gateway.app import create_app
from gateway.audit.identity_events import AuthenticationFailed, SignedIn
from gateway.errors import OperatorError
from gateway.identity.principals import AccountRole
from gateway.identity.sessions import Sessions, form_token
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.identity.conftest import reasons, sign_in
from tests.gateway.identity.oidc_provider import (
    CLIENT,
    Claims,
    LocalProvider,
    query_of,
    signed_by_another_key,
    signed_raw,
    signed_with_the_public_key,
    unsigned,
    visit,
)

HERE = {"Origin": "http://localhost"}
Browsers = Callable[..., FlaskClient]


def test_a_person_signs_in_through_the_provider(
    browser: FlaskClient, service: FakeService, provider: LocalProvider
) -> None:
    back = sign_in(browser, "?next=/auth/session")
    page = browser.get("/auth/session")

    assert (back.status_code, back.location) == (303, "/auth/session")
    assert page.status_code == 200
    assert "uni|ana" in page.text
    assert "researcher" in page.text
    assert isinstance(service.recorded[0], SignedIn)
    assert (service.recorded[0].actor, service.recorded[0].method) == ("uni|ana", "oidc")
    assert len(provider.asked["state"]) == len(provider.asked["nonce"]) == 43
    assert provider.asked["scope"] == "openid"


def test_the_cookie_of_a_session_is_out_of_reach_of_scripts_and_other_sites(
    browser: FlaskClient,
) -> None:
    cookie = next(c for c in sign_in(browser).headers.getlist("Set-Cookie") if "session=" in c)

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie  # it ends with the browser


def _set(**claims: object) -> Callable[[Claims], None]:
    return lambda found: found.update(claims)


def _without(name: str) -> Callable[[Claims], None]:
    return lambda found: found.pop(name, None)


def _moved(name: str, seconds: int) -> Callable[[Claims], None]:
    return lambda found: found.update({name: found["iat"] + seconds})


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (_set(aud="another-client"), "claim-aud"),
        (_set(aud=["another-client", CLIENT]), "azp"),
        (_set(azp="another-client"), "azp"),
        (_set(iss="https://evil.example"), "claim-iss"),
        (_set(nonce="A" * 43), "nonce"),
        (_set(nonce=None), "nonce"),
        (_without("nonce"), "nonce"),
        (_moved("exp", -61), "expired"),
        (_without("exp"), "claim-exp"),
        (_moved("nbf", 120), "claim-nbf"),
        (_moved("iat", 120), "claim-iat"),
        (_moved("iat", -601), "old"),
        (_without("iat"), "claim-iat"),
        (_without("sub"), "claim-sub"),
        (_set(roles=["nobody"]), "no-role"),
        (_without("roles"), "no-role"),
        (_set(roles={"researchers": True}), "no-role"),
        (_set(sub=""), "claim-sub"),
        (_set(sub="a\u0000b"), "user-name"),
        (_set(sub="x" * 300), "user-name"),
        (_set(padding="x" * 20_000), "token-size"),
        (_set(exp="soon"), "claim-exp"),
        (_set(iat=True), None),
    ],
)
def test_a_token_that_says_something_else_opens_nothing(
    browser: FlaskClient,
    provider: LocalProvider,
    log: io.StringIO,
    lie: Callable[[Claims], None],
    reason: str | None,
) -> None:
    provider.lie = lie
    back = sign_in(browser)

    assert back.status_code == 400
    assert not any("session=" in cookie for cookie in back.headers.getlist("Set-Cookie"))
    assert browser.get("/auth/session").status_code == 303
    if reason is not None:
        assert reasons(log) == [reason]


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (unsigned, "signature"),
        (signed_with_the_public_key, "signature"),
        (signed_by_another_key, "signature"),
        (lambda one, claims: one.sign(claims, kid="nobody's"), "unknown-key"),
        (lambda one, claims: signed_raw(one, claims, alg="RS512"), "signature"),
        (lambda one, claims: signed_raw(one, claims, crit=["x"], x=1), "signature"),
        (lambda one, claims: one.sign(claims)[:-8], "signature"),
        (lambda one, claims: one.sign(claims) + ".", "signature"),
        (lambda one, claims: "a.b.c", "signature"),  # noqa: ARG005  says nothing of either
        (lambda one, claims: "", "signature"),  # noqa: ARG005  the same
    ],
)
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    browser: FlaskClient,
    provider: LocalProvider,
    log: io.StringIO,
    forge: Callable[[LocalProvider, Claims], str],
    reason: str,
) -> None:
    provider.forge = forge
    back = sign_in(browser)

    assert back.status_code == 400
    assert reasons(log) == [reason]
    assert browser.get("/auth/session").status_code == 303


def test_whatever_was_wrong_is_told_in_the_same_words(
    browser: FlaskClient, provider: LocalProvider
) -> None:
    told = set()
    for lie in (_set(aud="x"), _set(nonce="x"), _moved("exp", -61), _set(roles=[])):
        provider.lie = lie
        told.add(sign_in(browser).data)

    assert len(told) == 1
    assert b"canary" not in told.pop()


def test_keys_of_the_provider_are_kept_and_fetched_anew_when_one_is_not_known(
    browser: FlaskClient, provider: LocalProvider
) -> None:
    for _ in range(3):
        assert sign_in(browser).status_code == 303
    assert provider.key_fetches == 1

    provider.roll_over()
    assert sign_in(browser).status_code == 303
    assert provider.key_fetches == 2


def test_a_key_that_the_provider_took_back_signs_nothing_after_ten_minutes(
    browser: FlaskClient, provider: LocalProvider, service: FakeService, log: io.StringIO
) -> None:
    stolen, claims = provider.keys[0], dict[str, Any]()
    sign_in(browser)
    provider.roll_over()
    service.time += timedelta(minutes=11)

    def forged(one: LocalProvider, said: Claims) -> str:
        honest, one.keys = one.keys, [stolen]
        token = one.sign({**said, **claims})
        one.keys = honest
        return token

    provider.forge = forged
    assert sign_in(browser).status_code == 400
    assert reasons(log) == ["unknown-key"]


def test_an_answer_to_another_browser_opens_nothing(browser: FlaskClient, log: io.StringIO) -> None:
    start = browser.get("/auth/oidc/start")
    answer = visit(start.location)
    stranger = browser.application.test_client()

    assert stranger.get(answer).status_code == 400
    stranger.get("/auth/oidc/start")
    assert stranger.get(answer).status_code == 400
    assert reasons(log) == ["no-attempt", "state"]


def test_a_code_of_another_attempt_is_refused_by_its_challenge(
    browser: FlaskClient, log: io.StringIO
) -> None:
    attacker = browser.application.test_client()
    stolen = query_of(visit(attacker.get("/auth/oidc/start").location))["code"]
    mine = query_of(visit(browser.get("/auth/oidc/start").location))
    back = browser.get("/auth/oidc/callback", query_string={**mine, "code": stolen})

    assert back.status_code == 400
    assert reasons(log) == ["code"]
    assert "canary" not in back.text + log.getvalue()


@pytest.mark.parametrize("forgets", [True, False])
def test_an_answer_opens_one_session_even_if_the_provider_takes_codes_twice(
    browser: FlaskClient, provider: LocalProvider, log: io.StringIO, *, forgets: bool
) -> None:
    provider.forgets_codes = forgets
    start = browser.get("/auth/oidc/start")
    answer, attempt = visit(start.location), start.headers["Set-Cookie"].split(";")[0]
    assert browser.get(answer).status_code == 303
    thief = browser.application.test_client()
    name, _, value = attempt.partition("=")
    thief.set_cookie(name, value)

    assert thief.get(answer).status_code == 400
    assert reasons(log) == ["code" if forgets else "replayed"]


def test_an_answer_of_another_provider_is_refused(browser: FlaskClient, log: io.StringIO) -> None:
    for other in ("https://evil.example", None):
        back = query_of(visit(browser.get("/auth/oidc/start").location))
        back.pop("iss")
        if other:
            back["iss"] = other
        assert browser.get("/auth/oidc/callback", query_string=back).status_code == 400

    assert reasons(log) == ["mix-up", "mix-up"]


def test_a_provider_that_never_names_itself_in_answers_need_not(
    browser: FlaskClient, provider: LocalProvider
) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": False}
    back = query_of(visit(browser.get("/auth/oidc/start").location))
    back.pop("iss")

    assert browser.get("/auth/oidc/callback", query_string=back).status_code == 303


def test_an_attempt_lasts_ten_minutes(
    browser: FlaskClient, service: FakeService, log: io.StringIO
) -> None:
    start = browser.get("/auth/oidc/start")
    answer = visit(start.location)
    service.time += timedelta(seconds=601)

    assert browser.get(answer).status_code == 400
    assert reasons(log) == ["no-attempt"]


def test_a_browser_cannot_change_what_its_attempt_is_for(
    browser: FlaskClient, provider: LocalProvider, log: io.StringIO
) -> None:
    provider.person = {"sub": "ana", "roles": ["researchers", "operators"]}
    start = browser.get("/auth/oidc/start?role=researcher")
    name, _, value = start.headers["Set-Cookie"].split(";")[0].partition("=")
    fields = json.loads(base64.urlsafe_b64decode(value))
    fields[3] = "administrator"
    browser.set_cookie(name, base64.urlsafe_b64encode(json.dumps(fields).encode()).decode())

    assert browser.get(visit(start.location)).status_code == 400
    assert reasons(log) == ["state"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie: x=1\r\nX: y",
        "http:evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(browser: FlaskClient, target: str) -> None:
    start = browser.get("/auth/oidc/start", query_string={"next": target})

    assert browser.get(visit(start.location)).location == "/auth/session"


def test_who_refuses_at_the_provider_is_not_signed_in(
    browser: FlaskClient, provider: LocalProvider, service: FakeService, log: io.StringIO
) -> None:
    provider.person = None

    assert sign_in(browser).status_code == 400
    assert reasons(log) == ["provider-refused"]
    assert service.recorded == [AuthenticationFailed(attempts=1)]


def test_a_provider_that_is_down_is_told_so(browser: FlaskClient, provider: LocalProvider) -> None:
    provider.down = True
    reply = browser.get("/auth/oidc/start")

    assert reply.status_code == 503
    assert "AUTH-PROVIDER" in reply.text


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
    ],
)
def test_another_provider_than_that_of_the_settings_is_not_trusted(
    browser: FlaskClient, provider: LocalProvider, log: io.StringIO, metadata: Claims
) -> None:
    provider.metadata = metadata
    reply = browser.get("/auth/oidc/start")

    assert reply.status_code == 500
    assert "CFG-OIDC" in log.getvalue()
    assert "evil" not in reply.text


def test_roles_come_from_the_claim_and_one_is_acted_in_at_a_time(
    browsers: Browsers, provider: LocalProvider, log: io.StringIO
) -> None:
    provider.person = {
        "preferred_username": "ana",
        "sub": "1",
        "realm_access": {"roles": ["operators", "doctors", "offline_access"]},
    }
    browser = browsers(role_claim="realm_access.roles", user_claim="preferred_username")
    sign_in(browser)
    assert "<dd>researcher</dd>" in browser.get("/auth/session").text

    sign_in(browser, "?role=administrator")
    assert "<dd>administrator</dd>" in browser.get("/auth/session").text
    assert sign_in(browser, "?role=auditor").status_code == 400
    assert reasons(log) == ["no-role"]


def test_an_address_that_nobody_verified_names_nobody(
    browsers: Browsers, provider: LocalProvider, log: io.StringIO
) -> None:
    provider.person = {"sub": "1", "email": "ana@uni.example", "roles": "researchers"}
    browser = browsers(user_claim="email")
    assert sign_in(browser).status_code == 400
    provider.person["email_verified"] = True
    assert sign_in(browser).status_code == 303
    assert reasons(log) == ["email-not-verified"]


def test_an_address_inside_an_object_needs_the_word_of_that_object(
    browsers: Browsers, provider: LocalProvider, log: io.StringIO
) -> None:
    profile: Claims = {"email": "ana@uni.example"}
    provider.person = {"sub": "1", "p": profile, "roles": "researchers", "email_verified": True}
    browser = browsers(user_claim="p.email")
    assert sign_in(browser).status_code == 400
    profile["email_verified"] = True
    assert sign_in(browser).status_code == 303
    assert reasons(log) == ["email-not-verified"]


@pytest.mark.parametrize("mode", [0o640, None])
def test_a_client_secret_that_others_may_read_is_not_used(
    browsers: Browsers, service: FakeService, mode: int | None
) -> None:
    browsers()
    secret = service.settings.folder / "client-secret"
    secret.unlink() if mode is None else secret.chmod(mode)

    with pytest.raises(OperatorError) as caught:
        browsers()
    assert caught.value.code == "CFG-OIDC-SECRET"


@pytest.mark.filterwarnings("ignore:Key size:joserfc.errors.SecurityWarning")
def test_keys_that_are_weak_or_for_something_else_are_not_used(
    browser: FlaskClient, provider: LocalProvider, log: io.StringIO
) -> None:
    provider.key_use = "enc"
    assert sign_in(browser).status_code == 400
    provider.key_use = "sig"
    provider.keys = [RSAKey.generate_key(1024, {"kid": "short"})]
    assert sign_in(browser).status_code == 400
    assert reasons(log) == ["key-set", "weak-key"]


def test_an_answer_that_never_ends_is_cut_off(
    browser: FlaskClient, provider: LocalProvider, log: io.StringIO
) -> None:
    provider.metadata = {"padding": "x" * 300_000}

    assert browser.get("/auth/oidc/start").status_code == 400
    assert reasons(log) == ["provider-size"]


def test_keys_open_no_page_where_a_provider_is_connected(
    browser: FlaskClient, service: FakeService
) -> None:
    key = service.accounts.create("root", expires=FAR_DAY, role=AccountRole.ADMINISTRATOR)
    page = browser.get("/auth/signin")
    refused = browser.post("/auth/signin", data={"key": key.text}, headers=HERE)
    identity = replace(service.settings.identity, key_sign_in="always")
    service.settings = replace(service.settings, identity=identity)
    always = create_app(service).test_client()
    opened = always.post("/auth/signin", data={"key": key.text}, headers=HERE)

    assert 'name="key"' not in page.text
    assert "/auth/oidc/start" in page.text
    assert (refused.status_code, "AUTH-KEY-SIGN-IN" in refused.text) == (403, True)
    assert opened.status_code == 303
    assert 'name="key"' in always.get("/auth/signin").text


def test_a_session_of_a_key_steps_up_with_no_key_once_a_provider_is_connected(
    browser: FlaskClient, service: FakeService
) -> None:
    key = service.accounts.create("root", expires=FAR_DAY, role=AccountRole.ADMINISTRATOR)
    sessions = Sessions(service.settings.accounts, service.settings.identity)
    principal = service.accounts.authenticate(key.text, service.now())
    opened = sessions.open(principal, service.now(), key_id=key.id)
    browser.set_cookie("gateway-session", opened.name)
    form = {"key": key.text, "form_token": form_token(opened.name)}
    reply = browser.post("/auth/stepup", data=form, headers=HERE)

    assert (reply.status_code, "AUTH-KEY-SIGN-IN" in reply.text) == (403, True)


def test_a_public_client_has_no_secret_and_a_form_may_carry_one(
    browsers: Browsers, provider: LocalProvider
) -> None:
    assert sign_in(browsers(client_auth="client_secret_post")).status_code == 303
    provider.public = True
    assert sign_in(browsers(client_secret_file="")).status_code == 303
