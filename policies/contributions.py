"""How much of one privacy unit enters an answer: bounds kept when asked, or once when stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.columns import DEFAULT_RESOLUTION, Aggregate, Column, Number, ValueType
from policies.model import STRICT, invalid

__all__ = ["BoundedMeasure", "Contribution", "ProfileName", "ReleaseProfile", "check_profiles"]

ProfileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
"""Names of profiles, which become part of stored columns' names; at most 31 characters."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Contribution:
    """How much of one privacy unit enters one answer, unless the query asks for less.

    Attributes:
        max_groups: Groups that one unit may touch (L0); 1 or more.
        max_rows_per_group: Rows of one unit that count in one group (L-infinity); 1 or more.
        max_rows: Rows of one unit that count in all groups together (L1), the first by keyed
            order of their content; 1 or more, or None where answers are not bounded this way.
        bounding: When it is chosen which rows and groups count: ``exact`` for when asked, after
            the filters, ``stored`` for by what ingest has stored, wherever it has; None leaves it
            to the question, which by default loses nothing to filters.
    """

    max_groups: Annotated[int, Field(ge=1)] = 1
    max_rows_per_group: Annotated[int, Field(ge=1)] = 1
    max_rows: Annotated[int, Field(ge=1)] | None = None
    bounding: Literal["exact", "stored"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class BoundedMeasure:
    """A number whose sum over one unit's rows of one group ingest bounds.

    Attributes:
        column: A declared numeric column of the table.
        clamp: Each value is first moved into this range, in the column's unit; by default the
            column's own bounds, inside which it must lie.
        cap: Most that one unit adds to one group's sum, above 0, in the column's unit; negative
            values are capped apart from positive ones, each at this size.
    """

    column: str
    clamp: tuple[Number, Number] | None = None
    cap: Annotated[Decimal, Field(gt=0, le=10**15, allow_inf_nan=False)]

    def __post_init__(self) -> None:
        if self.clamp is not None and self.clamp[0] > self.clamp[1]:
            raise invalid("DP-BOUNDS-ORDER", "the lower bound is above the upper; swap the two")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReleaseProfile:
    """A grouping that is asked often, bounded when the rows are stored.

    Which groups and rows of a unit count is chosen before any question's filter, so a filter may
    leave fewer than the bounds allow: that costs accuracy, never privacy.

    Attributes:
        groups: The group keys: declared columns with ``group_by``, each once.
        max_groups: Groups that one unit touches at most in answers by this profile; 1 or more.
        measure: A number with a bound on its sum; None for none.
    """

    groups: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    max_groups: Annotated[int, Field(ge=1)]
    measure: BoundedMeasure | None = None

    def __post_init__(self) -> None:
        if len(set(self.groups)) != len(self.groups):
            raise invalid("DP-PROFILE-GROUPS", "a profile lists a group column twice; list it once")


def check_profiles(
    columns: Mapping[str, Column], profiles: Mapping[str, ReleaseProfile], unit: str
) -> None:
    """Check profiles against the table's columns; raises pydantic's error with our codes.

    Args:
        columns: All declared columns of the table.
        profiles: By name.
        unit: The column that names the privacy unit.
    """
    for name, profile in profiles.items():
        for group in profile.groups:
            column = columns.get(group)
            use = None if column is None else column.use
            if group == unit or use is None or not use.group_by:
                raise invalid(
                    "DP-PROFILE-GROUPS",
                    f"profile {name} groups by {group}, which is not a column with group_by: true; "
                    "declare it so, or leave it out",
                )
        if profile.measure is not None:
            _check_measure(columns, name, profile.measure)


def _check_measure(columns: Mapping[str, Column], profile: str, measure: BoundedMeasure) -> None:
    column = columns.get(measure.column)
    use = None if column is None else column.use
    if column is None or use is None or Aggregate.SUM not in use.aggregates:
        raise invalid(
            "DP-PROFILE-MEASURE",
            f"profile {profile} bounds {measure.column}, which is not a column that may be summed; "
            "allow sum, or leave the measure out",
        )
    low, high = use.bounds or (None, None)
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        raise invalid(
            "DP-PROFILE-MEASURE",
            f"profile {profile} bounds {measure.column}, which has no numeric bounds; declare them",
        )
    if measure.clamp is not None and not (low <= measure.clamp[0] and measure.clamp[1] <= high):
        raise invalid(
            "DP-PROFILE-CLAMP",
            f"profile {profile} clamps {measure.column} outside its bounds; narrow the clamp",
        )
    clamp = (low, high) if measure.clamp is None else measure.clamp
    default = DEFAULT_RESOLUTION if column.type is ValueType.DECIMAL else Decimal(1)
    step = Fraction(default if use.resolution is None else use.resolution)
    if Fraction(measure.cap) < step:
        raise invalid(
            "DP-PROFILE-CAP",
            f"the cap of profile {profile} is below one step of {measure.column}; raise it",
        )
    if -(-Fraction(clamp[0]) // step) > Fraction(clamp[1]) // step:
        raise invalid(
            "DP-BOUNDS-STEP",
            f"no whole step of {measure.column} lies in the clamp of profile {profile}; widen it",
        )
