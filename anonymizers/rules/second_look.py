"""What a model found and what is no identifier all the same: the vetoes after the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from anonymizers.lexicon import is_common, is_everyday, listed_names
from anonymizers.rules.spoken import SPOKEN
from anonymizers.rules.vetoes import is_explained
from anonymizers.spans import Label, Span
from anonymizers.words import (
    ambiguous_names,
    generic_facility_words,
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
_THING_BEFORE: Final = re.compile(r"(?i)(?:\b(?:the|an?|this|these|two|both|using)|[\d%#])\s$")
"""Before a lone word that is a thing's name: "the Bovie", "2-0 Vicryl"."""
_DATED_BEFORE: Final = re.compile(r"(?:\d{4}|/\d{1,2}|\d[ -]\d{2,4}|\d:\d\d)\s$")
"""The end of a date, a time or a number of a person; a name may follow."""
_FAMILY_AFTER: Final = re.compile(
    r"(?i)\s(?:family|household|children|brothers|sisters|boy|girl|baby)\b"
)
_ARTICLE_REACH: Final = 8
_AROUND: Final = 200
_MESSAGE: Final = 300
_FEW_CAPITALS: Final = 0.04
_MANY_CAPITALS: Final = 0.7
_ABBREVIATED: Final = 5
_SURER: Final = 0.995
_LIKELY: Final = 0.9
_LONE: Final = 0.8
"""What a lone word needs that is on no list of names."""
_DATE_FORM: Final = re.compile(
    r"\d{1,4}[^\w\s]\s?\d{1,2}[^\w\s]\s?\d{2,4}|\d{6,8}|\d{1,2}[/-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}"
)
_DAY_BEFORE: Final = re.compile(r"(?i)\b(?:on|due|since|until|dated|date|before|after|by|of):?\s$")
"""Before two numbers that are a day: "on 5-11", "due 13.10."; else they are a range or a value."""
_MISREAD_DAY: Final = re.compile(
    r"[\dOolISB]{1,2}([/.-])[\dOolISB]{1,2}\1[\dOolISB]{2,4}|"
    r"(?:\w+, )?[A-Za-z]{3,9}\.?\s\d{1,2},?\s\d{4}"
)
"""What scanners make of a date: "0l/22/2O19", "Dcccmber 7, 2026"."""
_PAIR: Final = re.compile(r"(?:[A-Za-z]{2,9}[.,]?\s)?\d{1,2}[/.-](?P<second>\d{1,2})\.?")
_FRACTIONS: Final = frozenset({"7", "52", "12", "5", "10"})
_NUMBER_FIRST: Final = re.compile(r"\d+(?:-\d+)?\s+\S+$")
"""A thing with its size, as in "3-0 Maxon"."""
_DOSING: Final = frozenset(
    {"am", "pm", "qam", "qpm", "prn", "bid", "tid", "qid", "tds", "bd", "od", "qd", "qod", "qhs",
     "hs", "po", "pr", "im", "iv", "sq", "sc", "ac", "pc", "stat", "ie", "eg", "os", "ou"}
)  # fmt: skip
_PUBLIC_NUMBERS: Final = frozenset({"911", "999", "111", "112", "101", "988", "211", "311", "411"})
_SPAN_OF_TIME: Final = re.compile(r"\d{1,2}\s?-\s?\d{1,2}\s?/\s?(?:7|52|12)")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}s?$")
_LEAST_AGE: Final = 90
_LEAST_DIGITS: Final = 3
_MANY_DIGITS: Final = 4
_CERTAIN: Final = 0.99
_BEYOND_DOUBT: Final = 0.9995
"""What "5-11" needs to be a day where nothing before it says so: most such pairs are ranges."""
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
    letters, or in capitals, anything may be a name, and in a message too.
    """
    if span.label is Label.NAME and len(span.of(text).split()) == 1 and _is_a_thing(text, span):
        return False
    if span.label not in _PROPER or span.score >= _SURER or not _mixes_cases(text, span):
        return True
    return _has_capitals_of_a_name(span.of(text), span.score)


def _is_a_thing(text: str, span: Span) -> bool:
    """Say whether an article or an amount before a lone word makes it the name of a thing."""
    before = text[max(0, span.start - _ARTICLE_REACH) : span.start]
    dated = span.score >= _LIKELY and _DATED_BEFORE.search(before)
    family = _FAMILY_AFTER.match(text, span.end)
    return bool(_THING_BEFORE.search(before)) and not dated and not family


def _has_capitals_of_a_name(found: str, score: float) -> bool:
    """Say whether a name would be written so; a lone word needs more where lists do not know it."""
    words = _words(found) or [""]
    listed = listed_names()
    if found.islower():
        return score >= _LIKELY and all(_is_only_a_name(word) for word in words)
    if found.isupper() and len(words) == 1 and len(found) <= _ABBREVIATED:
        return words[0] in listed
    if len(words) > 1:
        return True
    if words[0] in ambiguous_names():
        return score >= _LIKELY
    return score >= _LONE or words[0] in listed


def _is_only_a_name(word: str) -> bool:
    return word in listed_names() and word not in ambiguous_names() and not is_common(word)


def _mixes_cases(text: str, span: Span) -> bool:
    """Say whether some words around a span start with a capital, and most with a small letter.

    A message is too short to tell.
    """
    if len(text) < _MESSAGE:
        return False
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
    if _NUMBER_FIRST.match(span.of(text)) or _is_dosing(span.of(text)):
        return False
    if all(word in SPOKEN for word in words) or _is_rest_of_abbreviation(text, span):
        return False
    return span.score >= _SURE or not all(is_everyday(word) for word in words)


def _is_dosing(found: str) -> bool:
    """Say whether the letters are those of "p.r.n." or "q.i.d." and the like."""
    parts = [re.sub(r"[\W\d_]", "", part).lower() for part in found.split()]
    return any(part in _DOSING for part in parts) and all(
        part in _DOSING or len(part) <= 1 for part in parts
    )


def _is_rest_of_abbreviation(text: str, span: Span) -> bool:
    """Say whether the letters go on with an abbreviation in small letters: "p.r.n."."""
    before = text[max(0, span.start - 2) : span.start]
    return span.of(text).islower() and before[-1:] == "." and before[:1].isalpha()


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
    if _YEAR.fullmatch(found) or _SPAN_OF_TIME.fullmatch(found):
        return False
    if _MONTH.search(found) or _HOLIDAY.search(found) or _DATE_FORM.search(found):
        return True
    if span.score >= _CERTAIN and _MISREAD_DAY.fullmatch(found):
        return True
    pair = _PAIR.fullmatch(found)
    return pair is not None and span.score >= _SURE and _is_day(text, span, pair["second"])


def _is_day(text: str, span: Span, second: str) -> bool:
    """Say whether two small numbers are a day and no fraction, range or value."""
    if "/" in span.of(text):
        # British notes write days, weeks and months as fractions: 5/7, 2/52, 6/12.
        return second not in _FRACTIONS
    if span.score >= _BEYOND_DOUBT:
        return True
    return _DAY_BEFORE.search(text, max(0, span.start - _ARTICLE_REACH), span.start) is not None


def _age(text: str, span: Span) -> bool:
    digits = re.search(r"\d+", span.of(text))
    return digits is None or int(digits[0]) >= _LEAST_AGE


def _phone(text: str, span: Span) -> bool:
    digits = re.sub(r"\D", "", span.of(text))
    return len(digits) >= _LEAST_DIGITS and digits not in _PUBLIC_NUMBERS


def _address(text: str, span: Span) -> bool:
    """An address of the network has a point or a colon; an everyday word has none."""
    return not set(".:").isdisjoint(span.of(text))


def _code(text: str, span: Span) -> bool:
    """A code with a digit that is no value, dose or term; the name of an account where it is sure.

    A form that medicine knows, such as P71 or 1697-397, outweighs a model that is in doubt.
    """
    digits = sum(one.isdigit() for one in span.of(text))
    single = not any(one.isspace() for one in span.of(text))
    if span.score >= _CERTAIN and (digits >= _MANY_DIGITS or (digits == 0 and single)):
        return True
    return digits > 0 and not is_explained(text, span.start, span.end)


_CHECKS: Final[Mapping[Label, Callable[[str, Span], bool]]] = {
    Label.NAME: _name,
    Label.LOCATION: _place,
    Label.HOSPITAL: _facility,
    Label.DATE: _day,
    Label.AGE: _age,
    Label.PHONE_FAX: _phone,
    Label.URL_IP: _address,
    Label.ID: _code,
}
