"""A text as detectors read it, with the way back to the original's offsets."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace

from anonymizers.spans import Span

__all__ = ["Normalized", "Squeezed", "fold", "normalize", "squeeze"]

_ASCII_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), " ")
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d", "-"),
    }
)
_UNDECOMPOSED = str.maketrans("øłđðħıæœßþ", "olddhiaost")
_HOMOGLYPHS = str.maketrans(
    # Letters of Cyrillic and Greek that look like Latin ones: confusables of Unicode TR 39.
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u0501\u04bb\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
    "\u0423\u03bf\u03bd\u03c1\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d"
    "\u039f\u03a1\u03a4\u03a5\u03a7",
    "aeopcxyijsdhqwABEKMHOPCTXIJSYovpiABEZHIKMNOPTYX",
)
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """NFKC text without invisible characters, one line ending, plain quotes and dashes.

    Attributes:
        original: The text as it came.
        text: What detectors read.
        starts: Original offset of each character of ``text``; None where they are the same.
        ends: Original offset one past each character of ``text``; None where they are the same.
        folded: ``text`` in lower case without accents, character by character.
    """

    original: str
    text: str
    starts: tuple[int, ...] | None = field(default=None, repr=False)
    ends: tuple[int, ...] | None = field(default=None, repr=False)
    folded: str = field(default="", repr=False)

    def to_original(self, span: Span) -> Span:
        """Return a span of ``text`` with offsets into the original."""
        if self.starts is None or self.ends is None:
            return span
        return replace(span, start=self.starts[span.start], end=self.ends[span.end - 1])


def normalize(original: str) -> Normalized:
    """Read a text as a detector should: what looks the same is the same.

    Zero-width and other invisible characters vanish (so that they cannot split a name), control
    characters become spaces, full-width letters, ligatures and the like become plain (NFKC, per
    base character with its marks), letters of other alphabets that look Latin become Latin, and
    curly quotes and long dashes become the typewriter's.
    """
    if original.isascii():
        text = original.translate(_ASCII_CONTROL)
        return Normalized(original=original, text=text, folded=text.lower())
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(original):
        plain = _plain(original[start:end])
        characters.append(plain)
        starts.extend([start] * len(plain))
        ends.extend([end] * len(plain))
    text = "".join(characters)
    return Normalized(
        original=original, text=text, starts=tuple(starts), ends=tuple(ends), folded=fold(text)
    )


def fold(text: str) -> str:
    """Return the text in lower case without accents; each character stays one character."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded, text)).translate(_UNDECOMPOSED)


def _folded(character: str) -> str:
    lower = character.lower()
    base = unicodedata.normalize("NFD", lower)[0] if not lower.isascii() else lower
    return base[0]


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut into base characters with the marks and invisible characters that follow them."""
    cuts = [0]
    for index in range(1, len(text)):
        character = text[index]
        if character.isascii() or not (
            unicodedata.combining(character) or unicodedata.category(character) in _INVISIBLE
        ):
            cuts.append(index)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _plain(cluster: str) -> str:
    if cluster.isascii():
        return cluster.translate(_ASCII_CONTROL)
    visible = "".join(one for one in cluster if unicodedata.category(one) not in _INVISIBLE)
    plain = unicodedata.normalize("NFKC", visible.translate(_LOOKALIKES))
    plain = plain.translate(_LOOKALIKES).translate(_HOMOGLYPHS)
    return "".join(
        " " if unicodedata.category(one)[0] in "ZC" and one not in "\n\r\t" else one
        for one in plain
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeezed:
    """The letters and digits of a folded text alone, to search what is written with any gaps.

    Attributes:
        text: Letters and digits.
        positions: Offset of each in the normalized text.
    """

    text: str
    positions: tuple[int, ...] = field(repr=False)


def squeeze(folded: str) -> Squeezed:
    """Leave out all but letters and digits."""
    positions = tuple(index for index, one in enumerate(folded) if one.isalnum())
    return Squeezed(text="".join([folded[index] for index in positions]), positions=positions)
