"""What a model found and what is no identifier all the same: the vetoes after the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from anonymizers.lexicon import is_everyday
from anonymizers.rules.vetoes import is_explained, is_measured
from anonymizers.spans import Label, Span
from anonymizers.words import (
    family_names,
    generic_facility_words,
    given_names,
    place_words,
    term_heads,
    terms,
)

__all__ = ["is_written_as_proper", "stands"]

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_AFTER: Final = re.compile(r"(?:'?s)?[\s-]+([A-Za-z]+)")
_MONTH: Final = re.compile(
    r"(?i)(?<![a-z])(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_HOLIDAY: Final = re.compile(
    r"(?i)christmas|thanksgiving|hallow|year'?s|easter|good friday|valentine|\bday\b|fourth|4th|"
    r"juneteenth|hanukkah|chanukah|passover|ramadan|diwali|kippur|hashanah|\beid\b|lunar|mardi|"
    r"cinco|wednesday|palm sunday|super bowl|kwanzaa|noel"
)
_PROPER: Final = frozenset({Label.NAME, Label.LOCATION, Label.HOSPITAL})
_THING_BEFORE: Final = re.compile(
    r"(?i)(?:\b(?:the|an?|this|these|two|both|using)|(?<![\w/.])#?\d{1,2}(?:-\d)?|%)\s$"
)
"""Before a lone word that is a thing's name: "the Bovie", "2-0 Vicryl"; not after a date."""
_FAMILY_AFTER: Final = re.compile(
    r"(?i)\s(?:family|household|children|brothers|sisters|boy|girl|baby)\b"
)
_ARTICLE_REACH: Final = 8
_AROUND: Final = 200
_FEW_CAPITALS: Final = 0.04
_MANY_CAPITALS: Final = 0.7
_ABBREVIATED: Final = 5
_SURER: Final = 0.995
_LONE: Final = 0.6
"""What a lone word needs that is on no list of names."""
_DATE_FORM: Final = re.compile(
    r"\d{1,4}[^\w\s]\s?\d{1,2}[^\w\s]\s?\d{2,4}|\d{6,8}|\d{1,2}[/-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}"
)
_PAIR: Final = re.compile(r"(?:[A-Za-z]{2,9}[.,]?\s)?\d{1,2}[/.-](?P<second>\d{1,2})\.?")
_FRACTIONS: Final = frozenset({"7", "52", "12", "5", "10"})
_YEAR: Final = re.compile(r"(?:19|20)\d{2}s?$")
_LEAST_AGE: Final = 90
_LEAST_DIGITS: Final = 3
_MANY_DIGITS: Final = 5
_CERTAIN: Final = 0.99
_SURE: Final = 0.97
"""A model that is as sure as this outweighs a list of words."""


def stands(text: str, span: Span) -> bool:
    """Say whether a span that a model found identifies, as far as lists and forms can tell."""
    check = _CHECKS.get(span.label)
    return check is None or check(text, span)


def is_written_as_proper(text: str, span: Span) -> bool:
    """Say whether a name, place or facility is written as one, where capitals tell anything.

    In a passage that mixes cases, words in small letters and short words in capitals are hardly
    ever names unless a frame announces them, which is the rules' work. In a passage in small
    letters, or in capitals, anything may be a name.
    """
    found = span.of(text)
    if span.label is Label.NAME and len(found.split()) == 1:
        before = text[max(0, span.start - _ARTICLE_REACH) : span.start]
        if _THING_BEFORE.search(before) and not _FAMILY_AFTER.match(text, span.end):
            return False
    if span.label not in _PROPER or span.score >= _SURER or not _mixes_cases(text, span):
        return True
    if found.islower():
        return False
    words = _words(found) or [""]
    abbreviated = found.isupper() and len(words) == 1 and len(found) <= _ABBREVIATED
    listed = given_names() | family_names()
    if abbreviated:
        return words[0] in listed
    return len(words) > 1 or span.score >= _LONE or words[0] in listed


def _mixes_cases(text: str, span: Span) -> bool:
    """Say whether some words around a span start with a capital, and most with a small letter."""
    around = text[max(0, span.start - _AROUND) : span.start], text[span.end : span.end + _AROUND]
    starts = [match[0][0] for part in around for match in _WORD.finditer(part)]
    capitals = sum(one.isupper() for one in starts)
    return _FEW_CAPITALS * len(starts) <= capitals <= _MANY_CAPITALS * len(starts)


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in _WORD.finditer(text)]


def _name(text: str, span: Span) -> bool:
    words = _words(span.of(text))
    if not words:
        return False
    after = _AFTER.match(text, span.end)
    if all(word in terms() for word in words) and after and after[1].lower() in term_heads():
        return False
    return span.score >= _SURE or not all(is_everyday(word) for word in words)


def _place(text: str, span: Span) -> bool:
    words = _words(span.of(text))
    known = place_words() | {"united", "states", "usa", "us", "uk"}
    return not words or not all(word in known for word in words)


def _facility(text: str, span: Span) -> bool:
    generic = generic_facility_words()
    words = _words(span.of(text))
    return span.score >= _SURE or not all(word in generic or is_everyday(word) for word in words)


def _day(text: str, span: Span) -> bool:
    """A month, a holiday or the form of a date; two small numbers only where the model is sure."""
    found = span.of(text)
    if _YEAR.fullmatch(found):
        return False
    if _MONTH.search(found) or _HOLIDAY.search(found) or _DATE_FORM.search(found):
        return True
    pair = _PAIR.fullmatch(found)
    if pair is None or span.score < _SURE:
        return False
    # British notes write days, weeks and months as fractions: 5/7, 2/52, 6/12.
    return "/" not in found or pair["second"] not in _FRACTIONS


def _age(text: str, span: Span) -> bool:
    digits = re.search(r"\d+", span.of(text))
    return digits is None or int(digits[0]) >= _LEAST_AGE


def _phone(text: str, span: Span) -> bool:
    return sum(one.isdigit() for one in span.of(text)) >= _LEAST_DIGITS


def _code(text: str, span: Span) -> bool:
    """A code with a digit that is no value, dose or term; the name of an account where it is sure.

    A form that medicine knows, such as P71 or 1697-397, outweighs a model that is in doubt.
    """
    digits = sum(one.isdigit() for one in span.of(text))
    if span.score >= _CERTAIN:
        return digits >= _MANY_DIGITS or not is_measured(text, span.end)
    return digits > 0 and not is_explained(text, span.start, span.end)


_CHECKS: Final[Mapping[Label, Callable[[str, Span], bool]]] = {
    Label.NAME: _name,
    Label.LOCATION: _place,
    Label.HOSPITAL: _facility,
    Label.DATE: _day,
    Label.AGE: _age,
    Label.PHONE_FAX: _phone,
    Label.ID: _code,
}
