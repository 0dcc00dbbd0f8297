"""The ways in which addresses, cities and facilities are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from anonymizers.normalized import words_of
from anonymizers.spans import Label
from anonymizers.variants.model import Case, Variant
from anonymizers.variants.names import name_case
from anonymizers.words import everyday_words, generic_facility_words

__all__ = ["cities", "organizations", "streets"]

_STREET_FORMS: Final = (
    ("street", "st"), ("avenue", "ave"), ("road", "rd"), ("drive", "dr"), ("lane", "ln"),
    ("boulevard", "blvd"), ("court", "ct"), ("place", "pl"), ("terrace", "ter"),
    ("parkway", "pkwy"), ("highway", "hwy"), ("circle", "cir"), ("square", "sq"),
    ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"), ("apartment", "apt"),
    ("suite", "ste"),
)  # fmt: skip
_DISTINCT: Final = 5
_UNIT_WORDS: Final = frozenset({"apt", "apartment", "unit", "suite", "ste"})
_LEGAL_FORMS: Final = frozenset({"inc", "llc", "pc", "pllc", "ltd", "corp", "co", "llp"})


def streets(value: str) -> Iterator[Variant]:
    """Give an address with and without its apartment, and with words short or in full."""
    words = words_of(value)
    cut = next((at for at, word in enumerate(words) if at and word in _UNIT_WORDS), len(words))
    forms = {**dict(_STREET_FORMS), **{short: long for long, short in _STREET_FORMS}}
    for part in dict.fromkeys((words, words[:cut])):
        if len(part) < 2:  # noqa: PLR2004  a number or a word alone is no address
            continue
        swapped = tuple(forms.get(word, word) for word in part)
        last = (*part[:-1], forms.get(part[-1], part[-1]))
        for pieces in dict.fromkeys((part, swapped, last)):
            yield Variant(pieces=pieces, label=Label.LOCATION)


def _named_place(value: str, label: Label, *, strict: bool) -> Iterator[Variant]:
    words = tuple(word for word in words_of(value))
    if len(words) > 1 and words[-1] in _LEGAL_FORMS:
        yield Variant(pieces=words, label=label)
        words = words[:-1]
    if not words or (len(words) == 1 and len(words[0]) <= 2):  # noqa: PLR2004  too short to say
        return
    if len(words) == 1:
        yield Variant(
            pieces=words,
            label=label,
            case=name_case(words[0], strict=strict and len(words[0]) < _DISTINCT),
        )
    else:
        shared = everyday_words() | generic_facility_words()
        everyday = all(word in shared for word in words)
        yield Variant(pieces=words, label=label, case=Case.CAPITAL if everyday else Case.ANY)


def organizations(value: str, *, strict: bool) -> Iterator[Variant]:
    """Give a facility's name with and without its legal form."""
    return _named_place(value, Label.HOSPITAL, strict=strict)


def cities(value: str, *, strict: bool) -> Iterator[Variant]:
    """Give a city's name; one that is an everyday word must look like a name."""
    return _named_place(value, Label.LOCATION, strict=strict)
