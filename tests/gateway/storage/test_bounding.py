from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.storage.profiles import CAP, ROWS, Row, by_unit, stored


def test_a_measure_that_is_null_adds_nothing_and_takes_nothing_of_the_cap() -> None:
    rows: list[Row] = [(0, "a", "a", None)] * 3 + [(0, "a", "a", -3), (1, "a", "a", 4)]

    assert [row["__bounded_places"] for row in stored(rows) if row["score"] is not None] == [-3, 4]


@settings(max_examples=10, deadline=None)
@given(ROWS)
def test_groups_are_ranked_from_one_and_their_rows_too(rows: list[Row]) -> None:
    for own in by_unit(stored(rows)).values():
        ranks = {(row["site"], row["ward"]): row["__group_rank_places"] for row in own}
        assert sorted(ranks.values()) == list(range(1, len(ranks) + 1))
        for group, rank in ranks.items():
            inside = [row for row in own if (row["site"], row["ward"]) == group]
            assert {row["__group_rank_places"] for row in inside} == {rank}
            assert [row["__row_rank_places"] for row in inside] == list(range(1, len(inside) + 1))


@settings(max_examples=10, deadline=None)
@given(ROWS, st.integers(0, 2))
def test_removing_a_unit_changes_no_value_of_another(rows: list[Row], gone: int) -> None:
    everything = [row for row in stored(rows) if row["patient"] != gone]

    assert stored([row for row in rows if row[0] != gone]) == everything


@settings(max_examples=10, deadline=None)
@given(st.permutations(list(range(12))))
def test_the_order_of_the_source_changes_nothing(order: list[int]) -> None:
    rows: list[Row] = [(n % 2, "abc"[n % 3], "ab"[n % 2], n - 6) for n in range(12)]

    assert stored([rows[place] for place in order]) == stored(rows)


@settings(max_examples=10, deadline=None)
@given(ROWS, st.sets(st.integers(-9, 9), max_size=8))
def test_whatever_rows_a_filter_leaves_stay_within_the_cap(
    rows: list[Row], filtered: set[int]
) -> None:
    sums: dict[tuple[object, ...], int] = defaultdict(int)
    for row in stored(rows):
        assert (row["__bounded_places"] is None) == (row["score"] is None)
        if row["score"] is not None and row["score"] not in filtered:
            sums[row["patient"], row["site"], row["ward"]] += row["__bounded_places"]

    assert all(abs(total) <= CAP for total in sums.values())


@settings(max_examples=10, deadline=None)
@given(ROWS)
def test_without_a_filter_each_sign_adds_up_to_its_capped_sum(rows: list[Row]) -> None:
    for own in by_unit(stored(rows)).values():
        groups = defaultdict(list)
        for row in own:
            if row["score"] is not None:
                groups[row["site"], row["ward"]].append(row)
        for inside in groups.values():
            clamped = [max(-5, min(6, row["score"])) for row in inside]
            wanted = min(CAP, sum(max(score, 0) for score in clamped))
            wanted -= min(CAP, sum(max(-score, 0) for score in clamped))
            assert sum(row["__bounded_places"] for row in inside) == wanted


def test_groups_that_no_answer_shows_come_last() -> None:
    rows: list[Row] = [
        (unit, site, ward, 1)
        for unit in range(50)
        for site, ward in (("a", None), (None, "a"), ("a", "a"))
    ]
    last = {(row["site"], row["ward"]) for row in stored(rows) if row["__group_rank_places"] == 3}

    assert last == {(None, "a")}


def test_every_group_has_the_same_chance_to_be_first() -> None:
    rows: list[Row] = [(unit, site, "a", 1) for unit in range(3000) for site in "abc"]
    firsts = [row["site"] for row in stored(rows) if row["__group_rank_sites"] == 1]

    # 3000 draws of 1 in 3: five standard deviations are 129; a false alarm once in 10^6.
    assert all(abs(firsts.count(site) - 1000) < 129 for site in "abc")


def test_profiles_and_keys_choose_apart() -> None:
    rows: list[Row] = [(unit, site, "a", 1) for unit in range(60) for site in "abc"]
    found = stored(rows)
    other = stored(rows, key=bytes(32))

    assert [row["__group_rank_places"] for row in found] != [
        row["__group_rank_sites"] for row in found
    ]
    chosen, others = (
        {(row["patient"], row["site"]) for row in each if row["__group_rank_sites"] == 1}
        for each in (found, other)
    )
    assert chosen != others
