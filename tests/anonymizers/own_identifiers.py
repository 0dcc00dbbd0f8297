"""A search for a patient's own identifiers that shares nothing with the one under test.

It reads text with regular expressions of its own, and it knows no list of names or words: a name
counts as an everyday word where other patients' notes use it in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product

DATES = (
    "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y%m%d", "%B %d, %Y",
    "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%m/%d/%y", "%B %d %Y", "%b %d %Y",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the tables say of one patient, as this search takes it."""

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    relatives: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    born: date | None = None


def plain(text: str) -> str:
    marks = unicodedata.normalize("NFKD", text)
    return "".join(one for one in marks if not unicodedata.combining(one)).casefold()


def everyday(texts: Iterable[str]) -> frozenset[str]:
    """Words that texts use in lower case in the middle of a sentence."""
    return frozenset(
        word for text in texts for word in re.findall(r"(?<=[a-z,] )[a-z]{3,}\b", text)
    )


def patterns(person: Person, common: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Give the kind and the expression of everything that must not be found."""
    yield from _names(person, common)
    yield from _numbers(person)
    for kind, values in (("mail", person.mails), ("street", person.streets)):
        yield from ((kind, _spaced(plain(value))) for value in values if value)
    for city in person.cities:
        if len(city) > 3 and not set(re.findall(r"\w+", plain(city))) & common:
            yield "city", rf"\b{_spaced(plain(city))}\b"
    for form in DATES if person.born is not None else ():
        assert person.born is not None
        written = person.born.strftime(form)
        for one in {written, re.sub(r"\b0", "", written)}:
            yield "birth date", rf"(?<!\d){_spaced(plain(one))}(?!\d)"


def _names(person: Person, common: frozenset[str]) -> Iterator[tuple[str, str]]:
    given = [plain(one) for one in person.given if one]
    family = [plain(one) for one in person.family if one]
    for name in (*given, *family):
        if len(name) > 2 and not set(re.findall(r"\w+", name)) & common:
            yield "name", rf"\b{_spaced(name)}\b"
    for first, last in product(given, family):
        yield "full name", rf"\b{_spaced(first)}\s+(?:\w\.?\s+)?{_spaced(last)}\b"
        yield "full name", rf"\b{_spaced(last)}\s*,\s*{_spaced(first)}\b"
        yield "initial and name", rf"\b{re.escape(first[0])}\.\s?{_spaced(last)}\b"
    for relative in filter(None, person.relatives):
        yield "relative", rf"\b{_spaced(plain(relative))}\b"


def _numbers(person: Person) -> Iterator[tuple[str, str]]:
    for number in person.numbers:
        key = re.sub(r"[^0-9a-z]", "", plain(number))
        if len(key) >= 6:
            grouped = r"[-\s.]?".join(map(re.escape, key))
            yield "number", rf"(?<![0-9a-z]){grouped}(?![0-9a-z])"
    for phone in person.phones:
        digits = re.sub(r"\D", "", re.split(r"(?i)x|ext", phone)[0])[-10:]
        if len(digits) == 10:
            yield "phone", rf"{digits[:3]}\W{{0,3}}{digits[3:6]}\W{{0,2}}{digits[6:]}"
            yield "phone", rf"(?<!\d){digits[3:6]}[-.]{digits[6:]}(?!\d)"


def found_in(
    notes: Sequence[tuple[str, str]], people: Mapping[str, Person], common: frozenset[str]
) -> list[tuple[int, str]]:
    """Return note number and kind of every identifier of a note's own patient that is in it."""
    return [
        (number, kind)
        for number, (unit, text) in enumerate(notes)
        for folded in [plain(text)]
        for kind, expression in _compiled(people[unit], common)
        if expression.search(folded)
    ]


@cache
def _compiled(person: Person, common: frozenset[str]) -> list[tuple[str, re.Pattern[str]]]:
    return [(kind, re.compile(one)) for kind, one in patterns(person, common)]


def _spaced(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in text.split())
