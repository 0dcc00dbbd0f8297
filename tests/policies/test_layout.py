from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from policies.columns import Aggregate, Column, QueryUse, Role, ValueType
from policies.contributions import BoundedMeasure, ReleaseProfile
from policies.datasets import Ownership, Table
from policies.layout import (
    DEFAULT_RESOLUTION,
    is_opaque_key,
    own_columns,
    resolution,
    stored_bounds,
    stored_cap,
    stored_clamp,
    stored_type,
)
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


def visits(*measures: BoundedMeasure) -> Table:
    profiles = {
        f"p{place}": ReleaseProfile(groups=("site",), max_groups=1, measure=measure)
        for place, measure in enumerate(measures)
    }
    site = column(ValueType.BOOLEAN, QueryUse(group_by=True))
    use = QueryUse(
        bounds=(Decimal("0.05"), Decimal(20)),
        resolution=Decimal("0.1"),
        aggregates=(Aggregate.SUM,),
    )
    return Table(
        columns={
            "patient": Column(role=Role.PRIVACY_UNIT),
            "site": site,
            "cost": column(ValueType.DECIMAL, use),
        },
        release_profiles=profiles | {"bare": ReleaseProfile(groups=("site",), max_groups=1)},
    )


def test_a_private_table_has_columns_of_ours_in_declared_order() -> None:
    assert list(own_columns(visits(BoundedMeasure(column="cost", cap=Decimal(1)))).items()) == [
        ("__salt", "INTEGER"),
        ("__rank", "INTEGER"),
        ("__rows", "INTEGER"),
        ("__group_rank_p0", "INTEGER"),
        ("__row_rank_p0", "INTEGER"),
        ("__bounded_p0", "BIGINT"),
        ("__group_rank_bare", "INTEGER"),
        ("__row_rank_bare", "INTEGER"),
    ]


def test_tables_without_units_have_none_of_ours() -> None:
    assert own_columns(Table(columns={}, ownership=Ownership.PUBLIC)) == {}


def test_clamp_and_cap_of_a_measure_are_whole_steps_inside() -> None:
    own = BoundedMeasure(column="cost", cap=Decimal("12.39"))
    narrow = BoundedMeasure(column="cost", clamp=(Decimal("0.31"), Decimal("9.99")), cap=Decimal(3))

    assert stored_clamp(visits(own), own) == (1, 200)
    assert stored_cap(visits(own), own) == 123
    assert stored_clamp(visits(narrow), narrow) == (4, 99)
    assert stored_cap(visits(narrow), narrow) == 30
