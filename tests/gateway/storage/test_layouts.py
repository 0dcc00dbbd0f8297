from __future__ import annotations

from typing import Any

import pytest

from gateway.storage import layout_digest
from tests.gateway.ingest.small import policy


def changed(column: str, **changes: object) -> dict[str, Any]:
    columns = {
        "sex": {"role": "quasi_identifier", "dp": {"categories": ["F", "M"], "group_by": True}},
        "income": {
            "role": "sensitive",
            "type": "integer",
            "dp": {"bounds": [0, 1000], "outside": "clamp", "aggregates": ["sum"]},
        },
    }
    return {"patients": {"columns": {column: columns[column] | changes}}}


@pytest.mark.parametrize(
    "tables",
    [
        changed("income", dp={"bounds": [0, 500], "outside": "clamp", "aggregates": ["sum"]}),
        changed("sex", dp={"categories": ["M", "F"]}),
        changed("sex", dp={"categories": ["F", "M", "X"]}),
        changed("sex", transform={"kind": "recode", "values": {"m": "M"}}),
        changed("sex", dp={"max_length": 9}),
        changed("income", type="decimal"),
        changed("income", dp="none"),
        {"visits": {"max_rows_per_unit": 3}},
        {"patients": {"max_rows_per_unit": None}},
        {"visits": {"key": None}},
    ],
)
def test_what_changes_the_store_changes_the_digest(tables: dict[str, Any]) -> None:
    assert layout_digest(policy(tables)) != layout_digest(policy())


@pytest.mark.parametrize(
    "tables",
    [
        {},
        changed("income", description="Yearly income"),
        changed("sex", dp={"categories": ["F", "M"]}),
        changed(
            "income", dp={"bounds": [0.0, 1000.0], "outside": "clamp", "aggregates": ["count"]}
        ),
        {"visits": {"contribution": {"max_groups": 7}}},
        {"staff": {"ownership": "directory", "columns": {"name": {"role": "attribute"}}}},
    ],
)
def test_what_only_decides_who_may_ask_what_does_not(tables: dict[str, Any]) -> None:
    assert layout_digest(policy(tables)) == layout_digest(policy())


def test_how_long_texts_are_changes_the_digest_where_they_may_be_asked_about() -> None:
    def digest(use: dict[str, int]) -> str:
        return layout_digest(policy(changed("sex", dp=use)))

    assert digest({"max_length": 200}) == digest({}) != digest({"max_length": 199})


def test_it_is_a_sha256() -> None:
    digest = layout_digest(policy())

    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64


def profiled(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  fields of the declaration
    profile = {"groups": ["site"], "max_groups": 2}
    site = {"role": "attribute", "dp": {"categories": ["a", "b"], "group_by": True}}
    columns = {"site": site, "ward": site}
    return {"visits": {"columns": columns, "release_profiles": {"usual": profile | changes}}}


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": ["ward"]},
        {"groups": ["site", "ward"]},
    ],
)
def test_what_changes_a_profiles_columns_changes_the_digest(changes: dict[str, Any]) -> None:
    assert layout_digest(policy(profiled(**changes))) != layout_digest(policy(profiled()))


def test_how_many_groups_a_profile_shows_does_not() -> None:
    assert layout_digest(policy(profiled(max_groups=5))) == layout_digest(policy(profiled()))
