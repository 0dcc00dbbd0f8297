"""What a key that is not written means: the strict value, in every kind of declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from policies.columns import Column
from policies.datasets import DatasetPolicy
from policies.gateway import GatewayPolicy, GatewayQueries, GatewayReleases
from policies.load import load_policies
from policies.projects import Grant, ProjectPolicy
from policies.query_use import QueryUse
from policies.releases import Releases
from policies.terms import Budget, QueryRules
from tests.policies.declarations import DATASET, changed, load, write_policies

# Of each kind: what a key means that is missing, and that it is the least that can be said.
STRICT: dict[tuple[type, str], object] = {
    (Column, "dp"): "none",
    (Column, "stored"): False,
    (Column, "release"): "none",
    (Grant, "releases"): "denied",
    (QueryUse, "group_by"): False,
    (QueryUse, "private_keys"): "denied",
    (QueryUse, "aggregates"): (),
    (QueryUse, "outside"): "reject",
    (QueryRules, "private_keys"): "denied",
    (QueryRules, "keys_delta_per_query"): 0,
    (Budget, "delta"): 0,
    (Budget, "renewal"): "never",
    (Releases, "allowed"): "denied",
    (Releases, "max_rows"): 0,
    (GatewayQueries, "private_keys"): "denied",
    (GatewayQueries, "max_keys_delta_per_query"): 0,
    (GatewayReleases, "allowed"): "denied",
    (GatewayReleases, "max_rows"): 0,
}
# A key that lets another layer decide: the strict value is that of the layer.
LEFT_TO_ANOTHER_LAYER = {(Grant, "private_keys")}
# A key of which a ceiling holds that is in the docs, whoever leaves it out.
DOCUMENTED = {
    "max_group_columns": 3,
    "max_cells": 10_000,
    "suppress_below": 0,
}


def permissions(kind: type, seen: set[type]) -> Iterator[tuple[type, str]]:
    """Give each key below a kind that says allowed or denied."""
    if kind in seen or not is_dataclass(kind):
        return
    seen.add(kind)
    schema = TypeAdapter(kind).json_schema()
    for name, declared in schema["properties"].items():
        if declared.get("enum") == ["denied", "allowed"]:
            yield kind, name


@pytest.mark.parametrize(("kind", "name"), STRICT, ids=lambda one: getattr(one, "__name__", one))
def test_a_missing_key_has_the_strict_value(kind: type, name: str) -> None:
    (field,) = (one for one in fields(kind) if one.name == name)

    assert field.default == STRICT[kind, name]


def test_every_permission_is_in_the_table() -> None:
    kinds = (Column, QueryUse, QueryRules, Releases, GatewayQueries, GatewayReleases, Grant)
    found = {one for kind in kinds for one in permissions(kind, set())}

    assert len(found) >= 6
    assert found == {
        one for one in {*STRICT, *LEFT_TO_ANOTHER_LAYER} if STRICT.get(one, "denied") == "denied"
    }
    assert count_permissions(DatasetPolicy) == 3
    assert count_permissions(ProjectPolicy) == 2
    assert count_permissions(GatewayPolicy) == 2


def count_permissions(kind: type) -> int:
    """Count the keys of a whole declaration that say allowed or denied, wherever they stand."""
    nodes: list[Any] = [TypeAdapter(kind).json_schema()]
    count = 0
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            count += node.get("enum") == ["denied", "allowed"]
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)
    return count


def test_caps_that_are_not_written_are_the_documented_ones(tmp_path: Path) -> None:
    text = DATASET
    for line in ("max_group_columns: 2", "max_cells: 100", "suppress_below: 5"):
        text = changed(text, f"    {line}\n", "")
    queries = load(tmp_path, text).datasets["ward"].spec.queries

    assert {name: getattr(queries, name) for name in DOCUMENTED} == DOCUMENTED
    assert {name: getattr(GatewayQueries(), name) for name in DOCUMENTED} == DOCUMENTED
    assert queries.max_loss_per_query <= GatewayQueries().max_epsilon_per_query


@pytest.mark.parametrize("key", ["purposes", "aggregates"])
def test_a_list_of_what_is_allowed_cannot_be_left_out(tmp_path: Path, key: str) -> None:
    lines = [line for line in DATASET.splitlines() if not line.startswith(f"    {key}:")]
    write_policies(tmp_path, "\n".join(lines))

    with pytest.raises(Exception, match=f"KEY-MISSING queries has no key {key}"):
        load_policies(tmp_path)
