"""Days and times as auditors write them: ``2026-01-31`` or ``2026-01-31T14:30``, in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Final

from gateway.errors import RequestError

__all__ = ["Period", "parse_period"]

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?Z?", re.ASCII)
_LENGTHS: Final = {10: timedelta(days=1), 16: timedelta(minutes=1), 19: timedelta(seconds=1)}
"""How long what a text names lasts, by how many characters it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From one day or time to another, both with all of it; an empty text leaves it open.

    Attributes:
        since: Where it begins, such as ``2026-01-31``.
        until: Where it ends, such as ``2026-01-31T14:30``.
    """

    since: str = ""
    until: str = ""

    def holds(self, time: str) -> bool:
        """Say whether an entry's time, as ``2026-01-31T14:30:15.000000Z``, is in it."""
        return time >= self.since and (not self.until or time[: len(self.until)] <= self.until)

    @property
    def start(self) -> datetime | None:
        """Its first moment, UTC; None where it has none."""
        return _moment(self.since) if self.since else None

    @property
    def end(self) -> datetime | None:
        """Its last moment, UTC, to the microsecond; None where it has none."""
        if not self.until:
            return None
        return _moment(self.until) + _LENGTHS[len(self.until)] - timedelta.resolution


def parse_period(since: str, until: str) -> Period:
    """Return a period from two fields of a form.

    Raises:
        RequestError: If one of them is neither empty nor a day or time, or it ends before it
            begins.
    """
    period = Period(since=_text("From", since), until=_text("To", until))
    if period.start is not None and period.end is not None and period.end < period.start:
        raise RequestError(
            "what stands under To is before what stands under From", remedy="swap the two"
        )
    return period


def _text(field: str, said: str) -> str:
    text = said.strip()
    try:
        plain = text.removesuffix("Z").replace(" ", "T")
        if text and (not _TIME.fullmatch(text) or _moment(plain).year == MAXYEAR):
            raise ValueError  # noqa: TRY301  told below, as what the calendar does not have is
    except ValueError:
        raise RequestError(
            f"what stands under {field} is no day or time",
            remedy="write a day as 2026-01-31, or a time in UTC as 2026-01-31T14:30",
        ) from None
    return plain


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
