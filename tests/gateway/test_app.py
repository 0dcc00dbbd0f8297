from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gateway.app import SECURITY_HEADERS, create_app
from gateway.identity.principals import AccountRole
from gateway.operations_log import ALLOWED_KEYS, operations_log, place_of
from gateway.routes.callers import current_principal
from gateway.serving_settings import HttpSettings
from gateway.settings import ServiceSettings
from policies.errors import DeclarationError, InternalError
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import NOW

Headers = Callable[..., dict[str, str]]
QUERIES = "/v1/projects/heart/queries"
CANARY = "canary-813"


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("GET", "/v1/projects/heart"),
        ("GET", "/v1/projects/nothing"),
        ("GET", "/v1/projects/heart/catalog"),
        ("GET", "/v1/projects/heart/budget"),
        ("POST", QUERIES),
        ("POST", f"{QUERIES}:price"),
        ("GET", f"{QUERIES}/{'0' * 32}"),
        ("GET", "/v1/log/checkpoint"),
        ("GET", "/nothing"),
        ("DELETE", "/v1/me"),
        ("OPTIONS", "/v1/me"),
        ("GET", "//v1/me"),
        ("GET", "/v1/me/"),
        ("GET", "/static/x"),
    ],
)
def test_nothing_but_the_probes_is_open_to_an_unknown_caller(
    http: FlaskClient, method: str, path: str
) -> None:
    reply = http.open(path, method=method)

    assert reply.status_code == 401
    assert reply.mimetype == "application/problem+json"
    assert "Bearer" in reply.headers["WWW-Authenticate"]


def test_every_bad_key_gets_the_same_reply(
    http: FlaskClient, service: FakeService, key_of: Headers
) -> None:
    soon = service.accounts.create("ana", expires=FAR_DAY)
    service.accounts.revoke(soon.id)
    good = key_of()["Authorization"]
    tokens = ["", "Bearer", "Bearer x", f"Basic {good[7:]}", f"Bearer {soon.text}", f"{good}0"]
    replies = {http.get("/v1/me", headers={"Authorization": token}).data for token in tokens}
    service.time = FAR_DAY + timedelta(days=1)
    replies.add(http.get("/v1/me", headers={"Authorization": good}).data)
    replies.add(http.get("/v1/me").data)

    assert len(replies) == 1


def test_the_scheme_of_the_header_may_be_written_in_any_case(
    http: FlaskClient, key_of: Headers
) -> None:
    token = key_of()["Authorization"].replace("Bearer", "bEARER")

    assert http.get("/v1/me", headers={"Authorization": token}).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/v1/me", "/nothing"])
