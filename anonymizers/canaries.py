"""Made-up identifiers planted in real notes: how many get through.

A canary is in no table, so it measures detection, not search. Whether one survived is told by a
plain search for its letters and digits, which shares nothing with the detectors.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from anonymizers.spans import Label
from anonymizers.words import ambiguous_names, everyday_words, family_names, given_names

__all__ = ["Canary", "CanaryTally", "count_survivors", "planted"]

_LONG: Final = 6
"""A shorter name may stand inside another word."""
_BREAK: Final = re.compile(r"(?<=[.!?])[ \n]+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One planted identifier.

    Attributes:
        label: What it is.
        parts: Words and numbers of which none may get through.
        sentence: What was put into the note.
    """

    label: Label
    parts: tuple[str, ...]
    sentence: str = field(repr=False)

    def survives(self, text: str) -> bool:
        """Say whether any part can be read in a text."""
        squeezed = _squeezed(text)
        return any(_squeezed(part) in squeezed for part in self.parts)


@dataclass(slots=True)
class CanaryTally:
    """How many canaries of one kind were planted, and how many got through."""

    planted: int = 0
    survived: int = 0


def planted(note: str, name: str) -> tuple[str, tuple[Canary, ...]]:
    """Put one canary of each kind into a note, at sentence borders.

    Args:
        note: Any text.
        name: Of the note; the same name always gives the same canaries.

    Returns:
        The note with the sentences, and the canaries that the note itself does not spell out.
    """
    draw = random.Random(sha256(name.encode()).digest())  # noqa: S311  repeatable, no secret
    canaries = [make(draw) for make in _MAKERS]
    canaries = [canary for canary in canaries if not canary.survives(note)]
    borders = [0, *(match.end() for match in _BREAK.finditer(note)), len(note)]
    places = sorted(draw.choices(borders, k=len(canaries)))
    pieces, at = [], 0
    for place, canary in zip(places, canaries, strict=True):
        pieces += [note[at:place], canary.sentence]
        at = place
    return "".join([*pieces, note[at:]]), tuple(canaries)


def count_survivors(
    notes: Iterable[tuple[str, str]], deidentify: Callable[[str], str]
) -> dict[Label, CanaryTally]:
    """Plant canaries in notes, de-identify them, and count what got through.

    Args:
        notes: Name and text of each.
        deidentify: From a text to what would be released; labels in brackets serve best, since
            a stand-in may be a canary by chance.
    """
    tallies: dict[Label, CanaryTally] = {}
    for name, note in notes:
        text, canaries = planted(note, name)
        released = deidentify(text)
        for canary in canaries:
            tally = tallies.setdefault(canary.label, CanaryTally())
            tally.planted += 1
            tally.survived += canary.survives(released)
    return tallies


def _squeezed(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _rare(names: Iterable[str]) -> Sequence[str]:
    common = everyday_words() | ambiguous_names()
    kept = (name for name in names if len(name) >= _LONG and name.isalpha())
    return sorted(name for name in kept if name not in common)


def _person(draw: random.Random) -> Canary:
    first, last = (
        draw.choice(_rare(given_names())).title(),
        draw.choice(_rare(family_names())).title(),
    )
    frame = draw.choice(
        (
            "{} {} was at the bedside. ",
            "Discussed with {} {} by phone. ",
            "Results were given to {} {} today. ",
            "Son {} {} agrees with the plan. ",
        )
    )
    return Canary(label=Label.NAME, parts=(first, last), sentence=frame.format(first, last))


def _phone(draw: random.Random) -> Canary:
    number = f"{draw.randint(201, 989)}-555-{draw.randint(100, 9999):04}"
    frame = draw.choice(("Call back {}. ", "Reached at {}. ", "Fax results to {}. "))
    return Canary(label=Label.PHONE_FAX, parts=(number,), sentence=frame.format(number))


def _record_number(draw: random.Random) -> Canary:
    number = str(draw.randint(10_000_000, 99_999_999))
    frame = draw.choice(("MRN {}. ", "Account number: {}. ", "Accession {} was reviewed. "))
    return Canary(label=Label.ID, parts=(number,), sentence=frame.format(number))


def _mail(draw: random.Random) -> Canary:
    name = f"{draw.choice(_rare(family_names()))}{draw.randint(10, 99)}"
    sentence = f"Prefers contact by {name}@example.net. "
    return Canary(label=Label.EMAIL, parts=(name,), sentence=sentence)


def _street(draw: random.Random) -> Canary:
    street = draw.choice(_rare(family_names())).title()
    kind = draw.choice(("Street", "Avenue", "Road", "Lane"))
    sentence = f"Lives at {draw.randint(11, 999)} {street} {kind}. "
    return Canary(label=Label.LOCATION, parts=(street,), sentence=sentence)


def _day(draw: random.Random) -> Canary:
    written = f"{draw.randint(1, 12):02}/{draw.randint(1, 28):02}/{draw.randint(1950, 2020)}"
    frame = draw.choice(("Last seen on {}. ", "DOB {}. ", "Surgery {}. "))
    return Canary(label=Label.DATE, parts=(written,), sentence=frame.format(written))


_MAKERS: Final = (_person, _phone, _record_number, _mail, _street, _day)
