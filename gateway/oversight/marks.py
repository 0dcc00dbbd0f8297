"""A text before and after, in pieces that say what became of what identifies in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from operator import attrgetter, itemgetter

from anonymizers.spans import Label, Span

__all__ = ["Fate", "Piece", "after", "before", "is_needless"]


class Fate(Enum):
    """What became of a piece of text, in the word that is shown beside it."""

    PLAIN = ""
    FOUND = "found"
    MISSED = "missed"
    NEEDLESS = "not needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some of a text.

    Attributes:
        text: The characters.
        fate: What became of them.
        label: What they identify, or were taken to; None where nothing was.
    """

    text: str = field(repr=False)
    fate: Fate = Fate.PLAIN
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class _Marked:
    """Characters [start, end) of the original, and what is shown in their place."""

    start: int
    end: int
    pieces: tuple[Piece, ...]


def before(text: str, gold: Sequence[Span], found: Sequence[Span]) -> tuple[Piece, ...]:
    """Return the original: what identifies as found or missed, and what was taken without need.

    Args:
        text: The original.
        gold: What identifies; no overlaps.
        found: What was found; no overlaps.
    """
    marked = [_Marked(one.start, one.end, tuple(_divided(text, one, found))) for one in gold]
    for one in found:
        if is_needless(one, gold):
            piece = Piece(text=one.of(text), fate=Fate.NEEDLESS, label=one.label)
            marked.append(_Marked(one.start, one.end, (piece,)))
    return tuple(_filled(text, marked))


def after(
    text: str, gold: Sequence[Span], found: Sequence[Span], written: Sequence[str]
) -> tuple[Piece, ...]:
    """Return the result: what was put in the place of what was found, and what still stands.

    Args:
        text: The original.
        gold: What identifies; no overlaps.
        found: What was found; no overlaps.
        written: What was put in the place of each.
    """
    marked = []
    for one, new in zip(found, written, strict=True):
        fate = Fate.NEEDLESS if is_needless(one, gold) else Fate.FOUND
        marked.append(_Marked(one.start, one.end, (Piece(text=new, fate=fate, label=one.label),)))
    for span in gold:
        at = span.start
        for piece in _divided(text, span, found):
            end = at + len(piece.text)
            if piece.fate is Fate.MISSED:
                marked.append(_Marked(at, end, (piece,)))
            at = end
    return tuple(_filled(text, marked))


def is_needless(span: Span, gold: Sequence[Span]) -> bool:
    """Say whether what was found touches nothing that identifies."""
    return all(one.end <= span.start or span.end <= one.start for one in gold)


def _divided(text: str, span: Span, found: Sequence[Span]) -> Iterator[Piece]:
    """Cut what identifies where the found part of it ends; blanks and signs go with either."""
    covered = {at for one in found for at in range(one.start, one.end)}
    places = range(span.start, span.end)
    fates = [
        Fate.FOUND if at in covered else Fate.MISSED if text[at].isalnum() else None
        for at in places
    ]
    last = next((one for one in fates if one is not None), Fate.FOUND)
    settled: list[Fate] = []
    for fate in fates:
        last = last if fate is None else fate
        settled.append(last)
    for fate, run in groupby(zip(places, settled, strict=True), key=itemgetter(1)):
        some = "".join(text[at] for at, _ in run)
        yield Piece(text=some.rstrip(), fate=fate, label=span.label)
        if blanks := some[len(some.rstrip()) :]:
            yield Piece(text=blanks)


def _filled(text: str, marked: Iterable[_Marked]) -> Iterator[Piece]:
    """Give the marked pieces, and between them what was not touched."""
    at = 0
    for one in sorted(marked, key=attrgetter("start")):
        if one.start > at:
            yield Piece(text=text[at : one.start])
        yield from one.pieces
        at = one.end
    if at < len(text):
        yield Piece(text=text[at:])
