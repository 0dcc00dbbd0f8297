"""Text functions over plain Python texts: what each category becomes, and labels after the noise.

Each agrees with DuckDB's function of the same name on every text where its domain is computed from
it: on all of Unicode where DuckDB counts code points, on ASCII where it folds cases or blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeAlias

from query.functions.regex import flags_of, replaced, translated

__all__ = ["IMAGES", "Image"]

Image: TypeAlias = Callable[..., Any]
"""From texts and whole numbers to a text, a whole number, a truth, or None."""


def _substring(text: str, start: int, length: int | None = None) -> str:
    """Return characters from a start, 1 being the first; from the end where it is below 0."""
    size = len(text)
    begin = start - 1 if start > 0 else size + start if start < 0 else 0
    if start == 0 and length is not None:
        length -= 1  # the place before the first character is counted, as PostgreSQL does
    end = size if length is None else begin + length
    return text[max(begin, 0) : max(end, 0)]


def _left(text: str, count: int) -> str:
    return text[:count]


def _right(text: str, count: int) -> str:
    return text[-count:] if count else ""


def _split_part(text: str, separator: str, place: int) -> str:
    parts = text.split(separator)
    return parts[place - 1] if place <= len(parts) else ""


def _padded(text: str, size: int, fill: str, *, left: bool) -> str:
    missing = size - len(text)
    if missing <= 0:
        return text[:size]
    filling = (fill * missing)[:missing]
    return filling + text if left else text + filling


def _replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


def _joined(*texts: str | None) -> str:
    return "".join(text for text in texts if text is not None)


def _separated(separator: str, *texts: str | None) -> str:
    return separator.join(text for text in texts if text is not None)


def _like(text: str, pattern: str, escape: str = "") -> bool:
    """Match a LIKE pattern; in time proportional to text times pattern, whatever they are."""
    tokens = _tokens(pattern, escape)
    place = token = 0
    resume: tuple[int, int] | None = None
    while place < len(text):
        wanted = tokens[token] if token < len(tokens) else ""
        if wanted is _ANY:
            token += 1
            resume = (token, place)
        elif wanted is _ONE or wanted == text[place]:
            token, place = token + 1, place + 1
        elif resume is not None:
            token, place = resume[0], resume[1] + 1
            resume = (token, place)
        else:
            return False
    return all(one is _ANY for one in tokens[token:])


_ANY: Final = object()
_ONE: Final = object()


def _tokens(pattern: str, escape: str) -> list[object]:
    characters = iter(pattern)
    wild = {"%": _ANY, "_": _ONE}
    return [next(characters, "") if one == escape else wild.get(one, one) for one in characters]


def _ilike(text: str, pattern: str, escape: str = "") -> bool:
    return _like(text.lower(), pattern.lower(), escape.lower())


def _extracted(text: str, pattern: str, group: int, options: str = "") -> str:
    found = re.search(translated(pattern), text, flags_of(options))
    return (found[group] or "") if found is not None else ""


def _text(value: object) -> str:
    """Write a whole number, a truth or a date as DuckDB does."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


IMAGES: Final[dict[str, Image]] = {
    "to_text": _text,
    "lower": str.lower,
    "upper": str.upper,
    "length": len,
    "substring": _substring,
    "left": _left,
    "right": _right,
    "trim": lambda text, blanks=" ": text.strip(blanks),
    "ltrim": lambda text, blanks=" ": text.lstrip(blanks),
    "rtrim": lambda text, blanks=" ": text.rstrip(blanks),
    "replace": _replace,
    "pipe": lambda left, right: left + right,
    "concat": _joined,
    "concat_ws": _separated,
    "split_part": _split_part,
    "lpad": lambda text, size, fill: _padded(text, size, fill, left=True),
    "rpad": lambda text, size, fill: _padded(text, size, fill, left=False),
    "strpos": lambda text, part: text.find(part) + 1,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda text, part: part in text,
    "like": _like,
    "ilike": _ilike,
    "regexp_extract": _extracted,
    "regexp_replace": lambda text, pattern, new, options="": replaced(text, pattern, new, options),
}
"""From the name of the allow-list."""
