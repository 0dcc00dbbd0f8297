"""Functions of texts by their names, over plain Python values; slow and obvious."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from query.expressions import Call

__all__ = ["LAZY_TEXTS", "TEXTS"]

Values = Sequence[Any]
Function = Callable[[Call, Values], Any]


def _like(call: Call, args: Values) -> bool:
    text, pattern = args[0], args[1]
    escape = args[2] if len(args) > 2 else None
    parts, place = "", 0
    while place < len(pattern):
        one = pattern[place]
        if one == escape:
            place += 1
            parts += re.escape(pattern[place])
        else:
            parts += {"%": ".*", "_": "."}.get(one, re.escape(one))
        place += 1
    flags = re.DOTALL | (re.IGNORECASE if call.name == "ilike" else 0)
    return re.fullmatch(parts, text, flags) is not None


def _numbered(text: str) -> dict[int, str]:
    return dict(enumerate(text, start=1))


def _substring(call: Call, args: Values) -> str:
    del call
    text, start = args[0], int(args[1])
    places = _numbered(text)
    first = start if start >= 0 else len(text) + 1 + start
    last = len(text) if len(args) == 2 else first + int(args[2]) - 1
    return "".join(one for place, one in places.items() if first <= place <= last)


def _trimmed(call: Call, args: Values) -> str:
    blanks = args[1] if len(args) > 1 else " "
    text: str = args[0]
    while call.name != "rtrim" and text and text[0] in blanks:
        text = text[1:]
    while call.name != "ltrim" and text and text[-1] in blanks:
        text = text[:-1]
    return text


def _padded(call: Call, args: Values) -> str:
    text: str = args[0]
    size, fill = int(args[1]), args[2]
    if len(text) >= size:
        return text[:size]
    filling = ""
    while len(filling) + len(text) < size:
        filling += fill[len(filling) % len(fill)]
    return filling + text if call.name == "lpad" else text + filling


def _split(call: Call, args: Values) -> str:
    del call
    text: str = args[0]
    parts = text.split(args[1])
    return parts[int(args[2]) - 1] if int(args[2]) <= len(parts) else ""


def _replaced(call: Call, args: Values) -> str:
    del call
    text, old, new = args
    return str(text.replace(old, new)) if old else str(text)


def _flags(options: str) -> int:
    letters = {"i": re.IGNORECASE, "s": re.DOTALL}
    return re.ASCII | sum(letters[one] for one in options if one in letters)


def _python(pattern: str) -> str:
    """RE2's ``$`` is the end of the text only, and its ``\\s`` has no vertical tab."""
    return re.sub(r"(?<!\\)\$", r"\\Z", pattern)


def _matches(call: Call, args: Values) -> bool:
    options = args[2] if len(args) > 2 else ""
    find = re.fullmatch if call.name == "regexp_full_match" else re.search
    return find(_python(args[1]), args[0], _flags(options)) is not None


def _extracted(call: Call, args: Values) -> str:
    del call
    found = re.search(_python(args[1]), args[0], _flags(args[3] if len(args) > 3 else ""))
    return "" if found is None else found[int(args[2])] or ""


def _exchanged(call: Call, args: Values) -> str:
    del call
    options = args[3] if len(args) > 3 else ""
    new = args[2].replace("\\0", "\\g<0>")
    times = 0 if "g" in options else 1
    return re.sub(_python(args[1]), new, args[0], count=times, flags=_flags(options))


def _written(call: Call, args: Values) -> str:
    del call
    match args[0]:
        case bool() as truth:
            return "true" if truth else "false"
        case date() as day:
            return day.isoformat()
        case value:
            return str(value)


def _joined(args: Values) -> str:
    return "".join(one for one in args if one is not None)


def _separated(args: Values) -> str:
    return str(args[0].join(one for one in args[1:] if one is not None))


TEXTS: dict[str, Function] = {
    "lower": lambda _, args: args[0].lower(),
    "upper": lambda _, args: args[0].upper(),
    "length": lambda _, args: Fraction(len(args[0])),
    "strpos": lambda _, args: Fraction(args[0].find(args[1]) + 1),
    "substring": _substring,
    "left": lambda _, args: args[0][: int(args[1])],
    "right": lambda _, args: "".join(reversed(args[0]))[: int(args[1])][::-1],
    "trim": _trimmed, "ltrim": _trimmed, "rtrim": _trimmed,
    "lpad": _padded, "rpad": _padded,
    "replace": _replaced,
    "pipe": lambda _, args: args[0] + args[1],
    "split_part": _split,
    "starts_with": lambda _, args: args[0].startswith(args[1]),
    "ends_with": lambda _, args: args[0].endswith(args[1]),
    "contains": lambda _, args: args[1] in args[0],
    "like": _like, "ilike": _like,
    "regexp_matches": _matches, "regexp_full_match": _matches,
    "regexp_extract": _extracted, "regexp_replace": _exchanged,
    "to_text": _written,
}  # fmt: skip
LAZY_TEXTS: dict[str, Callable[[Values], Any]] = {"concat": _joined, "concat_ws": _separated}
