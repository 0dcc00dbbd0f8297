"""Ways to keep a unit's contribution bounded, and what one unit can move under each.

A way is applicable or not by the policy and the question alone. Two kinds exist: rows are chosen
when they are stored, before any filter (fast, since a question only compares stored ranks), or
bounded when asked, after the filter (slow, since each unit's rows are added up first). The proofs
stand in ``docs/adr/0008-bounding-at-load.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from policies.contributions import Contribution, ReleaseProfile
from policies.datasets import Table
from policies.layout import RANK, bounded_name, group_rank_name, row_rank_name, stored_cap

__all__ = ["Added", "Entry", "Grouping", "Key", "Mode", "Movement", "Way", "ways_of"]


class Mode(Enum):
    """How one unit's contribution is kept bounded; the values are words for a quote."""

    SINGLE_ROW = "one row per unit"
    CAPPED_SUM = "release profile with capped sums"
    PROFILE = "release profile"
    ROW_CAP = "first rows per unit"
    RANKED_GROUPS = "release profile's groups, rows scaled when asked"
    EXACT = "groups chosen and rows scaled when asked"

    @property
    def before_filter(self) -> bool:
        """Whether rows or groups are chosen before the filter, which can leave fewer than asked."""
        return self not in {Mode.SINGLE_ROW, Mode.EXACT}


