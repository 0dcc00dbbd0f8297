"""A text as pieces, of which some identify: what is done to a piece keeps its label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from anonymizers.evaluation import Gold
from anonymizers.spans import Label, Source, Span

__all__ = ["Piece", "Text", "as_gold", "plain"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that belong together.

    Attributes:
        text: The characters.
        label: What they identify; None where they identify nobody.
    """

    text: str
    label: Label | None = None


Text: TypeAlias = tuple[Piece, ...]


def plain(text: Iterable[Piece]) -> str:
    """Return the characters without labels."""
    return "".join(piece.text for piece in text)


def as_gold(name: str, text: Text) -> Gold:
    """Return the text with its spans as offsets; blanks at the edges of a span are left out."""
    spans: list[Span] = []
    at = 0
    for piece in text:
        bare = piece.text.strip()
        if piece.label is not None and bare:
            start = at + piece.text.index(bare[0])
            spans.append(
                Span(
                    start=start,
                    end=start + len(bare),
                    label=piece.label,
                    score=1.0,
                    source=Source.KNOWN,
                )
            )
        at += len(piece.text)
    return Gold(id=name, text=plain(text), spans=tuple(spans))
