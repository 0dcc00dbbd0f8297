"""T18: a forged header, an expired token, a wrong audience, another tenant's name: nobody gets in.

The identity provider's tokens have their own attacks in ``tests/gateway/identity/test_oidc.py``.
"""

from __future__ import annotations

import io
import sqlite3
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.app import create_app
from gateway.identity import accounts as accounts_module
from gateway.identity import sessions as sessions_module
from gateway.identity.principals import AccountRole
from gateway.identity.secrets import ApiKey, matches, new_key
from gateway.operations_log import operations_log
from gateway.serving_settings import HttpSettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService

QUERIES = "/v1/projects/heart/queries"
QUESTION = {"sql": "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"}
FORWARDED = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix"),
    *("X-Forwarded-User", "X-Forwarded-Email", "X-Real-IP", "Forwarded", "Remote-User"),
    *("X-Remote-User", "X-Authenticated-User", "X-Original-URL", "X-Rewrite-URL", "X-Api-Key"),
    *("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "Proxy-Authorization"),
    *("X-User", "X-Role", "X-Admin", "Host", "Via", "Cookie2", "Authentication"),
)
# What a header may carry over the wire: anything of Latin-1 but line ends and NUL.
BYTES = st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n")
NAMES = (
    "researcher",
    "steward",
    "administrator",
    "ana",
    "localhost",
    "127.0.0.1",
    "true",
    "DELETE",
)
VALUES = st.one_of(st.sampled_from(NAMES), st.text(BYTES, max_size=80))
OPEN = {"/", "/register", "/livez", "/readyz", "/auth/signin"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW")


@contextmanager
def watched() -> Iterator[dict[str, int]]:
    """Count how often digests of keys are compared, and keys are looked up."""
    counted = {"compared": 0}

    def counting(shown: ApiKey, digest: bytes) -> bool:
        counted["compared"] += 1
        return matches(shown, digest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts_module, "matches", counting)
        yield counted


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> FakeService:
    fake = FakeService(tmp_path_factory.mktemp("t18"))
    # Guessing is limited, too; here it is to go on.
    unlimited = HttpSettings(requests_per_minute=10**6, unknown_per_minute=10**6)
    fake.settings = replace(fake.settings, http=unlimited)
    return fake


@pytest.fixture(scope="module")
def app(service: FakeService) -> Flask:
    return create_app(service, log=operations_log(io.StringIO()))


@pytest.fixture(scope="module")
def key(service: FakeService) -> ApiKey:
    return service.accounts.create("ana", expires=FAR_DAY)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


def authorizations(key: ApiKey) -> st.SearchStrategy[str]:
    """Texts that are near to a key in force, and are not one."""
    mutated = st.builds(
        lambda place, letter: key.text[:place] + letter + key.text[place + 1 :],
        st.integers(0, len(key.text) - 1),
        st.sampled_from(string.printable[:95] + "éÀ\xa0"),
    ).filter(lambda text: text != key.text)
    cut = st.integers(0, len(key.text) - 1).map(lambda length: key.text[:length])
    longer = st.text(BYTES.filter(lambda c: not c.isspace()), min_size=1).map(key.text.__add__)
    other_case = st.just(key.text.upper())
    tokens = st.one_of(mutated, cut, longer, other_case, st.text(BYTES, max_size=200))
    right_scheme = st.builds("{} {}".format, st.sampled_from(["Bearer", "bearer"]), tokens)
    wrong_scheme = st.builds(
        lambda scheme: f"{scheme} {key.text}",
        st.sampled_from(["Basic", "Token", "Digest", "Bearer:", "BearerBearer", "\xa0Bearer", ""]),
    )
    return st.one_of(right_scheme, wrong_scheme, st.text(BYTES, max_size=300))


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_t18_no_authorization_header_but_a_keys_own_lets_anybody_in(
    stranger: FlaskClient, service: FakeService, key: ApiKey, data: st.DataObject
) -> None:
    header = data.draw(authorizations(key))
    replies = [
        stranger.get("/v1/me", headers={"Authorization": header}),
        stranger.post(QUERIES, json=QUESTION, headers={"Authorization": header}),
    ]

    assert {reply.status_code for reply in replies} == {401}
    assert len({reply.data for reply in replies}) == 1
    assert service.asked == []


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    headers=st.dictionaries(st.sampled_from(FORWARDED), VALUES, max_size=6),
    method=st.sampled_from(METHODS),
    cookie=st.one_of(
        st.none(),
        st.text(BYTES.filter(lambda c: c != ";"), max_size=80),
        st.text("0123456789abcdef", min_size=64, max_size=64),
    ),
)
@example({"X-HTTP-Method-Override": "GET", "X-Forwarded-User": "ana"}, "POST", "a" * 64)
@example({"Host": "localhost", "X-Original-URL": "/livez", "X-Rewrite-URL": "/livez"}, "GET", None)
def test_t18_no_other_header_and_no_method_lets_anybody_in(
    stranger: FlaskClient,
    service: FakeService,
    headers: dict[str, str],
    method: str,
    cookie: str | None,
) -> None:
    sent = dict(headers)
    if cookie is not None:
        sent["Cookie"] = f"gateway-session={cookie}; __Host-gateway-session={cookie}"
    for path in ("/v1/me", QUERIES, "/v1/log/checkpoint", "/nowhere"):
        assert stranger.open(path, method=method, headers=sent).status_code in {400, 401}
    page = stranger.open("/auth/sessions", method=method, headers=sent)

    assert page.status_code in {303, 400, 401, 403}
    assert service.asked == []


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(
    path=st.one_of(
        st.sampled_from(
            [
                *("//v1/me", "/v1//me", "/v1/me/", "/V1/me", "/v1/me;x=1", "/v1/%6de", "/v1/me%00"),
                *("/livez/../v1/me", "/livez/%2e%2e/v1/me", "/auth/signin/../../v1/me", "/./v1/me"),
                *("/auth/signin/..%2fsessions", "/readyz%2f..%2fv1/me", "/v1/me?x=/livez", "*"),
            ]
        ),
        st.lists(
            st.sampled_from([*"/.%;?\\v1melivzauth", "%2f", "%2e", "%c0%af", "%00"]), max_size=30
        )
        .map(lambda parts: f"/{''.join(parts)}")
        .filter(lambda path: not path.startswith("//")),  # Flask's client takes it for a host
    )
)
def test_t18_no_writing_of_an_address_opens_what_is_closed(
    stranger: FlaskClient, service: FakeService, path: str
) -> None:
    reply = stranger.get(path)
    page = path.partition("?")[0]

    if reply.status_code == 200:
        assert page in OPEN or "%" in page
        assert "key_expires" not in reply.text
    else:
        assert reply.status_code in {303, 308, 400, 401, 404}
    assert service.asked == []


