from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.tables.parse import (
    flatten,
    parse_booleans,
    parse_dates,
    parse_floors,
    parse_integers,
    parse_steps,
    parse_timestamps,
    text_of,
)
from policies.query_use import QueryUse, ValueType
from tests.anonymizers.tables.columns import applied, column, stored


@pytest.mark.parametrize(
    ("text", "resolution", "steps"),
    [
        ("0.285", "0.01", 29),
        ("0.284999999999999999999999", "0.01", 28),
        ("0.005", "0.01", 1),
        ("-0.005", "0.01", 0),
        ("-0.0050001", "0.01", -1),
        ("-0.285", "0.01", -28),
        ("1.1", "0.25", 4),
        ("0.125", "0.25", 1),
        ("12.5", "5", 3),
        ("12.4999", "5", 2),
        ("7", "1E+1", 1),
        ("00012.50", "0.1", 125),
        (".5", "0.1", 5),
        ("5.", "0.1", 50),
        ("+5", "0.1", 50),
        (" 5 ", "0.1", 50),
        ("1e2", "0.01", 10_000),
        ("2.85E-1", "0.01", 29),
        ("-2.85e-1", "0.01", -28),
        ("99999999999999.99", "0.01", 9_999_999_999_999_999),
    ],
)
def test_a_number_becomes_steps_rounded_half_up_exactly(
    text: str, resolution: str, steps: int
) -> None:
    parsed = parse_steps(pa.array([text]), Decimal(resolution))

    assert parsed.values.to_pylist() == [steps]


@pytest.mark.parametrize(
    "text",
    ["", ".", "-", "x", "1,5", "1 2", "nan", "inf", "-Infinity", "1e99", "1e9999999", "0x10",
     "9" * 30, "1" * 500, "--1", "1e"],
)  # fmt: skip
def test_what_is_no_number_that_fits_is_marked_and_null(text: str) -> None:
    for parsed in (
        parse_steps(pa.array([text, "1"]), Decimal("0.01")),
        parse_integers(pa.array([text, "1"])),
        parse_floors(pa.array([text, "1"])),
    ):
        assert parsed.values[0].as_py() is None
        assert parsed.unparsable.to_pylist() == [True, False]


@given(
    value=st.decimals(-(10**9), 10**9, allow_nan=False, places=6),
    resolution=st.sampled_from(["1", "0.1", "0.01", "0.25", "0.5", "5", "1000"]),
)
def test_steps_are_what_exact_arithmetic_gives(value: Decimal, resolution: str) -> None:
    exact = math.floor(Decimal(value) / Decimal(resolution) + Decimal("0.5"))

    assert parse_steps(pa.array([f"{value:f}"]), Decimal(resolution)).values[0].as_py() == exact


@given(value=st.floats(-(10**9), 10**9))
def test_a_double_is_read_as_it_prints(value: float) -> None:
    exact = math.floor(Decimal(repr(value)) / Decimal("0.01") + Decimal("0.5"))

    assert parse_steps(pa.array([value]), Decimal("0.01")).values[0].as_py() == exact


def test_a_double_of_0_285_is_29_steps_of_a_hundredth() -> None:
    assert parse_steps(pa.array([0.285]), Decimal("0.01")).values.to_pylist() == [29]


def test_numbers_of_arrow_are_read_and_those_without_a_value_are_not() -> None:
    parsed = parse_steps(pa.array([1.5, math.nan, math.inf, None, 1e-7, 2e17]), Decimal("0.1"))

    assert parsed.values.to_pylist() == [15, None, None, None, 0, None]
    assert parsed.unparsable.to_pylist() == [False, True, True, False, False, True]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([3, None], pa.int8()),
        pa.array([3, None], pa.uint64()),
        pa.array([3.0, None], pa.float32()),
        pa.array([Decimal("3.00"), None], pa.decimal128(10, 2)),
        pa.array(["3", None], pa.large_string()),
        pa.array(["3", None]).dictionary_encode(),
        pa.chunked_array([["3"], [None]], pa.string()),
        pa.chunked_array([pa.array(["3", None]).dictionary_encode()]),
        pa.array(["3", None], pa.string_view()),
    ],
)
def test_integers_come_from_any_type(values: pa.Array) -> None:
    assert parse_integers(flatten(values)).values.to_pylist() == [3, None]


def test_an_integer_has_no_fraction() -> None:
    parsed = parse_integers(pa.array(["12", "12.0", "12.5", "1e3", "1.5e0", "-3"]))

    assert parsed.values.to_pylist() == [12, 12, None, 1000, None, -3]


def test_floors_are_cut_downwards() -> None:
    parsed = parse_floors(pa.array(["17.9", "-0.5", "2"]))

    assert parsed.values.to_pylist() == [17, -1, 2]


