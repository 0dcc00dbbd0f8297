"""What tables and notes put in the place of a value in the same way: pseudonyms and moved dates."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, invalid

__all__ = ["WEEK_DAYS", "Pseudonymize", "ShiftDate"]

WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Pseudonymize:
    """Store a keyed stand-in (HMAC-SHA-256, RFC 2104); equal values stay equal.

    In notes: equal values of one patient.
    """

    kind: Literal["pseudonymize"] = "pseudonymize"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ShiftDate:
    """Move all dates of one patient by the same secret number of days, never 0.

    Attributes:
        max_days: Largest move either way, in days.
        keep_weekday: Whether the move is a number of whole weeks, so that a Monday stays one.
    """

    kind: Literal["shift_date"] = "shift_date"
    max_days: Annotated[int, Field(ge=1, le=3650)] = 182
    keep_weekday: bool = False

    def __post_init__(self) -> None:
        if self.keep_weekday and self.max_days < WEEK_DAYS:
            raise invalid(
                "DEID-SHIFT-WEEKDAY",
                "dates that keep their weekday move by whole weeks; give max_days of 7 or more",
            )
