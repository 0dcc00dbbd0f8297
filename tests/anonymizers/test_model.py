"""The model that ships: its tokens, its size, its memory, and what it adds to the rules."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib.resources import files
from itertools import product
from typing import Any, cast

import numpy as np
import pytest

from anonymizers.presidio.model import PhiModel, shipped_model
from anonymizers.presidio.network import TAGS, Network
from anonymizers.presidio.tokens import _MAX_WORDS, Tokens
from anonymizers.spans import Label, Source
from anonymizers.text import TextDeidentifier
from tests.anonymizers.marked import read, shown

SERVICE = TextDeidentifier(key=b"k" * 32)
RULES_ALONE = TextDeidentifier(key=b"k" * 32, engine=None)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Smith/Jones", ["Smith", "/", "Jones"]),
        ("DOB01/02/1950", ["DOB", "01", "/", "02", "/", "1950"]),
        ("Pt.Smith's", ["Pt", ".", "Smith", "'", "s"]),
        ("O'Brien_2\n\n x", ["O'Brien", "_", "2", "\n\n", "x"]),
    ],
)
def test_letters_digits_and_marks_are_tokens_of_their_own(text: str, tokens: list[str]) -> None:
    doc, offsets = Tokens().read(text)

    assert [token.text for token in doc] == tokens == [text[start:end] for start, end in offsets]


def test_the_table_of_words_is_thrown_away_before_it_grows() -> None:
    tokens = Tokens()
    first, _ = tokens.read("a word at first")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = " ".join(map("".join, product(letters, letters, letters, "xyz")))
    doc, _ = tokens.read("a word " + words)
    assert len(doc.vocab) > _MAX_WORDS

    again, _ = tokens.read("a word again")

    assert len(again.vocab) < 100
    assert first.vocab is not again.vocab


def test_the_model_is_small() -> None:
    size = len(files("anonymizers").joinpath("models", "phi_en.npz").read_bytes())

    assert size < 15_000_000


def test_a_long_text_is_read_in_chunks_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = "Seen with Okafor Brandt and moved to Tarnwick Falls on 3/14/2022. Labs were normal. "
    text = line * 12
    whole = shipped_model().find(text)

    monkeypatch.setattr("anonymizers.presidio.model._CHUNK", 7)
    again = shipped_model().find(text)

    assert len(whole) >= 24
    assert [(one.start, one.end, one.label) for one in again] == [
        (one.start, one.end, one.label) for one in whole
    ]
    assert [one.score for one in again] == pytest.approx([one.score for one in whole], abs=1e-4)


def test_a_text_without_words_has_no_spans() -> None:
    assert shipped_model().find(" \t ") == []
    assert shipped_model().find("\n") == []


def test_weights_come_back_as_they_were_written() -> None:
    network = Network(width=16, depth=1, rows_share=0.05)

    again = Network.of(io.BytesIO(network.to_bytes()))

    assert again.to_bytes() == network.to_bytes()


def test_weights_of_another_version_or_size_are_refused() -> None:
    with np.load(io.BytesIO(Network(width=16, depth=1, rows_share=0.05).to_bytes())) as stored:
        arrays = dict(stored)

    for change in ({"shape": arrays["shape"] + [1, 0, 0, 0]}, {"w0": np.zeros((2, 2))}):
        stream = io.BytesIO()
        np.savez(stream, **(arrays | change))
        stream.seek(0)
        with pytest.raises(ValueError, match="train it anew"):
            Network.of(stream)


ADDED = [
    "hey {NAME:zuzanna} , good to see you . so how is the knee doing ?",
    "the biopsy was reviewed with {NAME:thorvald quillfeather} and she agrees",
    "Rounds: {NAME:Okonmurthy}, stable, home today",
    "{NAME:Tredingshaw} tolerated the procedure",
    "Plan to go back to {HOSPITAL:Brindlemoor Commons} when able",
]


@pytest.mark.parametrize("marked", ADDED)
def test_finds_names_that_no_frame_announces(marked: str) -> None:
    text, gold = read(marked)

    found = SERVICE.detect(text)

    assert [span.of(text) for span in found] == [value for _, value in gold]
    assert RULES_ALONE.detect(text) == ()


def test_says_that_a_span_is_from_the_model() -> None:
    spans = SERVICE.detect("Rounds: Okonmurthy, stable, home today")

    assert [span.source for span in spans] == [Source.MODEL]


def test_professions_are_taken_out_by_the_strict_profile_only() -> None:
    text = "He is married and works as a shipyard welder in the north."
    strict = replace(SERVICE, profile="strict", operator="redact")

    assert Label.PROFESSION not in {span.label for span in SERVICE.detect(text)}
    assert Label.PROFESSION in {span.label for span in strict.detect(text)}


def test_a_model_finds_the_same_alone_and_after_other_texts() -> None:
    with files("anonymizers").joinpath("models", "phi_en.npz").open("rb") as stream:
        fresh = PhiModel(Network.of(stream))
    text = "Seen with Okafor Brandt at Tarnwick Falls on 3/14."
    shipped_model().find("something else entirely, with Okafor in it")

    assert shown(text, fresh.find(text)) == shown(text, shipped_model().find(text))


class Told:
    """A network that gives each word of a text the probability and label that it is told."""

    depth, REACH = 1, 2

    def __init__(self, known: dict[str, tuple[float, Label]]) -> None:
        self._known = known

    def scores(self, docs: list[Any]) -> list[Any]:
        rows = np.zeros((len(docs[0]), len(TAGS)))
        rows[:, 0] = 1.0
        for at, token in enumerate(docs[0]):
            if token.text in self._known:
                score, label = self._known[token.text]
                rows[at, 0], rows[at, TAGS.index(label)] = 1.0 - score, score
        return [rows]


@pytest.mark.parametrize(
    ("first", "second", "spans"),
    [
        (0.3, 0.9, ["Norman Mcsweeny"]),
        (0.9, 0.3, ["Norman Mcsweeny"]),
        (0.1, 0.9, ["Norman", "Mcsweeny"]),
        (0.9, 0.02, ["Norman"]),
        (0.1, 0.1, ["Norman Mcsweeny"]),
    ],
)
def test_a_name_is_not_cut_where_one_of_its_words_is_in_doubt(
    first: float, second: float, spans: list[str]
) -> None:
    text = "seen by Norman Mcsweeny today"
    network = Told({"Norman": (first, Label.NAME), "Mcsweeny": (second, Label.NAME)})

    found = PhiModel(cast("Network", network)).find(text)

    assert [span.of(text) for span in found] == spans
    assert max(span.score for span in found) == pytest.approx(max(first, second))


def test_a_house_keeps_its_possessive_and_a_person_does_not() -> None:
    network = Told({"Hedwig": (0.9, Label.HOSPITAL), "Okafor": (0.9, Label.NAME)})
    text = "To Hedwig's with Okafor's son"

    found = PhiModel(cast("Network", network)).find(text)

    assert [span.of(text) for span in found] == ["Hedwig's", "Okafor"]
