from __future__ import annotations

from decimal import Decimal

import pytest

from policies.columns import Column, QueryUse, Role, ValueType
from policies.layout import DEFAULT_RESOLUTION, is_opaque_key, resolution, stored_type
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
