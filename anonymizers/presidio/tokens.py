"""Tokens of clinical text: letters, digits and marks apart, so that no identifier is half a token.

``Smith/Jones``, ``DOB01/02/1950`` and ``Pt.Smith`` fall into their parts by themselves. Features
of numbers say how long they are and not which, but for those of one or two digits.
"""

from __future__ import annotations

import re
from typing import Any, Final

from spacy.attrs import LOWER, NORM, PREFIX, SHAPE, SUFFIX
from spacy.tokens import Doc
from spacy.vocab import Vocab

from anonymizers.lexicon import kind_of, kind_while_learning
from anonymizers.normalized import fold

__all__ = ["Tokens"]

_TOKEN: Final = re.compile(r"[^\W\d_]+(?:'(?!s\b)[^\W\d_]+)*|\d+|\n+|[^\w\s]|_", re.IGNORECASE)
_MAX_WORDS: Final = 50_000
_YEAR_DIGITS: Final = 4
_AFFIX: Final = 3
_START: Final = re.compile(r"\b[^\W\d_](?=[^\W\d_])")
_SAMPLE_CHARS: Final = 4_000
_FEW: Final = 25


def _norm(word: str) -> str:
    if not word.isdigit():
        return "\n" if word[0] == "\n" else fold(word)
    if len(word) == _YEAR_DIGITS and word[:2] in {"19", "20"}:
        return "year"
    return word if len(word) <= 2 else f"d{len(word)}"  # noqa: PLR2004  days, months and ages


def _prefix(word: str) -> str:
    return f"d{word[0]}" if word.isdigit() else fold(word)[:_AFFIX]


def _suffix(word: str) -> str:
    return f"d{len(word)}" if word.isdigit() else fold(word)[-_AFFIX:]


def _kind(word: str) -> str:
    return kind_of(fold(word)) if word[0].isalpha() else word[0]


def _kind_while_learning(word: str) -> str:
    return kind_while_learning(fold(word)) if word[0].isalpha() else word[0]


def _shape(word: str) -> str:
    if word.isdigit():
        return f"d{min(len(word), 12)}"
    if not word[0].isalpha():
        return word[0]
    if len(word) == 1:
        return "X" if word.isupper() else "x"
    case = "XX" if word.isupper() else "xx" if word.islower() else "Xx" if word.istitle() else "xX"
    return f"{case}{min(len(word), 6)}"


def _shape_of_small(word: str) -> str:
    return f"small {_shape(word)}"


def _shape_of_capitals(word: str) -> str:
    return f"capitals {_shape(word)}"


def _case(text: str) -> str:
    """Say how a text uses capitals: as a word is written tells something only in ``mixed`` ones."""
    starts = _START.findall(text[:_SAMPLE_CHARS])
    capitals = sum(one.isupper() for one in starts)
    if capitals * _FEW < len(starts):
        return "small"
    letters = [one for one in text[:_SAMPLE_CHARS] if one.isalpha()]
    small = sum(one.islower() for one in letters)
    return "capitals" if small * _FEW < len(letters) else "mixed"


class Tokens:
    """Makes spaCy's documents of our tokens.

    Words are kept in tables for speed; one is thrown away at 50,000, so that neither memory nor
    what is remembered of anybody's notes grows.

    Args:
        learning: Whether what lists say of some words is hidden.
    """

    def __init__(self, *, learning: bool = False) -> None:
        self._vocabularies: dict[str, Any] = {}
        self._kind = _kind_while_learning if learning else _kind

    def _vocabulary(self, case: str) -> Any:  # noqa: ANN401  spaCy is untyped
        found = self._vocabularies.get(case)
        if found is None or len(found) > _MAX_WORDS:
            getters: Any = {
                NORM: _norm, PREFIX: _prefix, SUFFIX: _suffix, SHAPE: _SHAPES[case],
                LOWER: self._kind,
            }  # fmt: skip
            found = self._vocabularies[case] = Vocab(lex_attr_getters=getters)
        return found

    def read(self, text: str) -> tuple[Any, tuple[tuple[int, int], ...]]:
        """Return the document, and the offsets of each of its tokens."""
        words: list[str] = []
        offsets: list[tuple[int, int]] = []
        for match in _TOKEN.finditer(text):
            words.append(match[0])
            offsets.append(match.span())
        spaces = [
            offsets[at + 1][0] > end if at + 1 < len(offsets) else False
            for at, (_, end) in enumerate(offsets)
        ]
        doc = Doc(self._vocabulary(_case(text)), words=words, spaces=spaces)
        return doc, tuple(offsets)


_SHAPES: Final = {"mixed": _shape, "small": _shape_of_small, "capitals": _shape_of_capitals}
