"""Names in the frames that clinicians put them in: titles, relations, signatures, subjects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from anonymizers.rules.frames import (
    BY,
    FIELD,
    GREETING,
    RELATION,
    STRONG_DEGREE,
    TITLE,
    WEAK_DEGREE,
    WITH,
)
from anonymizers.rules.model import Pick, Rule
from anonymizers.rules.name_words import is_frequent, is_name_word, name_run
from anonymizers.rules.tokens import INITIAL, LAST_FIRST, NAMES, WORD
from anonymizers.spans import Label, Source
from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    family_names,
    given_names,
    place_words,
    term_heads,
    terms,
)

__all__ = ["RULES"]

_MAX_LOWER: Final = 2
_WORD_AFTER: Final = re.compile(r"(?:'?s)?[\s-]+([A-Za-z]+)")
_PLACE_BEFORE: Final = re.compile(
    r"(?:\b(?:San|Santa|Santo|Saint|St\.?|Lake|Mount|Mt\.?|Fort|Ft\.?|Port|Cape|Camp|New|North|South|East|West)\s|-)$"
)


def _names(*, strong: bool) -> Pick:
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


def _frequent(*, strong: bool) -> Pick:
    """After a weak frame: a run that starts with a frequent name, or has two words."""

    def pick(match: re.Match[str]) -> Iterator[tuple[int, int]]:
        run = name_run(match.string, *match.span("span"), strong=strong)
        if run is None or _is_term(match.string, *run):
            return
        words = match.string[run[0] : run[1]].split()
        if is_frequent(words[0]) or len(words) > 1:
            yield run

    return pick


def _given_first(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name before another name, as in "Maria T. Okafor"."""
    first, last = match["first"].lower(), match["last"]
    if first not in given_names() or not is_name_word(last, strong=False):
        doubtful = first in given_names() and last.lower() in family_names()
        if not doubtful or last.lower() in everyday_words():
            return
    if first in everyday_words() or (last.lower() in terms() and first in ambiguous_names()):
        return
    yield match.start("first"), match.end("last")


