"""What a model found and what is no identifier all the same: the vetoes after the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from anonymizers.rules.vetoes import is_explained
from anonymizers.spans import Label, Span
from anonymizers.words import (
    ambiguous_names,
    everyday_words,
    generic_facility_words,
    place_words,
    term_heads,
    terms,
)

__all__ = ["stands"]

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_AFTER: Final = re.compile(r"(?:'?s)?[\s-]+([A-Za-z]+)")
_MONTH: Final = re.compile(
    r"(?i)(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_HOLIDAY: Final = re.compile(
    r"(?i)christmas|thanksgiving|hallow|year'?s|easter|good friday|valentine|\bday\b|fourth|4th|"
    r"juneteenth|hanukkah|chanukah|passover|ramadan|diwali|kippur|hashanah|\beid\b|lunar|mardi|"
    r"cinco|wednesday|palm sunday|super bowl|kwanzaa|noel"
)
_YEAR: Final = re.compile(r"(?:19|20)\d{2}s?$")
_LEAST_AGE: Final = 90
_LEAST_DIGITS: Final = 3
_SURE: Final = 0.97
"""A model that is as sure as this outweighs a list of words."""


def stands(text: str, span: Span) -> bool:
    """Say whether a span that a model found identifies, as far as lists and forms can tell."""
    check = _CHECKS.get(span.label)
    return check is None or check(text, span)


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in _WORD.finditer(text)]


def _name(text: str, span: Span) -> bool:
    words = _words(span.of(text))
    if not words:
        return False
    after = _AFTER.match(text, span.end)
    if all(word in terms() for word in words) and after and after[1].lower() in term_heads():
        return False
    everyday = everyday_words() - ambiguous_names()
    return span.score >= _SURE or not all(word in everyday for word in words)


def _place(text: str, span: Span) -> bool:
    words = _words(span.of(text))
    known = place_words() | {"united", "states", "usa", "us", "uk"}
    return not words or not all(word in known for word in words)


def _facility(text: str, span: Span) -> bool:
    generic = generic_facility_words() | everyday_words()
    return span.score >= _SURE or not all(word in generic for word in _words(span.of(text)))


def _day(text: str, span: Span) -> bool:
    found = span.of(text)
    if _YEAR.fullmatch(found):
        return False
    return any(one.isdigit() for one in found) or bool(
        _MONTH.match(found) or _HOLIDAY.search(found)
    )


def _age(text: str, span: Span) -> bool:
    digits = re.search(r"\d+", span.of(text))
    return digits is None or int(digits[0]) >= _LEAST_AGE


def _phone(text: str, span: Span) -> bool:
    return sum(one.isdigit() for one in span.of(text)) >= _LEAST_DIGITS


def _code(text: str, span: Span) -> bool:
    return any(one.isdigit() for one in span.of(text)) and not is_explained(
        text, span.start, span.end
    )


_CHECKS: Final[Mapping[Label, Callable[[str, Span], bool]]] = {
    Label.NAME: _name,
    Label.LOCATION: _place,
    Label.HOSPITAL: _facility,
    Label.DATE: _day,
    Label.AGE: _age,
    Label.PHONE_FAX: _phone,
    Label.ID: _code,
}
