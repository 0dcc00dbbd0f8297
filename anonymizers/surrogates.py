"""What is put in the place of what was found: a stand-in of the same shape, or a label.

A stand-in is HMAC(project key, patient, class, normalized value): the same for one patient in all
notes, another one for another patient or under another key, and never equal to anything that is
known of the patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, assert_never

from faker.providers.person.en_US import Provider as EnglishNames

from anonymizers.keys import keyed_bytes
from anonymizers.normalized import fold, normalize
from anonymizers.spans import Label
from anonymizers.words import ambiguous_names, everyday_words, given_names
from anonymizers.written_dates import shifted

__all__ = ["OLDEST_AGE", "StandIns", "redaction"]

OLDEST_AGE: Final = "90+"
"""All ages of 90 and over as one: 45 CFR 164.514(b)(2)(i)(C)."""

_TRIES: Final = 50
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_EXTENSION: Final = re.compile(r"(?<![^\W\d_])(?:x|ext|extension|fax|tel|phone)(?![^\W\d_])")
_PARTICLES: Final = frozenset(
    {"de", "la", "del", "van", "von", "der", "den", "el", "al", "bin", "di", "da"}
)
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
_PLACE_STARTS: Final = (
    "Ash", "Birch", "Bram", "Cald", "Cran", "Dun", "Elm", "Fern", "Glen", "Hart", "Hazel", "Holm",
    "Kirk", "Lind", "Marl", "Mill", "Nor", "Oak", "Pem", "Quill", "Raven", "Rush", "Sel", "Stan",
    "Thorn", "Tarn", "Up", "Wal", "Wen", "Wex", "Whit", "Yar",
)  # fmt: skip
_PLACE_ENDS: Final = (
    "borough", "bourne", "bury", "by", "combe", "dale", "field", "ford", "gate", "ham", "hurst",
    "leigh", "mere", "mont", "ridge", "stead", "ton", "vale", "wick", "worth",
)  # fmt: skip
_FACILITY_HEAD: Final = re.compile(
    r"(?i)(?:medical (?:center|group)|health (?:center|system)|hospital|clinic|hospice|pharmacy|"
    r"infirmary|nursing home|rehab(?:ilitation)?(?: center)?|institute|university|school|manor|"
    r"laborator(?:y|ies)|center)\b"
)
_STREET: Final = re.compile(
    r"(?P<number>\d+)(?P<name>\D+?)(?P<rest>\s(?:street|st|avenue|ave|av|road|rd|lane|ln|drive|dr|"
    r"court|ct|place|pl|way|terrace|ter|boulevard|blvd|circle|cir|parkway|pkwy|highway|hwy|square|sq|"
    r"crescent|close|alley|trail|trl|row|plaza|walk|run|path|loop|mews|quay)\.?"
    r"(?:,?\s(?:(?:apt|apartment|unit|suite|ste|floor|fl|room|rm)\.?\s?#?|#\s?)"
    r"(?:\d{1,5}[a-z]?|[a-z]\d{0,4}))?)",
    re.IGNORECASE,
)
"""A street of a known kind; whatever else stands in an address is no part of its shape."""
_RESERVED_DOMAIN: Final = "example.org"
"""Reserved by RFC 2606: no mail and no page can be reached under it."""


def redaction(label: Label) -> str:
    """Return the label in brackets, such as ``[NAME]``."""
    return f"[{label.value}]"


@cache
def _names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Given and family names for stand-ins: none that is also a word, so that none misleads."""
    words = everyday_words() | ambiguous_names()
    given = {*EnglishNames.first_names_female, *EnglishNames.first_names_male}
    first = sorted(name for name in given if name.isalpha() and name.lower() not in words)
    family = (name for name in EnglishNames.last_names if name.isalpha())
    return tuple(first), tuple(sorted(name for name in set(family) if name.lower() not in words))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """Stand-ins for one patient.

    Attributes:
        key: Key of the purpose ``surrogates``.
        unit: The patient, as the source names it.
        shift_days: By how many days the patient's dates move; the same as in tables.
        taken: Names and numbers of the patient, folded, letters and digits only; no stand-in is
            one of them.
    """

    key: bytes = field(repr=False)
    unit: str = field(repr=False)
    shift_days: int = field(repr=False)
    taken: frozenset[str] = field(default=frozenset(), repr=False)

    def of(self, label: Label, original: str) -> str:
        """Return what is put in place of a text that was found.

        Where no stand-in can be made (a date that is not read, a profession), the label in
        brackets is.
        """
        text = normalize(original).text
        match label:
            case Label.NAME:
                written = _WORD.sub(lambda word: self._name(word[0]), text)
            case Label.DATE:
                written = shifted(text, self.shift_days) or redaction(label)
            case Label.AGE:
                written = OLDEST_AGE
            case Label.ID | Label.PHONE_FAX:
                written = self._digits(label, text)
            case Label.EMAIL | Label.URL_IP:
                written = self._address(label, text)
            case Label.LOCATION:
                written = self._location(text)
            case Label.HOSPITAL:
                head = _FACILITY_HEAD.search(text)
                written = f"{self._place(text)} {head[0] if head else 'Hospital'}"
            case Label.PROFESSION | Label.OTHER:
                written = redaction(label)
            case _:
                assert_never(label)
        return written

    def _drawn(self, purpose: str, value: str) -> Iterator[bytes]:
        """Yield bytes for a value again and again, each time others, always in the same order."""
        for number in range(_TRIES):
            yield keyed_bytes(self.key, "surrogate", self.unit, purpose, value, str(number))

    def _name(self, word: str) -> str:
        if word.isdigit():
            return self._digits(Label.NAME, word)
        folded = fold(word)
        if folded in _PARTICLES or folded in _SUFFIXES:
            return word
        given, family = _names()
        lists: Sequence[str] = given if folded in given_names() else family
        for drawn in self._drawn("name", folded):
            name = lists[int.from_bytes(drawn[:8]) % len(lists)]
            if fold(name) == folded or fold(name) in self.taken:
                continue
            if len(word) == 1:
                if fold(name[0]) == folded:
                    continue
                name = name[0]
            return _cased(name, word)
        return redaction(Label.NAME)

    def _digits(self, label: Label, text: str) -> str:
        """Replace digit for digit and letter for letter; what stands between them stays.

        The words that announce an extension of a phone stay too.
        """
        value = "".join(one for one in fold(text) if one.isalnum())
        stays = set[int]()
        if label is Label.PHONE_FAX:
            found = _EXTENSION.finditer(fold(text))
            stays.update(place for match in found for place in range(*match.span()))
        for drawn in self._drawn(label.value, value):
            stream = iter(drawn * (1 + len(value) // len(drawn)))
            written = "".join(
                one if place in stays else _same_kind(one, stream) for place, one in enumerate(text)
            )
            plain = "".join(one for one in fold(written) if one.isalnum())
            if plain != value and plain not in self.taken:
                return written
        return redaction(label)

    def _address(self, label: Label, text: str) -> str:
        name = self._place(text).lower()
        if label is Label.EMAIL:
            return f"{name}@{_RESERVED_DOMAIN}"
        return f"https://{name}.{_RESERVED_DOMAIN}"

    def _place(self, text: str) -> str:
        value = "".join(one for one in fold(text) if one.isalnum())
        for drawn in self._drawn("place", value):
            start = _PLACE_STARTS[drawn[0] % len(_PLACE_STARTS)]
            name = start + _PLACE_ENDS[drawn[1] % len(_PLACE_ENDS)]
            if fold(name) not in value and fold(name) not in self.taken:
                return name
        return redaction(Label.LOCATION)

    def _location(self, text: str) -> str:
        if not any(one.isalpha() for one in text):
            return self._digits(Label.LOCATION, text)
        street = _STREET.fullmatch(text)
        if street is None:
            return _cased(self._place(text), text)
        tail = re.sub(
            r"[\w#]*\d[\w]*", lambda found: self._digits(Label.LOCATION, found[0]), street["rest"]
        )
        number = self._digits(Label.LOCATION, street["number"])
        return f"{number} {_cased(self._place(street['name']), street['name'].strip())}{tail}"


def _same_kind(character: str, stream: Iterator[int]) -> str:
    if character.isdigit():
        return str(next(stream) % 10)
    if character.isalpha():
        first = ord("A" if character.isupper() else "a")
        return chr(first + next(stream) % 26)
    return character


def _cased(name: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return name.upper()
    return name.lower() if like.islower() else name
