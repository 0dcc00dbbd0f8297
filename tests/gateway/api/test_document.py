"""The description is whole, valid and true: of every route, every reply code and every example."""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import TypeAdapter

from gateway.app import api_document, create_app
from gateway.audit.entries import Entry, Stamp
from gateway.audit.events import SystemStarted
from gateway.bodies import QuestionBody, parse_question
from gateway.cli import main
from gateway.errors import (
    BodyError,
    NotFoundError,
    RequestError,
    TooManyRequestsError,
    UnavailableError,
)
from gateway.openapi import described, operation_of
from gateway.openapi.operations import FAMILIES
from gateway.problems import STATUS_OF_CODE, row_of
from gateway.routes.description import addresses
from gateway.serving_settings import HttpSettings
from policies.errors import (
    BudgetExceededError,
    GatewayError,
    PolicyDeniedError,
    RefusalError,
    UnsupportedQueryError,
)
from tests.architecture.sources import PACKAGES, modules, tree
from tests.gateway.api.conftest import page
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import QUERY_ID
from tests.limits import PATIENCE

Bearer = Callable[..., dict[str, str]]
DOCUMENT = api_document()
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
VALUES = {
    "project_id": "heart",
    "dataset_id": "hospital",
    "query_id": QUERY_ID,
    "index": "7",
    "rest": "0/000.p/17",
    "job_id": "f" * 32,
}
NEEDED = {"log_proof": "?old=2"}
STATUSES = [
    (name, int(status))
    for name, (_, _, operation) in OPERATIONS.items()
    for status in operation["responses"]
]
WRONG: dict[int, dict[str, Any]] = {
    406: {"headers": {"Accept": "image/png"}},
    413: {"data": b"x" * 300_000, "content_type": "application/json"},
    415: {"data": b"{}", "content_type": "text/plain"},
    422: {"json": {"sql": 7, "text": 7}},
}
FAILURES: dict[int, Exception] = {
    403: PolicyDeniedError("m", rule="r", code="PRJ-NOT-MEMBER"),
    409: RefusalError("m", code="BUD-QUESTION-BUSY"),
    500: KeyError("m"),
    503: UnavailableError("m"),
}
JOB_FAILURES: dict[int, Exception] = {
    409: RefusalError("m", code="BUD-QUESTION-BUSY"),
    422: UnsupportedQueryError("m", code="SQL-FUNCTION"),
    503: UnavailableError("m"),
}
MISSING = {
    "queries_stored": f"/v1/projects/heart/queries/{'f' * 32}",
    "practice_tables": "/v1/projects/heart/datasets/none/practice",
    "receipts_receipt": "/v1/receipts/9999",
    "jobs_shown": f"/v1/projects/heart/jobs/{'f' * 32}",
    "jobs_result": f"/v1/projects/heart/jobs/{'f' * 32}/result",
    "jobs_cancelled": f"/v1/projects/heart/jobs/{'f' * 32}",
    "log_proof": "/v1/log/proof?old=99",
    "log_tile": "/v1/log/tile/9",
}


def address(name: str) -> str:
    path = str(OPERATIONS[name][0])
    return path.format(**VALUES) + NEEDED.get(name, "")


def example(name: str) -> Any:  # noqa: ANN401  JSON
    content = OPERATIONS[name][2]["requestBody"]["content"]["application/json"]
    return next(iter(content["examples"].values()))["value"]


