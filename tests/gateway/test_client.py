from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal

import httpx
import pytest

from gateway.answers import results
from gateway.app import create_app
from gateway.bodies import QuestionBody
from gateway.cli import query
from gateway.client import Gateway, QuestionOptions, question_body
from gateway.errors import (
    AuthenticationError,
    BodyError,
    NotFoundError,
    RequestError,
    UnavailableError,
)
from gateway.local import LocalGateway
from gateway.operations_log import operations_log
from policies.errors import (
    BudgetExceededError,
    GatewayError,
    InternalError,
    PolicyDeniedError,
    Position,
    UnsupportedQueryError,
)
from query.answers import Accuracy
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import CHECKPOINT, QUERY_ID, make_answer, make_loss, make_quote

SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"
URL = "http://127.0.0.1:1"


@pytest.fixture
def gateway(service: FakeService) -> Gateway:
    key = service.accounts.create("ana", expires=FAR_DAY)
    app = create_app(service, log=operations_log())
    return Gateway(URL, key.text, transport=httpx.WSGITransport(app))


def answering(reply: Callable[[httpx.Request], httpx.Response]) -> Gateway:
    return Gateway(URL, "gw_x", transport=httpx.MockTransport(reply))


def test_asks_and_gets_numbers_with_errors(gateway: Gateway, service: FakeService) -> None:
    with gateway:
        result = gateway.query("heart", SQL, epsilon="0.2", max_groups=2, confirm_price=0.2)

    assert result.answer == make_answer()
    assert result.columns == ("SEX", "n")
    assert result.rows == [{"SEX": "F", "n": 41.0}, {"SEX": "M", "n": None}]
    assert result.errors[0]["n"].standard_error == 7.0
    assert result.charged == make_loss()
    assert result.receipt is not None
    assert result.receipt.index == 7
    assert (service.asked[0].loss, service.asked[0].max_groups) == (Decimal("0.2"), 2)
    assert QUERY_ID in repr(result)


def test_gets_tables_with_the_errors_beside_the_numbers(gateway: Gateway) -> None:
    result = gateway.query("heart", SQL)
    frame = result.to_pandas()

    names = ["SEX", "n", "n__standard_error", "n__lower", "n__upper"]
    assert result.to_arrow().column_names == names
    assert list(frame.columns) == names
    assert frame["n__lower"][0] == 26.0


def test_says_which_extra_to_install_for_pandas(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "find_spec", lambda _name: None)

    with pytest.raises(UnavailableError, match=r"clinical-gateway\[pandas\]"):
        gateway.query("heart", SQL).to_pandas()


def test_has_an_argument_for_each_field_of_a_question() -> None:
    sent = {one.name for one in fields(QuestionBody)} - {"sql"}
    command = {parameter.name for parameter in query.command.params}

    assert set(QuestionOptions.__annotations__) == sent
    assert sent <= command


def test_passes_accuracy_weights_and_bounding_on(gateway: Gateway, service: FakeService) -> None:
    accuracy = {"within": 25, "confidence": 0.9}
    gateway.query("heart", SQL, accuracy=accuracy, weights={"n": 2}, bounding="stored")

    assert service.asked[0].accuracy == Accuracy(within=Decimal(25), confidence=0.9)
    assert service.asked[0].weights == {"n": 2.0}
    assert service.asked[0].bounding == "stored"


def test_reads_everything_that_is_free(gateway: Gateway) -> None:
    assert gateway.me()["user"] == "ana"
    assert gateway.project("heart")["id"] == "heart"
    assert gateway.catalog("heart")["datasets"][0]["id"] == "hospital"
    assert gateway.budget("heart")["hospital"][0].scope == "pool"
    assert gateway.quote("heart", SQL) == make_quote()
    assert gateway.answer("heart", QUERY_ID).answer == make_answer()
    assert gateway.checkpoint() == CHECKPOINT


def test_explains_in_words(gateway: Gateway) -> None:
    assert "Each patient counts once" in gateway.explain("heart", SQL)


def test_gets_practice_tables(gateway: Gateway) -> None:
    tables = gateway.practice("heart", "hospital", units=20)

    assert list(tables) == ["patients"]
    assert tables["patients"].num_rows == 20
    assert b"Made up" in tables["patients"].schema.metadata[b"gateway.practice"]