def test_every_reply_has_the_security_headers(
    http: FlaskClient, key_of: Headers, path: str
) -> None:
    for headers in ({}, key_of()):
        reply = http.get(path, headers=headers)

        assert {name: reply.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert "Set-Cookie" not in reply.headers


def test_what_is_not_there_is_told_as_a_problem(http: FlaskClient, key_of: Headers) -> None:
    for path in ("/nothing", "/v1/me/", "//v1/me", "/v1/projects/heart/queries:price"):
        reply = http.get(path, headers=key_of())

        assert reply.status_code in {404, 405}
        assert reply.mimetype == "application/problem+json"


def test_a_wrong_method_is_told_with_those_allowed(http: FlaskClient, key_of: Headers) -> None:
    for method in ("DELETE", "OPTIONS", "BREW"):
        reply = http.open(QUERIES, method=method, headers=key_of())

        assert reply.status_code == 405
        assert reply.headers["Allow"] == "POST"
        assert reply.json is not None
        assert reply.json["code"] == "REQ-METHOD"


@pytest.mark.parametrize(
    "error", [InternalError("abc"), DeclarationError(CANARY, file=CANARY), KeyError(CANARY)]
)
def test_an_internal_failure_tells_an_incident_id_and_nothing_else(
    http: FlaskClient,
    service: FakeService,
    key_of: Headers,
    log_lines: io.StringIO,
    error: Exception,
) -> None:
    service.fails_with = error
    reply = http.post(QUERIES, json={"sql": f"SELECT '{CANARY}'"}, headers=key_of())

    assert reply.status_code == 500
    assert CANARY not in reply.text
    assert reply.json is not None
    incident = next(line for line in lines(log_lines) if line["event"] == "incident")
    assert incident["incident"] == reply.json["incident"]
    assert incident["error"] == type(error).__name__
    assert "fake_service.py" in str(incident["place"])


def test_the_operators_log_holds_no_sql_no_body_and_no_path(
    http: FlaskClient, service: FakeService, key_of: Headers, log_lines: io.StringIO
) -> None:
    headers = key_of()
    http.post(QUERIES, json={"sql": CANARY}, headers=headers)
    http.post(QUERIES, data=CANARY, headers=headers)
    http.get(f"/v1/projects/{CANARY}?q={CANARY}", headers=headers)
    http.get(f"/{CANARY}", headers={**headers, "User-Agent": CANARY})
    service.fails_with = ValueError(CANARY)
    http.post(QUERIES, json={"sql": CANARY}, headers=headers)

    assert CANARY not in log_lines.getvalue()
    assert headers["Authorization"][-64:] not in log_lines.getvalue()
    assert len(lines(log_lines)) == 6
    assert all(set(line) <= ALLOWED_KEYS for line in lines(log_lines))


def test_a_request_is_logged_by_route_key_and_code(
    http: FlaskClient, key_of: Headers, log_lines: io.StringIO
) -> None:
    headers = key_of()
    http.post(QUERIES, json={}, headers=headers)

    line = lines(log_lines)[0]
    assert line["route"] == "/v1/projects/<project_id>/queries"
    assert (line["status"], line["code"], line["method"]) == (422, "REQ-BODY", "POST")
    assert str(line["key"]) in headers["Authorization"]


def test_the_log_drops_keys_and_values_that_are_not_allowed() -> None:
    stream = io.StringIO()
    operations_log(stream).info("request", sql=CANARY, status=200, route=[CANARY])

    assert CANARY not in stream.getvalue()
    assert json.loads(stream.getvalue())["status"] == 200


def test_a_place_names_files_and_lines_only() -> None:
    try:
        json.loads(CANARY)
    except ValueError as error:
        place = place_of(error)

    assert place.startswith("test_app.py:")
    assert CANARY not in place


def test_one_key_has_few_requests_at_once(tmp_path: Path) -> None:
    service = FakeService(tmp_path)
    service.settings = service.settings.__class__(
        **{
            name: getattr(service.settings, name)
            for name in service.settings.__dataclass_fields__
            if name != "service"
        },
        service=ServiceSettings(requests_per_key=1, time_bucket_ms=0),
    )
    http = create_app(service, log=operations_log(io.StringIO())).test_client()
    key = service.accounts.create("ana", expires=FAR_DAY)
    headers = {"Authorization": f"Bearer {key.text}"}
    inner: list[int] = []
    ask = service.balances

    def nested(project: str, dataset: str, principal: str) -> object:
        inner.append(http.get("/v1/me", headers=headers).status_code)
        return ask(project, dataset, principal)

    service.balances = nested  # type: ignore[method-assign, assignment]
    outer = http.get("/v1/projects/heart/budget", headers=headers).status_code
    after = http.get("/v1/me", headers=headers).status_code

    assert (outer, inner, after) == (200, [429], 200)


def test_all_sessions_of_somebody_count_together(tmp_path: Path) -> None:
    service = FakeService(tmp_path)
    service.settings = replace(
        service.settings, service=ServiceSettings(requests_per_key=1, time_bucket_ms=0)
    )
    app = create_app(service, log=operations_log(io.StringIO()))
    key = service.accounts.create("ana", expires=FAR_DAY)
    one, other = app.test_client(), app.test_client()
    for browser in (one, other):
        browser.post("/auth/signin", data={"key": key.text}, headers={"Origin": "http://localhost"})
    inner: list[int] = []
    ask = service.balances

    def nested(project: str, dataset: str, principal: str) -> object:
        inner.append(other.get("/projects/heart").status_code)
        return ask(project, dataset, principal)

    service.balances = nested  # type: ignore[method-assign, assignment]
    outer = one.get("/projects/heart").status_code

    assert (outer, inner) == (200, [429])


def test_who_knocks_at_doors_of_others_is_limited(tmp_path: Path) -> None:
    service = FakeService(tmp_path)
    service.settings = replace(service.settings, http=HttpSettings(unknown_per_minute=3))
    http = create_app(service, log=operations_log(io.StringIO())).test_client()
    key = service.accounts.create("eve", expires=FAR_DAY, role=AccountRole.ADMINISTRATOR)
    headers = {"Authorization": f"Bearer {key.text}"}
    statuses = [http.get("/v1/projects/heart", headers=headers).status_code for _ in range(4)]

    assert statuses == [403, 403, 403, 429]
    assert http.get("/v1/me", headers=headers).status_code == 200


def test_ready_says_what_is_missing(http: FlaskClient, service: FakeService) -> None:
    ready = {"ready": True, "checks": {"ledger": True}, "witness_age_seconds": None}
    assert http.get("/readyz").json == ready
    assert http.get("/livez").status_code == 200

    service.ready = False
    reply = http.get("/readyz")
    assert (reply.status_code, reply.json) == (
        503,
        {**ready, "ready": False, "checks": {"ledger": False}},
    )


def test_time_is_that_of_the_deployment(
    http: FlaskClient, service: FakeService, key_of: Headers
) -> None:
    service.time = NOW + timedelta(days=365)
    reply = http.get("/v1/projects/heart", headers=key_of())

    assert reply.status_code == 403


def test_a_route_that_ran_before_authentication_fails_closed(
    http: FlaskClient,
) -> None:
    with http.application.test_request_context("/v1/me"), pytest.raises(RuntimeError):
        current_principal()
