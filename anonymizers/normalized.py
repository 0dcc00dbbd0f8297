"""A text as detectors read it, with the way back to the original's offsets."""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from anonymizers.lookalikes import ASCII_CONTROL, attaches, plain
from anonymizers.spans import Span

__all__ = ["Normalized", "Squeezed", "fold", "normalize", "readings", "squeeze", "words_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How what cannot be seen is read.

    Attributes:
        invisible: What invisible characters become: nothing or a blank.
        control: What control characters become that are no blanks: nothing or a blank.
        turned: Whether what is marked to be shown from right to left is turned round.
    """

    invisible: Literal["", " "] = ""
    control: Literal["", " "] = " "
    turned: bool = False


_USUAL: Final = Manner()

_UNDECOMPOSED: Final = str.maketrans("øłđðħıæœßþ", "olddhiaost")
_ENTITY: Final = re.compile(
    r"&(?:amp;)*(?P<name>#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)"
)
_CONTROL: Final = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_UNSEEN: Final = (
    r"\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    r"\U000e0000-\U000e0fff"
)
_DIVIDED: Final = re.compile(rf"(?<=\S)[{_CONTROL}{_UNSEEN}]+(?=\S)")
"""What cannot be seen inside a word: it may join its parts, or divide them."""
_LONGEST: Final = 64
"""Marks and invisible characters beyond so many after one letter are passed over."""
_OVERRIDDEN: Final = re.compile("\u202e([^\u202c\u202d\u202e\n]+)")
"""Text that is shown from right to left whatever its letters are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """NFKC text without invisible characters, one line ending, plain quotes and dashes.

    Attributes:
        text: What detectors read.
        starts: Original offset of each character of ``text``; None where they are the same.
        ends: Original offset one past each character of ``text``; None where they are the same.
        folded: ``text`` in lower case without accents, character by character.
    """

    text: str
    starts: Sequence[int] | None = field(default=None, repr=False)
    ends: Sequence[int] | None = field(default=None, repr=False)
    folded: str = field(default="", repr=False)

    def to_original(self, span: Span) -> Span:
        """Return a span of ``text`` with offsets into the original."""
        if self.starts is None or self.ends is None:
            return span
        start, end = min(self.starts[span.start : span.end]), max(self.ends[span.start : span.end])
        return replace(span, start=start, end=end)


def readings(original: str) -> tuple[Normalized, ...]:
    """Read a text in all ways in which it may be meant; the first is the one to go by.

    Where a character that cannot be seen stands in a word, it is read as nothing and as a blank:
    with a zero-width space in ``Okafor`` there is one name, with one in ``JaneRoe`` there are two.
    Where the order of letters is turned round, they are read both ways.
    """
    decoded = _decoded(original)[0]
    found = "".join({one for match in _DIVIDED.finditer(decoded) for one in match[0]})
    control = re.search(f"[{_CONTROL}]", found) is not None
    unseen = re.search(f"[{_UNSEEN}]", found) is not None
    both: tuple[Literal[" ", ""], ...] = (" ", "")
    manners = [
        Manner(invisible=invisible, control=written)
        for invisible in (both[::-1] if unseen else both[1:])
        for written in (both if control else both[:1])
    ]
    if _OVERRIDDEN.search(decoded):
        manners.append(Manner(turned=True))
    return tuple(normalize(original, manner) for manner in manners)


def normalize(original: str, manner: Manner = _USUAL) -> Normalized:
    """Read a text as a detector should: what looks the same is the same.

    Zero-width and other invisible characters vanish (so that they cannot split a name), control
    characters become spaces, full-width letters, ligatures and the like become plain (NFKC, per
    base character with its marks), marks that no letter has go, digits of all scripts become ours,
    letters of other alphabets that look Latin become Latin, curly quotes and long dashes become
    the typewriter's, and entities of HTML become their characters.

    Args:
        original: Any text.
        manner: Another way to read what cannot be seen.
    """
    if original.isascii() and manner == _USUAL and not _ENTITY.search(original):
        text = original.translate(ASCII_CONTROL)
        return Normalized(text=text, folded=text.lower())
    decoded, froms, tos = _decoded(original)
    clusters: Iterable[tuple[int, int]] = _clusters(decoded)
    if manner.turned:
        clusters = _turned(decoded, clusters)
    characters: list[str] = []
    starts, ends = array("I"), array("I")
    for start, end in clusters:
        cluster = decoded[start : min(end, start + _LONGEST)]
        written = plain(cluster, invisible=manner.invisible, control=manner.control)
        characters.append(written)
        for _ in written:
            starts.append(start if froms is None else froms[start])
            ends.append(end if tos is None else tos[end - 1])
    text = "".join(characters)
    return Normalized(text=text, starts=starts, ends=ends, folded=fold(text))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded; an apostrophe ends none."""
    return tuple(re.findall(r"[^\W_]+", fold(normalize(text).text).replace("'", "")))


def fold(text: str) -> str:
    """Return the text in lower case without accents; each character stays one character."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded, text)).translate(_UNDECOMPOSED)


def _folded(character: str) -> str:
    lower = character.lower()
    base = unicodedata.normalize("NFD", lower)[0] if not lower.isascii() else lower
    return base[0]


def _decoded(original: str) -> tuple[str, Sequence[int] | None, Sequence[int] | None]:
    """Turn entities into characters; with the offsets of each, or None where there are none.

    An ampersand that was written as an entity itself, once or more, is undone with it.
    """
    pieces: list[str] = []
    starts, ends = array("I"), array("I")
    at = 0
    for match in _ENTITY.finditer(original):
        entity = f"&{match['name']}"
        character = html.unescape(entity)
        if character == entity:  # no name of HTML
            continue
        pieces += [original[at : match.start()], character]
        starts.extend(range(at, match.start()))
        ends.extend(range(at + 1, match.start() + 1))
        starts.extend([match.start()] * len(character))
        ends.extend([match.end()] * len(character))
        at = match.end()
    if not pieces:
        return original, None, None
    starts.extend(range(at, len(original)))
    ends.extend(range(at + 1, len(original) + 1))
    return "".join([*pieces, original[at:]]), starts, ends


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Cut into base characters with the marks and invisible characters that follow them."""
    start = 0
    for index in range(1, len(text)):
        if not attaches(text[index]):
            yield start, index
            start = index
    if text:
        yield start, len(text)


def _turned(text: str, clusters: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn round the clusters of each overridden stretch."""
    turned: list[tuple[int, int]] = []
    stretches = iter([match.span(1) for match in _OVERRIDDEN.finditer(text)])
    stretch = next(stretches, None)
    held: list[tuple[int, int]] = []
    for start, end in clusters:
        if stretch is not None and start >= stretch[1]:
            turned += reversed(held)
            held, stretch = [], next(stretches, None)
        inside = stretch is not None and stretch[0] <= start < stretch[1]
        (held if inside else turned).append((start, end))
    return [*turned, *reversed(held)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeezed:
    """The letters and digits of a folded text alone, to search what is written with any gaps.

    Attributes:
        text: Letters and digits.
        positions: Offset of each in the normalized text.
    """

    text: str
    positions: Sequence[int] = field(repr=False)


def squeeze(folded: str) -> Squeezed:
    """Leave out all but letters and digits."""
    positions = array("I", (index for index, one in enumerate(folded) if one.isalnum()))
    return Squeezed(text="".join([folded[index] for index in positions]), positions=positions)
