from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from presidio_analyzer import RecognizerResult

from gateway.app import create_app
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from gateway.presidio.service import TextService
from gateway.serving_settings import PresidioSettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService

Headers = Callable[..., dict[str, str]]
NOTE = "Mrs. Kanarin Zebedee, DOB 03/04/1951, was seen. Call 617-555-0134."
ENGLISH = {"language": "en"}


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def texts(service: FakeService, log: io.StringIO) -> FlaskClient:
    presidio = PresidioSettings(enabled=True, max_chars=2_000)
    service.settings = replace(service.settings, presidio=presidio)
    return create_app(service, log=operations_log(log)).test_client()


@pytest.fixture
def steward(service: FakeService) -> dict[str, str]:
    key = service.accounts.create("sam", expires=FAR_DAY, role=AccountRole.STEWARD)
    return {"Authorization": f"Bearer {key.text}"}


def analyzed(texts: FlaskClient, key: dict[str, str], **body: Any) -> Any:  # noqa: ANN401  JSON
    reply = texts.post("/presidio/analyze", json={**ENGLISH, "text": NOTE, **body}, headers=key)
    assert reply.status_code == 200, reply.text
    return reply.json


def test_finds_what_identifies_in_presidios_form(
    texts: FlaskClient, steward: dict[str, str]
) -> None:
    found = analyzed(texts, steward)
    read = [RecognizerResult.from_json(one) for one in found]
    kinds = {one.entity_type: NOTE[one.start : one.end] for one in read}

    assert kinds["PERSON"] == "Kanarin Zebedee"
    assert kinds["DATE_TIME"] == "03/04/1951"
    assert kinds["PHONE_NUMBER"] == "617-555-0134"
    assert {frozenset(one) for one in found} == {
        frozenset({"start", "end", "score", "entity_type", "analysis_explanation"})
    }


def test_several_texts_have_a_list_each(texts: FlaskClient, steward: dict[str, str]) -> None:
    found = analyzed(texts, steward, text=[NOTE, "Nothing to see."])

    assert found[0] == analyzed(texts, steward)
    assert (len(found), found[1]) == (2, [])


def test_entities_threshold_and_allow_list_are_heeded(
    texts: FlaskClient, steward: dict[str, str]
) -> None:
    def kinds(**body: Any) -> set[str]:  # noqa: ANN401  JSON
        return {one["entity_type"] for one in analyzed(texts, steward, **body)}

    assert kinds(entities=["PERSON"]) == {"PERSON"}
    assert kinds(score_threshold=1) < kinds(score_threshold=0)
    assert kinds(allow_list=["Kanarin Zebedee"]) == kinds() - {"PERSON"}


def test_what_is_found_can_be_sent_on_as_it_is(texts: FlaskClient, steward: dict[str, str]) -> None:
    found = analyzed(texts, steward)
    sent = {"text": NOTE, "analyzer_results": found}
    reply = texts.post("/presidio/anonymize", json=sent, headers=steward)

    assert reply.json is not None
    assert reply.json["text"] == ("Mrs. <PERSON>, DOB <DATE_TIME>, was seen. Call <PHONE_NUMBER>.")
    for item in reply.json["items"]:
        assert reply.json["text"][item["start"] : item["end"]] == item["text"]
        assert item["operator"] == "replace"


SALT = "0123456789abcdef"


@pytest.mark.parametrize(
    ("operator", "written"),
    [
        ({"type": "replace", "new_value": "X"}, "X"),
        ({"type": "redact"}, ""),
        ({"type": "keep"}, "Jane"),
        ({"type": "mask", "masking_char": "*", "chars_to_mask": 3}, "***e"),
        ({"type": "mask", "masking_char": "#", "chars_to_mask": 9, "from_end": True}, "####"),
        ({"type": "hash", "salt": SALT}, hashlib.sha256(b"Jane" + SALT.encode()).hexdigest()),
    ],
)
@pytest.mark.parametrize("kind", ["PERSON", "DEFAULT"])
def test_each_operator_is_presidios(
    texts: FlaskClient, steward: dict[str, str], operator: object, written: str, kind: str
) -> None:
    found = [{"start": 0, "end": 4, "score": 0.9, "entity_type": "PERSON"}]
    sent = {"text": "Jane left.", "analyzer_results": found, "anonymizers": {kind: operator}}
    reply = texts.post("/presidio/anonymize", json=sent, headers=steward)

    assert reply.json is not None
    assert reply.json["text"] == f"{written} left."


