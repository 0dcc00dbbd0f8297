from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import anonymizers
import gateway
import policies
import query
from gateway.errors import (
    AuthenticationError,
    BodyError,
    FieldProblem,
    JobCancelledError,
    NotFoundError,
    OperatorError,
    RequestError,
    TooManyRequestsError,
    UnavailableError,
)
from gateway.problem_parsing import parse_problem
from gateway.problems import HTTP_PROBLEMS, ROWS, http_problem, problem_of, row_of
from policies.errors import (
    BudgetExceededError,
    CombinedDeclarationError,
    DeclarationError,
    GatewayError,
    InternalError,
    PolicyDeniedError,
    Position,
    RefusalError,
    SourceError,
    UnsupportedQueryError,
)

CANARY = "canary-813"


def every_error() -> Iterator[type[GatewayError]]:
    """All classes of the tree, after every module with errors has been imported."""
    for package in (policies, anonymizers, query, gateway):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] == "errors":
                importlib.import_module(module.name)
    found = [GatewayError]
    for error in found:
        found.extend(error.__subclasses__())
    return iter(found[1:])


def test_every_error_has_a_row_of_its_own_or_of_its_nearest_parent() -> None:
    errors = list(every_error())

    assert len(errors) >= 18
    assert all(row_of(error).status in range(400, 600) for error in errors)
    with pytest.raises(KeyError):
        row_of(GatewayError)


def test_only_refusals_and_requests_are_told_in_their_own_words() -> None:
    told = {error for error in every_error() if row_of(error).told}

    own = RefusalError | RequestError | UnavailableError | JobCancelledError
    assert all(issubclass(error, own) for error in told)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnsupportedQueryError("m"), 422),
        (PolicyDeniedError("m", rule="r"), 403),
        (BudgetExceededError("m"), 403),
        (RefusalError("m", code="BUD-QUERY-REPEATED"), 409),
        (UnsupportedQueryError("m", code="SQL-PRICE-CHANGED"), 409),
        (UnsupportedQueryError("m", code="SYS-NO-SNAPSHOT"), 503),
        (AuthenticationError(), 401),
        (BodyError("m"), 422),
        (NotFoundError("m"), 404),
        (TooManyRequestsError("m"), 429),
        (RequestError("m"), 400),
        (UnavailableError("m"), 503),
        (InternalError("ab"), 500),
        (JobCancelledError(), 409),
        (RequestError("m", code="REQ-KEY-REUSED"), 422),
    ],
)
def test_each_class_has_its_status(error: GatewayError, status: int) -> None:
    problem = problem_of(error)

    assert problem.status == problem.document["status"] == status
    assert problem.document["type"] == f"urn:gateway:problem:{problem.document['code']}"


@pytest.mark.parametrize(
    "error",
    [
        DeclarationError(CANARY, file=CANARY),
        CombinedDeclarationError([DeclarationError(CANARY)]),
        SourceError(CANARY, file=CANARY),
        OperatorError(CANARY, file=CANARY, remedy=CANARY),
    ],
)
def test_what_is_not_the_callers_business_is_an_incident(error: GatewayError) -> None:
    problem = problem_of(error)

    assert problem.status == 500
    assert CANARY not in str(problem.document)
    assert problem.document["incident"] in problem.document["detail"]
    assert "charged" not in problem.document


def test_a_denial_names_the_rule_the_declaration_and_the_place() -> None:
    error = PolicyDeniedError(
        "Column SSN is a direct identifier",
        rule="column_role",
        code="POL-COLUMN-ROLE",
        remedy="leave it out",
        at="/spec/tables/patients/columns/SSN/role",
        policy="hospital",
    )

    assert problem_of(error).document == {
        "type": "urn:gateway:problem:POL-COLUMN-ROLE",
        "title": "The policy does not allow this",
        "status": 403,
        "code": "POL-COLUMN-ROLE",
        "detail": "Column SSN is a direct identifier",
        "remedy": "leave it out",
        "rule": "column_role",
        "policy": {"id": "hospital", "at": "/spec/tables/patients/columns/SSN/role"},
        "charged": "0",
    }


def fields_of(error: GatewayError) -> dict[str, Any]:
    return {**vars(error), "class": type(error), "code": error.code}


@pytest.mark.parametrize(
    "error",
    [
        UnsupportedQueryError("m", code="SQL-X", remedy="r", position=Position(2, 3)),
        UnsupportedQueryError("m", code="SQL-X"),
        PolicyDeniedError("m", rule="r", code="POL-X", remedy="do", at="/a", policy="p"),
        PolicyDeniedError("m", rule="r", code="BUD-QUERY-CAP"),
        BudgetExceededError("m", code="BUD-EXCEEDED", remedy="r"),
        RefusalError("m", code="POL-REFUSED"),
        AuthenticationError(),
        BodyError("m", fields=(FieldProblem(pointer="/sql", detail="d"),)),
        NotFoundError("m", remedy="r"),
        TooManyRequestsError("m"),
        RequestError("m", code="REQ-TOO-LARGE"),
        UnavailableError("m"),
        InternalError("ab"),
    ],
)
def test_the_client_raises_what_the_service_raised(error: GatewayError) -> None:
    problem = problem_of(error)

    assert fields_of(parse_problem(problem.document, problem.status)) == fields_of(error)


@pytest.mark.parametrize("document", [{}, {"code": 1, "detail": "x"}, {"code": "X"}])
def test_another_servers_failure_is_told_as_such(document: dict[str, Any]) -> None:
    error = parse_problem(document, 502)

    assert isinstance(error, UnavailableError)
    assert "502" in error.message


def test_a_position_that_is_none_is_left_out() -> None:
    document = {"code": "SQL-X", "detail": "m", "position": {"line": "1"}}
    error = parse_problem(document, 422)

    assert isinstance(error, UnsupportedQueryError)
    assert error.position is None


def test_fields_that_are_none_are_left_out() -> None:
    error = parse_problem({"code": "REQ-BODY", "detail": "m", "errors": [3, {}]}, 422)

    assert isinstance(error, BodyError)
    assert error.fields == (FieldProblem(pointer="", detail=""),)


@pytest.mark.parametrize("status", [*HTTP_PROBLEMS, 418])
def test_what_http_itself_refuses_is_told_in_our_words(status: int) -> None:
    problem = http_problem(status)

    assert problem.status == status
    assert problem.document["code"].startswith(("REQ-", "RATE-"))
    assert problem.document["charged"] == "0"


def test_callers_are_told_when_to_come_back_and_how_to_authenticate() -> None:
    assert problem_of(TooManyRequestsError("m")).headers == {"Retry-After": "1"}
    assert "Bearer" in problem_of(AuthenticationError()).headers["WWW-Authenticate"]
    assert problem_of(NotFoundError("m")).headers == {}


def test_no_row_is_left_of_a_class_that_is_gone() -> None:
    assert set(ROWS) <= set(every_error())
