"""Declarations in layers: an open hospital, changed at random in a few places, and requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from policies.active import PolicySet
from policies.ceilings import under_ceilings
from policies.columns import Column, Role
from policies.datasets import DatasetPolicy
from policies.gateway import (
    GatewayBudget,
    GatewayMetadata,
    GatewayPolicy,
    GatewayQueries,
    GatewaySpec,
)
from policies.model import API_VERSION, Permission
from policies.projects import ProjectPolicy, Training
from policies.query_use import Aggregate, QueryUse

PURPOSES = ("epidemiology", "planning", "marketing")
AMOUNTS = st.sampled_from([Decimal(text) for text in ("0.01", "0.1", "0.5", "1")])
DELTAS = st.sampled_from([Decimal(text) for text in ("0.0000001", "0.001")])
CELLS = st.sampled_from([1, 10, 100, 1000])
PERMISSIONS: st.SearchStrategy[Permission] = st.sampled_from(["denied", "allowed"])
TRAINED = Training(course="five safes", valid_until=date(2026, 9, 30))
TABLES = {"patients": ("sex", "age", "county"), "visits": ("code", "cost", "note")}


@dataclass(frozen=True)
class Layers:
    """The declarations before they are put together."""

    gateway: GatewayPolicy | None
    dataset: DatasetPolicy
    project: ProjectPolicy

    @property
    def active(self) -> PolicySet:
        """The declarations in force together, as loading them would give."""
        dataset = under_ceilings(self.dataset, self.gateway)
        return PolicySet(
            gateway=self.gateway,
            datasets={dataset.id: dataset},
            projects={self.project.id: self.project},
        )

    def with_releases(self, **changes: Any) -> Layers:  # noqa: ANN401  any field
        """Declare otherwise what the dataset's record door gives."""
        spec = self.dataset.spec
        changed = replace(spec, releases=replace(spec.releases, **changes))
        return replace(self, dataset=replace(self.dataset, spec=changed))


Change: TypeAlias = Callable[[st.DrawFn, Layers], Layers]


def open_layers(base: PolicySet) -> Layers:
    """Return declarations that allow a lot."""
    dataset, project = base.datasets["ward"], base.projects["sugar"]
    tables = {
        name: replace(table, columns={key: opened(column) for key, column in table.columns.items()})
        for name, table in dataset.tables.items()
    }
    spec = dataset.spec
    queries = replace(
        spec.queries,
        purposes=PURPOSES,
        aggregates=tuple(Aggregate),
        max_group_columns=3,
        max_cells=1000,
        max_loss_per_query=Decimal(1),
        default_loss=Decimal("0.01"),
        private_keys="allowed",
        keys_delta_per_query=Decimal("0.001"),
    )
    budget = replace(spec.budget, delta=Decimal("0.01"))
    unit = replace(spec.privacy_unit, max_units=10_000)
    grant = replace(project.spec.datasets[0], tables=TABLES)
    return Layers(
        None,
        replace(
            dataset,
            spec=replace(spec, tables=tables, queries=queries, budget=budget, privacy_unit=unit),
        ),
        replace(project, spec=replace(project.spec, datasets=(grant,), purposes=PURPOSES)),
    )


def opened(column: Column) -> Column:
    """Return a column that may be asked for all that its declaration can allow."""
    use = column.use
    if use is None:
        return column
    listed = tuple(Aggregate) if use.bounds is not None else (Aggregate.COUNT,)
    return replace(
        column,
        dp=replace(use, group_by=True, private_keys="allowed", aggregates=listed),
    )


