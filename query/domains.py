"""Domains: what values an expression can take, proved from declarations alone."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import Enum
from fractions import Fraction
from typing import TypeAlias, assert_never

from policies.columns import Column
from policies.layout import is_opaque_key, resolution, stored_bounds, stored_length
from policies.query_use import ValueType
from query.periods import Grain, common_grain, first_day, period_of
from query.text_lengths import copies_of

__all__ = [
    "BOOLEAN",
    "TEXT",
    "UNIT",
    "Domain",
    "Kind",
    "Scalar",
    "number",
    "of_column",
    "unify",
    "with_null",
]

UNIT = "privacy unit"
"""The key space of what names a row's own privacy unit, or is NULL."""

Scalar: TypeAlias = str | int | Fraction | bool | date | None
"""A value in the units that researchers see: never in stored steps."""


class Kind(Enum):
    """How a value is represented in the compiled SQL."""

    NUMBER = "number"
    """Exact: an integer count of ``step``."""
    REAL = "real"
    """A double; only ever inside one row, since sums of doubles depend on their order."""
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    KEY = "key"
    """An opaque stand-in: only equality may look at it."""
    NULL = "null"
    """The literal NULL, which fits every kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What values an expression can take; None means that nothing is known.

    Attributes:
        kind: Representation.
        nullable: Whether NULL can occur.
        lower: Smallest value of numbers, reals, dates and timestamps, in the researcher's unit.
        upper: Largest value.
        step: Of numbers: all values are whole multiples of it.
        grain: Of dates: all values start such a period.
        categories: Of texts: all values that can occur.
        copies: Of texts: a value is at most as long as so many texts of 50 characters together.
        is_enum: Whether the SQL is a raw ENUM column, whose literals must be categories.
        is_whole: Whether the categories are all that are declared, and not what conditions left.
        key_space: Of keys: which keys may be compared with it.
        unit_constant: Whether all rows of one privacy unit have the same value.
        keeps_nulls: Whether NULL is a group of its own: not where every NULL is that of a column
            whose policy leaves NULLs out of groups.
        usual: Bounds that a sum moves values into where none are proved: those that the policy
            sets for the rows of one unit, for counts and sums per unit.
    """

    kind: Kind
    nullable: bool = True
    lower: Fraction | date | None = None
    upper: Fraction | date | None = None
    step: Fraction = Fraction(1)
    grain: Grain = Grain.DAY
    categories: tuple[str, ...] | None = None
    copies: int = 1
    is_enum: bool = False
    is_whole: bool = True
    key_space: str = ""
    unit_constant: bool = False
    keeps_nulls: bool = True
    usual: tuple[Fraction, Fraction] | None = None

    @property
    def bounds(self) -> tuple[Fraction, Fraction] | None:
        """Both ends of a number or real, or None where one is not known."""
        if isinstance(self.lower, Fraction) and isinstance(self.upper, Fraction):
            return self.lower, self.upper
        return None

    def size(self) -> int | None:
        """Number of values other than NULL, or None where it is not finite and known."""
        match self.kind:
            case Kind.BOOLEAN:
                return 2
            case Kind.TEXT:
                return None if self.categories is None else len(self.categories)
            case Kind.NUMBER if self.bounds is not None:
                low, high = self.bounds
                return math.floor(high / self.step) - math.ceil(low / self.step) + 1
            case Kind.DATE if self.lower is not None and self.upper is not None:
                return len(self._periods())
            case _:
                return None

    def values(self) -> tuple[Scalar, ...]:
        """Return all values other than NULL, in order; only where ``size`` is known."""
        match self.kind:
            case Kind.BOOLEAN:
                return (False, True)
            case Kind.TEXT if self.categories is not None:
                return self.categories
            case Kind.NUMBER if self.bounds is not None:
                low, high = self.bounds
                steps = range(math.ceil(low / self.step), math.floor(high / self.step) + 1)
                over, under = self.step.as_integer_ratio()
                if under == 1:
                    return tuple(count * over for count in steps)
                return tuple(_plain(Fraction(count * over, under)) for count in steps)
            case _:
                return tuple(first_day(period, self.grain) for period in self._periods())

    def _periods(self) -> range:
        """Numbers of the periods that the dates start."""
        low, high = _day(self.lower), _day(self.upper)
        if low is None or high is None:
            return range(0)
        return range(period_of(low, self.grain), period_of(high, self.grain) + 1)


TEXT = Domain(kind=Kind.TEXT)
BOOLEAN = Domain(kind=Kind.BOOLEAN)


