"""The ways in which dates, phone numbers and other numbers and codes are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import product
from typing import Final

from anonymizers.normalized import fold, normalize
from anonymizers.spans import Label
from anonymizers.variants.model import Case, Gaps, Variant
from anonymizers.words import MONTHS, everyday_words
from anonymizers.written_dates import ordinal

__all__ = ["dates", "emails", "ids", "phones", "postal_codes"]

_MIN_ID: Final = 5
_MIN_LOOSE_ID: Final = 7
_NATIONAL_DIGITS: Final = 10
_LOCAL_DIGITS: Final = 7


def dates(value: str) -> Iterator[Variant]:
    """Give the numeric and spelled forms of a day; nothing for what is no full date."""
    day = _parsed_day(value)
    if day is None:
        return
    year, short = f"{day.year:04}", f"{day.year % 100:02}"
    for month, number in product(
        {f"{day.month}", f"{day.month:02}"}, {f"{day.day}", f"{day.day:02}"}
    ):
        for pieces in (
            (month, number, year), (number, month, year), (year, month, number),
            (month, number, short), (number, month, short),
        ):  # fmt: skip
            yield Variant(pieces=pieces, label=Label.DATE, gaps=Gaps.BETWEEN_ALL_PIECES)
    name = MONTHS[day.month - 1]
    for month, number, last in product(
        (name, name[:3], name[:4]),
        (f"{day.day}", f"{day.day:02}", f"{day.day}{ordinal(day.day)}"),
        (year, short),
    ):
        yield Variant(pieces=(month, number, last), label=Label.DATE)
        yield Variant(pieces=(number, month, last), label=Label.DATE)
    yield Variant(pieces=(f"{day:%Y%m%d}",), label=Label.DATE)
    yield Variant(pieces=(f"{day:%m%d%Y}",), label=Label.DATE)


def _parsed_day(value: str) -> date | None:
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        pass
    for pattern in ("%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%m-%d-%Y"):
        try:
            return datetime.strptime(value.strip(), pattern).date()  # noqa: DTZ007  a day
        except ValueError:
            continue
    return None


def phones(value: str) -> Iterator[Variant]:
    """Give a number in any grouping, with and without country and area code, no extension."""
    main = re.split(r"(?i)\s*(?:x|ext)", value, maxsplit=1)[0]
    digits = re.sub(r"\D", "", main)
    if len(digits) >= _LOCAL_DIGITS:
        yield _loose(digits, Label.PHONE_FAX)
    if len(digits) == _NATIONAL_DIGITS + 1 and digits[0] == "1":
        digits = digits[1:]
        yield _loose(digits, Label.PHONE_FAX)
    if len(digits) == _NATIONAL_DIGITS:
        yield Variant(
            pieces=(digits[3:6], digits[6:]), label=Label.PHONE_FAX, gaps=Gaps.BETWEEN_ALL_PIECES
        )


def _loose(key: str, label: Label) -> Variant:
    gaps = Gaps.ANYWHERE if len(key) >= _MIN_LOOSE_ID else Gaps.BETWEEN_PIECES
    return Variant(pieces=(key,), label=label, gaps=gaps)


def _letters_and_digits(value: str) -> str:
    return "".join(one for one in fold(normalize(value).text) if one.isalnum())


def ids(value: str) -> Iterator[Variant]:
    """Give a number or code of five or more characters; shorter ones would hit ages and doses."""
    key = _letters_and_digits(value)
    if len(key) < _MIN_ID or key in everyday_words():
        return
    if key.isalpha():
        yield Variant(pieces=(key,), label=Label.ID, case=Case.CAPITAL)
    else:
        yield _loose(key, Label.ID)


def emails(value: str) -> Iterator[Variant]:
    """Give an address as one string of letters and digits."""
    if "@" in value:
        yield _loose(_letters_and_digits(value), Label.EMAIL)


def postal_codes(value: str) -> Iterator[Variant]:
    """Give a code in full, and its first five characters."""
    key = _letters_and_digits(value)
    if len(key) >= _MIN_ID:
        yield Variant(pieces=(key[:5],), label=Label.LOCATION)
        yield _loose(key, Label.LOCATION)
