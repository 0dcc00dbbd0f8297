"""Replies of a real deployment, and catalogs of the shipped declarations, are as described."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator

from gateway.app import api_document, create_app
from gateway.bodies import parse_question
from gateway.catalog import catalog_document, project_document
from gateway.client import question_body
from gateway.deployment import Deployment
from gateway.operations_log import operations_log
from policies.load import load_policies
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full

DOCUMENT = api_document()
HOME = f"/v1/projects/{PROJECT}"
EXAMPLES = Path(__file__).parents[3] / "policies" / "examples"
MEAN = "SELECT sex, AVG(age) AS mean, COUNT(*) AS n FROM patients GROUP BY sex"
QUESTIONS: tuple[dict[str, object], ...] = (
    {"sql": COUNTS, "epsilon": "0.1"},
    {"sql": COUNTS, "epsilon": "0.1"},
    {"sql": COUNTS, "epsilon": "0.2"},
    {"sql": MEAN, "epsilon": "0.2"},
    {"sql": "SELECT SUM(age) AS s FROM patients", "epsilon": "0.1"},
    {"sql": "SELECT kind, COUNT(*) AS n FROM visits GROUP BY kind", "accuracy": {"within": 90}},
    {"sql": "SELECT 9007199254740993 AS big, COUNT(*) AS n FROM patients", "epsilon": "0.1"},
    {"sql": "SELECT name FROM patients"},
    {"sql": "SELECT patient_id, COUNT(*) FROM patients GROUP BY 1"},
    {"sql": "SELECT COUNT(*) FROM nothing"},
    {"sql": "nonsense"},
    {"sql": COUNTS, "epsilon": "900"},
    {"sql": COUNTS, "purpose": "curiosity"},
    {"sql": COUNTS, "confirm_price": "0.3", "epsilon": "0.1"},
    {"sql": COUNTS, "rho": "0.1"},
)


def validator(schema: dict[str, Any]) -> Any:  # noqa: ANN401  the library's own
    return OAS31Validator({**schema, "components": DOCUMENT["components"]})


def wrong(path: str, method: str, reply: Any) -> list[str]:  # noqa: ANN401  werkzeug's
    """Say where a reply is not as described."""
    told = DOCUMENT["paths"][path][method]["responses"][str(reply.status_code)]["content"]
    found = validator(told[reply.mimetype]["schema"]).iter_errors(reply.json)
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    site = make_full(tmp_path_factory.mktemp("real"))
    with Deployment.open(site, paced=False) as deployment:
        key = deployment.accounts.create(USER, expires=FAR_DAY)
        app = create_app(deployment, log=operations_log(io.StringIO()))
        yield app.test_client(), {"Authorization": f"Bearer {key.text}"}


@pytest.mark.parametrize(
    ("path", "url"),
    [
        *((one, one) for one in ("/livez", "/readyz", "/v1/me", "/v1/openapi.json")),
        ("/v1/projects/{project_id}", HOME),
        ("/v1/projects/{project_id}/catalog", f"{HOME}/catalog"),
        ("/v1/projects/{project_id}/budget", f"{HOME}/budget"),
        ("/v1/projects/{project_id}/budget", "/v1/projects/other/budget"),
    ],
)
def test_what_is_read_is_as_described(
    asked: tuple[FlaskClient, dict[str, str]], path: str, url: str
) -> None:
    http, key = asked

    assert wrong(path, "get", http.get(url, headers=key)) == []


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("address", ["queries:price", "queries:explain", "queries"])
def test_what_is_asked_is_answered_or_refused_as_described(
    asked: tuple[FlaskClient, dict[str, str]], address: str, question: dict[str, object]
) -> None:
    http, key = asked
    reply = http.post(f"{HOME}/{address}", json=question, headers=key)

    assert wrong(f"/v1/projects/{{project_id}}/{address}", "post", reply) == []
    if reply.status_code == 200 and address == "queries":
        path = "/v1/projects/{project_id}/queries/{query_id}"
        again = http.get(f"{HOME}/queries/{reply.headers['Gateway-Query-Id']}", headers=key)
        assert again.status_code == 200
        assert wrong(path, "get", again) == []


@pytest.mark.parametrize("folder", sorted(one.parent.name for one in EXAMPLES.glob("*/projects")))
def test_catalogs_of_the_shipped_declarations_are_as_described(folder: str) -> None:
    active = load_policies(EXAMPLES / folder)
    schemas = DOCUMENT["components"]["schemas"]
    for project in active.projects.values():
        today = project.metadata.effective_from
        catalog = catalog_document(active, project, today)
        shown = project_document(project, project.spec.members[0].user)

        assert [
            one.message for one in validator(schemas["CatalogReply"]).iter_errors(catalog)
        ] == []
        assert [one.message for one in validator(schemas["ProjectReply"]).iter_errors(shown)] == []
        assert catalog["datasets"]


def test_questions_of_all_kinds_are_asked(asked: tuple[FlaskClient, dict[str, str]]) -> None:
    http, key = asked
    priced = [
        http.post(f"{HOME}/queries:price", json=question, headers=key) for question in QUESTIONS
    ]

    assert [reply.status_code for reply in priced[:7]] == [200] * 7
    # What was paid for meanwhile is free, whatever price is confirmed: 200 in place of 409.
    assert {reply.status_code for reply in priced[7:]} - {200, 409} == {403, 422}


@pytest.mark.parametrize("amount", [1e-07, Decimal("1E-7"), "0.0000001"])
def test_the_client_writes_amounts_with_digits_alone(amount: float | Decimal | str) -> None:
    body = question_body("SELECT 1", {"epsilon": amount})

    assert parse_question(json.dumps(body).encode()).epsilon == Decimal("0.0000001")
