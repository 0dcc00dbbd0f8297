"""Names in the frames that clinicians put them in: titles, relations, signatures, subjects."""

from __future__ import annotations

import re
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
from anonymizers.rules.name_picks import (
    family_plural,
    family_subject,
    frequent,
    given_alone,
    given_first,
    last_first,
    listed_patient,
    lower_after_title,
    lower_frequent,
    lower_given_and_last,
    names,
    signed_off,
    whole,
)
from anonymizers.rules.tokens import INITIAL, LAST_FIRST, NAMES, WORD
from anonymizers.spans import Label, Source

__all__ = ["RULES"]


def _rule(name: str, pattern: str, *, score: float, pick: Pick) -> Rule:
    return Rule(
        name=name, label=Label.NAME, pattern=re.compile(pattern), score=score,
        source=Source.FRAME, pick=pick,
    )  # fmt: skip


RULES: Final = (
    _rule("title", rf"\b{TITLE}\.?\s+(?P<span>{NAMES})", score=0.95, pick=names(strong=True)),
    _rule(
        "title_lower",
        r"\b(?:[Dd]r|[Mm]rs?|ms|[Mm]iss|[Dd]octor)(?P<point>\.?)\s(?P<span>[a-z][\w'-]{2,}(?:\s[a-z][\w'-]{2,})?)",
        score=0.7,
        pick=lower_after_title,
    ),
    _rule(
        "degree",
        rf"(?P<span>{NAMES})(?:,\s?|\s){STRONG_DEGREE}(?!\w)",
        score=0.9,
        pick=names(strong=True),
    ),
    _rule(
        "degree_weak",
        rf"(?P<span>{NAMES}),\s?{WEAK_DEGREE}(?![\w/])",
        score=0.8,
        pick=names(strong=False),
    ),
    _rule(
        "field",
        rf"\b(?i:{FIELD})\s?(?:\([^)\n]{{0,30}}\))?\s{{0,3}}[:#]\s{{0,3}}(?:{TITLE}\.?\s)?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.8,
        pick=names(strong=False),
    ),
    _rule(
        "field_lower",
        r"\b(?i:taken by|caller|for|pt|patient|nurse|signed|from|by|contact|re)\s?:\s{0,3}"
        r"(?P<span>[a-z][\w'-]+(?:[, ]{1,2}[a-z][\w'-]+)?)",
        score=0.6,
        pick=lower_frequent,
    ),
    _rule(
        "field_weak",  # CC is also the chief complaint, and RE a subject
        rf"\b(?i:cc|re|from|to|regarding|subject)\s?:\s{{0,3}}(?:{TITLE}\.?\s)?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.7,
        pick=frequent(strong=False),
    ),
    _rule(
        "relation",
        rf"\b(?i:{RELATION})(?:,|\s\(|'s name is|\sis named|,?\snamed|:|\s-)?\s?\(?"
        rf"(?:{TITLE}\.?\s)?(?<=[\s(])(?P<span>{NAMES})",
        score=0.7,
        pick=names(strong=True),
    ),
    _rule(
        "relation_lower",
        rf"\b(?:{RELATION}|dear|spoke with|called by|patients? of|it'?s|this is|my name is),?\s"
        r"(?P<span>[a-z][\w'-]+(?:\s[a-z][\w'-]+)?)",
        score=0.6,
        pick=lower_frequent,
    ),
    _rule(
        "relation_bracket",
        rf"(?P<span>{NAMES})\s\((?i:{RELATION})\)",
        score=0.8,
        pick=names(strong=True),
    ),
    _rule(
        "relation_comma",
        rf"(?P<span>{NAMES}),\s(?i:{RELATION}),",
        score=0.6,
        pick=frequent(strong=True),
    ),
    _rule(
        "reached",
        rf"(?P<span>{NAMES})\s(?:can|may)\s(?:also\s)?be\s(?:reached|contacted|called)",
        score=0.7,
        pick=names(strong=True),
    ),
    _rule(
        "relation_after",
        rf"(?P<span>{NAMES})(?:,?\s\(?(?i:her|his|their|patient's|pt's)|,\s(?i:the))\s(?:\w+\s)?"
        rf"(?i:{RELATION})\b",
        score=0.6,
        pick=frequent(strong=True),
    ),
    _rule(
        "by",
        rf"\b(?i:{BY})\s{{0,2}}:?\s{{0,2}}(?:(?i:the\s)?(?:{TITLE}\.?\s))?(?P<span>{LAST_FIRST}|{NAMES})",
        score=0.75,
        pick=names(strong=False),
    ),
    _rule(
        "with",
        rf"\b(?i:{WITH})\s(?P<span>{NAMES})",
        score=0.6,
        pick=frequent(strong=False),
    ),
    _rule(
        "told",
        rf"\b(?i:told|asked|informed|advised|reminded)\s(?P<span>{NAMES})\s"
        r"(?:that|to|about|he|she|if|whether)\b",
        score=0.6,
        pick=names(strong=False),
    ),
    _rule(
        "family_subject",
        rf"(?:^|(?<=[.!?]\s)|(?<=\n))(?P<span>{WORD})\s"
        r"(?:has|denies|denied|reports|reported|states|stated|says|said|complains|wants|lives|works)\b",
        score=0.6,
        pick=family_subject,
    ),
    _rule(
        "family_plural",
        r"\b[Tt]he\s(?P<span>[A-Za-z]{4,}s)\s(?:asked|want|wanted|live|agree|agreed|declined)\b",
        score=0.6,
        pick=family_plural,
    ),
    _rule("irish_lower", r"(?<![\w'])(?P<span>o'(?!clock\b)[a-z]{3,})\b", score=0.7, pick=whole),
    _rule(
        "given_and_last_lower",
        r"(?<![\w'-])(?P<first>[a-z]{3,})\s(?=(?P<last>[a-z]{3,}(?:-[a-z]{3,})?)(?![\w'-]))",
        score=0.55,
        pick=lower_given_and_last,
    ),
    _rule(
        "signed_off",
        r"(?i)\b(?:thanks|thank you|regards|sincerely|cheers)[!,.]\s{0,3}"
        r"(?P<span>[^\W\d_][\w'-]+(?:\s[^\W\d_][\w'-]+)?)[.!]?\s*\Z",
        score=0.6,
        pick=signed_off,
    ),
    _rule(
        "listed_patient",
        r"(?m)^[ \t*-]*(?P<span>[^\W\d_][\w'.-]*(?:,?\s[^\W\d_][\w'.-]*){0,3})\s"
        r"\(\d{1,3}\s?(?:[mMfF]|(?i:y/?o))\)",
        score=0.6,
        pick=listed_patient,
    ),
    _rule(
        "greeting",
        rf"\b{GREETING}[,\s]\s{{0,3}}(?:{TITLE}\.?\s)?(?P<span>{NAMES})",
        score=0.7,
        pick=names(strong=False),
    ),
    _rule(
        "subject",
        rf"(?P<span>{NAMES})\s(?:is|was)\s(?:an?|now)\s(?:[\w-]+,?\s){{0,4}}\d{{1,3}}[\s-]?(?i:year|yr|y\.?/?o|month|week|day)",
        score=0.8,
        pick=names(strong=True),
    ),
    _rule(
        "given_and_last",
        rf"\b(?P<first>{WORD})\s(?:{INITIAL}\s)?(?=(?P<last>{WORD}))",
        score=0.65,
        pick=given_first,
    ),
    _rule(
        "last_and_given",
        rf"\b(?P<last>{WORD}),\s?(?P<first>{WORD})(?:\s{INITIAL})?",
        score=0.6,
        pick=last_first,
    ),
    _rule("given_alone", r"\b[A-Z][a-z]{2,}\b", score=0.5, pick=given_alone),
)