def test_booleans_are_read_in_any_letter_case() -> None:
    parsed = parse_booleans(pa.array(["true", "T", "Yes", "y", "1", "FALSE", "f", "no", "N", "0"]))
    other = parse_booleans(pa.array(["2", " yes ", None, ""]))

    assert parsed.values.to_pylist() == [True] * 5 + [False] * 5
    assert other.values.to_pylist() == [None, True, None, None]
    assert other.unparsable.to_pylist() == [True, False, False, True]


def test_booleans_come_from_arrow_types() -> None:
    assert parse_booleans(pa.array([True, None])).values.to_pylist() == [True, None]
    assert parse_booleans(pa.array([1.0, 0.0, 2.0])).values.to_pylist() == [True, False, None]


def test_days_are_read_from_iso_text() -> None:
    texts = ["2020-02-29", "2021-02-29", "2020-02-29T23:59:59Z", "20200229", "29/02/2020", None]

    parsed = parse_dates(pa.array(texts))

    leap = date(2020, 2, 29)
    assert parsed.values.to_pylist() == [leap, None, leap, leap, None, None]
    assert parsed.unparsable.to_pylist() == [False, True, False, False, True, False]


def test_days_are_read_with_a_pattern() -> None:
    parsed = parse_dates(pa.array(["2/29/2020", "2/30/2020", "2020-02-29"]), "%m/%d/%Y")

    assert parsed.values.to_pylist() == [date(2020, 2, 29), None, None]


def test_days_come_from_arrow_types() -> None:
    leap = date(2020, 2, 29)

    assert parse_dates(pa.array([leap, None])).values.to_pylist() == [leap, None]
    assert parse_dates(pa.array([leap], pa.date64())).values.to_pylist() == [leap]
    assert parse_dates(pa.array([datetime(2020, 2, 29, 23)])).values.to_pylist() == [leap]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-02-29T23:59:59Z", datetime(2020, 2, 29, 23, 59, 59)),  # noqa: DTZ001
        ("2020-02-29 23:59", datetime(2020, 2, 29, 23, 59)),  # noqa: DTZ001
        ("2020-02-29T23:59:59.5+05:30", datetime(2020, 2, 29, 18, 29, 59, 500_000)),  # noqa: DTZ001
        ("2020-02-29", datetime(2020, 2, 29)),  # noqa: DTZ001
        ("0001-01-01T00:00:00+10:00", None),
        ("2020-02-29T24:61", None),
        ("yesterday", None),
    ],
)  # fmt: skip
def test_moments_are_stored_in_utc(text: str, moment: datetime | None) -> None:
    parsed = parse_timestamps(pa.array([text]))

    assert parsed.values.type == pa.timestamp("us")
    assert parsed.values.to_pylist() == [moment]
    assert parsed.unparsable.to_pylist() == [moment is None]


def test_moments_are_read_with_a_pattern() -> None:
    parsed = parse_timestamps(pa.array(["29.02.2020 10:00 +0200", "x"]), "%d.%m.%Y %H:%M %z")

    assert parsed.values.to_pylist() == [datetime(2020, 2, 29, 8), None]  # noqa: DTZ001


def test_moments_of_arrow_lose_their_zone_and_not_their_time() -> None:
    zone = timezone(timedelta(hours=-5))
    aware = pa.array([datetime(2020, 1, 1, tzinfo=zone)], pa.timestamp("ns", "America/New_York"))

    assert parse_timestamps(aware).values.to_pylist() == [datetime(2020, 1, 1, 5)]  # noqa: DTZ001
    assert parse_timestamps(pa.array([date(2020, 1, 1)])).values.to_pylist() == [
        datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    ]


def test_a_whole_number_reads_the_same_from_any_file() -> None:
    assert text_of(pa.array([12.0, 12.5])).to_pylist() == ["12", "12.5"]
    assert text_of(pa.array([12])).to_pylist() == ["12"]


def test_a_declared_column_is_read_as_its_type() -> None:
    assert stored(column(), ["a", None]) == ["a", None]
    assert stored(column(ValueType.INTEGER), ["7"]) == [7]
    assert stored(column(ValueType.DECIMAL), ["0.285"]) == [29]
    assert stored(column(ValueType.DECIMAL, dp=QueryUse(resolution=Decimal("0.5"))), ["0.75"]) == [
        2
    ]
    assert stored(column(ValueType.BOOLEAN), ["y"]) == [True]
    assert stored(column(ValueType.DATE, format="%d.%m.%Y"), ["29.02.2020"]) == [date(2020, 2, 29)]
    assert applied(column(ValueType.TIMESTAMP), ["2020-01-01"]).values.type == pa.timestamp("us")