def number(
    lower: Fraction | None = None,
    upper: Fraction | None = None,
    *,
    step: Fraction = Fraction(1),
    nullable: bool = True,
) -> Domain:
    """Return the domain of exact numbers in [lower, upper]."""
    return Domain(kind=Kind.NUMBER, lower=lower, upper=upper, step=step, nullable=nullable)


def of_column(column: Column, *, key_space: str, unit_constant: bool) -> Domain:
    """Return what the declaration of a stored column proves about its values."""
    base = Domain(
        kind=Kind.KEY,
        nullable=column.use is None or column.use.nulls != "reject",
        key_space=key_space,
        unit_constant=unit_constant,
        keeps_nulls=column.use is not None and column.use.nulls == "keep",
    )
    if is_opaque_key(column):
        return base
    base = replace(base, key_space="")
    lower, upper = stored_bounds(column) or (None, None)
    match column.type:
        case ValueType.STRING:
            categories = column.use.categories if column.use is not None else ()
            return replace(
                base,
                kind=Kind.TEXT,
                categories=categories or None,
                copies=copies_of(stored_length(column) or 0),
                is_enum=bool(categories),
            )
        case ValueType.INTEGER | ValueType.DECIMAL:
            step = Fraction(resolution(column))
            low, high = (step * end if isinstance(end, int) else None for end in (lower, upper))
            return replace(base, kind=Kind.NUMBER, lower=low, upper=high, step=step)
        case ValueType.BOOLEAN:
            return replace(base, kind=Kind.BOOLEAN)
        case ValueType.DATE:
            return replace(base, kind=Kind.DATE, lower=_day(lower), upper=_day(upper))
        case ValueType.TIMESTAMP:
            return replace(base, kind=Kind.TIMESTAMP, lower=_day(lower), upper=_day(upper))
        case _:
            assert_never(column.type)


def with_null(domain: Domain) -> Domain:
    """Return the domain with a NULL that is no column's, and so a group of its own."""
    return replace(domain, nullable=True, keeps_nulls=True)


def unify(domains: Iterable[Domain]) -> Domain | None:
    """Return the smallest domain that holds all of them, or None where kinds do not mix."""
    known = [domain for domain in domains]  # noqa: C416  consumed twice
    typed = [domain for domain in known if domain.kind is not Kind.NULL]
    if not typed:
        return Domain(kind=Kind.NULL, unit_constant=True)
    kinds = {domain.kind for domain in typed}
    if kinds == {Kind.NUMBER, Kind.REAL}:
        kinds = {Kind.REAL}
    if len(kinds) != 1 or len({domain.key_space for domain in typed}) != 1:
        return None
    lowers = [_comparable(domain, domain.lower, time.min) for domain in typed]
    uppers = [_comparable(domain, domain.upper, time.max) for domain in typed]
    return Domain(
        kind=kinds.pop(),
        nullable=any(domain.nullable for domain in known),
        lower=None if None in lowers else min(lowers),  # type: ignore[type-var]  # one kind
        upper=None if None in uppers else max(uppers),  # type: ignore[type-var]  # one kind
        step=common_step([domain.step for domain in typed]),
        grain=common_grain([domain.grain for domain in typed]),
        categories=_union([domain.categories for domain in typed]),
        copies=max(domain.copies for domain in typed),
        key_space=typed[0].key_space,
        unit_constant=all(domain.unit_constant for domain in known),
        keeps_nulls=any(domain.nullable and domain.keeps_nulls for domain in known),
        usual=_widest([domain.usual or domain.bounds for domain in typed]),
    )


def _comparable(domain: Domain, end: Fraction | date | None, at: time) -> Fraction | date | None:
    """Return an end of a domain; of timestamps as a moment, since days do not compare with them."""
    if domain.kind is Kind.TIMESTAMP and isinstance(end, date) and not isinstance(end, datetime):
        return datetime.combine(end, at)
    return end


def common_step(steps: Iterable[Fraction]) -> Fraction:
    """Return the largest step of which all given steps are whole multiples."""
    result = Fraction(0)
    for step in steps:
        result = Fraction(
            math.gcd(result.numerator * step.denominator, step.numerator * result.denominator),
            result.denominator * step.denominator,
        )
    return result


def _day(value: int | Fraction | date | None) -> date | None:
    return value if isinstance(value, date) else None


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def _widest(
    intervals: list[tuple[Fraction, Fraction] | None],
) -> tuple[Fraction, Fraction] | None:
    known = [interval for interval in intervals if interval is not None]
    if len(known) < len(intervals):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def _union(sets: list[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    merged: dict[str, None] = {}
    for categories in sets:
        if categories is None:
            return None
        merged.update(dict.fromkeys(categories))
    return tuple(merged)
