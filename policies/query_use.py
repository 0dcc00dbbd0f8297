"""What may be asked of a column, and the public domain that its values lie in."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT, Permission, invalid

__all__ = [
    "DEFAULT_MAX_LENGTH",
    "DEFAULT_RESOLUTION",
    "Aggregate",
    "DateBounds",
    "Number",
    "NumberBounds",
    "QueryUse",
    "ValueType",
    "check_use",
]


class ValueType(Enum):
    """Type of a stored column, after its transform."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class Aggregate(Enum):
    """What may be computed over a column's values."""

    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM = "sum"
    MEAN = "mean"
    VARIANCE = "variance"
    QUANTILE = "quantile"


DEFAULT_RESOLUTION = Decimal("0.01")
"""Resolution of a decimal column that declares none, in the column's unit."""
DEFAULT_MAX_LENGTH = 200
"""Characters of a text that may be asked about and declares neither its length nor categories."""
NumberBounds = tuple[Decimal, Decimal]
DateBounds = tuple[date, date]
Number = Annotated[Decimal, Field(ge=-(10**15), le=10**15, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QueryUse:
    """What the aggregate door may do with a column; whatever is not said is not allowed.

    A column with a use may be filtered on. Bounds, categories and lengths are public facts about
    the domain, never taken from the data.

    Attributes:
        bounds: Smallest and largest value, in the column's unit; dates for dates.
        resolution: Step to which numbers are rounded before they are stored as integers, in the
            column's unit; 1 for integers.
        categories: All values that the column may have, in the order in which groups are shown.
        categories_ref: A CSV file beside the policy whose first column lists the categories.
        max_length: Characters that a text without categories has at most: joins multiply texts, and
            the memory that they take must not tell whose they are.
        outside: What ingest does with a value outside bounds, categories or length: move it to the
            nearest bound (of a text, cut its end off), store NULL, or reject the row.
        nulls: Whether NULL is a group of its own, rows with NULL keys are left out of groups, or
            ingest rejects the row, so that means and counts need no check for NULL.
        group_by: Whether the column may be a group key; needs a finite public domain.
        private_keys: Whether the values themselves may be group keys without a public domain:
            released only where a noisy number of units above a threshold shares them.
        aggregates: What may be computed over its values.
    """

    bounds: tuple[Number, Number] | tuple[date, date] | None = None
    resolution: Annotated[Decimal, Field(gt=0, le=10**15, allow_inf_nan=False)] | None = None
    categories: tuple[str, ...] = ()
    categories_ref: str | None = None
    max_length: Annotated[int, Field(ge=1, le=10_000)] | None = None
    outside: Literal["clamp", "null", "reject"] = "reject"
    nulls: Literal["keep", "filter", "reject"] = "filter"
    group_by: bool = False
    private_keys: Permission = "denied"
    aggregates: tuple[Aggregate, ...] = ()

    def __post_init__(self) -> None:
        if self.bounds is not None and tuple(sorted(self.bounds)) != self.bounds:
            raise invalid("DP-BOUNDS-ORDER", "the lower bound is above the upper; swap the two")
        if len(set(self.categories)) != len(self.categories):
            raise invalid("DP-CATEGORIES-REPEAT", "a category is listed twice; list it once")
        if self.categories and self.categories_ref:
            raise invalid(
                "DP-CATEGORIES-TWICE", "both categories and categories_ref are given; keep one"
            )
        if self.categories and self.bounds is not None:
            raise invalid("DP-DOMAIN-TWICE", "both bounds and categories are given; keep one")
        if self.max_length is not None and (self.categories or self.categories_ref):
            raise invalid("DP-DOMAIN-TWICE", "both categories and max_length are given; keep one")
        if self.outside == "clamp" and self.bounds is None and self.max_length is None:
            raise invalid(
                "DP-CLAMP-NO-BOUNDS",
                "clamp needs bounds or max_length; give one, or outside: null or reject",
            )


_NUMBERS = (ValueType.INTEGER, ValueType.DECIMAL)
_MAX_STEPS = 10**15  # sums of squares of so many steps over 2**26 rows still fit 128 bits
_TIMES = (ValueType.DATE, ValueType.TIMESTAMP)


def check_use(use: QueryUse, value_type: ValueType) -> None:
    """Check that a use fits the type; raises pydantic's error with our codes."""
    of_numbers = use.bounds is not None and isinstance(use.bounds[0], Decimal)
    of_dates = use.bounds is not None and not of_numbers
    if (of_numbers and value_type not in _NUMBERS) or (of_dates and value_type not in _TIMES):
        raise invalid(
            "DP-BOUNDS-TYPE",
            f"these bounds do not fit a column of type {value_type.value}; "
            "give numbers for numbers, dates for dates",
        )
    if (use.categories or use.categories_ref) and value_type is not ValueType.STRING:
        raise invalid(
            "DP-CATEGORIES-TYPE", "categories are for columns of type string; declare it, or bounds"
        )
    if use.resolution is not None and value_type is not ValueType.DECIMAL:
        raise invalid(
            "DP-RESOLUTION-TYPE", "a resolution is for columns of type decimal; remove it"
        )
    if use.max_length is not None and value_type is not ValueType.STRING:
        raise invalid(
            "DP-LENGTH-TYPE", "max_length is for columns of type string; remove it, or give bounds"
        )
    if of_numbers:
        _check_steps(use, DEFAULT_RESOLUTION if value_type is ValueType.DECIMAL else Decimal(1))
    finite = bool(use.categories or use.categories_ref or use.bounds is not None)
    if use.group_by and not finite and value_type is not ValueType.BOOLEAN:
        raise invalid(
            "DP-NO-PUBLIC-DOMAIN", "group_by needs categories or bounds; declare the public domain"
        )
    summed = {Aggregate.SUM, Aggregate.MEAN, Aggregate.VARIANCE, Aggregate.QUANTILE}
    # Of dates: differences between them, such as the length of a stay.
    if summed & set(use.aggregates) and not (
        use.bounds is not None or value_type is ValueType.BOOLEAN
    ):
        raise invalid("DP-NO-PUBLIC-DOMAIN", "sums and means need bounds; declare them")


def _check_steps(use: QueryUse, default: Decimal) -> None:
    """Check that bounds count few enough steps; raises pydantic's error with our code."""
    step = default if use.resolution is None else use.resolution
    numbers = [bound for bound in use.bounds or () if isinstance(bound, Decimal)]
    if any(abs(number) > step * _MAX_STEPS for number in numbers):
        raise invalid(
            "DP-BOUNDS-RANGE",
            "the bounds count more than 1e15 steps of the resolution; narrow them or coarsen it",
        )
    first, last = (Fraction(number) / Fraction(step) for number in numbers)
    if math.ceil(first) > last:
        raise invalid(
            "DP-BOUNDS-STEP",
            "no whole step of the resolution lies between the bounds; widen or refine",
        )
