from __future__ import annotations

import socket

import pytest
from presidio_analyzer.nlp_engine import NlpEngine

from anonymizers.presidio import analyze, replace_spans
from anonymizers.presidio.analyzer import MAX_CHARS, _engine
from anonymizers.spans import Label, Source
from tests.anonymizers.marked import span


def test_checksummed_numbers_of_presidio_come_out_as_our_spans() -> None:
    text = "card 4111 1111 1111 1111, Medicare 1EG4-TE5-MK73, 1234567893 is hers"

    found = {(one.of(text), one.score) for one in analyze(text, threshold=0.4, strict=False)}

    assert {
        ("4111 1111 1111 1111", 1.0),
        ("1EG4-TE5-MK73", 0.5),
        ("1234567893", 1.0),
    } <= found


def test_what_fails_the_checksum_is_no_provider_number() -> None:
    spans = analyze("1234567890", threshold=0.9, strict=False)

    assert spans == []


def test_a_span_says_which_layer_it_is_from() -> None:
    spans = analyze("MRN: 123456 and Dr. Okafor", threshold=0.4, strict=False)

    assert {one.source for one in spans} == {Source.KEYED, Source.FRAME}


def test_scores_below_the_threshold_are_left_out() -> None:
    assert analyze("Maria rests", threshold=0.6, strict=False) == []
    assert analyze("Maria rests", threshold=0.5, strict=False) != []


def test_nothing_reaches_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("no connection may be opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    text = "write m.okafor@mail.example.org or see https://portal.example.org"
    assert len(analyze(text, threshold=0.4, strict=True)) >= 2


def test_a_text_of_more_than_10_million_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        analyze("a" * (MAX_CHARS + 1), threshold=0.4, strict=False)


def test_the_pipeline_is_a_blank_english_one() -> None:
    nlp: NlpEngine = _engine(strict=False, model=None).nlp_engine

    assert nlp.is_loaded()
    assert nlp.get_supported_languages() == ["en"]
    assert nlp.get_supported_entities() == []
    assert nlp.is_stopword("the", "en")
    assert not nlp.is_stopword("wound", "en")
    assert nlp.is_punct(".", "en")
    ((text, artifacts),) = nlp.process_batch(["The wound."], "en")
    assert text == "The wound."
    assert [token.text for token in artifacts.tokens] == ["The", "wound", "."]


def test_replacement_is_asked_once_for_each_span_and_touches_nothing_else() -> None:
    text = "seen by Okafor, 3/14 at noon"
    asked: list[tuple[Label, str]] = []

    def replacement(label: Label, original: str) -> str:
        asked.append((label, original))
        return f"<{label.value}>"

    written = replace_spans(text, [span(8, 14), span(16, 20, Label.DATE)], replacement)

    assert written == "seen by <NAME>, <DATE> at noon"
    assert sorted(asked, key=lambda one: one[1]) == [
        (Label.DATE, "3/14"),
        (Label.NAME, "Okafor"),
    ]


def test_neighboring_spans_of_one_kind_are_replaced_each() -> None:
    assert replace_spans("Ann Bo", [span(0, 3), span(4, 6)], lambda *_: "X") == "X X"


def test_a_text_without_spans_stays_as_it_is() -> None:
    assert replace_spans("nothing here", [], lambda *_: "X") == "nothing here"
