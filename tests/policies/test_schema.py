from __future__ import annotations

from policies.datasets import DatasetPolicy
from policies.documents import Tree
from policies.projects import ProjectPolicy
from policies.schema import allowed_keys, child, json_schema

SPEC: Tree = {"spec": {"tables": {"t": {"columns": {"c": {"transform": {"kind": "zip3"}}}}}}}
COLUMN = ("spec", "tables", "t", "columns", "c")


def test_the_schema_refuses_unknown_keys_everywhere() -> None:
    for kind in (DatasetPolicy, ProjectPolicy):
        schema = json_schema(kind)
        objects = [schema, *schema["$defs"].values()]
        assert all(
            node.get("additionalProperties") is False for node in objects if "properties" in node
        )


def test_allowed_keys_are_those_of_the_place() -> None:
    assert allowed_keys(DatasetPolicy, {}, ()) == ("apiVersion", "kind", "metadata", "spec")
    assert "group_by" in allowed_keys(DatasetPolicy, SPEC, (*COLUMN, "dp"))
    assert allowed_keys(ProjectPolicy, {}, ("spec", "members", 0)) == (
        *("user", "role", "until", "training"),
    )


def test_allowed_keys_are_those_of_the_chosen_kind_or_of_all() -> None:
    assert allowed_keys(DatasetPolicy, SPEC, (*COLUMN, "transform")) == (
        "kind",
        "restricted",
        "otherwise",
    )
    assert "edges" in allowed_keys(DatasetPolicy, {}, (*COLUMN, "transform"))


def test_where_any_name_may_stand_none_is_listed() -> None:
    assert allowed_keys(DatasetPolicy, SPEC, ("spec", "tables")) == ()
    assert allowed_keys(DatasetPolicy, SPEC, ("none", "at", "all")) == ()
    assert allowed_keys(DatasetPolicy, SPEC, (*COLUMN, "dp", "bounds", 0)) == ()


def test_a_child_is_found_by_key_or_by_index() -> None:
    assert child({"a": None}, "a") == (None,)
    assert child([1], 0) == (1,)
    assert child([1], 1) == child({"a": 1}, "b") == child([1], "a") == child("a", 0) == ()
