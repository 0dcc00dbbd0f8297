"""What looks the same: invisible characters, marks, and letters and digits of other scripts."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["ASCII_CONTROL", "attaches", "plain"]

ASCII_CONTROL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), " ")
_PLAIN_MARKS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\uff0d", "-"),
    }
)
_HOMOGLYPHS: Final = str.maketrans(
    # Letters of Cyrillic, Greek, Armenian and the phonetic alphabet that look like Latin ones:
    # confusables of Unicode TR 39, and Cyrillic small capitals.
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u0501\u04bb\u051b\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
    "\u0423\u03bf\u03bd\u03c1\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d"
    "\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u043a\u043c\u0442\u0475\u04cf\u04c0\u0474\u03ba\u03f2\u03f3\u03f9\u037f"
    "\u0585\u057d\u0581\u0570\u0578\u0251\u0261\u026a\u0131\u1d00\u0299\u1d04\u1d05\u1d07"
    "\u029c\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f"
    "\u1d22",
    "aeopcxyijsdhqwABEKMHOPCTXIJSYovpiABEZHIKMNOPTYXkmtvlIVkcjCJoughnagiiabcdehjklmnoprstuvwyz",
)
_INVISIBLE: Final = frozenset({"Cf", "Cs", "Co", "Cn"})
_IGNORABLE: Final = frozenset(
    # Unicode's default-ignorable characters that are letters or marks by their category.
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_MARKS: Final = frozenset({"Mn", "Me"})
_LONGEST: Final = 32
"""A base character has 30 marks at most: UAX 15, Stream-Safe Text Format. More are passed over."""


@lru_cache(maxsize=4096)
def is_invisible(character: str) -> bool:
    """Say whether a character takes no place where text is shown."""
    return unicodedata.category(character) in _INVISIBLE or character in _IGNORABLE


@lru_cache(maxsize=4096)
def attaches(character: str) -> bool:
    """Say whether a character belongs to the one before it: a mark, or one that is not seen."""
    if character.isascii():
        return False
    marks = unicodedata.combining(character) or unicodedata.category(character) in _MARKS
    return bool(marks) or is_invisible(character)


@lru_cache(maxsize=65_536)
def plain(cluster: str, *, invisible: str = "", control: str = " ") -> str:
    """Return a base character with what belongs to it as plain text; may be empty.

    Args:
        cluster: The character, its marks, and invisible characters after them.
        invisible: What all invisible characters of it become together.
        control: What a control character becomes that is no blank.
    """
    if cluster.isascii():
        return "".join(_spaced(one, control) for one in cluster)
    visible = "".join(one for one in cluster if not is_invisible(one))
    parts = unicodedata.normalize("NFKD", visible[:_LONGEST].translate(_PLAIN_MARKS))
    # NFKC, but for the letters that look Latin: they take their marks with them.
    latin = parts.translate(_PLAIN_MARKS).translate(_HOMOGLYPHS)
    text = _without_marks(unicodedata.normalize("NFC", latin))
    text = "".join(_spaced(one, control) for one in text)
    return text + invisible if len(visible) < len(cluster) else text


def _without_marks(text: str) -> str:
    """Drop marks that made no letter with a Latin one, as in struck-through text."""
    if len(text) < 2 or not unicodedata.name(text[0], "").startswith(("LATIN", "DIGIT")):  # noqa: PLR2004  a letter and a mark
        return text
    return text[0] + "".join(one for one in text[1:] if unicodedata.category(one) not in _MARKS)


def _spaced(character: str, control: str) -> str:
    if character.isascii() and (character.isprintable() or character in "\n\r\t"):
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cc" and not character.isspace():
        return control
    return " " if category[0] in "ZC" else character
