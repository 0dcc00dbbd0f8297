"""The corpus: endless documents from a seed, cut by template and by kind of note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Final

from anonymizers.evaluation import Gold
from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.fillers import SLOTS
from anonymizers.training.pieces import Piece, Text, as_gold
from anonymizers.training.styles import inserted, styled
from anonymizers.training.templates import Template, filled, templates

__all__ = [
    "HELD_OUT_KINDS",
    "Part",
    "documents",
    "held_out",
    "measured",
    "without_professions",
]

HELD_OUT_KINDS: Final = frozenset(
    {"dental", "obstetrics", "pathology", "phone_message", "research", "transfer"}
)
"""Kinds of notes of which no template trains."""

_EVERY: Final = 8
_CLEAN: Final = frozenset({"clean_frames", "clean_notes", "clean_prose", "clean_terse"})
_SHARES: Final[Mapping[str, float]] = {
    "clean_frames": 22,
    "clean_notes": 14,
    "clean_prose": 14,
    "clean_terse": 17,
    "messages": 20,
    "talk": 18,
    "specialties": 20,
    "short_query": 14,
    "sentences": 14,
    "cards": 9,
    "mixed": 27,
}
_OTHER_SHARE: Final = 3.6
_INSERTED: Final = 0.22
_SURROUNDED: Final = 0.4
_MEASURES: Final = {
    "notes of unseen kinds": HELD_OUT_KINDS,
    "short messages": frozenset({"short_query", "portal_message"}),
    "sentences": frozenset({"sentences"}),
    "clean texts": _CLEAN,
}


@dataclass(frozen=True, slots=True)
class Part:
    """Which half of the corpus, and the seed of its draws.

    Attributes:
        held_out: Whether templates, kinds and names are those that no training text has.
        seed: Equal seeds give equal documents.
    """

    held_out: bool
    seed: int


def held_out(template: Template) -> bool:
    """Say whether a template validates: by its kind, or as every eighth of its file."""
    return template.kind in HELD_OUT_KINDS or template.number % _EVERY == _EVERY - 1


@cache
def _by_kind(*, validating: bool) -> tuple[tuple[float, tuple[Template, ...]], ...]:
    kept = (one for one in templates() if held_out(one) == validating)
    groups = groupby(kept, key=lambda one: one.kind)
    return tuple((_SHARES.get(kind, _OTHER_SHARE), tuple(found)) for kind, found in groups)


def documents(part: Part) -> Iterator[Gold]:
    """Give documents without end; a third of them or so names nobody."""
    draw = Draw(part.seed, part.held_out)
    number = 0
    while True:
        template = draw.pick(draw.weighted(_by_kind(validating=part.held_out)))
        yield as_gold(f"{template.kind}-{template.number}-{number}", _document(template, draw))
        number += 1


def _document(template: Template, draw: Draw) -> Text:
    text = filled(template, draw)
    if template.kind in _CLEAN:
        while draw.chance(0.5):
            more = draw.pick(_clean(validating=draw.held_out))
            text = (*text, Piece(draw.pick(("\n", " ", ". ", "\n\n"))), *filled(more, draw))
    elif template.kind != "cards" and draw.chance(0.2):
        line = draw.pick(_clean(validating=draw.held_out))
        text = (*text, Piece(draw.pick(("\n", " ", "\n\n"))), *filled(line, draw))
    if draw.chance(_SURROUNDED):
        before, after = SLOTS["prose"](draw), SLOTS["prose"](draw)
        gap = Piece(draw.pick((" ", "\n", "\n\n")))
        text = (*before, gap, *text, gap, *after)
    if draw.chance(_INSERTED):
        text = inserted(text, draw)
    return styled(text, draw)


@cache
def _clean(*, validating: bool) -> tuple[Template, ...]:
    return tuple(
        one for one in templates() if one.kind == "clean_frames" and held_out(one) == validating
    )


def measured(seed: int, count: int) -> Mapping[str, tuple[Gold, ...]]:
    """Return validation texts by what they measure.

    Args:
        seed: Of the draws; unlike that of training.
        count: Texts of each sort.
    """
    sorts: dict[str, tuple[Gold, ...]] = {}
    for name, kinds in _MEASURES.items():
        chosen = tuple(one for one in templates() if held_out(one) and one.kind in kinds)
        draw = Draw(seed, held_out=True)
        texts = (filled(draw.pick(chosen), draw) for _ in range(count))
        sorts[name] = tuple(
            as_gold(f"{name}-{number}", styled(text, draw)) for number, text in enumerate(texts)
        )
    return sorts


def without_professions(golds: Iterable[Gold]) -> Iterator[Gold]:
    """Give texts as the default profile counts them: a profession is no identifier there."""
    for gold in golds:
        kept = tuple(span for span in gold.spans if span.label is not Label.PROFESSION)
        yield replace(gold, spans=kept)
