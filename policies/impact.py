"""Who would notice a change of the declarations: projects, members, columns, budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

from policies.active import PolicySet
from policies.datasets import DatasetPolicy, Table
from policies.model import Metadata
from policies.projects import ProjectPolicy
from policies.record_limits import leaving, record_limits

__all__ = ["Impact", "Touched", "impact_of"]

_SHORT: Final = Decimal | date | int | str
_Facts: TypeAlias = Mapping[str, Mapping[str, object]]
"""By what it is about, such as columns: from a name to what is declared under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Something of a project or a dataset that changes.

    Attributes:
        what: ``members``, ``columns``, ``purposes``, ``budget``, …
        gained: Names that are new.
        lost: Names that are gone.
        changed: Names that stay and are declared otherwise; of amounts and days, from what to what.
    """

    what: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What changes for one dataset or one project.

    Attributes:
        subject: ``dataset/ID`` or ``project/ID``.
        state: ``new``, ``gone`` or ``changed``.
        members: Who is affected: members before or after of the project, or of all projects that
            are granted the dataset.
        touched: What changes.
    """

    subject: str
    state: str
    members: tuple[str, ...]
    touched: tuple[Touched, ...]


def impact_of(before: PolicySet, after: PolicySet) -> tuple[Impact, ...]:
    """Return what changes from one set to another, datasets first.

    Args:
        before: In force; an empty set where nothing is.
        after: To be put in force.
    """
    return (*_datasets(before, after), *_projects(before, after))


def _datasets(before: PolicySet, after: PolicySet) -> Iterator[Impact]:
    for name in sorted({*before.datasets, *after.datasets}):
        old, new = before.datasets.get(name), after.datasets.get(name)
        if old != new:
            yield Impact(
                subject=f"dataset/{name}",
                state=_state(old, new),
                members=_members(
                    one
                    for policies in (before, after)
                    for one in policies.projects.values()
                    if one.grant(name) is not None
                ),
                touched=_compared(_of_dataset(old), _of_dataset(new)),
            )


def _projects(before: PolicySet, after: PolicySet) -> Iterator[Impact]:
    for name in sorted({*before.projects, *after.projects}):
        old, new = before.projects.get(name), after.projects.get(name)
        touched = _compared(_of_project(old, before), _of_project(new, after))
        if touched:
            yield Impact(
                subject=f"project/{name}",
                state=_state(old, new),
                members=_members(one for one in (old, new) if one is not None),
                touched=touched,
            )


def _of_dataset(dataset: DatasetPolicy | None) -> _Facts:
    if dataset is None:
        return {}
    return {
        "columns": {
            f"{name}.{column}": declared
            for name, table in dataset.tables.items()
            for column, declared in table.columns.items()
        },
        "tables": {name: _but_columns(table) for name, table in dataset.tables.items()},
        "queries": _settings(dataset.spec.queries),
        "budget": _settings(dataset.spec.budget),
        "releases": _settings(dataset.spec.releases),
        "days": _days(dataset.metadata),
        "other": {
            "source": dataset.spec.source,
            "privacy_unit": dataset.spec.privacy_unit,
            "obligations": dataset.spec.obligations,
        },
    }


def _of_project(project: ProjectPolicy | None, policies: PolicySet) -> _Facts:
    if project is None:
        return {}
    return {
        "columns": dict(_usable(project, policies)),
        "records": dict.fromkeys(_given(project, policies)),
        "members": {one.user: (one.role, one.until, one.training) for one in project.spec.members},
        "purposes": dict.fromkeys(project.spec.purposes),
        "budget": _settings(project.spec.budget),
        "days": _days(project.metadata),
    }


def _usable(project: ProjectPolicy, policies: PolicySet) -> Iterator[tuple[str, object]]:
    """Give each column that the permit names and that questions may use, with how."""
    for grant in project.spec.datasets:
        tables = policies.datasets[grant.id].tables
        for name, columns in grant.tables.items():
            for column in columns:
                if tables[name].columns[column].use is not None:
                    yield f"{grant.id}.{name}.{column}", tables[name].columns[column]


def _given(project: ProjectPolicy, policies: PolicySet) -> Iterator[str]:
    """Give each column of which the project may be given records."""
    for grant in project.spec.datasets:
        dataset = policies.datasets[grant.id]
        if record_limits(policies.gateway, dataset, project, grant).allowed.value:
            for name in grant.tables:
                for column in leaving(dataset, grant, name):
                    yield f"{grant.id}.{name}.{column}"


def _settings(declared: Any) -> Mapping[str, object]:  # noqa: ANN401  any dataclass
    """Return the fields of a declared value by name."""
    return {one.name: getattr(declared, one.name) for one in fields(declared)}


def _but_columns(table: Table) -> tuple[object, ...]:
    return tuple(value for name, value in _settings(table).items() if name != "columns")


def _days(metadata: Metadata) -> Mapping[str, object]:
    return {"effective_from": metadata.effective_from, "expires_at": metadata.expires_at}


def _members(projects: Iterator[ProjectPolicy]) -> tuple[str, ...]:
    return tuple(sorted({member.user for one in projects for member in one.spec.members}))


def _state(before: object, after: object) -> str:
    if before is None:
        return "new"
    return "gone" if after is None else "changed"


def _compared(before: _Facts, after: _Facts) -> tuple[Touched, ...]:
    found = []
    for what in dict.fromkeys((*before, *after)):
        old, new = before.get(what, {}), after.get(what, {})
        one = Touched(
            what=what,
            gained=tuple(sorted(new.keys() - old.keys())),
            lost=tuple(sorted(old.keys() - new.keys())),
            changed=tuple(
                _told(name, old[name], new[name])
                for name in sorted(old.keys() & new.keys())
                if old[name] != new[name]
            ),
        )
        if one.gained or one.lost or one.changed:
            found.append(one)
    return tuple(found)


def _told(name: str, old: object, new: object) -> str:
    """Name what changed; of short values, tell from what to what."""
    if isinstance(old, _SHORT | None) and isinstance(new, _SHORT | None):
        return f"{name} {old} -> {new}"
    return name
