"""What of a frame's match is a name, by lists of names and of words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from anonymizers.lexicon import is_everyday
from anonymizers.rules.model import Pick
from anonymizers.rules.name_words import is_frequent, is_name_word, name_run
from anonymizers.rules.spoken import SPOKEN
from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    family_names,
    given_names,
    place_words,
    term_heads,
    terms,
)

__all__ = [
    "family_plural",
    "family_subject",
    "frequent",
    "given_alone",
    "given_first",
    "last_first",
    "listed_patient",
    "lower_after_title",
    "lower_frequent",
    "lower_given_and_last",
    "names",
    "signed_off",
    "whole",
]

_MAX_LOWER: Final = 2
_NO_SENDER: Final = frozenset(
    {"again", "advance", "much", "kindly", "everyone", "team", "all", "for", "with", "regards"}
)
_WORD_AFTER: Final = re.compile(r"(?:'?s)?[\s-]+([A-Za-z]+)")
_PLACE_BEFORE: Final = re.compile(
    r"(?:\b(?:San|Santa|Santo|Saint|St\.?|Lake|Mount|Mt\.?|Fort|Ft\.?|Port|Cape|Camp|New|North|South|East|West)\s|-)$"
)


def names(*, strong: bool) -> Pick:
    """Return what picks the words of a run that can be a name."""

    def pick(match: re.Match[str]) -> Iterator[tuple[int, int]]:
        run = name_run(match.string, *match.span("span"), strong=strong)
        if run is not None and not _is_term(match.string, *run):
            yield run

    return pick


def _is_term(text: str, start: int, end: int) -> bool:
    """Say whether a word for a disease, sign, test or device follows a lone eponym."""
    if text[start:end].lower() not in terms():
        return False
    after = _WORD_AFTER.match(text, end)
    return after is not None and after[1].lower() in term_heads()


def frequent(*, strong: bool) -> Pick:
    """After a weak frame: a run that starts with a frequent name, or has two words."""

    def pick(match: re.Match[str]) -> Iterator[tuple[int, int]]:
        run = name_run(match.string, *match.span("span"), strong=strong)
        if run is None or _is_term(match.string, *run):
            return
        words = match.string[run[0] : run[1]].split()
        if is_frequent(words[0]) or len(words) > 1:
            yield run

    return pick


def given_first(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name before another name, as in "Maria T. Okafor"."""
    first, last = match["first"].lower(), match["last"]
    if first not in given_names() or not is_name_word(last, strong=False):
        doubtful = first in given_names() and last.lower() in family_names()
        if not doubtful or last.lower() in everyday_words():
            return
    if first in everyday_words() or (last.lower() in terms() and first in ambiguous_names()):
        return
    yield match.start("first"), match.end("last")


def last_first(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name after a comma, as in "Okafor, Maria"; no list of everyday words."""
    first, last = match["first"].lower(), match["last"]
    if (
        first in given_names()
        and first not in everyday_words()
        and is_name_word(last, strong=False)
    ):
        yield match.span()


def given_alone(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name by itself; no clamp, lake or word that has the same name."""
    word = match[0].lower()
    if word not in given_names() or word in _no_lone_names():
        return
    before = match.string[max(0, match.start() - 10) : match.start()]
    after = _WORD_AFTER.match(match.string, match.end())
    thing = after is not None and after[1].lower() in term_heads()
    if not thing and not _PLACE_BEFORE.search(before) and match.string[match.end() :][:1] != "-":
        yield match.span()


@cache
def _no_lone_names() -> frozenset[str]:
    return ambiguous_names() | everyday_words() | place_words() | terms()


def lower_after_title(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """One word, as in "dr. smith", and a second one if it is a frequent name."""
    words = list(re.finditer(r"[\w'-]+", match["span"]))[:_MAX_LOWER]
    first = words[0][0]
    if first in everyday_words() and not (match["point"] and first in ambiguous_names()):
        return
    last = words[0]
    if len(words) > 1 and words[1][0] in family_names() - everyday_words():
        last = words[1]
    yield match.start("span"), match.start("span") + last.end()


def lower_frequent(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """After a field, in lower case: frequent names only, as far as they go."""
    end = 0
    for word in re.finditer(r"[\w'-]+", match["span"]):
        if not is_frequent(word[0]) or word[0] in _no_lone_names():
            break
        end = word.end()
    yield match.start("span"), match.start("span") + end


def whole(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Whatever the frame holds."""
    yield match.span("span")


def signed_off(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Whatever word ends a message after its thanks, as in "Thanks! Iara"."""
    words = match["span"].lower().split()
    if not SPOKEN.intersection(words) and not _NO_SENDER.intersection(words):
        yield match.span("span")


def listed_patient(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The start of a line before an age and a sex, unless all of it is common words."""
    words = [word.strip(".,").lower() for word in match["span"].split()]
    if not all(is_everyday(word) or word in ambiguous_names() for word in words):
        yield match.span("span")


def lower_given_and_last(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """In small letters: a given name before a family name that is no word besides."""
    last = match["last"]
    alone = last in family_names() and last not in _no_lone_names() and not is_everyday(last)
    if alone and match["first"] in given_names():
        yield match.start("first"), match.end("last")


def family_subject(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A family name that does what people do: "Murphy has"."""
    word = match["span"].lower()
    if word in family_names() and word not in ambiguous_names() | everyday_words():
        yield match.span("span")


def family_plural(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A family as a whole: "the kowalskis asked"; "the residents asked" are a common word."""
    word = match["span"].lower()
    if not (is_everyday(word) or is_everyday(word.removesuffix("s"))):
        yield match.span("span")
