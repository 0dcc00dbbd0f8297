from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from policies.columns import Column, Role
from policies.query_use import Aggregate, QueryUse, ValueType
from policies.transforms import (
    DeidentifyText,
    Drop,
    Keep,
    Pseudonymize,
    Transform,
)

NUMBERS = QueryUse(bounds=(Decimal(0), Decimal(9)))
NAMES = QueryUse(categories=("a", "b"))


def codes(text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Column).validate_json(text)
    return [error["type"] for error in caught.value.errors() if error["type"][0].isupper()]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.PRIVACY_UNIT, Pseudonymize()),
        (Role.KEY, Pseudonymize()),
        (Role.DIRECT_IDENTIFIER, Drop()),
        (Role.FREE_TEXT, DeidentifyText()),
        (Role.QUASI_IDENTIFIER, Keep()),
        (Role.SENSITIVE, Keep()),
        (Role.ATTRIBUTE, Keep()),
    ],
)
def test_a_role_asks_for_its_transform(role: Role, expected: Transform) -> None:
    assert Column(role=role).effective_transform == expected
    assert Column(role=role, transform=Drop()).effective_transform == Drop()


def test_only_what_some_door_needs_is_stored() -> None:
    assert Column(role=Role.PRIVACY_UNIT).is_stored
    assert Column(role=Role.KEY).is_stored
    assert Column(role=Role.ATTRIBUTE, dp=NAMES).is_stored
    assert Column(role=Role.ATTRIBUTE, stored=True).is_stored
    assert not Column(role=Role.ATTRIBUTE).is_stored
    assert not Column(role=Role.DIRECT_IDENTIFIER).is_stored
    assert not Column(role=Role.KEY, transform=Drop()).is_stored
    assert not Column(role=Role.FREE_TEXT).is_stored


def test_days_between_bounded_dates_may_be_averaged() -> None:
    declared = TypeAdapter(Column).validate_json(
        '{"role":"attribute","type":"date","dp":{"bounds":["2026-01-01","2026-12-31"],'
        '"aggregates":["mean","quantile"]}}'
    )

    assert declared.use is not None
    assert declared.use.aggregates == (Aggregate.MEAN, Aggregate.QUANTILE)


def test_a_missing_use_is_none() -> None:
    assert Column(role=Role.ATTRIBUTE).use is None
    assert Column(role=Role.ATTRIBUTE, dp=NAMES).use == NAMES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"role":"direct_identifier","dp":{"categories":["a"]}}', "COL-DIRECT-REACHABLE"),
        ('{"role":"free_text","dp":{"categories":["a"]}}', "COL-FREETEXT-DP"),
        ('{"role":"attribute","transform":"deidentify_text","dp":{}}', "COL-FREETEXT-DP"),
        ('{"role":"direct_identifier","transform":"keep"}', "COL-DIRECT-STORED"),
        ('{"role":"free_text","transform":"keep"}', "COL-FREETEXT-STORED"),
        ('{"role":"attribute","transform":"drop","dp":{"categories":["a"]}}', "COL-DROPPED-DP"),
        ('{"role":"attribute","dp":{"bounds":[0,1]}}', "DP-BOUNDS-TYPE"),
        ('{"role":"attribute","type":"integer","dp":{"bounds":["2026-01-01","2026-01-02"]}}',
         "DP-BOUNDS-TYPE"),
        ('{"role":"attribute","type":"integer","dp":{"categories":["a"]}}', "DP-CATEGORIES-TYPE"),
        ('{"role":"attribute","type":"integer","dp":{"bounds":[0,9],"resolution":1}}',
         "DP-RESOLUTION-TYPE"),
        ('{"role":"attribute","dp":{"group_by":true}}', "DP-NO-PUBLIC-DOMAIN"),
        ('{"role":"attribute","type":"integer","dp":{"aggregates":["sum"]}}',
         "DP-NO-PUBLIC-DOMAIN"),
        ('{"role":"attribute","dp":{"categories":["a"],"aggregates":["mean"]}}',
         "DP-NO-PUBLIC-DOMAIN"),
        ('{"role":"attribute","dp":{"categories":["a"],"categories_ref":"x"}}',
         "DP-CATEGORIES-TWICE"),
        ('{"role":"attribute","type":"integer","dp":{"categories":["a"],"bounds":[0,1]}}',
         "DP-DOMAIN-TWICE"),
        ('{"role":"attribute","dp":{"categories":["a"],"max_length":9}}', "DP-DOMAIN-TWICE"),
        ('{"role":"attribute","dp":{"categories_ref":"x","max_length":9}}', "DP-DOMAIN-TWICE"),
        ('{"role":"attribute","type":"date","dp":{"max_length":9}}', "DP-LENGTH-TYPE"),
        ('{"role":"attribute","dp":{"outside":"clamp"}}', "DP-CLAMP-NO-BOUNDS"),
        ('{"role":"attribute","type":"decimal","dp":{"bounds":[0,1e15]}}', "DP-BOUNDS-RANGE"),
        ('{"role":"attribute","type":"decimal","dp":{"bounds":[-1000,0],"resolution":1e-13}}',
         "DP-BOUNDS-RANGE"),
        ('{"role":"attribute","type":"decimal","dp":{"bounds":[0.001,0.004]}}', "DP-BOUNDS-STEP"),
    ],
)  # fmt: skip
def test_refuses_a_column_that_contradicts_itself(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        '{"role":"attribute","type":"boolean","dp":{"group_by":true,"aggregates":["mean"]}}',
        '{"role":"key","type":"date","dp":{"bounds":["2026-01-01","2026-01-02"],"group_by":true}}',
        '{"role":"attribute","type":"timestamp","dp":{"bounds":["2026-01-01","2026-01-02"]}}',
        '{"role":"attribute","type":"integer","dp":{"bounds":[-1000000000000000,1e15]}}',
        '{"role":"attribute","type":"decimal","dp":{"bounds":[0,0.1],"resolution":"0.01"}}',
        '{"role":"attribute","dp":{"aggregates":["count"]}}',
        '{"role":"direct_identifier","transform":"pseudonymize"}',
        '{"role":"free_text","transform":"drop"}',
    ],
)
def test_reads_a_column_whose_parts_fit(text: str) -> None:
    assert TypeAdapter(Column).validate_json(text).role


def test_numbers_are_exact_decimals() -> None:
    text = '{"role":"attribute","type":"decimal","dp":{"bounds":[0.1,0.285]}}'
    use = TypeAdapter(Column).validate_json(text).use
    assert use is not None
    assert use.bounds == (Decimal("0.1"), Decimal("0.285"))


def test_values_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        NUMBERS.group_by = True  # type: ignore[misc]  # that is the point
    assert Aggregate("mean") is Aggregate.MEAN
    assert ValueType("date") is ValueType.DATE
