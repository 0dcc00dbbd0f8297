"""What a project may ask: a function of the declarations alone, never of rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.record_catalog import records_document
from policies.active import PolicySet
from policies.columns import Column
from policies.datasets import DatasetPolicy, Ownership, Table
from policies.effective import Effective, meet
from policies.layout import resolution, stored_length
from policies.projects import ProjectPolicy
from policies.query_use import Aggregate, QueryUse, ValueType
from query.fields import Document
from query.table_modes import count_modes

__all__ = ["catalog_document", "project_document"]


def project_document(project: ProjectPolicy, user: str) -> Document:
    """Return what a member may know of the project and of their own part in it."""
    member = project.member(user)
    return {
        "id": project.id,
        "title": project.metadata.title,
        "version": project.metadata.version,
        "effective_from": project.metadata.effective_from.isoformat(),
        "expires_at": project.metadata.expires_at.isoformat(),
        "purposes": list(project.spec.purposes),
        "datasets": [grant.id for grant in project.spec.datasets],
        "membership": None
        if member is None
        else {"user": member.user, "role": member.role.value, "until": member.last_day.isoformat()},
    }


def catalog_document(active: PolicySet, project: ProjectPolicy, today: date) -> Document:
    """Return all that the project may use: datasets in force, tables, columns and domains."""
    datasets = [
        _dataset(meet(active.gateway, active.datasets[grant.id], project, grant))
        for grant in project.spec.datasets
        if grant.id in active.datasets
        and active.datasets[grant.id].metadata.in_force(today)
        and f"dataset/{grant.id}" not in active.suspended
    ]
    return {
        "project": project.id,
        "policy": active.digest,
        "approvals": "required" if active.needs_approval else "none",
        "datasets": datasets,
    }


def _dataset(effective: Effective) -> Document:
    dataset, grant = effective.dataset, effective.grant
    rules, private = dataset.spec.queries, effective.private_keys.value
    return {
        "id": dataset.id,
        "title": dataset.metadata.title,
        "snapshot": dataset.spec.source.snapshot,
        "privacy_unit": {
            "name": dataset.spec.privacy_unit.name,
            "table": dataset.spec.privacy_unit.table,
            "column": dataset.spec.privacy_unit.column,
        },
        "purposes": list(effective.purposes.value),
        "measure": rules.measure.value,
        "min_loss_per_query": {rules.measure.symbol: format(rules.min_loss_per_query, "f")},
        "max_loss_per_query": {rules.measure.symbol: format(rules.max_loss_per_query, "f")},
        "default_loss": {rules.measure.symbol: format(rules.default_loss, "f")},
        "aggregates": [aggregate.value for aggregate in rules.aggregates],
        "max_group_columns": rules.max_group_columns,
        "max_cells": rules.max_cells,
        "suppress_below": rules.suppress_below,
        "private_keys": private,
        "keys_delta_per_query": format(rules.keys_delta_per_query, "f") if private else None,
        "obligations": list(dataset.spec.obligations),
        "records": records_document(effective),
        "tables": [
            _table(name, table, grant.tables.get(name, ()), dataset, private_keys=private)
            for name, table in dataset.tables.items()
            if name in grant.tables and table.ownership is not Ownership.DIRECTORY
        ],
    }


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What dataset and project let a column allow."""

    aggregates: tuple[Aggregate, ...]
    private_keys: bool


def _table(
    name: str,
    table: Table,
    granted: tuple[str, ...],
    dataset: DatasetPolicy,
    *,
    private_keys: bool,
) -> Document:
    allowed = _Allowed(dataset.spec.queries.aggregates, private_keys)
    shown = {
        profile: declared
        for profile, declared in table.release_profiles.items()
        if set(declared.groups) <= set(granted)
    }
    return {
        "name": name,
        "description": table.description,
        "ownership": table.ownership.value,
        "unit": table.unit_column,
        "key": table.key,
        "foreign_keys": dict(table.foreign_keys),
        "max_rows_per_unit": table.max_rows_per_unit,
        "contribution": {
            "max_groups": table.contribution.max_groups,
            "max_rows_per_group": table.contribution.max_rows_per_group,
            "max_rows": table.contribution.max_rows,
            "bounding": table.contribution.bounding,
        },
        "profiles": [
            {"name": profile, "groups": list(one.groups), "max_groups": one.max_groups}
            for profile, one in shown.items()
        ],
        "counts": _counts(name, table, set(granted), dataset),
        "columns": [
            _column(column_name, column, allowed)
            for column_name, column in table.stored_columns.items()
            if column.is_key or (column_name in granted and column.use is not None)
        ],
    }


def _counts(name: str, table: Table, granted: set[str], dataset: DatasetPolicy) -> list[Document]:
    """Return how plain counts of a private table are bounded, as the planner would do it."""
    if table.unit_column is None or table.ownership is not Ownership.PRIVATE:
        return []
    return [
        {
            "groups": list(one.groups),
            "mode": one.mode,
            "max_groups": one.max_groups,
            "max_rows_per_group": one.max_rows_per_group,
        }
        for one in count_modes(dataset, name)
        if set(one.groups) <= granted
    ]


def _column(name: str, column: Column, allowed: _Allowed) -> Document:
    use, transform = column.use, column.effective_transform
    document: Document = {
        "name": name,
        "type": column.type.value,
        "role": column.role.value,
        "description": column.description,
        "transform": transform if isinstance(transform, str) else transform.kind,
        "join": column.is_key,
        "filter": use is not None,
        "group_by": use is not None and use.group_by,
        "private_keys": False,
        "aggregates": [],
        "domain": None,
    }
    if use is not None:
        listed = [item.value for item in use.aggregates if item in allowed.aggregates]
        document["aggregates"] = listed
        document["private_keys"] = allowed.private_keys and use.private_keys == "allowed"
        document["domain"] = _domain(use, column)
        document["nulls"] = use.nulls
    return document


def _domain(use: QueryUse, column: Column) -> Document | None:
    if use.categories:
        return {"categories": list(use.categories)}
    if column.type is ValueType.BOOLEAN:
        return {"categories": [False, True]}
    if (length := stored_length(column)) is not None:
        return {"max_length": length}
    if use.bounds is None:
        return None
    lower, upper = (
        format(end, "f") if isinstance(end, Decimal) else end.isoformat() for end in use.bounds
    )
    domain: Document = {"lower": lower, "upper": upper}
    if column.type is ValueType.DECIMAL:
        domain["resolution"] = format(resolution(column), "f")
    return domain
