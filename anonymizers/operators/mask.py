"""One mark for each letter and digit."""

from __future__ import annotations

from anonymizers.normalized import normalize

__all__ = ["masked"]


def masked(original: str, character: str) -> str:
    """Return the text with a mark for each letter and digit; invisible characters and accents go.

    Args:
        original: What was found.
        character: The mark.
    """
    text = normalize(original).text
    return "".join(character if one.isalnum() else one for one in text)