def some(values: tuple[str, ...], *, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw a sub-list in the given order; mostly a long one."""
    left_out = st.sets(st.sampled_from(values), max_size=len(values) - least)
    return left_out.map(lambda out: tuple(value for value in values if value not in out))


AGGREGATES = some(tuple(one.value for one in Aggregate)).map(
    lambda names: tuple(Aggregate(name) for name in names)
)


@st.composite
def gateways(draw: st.DrawFn) -> GatewayPolicy:
    """Draw ceilings of any height."""
    epsilon = draw(st.sampled_from([Decimal(number) for number in (1, 3, 20)]))
    share = draw(st.none() | st.just(epsilon / 2))
    queries = GatewayQueries(
        max_epsilon_per_query=draw(AMOUNTS),
        max_rho_per_query=draw(AMOUNTS),
        max_group_columns=draw(st.integers(0, 4)),
        max_cells=draw(CELLS),
        suppress_below=draw(st.integers(0, 9)),
        private_keys=draw(PERMISSIONS),
        max_keys_delta_per_query=draw(DELTAS),
        forbid_purposes=draw(st.lists(st.sampled_from(PURPOSES), max_size=1).map(tuple)),
        forbid_aggregates=draw(st.lists(st.sampled_from(Aggregate), max_size=1).map(tuple)),
    )
    return GatewayPolicy(
        apiVersion=API_VERSION,
        kind="GatewayPolicy",
        metadata=GatewayMetadata(id="site", version=1, title="Site", owner="steward:one"),
        spec=GatewaySpec(
            budget=GatewayBudget(epsilon=epsilon, per_project=share, per_researcher=share),
            queries=queries,
        ),
    )


def _ceilings(draw: st.DrawFn, layers: Layers) -> Layers:
    return replace(layers, gateway=draw(st.none() | gateways()))


QUERY_RULES: dict[str, st.SearchStrategy[Any]] = {
    "purposes": some(PURPOSES, least=1),
    "aggregates": AGGREGATES,
    "max_group_columns": st.integers(0, 4),
    "max_cells": CELLS,
    "suppress_below": st.integers(0, 9),
    "max_loss_per_query": AMOUNTS,
    "private_keys": PERMISSIONS,
    "keys_delta_per_query": DELTAS,
}


def _query_rule(name: str) -> Change:
    def change(draw: st.DrawFn, layers: Layers) -> Layers:
        spec = layers.dataset.spec
        said: dict[str, Any] = {name: draw(QUERY_RULES[name])}
        changed = replace(spec, queries=replace(spec.queries, **said))
        return replace(layers, dataset=replace(layers.dataset, spec=changed))

    return change


def _column(draw: st.DrawFn, layers: Layers) -> Layers:
    spec = layers.dataset.spec
    name, key = draw(
        st.sampled_from([("patients", "sex"), ("patients", "age"), ("visits", "cost")])
    )
    table = spec.tables[name]
    column = table.columns[key]
    if column.role is Role.DIRECT_IDENTIFIER:  # by an earlier change
        return layers
    use = column.use or QueryUse()
    finite = bool(use.categories or use.bounds is not None)
    changed = draw(
        st.sampled_from(
            [
                Column(role=Role.DIRECT_IDENTIFIER),
                replace(column, dp="none", stored=draw(st.booleans())),
                replace(column, dp=replace(use, group_by=finite and draw(st.booleans()))),
                replace(column, dp=replace(use, private_keys=draw(PERMISSIONS))),
                replace(column, dp=replace(use, nulls=draw(st.sampled_from(["keep", "filter"])))),
                replace(column, dp=replace(use, aggregates=draw(AGGREGATES)))
                if use.bounds is not None
                else column,
            ]
        )
    )
    tables = {**spec.tables, name: replace(table, columns={**table.columns, key: changed})}
    return replace(layers, dataset=replace(layers.dataset, spec=replace(spec, tables=tables)))


def _budget(draw: st.DrawFn, layers: Layers) -> Layers:
    spec = layers.dataset.spec
    budget = replace(
        spec.budget,
        epsilon=draw(st.sampled_from([Decimal(number) for number in (4, 10, 12)])),
        per_project=draw(st.none() | st.just(Decimal(3))),
        per_researcher=draw(st.none() | st.just(Decimal(2))),
    )
    return replace(layers, dataset=replace(layers.dataset, spec=replace(spec, budget=budget)))


def _dates(draw: st.DrawFn, layers: Layers) -> Layers:
    if draw(st.booleans()):
        project = layers.project
        last = draw(st.sampled_from([date(2026, 2, 20), date(2027, 1, 31), date(2027, 12, 1)]))
        changed = replace(project.metadata, expires_at=last)
        return replace(layers, project=replace(project, metadata=changed))
    dataset = layers.dataset
    first = draw(st.sampled_from([date(2025, 6, 1), date(2026, 2, 25), date(2026, 12, 1)]))
    metadata = replace(dataset.metadata, effective_from=first)
    return replace(layers, dataset=replace(dataset, metadata=metadata))


def _grant(draw: st.DrawFn, layers: Layers) -> Layers:
    spec = layers.project.spec
    tables = {name: draw(some(names)) for name, names in TABLES.items() if draw(st.integers(0, 3))}
    grant = draw(
        st.sampled_from(
            [
                replace(spec.datasets[0], tables=tables),
                replace(spec.datasets[0], private_keys=draw(PERMISSIONS)),
                replace(spec.datasets[0], id="other"),
            ]
        )
    )
    return replace(layers, project=replace(layers.project, spec=replace(spec, datasets=(grant,))))


def _people(draw: st.DrawFn, layers: Layers) -> Layers:
    spec = layers.project.spec
    days = st.sampled_from([-300, 0, 300])
    members = tuple(
        replace(
            one,
            until=one.until + timedelta(days=draw(days)),
            training=draw(st.sampled_from([one.training, None, TRAINED])),
        )
        for one in spec.members
        if draw(st.integers(0, 3))
    )
    changed = draw(
        st.sampled_from(
            [
                replace(spec, members=members),
                replace(spec, purposes=draw(some(PURPOSES, least=1))),
            ]
        )
    )
    return replace(layers, project=replace(layers.project, spec=changed))


CHANGES: tuple[Change, ...] = (
    *(_ceilings, _column, _budget, _dates, _grant, _people),
    *(_query_rule(name) for name in QUERY_RULES),
)


@st.composite
def pairs(draw: st.DrawFn, base: Layers) -> tuple[Layers, Layers]:
    """Draw two declarations that differ in one kind of thing, and perhaps in another."""
    change = draw(st.sampled_from(CHANGES))
    before, after = change(draw, base), change(draw, base)
    return before, draw(changes(after, most=1)) if draw(st.integers(0, 2)) == 2 else after


@st.composite
def changes(draw: st.DrawFn, layers: Layers, most: int = 3) -> Layers:
    """Draw other declarations that differ in a few places."""
    for change in draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=most)):
        layers = change(draw, layers)
    return layers
