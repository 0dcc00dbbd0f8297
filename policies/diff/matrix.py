"""All that a set of declarations allows, as a matrix of holdings that can be compared.

A scope is what is there or not as a whole: a project's grant of a dataset, a dataset, a pool, the
gateway. In each stand cells, by subject and door. Statements that no cell is made from stand as
they are written: so a change of them is seen, and a key that is new to the program is not passed
over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from policies.active import PolicySet
from policies.allowances import Allowance, allowances
from policies.columns import Column
from policies.datasets import DatasetPolicy, Ownership
from policies.diff.held import AtLeast, AtMost, Beyond, Fixed, Held, Within
from policies.diff.leaves import Forms, leaves
from policies.diff.words import in_words
from policies.effective import Effective, meet
from policies.gateway import GatewayPolicy, SignatureMethod, Witnesses
from policies.pointers import pointer
from policies.projects import ProjectPolicy
from policies.query_use import DateBounds, NumberBounds, QueryUse
from policies.record_limits import leaving
from policies.rules.separate_duties import owners

__all__ = ["Cell", "Matrix", "Scope", "matrix"]


class Scope(NamedTuple):
    """What is there or not as a whole; parts that do not apply are empty."""

    project: str = ""
    dataset: str = ""
    pool: str = ""
    door: str = ""

    def __str__(self) -> str:
        return " / ".join(part for part in self if part) or "gateway"


class Cell(NamedTuple):
    """What is held of what: a column, a cap, a member; and through which door."""

    subject: str
    door: str


Matrix: TypeAlias = Mapping[Scope, Mapping[Cell, Held]]

QUERIES: Final = "queries"
RECORDS: Final = "records"
STORE: Final = "store"
BUDGET: Final = "budget"
DECLARED: Final = "declared"

_NEUTRAL: Final = (
    *(
        "apiVersion",
        "kind",
        "metadata/version",
        "metadata/title",
        "metadata/owner",
        "metadata/review_by",
    ),
    *("spec/tables/*/description", "spec/tables/*/columns/*/description"),
    # Who names no price may name the default; a new state of the data spends from the same pool.
    *("spec/queries/default_loss", "spec/source/snapshot"),
)
"""Statements that allow nothing and forbid nothing."""
_USE: Final = "spec/tables/*/columns/*/dp"
_IN_CELLS: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        DatasetPolicy: (
            *("metadata/id", "metadata/effective_from", "metadata/expires_at"),
            *("spec/queries/purposes", "spec/queries/aggregates", "spec/queries/max_group_columns"),
            *("spec/queries/max_cells", "spec/queries/suppress_below", "spec/queries/measure"),
            *("spec/queries/max_loss_per_query", "spec/queries/private_keys"),
            *("spec/queries/keys_delta_per_query", "spec/obligations"),
            *("spec/budget/epsilon", "spec/budget/delta", "spec/budget/keys_delta"),
            *("spec/budget/per_project", "spec/budget/per_researcher"),
            *("spec/privacy_unit/opt_out", "spec/privacy_unit/opt_out/*"),
            *("spec/retention/audit_years", "spec/retention/answers_days"),
            "spec/releases/allowed",
            *("spec/releases/k_anonymity", "spec/releases/k_anonymity/k"),
            *("spec/releases/k_anonymity/suppress_max", "spec/releases/quasi_identifiers"),
            *("spec/releases/l_diversity", "spec/releases/l_diversity/column"),
            *("spec/releases/l_diversity/l", "spec/releases/max_rows"),
            *("spec/releases/t_closeness", "spec/releases/t_closeness/column"),
            "spec/releases/t_closeness/t",
            *("spec/releases/expires_days", "spec/releases/standard"),
            *("spec/releases/determination", "spec/releases/determination/*"),
            *("spec/releases/text_evidence", "spec/releases/text_evidence/*"),
            "spec/releases/text_evidence/human_check/*",
            *("spec/tables/*/columns/*/stored", "spec/tables/*/columns/*/release"),
            *(_USE, f"{_USE}/bounds", f"{_USE}/resolution", f"{_USE}/categories"),
            *(f"{_USE}/categories_ref", f"{_USE}/outside", f"{_USE}/nulls", f"{_USE}/group_by"),
            *(f"{_USE}/max_length", f"{_USE}/private_keys", f"{_USE}/aggregates"),
        ),
        ProjectPolicy: (
            *("metadata/id", "metadata/effective_from", "metadata/expires_at", "spec/datasets"),
            *("spec/purposes", "spec/members", "spec/budget/epsilon"),
            "spec/budget/per_researcher",
        ),
        GatewayPolicy: (
            *("metadata/id", "spec/signatures", "spec/witnesses/keys", "spec/witnesses/quorum"),
            "spec/witnesses/max_age_minutes",
            *("spec/queries/max_epsilon_per_query", "spec/queries/max_rho_per_query"),
            *("spec/queries/max_group_columns", "spec/queries/max_cells"),
            *("spec/queries/suppress_below", "spec/queries/private_keys"),
            *("spec/queries/max_keys_delta_per_query", "spec/queries/forbid_purposes"),
            *("spec/queries/forbid_aggregates", "spec/budget/epsilon", "spec/budget/per_project"),
            *("spec/budget/per_researcher", "spec/releases/allowed", "spec/releases/min_k"),
            "spec/releases/max_rows",
        ),
    }
)
"""Statements that cells are made from, each by its name: another one is told as it is written."""
_PASSED: Final = {kind: Forms((*_NEUTRAL, *forms)) for kind, forms in _IN_CELLS.items()}
_JUDGED: Final = ("datasets", "projects", "gateway", "documents", "digest")


def matrix(active: PolicySet) -> Matrix:
    """Return all that declarations allow.

    Args:
        active: The declarations in force together.
    """
    scopes: dict[Scope, dict[Cell, Held]] = {Scope(): dict(_of_gateway(active))}
    for dataset in active.datasets.values():
        scopes[Scope(dataset=dataset.id)] = dict(_of_dataset(dataset))
        if dataset.spec.releases.allowed == "allowed":
            scopes[Scope(dataset=dataset.id, door=RECORDS)] = dict(_of_releases(dataset))
    for project in active.projects.values():
        scopes[Scope(project=project.id)] = dict(_written(project))
        for grant in project.spec.datasets:
            granted = active.datasets.get(grant.id)
            if granted is not None:
                effective = meet(active.gateway, granted, project, grant)
                scopes[Scope(project=project.id, dataset=grant.id)] = {
                    **dict(_of_effective(effective)),
                    **dict(_of_members(project, effective)),
                }
    for allowance in allowances(active):
        cells = scopes.setdefault(Scope(pool=allowance.pool), {})
        cells.update(_of_allowance(allowance))
    return scopes


def _of_gateway(active: PolicySet) -> Iterator[tuple[Cell, Held]]:
    gateway = active.gateway
    methods = (SignatureMethod.KEY,) if gateway is None else gateway.spec.signatures
    witnesses = Witnesses() if gateway is None else gateway.spec.witnesses
    yield Cell("signatures", "changes"), Within(frozenset(one.value for one in methods))
    yield Cell("witnesses", "log"), Fixed(witnesses.keys)
    yield Cell("quorum of witnesses", "log"), AtLeast(witnesses.quorum)
    yield Cell("minutes since witnesses cosigned", "log"), AtMost(witnesses.max_age_minutes)
    if gateway is not None:
        yield from _written(gateway)
    for field in fields(active):
        if field.compare and field.name not in _JUDGED:
            value = getattr(active, field.name)
            yield Cell(field.name, DECLARED), Fixed(value, words=in_words(value))


def _written(policy: DatasetPolicy | ProjectPolicy | GatewayPolicy) -> Iterator[tuple[Cell, Held]]:
    """Give each statement that no other cell is made from."""
    passed = _PASSED[type(policy)]
    for path, value in leaves(policy):
        if path not in passed:
            yield Cell(pointer(*path), DECLARED), Fixed(value)


def _of_dataset(dataset: DatasetPolicy) -> Iterator[tuple[Cell, Held]]:
    yield from _written(dataset)
    yield Cell("obligations", QUERIES), Beyond(frozenset(dataset.spec.obligations))
    yield Cell("audit_years", "log"), AtLeast(dataset.spec.retention.audit_years)
    days = dataset.spec.retention.answers_days
    yield Cell("answers_days", "log"), AtMost(Decimal("Infinity") if days is None else days)
    if (opt_out := dataset.spec.privacy_unit.opt_out) is not None:
        yield Cell("opt-outs", STORE), Beyond(frozenset({str(opt_out)}))
    for name, table in dataset.tables.items():
        for key, column in table.columns.items():
            stored = column.is_stored and table.ownership is not Ownership.DIRECTORY
            yield Cell(f"{name}.{key}", STORE), AtMost(stored)
            if column.use is not None:
                yield Cell(f"{name}.{key}", "domain"), Fixed(_Domain.of(column.use), optional=True)


@dataclass(frozen=True, slots=True)
class _Domain:
    """The public domain of a column that may be asked; its bounds decide what noise is drawn."""

    bounds: NumberBounds | DateBounds | None
    resolution: Decimal | None
    categories: tuple[str, ...]
    max_length: int | None
    outside: str
    nulls: str

    @classmethod
    def of(cls, use: QueryUse) -> _Domain:
        return cls(
            use.bounds, use.resolution, use.categories, use.max_length, use.outside, use.nulls
        )

    def __str__(self) -> str:
        told = f"{len(self.categories)} categories" if self.categories else "no bounds"
        if self.bounds is not None:
            told = f"{self.bounds[0]} to {self.bounds[1]}"
        if self.max_length is not None:
            told = f"up to {self.max_length} characters"
        return f"{told}, outside: {self.outside}, nulls: {self.nulls}"


def _of_releases(dataset: DatasetPolicy) -> Iterator[tuple[Cell, Held]]:
    releases = dataset.spec.releases
    assert releases.k_anonymity is not None  # noqa: S101  REL-K-LOW: no open door is without
    yield Cell("k", RECORDS), AtLeast(releases.k_anonymity.k)
    yield Cell("suppress_max", RECORDS), AtMost(releases.k_anonymity.suppress_max)
    if releases.l_diversity is not None:
        yield Cell(f"l of {releases.l_diversity.column}", RECORDS), AtLeast(releases.l_diversity.l)
    if releases.t_closeness is not None:
        # A small t is strict, and none at all is not: so what is held is how close, not how far.
        close = AtLeast(1 - releases.t_closeness.t)
        yield Cell(f"1 - t of {releases.t_closeness.column}", RECORDS), close
    yield Cell("quasi_identifiers", RECORDS), Beyond(frozenset(releases.quasi_identifiers))
    yield Cell("max_rows", RECORDS), AtMost(releases.max_rows)
    yield Cell("expires_days", RECORDS), AtMost(releases.expires_days)
    for key in ("standard", "determination", "text_evidence"):
        yield Cell(key, RECORDS), Fixed(getattr(releases, key))
    for name, table in dataset.tables.items():
        for key, column in table.columns.items():
            yield Cell(f"{name}.{key}", RECORDS), AtMost(_leaves(column))


def _leaves(column: Column) -> bool:
    return column.release == "keep"


def _of_effective(effective: Effective) -> Iterator[tuple[Cell, Held]]:
    caps: dict[str, int | Decimal | date] = {
        "last_day": effective.last_day.value,
        "max_group_columns": effective.max_group_columns.value,
        "max_cells": effective.max_cells.value,
        "max_loss_per_query": effective.largest_price.parameter,
        "keys_delta_per_query": effective.max_delta.value,
        "private_keys": effective.private_keys.value,
    }
    yield from ((Cell(key, QUERIES), AtMost(value)) for key, value in caps.items())
    yield Cell("first_day", QUERIES), AtLeast(effective.first_day.value)
    yield Cell("suppress_below", QUERIES), AtLeast(effective.suppress_below.value)
    yield Cell("measure", QUERIES), Fixed(effective.measure.value)
    yield Cell("purposes", QUERIES), Within(frozenset(effective.purposes.value))
    yield Cell("aggregates", QUERIES), Within(frozenset(effective.aggregates.value))
    for name, table in effective.dataset.tables.items():
        if effective.table(name) is not None:
            yield Cell(name, QUERIES), AtMost(value=True)
            for key in table.columns:
                ways = effective.ways(name, key)
                if ways:
                    yield Cell(f"{name}.{key}", QUERIES), Within(ways)
        if effective.records.allowed.value:
            for key in leaving(effective.dataset, effective.grant, name):
                yield Cell(f"{name}.{key}", RECORDS), AtMost(value=True)


def _of_members(project: ProjectPolicy, effective: Effective) -> Iterator[tuple[Cell, Held]]:
    answering = owners(project, effective.dataset)  # who own it may not ask, listed or not
    for member in (one for one in project.spec.members if one.user not in answering):
        until = min(member.last_day, effective.last_day.value)
        yield Cell(f"member {member.user}", QUERIES), AtMost(until)


def _of_allowance(allowance: Allowance) -> Iterator[tuple[Cell, Held]]:
    whose = allowance.researcher or allowance.project or "pool"
    if allowance.researcher:
        whose = f"{allowance.project} / {allowance.researcher}"
    yield Cell(f"epsilon of {whose}", BUDGET), AtMost(allowance.epsilon.value)
    yield Cell(f"measure of {whose}", BUDGET), Fixed(allowance.measure.value, optional=True)
    yield Cell(f"delta of {whose}", BUDGET), AtMost(allowance.conversion_delta)
    yield Cell(f"keys_delta of {whose}", BUDGET), AtMost(allowance.keys_delta)
