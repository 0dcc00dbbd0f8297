"""What lists say of a word: whether it is known as a common word, a term, a name or a place."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    family_names,
    given_names,
    place_words,
    terms,
)

__all__ = [
    "common_words",
    "is_common",
    "is_everyday",
    "kind_of",
    "kind_while_learning",
    "listed_names",
    "listed_terms",
]

_HIDDEN_ONE_IN: Final = 5
_LEAST_STEM: Final = 3
_ENDINGS: Final = (
    ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ied", "y"), ("ing", ""),
    ("ing", "e"), ("ly", ""), ("ily", "y"), ("al", ""), ("er", ""), ("er", "e"), ("ness", ""),
)  # fmt: skip
_UNKNOWN: Final = "?"
_ABBREVIATED: Final = frozenset({"abbreviations", "shorthand"})
_NO_WORDS: Final = frozenset({"prefixes", "roots", "suffixes", "towns"})
_WITH_NAMES: Final = frozenset(
    {"brands", "devices", "drugs", "eponyms", "named_terms", "organisms"}
)
"""Lists in which a word with a capital may be somebody's name."""


@cache
def listed_terms(name: str) -> tuple[str, ...]:
    """Return the words and terms of one list of ``training/lists``, as written there."""
    text = files("anonymizers.training").joinpath("lists", f"{name}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(term.strip() for line in lines for term in line.split(",") if term.strip())


@cache
def _of_lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return common words, names within terms, and abbreviations; lower case."""
    common: set[str] = set()
    named: set[str] = set()
    short: set[str] = set()
    for file in files("anonymizers.training").joinpath("lists").iterdir():
        name = file.name.removesuffix(".txt")
        if name in _NO_WORDS:
            continue
        for word in _words_of(name):
            kept = short if name in _ABBREVIATED else named if name in _WITH_NAMES else common
            (common if word.islower() else kept).add(word.lower())
    return frozenset(common), frozenset(named - common), frozenset(short - common)


def _words_of(name: str) -> Iterator[str]:
    for term in listed_terms(name):
        for word in re.split(r"[\s/+&?-]+", term):
            bare = word.strip(".()'\"").removesuffix("'s")
            if bare[:1].isalpha():
                yield bare


@cache
def _towns() -> frozenset[str]:
    return frozenset(word.lower() for word in _words_of("towns") if len(word) >= _LEAST_STEM)


@cache
def common_words() -> frozenset[str]:
    """English and clinical words that are no names by themselves; lower case, without endings."""
    return (_of_lists()[0] | everyday_words()) - ambiguous_names()


def is_common(word: str) -> bool:
    """Say whether a word in small letters, or what is before its ending, is a common word."""
    if word in common_words():
        return True
    return any(
        word.endswith(end) and len(word) - len(end) >= _LEAST_STEM
        and word[: -len(end)] + instead in common_words()
        for end, instead in _ENDINGS
    )  # fmt: skip


def is_everyday(word: str) -> bool:
    """Say whether a word in small letters is a common word, and on no list of names."""
    if word in ambiguous_names() or len(word) == 1:
        return False
    if word in everyday_words():
        return True
    return is_common(word) and word not in given_names() and word not in family_names()


@cache
def listed_names() -> frozenset[str]:
    """Return frequent given and family names in the United States; lower case."""
    return given_names() | family_names()


def kind_of(word: str) -> str:
    """Return what lists say of a word in small letters, a letter for each, or a question mark."""
    marks = (
        ("g", word in given_names()),
        ("f", word in family_names()),
        ("a", word in ambiguous_names()),
        ("p", word in place_words()),
        ("l", word in _towns()),
        ("t", word in terms() or word in _of_lists()[1]),
        ("b", word in _of_lists()[2]),
        ("c", is_common(word)),
    )
    return "".join(mark for mark, holds in marks if holds) or _UNKNOWN


def kind_while_learning(word: str) -> str:
    """Return the same, but nothing for one word in five: notes have words that no list has."""
    hidden = zlib.crc32(b"hidden " + word.encode("utf-8")) % _HIDDEN_ONE_IN == 0
    return _UNKNOWN if hidden else kind_of(word)
