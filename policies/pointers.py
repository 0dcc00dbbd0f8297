"""JSON Pointers into declarations, so that a denial can name the line that decided."""

from __future__ import annotations

__all__ = ["pointer"]


def pointer(*parts: str | int) -> str:
    """Return the JSON Pointer of a path, with ``~`` and ``/`` escaped.

    Source: RFC 6901, sections 3 and 4.
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
