"""What was found once in a patient's notes is found everywhere in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from anonymizers.known import Matcher
from anonymizers.normalized import Normalized, fold
from anonymizers.spans import Label, Source, Span
from anonymizers.variants import Case, Gaps, Variant
from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    place_words,
    term_heads,
    terms,
)

__all__ = ["propagated"]

_SURE: Final = 0.65
_LONG: Final = 4
_MIN_DIGITS: Final = 6


def propagated(pages: Sequence[tuple[Normalized, Sequence[Span]]]) -> Matcher:
    """Return the search for what surer layers found in some of the notes.

    Names go on word by word where a word has four letters or more and is no everyday word, eponym
    or place; other kinds go on as a whole.

    Args:
        pages: The notes of one patient, and what was found in each.
    """
    variants = (
        variant
        for normalized, spans in pages
        for span in spans
        if span.score >= _SURE
        for variant in _variants(span, span.of(normalized.text))
    )
    return Matcher(dict.fromkeys(variants), Source.PROPAGATED)


def _variants(span: Span, text: str) -> Iterator[Variant]:
    words = tuple(re.findall(r"[^\W_]+", fold(text)))
    match span.label:
        case Label.NAME:
            yield from _names(words)
        case Label.ID | Label.PHONE_FAX if sum(map(str.isdigit, text)) >= _MIN_DIGITS:
            yield Variant(pieces=("".join(words),), label=span.label, gaps=Gaps.ANYWHERE)
        case Label.HOSPITAL | Label.LOCATION | Label.EMAIL if len(words) > 1:
            yield Variant(pieces=words, label=span.label)
        case _:
            return


@cache
def _common() -> frozenset[str]:
    return everyday_words() | ambiguous_names() | place_words() | term_heads() | terms()


def _names(words: Iterable[str]) -> Iterator[Variant]:
    together = tuple(words)
    if len(together) > 1:
        yield Variant(pieces=together, label=Label.NAME)
    for word in together:
        if len(word) >= _LONG and word.isalpha() and word not in _common():
            yield Variant(pieces=(word,), label=Label.NAME, case=Case.CAPITAL)
