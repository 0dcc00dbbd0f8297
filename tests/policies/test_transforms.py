from __future__ import annotations

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from policies.transforms import (
    RESTRICTED_ZIP3,
    AgeAt,
    Bands,
    DeidentifyText,
    Drop,
    GeneralizeDate,
    Keep,
    Pseudonymize,
    Recode,
    ShiftDate,
    TopCode,
    Transform,
    Zip3,
)

ADAPTER: TypeAdapter[Transform] = TypeAdapter(Transform)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"keep"', Keep()),
        ('"drop"', Drop()),
        ('"pseudonymize"', Pseudonymize()),
        ('"shift_date"', ShiftDate()),
        ('"zip3"', Zip3()),
        ('"deidentify_text"', DeidentifyText()),
        ('{"kind": "keep"}', Keep()),
        ('{"kind": "shift_date", "max_days": 30}', ShiftDate(max_days=30)),
        ('{"kind": "generalize_date", "to": "month"}', GeneralizeDate(to="month")),
        (
            '{"kind": "age_at", "reference_date": "2026-10-31"}',
            AgeAt(reference_date=date(2026, 10, 31)),
        ),
        ('{"kind": "top_code", "at": 9}', TopCode(at=9.0)),
        ('{"kind": "bands", "edges": [0, 18]}', Bands(edges=(0, 18))),
        ('{"kind": "zip3", "restricted": ["036"]}', Zip3(restricted=("036",))),
        ('{"kind": "recode", "values": {"1": "a"}}', Recode(values={"1": "a"})),
        ('{"kind": "deidentify_text", "profile": "strict"}', DeidentifyText(profile="strict")),
    ],
)
def test_reads_each_transform_by_name_or_spelled_out(text: str, expected: Transform) -> None:
    assert ADAPTER.validate_json(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '"age_at"',
        '"kep"',
        "5",
        "{}",
        '{"kind": "drop", "max_days": 3}',
        '{"kind": "shift_date", "max_days": 0}',
        '{"kind": "bands", "edges": [18]}',
        '{"kind": "bands", "edges": [18, 0]}',
        '{"kind": "bands", "edges": [0, 0]}',
        '{"kind": "top_code", "at": "9"}',
    ],
)
def test_refuses_what_is_no_transform(text: str) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_json(text)


def test_bands_are_named_by_their_first_and_last_number() -> None:
    assert Bands(edges=(0, 18, 65)).labels == ("0-17", "18-64", "65+")


def test_the_small_zip_areas_are_the_seventeen_of_the_guidance() -> None:
    assert len(set(RESTRICTED_ZIP3)) == 17
