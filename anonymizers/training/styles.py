"""How sites write: each style changes pieces and leaves every label where it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.fillers import SLOTS
from anonymizers.training.pieces import Piece, Text

__all__ = ["STYLES", "Style", "inserted", "styled"]

Style: TypeAlias = Callable[[Text, Draw], Text]

_READ_AS: Final = {"0": "O", "O": "0", "1": "l", "l": "1", "5": "S", "S": "5", "8": "B", "B": "8",
"m": "rn",
                   "e": "c", "c": "e", "i": "1", "g": "q", "h": "b", "n": "ri",
                   "u": "v"}  # fmt: skip
_PROPER: Final = frozenset({Label.NAME, Label.LOCATION, Label.HOSPITAL})
_STRAY: Final = (
    "name",
    "name",
    "full",
    "first",
    "last",
    "city",
    "bare",
    "facility",
    "date",
    "id",
    "phone",
)


def _each(text: Text, change: Callable[[str], str]) -> Text:
    return tuple(Piece(change(piece.text), piece.label) for piece in text)


def shouted(text: Text, draw: Draw) -> Text:  # noqa: ARG001  the same signature for all styles
    """Write all in capitals."""
    return _each(text, str.upper)


def quiet(text: Text, draw: Draw) -> Text:  # noqa: ARG001  the same
    """Write all in small letters."""
    return _each(text, str.lower)


def shouted_names(text: Text, draw: Draw) -> Text:  # noqa: ARG001  the same
    """Write names and places in capitals."""
    return tuple(
        Piece(piece.text.upper(), piece.label) if piece.label in _PROPER else piece
        for piece in text
    )


def quiet_names(text: Text, draw: Draw) -> Text:  # noqa: ARG001  the same
    """Write names and places in small letters, in a text that else has capitals."""
    return tuple(
        Piece(piece.text.lower(), piece.label) if piece.label in _PROPER else piece
        for piece in text
    )


def wrapped(text: Text, draw: Draw) -> Text:
    """Break lines at a fixed column, wherever that falls."""
    width = draw.number(28, 88)
    column = 0
    pieces: list[Piece] = []
    for piece in text:
        letters: list[str] = []
        for letter in piece.text:
            broken = letter == " " and column >= width
            letters.append("\n" if broken else letter)
            column = 0 if broken or letter == "\n" else column + 1
        pieces.append(Piece("".join(letters), piece.label))
    return tuple(pieces)


def run_on(text: Text, draw: Draw) -> Text:
    """Write on one line what had several, as exports do."""
    gap = draw.pick((" ", "  ", " | ", "; ", "    ", " / ", "\t"))
    return tuple(Piece(re.sub(r"\n+", gap, piece.text), piece.label) for piece in text)


def spaced(text: Text, draw: Draw) -> Text:
    """Set blanks around punctuation, as tokenized text has them."""
    del draw
    return tuple(
        piece if piece.label else Piece(re.sub(r"\s?([,.;:?!()])(?=\s|$)", r" \1", piece.text))
        for piece in text
    )


def unpunctuated(text: Text, draw: Draw) -> Text:
    """Leave commas and full stops out, as hurried people do."""
    del draw
    return tuple(
        piece if piece.label else Piece(re.sub(r"[,.](?=\s|$)", "", piece.text)) for piece in text
    )


def tight(text: Text, draw: Draw) -> Text:
    """Leave the blank after colons and commas out."""
    del draw
    return tuple(
        piece if piece.label else Piece(re.sub(r"([:,;]) +", r"\1", piece.text)) for piece in text
    )


def misread(text: Text, draw: Draw) -> Text:
    """Change a few characters as scanners do."""

    def change(part: str) -> str:
        return "".join(
            _READ_AS[one] if one in _READ_AS and draw.chance(0.015) else one for one in part
        )

    return _each(text, change)


def bulleted(text: Text, draw: Draw) -> Text:
    """Start each line with a mark."""
    mark = draw.pick(("- ", "* ", "\u2022 ", "> ", "o ", "\t", "    ", "-", "| "))
    first = Piece(mark)
    return (first, *(Piece(piece.text.replace("\n", f"\n{mark}"), piece.label) for piece in text))


def inserted(text: Text, draw: Draw) -> Text:
    """Put names, and at times other identifiers, where nothing announces them."""
    pieces = list(text)
    for _ in range(draw.number(1, 3)):
        at = draw.number(0, len(pieces) - 1)
        piece = pieces[at]
        gaps = [match.start() for match in re.finditer(" ", piece.text)]
        if piece.label is not None or not gaps:
            continue
        cut = draw.pick(gaps)
        stray = SLOTS[draw.pick(_STRAY)](draw)
        after = draw.pick(("", "", "", "'s", ","))
        pieces[at : at + 1] = [
            Piece(piece.text[: cut + 1]), *stray, Piece(after + piece.text[cut:]),
        ]  # fmt: skip
    return tuple(pieces)


def terms_inserted(text: Text, draw: Draw) -> Text:
    """Put terms where nothing announces them, so that being unexpected does not make a name."""
    pieces = list(text)
    for _ in range(draw.number(1, 4)):
        at = draw.number(0, len(pieces) - 1)
        piece = pieces[at]
        gaps = [match.start() for match in re.finditer(" ", piece.text)]
        if piece.label is None and gaps:
            cut = draw.pick(gaps)
            pieces[at : at + 1] = [
                Piece(piece.text[: cut + 1]), *SLOTS["term"](draw), Piece(piece.text[cut:]),
            ]  # fmt: skip
    return tuple(pieces)


STYLES: Final[tuple[tuple[float, Style], ...]] = (
    (0.09, shouted),
    (0.15, quiet),
    (0.04, shouted_names),
    (0.02, quiet_names),
    (0.15, wrapped),
    (0.10, run_on),
    (0.06, spaced),
    (0.05, unpunctuated),
    (0.04, tight),
    (0.04, misread),
    (0.05, bulleted),
    (0.15, terms_inserted),
)
"""Each with its chance; one text may get several."""


def styled(text: Text, draw: Draw) -> Text:
    """Return the text as some site would write it."""
    for share, style in STYLES:
        if draw.chance(share):
            text = style(text, draw)
    return text
