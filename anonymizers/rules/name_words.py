"""Which words of a capitalized run make up a name."""

from __future__ import annotations

import re
from typing import Final

from anonymizers.lexicon import is_everyday
from anonymizers.rules.spoken import SPOKEN
from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    family_names,
    given_names,
    place_words,
    term_heads,
)

__all__ = ["is_frequent", "is_name_word", "name_run"]

_CODE: Final = re.compile(r"[A-Z]?\d|[A-Za-z]\d|.*\d[-/]")
_SHORT: Final = 2
_MAX_ABBREVIATION: Final = 5


def is_name_word(word: str, *, strong: bool) -> bool:
    """Say whether a word can be part of a name; behind a strong frame, names like Young can."""
    lower = word.lower().rstrip(".")
    if len(lower) == 1:
        return word != "I"
    if _CODE.match(word) or lower in SPOKEN:
        return False
    long = len(lower) > _SHORT or lower not in everyday_words()
    if strong and long and lower in ambiguous_names():
        return True
    return not (
        lower in everyday_words()
        or (
            not strong
            and (
                lower in place_words()
                or lower in ambiguous_names()
                or lower in term_heads()
                or is_everyday(lower)
            )
        )
    )


def is_frequent(word: str) -> bool:
    """Say whether many people in the United States have the word as a name."""
    parts = word.lower().split("-")
    return all(part in family_names() or part in given_names() for part in parts)


def name_run(text: str, start: int, end: int, *, strong: bool) -> tuple[int, int] | None:
    """Return the part of a capitalized run, from its start, that can be a name.

    After a frequent given name, a family name counts though it is a word too ("Kayla Ward"). In a
    line of capitals every word has one, so that only frequent names go on after the second; a
    short word in capitals is an abbreviation unless the frame is strong.
    """
    stop = start
    last = ""
    for number, match in enumerate(re.finditer(r"[^\s,]+", text[start:end])):
        word = match[0]
        shouted = len(word) > 1 and word.isupper() and not is_frequent(word)
        if shouted and (number > 1 or (not strong and len(word) <= _MAX_ABBREVIATION)):
            break
        carried = last.lower() in given_names() and word.lower() in family_names()
        later = number > 0 and word.lower() not in everyday_words()
        if not (is_name_word(word, strong=strong or later) or carried):
            break
        stop = start + match.end()
        last = word
    run = text[start:stop].rstrip(", ")
    letters = re.sub(r"[^\w]", "", run)
    return (start, start + len(run)) if len(letters) > 1 else None