def test_t18_whatever_is_wrong_with_a_key_the_same_work_is_done(
    stranger: FlaskClient, service: FakeService, key: ApiKey
) -> None:
    revoked = service.accounts.create("ana", expires=FAR_DAY)
    service.accounts.revoke(revoked.id)
    expired = service.accounts.create("ana", expires=service.now() + timedelta(days=36_500))
    tokens = {
        "none": None,
        "no form": "x",
        "unknown": new_key().text,
        "wrong secret": ApiKey(id=key.id, secret=new_key().secret).text,
        "revoked": revoked.text,
        "expired": expired.text,
    }
    service.time += timedelta(days=36_501)
    work: dict[str, tuple[int, bytes, tuple[tuple[str, str], ...]]] = {}
    for name, token in tokens.items():
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        with watched() as counted, statements() as sent:
            reply = stranger.get("/v1/me", headers=headers)
        assert reply.status_code == 401
        # How many requests are left is told to everybody alike, and falls with each.
        told = tuple(one for one in reply.headers.items() if one[0] != "RateLimit")
        work[name] = (counted["compared"] + len(sent), reply.data, told)
    service.time -= timedelta(days=36_501)

    assert len(set(work.values())) == 1, {name: found[0] for name, found in work.items()}
    assert work["none"][0] == 2  # one look-up, one comparison


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that are sent to the file of accounts."""
    sent: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  sqlite3's own
        connection = connect(*arguments, **named)
        connection.set_trace_callback(sent.append)
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.identity.accounts_file.sqlite3.connect", traced)
        yield sent


def test_t18_another_tenants_project_is_told_as_one_that_does_not_exist(
    stranger: FlaskClient, service: FakeService
) -> None:
    key = service.accounts.create("stranger", expires=FAR_DAY)
    headers = {"Authorization": f"Bearer {key.text}"}
    for path in ("/v1/projects/{}", "/v1/projects/{}/catalog", "/v1/projects/{}/budget"):
        replies = [stranger.get(path.format(name), headers=headers) for name in ("heart", "ghost")]

        assert replies[0].status_code == replies[1].status_code
        assert replies[0].data == replies[1].data


@pytest.mark.parametrize("role", AccountRole)
def test_t18_no_session_is_found_by_anything_but_its_name(
    service: FakeService, tmp_path: Path, role: AccountRole
) -> None:
    sessions = sessions_module.Sessions(tmp_path / "accounts.sqlite", service.settings.identity)
    key = service.accounts.create(f"some {role.value}", expires=FAR_DAY, role=role)
    principal = service.accounts.authenticate(key.text, service.now())
    opened = sessions.open(principal, service.now(), key_id=None)
    near = [opened.name[:-1], opened.name + "0", opened.name.upper(), f" {opened.name}", key.text]
    near += [f"{opened.name[:-1]}{'0' if opened.name[-1] != '0' else '1'}", opened.session.id]

    for name in near:
        if name != opened.name:
            assert sessions.find(name, service.now()) is None
    assert sessions.find(opened.name, service.now()) is not None
