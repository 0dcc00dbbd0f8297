from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.storage.profiles import ROWS, Row, by_unit, stored


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