def test_practice_data_that_is_no_archive_is_not_a_gateways() -> None:
    other = answering(lambda _: httpx.Response(200, content=b"PK"))

    with other, pytest.raises(UnavailableError):
        other.practice("heart", "hospital")


@pytest.mark.parametrize(
    "error",
    [
        UnsupportedQueryError("m", code="SQL-X", remedy="do this", position=Position(3, 4)),
        PolicyDeniedError("m", rule="column_role", code="POL-COLUMN-ROLE", remedy="do this"),
        BudgetExceededError("m", remedy="do this"),
        InternalError("ab12"),
    ],
)
def test_raises_what_the_service_raised(
    gateway: Gateway, service: FakeService, error: GatewayError
) -> None:
    service.fails_with = error

    with pytest.raises(type(error)) as caught:
        gateway.query("heart", SQL)
    assert {**vars(caught.value), "code": caught.value.code} == {**vars(error), "code": error.code}


def test_raises_for_a_wrong_body_a_wrong_key_and_an_unknown_answer(
    gateway: Gateway, service: FakeService
) -> None:
    with pytest.raises(BodyError) as caught:
        gateway.query("heart", "")
    assert caught.value.fields[0].pointer == "/sql"
    with pytest.raises(NotFoundError):
        gateway.answer("heart", "../../me")
    key = service.accounts.records()[0]
    service.accounts.revoke(key.id)
    with pytest.raises(AuthenticationError):
        gateway.me()


def test_names_of_projects_cannot_change_the_address() -> None:
    seen: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(200, json={})

    answering(reply).project("../me?x=1")

    assert seen == ["/v1/projects/..%2Fme%3Fx%3D1"]


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(200, text="<html>Log in</html>"),
        httpx.Response(200, json=["x"]),
        httpx.Response(500, json=["x"]),
        httpx.Response(302, headers={"Location": "http://evil.example"}),
    ],
)
def test_a_server_that_is_no_gateway_is_told_as_such(reply: httpx.Response) -> None:
    with pytest.raises(UnavailableError, match="not as a gateway does"):
        answering(lambda _request: reply).me()


@pytest.mark.parametrize("content", [{}, {"datasets": 3}, {"datasets": [{"dataset": "x"}]}])
def test_a_budget_of_another_form_is_told_as_such(content: dict[str, object]) -> None:
    with pytest.raises(UnavailableError, match="not as a gateway does"):
        answering(lambda _request: httpx.Response(200, json=content)).budget("heart")


def test_says_what_to_do_without_a_connection_and_after_a_timeout() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("vendor's words", request=request)

    def wait(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("vendor's words", request=request)

    with pytest.raises(UnavailableError, match="there is no connection") as refused:
        answering(refuse).me()
    with pytest.raises(UnavailableError, match="ask the same question again") as waited:
        answering(wait).me()
    assert "vendor" not in str(refused.value) + str(waited.value)


@pytest.mark.parametrize(
    "url", ["http://gateway.example", "ftp://127.0.0.1", "gateway.example", "", "http://10.0.0.1"]
)
def test_a_key_is_never_sent_in_the_clear(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        Gateway(url, "gw_x")

    assert caught.value.code == "REQ-CLEARTEXT"


@pytest.mark.parametrize(
    "url",
    ["https://gateway.example", "http://localhost:8080/", "http://127.0.0.1", "http://[::1]:80"],
)
def test_a_key_is_sent_through_tls_or_within_this_machine(url: str) -> None:
    with Gateway(url, "gw_x") as gateway:
        assert isinstance(gateway, Gateway)


def test_amounts_are_sent_as_strings_and_nothing_that_was_not_said() -> None:
    body = question_body("S", {"epsilon": Decimal("0.10"), "confidence": 0.9, "rho": None})  # type: ignore[typeddict-item]

    assert json.loads(json.dumps(body)) == {"sql": "S", "epsilon": "0.10", "confidence": 0.9}


def test_a_folder_is_asked_with_the_same_methods(service: FakeService) -> None:
    local = LocalGateway(service, "ana")

    assert local.query("heart", SQL, epsilon="0.2").answer == make_answer()
    assert local.quote("heart", SQL) == make_quote()
    assert local.catalog("heart")["project"] == "heart"
    assert list(local.budget("heart")) == ["hospital"]
    for call in (LocalGateway(service, "eve").catalog, LocalGateway(service, "eve").budget):
        with pytest.raises(PolicyDeniedError):
            call("heart")
