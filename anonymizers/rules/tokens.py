"""Pieces of patterns for words that start with a capital."""

from __future__ import annotations

from typing import Final

__all__ = ["INITIAL", "LAST_FIRST", "NAMES", "UPPER", "WORD"]

UPPER: Final = (
    "[A-Z\u00c0-\u00d6\u00d8-\u00de\u0100\u0106\u010c\u010e\u0110\u0118\u011a\u011e\u0130\u0141\u0143"
    "\u0147\u0150\u0158\u015a\u015e\u0160\u0164\u016e\u0170\u0179\u017b\u017d]"
)
WORD: Final = rf"(?<![\w-]){UPPER}\w*+(?:'{UPPER}\w++|-\w++)*+"
"""A capitalized word; it never starts inside one and gives nothing back, so that time is linear."""

INITIAL: Final = rf"{UPPER}\b\.?"
_PARTICLES: Final = r"(?:(?:de|la|del|van|von|der|den|el|al|bin|ibn|da|di|dos|le|du|St\.)[ -])*"
_PART: Final = rf"{_PARTICLES}(?:{UPPER}\.|{WORD})"
NAMES: Final = rf"(?<![\w-]){_PART}(?:[ ]{{1,2}}{_PART}){{0,3}}"
LAST_FIRST: Final = rf"(?<![\w-]){_PARTICLES}{WORD}(?:[ ]{WORD})?,[ ]?{WORD}(?:[ ]{INITIAL})?"
