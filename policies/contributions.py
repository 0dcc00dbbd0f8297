"""How much of one privacy unit enters an answer: bounds kept when asked, or once when stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.columns import Column
from policies.model import STRICT, invalid

__all__ = ["Contribution", "ProfileName", "ReleaseProfile", "check_profiles"]

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
class ReleaseProfile:
    """A grouping that is asked often, bounded when the rows are stored.

    Which groups and rows of a unit count is chosen before any question's filter, so a filter may
    leave fewer than the bounds allow: that costs accuracy, never privacy.

    Attributes:
        groups: The group keys: declared columns with ``group_by``, each once.
        max_groups: Groups that one unit touches at most in answers by this profile; 1 or more.
    """

    groups: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    max_groups: Annotated[int, Field(ge=1)]

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
                    *("release_profiles", name, "groups"),
                )
