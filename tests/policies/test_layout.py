from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from policies.columns import Column, Role
from policies.contributions import ReleaseProfile
from policies.datasets import Ownership, Table
from policies.layout import (
    DEFAULT_RESOLUTION,
    is_opaque_key,
    own_columns,
    resolution,
    stored_bounds,
    stored_length,
    stored_type,
)
from policies.query_use import DEFAULT_MAX_LENGTH, QueryUse, ValueType
from policies.transforms import Pseudonymize


def column(value_type: ValueType, use: QueryUse | None = None) -> Column:
    if use is None:
        return Column(role=Role.ATTRIBUTE, type=value_type)
    return Column(role=Role.ATTRIBUTE, type=value_type, dp=use)


@pytest.mark.parametrize(
    ("declared", "stored"),
    [
        (Column(role=Role.PRIVACY_UNIT), "BIGINT"),
        (Column(role=Role.KEY), "BIGINT"),
        (Column(role=Role.ATTRIBUTE, transform=Pseudonymize()), "BIGINT"),
        (column(ValueType.STRING), "VARCHAR"),
        (column(ValueType.STRING, QueryUse()), "VARCHAR"),
        (column(ValueType.STRING, QueryUse(categories=("a",))), "ENUM"),
        (column(ValueType.INTEGER), "BIGINT"),
        (column(ValueType.DECIMAL), "BIGINT"),
        (column(ValueType.BOOLEAN), "BOOLEAN"),
        (column(ValueType.DATE), "DATE"),
        (column(ValueType.TIMESTAMP), "TIMESTAMP"),
    ],
)
def test_each_declared_type_has_one_stored_type(declared: Column, stored: str) -> None:
    assert stored_type(declared) == stored


def test_only_keys_and_pseudonyms_are_opaque() -> None:
    assert is_opaque_key(Column(role=Role.KEY))
    assert is_opaque_key(Column(role=Role.DIRECT_IDENTIFIER, transform=Pseudonymize()))
    assert not is_opaque_key(Column(role=Role.ATTRIBUTE))


def test_the_resolution_is_declared_or_the_default() -> None:
    fine = QueryUse(resolution=Decimal("0.5"))
    assert resolution(column(ValueType.DECIMAL, fine)) == Decimal("0.5")
    assert resolution(column(ValueType.DECIMAL)) == DEFAULT_RESOLUTION == Decimal("0.01")
    assert resolution(column(ValueType.DECIMAL, QueryUse())) == DEFAULT_RESOLUTION
    assert resolution(column(ValueType.INTEGER)) == 1


def test_texts_are_as_long_as_declared_as_their_categories_or_as_the_default() -> None:
    assert stored_length(column(ValueType.STRING, QueryUse(max_length=7))) == 7
    assert stored_length(column(ValueType.STRING, QueryUse(categories=("a", "four")))) == 4
    assert stored_length(column(ValueType.STRING, QueryUse())) == DEFAULT_MAX_LENGTH == 200
    assert stored_length(column(ValueType.STRING)) is None
    assert stored_length(column(ValueType.INTEGER, QueryUse())) is None
    assert stored_length(Column(role=Role.KEY, dp=QueryUse())) is None


def test_number_bounds_are_the_innermost_whole_steps() -> None:
    use = QueryUse(bounds=(Decimal("-0.006"), Decimal("0.996")), resolution=Decimal("0.01"))

    assert stored_bounds(column(ValueType.DECIMAL, use)) == (0, 99)


def test_days_bound_a_timestamp_from_their_first_to_their_last_microsecond() -> None:
    day = date(2024, 2, 29)
    use = QueryUse(bounds=(day, day))

    assert stored_bounds(column(ValueType.DATE, use)) == (day, day)
    assert stored_bounds(column(ValueType.TIMESTAMP, use)) == (
        datetime.combine(day, time.min),
        datetime.combine(day, time.max),
    )


def test_a_column_without_declared_bounds_has_none_in_the_store() -> None:
    assert stored_bounds(column(ValueType.INTEGER)) is None
    assert stored_bounds(column(ValueType.INTEGER, QueryUse())) is None


def visits(*profiles: str) -> Table:
    site = column(ValueType.BOOLEAN, QueryUse(group_by=True))
    return Table(
        columns={"patient": Column(role=Role.PRIVACY_UNIT), "site": site},
        release_profiles={
            name: ReleaseProfile(groups=("site",), max_groups=1) for name in profiles
        },
    )


def test_a_private_table_has_columns_of_ours_in_declared_order() -> None:
    assert list(own_columns(visits("p0", "bare")).items()) == [
        ("__salt", "INTEGER"),
        ("__rank", "INTEGER"),
        ("__rows", "INTEGER"),
        ("__group_rank_p0", "INTEGER"),
        ("__row_rank_p0", "INTEGER"),
        ("__group_rank_bare", "INTEGER"),
        ("__row_rank_bare", "INTEGER"),
    ]


def test_tables_without_units_have_none_of_ours() -> None:
    assert own_columns(Table(columns={}, ownership=Ownership.PUBLIC)) == {}
