"""Whatever fails after the charge is told alike: at its price, and where it is logged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.errors import LogError
from gateway.bodies import parse_question, question_of
from gateway.cli.failures import error_lines
from gateway.deployment import Deployment
from gateway.errors import ChargedError, JobCancelledError, KeptCharge
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from gateway.ledger.storage import LedgerFile
from gateway.problem_parsing import parse_problem
from gateway.problems import problem_of
from policies.errors import GatewayError, InternalError
from query.answers import Request
from query.engines.duckdb import DuckDbEngine
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full

FAILURES: dict[str, Exception] = {
    "engine": InternalError("ab12"),
    "vendor": ValueError("could not convert 'forty'"),
    "memory": MemoryError(),
    "disk": LedgerFaultError("a file failed: No space left on device"),
    "log": LogError("the log was rolled back", code="SYS-LOG-ROLLBACK"),
    "file": OSError(28, "No space left on device"),
}


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    site: Path = make_full(tmp_path_factory.mktemp("charged"))
    with Deployment.open(site, paced=False) as opened:
        yield opened


def request_of(deployment: Deployment, number: int) -> Request:
    body = {
        "dataset": "example",
        "purpose": "example research",
        "sql": f"{COUNTS} HAVING COUNT(*) > {number}",
        "epsilon": "0.01",
    }
    return question_of(
        parse_question(json.dumps(body).encode()),
        deployment.policies,
        user=USER,
        project_id=PROJECT,
        time=deployment.now(),
    )


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def spent(deployment: Deployment) -> Decimal:
    return deployment.balances(PROJECT, "example", USER)[0].spent.parameter


def failed(deployment: Deployment) -> ChargedError:
    before = spent(deployment)
    with pytest.raises(ChargedError) as caught:
        deployment.answer(request_of(deployment, 0))
    assert spent(deployment) - before == Decimal("0.01")
    return caught.value


@pytest.mark.parametrize("place", [(DuckDbEngine, "run"), (SqliteLedger, "release")])
@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_fails_after_the_charge_is_told_alike(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    failure: str,
    place: tuple[type, str],
) -> None:
    monkeypatch.setattr(*place, failing(FAILURES[failure]))
    error = failed(deployment)
    told = problem_of(error)
    shown = json.dumps(told.document).replace(error.incident, "ID")

    document = json.loads(shown)
    receipt = document.pop("receipt")
    assert document == {
        "type": "urn:gateway:problem:SYS-INTERNAL",
        "title": "Internal error",
        "status": 500,
        "code": "SYS-INTERNAL",
        "detail": (
            "internal error, incident ID; the question was charged before, and 0.01 stays charged"
        ),
        "remedy": (
            "give the incident id to whoever runs this gateway; asked anew, the question may be "
            "charged again"
        ),
        "incident": "ID",
        "charged": "0.01",
        "query_id": "ID",
    }
    assert deployment.entries(receipt["index"])[0].event.kind == "query.abandon"
    assert receipt["proof"].startswith("c2sp.org/tlog-proof")


def test_what_cannot_be_logged_either_still_says_its_price(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LedgerFile, "receipt", failing(FAILURES["disk"]))
    told = problem_of(failed(deployment)).document

    assert told["charged"] == "0.01"
    assert "receipt" not in told


def test_what_fails_before_the_charge_says_nothing_of_one(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = spent(deployment)
    monkeypatch.setattr(SqliteLedger, "recall", failing(InternalError("ab12")))
    with pytest.raises(InternalError) as caught:
        deployment.answer(request_of(deployment, 1))

    assert not isinstance(caught.value, ChargedError)
    assert "charged" not in problem_of(caught.value).document
    assert spent(deployment) == before


KEPT = KeptCharge(
    query_id="a" * 32, charged=Decimal("0.2"), entry=7, proof="c2sp.org/tlog-proof@v1"
)


@pytest.mark.parametrize(
    "error",
    [
        ChargedError(KEPT),
        ChargedError(KeptCharge(query_id="b" * 32, charged=Decimal("1E+1"))),
        JobCancelledError(KEPT),
        JobCancelledError(),
    ],
)
def test_the_client_reads_what_stays_charged(error: ChargedError | JobCancelledError) -> None:
    problem = problem_of(error)
    read: GatewayError = parse_problem(json.loads(json.dumps(problem.document)), problem.status)

    assert type(read) is type(error)
    assert vars(read) == vars(error)


@pytest.mark.parametrize(
    "changed", [{"charged": "much"}, {"charged": "NaN"}, {"query_id": 7}, {"query_id": None}]
)
def test_a_price_that_cannot_be_read_is_left_out(changed: dict[str, object]) -> None:
    document = {**problem_of(ChargedError(KEPT)).document, **changed}

    assert type(parse_problem(document, 500)) is InternalError


def test_the_command_line_says_what_stays_charged() -> None:
    (line,) = error_lines(ChargedError(KEPT))

    assert line.startswith("SYS-INTERNAL internal error, incident aaaa")
    assert "0.2 stays charged" in line
