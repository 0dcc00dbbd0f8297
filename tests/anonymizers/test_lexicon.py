"""What lists say of a word, and that part of it is hidden while the model learns."""

from __future__ import annotations

import pytest

from anonymizers.lexicon import (
    common_words,
    is_common,
    is_everyday,
    kind_of,
    kind_while_learning,
    listed_terms,
)
from anonymizers.words import ambiguous_names


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("ascites", "c"),
        ("dissected", "c"),
        ("ovaries", "c"),
        ("rose", "gfa"),
        ("kowalczyk", "?"),
        ("winnipeg", "l"),
        ("ohio", "p"),
        ("hashimoto", "t"),
        ("miller", "fat"),
        ("maria", "g"),
    ],
)
def test_lists_say_what_a_word_is(word: str, kind: str) -> None:
    assert kind_of(word) == kind


@pytest.mark.parametrize(
    ("word", "everyday"),
    [
        ("ascites", True),
        ("tingling", True),
        ("abdomen", True),
        ("rose", False),
        ("curry", False),  # a family name too
        ("s", False),
        ("tredingshaw", False),
    ],
)
def test_an_everyday_word_is_common_and_no_name(word: str, everyday: bool) -> None:  # noqa: FBT001
    assert is_everyday(word) is everyday


def test_a_short_word_is_not_cut_to_a_shorter_one() -> None:
    assert is_common("rashes")
    assert not is_common("aing")


def test_lists_of_terms_have_thousands_of_common_words() -> None:
    assert len(common_words()) > 10_000
    assert not common_words() & ambiguous_names()


def test_while_learning_one_word_in_five_is_unknown() -> None:
    words = sorted(common_words())
    hidden = [word for word in words if kind_while_learning(word) != kind_of(word)]

    assert 0.15 < len(hidden) / len(words) < 0.25
    assert {kind_while_learning(word) for word in hidden} == {"?"}


@pytest.mark.parametrize("name", ["findings", "named_terms", "terse", "towns"])
def test_a_list_has_no_term_twice(name: str) -> None:
    terms = listed_terms(name)

    assert len(set(terms)) == len(terms)
