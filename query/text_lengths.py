"""How long a text may be, counted in texts of usual length; memory must not tell whose it is."""

from __future__ import annotations

from typing import Final

__all__ = ["JOINED_COPIES", "copies_in", "copies_of", "joined_copies"]

_COPY_CHARS: Final = 50
"""Characters that count as one text of usual length."""

JOINED_COPIES: Final = 100
"""As how many texts those of a unit's rows count that are put together."""

_MAX_JOINED: Final = 2 * JOINED_COPIES
"""As how many they count at most, whatever their length: they are no more than the unit's rows."""


def copies_of(characters: int) -> int:
    """Return as how many texts of usual length one of so many characters counts; 1 or more."""
    return max(-(-characters // _COPY_CHARS), 1)


def copies_in(text: str) -> int:
    """Return as how many texts of usual length a written one counts: by its bytes, as it is held.

    Characters of stored texts count alike, since a declared length is one of characters.
    """
    return copies_of(len(text.encode()))


def joined_copies(copies: int) -> int:
    """Return as how many texts those of a unit's rows count together, if each counts so many."""
    return max(min(JOINED_COPIES * copies, _MAX_JOINED), copies)
