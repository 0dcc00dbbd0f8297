"""Whatever the rows, a unit moves a statistic by no more than its way says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.contributions import Contribution
from query.modes import Added, Entry, Grouping, Key, Mode, Movement, Way, ways_of
from tests.gateway.storage.profiles import ROWS, Row, by_unit, stored, table

COUNTED = (Entry(added=Added.ROWS), Entry(added=Added.UNITS))
SCORE = Entry(added=Added.SUM, bound=9, column="score")
STORED = {Mode.CAPPED_SUM, Mode.PROFILE, Mode.ROW_CAP}
KEYS = {
    "site, ward": (
        Key(columns=frozenset({"site"}), plain=True),
        Key(columns=frozenset({"ward"}), plain=True),
    ),
    "site": (Key(columns=frozenset({"site"}), plain=True),),
    "site is a": (Key(columns=frozenset({"site"}), plain=False),),
    "nothing": (),
}


def group_of(name: str, row: dict[str, Any]) -> Hashable:
    groups: dict[str, Hashable] = {
        "site, ward": (row["site"], row["ward"]),
        "site": row["site"],
        "site is a": row["site"] == "a",
        "nothing": None,
    }
    return groups[name]


def added(way: Way, entry: Entry, row: dict[str, Any]) -> int:
    if entry.added is not Added.SUM:
        return 1
    return row["score" if way.summed is None else way.summed] or 0


def moved(way: Way, entry: Entry, groups: str, rows: list[dict[str, Any]]) -> Movement:
    """What one unit's kept rows add to each group."""
    vector: dict[Hashable, int] = defaultdict(int)
    for row in rows:
        if all(row[column] <= most for column, most in way.kept):
            group = group_of(groups, row)
            vector[group] = (
                1 if entry.added is Added.UNITS else vector[group] + added(way, entry, row)
            )
    moves = [abs(change) for change in vector.values() if change]
    return Movement(
        groups=len(moves),
        per_group=max(moves, default=0),
        total=sum(moves),
        squares=sum(change**2 for change in moves),
    )


@pytest.mark.parametrize("groups", KEYS)
@settings(max_examples=10, deadline=None)
@given(
    rows=ROWS,
    filtered=st.sets(st.none() | st.integers(-9, 9), max_size=4),
    bounds=st.builds(
        Contribution,
        max_groups=st.integers(1, 3),
        max_rows_per_group=st.integers(1, 3),
        max_rows=st.integers(1, 5),
    ),
)
def test_one_unit_moves_no_more_than_its_way_says(
    groups: str, rows: list[Row], filtered: set[int | None], bounds: Contribution
) -> None:
    cells = {"site, ward": 12, "site": 3, "site is a": 2, "nothing": 1}[groups]
    grouping = Grouping(table=table(), keys=KEYS[groups], cells=cells)
    kept = [
        row
        for row in stored(rows)
        if row["score"] not in filtered and (groups == "nothing" or row["site"] is not None)
    ]
    for entries in ((*COUNTED, SCORE), (SCORE,)):
        for way in ways_of(grouping, entries, bounds):
            if way.mode not in STORED:
                continue
            for entry, allowed in zip(entries, way.movements, strict=True):
                for own in by_unit(kept).values():
                    found = moved(way, entry, groups, own)
                    assert found.groups <= allowed.groups
                    assert found.per_group <= allowed.per_group
                    assert found.total <= allowed.total
                    assert found.squares <= allowed.squares
