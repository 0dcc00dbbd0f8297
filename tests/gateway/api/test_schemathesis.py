"""The running app keeps what its description promises, whatever is sent.

Schemathesis makes requests from ``GET /v1/openapi.json``, valid and not, and applies all its
checks. ``GATEWAY_API_EXAMPLES=500`` runs it longer; docs/operations.md says when.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from gateway.app import api_document
from tests.gateway.api.conftest import ROLES
from tests.gateway.made_up import QUERY_ID

DOCUMENT = api_document()
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
CASES = [
    (path, method, mode)
    for path, method in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    # Where nothing is taken, or any text, nothing that is sent can be wrong.
    if mode is GenerationMode.POSITIVE
    or (
        {"parameters", "requestBody"} & set(DOCUMENT["paths"][path][method])
        and not path.endswith("{rest}")
    )
]
EXAMPLES = int(os.environ.get("GATEWAY_API_EXAMPLES", "6"))
KNOWN = {"project_id": "heart", "dataset_id": "hospital", "query_id": QUERY_ID, "index": "7"}
# SQL that is a text and no SELECT, and a body that contradicts itself, are told after the schema.
TOLD_LATER = ["2xx", "401", "403", "404", "409", "413", "422", "429"]
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
CONFIG = {
    "generation": {"with-security-parameters": False},  # each request gets the key of a role
    "checks": {
        "positive_data_acceptance": {"expected-statuses": TOLD_LATER},
        "negative_data_rejection": {"expected-statuses": REJECTED},
        "not_a_server_error": {"expected-statuses": ["2xx", "4xx"]},
    },
}


@pytest.fixture
def api(app: Flask, bearer: Callable[..., dict[str, str]]) -> Any:  # noqa: ANN401  schemathesis' own
    config = SchemathesisConfig.from_dict(CONFIG)
    return schemathesis.openapi.from_wsgi("/v1/openapi.json", app, config=config, headers=bearer())


def test_all_operations_are_tried() -> None:
    assert (len(OPERATIONS), len(CASES)) == (27, 46)


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_the_app_is_as_it_is_described(
    api: Any,  # noqa: ANN401  the same
    bearer: Callable[..., dict[str, str]],
    path: str,
    method: str,
    mode: GenerationMode,
) -> None:
    keys = {role: bearer(role) for role in ROLES}
    operation = api[path][method]

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        role=st.sampled_from(ROLES),
        known=st.booleans(),
    )
    def holds(case: Any, role: str, *, known: bool) -> None:  # noqa: ANN401  the same
        if known and case.path_parameters and mode is GenerationMode.POSITIVE:
            named = {name: KNOWN.get(name, value) for name, value in case.path_parameters.items()}
            case.path_parameters = named
        # An empty list is written as nothing at all, so that what would be wrong is not sent.
        assume(all(value not in ([], {}) for value in (case.query or {}).values()))
        case.call_and_validate(headers=keys[role])

    holds()
