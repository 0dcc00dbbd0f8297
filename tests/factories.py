"""Small valid things: override what a test is about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import TypeAdapter

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.decisions import Access
from policies.projects import ProjectPolicy
from query.answers import Request

T = TypeVar("T")

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

PATIENTS: dict[str, Any] = {
    "patient_id": {"role": "privacy_unit"},
    "sex": {
        "role": "quasi_identifier",
        "dp": {"categories": ["F", "M"], "nulls": "keep", "group_by": True},
    },
    "age": {
        "role": "quasi_identifier",
        "type": "integer",
        "dp": {"bounds": [0, 90], "group_by": True, "aggregates": ["sum", "mean"]},
    },
    "ssn": {"role": "direct_identifier"},
}
VISITS: dict[str, Any] = {
    "visit_id": {"role": "key"},
    "patient_id": {"role": "privacy_unit"},
    "class": {
        "role": "attribute",
        "dp": {"categories": ["ambulatory", "emergency", "inpatient"], "group_by": True},
    },
    "day": {
        "role": "quasi_identifier",
        "type": "date",
        "dp": {"bounds": ["2024-01-01", "2025-12-31"], "group_by": True},
    },
    "cost": {
        "role": "attribute",
        "type": "decimal",
        "dp": {
            "bounds": [0, 1000],
            "resolution": 0.01,
            "outside": "clamp",
            "aggregates": ["sum", "mean"],
        },
    },
    "urgent": {"role": "attribute", "type": "boolean", "dp": {"group_by": True}},
    "free": {"role": "attribute", "dp": {}},
}


def make_dataset(
    *,
    max_groups: int = 2,
    max_rows_per_group: int = 3,
    max_rows_per_unit: int | None = None,
    queries: Mapping[str, Any] | None = None,
    tables: Mapping[str, Any] | None = None,
) -> DatasetPolicy:
    """Return a dataset of patients and their visits."""
    visits: dict[str, Any] = {
        "key": "visit_id",
        "contribution": {"max_groups": max_groups, "max_rows_per_group": max_rows_per_group},
        "columns": VISITS,
        "foreign_keys": {"patient_id": "patients.patient_id"},
    }
    if max_rows_per_unit is not None:
        visits["max_rows_per_unit"] = max_rows_per_unit
    document = {
        "apiVersion": "gateway.policy/v1",
        "kind": "DatasetPolicy",
        "metadata": {
            "id": "clinic",
            "version": 1,
            "title": "A small clinic",
            "owner": "steward:test",
            "effective_from": "2020-01-01",
            "expires_at": "2039-12-31",
        },
        "spec": {
            "source": {"format": "csv", "snapshot": "2026-10-31", "lineage": "clinic"},
            "privacy_unit": {"table": "patients", "column": "patient_id"},
            "tables": {
                "patients": {"max_rows_per_unit": 1, "columns": PATIENTS},
                "visits": visits,
                **(tables or {}),
            },
            "queries": {
                "purposes": ["research"],
                "aggregates": ["count", "count_distinct", "sum", "mean"],
                "max_loss_per_query": "1",
                **(queries or {}),
            },
            "budget": {"pool": "clinic", "epsilon": "10", "delta": "0.000001"},
        },
    }
    return _validated(DatasetPolicy, document)


def make_project(
    *, grants: Mapping[str, Sequence[str]] | None = None, epsilon: str = "5"
) -> ProjectPolicy:
    """Return a project that may use all columns that can be asked."""
    allowed = grants or {
        "patients": ["sex", "age"],
        "visits": ["class", "day", "cost", "urgent", "free"],
    }
    document = {
        "apiVersion": "gateway.policy/v1",
        "kind": "ProjectPolicy",
        "metadata": {
            "id": "study",
            "version": 1,
            "title": "A study",
            "owner": "steward:test",
            "effective_from": "2020-01-01",
            "expires_at": "2039-12-31",
        },
        "spec": {
            "datasets": [{"id": "clinic", "tables": allowed}],
            "purposes": ["research"],
            "members": [{"user": "u|ann", "role": "researcher", "until": "2039-12-31"}],
            "budget": {"epsilon": epsilon},
        },
    }
    return _validated(ProjectPolicy, document)


def make_policies(
    dataset: DatasetPolicy | None = None, project: ProjectPolicy | None = None
) -> PolicySet:
    """Return a set of one dataset and one project."""
    return PolicySet(
        datasets={"clinic": dataset or make_dataset()},
        projects={"study": project or make_project()},
        digest="sha256:" + "0" * 64,
    )


def make_access(**changes: Any) -> Access:  # noqa: ANN401  any field
    """Return what a member asks with."""
    fields: dict[str, Any] = {
        "principal": "u|ann",
        "project": "study",
        "dataset": "clinic",
        "purpose": "research",
        "time": NOW,
    }
    return Access(**(fields | changes))


def make_request(sql: str, *, loss: str | None = None, **changes: Any) -> Request:  # noqa: ANN401
    """Return one question by a member."""
    return Request(
        access=make_access(), sql=sql, loss=None if loss is None else Decimal(loss), **changes
    )


def _validated(kind: type[T], document: Mapping[str, Any]) -> T:
    return TypeAdapter(kind).validate_json(_json(document))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, default=lambda value: value.isoformat())


def a_day(text: str) -> date:
    """Return a date."""
    return date.fromisoformat(text)