class Provoked:
    """Makes each address answer with each status that it is described with."""

    def __init__(self, service: FakeService, bearer: Bearer, app: Flask) -> None:
        self.service = service
        self.http = app.test_client()
        self.bearer = bearer
        stamp = Stamp(seq=7, time="2026-11-21T12:00:00.000000Z", behind_ms=0, boot="0" * 32, mono=1)
        service.log = {7: (Entry(stamp, SystemStarted(software="gateway", sqlite="3.0.0")),)}

    def reply(self, name: str, status: int) -> Any:  # noqa: ANN401  werkzeug's
        _, method, operation = OPERATIONS[name]
        sent: dict[str, Any] = {"method": method.upper()}
        if "requestBody" in operation:
            sent["json"] = example(name)
        headers = {} if status == 401 else self.bearer(self.role(name, status), self.user(status))
        if "{job_id}" in OPERATIONS[name][0] and status != 404:
            path = address(name).replace("f" * 32, self.job(status))
            told = 200 if status in JOB_FAILURES else status
        else:
            path, told = address(name), status
        return self.sent(name, told, path, sent, headers)

    def sent(
        self, name: str, status: int, path: str, sent: dict[str, Any], headers: dict[str, str]
    ) -> Any:  # noqa: ANN401  werkzeug's
        match status:
            case 202:
                headers |= {"Prefer": "respond-async"}
            case 400:
                path += ("&" if "?" in path else "?") + "unknown=1"
            case 404:
                path = MISSING[name]
            case 406 | 413 | 415 | 422:
                sent.pop("json", None)
                sent |= {key: value for key, value in WRONG[status].items() if key != "headers"}
                headers |= WRONG[status].get("headers", {})
                if status == 406 and "requestBody" in OPERATIONS[name][2]:
                    sent["json"] = example(name)
            case 429:
                return self.limited(path, sent, headers)
            case 500 | 503 | 409:
                return self.failing(name, status, path, {**sent, "headers": headers})
        return self.http.open(path, headers=headers, **sent)

    def job(self, status: int) -> str:
        """Ask something that is answered later, or fails; return the job's id once it has ended."""
        self.service.fails_with = JOB_FAILURES.get(status)
        mine = {**self.bearer(), "Prefer": "respond-async"}
        sent = self.http.post(address("queries_run"), json=example("queries_run"), headers=mine)
        place = str(sent.headers["Location"])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            reply = self.http.get(place, headers=mine)
            assert reply.json is not None
            if reply.json["ended"] is not None:
                break
            time.sleep(0.01)
        return place.rpartition("/")[2]

    @staticmethod
    def role(name: str, status: int) -> str:
        """Auditors may read any receipt, administrators none; in these tests neither sends text."""
        if name == "receipts_receipt":
            return "administrator" if status == 403 else "auditor"
        refused = name.startswith("presidio") and status == 403
        return "auditor" if refused else "researcher"

    @staticmethod
    def user(status: int) -> str:
        return "eve" if status == 403 else "ana"

    def limited(self, path: str, sent: dict[str, Any], headers: dict[str, str]) -> Any:  # noqa: ANN401
        few = HttpSettings(requests_per_minute=1, unknown_per_minute=1)
        self.service.settings = replace(self.service.settings, http=few)
        http = create_app(self.service, log=Silent()).test_client()
        http.open(path, headers=headers, **sent)
        return http.open(path, headers=headers, **sent)

    def failing(self, name: str, status: int, path: str, sent: dict[str, Any]) -> Any:  # noqa: ANN401
        failure = FAILURES[status]
        self.service.fails_with = failure
        self.service.ready = False
        if status == 500 and not name.startswith("queries"):
            view = f"{name.partition('_')[0]}.{name.partition('_')[2]}"

            def failed(**_: object) -> str:
                raise failure

            says = operation_of(self.http.application.view_functions[view])
            assert says is not None
            self.http.application.view_functions[view] = described(says)(failed)
        if name == "queries_stored":
            self.service.stored_answer = failed_answer  # type: ignore[method-assign]  # a failure
        return self.http.open(path, **sent)


def failed_answer(project: str, query_id: str) -> None:
    raise KeyError(project, query_id)


class Silent:
    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


@pytest.fixture
def provoked(whole: FakeService, bearer: Bearer, app: Flask) -> Provoked:
    return Provoked(whole, bearer, app)


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


def test_it_is_valid_openapi() -> None:
    validate(DOCUMENT)

    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    found = {(one.method, one.path) for one in addresses(app)}

    assert found == {(method, path) for path, method, _ in OPERATIONS.values()}
    assert len(found) == 27


def test_a_route_that_says_nothing_of_itself_is_found(app: Flask) -> None:
    app.view_functions["new"] = lambda: ""
    app.add_url_rule("/v1/new", "new")

    with pytest.raises(LookupError, match="/v1/new"):
        addresses(app)


def test_it_is_given_and_printed_as_it_is(
    http: FlaskClient, bearer: Bearer, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["openapi"])

    assert http.get("/v1/openapi.json", headers=bearer()).json == DOCUMENT
    assert json.loads(capsys.readouterr().out) == DOCUMENT


def test_it_holds_nothing_of_the_deployment(whole: FakeService) -> None:
    text = json.dumps(DOCUMENT)

    assert whole.settings.id not in text
    assert "heart" not in text


