"""What releases tell together, against a slow count of who is alike in all of them."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.risk import Classes, classes_at, smallest_joint
from anonymizers.risk.model import encoded


def release(codes: dict[str, int], units: dict[str, str] | None = None) -> Classes:
    owners = [(units or {}).get(row, row) for row in codes]
    return Classes(
        rows=pa.array(list(codes), pa.string()),
        units=pa.array(owners, pa.string()),
        codes=pa.array(list(codes.values()), pa.int64()),
    )


def test_two_codings_that_are_k_anonymous_can_meet_in_one_person() -> None:
    first = release({"a": 0, "b": 0, "c": 0, "d": 1, "e": 1, "f": 1})
    second = release({"a": 0, "b": 0, "c": 1, "d": 1, "e": 1, "f": 1})

    assert smallest_joint([first]) == 3
    assert smallest_joint([second]) == 2
    assert smallest_joint([first, second]) == 1


def test_who_is_left_out_of_one_alone_is_told_apart() -> None:
    first = release({"a": 0, "b": 0, "c": 0})
    second = release({"a": 0, "b": 0})

    assert smallest_joint([first, second]) == 1


def test_rows_of_one_unit_count_once() -> None:
    owners = {"1": "a", "2": "a", "3": "b"}

    assert smallest_joint([release({"1": 0, "2": 0, "3": 0}, owners)]) == 2
    assert smallest_joint([]) is None
    assert smallest_joint([release({})]) is None


PARTITIONS = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 2)), min_size=1, max_size=4
)


@given(PARTITIONS)
def test_the_count_is_that_of_the_common_refinement(partitions: list[dict[str, int]]) -> None:
    people = {one for codes in partitions for one in codes}
    alike = [
        sum(all(codes.get(one) == codes.get(other) for codes in partitions) for other in people)
        for one in people
    ]

    assert smallest_joint([release(codes) for codes in partitions]) == min(alike, default=None)


@given(PARTITIONS)
def test_fewer_releases_tell_no_more(partitions: list[dict[str, int]]) -> None:
    """So what was counted together stays k-anonymous, whichever of it leaves."""
    releases = [release(codes) for codes in partitions]
    together, some = smallest_joint(releases), smallest_joint(releases[1:])

    assert some is None or (together is not None and some >= together)


def test_classes_are_those_of_equal_values_at_the_node() -> None:
    values = [["x1", "x2", "y1", None, "x1"], ["1", "1", "2", "2", None]]
    columns = [
        encoded(str(place), pa.array(one), lambda value: (value, value and value[0], "*"),
                ("source", "first", "*"))
        for place, one in enumerate(values)
    ]  # fmt: skip

    assert classes_at(columns, (1, 1)).to_pylist() == [0, 0, 1, 2, 3]
    assert classes_at(columns, (1, 2)).to_pylist() == [0, 0, 1, 2, 0]
