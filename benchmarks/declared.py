"""What the steward of a benchmark's hospital declares, as the gateway's own files."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.worlds import World
from policies.datasets import Table

__all__ = ["PURPOSE", "RESEARCHER", "declares", "write_policies"]

RESEARCHER = "benchmark|researcher"
PURPOSE = "research"
_DATES = {"version": 1, "owner": "steward:benchmark", "effective_from": "2020-01-01"}
_AGGREGATES = ["count", "count_distinct", "sum", "mean", "variance", "quantile"]
_BUDGET = "1000000"

_APPROVALS = {
    "apiVersion": "gateway.policy/v1",
    "kind": "ApprovalPolicy",
    "spec": {"approvals": "none"},
}


def declares(field: str) -> bool:
    """Say whether this version's declaration of a table has a field."""
    return field in {one.name for one in fields(Table)}


def write_policies(folder: Path, world: World) -> None:
    """Write one dataset and one project, both named as the world.

    JSON is YAML, so nothing has to be quoted by hand. The budget never ends: a benchmark asks the
    same over and over.
    """
    for kind, document in (("datasets", _dataset(world)), ("projects", _project(world))):
        (folder / kind).mkdir(parents=True)
        text = json.dumps(document, indent=2)
        (folder / kind / f"{world.name}.yaml").write_text(text, encoding="utf-8")
    text = json.dumps(_APPROVALS, indent=2)
    (folder / "approvals.yaml").write_text(text, encoding="utf-8")


def _dataset(world: World) -> dict[str, Any]:
    return {
        "apiVersion": "gateway.policy/v1",
        "kind": "DatasetPolicy",
        "metadata": {"id": world.name, "title": world.about, "expires_at": "2039-12-31", **_DATES},
        "spec": {
            "source": {"format": "parquet", "snapshot": "benchmark", "lineage": world.name},
            "privacy_unit": {"table": "patients", "column": "patient_id"},
            "tables": {"patients": _patients(), "visits": _visits(world)},
            "queries": {
                "purposes": [PURPOSE],
                "aggregates": _AGGREGATES,
                "max_loss_per_query": "10",
                "default_loss": "1",
            },
            "budget": {"pool": world.name, "epsilon": _BUDGET},
        },
    }


def _patients() -> dict[str, Any]:
    sex = {"categories": ["Female", "Male"], "outside": "null", "nulls": "filter"}
    age = {"bounds": [0, 100], "outside": "clamp"}
    return {
        "max_rows_per_unit": 1,
        "columns": {
            "patient_id": {"role": "privacy_unit"},
            "sex": {"role": "quasi_identifier", "dp": {**sex, "group_by": True}},
            "age": {
                "role": "quasi_identifier",
                "type": "integer",
                "dp": {**age, "group_by": True, "aggregates": _AGGREGATES},
            },
        },
    }


def _visits(world: World) -> dict[str, Any]:
    """Bounds as wide as the stored rows; a request narrows them where it wants the exact pass."""
    classes = {"categories": list(world.classes), "outside": "null"}
    kinds = {"categories": list(world.kinds), "outside": "null"}
    amount = {"bounds": [0, world.upper], "resolution": 0.01, "outside": "clamp"}
    most = world.max_rows_per_unit
    return {
        **_profiles(world),
        "key": "visit_id",
        "max_rows_per_unit": most,
        "contribution": {"max_groups": most, "max_rows_per_group": most},
        "foreign_keys": {"patient_id": "patients.patient_id"},
        "columns": {
            "visit_id": {"role": "key"},
            "patient_id": {"role": "privacy_unit"},
            "class": {"role": "attribute", "dp": {**classes, "group_by": True}},
            "kind": {
                "role": "attribute",
                "dp": {**kinds, "group_by": True, "aggregates": ["count", "count_distinct"]},
            },
            "amount": {
                "role": "attribute",
                "type": "decimal",
                "dp": {**amount, "nulls": "reject", "aggregates": _AGGREGATES},
            },
        },
    }


def _profiles(world: World) -> dict[str, Any]:
    """Declare a grouping that is bounded at load, where this version can."""
    if not declares("release_profiles"):
        return {}
    by_kind = {"groups": ["kind"], "max_groups": world.max_groups}
    return {"release_profiles": {"by_kind": by_kind}}


def _project(world: World) -> dict[str, Any]:
    tables = {"patients": ["sex", "age"], "visits": ["class", "kind", "amount"]}
    return {
        "apiVersion": "gateway.policy/v1",
        "kind": "ProjectPolicy",
        "metadata": {"id": world.name, "title": "Benchmark", "expires_at": "2039-12-31", **_DATES},
        "spec": {
            "datasets": [{"id": world.name, "tables": tables}],
            "purposes": [PURPOSE],
            "members": [{"user": RESEARCHER, "role": "researcher", "until": "2039-12-31"}],
            "budget": {"epsilon": _BUDGET},
        },
    }
