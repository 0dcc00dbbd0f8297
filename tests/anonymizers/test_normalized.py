from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.normalized import fold, normalize, squeeze
from tests.anonymizers.marked import span


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("Maria\u0301 Lo\u0301pez", "Marí\u0061 López".replace("Marí\u0061", "Mariá")),
        ("O\u2019Brien", "O'Brien"),
        ("Smith\u2010Jones", "Smith-Jones"),
        ("12\u00a0Elm", "12 Elm"),
        ("Ok\u200bafor", "Okafor"),
        ("Ok\u00adafor", "Okafor"),
        ("\uff2d\uff32\uff2e \uff11\uff12", "MRN 12"),
        ("a\x00b\x07c", "a b c"),
        ("line\r\nnext\tcell", "line\r\nnext\tcell"),
        ("\ufb01ne", "fine"),
        ("Z\u00fcrich\x85", "Zürich "),
    ],
)
def test_what_looks_the_same_reads_the_same(original: str, text: str) -> None:
    assert normalize(original).text == text


def test_a_span_comes_back_to_the_original_characters() -> None:
    original = "Dr. O\u200bka\u0301for, \ufb01ne"
    normalized = normalize(original)
    start = normalized.text.index("Okáfor")

    found = normalized.to_original(span(start, start + len("Okáfor")))

    assert found.of(original) == "O\u200bka\u0301for"


def test_an_accent_at_the_end_of_a_name_goes_with_it() -> None:
    original = "Jose\u0301\u200b came"

    assert normalize(original).to_original(span(0, 4)).of(original) == "Jose\u0301\u200b"


def test_half_of_a_ligature_covers_all_of_it() -> None:
    normalized = normalize("\ufb01ne")

    assert normalized.to_original(span(1, 2)).of("\ufb01ne") == "\ufb01"


@given(original=st.text(max_size=60))
def test_every_character_has_a_place_in_the_original(original: str) -> None:
    normalized = normalize(original)

    assert len(normalized.folded) == len(normalized.text)
    for index in range(len(normalized.text)):
        found = normalized.to_original(span(index, index + 1))
        assert 0 <= found.start < found.end <= len(original)


@given(text=st.text(max_size=60))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("name", "folded"),
    [("ALCÁNTAR", "alcantar"), ("Łukasz", "lukasz"), ("Bjørn", "bjorn"), ("İpek", "ipek")],
)
def test_folding_takes_case_and_accents_off(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_squeezing_leaves_letters_and_digits_with_their_places() -> None:
    letters = squeeze("o'brien, 12-3")

    assert letters.text == "obrien123"
    assert "".join("o'brien, 12-3"[index] for index in letters.positions) == letters.text


def test_letters_of_other_alphabets_that_look_latin_are_read_as_latin() -> None:
    assert normalize("J\u043ehn D\u03bfe, \u041c\u0410\u0420\u0422\u041d\u0410").text == (
        "John Doe, MAPTHA"
    )
    assert normalize("5 \u03bcg of \u03b2-blocker").text == "5 \u03bcg of \u03b2-blocker"
