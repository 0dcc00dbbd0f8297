"""All routes, all roles, and everything that is no key: compared with a table of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from gateway.app import create_app
from gateway.audit.identity_events import LogRead
from gateway.identity.duties import DUTIES, OF_ALL_PROJECTS, RECENT, Action
from gateway.identity.principals import AccountRole
from gateway.identity.sessions import form_token
from gateway.pages import DemoAccount
from gateway.routes.doors import ENTRANCES
from gateway.serving_settings import HttpSettings, PresidioSettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import QUERY_ID

HERE = {"Origin": "http://localhost"}
# r researcher, s steward, a auditor, d administrator; written by hand, from the design.
WITH_A_KEY = {
    "GET /v1/me": "rsad",
    "GET /v1/projects/<project_id>": "rsa",
    "GET /v1/projects/<project_id>/catalog": "rsa",
    "GET /v1/projects/<project_id>/budget": "rsa",
    "GET /v1/projects/<project_id>/datasets/<dataset_id>/practice": "rs",
    "POST /v1/projects/<project_id>/queries:price": "r",
    "POST /v1/projects/<project_id>/queries:explain": "r",
    "POST /v1/projects/<project_id>/queries": "r",
    "GET /v1/projects/<project_id>/queries/<query_id>": "r",
    "GET /v1/projects/<project_id>/jobs": "r",
    "GET /v1/projects/<project_id>/jobs/<job_id>": "r",
    "GET /v1/projects/<project_id>/jobs/<job_id>/result": "r",
    "DELETE /v1/projects/<project_id>/jobs/<job_id>": "r",
    "GET /v1/projects/<project_id>/releases": "rsa",
    "GET /v1/receipts/<index>": "rsa",
    "GET /v1/log/checkpoint": "rsad",
    "GET /v1/log/proof": "rsad",
    "GET /v1/log/tile/<path:rest>": "rsad",
    "GET /v1/openapi.json": "rsad",
    # for those whom the settings name besides
    "POST /presidio/analyze": "rsa",
    "POST /presidio/anonymize": "rsa",
    "GET /presidio/supportedentities": "rsa",
    "GET /presidio/recognizers": "rsa",
    "GET /presidio/anonymizers": "rsa",
    "GET /presidio/health": "rsa",
}
WITH_A_SESSION = {
    "GET /auth/session": "rsad",
    "GET /auth/stepup": "rsad",
    "POST /auth/stepup": "rsad",
    "POST /auth/signout": "rsad",
    "GET /auth/sessions": "d",
    "POST /auth/sessions/<session_id>/end": "d",
    "GET /home": "rsad",
    "GET /projects": "r",
    "GET /projects/<project_id>": "r",
    "POST /projects/<project_id>/quote": "r",
    "POST /projects/<project_id>/answers": "r",
    "POST /projects/<project_id>/jobs": "r",
    "GET /projects/<project_id>/jobs/<job_id>": "r",
    "POST /projects/<project_id>/jobs/<job_id>/cancellation": "r",
    "GET /projects/<project_id>/answers/<query_id>": "r",
    "GET /projects/<project_id>/answers/<query_id>.<form>": "r",
    "GET /projects/<project_id>/datasets/<dataset_id>/practice.zip": "rs",
    "GET /projects/<project_id>/receipts/<int:index>": "rsa",
    "GET /studio": "s",
    "GET /studio/datasets/<dataset_id>": "s",
    "GET /studio/file": "s",
    "GET /studio/ingests": "s",
    "GET /studio/ingests/<int:entry>": "s",
    "GET /studio/readings": "s",
    "GET /studio/readings/<dataset_id>/<table>/<column>": "s",
    "GET /studio/releases": "s",
    "GET /studio/releases/<release_id>": "s",
    "POST /studio/trial": "s",
    "GET /studio/projects/new": "s",
    "POST /studio/projects/new": "s",
    "GET /studio/projects/<project_id>/members": "s",
    "POST /studio/projects/<project_id>/members": "s",
    "POST /studio/download": "s",
    "POST /studio/signatures": "s",
    "POST /studio/activation": "s",
    "POST /studio/suspensions": "s",
    "GET /audit": "a",
    "GET /audit/entries": "a",
    "GET /audit/entries/<int:index>": "a",
    "GET /audit/entries/<int:index>/receipt": "a",
    "GET /audit/export.<form>": "a",
    "GET /audit/flags": "a",
    "GET /audit/releases": "a",
    "POST /audit/searches": "a",
    "POST /audit/searches/removal": "a",
    "POST /audit/flags": "a",
}
OPEN = {
    "GET /livez",
    "GET /readyz",
    "GET /auth/signin",
    "POST /auth/signin",
    "GET /auth/oidc/start",
    "GET /auth/oidc/callback",
    "GET /",
    "GET /register",
    "GET /demo",
    "GET /assets/<path:name>",
}
LETTERS = {
    "r": AccountRole.RESEARCHER,
    "s": AccountRole.STEWARD,
    "a": AccountRole.AUDITOR,
    "d": AccountRole.ADMINISTRATOR,
}
PARTS = {
    "project_id": "heart",
    "dataset_id": "hospital",
    "query_id": QUERY_ID,
    "index": "1",
    "job_id": "0" * 32,
    "form": "csv",
    "name": "0/none.css",
    "rest": "0/000.p/3",
    "entry": "1",
    "release_id": "0" * 32,
    "table": "notes",
    "column": "text",
    "session_id": "0" * 16,
}


@pytest.fixture
def http(service: FakeService) -> FlaskClient:
    """The app with every address that it may have."""
    everybody = PresidioSettings(enabled=True, roles=("researcher", "steward", "auditor"))
    unlimited = HttpSettings(requests_per_minute=10**6, unknown_per_minute=10**6)
    service.settings = replace(service.settings, presidio=everybody, http=unlimited)
    somebody = DemoAccount(role=AccountRole.AUDITOR, user="eve", does="looks", key="gw_")
    return create_app(service, demo=(somebody,)).test_client()


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Each method and rule, with an address of it."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD"}):
            yield f"{method} {rule.rule}", method, address(rule)


def address(rule: Rule) -> str:
    return re.sub(r"<(?:path:|int:)?(\w+)>", lambda found: PARTS[found[1]], rule.rule)


def addresses(app: Flask, table: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(method, path, table[name]) for name, method, path in routes(app) if name in table]


def test_every_route_is_in_the_tables(http: FlaskClient) -> None:
    known = {*WITH_A_KEY, *WITH_A_SESSION, *OPEN}

    assert {name for name, _, _ in routes(http.application)} == known
    assert {rule.endpoint for rule in http.application.url_map.iter_rules()} == set(ENTRANCES)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_key_does_what_its_role_may_and_nothing_else(
    http: FlaskClient, service: FakeService, letter: str
) -> None:
    role = LETTERS[letter]
    key = service.accounts.create("ana", expires=FAR_DAY, role=role)
    for method, path, roles in addresses(http.application, WITH_A_KEY):
        reply = http.open(path, method=method, headers={"Authorization": f"Bearer {key.text}"})
        refused = reply.status_code == 403 and "AUTH-ROLE" in reply.text

        assert reply.status_code not in {401, 500}, (method, path)
        assert refused is (letter not in roles), (method, path, reply.text)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_session_does_what_its_role_may_and_nothing_else(
    http: FlaskClient, service: FakeService, letter: str
) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY, role=LETTERS[letter])
    for method, path, roles in addresses(http.application, WITH_A_SESSION):
        browser = http.application.test_client()
        browser.post("/auth/signin", data={"key": key.text}, headers=HERE)
        found = re.search(r'"form_token" value="(\w+)"', browser.get("/auth/session").text)
        assert found is not None
        form = {"form_token": found[1], "key": key.text} if method == "POST" else None
        reply = browser.open(path, method=method, data=form, headers=HERE)
        refused = reply.status_code == 403 and "AUTH-ROLE" in reply.text

        assert reply.status_code not in {401, 500}, (method, path)
        assert refused is (letter not in roles), (method, path, reply.text)


def test_what_is_no_key_in_force_opens_nothing(http: FlaskClient, service: FakeService) -> None:
    expired, revoked, good = (service.accounts.create("ana", expires=FAR_DAY) for _ in range(3))
    service.accounts.revoke(revoked.id)
    service.accounts.rotate(expired.id, overlap=timedelta(0), expires=FAR_DAY)
    service.time = max(record.expires for record in service.accounts.records()[:1])
    browser = http.application.test_client()
    browser.post("/auth/signin", data={"key": good.text}, headers=HERE)
    bodies = set()
    for method, path, _ in addresses(http.application, WITH_A_KEY):
        for token in (None, "x", expired.text, revoked.text, good.text[:-1]):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            replies = [http.open(path, method=method, headers=headers)]
            replies += [browser.open(path, method=method, headers=headers)]  # with a cookie
            assert {reply.status_code for reply in replies} == {401}, (method, path, token)
            # Presidio's clients look for the detail in a member of their own.
            told = [{**(reply.json or {}), "error": ""} for reply in replies]
            bodies |= {json.dumps(one, sort_keys=True) for one in told}

    assert len(bodies) == 1


def test_a_key_opens_no_page(http: FlaskClient, service: FakeService) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY, role=AccountRole.ADMINISTRATOR)
    for method, path, _ in addresses(http.application, WITH_A_SESSION):
        headers = {"Authorization": f"Bearer {key.text}", **HERE}
        reply = http.open(path, method=method, headers=headers)

        assert reply.status_code == (303 if method == "GET" else 401), (method, path)
        assert reply.status_code != 303 or reply.location.startswith("/auth/signin")


def test_a_key_for_another_project_is_nobodys_there(
    http: FlaskClient, service: FakeService
) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY, projects=("lungs",))
    headers = {"Authorization": f"Bearer {key.text}"}
    for method, path, _ in addresses(http.application, WITH_A_KEY):
        if "/projects/" in path and method == "GET":
            reply = http.open(path, method=method, headers=headers)
            assert reply.status_code == 403, path
            assert "PRJ-" in reply.text
    asked = http.post("/v1/projects/heart/queries", json={"sql": "SELECT 1"}, headers=headers)
    assert asked.status_code == 403


def test_a_steward_of_a_project_does_not_ask_in_it_with_an_older_key(
    http: FlaskClient, service: FakeService
) -> None:
    key = service.accounts.create("ana", expires=FAR_DAY, projects=("lungs",))
    # As a file that an earlier version wrote would have it.
    with service.accounts._file.connection() as connection:
        connection.execute("UPDATE api_key SET role = 'steward' WHERE id = ?", (key.id,))
    key = service.accounts.create("ben", expires=FAR_DAY)
    with service.accounts._file.connection() as connection:
        connection.execute("UPDATE api_key SET user = 'ana' WHERE id = ?", (key.id,))
    headers = {"Authorization": f"Bearer {key.text}"}
    body = {"sql": "SELECT COUNT(*) AS n FROM patients"}
    in_heart = http.post("/v1/projects/heart/queries", json=body, headers=headers)
    stored = http.get(f"/v1/projects/heart/queries/{QUERY_ID}", headers=headers)

    assert in_heart.json is not None
    assert in_heart.json["code"] == "AUTH-DUTIES"
    assert stored.status_code == 403
    assert service.asked == []
    assert http.get("/v1/projects/heart/catalog", headers=headers).status_code == 200


def test_what_is_about_all_projects_is_not_for_a_key_of_some(
    http: FlaskClient, service: FakeService
) -> None:
    asked = {}
    for role in (AccountRole.STEWARD, AccountRole.AUDITOR):
        key = service.accounts.create("eve", expires=FAR_DAY, role=role, projects=("heart",))
        browser = http.application.test_client()
        browser.post("/auth/signin", data={"key": key.text}, headers=HERE)
        cookie = browser.get_cookie("gateway-session")
        assert cookie is not None
        form = {"form_token": form_token(cookie.value)}
        for method, path, _ in addresses(http.application, WITH_A_SESSION):
            endpoint, _ = http.application.url_map.bind("localhost").match(path, method)
            action = ENTRANCES[endpoint].action
            if action in DUTIES[role] and action in OF_ALL_PROJECTS:
                data = form if method == "POST" else None
                reply = browser.open(path, method=method, data=data, headers=HERE)
                asked[endpoint] = (reply.status_code, "AUTH-SCOPE" in reply.text)

    assert set(asked.values()) == {(403, True)}
    assert len(asked) >= 15


def test_an_auditors_key_for_some_projects_reads_no_entries(
    http: FlaskClient, service: FakeService
) -> None:
    key = service.accounts.create(
        "eve", expires=FAR_DAY, role=AccountRole.AUDITOR, projects=("heart",)
    )
    headers = {"Authorization": f"Bearer {key.text}"}

    assert http.get("/v1/log/tile/entries/000", headers=headers).status_code == 404
    assert http.get("/v1/log/tile/0/000", headers=headers).status_code == 200
    assert service.recorded == []


def test_a_route_that_is_not_in_the_table_is_closed(service: FakeService) -> None:
    app = create_app(service)
    app.add_url_rule("/v1/new", "new", lambda: "secret")
    key = service.accounts.create("ana", expires=FAR_DAY)
    reply = app.test_client().get("/v1/new", headers={"Authorization": f"Bearer {key.text}"})

    assert reply.status_code == 500
    assert "secret" not in reply.text


def test_entries_of_the_log_are_for_auditors_whose_reading_is_logged_once_a_minute(
    http: FlaskClient, service: FakeService
) -> None:
    for role, status in ((AccountRole.AUDITOR, 200), (AccountRole.STEWARD, 404)):
        key = service.accounts.create(role.value, expires=FAR_DAY, role=role)
        headers = {"Authorization": f"Bearer {key.text}"}
        for _ in range(3):
            reply = http.get("/v1/log/tile/entries/000.p/3", headers=headers)
            assert reply.status_code == status
        assert http.get("/v1/log/tile/0/000.p/3", headers=headers).status_code == 200
    assert service.recorded == [LogRead(actor="auditor")]

    service.time += timedelta(minutes=1)
    key = service.accounts.create("auditor", expires=FAR_DAY, role=AccountRole.AUDITOR)
    http.get("/v1/log/tile/entries/000.p/3", headers={"Authorization": f"Bearer {key.text}"})
    assert len(service.recorded) == 2


def test_everything_that_a_role_may_do_has_a_door() -> None:
    assert {entrance.action for entrance in ENTRANCES.values()} - {None} == set(Action)


def test_an_auditor_changes_nothing_and_an_administrator_reads_no_data() -> None:
    changing = {
        Action.ASK,
        Action.SIGN_POLICY,
        Action.ACTIVATE_POLICY,
        Action.END_SESSIONS,
        Action.SUSPEND_POLICY,
    }
    data = changing - {Action.END_SESSIONS} | {
        Action.READ_PROJECT,
        Action.PRACTICE,
        Action.READ_ANSWER,
        Action.READ_RECEIPT,
        Action.READ_ENTRIES,
    }

    assert not DUTIES[AccountRole.AUDITOR] & changing
    assert not DUTIES[AccountRole.ADMINISTRATOR] & data
    assert not DUTIES[AccountRole.RESEARCHER] & DUTIES[AccountRole.STEWARD] & changing
    assert changing | {Action.SIGN_OFF} >= RECENT
    assert set(DUTIES) == set(AccountRole)
    assert set().union(*DUTIES.values()) == set(Action)
