"""How the rows of a table are bounded in the questions that are asked most: plain counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.drafts import Asked, drafted
from query.parse import parse
from query.plan import Bounds
from query.quoting import quoted

__all__ = ["CountMode", "count_modes"]

_SINGLE: Final = "one row per unit"
_PROVED: Final = "nothing has to be cut"
_EXACT: Final = "groups chosen and rows scaled when asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountMode:
    """How a count over all rows of a table is bounded.

    Attributes:
        groups: The columns that it is grouped by; none for a total.
        mode: In words.
        max_groups: Groups that one unit adds to at most.
        max_rows_per_group: Its rows that count in each.
    """

    groups: tuple[str, ...]
    mode: str
    max_groups: int
    max_rows_per_group: int


def count_modes(dataset: DatasetPolicy, table: str) -> tuple[CountMode, ...]:
    """Return how counts of a private table's rows are bounded: in total, and by each profile.

    Args:
        dataset: What is declared.
        table: A private table that is stored.
    """
    profiles = dataset.tables[table].release_profiles.values()
    found = (_mode(dataset, table, groups) for groups in ((), *(one.groups for one in profiles)))
    return tuple(one for one in found if one is not None)


def _mode(dataset: DatasetPolicy, table: str, groups: tuple[str, ...]) -> CountMode | None:
    """Plan the count; None where a group has no finite public domain."""
    listed = "".join(f"{quoted(group)}, " for group in groups)
    sql = f"SELECT {listed}COUNT(*) AS n FROM {quoted(table)} GROUP BY ALL"
    try:
        plan, _ = drafted(parse(sql, dataset), dataset, (), Asked())
    except UnsupportedQueryError:
        return None
    bounds = plan.bounds
    return CountMode(
        groups=groups,
        mode=_words(bounds),
        max_groups=bounds.max_groups,
        max_rows_per_group=bounds.max_rows_per_group,
    )


def _words(bounds: Bounds) -> str:
    if bounds.single_row:
        return _SINGLE
    if bounds.kept is not None:
        return bounds.kept.mode
    return _PROVED if bounds.groups_proved and bounds.rows_proved else _EXACT