def _last_first(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """A frequent given name after a comma, as in "Okafor, Maria"; no list of everyday words."""
    first, last = match["first"].lower(), match["last"]
    if (
        first in given_names()
        and first not in everyday_words()
        and is_name_word(last, strong=False)
    ):
        yield match.span()


def _given_alone(match: re.Match[str]) -> Iterator[tuple[int, int]]:
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


def _lower_after_title(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """One word, as in "dr. smith", and a second one if it is a frequent name."""
    words = list(re.finditer(r"[\w'-]+", match["span"]))[:_MAX_LOWER]
    first = words[0][0]
    if first in everyday_words() and not (match["point"] and first in ambiguous_names()):
        return
    last = words[0]
    if len(words) > 1 and words[1][0] in family_names() - everyday_words():
        last = words[1]
    yield match.start("span"), match.start("span") + last.end()


def _lower_frequent(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """After a field, in lower case: frequent names only, as far as they go."""
    end = 0
    for word in re.finditer(r"[\w'-]+", match["span"]):
        if not is_frequent(word[0]) or word[0] in _no_lone_names():
            break
        end = word.end()
    yield match.start("span"), match.start("span") + end


def _rule(name: str, pattern: str, *, score: float, pick: Pick) -> Rule:
    return Rule(
        name=name, label=Label.NAME, pattern=re.compile(pattern), score=score,
        source=Source.FRAME, pick=pick,
    )  # fmt: skip


RULES: Final = (
    _rule("title", rf"\b{TITLE}\.?\s+(?P<span>{NAMES})", score=0.95, pick=_names(strong=True)),
    _rule(
        "title_lower",
        r"\b(?:[Dd]r|[Mm]rs?|ms|[Mm]iss|[Dd]octor)(?P<point>\.?)\s(?P<span>[a-z][\w'-]{2,}(?:\s[a-z][\w'-]{2,})?)",
        score=0.7,
        pick=_lower_after_title,
    ),
    _rule(
        "degree",
        rf"(?P<span>{NAMES})(?:,\s?|\s){STRONG_DEGREE}(?!\w)",
        score=0.9,
        pick=_names(strong=True),
    ),
    _rule(
        "degree_weak",
        rf"(?P<span>{NAMES}),\s?{WEAK_DEGREE}(?![\w/])",
        score=0.8,
        pick=_names(strong=False),
    ),
    _rule(
        "field",
        rf"\b(?i:{FIELD})\s?(?:\([^)\n]{{0,30}}\))?\s{{0,3}}[:#]\s{{0,3}}(?:{TITLE}\.?\s)?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.8,
        pick=_names(strong=False),
    ),
    _rule(
        "field_lower",
        r"\b(?i:taken by|caller|for|pt|patient|nurse|signed|from|by|contact|re)\s?:\s{0,3}"
        r"(?P<span>[a-z][\w'-]+(?:[, ]{1,2}[a-z][\w'-]+)?)",
        score=0.6,
        pick=_lower_frequent,
    ),
    _rule(
        "field_weak",  # CC is also the chief complaint, and RE a subject
        rf"\b(?i:cc|re|from|to|regarding|subject)\s?:\s{{0,3}}(?:{TITLE}\.?\s)?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.7,
        pick=_frequent(strong=False),
    ),
    _rule(
        "relation",
        rf"\b(?i:{RELATION})(?:,|\s\(|'s name is|\sis named|,?\snamed|:|\s-)?\s?\(?"
        rf"(?:{TITLE}\.?\s)?(?<=[\s(])(?P<span>{NAMES})",
        score=0.7,
        pick=_names(strong=True),
    ),
    _rule(
        "relation_lower",
        rf"\b(?:{RELATION}|dear|spoke with|called by),?\s"
        r"(?P<span>[a-z][\w'-]+(?:\s[a-z][\w'-]+)?)",
        score=0.6,
        pick=_lower_frequent,
    ),
    _rule(
        "relation_bracket",
        rf"(?P<span>{NAMES})\s\((?i:{RELATION})\)",
        score=0.8,
        pick=_names(strong=True),
    ),
    _rule(
        "relation_comma",
        rf"(?P<span>{NAMES}),\s(?i:{RELATION}),",
        score=0.6,
        pick=_frequent(strong=True),
    ),
    _rule(
        "reached",
        rf"(?P<span>{NAMES})\s(?:can|may)\s(?:also\s)?be\s(?:reached|contacted|called)",
        score=0.7,
        pick=_names(strong=True),
    ),
    _rule(
        "relation_after",
        rf"(?P<span>{NAMES})(?:,?\s\(?(?i:her|his|their|patient's|pt's)|,\s(?i:the))\s(?:\w+\s)?"
        rf"(?i:{RELATION})\b",
        score=0.6,
        pick=_frequent(strong=True),
    ),
    _rule(
        "by",
        rf"\b(?i:{BY})\s{{0,2}}:?\s{{0,2}}(?:(?i:the\s)?(?:{TITLE}\.?\s))?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.75,
        pick=_names(strong=False),
    ),
    _rule(
        "with",
        rf"\b(?i:{WITH})\s(?P<span>{NAMES})",
        score=0.6,
        pick=_frequent(strong=False),
    ),
    _rule(
        "greeting",
        rf"\b{GREETING}[,\s]\s{{0,3}}(?:{TITLE}\.?\s)?(?P<span>{NAMES})",
        score=0.7,
        pick=_names(strong=False),
    ),
    _rule(
        "subject",
        rf"(?P<span>{NAMES})\s(?:is|was)\s(?:an?|now)\s(?:[\w-]+,?\s){{0,4}}\d{{1,3}}[\s-]?(?i:year|yr|y\.?/?o|month|week|day)",
        score=0.8,
        pick=_names(strong=True),
    ),
    _rule(
        "given_and_last",
        rf"\b(?P<first>{WORD})\s(?:{INITIAL}\s)?(?=(?P<last>{WORD}))",
        score=0.65,
        pick=_given_first,
    ),
    _rule(
        "last_and_given",
        rf"\b(?P<last>{WORD}),\s?(?P<first>{WORD})(?:\s{INITIAL})?",
        score=0.6,
        pick=_last_first,
    ),
    _rule("given_alone", r"\b[A-Z][a-z]{2,}\b", score=0.5, pick=_given_alone),
)
