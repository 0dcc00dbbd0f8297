from __future__ import annotations

import itertools
from typing import Any

import pytest

from policies.contributions import Contribution
from policies.datasets import Table
from query.modes import Added, Entry, Grouping, Key, Mode, Movement, Way, ways_of
from tests.gateway.ingest.small import policy

ROWS, UNITS = Entry(added=Added.ROWS), Entry(added=Added.UNITS)
COST = Entry(added=Added.SUM, bound=10_000, column="cost")
SITE, WARD = (Key(columns=frozenset({name}), plain=True) for name in ("site", "ward"))
INITIAL = Key(columns=frozenset({"site"}), plain=False)
BOUNDS = Contribution(max_groups=3, max_rows_per_group=4)


def visits(**changes: Any) -> Table:  # noqa: ANN401  fields of the declaration
    place = {"role": "attribute", "dp": {"categories": ["a", "b", "c", "d"], "group_by": True}}
    profiles = {
        "places": {
            "groups": ["site", "ward"],
            "max_groups": 2,
            "measure": {"column": "cost", "cap": 7},
        }
    }
    declared = {"columns": {"site": place, "ward": place}, "release_profiles": profiles}
    return policy({"visits": declared | changes}).tables["visits"]


def grouping(*keys: Key, table: Table | None = None, multiplied: bool = False) -> Grouping:
    cells = 4 ** len(keys)
    declared = visits() if table is None else table
    return Grouping(table=declared, keys=keys, cells=cells, multiplied=multiplied)


def ways(asked: Grouping, *entries: Entry, bounds: Contribution = BOUNDS) -> dict[Mode, Way]:
    found = ways_of(asked, entries, bounds)
    assert len({way.mode for way in found}) == len(found)
    return {way.mode: way for way in found}


@pytest.mark.parametrize("bound", [1, 3])
def test_the_movement_is_the_largest_over_all_ways_to_spread_rows(bound: int) -> None:
    for groups, rows, total in itertools.product((1, 2, 3), (1, 2, 4), (None, 1, 3, 5, 20)):
        spreads = [
            spread
            for spread in itertools.product(range(rows + 1), repeat=groups)
            if total is None or sum(spread) <= total
        ]
        moved = Movement.of(groups=groups, rows=rows, total=total, bound=bound)

        assert moved.groups == max(sum(count > 0 for count in spread) for spread in spreads)
        assert moved.per_group == max(max(spread) for spread in spreads) * bound
        assert moved.total == max(sum(spread) for spread in spreads) * bound
        squares = max(sum(count**2 for count in spread) for spread in spreads)
        assert moved.squares == squares * bound**2
        assert moved.l2**2 >= moved.squares


def test_a_table_with_one_row_per_unit_needs_nothing_else() -> None:
    single = grouping(SITE, table=visits(max_rows_per_unit=1))

    found = ways(single, ROWS, COST)

    assert list(found) == [Mode.SINGLE_ROW]
    assert not found[Mode.SINGLE_ROW].kept
    assert [moved.total for moved in found[Mode.SINGLE_ROW].movements] == [1, 10_000]


def test_a_row_that_a_join_repeats_is_not_one_row() -> None:
    single = grouping(SITE, WARD, table=visits(max_rows_per_unit=1), multiplied=True)

    assert list(ways(single, ROWS)) == [Mode.RANKED_GROUPS, Mode.EXACT]


def test_the_exact_way_is_always_there_and_last() -> None:
    found = ways_of(grouping(SITE, WARD), (ROWS,), BOUNDS)

    assert [way.mode for way in found] == [Mode.PROFILE, Mode.RANKED_GROUPS, Mode.EXACT]
    exact = Movement(groups=3, per_group=4, total=12, squares=48)
    assert found[-1].movements == (exact,)
    assert found[-1].kept == ()


def test_stored_rows_bound_what_moves_in_all_groups_together() -> None:
    few = grouping(SITE, table=visits(max_rows_per_unit=6))

    exact = ways(few, ROWS)[Mode.EXACT].movements[0]

    assert (exact.total, exact.squares) == (6, 16 + 4)


def test_a_profile_keeps_its_first_groups_and_of_each_the_first_rows() -> None:
    way = ways(grouping(SITE, WARD), ROWS, UNITS)[Mode.PROFILE]

    assert way.profile == "places"
    assert way.kept == (("__group_rank_places", 2), ("__row_rank_places", 4))
    assert way.movements == (
        Movement(groups=2, per_group=4, total=8, squares=32),
        Movement(groups=2, per_group=1, total=2, squares=2),
    )


