from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.keys import date_shift_days, opaque_key
from anonymizers.tables import RowContext, apply_transform
from policies.columns import Role
from policies.errors import DeclarationError
from policies.query_use import ValueType
from policies.transforms import (
    AgeAt,
    Bands,
    DeidentifyText,
    Drop,
    GeneralizeDate,
    Pseudonymize,
    Recode,
    ShiftDate,
    TopCode,
    Zip3,
)
from tests.anonymizers.tables.columns import CONTEXT, applied, column, stored

OTHER = RowContext(pseudonym_key=b"q" * 32, shift_key=b"t" * 32)
AGE = AgeAt(reference_date=date(2026, 10, 31))


def shifted(days: list[Any], units: list[str], *, value_type: ValueType = ValueType.DATE) -> Any:  # noqa: ANN401
    context = RowContext(pseudonym_key=b"p" * 32, shift_key=b"s" * 32, units=pa.array(units))
    declared = column(value_type, transform=ShiftDate(max_days=30))
    return apply_transform(declared, pa.array(days), context=context).values.to_pylist()


@pytest.mark.parametrize("role", [Role.KEY, Role.PRIVACY_UNIT])
def test_keys_become_the_same_opaque_numbers_from_any_file(role: Role) -> None:
    values = stored(column(role=role), ["12", "13", None, "12"])

    assert values == [opaque_key(b"p" * 32, "12"), opaque_key(b"p" * 32, "13"), None, values[0]]
    assert stored(column(role=role), [12.0, 13.0, None, 12.0]) == values
    assert stored(column(ValueType.INTEGER, role=role), [12, 13, None, 12]) == values


def test_a_pseudonymized_column_is_another_one_under_another_key() -> None:
    declared = column(transform=Pseudonymize())

    one = apply_transform(declared, pa.array(["a"]), context=CONTEXT)
    two = apply_transform(declared, pa.array(["a"]), context=OTHER)

    assert one.values.to_pylist() != two.values.to_pylist()


@pytest.mark.parametrize(
    ("role", "transform"), [(Role.DIRECT_IDENTIFIER, Drop()), (Role.FREE_TEXT, DeidentifyText())]
)
def test_what_stores_no_column_is_refused(role: Role, transform: Drop | DeidentifyText) -> None:
    with pytest.raises(DeclarationError, match=f"COL-NOT-STORED transform {transform.kind}"):
        applied(column(role=role, transform=transform), ["secret"])


@pytest.mark.parametrize(
    ("transform", "value_type"),
    [
        (ShiftDate(), ValueType.STRING),
        (GeneralizeDate(to="year"), ValueType.STRING),
        (AGE, ValueType.DECIMAL),
        (TopCode(at=3), ValueType.STRING),
        (Bands(edges=(0, 18)), ValueType.INTEGER),
        (Zip3(), ValueType.INTEGER),
    ],
)
def test_a_transform_that_gives_another_type_is_refused(
    transform: Any,  # noqa: ANN401
    value_type: ValueType,
) -> None:
    with pytest.raises(DeclarationError, match=r"COL-TRANSFORM-TYPE .* cannot give type"):
        applied(column(value_type, transform=transform), ["1"])


def test_a_date_moves_by_the_days_of_its_patient() -> None:
    days = date_shift_days(b"s" * 32, "p1", 30)

    assert shifted(["2020-01-15", None], ["p1", "p1"]) == [
        date(2020, 1, 15) + timedelta(days=days),
        None,
    ]


def test_a_moment_keeps_its_time_of_day() -> None:
    days = date_shift_days(b"s" * 32, "p1", 30)

    assert shifted(["2020-01-15T23:59:58.5Z"], ["p1"], value_type=ValueType.TIMESTAMP) == [
        datetime(2020, 1, 15, 23, 59, 58, 500_000) + timedelta(days=days)  # noqa: DTZ001
    ]


@given(
    days=st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=2, max_size=2),
    unit=st.text(max_size=5),
)
def test_intervals_within_a_patient_are_kept(days: list[date], unit: str) -> None:
    first, second = shifted(days, [unit, unit])

    assert second - first == days[1] - days[0]
    assert first != days[0]


def test_a_shift_needs_units() -> None:
    with pytest.raises(DeclarationError, match="COL-SHIFT-NO-UNIT"):
        applied(column(ValueType.DATE, transform=ShiftDate()), ["2020-01-01"])


