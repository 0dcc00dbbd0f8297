"""One column of one table: its role, what is stored of it, and what may be asked of it."""

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
from policies.transforms import DeidentifyText, Drop, Keep, Pseudonymize, Transform

__all__ = [
    "DEFAULT_RESOLUTION",
    "Aggregate",
    "Column",
    "DateBounds",
    "IdentifierKind",
    "Number",
    "NumberBounds",
    "QueryUse",
    "Role",
    "ValueType",
]


class Role(Enum):
    """What a column is to a patient's privacy."""

    PRIVACY_UNIT = "privacy_unit"
    KEY = "key"
    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE = "sensitive"
    ATTRIBUTE = "attribute"
    FREE_TEXT = "free_text"


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


class IdentifierKind(Enum):
    """What a direct identifier says, so that its written variants can be found in notes."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    RELATIVE_NAME = "relative_name"
    ORGANIZATION = "organization"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    CITY = "city"
    POSTAL_CODE = "postal_code"
    ID = "id"


DEFAULT_RESOLUTION = Decimal("0.01")
"""Resolution of a decimal column that declares none, in the column's unit."""
NumberBounds = tuple[Decimal, Decimal]
DateBounds = tuple[date, date]
Number = Annotated[Decimal, Field(ge=-(10**15), le=10**15, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class QueryUse:
    """What the aggregate door may do with a column; whatever is not said is not allowed.

    A column with a use may be filtered on. Bounds and categories are public facts about the
    domain, never taken from the data.

    Attributes:
        bounds: Smallest and largest value, in the column's unit; dates for dates.
        resolution: Step to which numbers are rounded before they are stored as integers, in the
            column's unit; 1 for integers.
        categories: All values that the column may have, in the order in which groups are shown.
        categories_ref: A CSV file beside the policy whose first column lists the categories.
        outside: What ingest does with a value outside bounds or categories: move it to the
            nearest bound, store NULL, or reject the row.
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
        if self.outside == "clamp" and self.bounds is None:
            raise invalid(
                "DP-CLAMP-NO-BOUNDS", "clamp needs bounds; give bounds, or outside: null or reject"
            )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Column:
    """One declared column.

    Attributes:
        role: What it is to privacy.
        type: Type of what is stored.
        derived_from: The source column that this one is computed from; by default the source
            column of the same name.
        transform: What is done before storing; by default what the role asks for.
        identifies: For direct identifiers: what they say, to find their variants in notes.
        format: For text that holds dates: a strptime pattern; ISO 8601 by default.
        dp: What the aggregate door may do with it.
        stored: Whether a door other than the aggregate one needs it in the store.
        release: Whether it may leave as part of a record, as it is stored.
        description: One line for researchers.
    """

    role: Role
    type: ValueType = ValueType.STRING
    derived_from: str | None = None
    transform: Transform | None = None
    identifies: IdentifierKind | None = None
    format: str | None = None
    dp: QueryUse | Literal["none"] = "none"
    stored: bool = False
    release: Literal["none", "keep"] = "none"
    description: str = ""

    def __post_init__(self) -> None:
        if self.role in {Role.DIRECT_IDENTIFIER, Role.FREE_TEXT} and self.use is not None:
            raise invalid(
                "COL-DIRECT-REACHABLE"
                if self.role is Role.DIRECT_IDENTIFIER
                else "COL-FREETEXT-DP",
                f"a column of role {self.role.value} cannot be queried; set dp: none",
            )
        if self.role is Role.DIRECT_IDENTIFIER and not isinstance(
            self.effective_transform, Drop | Pseudonymize
        ):
            raise invalid(
                "COL-DIRECT-STORED",
                "a direct identifier may only be dropped or pseudonymized; change its transform",
            )
        if self.role is Role.FREE_TEXT and not isinstance(
            self.effective_transform, Drop | DeidentifyText
        ):
            raise invalid(
                "COL-FREETEXT-STORED",
                "free text may only be dropped or de-identified; change its transform",
            )
        if self.release == "keep" and isinstance(self.effective_transform, Drop):
            raise invalid(
                "COL-DROPPED-RELEASE", "a dropped column cannot leave; set release: none or keep it"
            )
        if self.use is not None and isinstance(self.effective_transform, Drop):
            raise invalid(
                "COL-DROPPED-DP", "a dropped column cannot be queried; set dp: none or keep it"
            )
        if self.use is not None:
            _check_use(self.use, self.type)
            self._check_key(self.use)

    def _check_key(self, use: QueryUse) -> None:
        """Check that a private key is no stand-in, which would name one unit."""
        opaque = self.is_key or isinstance(self.effective_transform, Pseudonymize)
        if opaque and use.private_keys == "allowed":
            raise invalid(
                "DP-PRIVATE-KEY",
                "a pseudonym or key stands for one unit or row and is never a group key; "
                "remove private_keys",
            )

    @property
    def is_key(self) -> bool:
        """Whether it names a unit or a row."""
        return self.role in {Role.PRIVACY_UNIT, Role.KEY}

    @property
    def use(self) -> QueryUse | None:
        """What may be asked of the column, or None where nothing may."""
        return None if isinstance(self.dp, str) else self.dp

    @property
    def effective_transform(self) -> Transform:
        """The declared transform, or the one that the role asks for."""
        if self.transform is not None:
            return self.transform
        match self.role:
            case Role.DIRECT_IDENTIFIER:
                return Drop()
            case Role.PRIVACY_UNIT | Role.KEY:
                return Pseudonymize()
            case Role.FREE_TEXT:
                return DeidentifyText()
            case _:
                return Keep()

    @property
    def is_stored(self) -> bool:
        """Whether ingest writes the column: only where some door needs it."""
        if isinstance(self.effective_transform, Drop):
            return False
        needed = self.use is not None or self.stored or self.release == "keep"
        return needed or self.is_key


_NUMBERS = (ValueType.INTEGER, ValueType.DECIMAL)
_MAX_STEPS = 10**15  # sums of squares of so many steps over 2**26 rows still fit 128 bits
_TIMES = (ValueType.DATE, ValueType.TIMESTAMP)


def _check_use(use: QueryUse, value_type: ValueType) -> None:
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