def test_the_request_narrows_a_profile() -> None:
    asked = Contribution(max_groups=1, max_rows_per_group=2)

    way = ways(grouping(SITE, WARD), ROWS, bounds=asked)[Mode.PROFILE]

    assert way.kept == (("__group_rank_places", 1), ("__row_rank_places", 2))
    assert way.movements[0].total == 2


@pytest.mark.parametrize("keys", [(SITE,), (INITIAL,), (INITIAL, WARD)])
def test_under_coarser_keys_a_profiles_groups_may_fall_together(keys: tuple[Key, ...]) -> None:
    found = ways(grouping(*keys), ROWS, UNITS)

    assert list(found) == [Mode.PROFILE, Mode.EXACT]
    rows, units = found[Mode.PROFILE].movements
    assert rows == Movement(groups=2, per_group=8, total=8, squares=64)
    assert units == Movement(groups=2, per_group=1, total=2, squares=2)


def test_keys_that_follow_from_the_profiles_do_not_split_its_groups() -> None:
    rows = ways(grouping(SITE, WARD, INITIAL), ROWS)[Mode.PROFILE].movements[0]

    assert rows == Movement(groups=2, per_group=4, total=8, squares=32)


@pytest.mark.parametrize("keys", [(), (Key(columns=frozenset({"site", "cost"}), plain=False),)])
def test_other_keys_find_no_profile(keys: tuple[Key, ...]) -> None:
    assert list(ways(grouping(*keys), ROWS)) == [Mode.EXACT]


def test_a_sum_of_the_measure_reads_the_capped_column() -> None:
    way = ways(grouping(SITE, WARD), COST, UNITS)[Mode.CAPPED_SUM]

    assert way.summed == "__bounded_places"
    assert way.kept == (("__group_rank_places", 2),)
    assert way.movements == (
        Movement(groups=2, per_group=700, total=1400, squares=2 * 700**2),
        Movement(groups=2, per_group=1, total=2, squares=2),
    )


def test_capped_sums_that_fall_together_add_up() -> None:
    moved = ways(grouping(SITE), COST)[Mode.CAPPED_SUM].movements[0]

    assert moved == Movement(groups=2, per_group=1400, total=1400, squares=1400**2)


@pytest.mark.parametrize(
    "entries",
    [(COST, ROWS), (UNITS,), (COST, Entry(added=Added.SUM, bound=5)), ()],
)
def test_nothing_but_the_measures_sum_is_capped(entries: tuple[Entry, ...]) -> None:
    assert Mode.CAPPED_SUM not in ways(grouping(SITE, WARD), *entries)


def test_without_a_measure_nothing_is_capped() -> None:
    bare = visits(release_profiles={"places": {"groups": ["site"], "max_groups": 2}})

    assert Mode.CAPPED_SUM not in ways(grouping(SITE, table=bare), COST)


def test_the_first_rows_bound_any_question_of_unrepeated_rows() -> None:
    capped = BOUNDS.__class__(max_groups=3, max_rows_per_group=4, max_rows=5)

    way = ways(grouping(), ROWS, bounds=capped)[Mode.ROW_CAP]
    wide = ways(grouping(INITIAL), ROWS, UNITS, bounds=capped)[Mode.ROW_CAP]

    assert way.kept == (("__rank", 5),)
    assert way.movements == (Movement(groups=1, per_group=5, total=5, squares=25),)
    assert wide.movements == (
        Movement(groups=4, per_group=5, total=5, squares=25),
        Movement(groups=4, per_group=1, total=4, squares=4),
    )
    assert Mode.ROW_CAP not in ways(grouping(multiplied=True), ROWS, bounds=capped)


def test_rows_that_the_store_bounds_need_no_comparison() -> None:
    capped = Contribution(max_rows=9)
    stored = grouping(table=visits(max_rows_per_unit=6))

    way = ways(stored, ROWS, bounds=capped)[Mode.ROW_CAP]

    assert way.kept == ()
    assert way.movements[0].total == 6


def test_modes_say_whether_they_choose_before_the_filter() -> None:
    after = {Mode.SINGLE_ROW, Mode.EXACT}

    assert {mode for mode in Mode if not mode.before_filter} == after
