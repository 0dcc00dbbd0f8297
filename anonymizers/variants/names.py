"""The ways in which a person's name is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from anonymizers.normalized import fold, normalize
from anonymizers.spans import Label
from anonymizers.variants.model import Case, Gaps, Variant
from anonymizers.words import ambiguous_names, everyday_words, nicknames, place_words
from policies.columns import IdentifierKind

__all__ = ["name_case", "name_tokens", "name_variants", "sort_name"]

_SHORT: Final = 2
_DISTINCT: Final = 4
"""A given name of staff of so many letters is searched in lower case, too."""
_SUFFIXES: Final = (
    "jr",
    "sr",
    "ii",
    "iii",
    "iv",
    "md",
    "do",
    "rn",
    "np",
    "pa",
    "phd",
    "dds",
    "esq",
)
_TITLES: Final = frozenset({"dr", "mr", "mrs", "ms", "miss", "mx", "prof", "rev", *_SUFFIXES})
_PARTICLES: Final = frozenset(
    (
        "de",
        "la",
        "del",
        "van",
        "von",
        "der",
        "den",
        "el",
        "al",
        "bin",
        "ibn",
        "da",
        "di",
        "dos",
        "le",
        "du",
        "st",
        "ter",
        "abu",
    )
)


def name_tokens(value: str) -> tuple[str, ...]:
    """Return the words of a name that say who, folded: no title before, no degree after.

    A last word that could be a degree is dropped behind a comma or two other words only: Ella Do
    is a name.
    """
    text = fold(normalize(value).text).replace("'", "")
    words = re.findall(r"[^\W_]+", text)
    while len(words) > 1 and words[0] in _TITLES:
        words.pop(0)
    least = 1 if "," in text else 2
    while len(words) > least and words[-1] in _TITLES:
        words.pop()
    return tuple(words)


def name_case(word: str, *, strict: bool) -> Case:
    """A word that is also an everyday word, or is very short, must look like a name."""
    if len(word) <= _SHORT or word in everyday_words() or word in ambiguous_names():
        return Case.EVIDENT
    return Case.CAPITAL if strict or word in place_words() else Case.ANY


def sort_name(
    kind: IdentifierKind, value: str, given: list[str], family: list[tuple[str, ...]]
) -> None:
    """Add the given and the family part of a name to the lists; of one word, take it as given."""
    tokens = name_tokens(value)
    if not tokens:
        return
    if kind is IdentifierKind.FAMILY_NAME:
        family.append(tokens)
    elif kind is IdentifierKind.GIVEN_NAME:
        given.extend(tokens)
    elif "," in value:  # "Last, First"
        last = name_tokens(value.partition(",")[0])
        given.extend(tokens[len(last) :])
        family.append(last)
    else:
        cut = len(tokens) - 1
        while cut > 1 and tokens[cut - 1] in _PARTICLES:
            cut -= 1
        given.extend(tokens[:cut] if len(tokens) > 1 else tokens)
        family.append(tokens[cut:] if len(tokens) > 1 else ())


def name_variants(
    given: list[str], family: list[tuple[str, ...]], *, strict: bool
) -> Iterator[Variant]:
    """Give each name alone, and pairs of a first and a last one in both orders and as initials.

    Args:
        given: First names, folded.
        family: Last names as words, folded; empty ones are passed over.
        strict: Whether single names need a capital.
    """
    firsts = [form for name in given for form in (name, *nicknames().get(name, ()))]
    # Synthetic data ends names in digits; people write them without.
    firsts += [bare for name in firsts if (bare := name.rstrip("0123456789")) not in {"", name}]
    lasts = [last for last in family if last]
    lasts += [(piece,) for last in lasts for piece in last if len(last) > 1]
    lasts += [
        (bare,) for last in lasts if (bare := last[-1].rstrip("0123456789")) not in {"", last[-1]}
    ]
    for first in firsts:
        if len(first) > 1:
            yield Variant(
                pieces=(first,),
                label=Label.NAME,
                case=name_case(first, strict=strict and len(first) < _DISTINCT),
            )
    for last in lasts:
        if last[0] in _PARTICLES and len(last) == 1:
            continue
        case = Case.ANY if len(last) > 1 else name_case(last[0], strict=strict)
        yield Variant(pieces=last, label=Label.NAME, case=case)
        if len(last[-1]) > 3:  # noqa: PLR2004  "the Garcias", but not "his" for a Mr. Hi
            plural = (*last[:-1], last[-1] + "s")
            if plural[-1] not in everyday_words():
                yield Variant(pieces=plural, label=Label.NAME, case=Case.CAPITAL)
    for first, last in product(dict.fromkeys(firsts), dict.fromkeys(lasts)):
        for pieces in ((first, *last), (*last, first)):
            yield Variant(pieces=pieces, label=Label.NAME)
        for pieces in ((first[0], *last), (*last, first[0])):
            yield Variant(
                pieces=pieces, label=Label.NAME, gaps=Gaps.BETWEEN_ALL_PIECES, case=Case.INITIAL
            )