@pytest.mark.parametrize(
    ("to", "first"),
    [("year", date(2020, 1, 1)), ("quarter", date(2020, 4, 1)), ("month", date(2020, 5, 1))],
)
def test_a_date_is_cut_to_the_first_day_of_its_period(to: Any, first: date) -> None:  # noqa: ANN401
    declared = column(ValueType.DATE, transform=GeneralizeDate(to=to))

    once = stored(declared, ["2020-05-17", None, "x"])

    assert once == [first, None, None]
    assert stored(declared, once) == once


def test_a_year_may_be_a_number_and_a_month_may_not() -> None:
    year = column(ValueType.INTEGER, transform=GeneralizeDate(to="year"))
    month = column(ValueType.INTEGER, transform=GeneralizeDate(to="month"))

    assert stored(year, ["2020-05-17", None]) == [2020, None]
    with pytest.raises(DeclarationError, match="only a year"):
        stored(month, ["2020-05-17"])


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2000-10-31", 26),
        ("2000-11-01", 25),
        ("1936-10-31", 90),
        ("1936-11-01", 89),
        ("1900-01-01", 90),
        ("2026-10-31", 0),
        ("2026-11-01", None),
        ("x", None),
        (None, None),
    ],
)
def test_ages_are_completed_years_and_top_coded(born: str | None, age: int | None) -> None:
    assert stored(column(ValueType.INTEGER, transform=AGE), [born]) == [age]


def test_a_birthday_in_a_leap_year_is_completed_in_march() -> None:
    def age(on: date) -> list[int]:
        declared = column(ValueType.INTEGER, transform=AgeAt(reference_date=on))
        return stored(declared, ["2004-02-29"])

    assert age(date(2026, 2, 28)) == [21]
    assert age(date(2026, 3, 1)) == [22]


def test_who_is_not_born_yet_is_counted() -> None:
    result = applied(column(ValueType.INTEGER, transform=AGE), ["2027-01-01", None])

    assert result.counts["unparsable"] == 1
    assert result.counts["null"] == 1


def test_birth_dates_are_read_with_the_columns_pattern() -> None:
    declared = column(ValueType.INTEGER, transform=AGE, format="%d.%m.%Y")

    assert stored(declared, ["31.10.2000"]) == [26]


def test_values_above_the_top_code_become_it() -> None:
    assert stored(column(ValueType.INTEGER, transform=TopCode(at=9)), ["8", "9", "10", None]) == [
        8,
        9,
        9,
        None,
    ]
    assert stored(column(ValueType.DECIMAL, transform=TopCode(at=1.999)), ["5"]) == [199]


def test_numbers_get_the_label_of_their_band() -> None:
    declared = column(transform=Bands(edges=(0, 18, 65)))

    assert stored(declared, ["17.9", "18", "-3", "65", "200", "x", None]) == [
        "0-17",
        "18-64",
        "0-17",
        "65+",
        "65+",
        None,
        None,
    ]


def test_zip_codes_are_cut_and_small_areas_hidden() -> None:
    declared = column(transform=Zip3())

    assert stored(
        declared, ["02139", "02139-1234", "021391234", " 02139 ", "03601", "x", None]
    ) == [
        *["021"] * 4,
        "000",
        "000",
        None,
    ]
    assert stored(declared, [2139, 3601]) == ["021", "000"]


def test_recoded_values_are_read_as_the_declared_type() -> None:
    names = column(transform=Recode(values={"M": "male"}))
    answers = column(ValueType.BOOLEAN, transform=Recode(values={"ja": "yes"}))

    assert stored(names, ["M", "F", None]) == ["male", "F", None]
    assert stored(answers, ["ja", "no", "nein"]) == [True, False, None]


@given(values=st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=8))
def test_no_text_breaks_a_column_or_changes_its_length(values: list[str | None]) -> None:
    for declared in (
        column(),
        column(role=Role.KEY),
        column(ValueType.INTEGER),
        column(ValueType.DECIMAL),
        column(ValueType.BOOLEAN),
        column(ValueType.DATE),
        column(ValueType.TIMESTAMP),
        column(transform=Zip3()),
        column(transform=Bands(edges=(0, 9))),
        column(ValueType.INTEGER, transform=AGE),
    ):
        result = applied(declared, values, pa.string())

        assert len(result.values) == len(result.rejected) == len(values)
        assert result.rejected.null_count == 0
        assert result.counts["null"] == values.count(None)
