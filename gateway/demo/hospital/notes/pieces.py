"""Text that is put together from pieces which know whether they identify somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

__all__ = ["GoldSpan", "Label", "LabeledText", "Piece", "Pieces", "assemble", "said", "wrap"]


class Label(Enum):
    """What a piece identifies, in the words of the gold files.

    What counts follows the Safe Harbor view (45 CFR 164.514(b)(2)): titles, states, years alone,
    ages below 90 and professions are not labeled.
    """

    NAME = "NAME"
    LOCATION = "LOCATION"
    HOSPITAL = "HOSPITAL"
    DATE = "DATE"
    AGE = "AGE"
    PHONE_FAX = "PHONE_FAX"
    EMAIL = "EMAIL"
    URL_IP = "URL_IP"
    ID = "ID"


class Piece(NamedTuple):
    """Some text, and what it identifies; None where it identifies nobody."""

    text: str
    label: Label | None = None


Pieces = tuple[Piece, ...]


class GoldSpan(NamedTuple):
    """Characters [start, end) of a text that identify."""

    start: int
    end: int
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledText:
    """A note with its gold spans.

    Attributes:
        text: The note.
        spans: In order, not empty, not overlapping.
    """

    text: str
    spans: tuple[GoldSpan, ...]


def said(text: str) -> Pieces:
    """Return one piece of text that identifies nobody."""
    return (Piece(text),)


def assemble(pieces: Iterable[Piece], change: Callable[[str], str]) -> LabeledText:
    """Join pieces; the spans follow from their lengths.

    Args:
        pieces: In order.
        change: Rewrites each piece on its own first, such as ``str.lower``.
    """
    parts: list[str] = []
    spans: list[GoldSpan] = []
    length = 0
    for piece in pieces:
        text = change(piece.text)
        if not text:
            continue
        if piece.label is not None:
            spans.append(GoldSpan(length, length + len(text), piece.label))
        parts.append(text)
        length += len(text)
    return LabeledText(text="".join(parts), spans=tuple(spans))


def wrap(text: str, width: int) -> str:
    """Break lines longer than ``width`` characters by turning spaces into line feeds.

    Each character stays where it is, so spans stay true, and a name may be broken over two lines,
    as it is in printed records.
    """
    characters = list(text)
    start = last_space = 0
    for place, character in enumerate(characters):
        if character == "\n":
            start = last_space = place + 1
        elif character == " ":
            last_space = place
        if place - start >= width and last_space > start:
            characters[last_space] = "\n"
            start = last_space = last_space + 1
    return "".join(characters)
