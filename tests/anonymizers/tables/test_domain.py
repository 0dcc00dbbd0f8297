from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.query_use import QueryUse, ValueType
from tests.anonymizers.tables.columns import applied, column, stored

Outside = Literal["clamp", "null", "reject"]


def bounded(outside: Outside, **other: Any) -> QueryUse:  # noqa: ANN401
    return QueryUse(bounds=(Decimal(0), Decimal(10)), outside=outside, **other)


def test_values_outside_are_moved_to_the_nearest_bound() -> None:
    result = applied(
        column(ValueType.INTEGER, dp=bounded("clamp")), ["-1", "0", "10", "11", None, "x"]
    )

    assert result.values.to_pylist() == [0, 0, 10, 10, None, None]
    assert result.counts == {"null": 1, "unparsable": 1, "outside": 0, "clamped": 2}
    assert not any(result.rejected.to_pylist())


def test_values_outside_become_null() -> None:
    result = applied(column(ValueType.INTEGER, dp=bounded("null")), ["-1", "5", None, "x"])

    assert result.values.to_pylist() == [None, 5, None, None]
    assert result.counts == {"null": 1, "unparsable": 1, "outside": 1, "clamped": 0}
    assert not any(result.rejected.to_pylist())


def test_rows_with_values_outside_are_rejected() -> None:
    result = applied(column(ValueType.INTEGER, dp=bounded("reject")), ["-1", "5", None, "x"])

    assert result.rejected.to_pylist() == [True, False, False, True]
    assert result.counts == {"null": 1, "unparsable": 1, "outside": 1, "clamped": 0}


@pytest.mark.parametrize(
    ("outside", "kept", "counted"),
    [("clamp", ["Ärzt"], "clamped"), ("null", [None], "outside"), ("reject", [], "outside")],
)
def test_texts_longer_than_declared_are_outside(
    outside: Outside, kept: list[str | None], counted: str
) -> None:
    use = QueryUse(max_length=4, outside=outside)
    result = applied(column(ValueType.STRING, dp=use), ["Arzt", "", None, "Ärztin"])
    rows = zip(result.values.to_pylist(), result.rejected.to_pylist(), strict=True)

    assert [value for value, rejected in rows if not rejected] == ["Arzt", "", None, *kept]
    assert result.counts == {"null": 1, "unparsable": 0, "outside": 0, "clamped": 0} | {counted: 1}


def test_texts_that_declare_no_length_have_200_characters_where_they_may_be_asked_about() -> None:
    texts = ["x" * 200, "x" * 201]

    assert stored(column(ValueType.STRING, dp=QueryUse(outside="null")), texts) == [texts[0], None]
    assert stored(column(ValueType.STRING), texts) == texts


def test_bounds_are_in_the_columns_unit_and_kept_by_whole_steps() -> None:
    use = bounded("clamp", resolution=Decimal("0.3"))

    assert stored(column(ValueType.DECIMAL, dp=use), ["10", "9.9", "0"]) == [33, 33, 0]


def test_a_value_that_rounds_into_the_bounds_is_inside() -> None:
    use = bounded("reject", resolution=Decimal("0.01"))

    assert stored(column(ValueType.DECIMAL, dp=use), ["10.004", "-0.005"]) == [1000, 0]


def test_days_and_moments_are_held_to_days() -> None:
    use = QueryUse(bounds=(date(2020, 1, 1), date(2020, 12, 31)), outside="null")

    assert stored(column(ValueType.DATE, dp=use), ["2019-12-31", "2020-12-31"]) == [
        None,
        date(2020, 12, 31),
    ]
    assert stored(
        column(ValueType.TIMESTAMP, dp=use), ["2020-12-31T23:59:59.999999", "2021-01-01"]
    ) == [datetime(2020, 12, 31, 23, 59, 59, 999_999), None]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("outside", "rejected"), [("null", [False, False, False]), ("reject", [False, True, False])]
)
def test_texts_outside_the_categories_go(outside: Outside, rejected: list[bool]) -> None:
    use = QueryUse(categories=("F", "M"), outside=outside)

    result = applied(column(dp=use), ["F", "X", None])

    assert result.values.to_pylist() == ["F", None, None]
    assert result.rejected.to_pylist() == rejected
    assert result.counts["outside"] == 1


def test_rows_without_a_value_are_rejected_where_nulls_are() -> None:
    result = applied(
        column(ValueType.INTEGER, dp=bounded("null", nulls="reject")), ["5", None, "x", "11"]
    )

    assert result.rejected.to_pylist() == [False, True, True, True]


def test_a_column_that_is_not_queried_is_not_confined() -> None:
    result = applied(column(ValueType.INTEGER), ["-1", "x"])

    assert result.values.to_pylist() == [-1, None]
    assert not any(result.rejected.to_pylist())


def test_a_column_without_domain_is_not_confined() -> None:
    assert stored(column(dp=QueryUse()), ["anything"]) == ["anything"]


@given(values=st.lists(st.integers(-(10**15), 10**15), max_size=10))
def test_clamping_twice_is_clamping_once(values: list[int]) -> None:
    declared = column(ValueType.INTEGER, dp=bounded("clamp"))

    once = stored(declared, [str(value) for value in values])

    assert all(0 <= value <= 10 for value in once)
    assert stored(declared, once) == once or not values