class Added(Enum):
    """What a statistic adds up."""

    ROWS = "rows"
    UNITS = "units"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One statistic of a question: an integer for each group.

    Attributes:
        added: What is added up.
        bound: Most that one row adds, in absolute steps, 1 or more; 1 for rows and units.
        column: Of sums: the stored column that is added as it is, neither centered nor narrowed;
            None for any other value.
    """

    added: Added
    bound: int = 1
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One group key that is not a fact of the unit.

    Attributes:
        columns: Columns of the table that its value is computed from, and from nothing else but
            facts of the unit.
        plain: Whether it is its one column as it is.
    """

    columns: frozenset[str]
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What is known of a question's rows and groups, from its text and the policy.

    Attributes:
        table: The private table whose rows are grouped.
        keys: The group keys that are not facts of the unit, such as the unit's sex is.
        cells: Groups in which one unit can be: the product of these keys' domains; 1 or more.
        multiplied: Whether one row of the table can stand more than once in what is grouped, as
            after a join to a table without a proved key.
    """

    table: Table
    keys: tuple[Key, ...]
    cells: int
    multiplied: bool = False

    @property
    def stored_rows(self) -> int | None:
        """Rows of one unit at most, as ingest has checked; None where nothing is proved."""
        return None if self.multiplied else self.table.max_rows_per_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How far one unit more or less can move a statistic's vector over groups, in steps.

    Attributes:
        groups: Entries that move (L0).
        per_group: Most that one entry moves (L-infinity).
        total: Sum of the moves (L1).
        squares: Sum of the squared moves (the square of L2).
    """

    groups: int
    per_group: int
    total: int
    squares: int

    @classmethod
    def of(cls, *, groups: int, rows: int, total: int | None, bound: int) -> Movement:
        """Return the moves of a unit with bounded rows, each adding at most ``bound``.

        The sum of squares is convex, so it is largest where as many groups as possible are full:
        ``total // rows`` of them, and one with the rest.

        Args:
            groups: Groups with rows of the unit at most; 1 or more.
            rows: Rows in one group at most; 1 or more.
            total: Rows in all groups at most, 1 or more; None for no bound but the product.
            bound: Most that one row adds, in steps.
        """
        most = groups * rows if total is None else min(groups * rows, total)
        rows = min(rows, most)
        full, rest = divmod(most, rows)
        return cls(
            groups=min(groups, most),
            per_group=rows * bound,
            total=most * bound,
            squares=(full * rows**2 + rest**2) * bound**2,
        )

    @property
    def l2(self) -> float:
        """Root of ``squares``, rounded up."""
        return math.nextafter(math.sqrt(self.squares), math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One applicable way.

    Attributes:
        mode: How.
        profile: The release profile whose stored columns are read; None for none.
        kept: Stored columns and the largest value that a row's may have to be kept; all must hold.
        summed: Stored column that is summed in place of the measure; None for none.
        movements: For each statistic, in the order given, what one unit can move.
    """

    mode: Mode
    profile: str | None = None
    kept: tuple[tuple[str, int], ...] = ()
    summed: str | None = None
    movements: tuple[Movement, ...]


def ways_of(grouping: Grouping, entries: Sequence[Entry], bounds: Contribution) -> tuple[Way, ...]:
    """Return every applicable way, the fastest first; one bounds exactly and is always there.

    Which is best is for the planner: it compares the movements, hence the noise, and says what
    choosing before the filter may cost.

    Args:
        grouping: The question's rows and groups.
        entries: Its statistics.
        bounds: The table's contribution bounds, as narrowed by the request.
    """
    if grouping.stored_rows == 1:
        one = _movements(entries, groups=1, rows=1, total=1)
        return (Way(mode=Mode.SINGLE_ROW, movements=one),)
    ways = [
        *(way for found in _fitting(grouping) for way in _stored(grouping, entries, bounds, found)),
        *_row_cap(grouping, entries, bounds),
    ]
    ways.sort(key=lambda way: list(Mode).index(way.mode))
    return (*ways, _exact(grouping, entries, bounds))


def _exact(grouping: Grouping, entries: Sequence[Entry], bounds: Contribution) -> Way:
    groups, rows = min(bounds.max_groups, grouping.cells), bounds.max_rows_per_group
    movements = _movements(entries, groups=groups, rows=rows, total=grouping.stored_rows)
    return Way(mode=Mode.EXACT, movements=movements)


def _row_cap(grouping: Grouping, entries: Sequence[Entry], bounds: Contribution) -> Iterator[Way]:
    """Keep the first rows of each unit: any groups, any statistics, no row twice."""
    if grouping.multiplied or bounds.max_rows is None:
        return
    most = min(filter(None, (bounds.max_rows, grouping.stored_rows)))
    kept = () if most == grouping.stored_rows else ((RANK, most),)
    movements = _movements(entries, groups=grouping.cells, rows=most, total=most)
    yield Way(mode=Mode.ROW_CAP, kept=kept, movements=movements)


def _fitting(grouping: Grouping) -> Iterator[tuple[str, ReleaseProfile]]:
    """The profiles whose groups decide every key, so that no group falls apart into several."""
    columns = frozenset[str]().union(*(key.columns for key in grouping.keys))
    for name, profile in grouping.table.release_profiles.items():
        if columns and columns <= set(profile.groups):
            yield name, profile


def _stored(
    grouping: Grouping,
    entries: Sequence[Entry],
    bounds: Contribution,
    found: tuple[str, ReleaseProfile],
) -> Iterator[Way]:
    """Keep the first groups of each unit, and of each group the first rows or the capped sum."""
    name, profile = found
    most = min(bounds.max_groups, profile.max_groups)
    groups = min(most, grouping.cells)
    shown = {column for key in grouping.keys if key.plain for column in key.columns}
    # Where keys tell apart less than the profile, its groups may all fall together into one.
    together = 1 if shown == set(profile.groups) else most
    first = (group_rank_name(name), most)
    if not grouping.multiplied:
        rows = bounds.max_rows_per_group
        yield Way(
            mode=Mode.PROFILE,
            profile=name,
            kept=(first, (row_rank_name(name), rows)),
            movements=_movements(
                entries,
                groups=groups,
                rows=rows * together,
                total=min(filter(None, (most * rows, grouping.stored_rows))),
            ),
        )
        if _sums_of_measure(entries, profile):
            yield _capped(grouping, entries, found, (groups, most, together))
    if together == 1:
        rows, total = bounds.max_rows_per_group, grouping.stored_rows
        scaled = _movements(entries, groups=groups, rows=rows, total=total)
        yield Way(mode=Mode.RANKED_GROUPS, profile=name, kept=(first,), movements=scaled)


def _sums_of_measure(entries: Sequence[Entry], profile: ReleaseProfile) -> bool:
    """Whether nothing is asked but the measure's sum, and perhaps the number of units.

    A mean needs a count of the same rows, and capped sums have none.
    """
    measure = profile.measure
    sums = [entry for entry in entries if entry.added is Added.SUM]
    return (
        measure is not None
        and bool(sums)
        and all(entry.column == measure.column for entry in sums)
        and all(entry.added is not Added.ROWS for entry in entries)
    )


def _capped(
    grouping: Grouping,
    entries: Sequence[Entry],
    found: tuple[str, ReleaseProfile],
    limits: tuple[int, int, int],
) -> Way:
    name, profile = found
    groups, most, together = limits
    assert profile.measure is not None  # noqa: S101  the caller has looked
    cap = stored_cap(grouping.table, profile.measure)
    movements = tuple(
        Movement.of(groups=groups, rows=1, total=None, bound=1)
        if entry.added is Added.UNITS
        else Movement.of(groups=groups, rows=together, total=most, bound=cap)
        for entry in entries
    )
    return Way(
        mode=Mode.CAPPED_SUM,
        profile=name,
        kept=((group_rank_name(name), most),),
        summed=bounded_name(name),
        movements=movements,
    )


def _movements(
    entries: Sequence[Entry], *, groups: int, rows: int, total: int | None
) -> tuple[Movement, ...]:
    """The moves of each statistic; a unit counts once in a group, whatever its rows."""
    return tuple(
        Movement.of(
            groups=groups,
            rows=1 if entry.added is Added.UNITS else rows,
            total=total,
            bound=1 if entry.added is Added.UNITS else entry.bound,
        )
        for entry in entries
    )
