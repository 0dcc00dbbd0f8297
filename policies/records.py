"""The record door: rows without noise, to a project, only where a dataset says so."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, QuotedDecimal, invalid

__all__ = ["RecordCriteria", "RecordRules"]

_LEAST_K: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RecordCriteria:
    """What every class of equal quasi-identifiers of a release has.

    Attributes:
        k: At least so many privacy units.
        l: At least so many different values of the sensitive column.
        t: At most this distance to the sensitive column's distribution in the whole table, from 0
            to 1; None asks for none.
        suppression: Largest share of the rows that may be left out to get there.
    """

    k: Annotated[int, Field(ge=2)]
    l: Annotated[int, Field(ge=1)] = 1  # noqa: E741  its name in the literature
    t: Annotated[QuotedDecimal, Field(le=1)] | None = None
    suppression: Annotated[QuotedDecimal, Field(le=1)] = Decimal("0.05")

    def covers(self, other: RecordCriteria) -> bool:
        """Say whether whatever meets these criteria meets the others too."""
        close = other.t is None or (self.t is not None and self.t <= other.t)
        complete = self.suppression <= other.suppression
        return self.k >= other.k and self.l >= other.l and close and complete

    def __str__(self) -> str:
        distance = "" if self.t is None else f", t {self.t} or less"
        left_out = f", suppression {self.suppression} or less"
        return f"k {self.k} or more, l {self.l} or more{distance}{left_out}"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RecordRules:
    """What the record door of a dataset gives.

    Attributes:
        criteria: What every release must meet at least; k is 5 or more.
    """

    criteria: RecordCriteria

    def __post_init__(self) -> None:
        if self.criteria.k < _LEAST_K:
            raise invalid(
                "REL-K-LOW",
                f"classes of {self.criteria.k} people are too small; give k of {_LEAST_K} or more",
            )