@pytest.mark.parametrize(("name", "status"), STATUSES)
def test_every_described_reply_is_met_and_is_as_described(
    provoked: Provoked, name: str, status: int
) -> None:
    reply = provoked.reply(name, status)
    content = OPERATIONS[name][2]["responses"][str(status)]["content"]

    assert reply.status_code == status, reply.text[:300]
    assert reply.mimetype in content
    schema = content[reply.mimetype].get("schema")
    if schema is not None:
        whole = {**schema, "components": DOCUMENT["components"]}
        assert [one.message for one in OAS31Validator(whole).iter_errors(reply.json)] == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (name, case["value"])
        for name, (_, _, operation) in OPERATIONS.items()
        for case in operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("examples", {})
        .values()
    ],
)
def test_every_example_is_answered(
    http: FlaskClient, bearer: Bearer, name: str, body: object
) -> None:
    reply = http.post(address(name), json=body, headers=bearer())

    assert reply.status_code == 200


def test_every_body_has_examples_and_every_status_is_on_the_page() -> None:
    rows = re.findall(r"^\| ([0-9, ]+) \|", page("api.md"), flags=re.MULTILINE)
    bodies = [one["requestBody"] for _, _, one in OPERATIONS.values() if "requestBody" in one]

    assert len(bodies) == 5
    assert all(body["content"]["application/json"]["examples"] for body in bodies)
    assert set(FAMILIES) <= {int(status) for row in rows for status in row.split(",")}


def test_codes_with_a_status_of_their_own_are_of_the_described_families() -> None:
    told = {code: FAMILIES[status] for code, status in STATUS_OF_CODE.items()}

    assert [code for code, families in told.items() if code.partition("-")[0] not in families] == []


def raised(*classes: str) -> set[tuple[str, str]]:
    """Return each class and code with which our packages make one of these, where both stand."""
    return {(name, code) for name, code in with_codes() if name in classes}


@cache
def with_codes() -> frozenset[tuple[str, str]]:
    return frozenset(
        (str(getattr(node.func, "id", "")), str(given.value.value))
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        for given in node.keywords
        if given.arg == "code" and isinstance(given.value, ast.Constant)
    )


@pytest.mark.parametrize(
    "error",
    [
        *(UnsupportedQueryError, PolicyDeniedError, BudgetExceededError, RefusalError),
        *(RequestError, TooManyRequestsError, UnavailableError, NotFoundError),
    ],
)
def test_every_code_that_is_raised_is_of_a_family_described_with_its_status(
    error: type[GatewayError],
) -> None:
    also = ("Deny",) if error is PolicyDeniedError else ()
    codes = {code for _, code in raised(error.__name__, *also)} | {error.code}
    wrong = {
        code
        for code in codes
        if not code.startswith("REL-")  # records have no address
        and code.partition("-")[0] not in FAMILIES[STATUS_OF_CODE.get(code, row_of(error).status)]
    }

    assert wrong == set()


def test_enough_codes_are_found() -> None:
    assert len(raised("UnsupportedQueryError")) >= 20
    assert ("RequestError", "REQ-CLEARTEXT") in raised("RequestError")
    assert len(raised("Deny")) >= 10


AMOUNTS = st.one_of(
    st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,12})?", fullmatch=True),
    st.text(alphabet="0123456789.eE+-_ ", max_size=12),
    st.decimals(allow_nan=True).map(str),
)


@given(amount=AMOUNTS, field=st.sampled_from(["epsilon", "rho", "delta", "confirm_price"]))
def test_an_amount_is_read_exactly_where_the_description_says_so(amount: str, field: str) -> None:
    schema = TypeAdapter(QuestionBody).json_schema()
    body = {"sql": "SELECT 1", field: amount}

    assert OAS31Validator(schema).is_valid(body) == is_read(body)


def is_read(body: object) -> bool:
    try:
        parse_question(json.dumps(body).encode())
    except BodyError:
        return False
    return True


def twice() -> Iterator[bytes]:
    yield b'{"sql": "SELECT 1", "sql": "SELECT 2"}'
    yield b'{"sql": "SELECT 1", "epsilon": "0.1", "epsilon": "9"}'
    yield b'{"sql": "SELECT 1", "weights": {"n": 1, "n": 2}}'
    yield b'{"sql": "SELECT 1", "accuracy": {"within": 1, "within": 9}}'
    yield b'{"sql": "SELECT 1", "s\\u0071l": "SELECT 2"}'


@pytest.mark.parametrize("body", list(twice()))
def test_a_field_that_stands_twice_is_refused(body: bytes) -> None:
    with pytest.raises(BodyError) as caught:
        parse_question(body)

    assert caught.value.fields[0].detail == "a field is given twice"
