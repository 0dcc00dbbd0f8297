from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from policies.errors import Position, UnsupportedQueryError
from policies.privacy import Measure
from query.answers import Accuracy
from query.documents import parse_answer, parse_quote
from tests.gateway.fake_service import FakeService
from tests.gateway.made_up import NOW, QUERY_ID, make_answer, make_quote

Headers = Callable[..., dict[str, str]]
URL = "/v1/projects/heart/queries"
SQL = "SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX"


def test_answers_a_question_as_json(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    reply = http.post(URL, json={"sql": SQL, "epsilon": "0.2"}, headers=key_of())

    assert reply.status_code == 200
    assert reply.mimetype == "application/json"
    assert parse_answer(reply.json) == make_answer()
    asked = service.asked[0]
    assert (asked.sql, str(asked.loss), asked.confidence) == (SQL, "0.2", None)
    assert (asked.access.principal, asked.access.project) == ("ana", "heart")
    assert (asked.access.dataset, asked.access.purpose) == ("hospital", "heart research")
    assert asked.access.time == NOW


def test_passes_every_field_of_the_body_on(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    body = {
        "sql": SQL,
        "dataset": "clinic",
        "purpose": "audit",
        "rho": "0.05",
        "weights": {"n": 2},
        "max_groups": 3,
        "max_rows_per_group": 2,
        "confidence": 0.9,
        "confirm_price": "0.05",
    }

    reply = http.post("/v1/projects/lungs/queries", json=body, headers=key_of())

    assert reply.status_code == 200
    asked = service.asked[0]
    assert (asked.access.dataset, asked.access.purpose) == ("clinic", "audit")
    assert (asked.max_groups, asked.max_rows_per_group, asked.confidence) == (3, 2, 0.9)
    assert asked.confirm_price == Decimal("0.05")
    assert (asked.measure, asked.weights) == (Measure.ZCDP, {"n": 2.0})


def test_passes_the_accuracy_that_is_wanted_on(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    wanted = {"within": 25, "confidence": 0.9}

    reply = http.post(URL, json={"sql": SQL, "accuracy": wanted}, headers=key_of())

    assert reply.status_code == 200
    assert service.asked[0].accuracy == Accuracy(within=Decimal(25), confidence=0.9)
    assert service.asked[0].loss is None


def test_prices_a_question(http: FlaskClient, key_of: Headers) -> None:
    reply = http.post(f"{URL}:price", json={"sql": SQL}, headers=key_of())

    assert reply.status_code == 200
    assert parse_quote(reply.json) == make_quote()


def test_answers_as_csv_with_errors_beside_the_numbers(http: FlaskClient, key_of: Headers) -> None:
    reply = http.post(URL, json={"sql": SQL}, headers={**key_of(), "Accept": "text/csv"})

    assert reply.mimetype == "text/csv"
    assert reply.text.splitlines() == [
        "SEX,n,n__standard_error,n__lower,n__upper",
        "F,41.0,7.0,26.0,56.0",
        "M,,,,",
    ]
    assert reply.headers["Gateway-Query-Id"] == QUERY_ID
    assert reply.headers["Gateway-Charged"] == "0.2"
    assert reply.headers["Gateway-Suppressed"] == "1"


def test_answers_as_an_arrow_stream(http: FlaskClient, key_of: Headers) -> None:
    form = "application/vnd.apache.arrow.stream"
    reply = http.post(URL, json={"sql": SQL}, headers={**key_of(), "Accept": form})

    table = pa.ipc.open_stream(io.BytesIO(reply.data)).read_all()
    assert reply.mimetype == form
    assert table.column_names == ["SEX", "n", "n__standard_error", "n__lower", "n__upper"]
    assert table.column("n").to_pylist() == [41.0, None]
    assert table.schema.metadata[b"gateway.query_id"] == QUERY_ID.encode()


def test_answers_as_a_parquet_file(http: FlaskClient, key_of: Headers) -> None:
    form = "application/vnd.apache.parquet"
    reply = http.post(URL, json={"sql": SQL}, headers={**key_of(), "Accept": form})

    table = pq.read_table(pa.BufferReader(reply.data))
    assert reply.mimetype == form
    assert table.column("n__standard_error").to_pylist() == [7.0, None]
    assert table.schema.metadata[b"gateway.receipt"] == b"7"


def test_explains_a_question_as_json_and_in_words(http: FlaskClient, key_of: Headers) -> None:
    document = http.post(f"{URL}:explain", json={"sql": SQL}, headers=key_of())
    headers = {**key_of(), "Accept": "text/plain"}
    text = http.post(f"{URL}:explain", json={"sql": SQL}, headers=headers)
    neither = http.post(
        f"{URL}:explain", json={"sql": SQL}, headers={**key_of(), "Accept": "text/csv"}
    )

    assert parse_quote(document.json) == make_quote()
    assert text.mimetype == "text/plain"
    assert "Each patient counts once" in text.text
    assert neither.status_code == 406


def test_refuses_an_unknown_form_before_anything_is_asked(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    reply = http.post(URL, json={"sql": SQL}, headers={**key_of(), "Accept": "image/png"})

    assert reply.status_code == 406
    assert service.asked == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/sql"),
        ({"sql": ""}, "/sql"),
        ({"sql": 3}, "/sql"),
        ({"sql": "x" * 16_385}, "/sql"),
        ({"sql": "é" * 8_193}, "/sql"),
        ({"sql": SQL, "epsilon": 0.2}, "/epsilon"),
        ({"sql": SQL, "epsilon": "0"}, "/epsilon"),
        ({"sql": SQL, "epsilon": "-1"}, "/epsilon"),
        ({"sql": SQL, "epsilon": "NaN"}, "/epsilon"),
        ({"sql": SQL, "epsilon": "1e999999999"}, "/epsilon"),
        ({"sql": SQL, "epsilon": "1e-999999999"}, "/epsilon"),
        ({"sql": SQL, "epsilon": "much"}, "/epsilon"),
        ({"sql": SQL, "rho": "0.1"}, "/rho"),
        ({"sql": SQL, "epsilon": "1", "rho": "1"}, ""),
        ({"sql": SQL, "epsilon": "1", "accuracy": {"within": 2}}, ""),
        ({"sql": SQL, "accuracy": {"within": 0}}, "/accuracy/within"),
        ({"sql": SQL, "accuracy": {"within": "2"}}, "/accuracy/within"),
        ({"sql": SQL, "accuracy": {}}, "/accuracy/within"),
        ({"sql": SQL, "accuracy": {"within": 2, "confidence": 1}}, "/accuracy/confidence"),
        ({"sql": SQL, "weights": {"n": 0}}, "/weights/n"),
        ({"sql": SQL, "weights": {str(n): 1 for n in range(101)}}, "/weights"),
        ({"sql": SQL, "max_groups": 0}, "/max_groups"),
        ({"sql": SQL, "max_groups": "3"}, "/max_groups"),
        ({"sql": SQL, "max_rows_per_group": 10**400}, "/max_rows_per_group"),
        ({"sql": SQL, "confidence": 1}, "/confidence"),
        ({"sql": SQL, "confirm_price": "0.0000001"}, "/confirm_price"),
        ({"sql": SQL, "dataset": "../hospital"}, "/dataset"),
        ({"sql": SQL, "seed": 1}, "/seed"),
        ({"sql": SQL, "a/b~c": 1}, "/a~1b~0c"),
        ([], ""),
    ],
)
def test_names_the_wrong_field_by_its_pointer(
    http: FlaskClient, key_of: Headers, service: FakeService, body: object, pointer: str
) -> None:
    reply = http.post(URL, json=body, headers=key_of())

    assert reply.status_code == 422
    assert reply.mimetype == "application/problem+json"
    assert reply.json is not None
    assert reply.json["code"] == "REQ-BODY"
    assert [error["pointer"] for error in reply.json["errors"]] == [pointer]
    assert reply.json["charged"] == "0"
    assert service.asked == []


def test_repeats_nothing_of_a_wrong_body(http: FlaskClient, key_of: Headers) -> None:
    reply = http.post(URL, json={"sql": 7, "epsilon": "canary-813"}, headers=key_of())

    assert "canary" not in reply.text


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"sql": "\\ud800"}', b"[" * 100_000])
def test_refuses_a_body_that_is_not_json(
    http: FlaskClient, key_of: Headers, content: bytes
) -> None:
    reply = http.post(URL, data=content, content_type="application/json", headers=key_of())

    assert reply.status_code == 422
    assert reply.mimetype == "application/problem+json"


def test_refuses_a_body_of_another_type(http: FlaskClient, key_of: Headers) -> None:
    reply = http.post(URL, data={"sql": SQL}, headers=key_of())

    assert reply.status_code == 415
    assert reply.json is not None
    assert reply.json["code"] == "REQ-MEDIA-TYPE"


def test_refuses_a_body_above_256_kib(http: FlaskClient, key_of: Headers) -> None:
    body = json.dumps({"sql": "x" * (256 * 1024)})
    reply = http.post(URL, data=body, content_type="application/json", headers=key_of())

    assert reply.status_code == 413
    assert reply.json is not None
    assert reply.json["code"] == "REQ-TOO-LARGE"


def test_asks_which_dataset_where_the_project_has_several(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.post("/v1/projects/lungs/queries", json={"sql": SQL}, headers=key_of())

    assert reply.status_code == 422
    assert reply.json is not None
    assert reply.json["errors"][0]["pointer"] == "/dataset"
    assert "hospital, clinic" in reply.json["errors"][0]["detail"]


def test_tells_where_the_sql_is_not_supported(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    service.fails_with = UnsupportedQueryError(
        "MEDIAN is not supported",
        code="SQL-FUNCTION",
        remedy="use AVG",
        position=Position(1, 8),
    )
    reply = http.post(URL, json={"sql": SQL}, headers=key_of())

    assert reply.status_code == 422
    assert reply.json == {
        "type": "urn:gateway:problem:SQL-FUNCTION",
        "title": "This SQL cannot be answered",
        "status": 422,
        "code": "SQL-FUNCTION",
        "detail": "MEDIAN is not supported",
        "remedy": "use AVG",
        "position": {"line": 1, "column": 8},
        "charged": "0",
    }


def test_gives_a_stored_answer_again_byte_for_byte(http: FlaskClient, key_of: Headers) -> None:
    headers = key_of()
    first = http.post(URL, json={"sql": SQL}, headers=headers)
    again = http.get(f"{URL}/{QUERY_ID}", headers=headers)

    assert again.status_code == 200
    assert again.data == first.data


@pytest.mark.parametrize("query_id", ["f" * 32, "nonsense", "..%2f"])
def test_has_no_answer_of_an_unknown_id(http: FlaskClient, key_of: Headers, query_id: str) -> None:
    reply = http.get(f"{URL}/{query_id}", headers=key_of())

    assert reply.status_code == 404


def test_somebody_outside_the_project_cannot_read_its_answers(
    http: FlaskClient, key_of: Headers
) -> None:
    reply = http.get(f"{URL}/{QUERY_ID}", headers=key_of("eve"))

    assert reply.status_code == 403


def test_a_key_for_another_project_acts_as_nobody_and_is_told_apart_in_the_log(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    reply = http.post(URL, json={"sql": SQL}, headers=key_of("ana", ("lungs",)))

    assert reply.status_code == 403
    assert reply.json is not None
    assert reply.json["code"] == "PRJ-NOT-MEMBER"
    assert service.asked[0].access.principal.startswith("key:")


def test_an_outsiders_question_reaches_the_policy_unfilled(
    http: FlaskClient, key_of: Headers, service: FakeService
) -> None:
    body = {"sql": SQL, "rho": "0.1", "confirm_price": "0.1"}
    reply = http.post(URL, json=body, headers=key_of("eve"))

    assert reply.status_code == 403
    assert service.asked[0].access.dataset == ""
    assert service.asked[0].confirm_price is None
