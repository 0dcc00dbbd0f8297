"""Dates as people write them: read, move by days, and write in the same form."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

__all__ = ["ordinal", "shifted", "year_of"]

_MONTHS: Final = tuple(name.lower() for name in calendar.month_name)
_ABBREVIATIONS: Final = tuple(name.lower() for name in calendar.month_abbr)
_WEEKDAYS: Final = tuple(name.lower() for name in calendar.day_name)
_PARTS: Final = re.compile(
    r"(?P<number>\d+)(?P<ordinal>st|nd|rd|th)?|(?P<word>[a-z]+)", re.IGNORECASE
)
_PIVOT: Final = 69
"""Two-digit years below this are of this century, as POSIX strptime reads ``%y``."""
_NO_YEAR: Final = 2001
"""A date without a year moves in this year, which has no February 29."""
_COMPACT: Final = 8
_SHORT_YEAR: Final = 2
_WITH_MONTH_NAME: Final = {
    "": (),
    "n": ("day",),
    "Y": ("year",),
    "nn": ("day", "year"),
    "nY": ("day", "year"),
    "Yn": ("year", "day"),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """One number or word of a written date, and what it says."""

    start: int
    end: int
    role: str
    text: str


def shifted(text: str, days: int) -> str | None:
    """Return a written date moved by days, in the form and precision that it had.

    Numbers, month names in full or short, two-digit years, ordinals and weekdays keep their form;
    "March 2021" moves as the middle of that month would. Where month and day could be either, the
    order is month first, as in the United States, unless the first number is above 12.

    Args:
        text: What was found, such as ``Tue, March 3rd, 2021`` or ``3/14``.
        days: The move.

    Returns:
        The moved date, or None where the text is not read as one date.
    """
    parts = _parts(text)
    if parts is None:
        return None
    said = {part.role: part for part in parts}
    try:
        year = _year(said["year"].text) if "year" in said else _NO_YEAR
        month = _month(said["month"].text) if "month" in said else None
        day = int(re.sub(r"\D", "", said["day"].text)) if "day" in said else 15
        if month is None:
            return None
        moved = date(year, month, day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    gaps = zip([0, *(part.end for part in parts)], [part.start for part in parts], strict=False)
    between = " ".join(text[start:end] for start, end in (*gaps, (parts[-1].end, len(text))))
    if any(one.isalpha() and not one.isascii() for one in between):
        return None  # letters that are not read are nothing to leave standing
    numbers = [part.text for part in parts if part.role in {"day", "month"}]
    # "3/14/22" has no leading zeros; "12/31/1999" does not tell, and gets them, as ISO dates do.
    zeros = all(len(number) > 1 and number.isdigit() for number in numbers)
    written: list[str] = []
    at = 0
    for part in parts:
        written += [text[at : part.start], _written(part, moved, zeros=zeros)]
        at = part.end
    return "".join([*written, text[at:]])


def year_of(text: str) -> int | None:
    """Return the year that a written date says, or None where it says none or is not read."""
    for part in _parts(text) or ():
        if part.role == "year":
            return _year(part.text)
    return None


def _parts(text: str) -> list[_Part] | None:
    """Say what each number and word is; None where that stays open."""
    compact = re.fullmatch(r"\d{8}", text)
    if compact:
        roles = (("year", 0, 4), ("month", 4, 6), ("day", 6, _COMPACT))
        return [_Part(start, end, role, text[start:end]) for role, start, end in roles]
    parts: list[_Part] = []
    numbers: list[int] = []
    for match in _PARTS.finditer(text):
        word = (match["word"] or "").lower()
        if match["number"]:
            numbers.append(len(parts))
            parts.append(_Part(match.start("number"), match.end(), "", match[0]))
        elif word in _MONTHS or word[:3] in _ABBREVIATIONS[1:]:
            if word not in _MONTHS and word not in (*_ABBREVIATIONS, "sept"):
                return None
            parts.append(_Part(match.start(), match.end(), "month", match[0]))
        elif word[:3] in {name[:3] for name in _WEEKDAYS}:
            parts.append(_Part(match.start(), match.end(), "weekday", match[0]))
        elif word not in {"of", "the"}:
            return None
    roles_of_numbers = _number_roles(
        [parts[index].text for index in numbers], named=any(part.role == "month" for part in parts)
    )
    if roles_of_numbers is None:
        return None
    for index, role in zip(numbers, roles_of_numbers, strict=True):
        part = parts[index]
        parts[index] = _Part(part.start, part.end, role, part.text)
    return parts


def _number_roles(numbers: list[str], *, named: bool) -> tuple[str, ...] | None:
    """Return what the numbers of a date are, in their order; ``Y`` below is a four-digit one."""
    shape = "".join("Y" if re.fullmatch(r"\d{4}", number) else "n" for number in numbers)
    if any(len(number) > 4 for number in numbers):  # noqa: PLR2004  a year has four digits
        return None
    if named:
        return _WITH_MONTH_NAME.get(shape)
    if shape in {"nn", "nnn", "nnY"}:
        tail = ("year",) if len(shape) == 3 else ()  # noqa: PLR2004  day, month and year
        day_first = int(numbers[0]) > 12  # noqa: PLR2004  months in a year
        return ("day", "month", *tail) if day_first else ("month", "day", *tail)
    return {"Ynn": ("year", "month", "day"), "nY": ("month", "year")}.get(shape)


def _year(text: str) -> int:
    number = int(text)
    if len(text) > _SHORT_YEAR:
        return number
    return number + (2000 if number < _PIVOT else 1900)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return _ABBREVIATIONS.index(text.lower()[:3])


def _written(part: _Part, moved: date, *, zeros: bool) -> str:
    match part.role:
        case "year":
            return f"{moved.year:04}" if len(part.text) > _SHORT_YEAR else f"{moved.year % 100:02}"
        case "month" if part.text.isdigit():
            return f"{moved.month:02}" if zeros else str(moved.month)
        case "month":
            name = calendar.month_name[moved.month]
            whole = part.text.lower() in _MONTHS  # "May" is taken as the full name
            return _cased(name if whole else name[:3], part.text)
        case "weekday":
            name = calendar.day_name[moved.weekday()]
            return _cased(name if part.text.lower() in _WEEKDAYS else name[:3], part.text)
        case _:
            digits = re.sub(r"\D", "", part.text)
            padded = zeros or digits.startswith("0")
            day = f"{moved.day:02}" if padded else str(moved.day)
            return (
                day + _cased(ordinal(moved.day), part.text[len(digits) :])
                if digits != part.text
                else day
            )


def ordinal(day: int) -> str:
    """Return what stands after a day: st, nd, rd or th."""
    special = {1: "st", 2: "nd", 3: "rd"}
    return "th" if day in {11, 12, 13} else special.get(day % 10, "th")


def _cased(text: str, like: str) -> str:
    if like.isupper():
        return text.upper()
    return text.lower() if like.islower() else text