WRONG: dict[str, tuple[str, dict[str, object]]] = {
    "another language": ("analyze", {"text": NOTE, "language": "de"}),
    "no language": ("analyze", {"text": NOTE}),
    "no text": ("analyze", {"text": "", **ENGLISH}),
    "too long": ("analyze", {"text": "a " * 1_001, **ENGLISH}),
    "too long together": ("analyze", {"text": ["a " * 600] * 2, **ENGLISH}),
    "an unknown entity": ("analyze", {"text": NOTE, "entities": ["NAME"], **ENGLISH}),
    "patterns of their own": (
        "analyze",
        {"text": NOTE, "ad_hoc_recognizers": [{"name": "x"}], **ENGLISH},
    ),
    "a list of patterns": ("analyze", {"text": NOTE, "allow_list_match": "regex", **ENGLISH}),
    "an unknown field": ("analyze", {"text": NOTE, "trace": True, **ENGLISH}),
    "text that is German": (
        "analyze",
        {"text": "Der Patient wurde gestern mit Fieber und Husten aufgenommen. " * 4, **ENGLISH},
    ),
    "an offset outside": (
        "anonymize",
        {
            "text": "Jane",
            "analyzer_results": [{"start": 0, "end": 5, "score": 1, "entity_type": "PERSON"}],
        },
    ),
    "an operator that runs code": (
        "anonymize",
        {"text": "Jane", "analyzer_results": [], "anonymizers": {"DEFAULT": {"type": "custom"}}},
    ),
    "too long to change": ("anonymize", {"text": "a " * 1_001, "analyzer_results": []}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_told_in_both_forms_and_not_repeated(
    texts: FlaskClient, steward: dict[str, str], name: str
) -> None:
    path, body = WRONG[name]
    reply = texts.post(f"/presidio/{path}", json=body, headers=steward)

    assert reply.status_code == 422
    assert reply.mimetype == "application/problem+json"
    assert reply.json is not None
    assert reply.json["error"] == reply.json["detail"]
    assert "Kanarin" not in reply.text


def test_a_failure_of_presidios_engine_is_told_in_our_words(
    texts: FlaskClient, steward: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise ValueError("Kanarin")

    monkeypatch.setattr("presidio_anonymizer.AnonymizerEngine.anonymize", failing)
    sent = {"text": "Jane", "analyzer_results": []}
    reply = texts.post("/presidio/anonymize", json=sent, headers=steward)

    assert reply.status_code == 422
    assert "Kanarin" not in reply.text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("supportedentities", "PERSON"),
        ("recognizers", "model"),
        ("anonymizers", "mask"),
        ("health", "texts are read"),
    ],
)
def test_lists_are_given(texts: FlaskClient, steward: dict[str, str], path: str, text: str) -> None:
    assert text in texts.get(f"/presidio/{path}", headers=steward).text


def test_of_another_language_nothing_is_listed(texts: FlaskClient, steward: dict[str, str]) -> None:
    for path in ("supportedentities", "recognizers"):
        assert texts.get(f"/presidio/{path}?language=de", headers=steward).json == []


def test_others_may_not_send_texts(texts: FlaskClient, key_of: Headers) -> None:
    refused = texts.post("/presidio/analyze", json={"text": NOTE, **ENGLISH}, headers=key_of())

    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["code"] == "AUTH-ROLE"
    assert texts.get("/presidio/health").status_code == 401


def test_nothing_is_there_unless_it_is_switched_on(http: FlaskClient, key_of: Headers) -> None:
    assert http.get("/presidio/health", headers=key_of()).status_code == 404


def test_texts_do_not_wait_in_the_threads_of_questions(
    texts: FlaskClient, steward: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: list[int] = []
    found = TextService._found

    def nested(self: TextService, *given: Any) -> Any:  # noqa: ANN401  passed on
        sent = {"text": NOTE, **ENGLISH}
        inner.append(texts.post("/presidio/analyze", json=sent, headers=steward).status_code)
        return found(self, *given)

    monkeypatch.setattr(TextService, "_found", nested)
    analyzed(texts, steward)
    monkeypatch.undo()

    assert inner == [429]
    assert analyzed(texts, steward)


def test_no_text_gets_into_the_log(
    texts: FlaskClient, steward: dict[str, str], log: io.StringIO
) -> None:
    found = analyzed(texts, steward, correlation_id="Kanarin")
    sent = {"text": NOTE, "analyzer_results": found}
    texts.post("/presidio/anonymize", json=sent, headers=steward)
    texts.post("/presidio/analyze", json={"text": 7, "Kanarin": 1}, headers=steward)

    assert len(log.getvalue().splitlines()) == 3
    assert not {"Kanarin", "Zebedee", "0134"} & {
        word for word in ("Kanarin", "Zebedee", "0134") if word in log.getvalue()
    }
