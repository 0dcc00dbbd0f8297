"""What releases tell together, against a slow count of who is alike in all of them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizers.risk import Classes, Sensitive, classes_at, joint_diversity, smallest_joint
from anonymizers.risk.model import encoded
from tests.anonymizers.risk.tables import distance_by_hand, l_by_hand


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


def telling(
    codes: dict[str, int | None], told: dict[str, int], units: dict[str, str] | None = None
) -> Classes:
    """A release that tells one number of each row, and leaves rows without a class out."""
    owners = [(units or {}).get(row, row) for row in codes]
    return Classes(
        rows=pa.array(list(codes), pa.string()),
        units=pa.array(owners, pa.string()),
        codes=pa.array(list(codes.values()), pa.int64()),
        sensitive=Sensitive(name="dx", codes=pa.array([told[row] for row in codes], pa.int64())),
    )


TOLD = {"a": 1, "b": 1, "c": 2, "d": 2, "e": 1, "f": 2}


def test_classes_that_are_diverse_alone_tell_everything_where_they_meet() -> None:
    first = telling({"a": 0, "b": 0, "c": 0, "d": 0, "e": None, "f": None}, TOLD)
    second = release({"a": 0, "b": 0, "c": 1, "d": 1, "e": 1, "f": 1})
    alone, together = joint_diversity([first], first), joint_diversity([first, second], first)

    assert alone is not None
    assert together is not None
    assert (alone.l, alone.distance) == (2, 0)
    assert (together.l, together.distance) == (1, 0.5)
    assert joint_diversity([first, second], second) is None
    assert smallest_joint([first, second]) == 2


def test_of_one_unit_alone_nothing_is_said_but_that_it_is_one() -> None:
    one = telling({"a": 0, "b": None}, TOLD)
    nobody = telling({"a": None, "b": None}, TOLD)

    assert joint_diversity([one], one) is None
    assert joint_diversity([nobody], nobody) is None
    assert smallest_joint([nobody]) is None


OWNERS = ("abcdefgh", "aabbccdd", "aaaabbcd")
CODES = st.one_of(st.none(), st.integers(0, 1))
TABLES = st.lists(st.lists(CODES, min_size=8, max_size=8), min_size=1, max_size=3)


@settings(deadline=None, max_examples=50)
@given(TABLES, st.lists(st.integers(0, 2), min_size=8, max_size=8), st.sampled_from(OWNERS))
def test_what_is_told_is_that_of_the_worst_common_class(
    columns: list[list[int | None]], values: list[int], owners: str
) -> None:
    """Slowly, whether each unit has one row or several."""
    rows = "01234567"
    told, units = dict(zip(rows, values, strict=True)), dict(zip(rows, owners, strict=True))
    releases = [telling(dict(zip(rows, column, strict=True)), told, units) for column in columns]
    whole = list(zip(owners, values, strict=True))
    classes: dict[tuple[int | None, ...], list[tuple[str, int]]] = {}
    for place, codes in enumerate(zip(*columns, strict=True)):
        if codes[0] is not None:
            classes.setdefault(codes, []).append(whole[place])
    large = [one for one in classes.values() if len({unit for unit, _ in one}) > 1]
    distances = [distance_by_hand(one, whole, "equal") for one in large]
    found = joint_diversity(releases, releases[0])

    assert (found is None) is (not large)
    if found is not None:
        assert found.l == min(map(l_by_hand, large))
        assert found.distance == pytest.approx(float(max(distances)), abs=1e-8)


def test_classes_are_those_of_equal_values_at_the_node() -> None:
    values = [["x1", "x2", "y1", None, "x1"], ["1", "1", "2", "2", None]]
    columns = [
        encoded(str(place), pa.array(one), lambda value: (value, value and value[0], "*"),
                ("source", "first", "*"))
        for place, one in enumerate(values)
    ]  # fmt: skip

    assert classes_at(columns, (1, 1)).to_pylist() == [0, 0, 1, 2, 3]
    assert classes_at(columns, (1, 2)).to_pylist() == [0, 0, 1, 2, 0]
