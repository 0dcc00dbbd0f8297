"""Word lists: which words are everyday words, which are names, which are terms."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from faker.providers.address.en import Provider as Addresses
from faker.providers.lorem.en_US import Provider as EnglishWords
from faker.providers.person.en_US import Provider as EnglishNames

__all__ = [
    "MONTHS",
    "ambiguous_names",
    "everyday_words",
    "family_names",
    "function_words",
    "generic_facility_words",
    "given_names",
    "nicknames",
    "place_words",
    "term_heads",
    "terms",
]

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def _lines(name: str) -> tuple[tuple[str, ...], ...]:
    text = files("anonymizers").joinpath("lists", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(tuple(line.split()) for line in text.splitlines() if line and line[0] != "#")


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line)


@cache
def ambiguous_names() -> frozenset[str]:
    """Names that are also words; lower case."""
    return _words("ambiguous_names")


@cache
def everyday_words() -> frozenset[str]:
    """English and clinical words that are no names by themselves; lower case."""
    return frozenset(EnglishWords.word_list) | _words("clinical_words") | set(MONTHS)


@cache
def terms() -> frozenset[str]:
    """Eponyms: names of diseases, signs, tests and devices; lower case."""
    return _words("eponyms")


@cache
def term_heads() -> frozenset[str]:
    """Words that turn the name before them into a term, such as ``disease``; lower case."""
    return _words("term_heads")


@cache
def place_words() -> frozenset[str]:
    """States, countries and peoples, which are no identifiers; lower case."""
    countries = (str(name).lower() for name in Addresses.countries)
    return _words("places") | {name for name in countries if " " not in name}


@cache
def function_words() -> frozenset[str]:
    """Words that stand before a place without being part of its name; lower case."""
    return _words("function_words")


@cache
def generic_facility_words() -> frozenset[str]:
    """Words that many facilities have in their names; lower case."""
    return _words("generic_facility_words")


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """From a given name to its short forms; lower case."""
    return {line[0]: line[1:] for line in _lines("nicknames")}


@cache
def given_names() -> frozenset[str]:
    """Frequent given names in the United States; lower case."""
    names = (*EnglishNames.first_names_female, *EnglishNames.first_names_male)
    short = (form for forms in nicknames().values() for form in forms)
    return frozenset(name.lower() for name in names) | set(nicknames()) | set(short)


@cache
def family_names() -> frozenset[str]:
    """Frequent family names in the United States; lower case."""
    return frozenset(name.lower() for name in EnglishNames.last_names)
