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
    given = [plain(one) for one in person.given if one]
    family = [plain(one) for one in person.family if one]
    for name in (*given, *family):
        words = re.findall(r"\w+", name)
        if len(name) > 2 and not set(words) & common:
            yield "name", rf"\b{_spaced(name)}\b"
    for first in given:
        for last in family:
            yield "full name", rf"\b{_spaced(first)}\s+(?:\w\.?\s+)?{_spaced(last)}\b"
            yield "full name", rf"\b{_spaced(last)}\s*,\s*{_spaced(first)}\b"
            yield "initial and name", rf"\b{re.escape(first[0])}\.\s?{_spaced(last)}\b"
    for relative in filter(None, person.relatives):
        yield "relative", rf"\b{_spaced(plain(relative))}\b"
    for number in person.numbers:
        key = re.sub(r"[^0-9a-z]", "", plain(number))
        if len(key) >= 6:
            yield (
                "number",
                r"(?<![0-9a-z])" + r"[-\s.]?".join(map(re.escape, key)) + r"(?![0-9a-z])",
            )
    for phone in person.phones:
        digits = re.sub(r"\D", "", re.split(r"(?i)x|ext", phone)[0])[-10:]
        if len(digits) == 10:
            yield "phone", rf"{digits[:3]}\W{{0,3}}{digits[3:6]}\W{{0,2}}{digits[6:]}"
            yield "phone", rf"(?<!\d){digits[3:6]}[-.]{digits[6:]}(?!\d)"
    for mail in filter(None, person.mails):
        yield "mail", re.escape(plain(mail))
    for street in filter(None, person.streets):
        yield "street", _spaced(plain(street))
    for city in person.cities:
        if len(city) > 3 and not set(re.findall(r"\w+", plain(city))) & common:
            yield "city", rf"\b{_spaced(plain(city))}\b"
    if person.born is not None:
        for form in DATES:
            written = person.born.strftime(form)
            for one in {written, re.sub(r"\b0", "", written)}:
                yield "birth date", rf"(?<!\d){_spaced(plain(one))}(?!\d)"


def found_in(
    notes: Sequence[tuple[str, str]], people: Mapping[str, Person], common: frozenset[str]
) -> list[tuple[int, str]]:
    """Return note number and kind of every identifier of a note's own patient that is in it."""
    compiled = {
        unit: [(kind, re.compile(one)) for kind, one in patterns(person, common)]
        for unit, person in people.items()
    }
    return [
        (number, kind)
        for number, (unit, text) in enumerate(notes)
        for folded in [plain(text)]
        for kind, expression in compiled[unit]
        if expression.search(folded)
    ]


def _spaced(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in text.split())
