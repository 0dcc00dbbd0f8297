"""What a member may ask of a dataset in a project: the meet of all layers, with their places.

Gateway, dataset, project and member each say what they allow. What holds is the meet of the four:
caps are the least, floors the greatest, choices what all list and none forbids. So whatever is
added to the declarations can only narrow what one member may ask of one dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from policies.columns import Column, Role
from policies.datasets import DatasetPolicy, Ownership, Table
from policies.documents import TreePath
from policies.gateway import GatewayPolicy, GatewayQueries
from policies.lattice import Cap, Choice, Floor, Layer, Source, Value, Word
from policies.model import Permission
from policies.privacy import Measure, PrivacyLoss
from policies.projects import Grant, Member, ProjectPolicy
from policies.query_use import Aggregate
from policies.record_limits import RecordLimits, record_limits
from policies.terms import QueryRules

__all__ = ["KEY_WAYS", "Effective", "meet"]

_Said = TypeVar("_Said")

KEY_WAYS = ("join", Aggregate.COUNT.value, Aggregate.COUNT_DISTINCT.value)
"""What may be done with a key: its stand-ins are opaque, so only their equality means anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """What holds for one member, one project and one dataset.

    Attributes:
        dataset: The dataset, under the gateway's ceilings.
        grant: What the project grants of it.
        first_day: Day from which it may be asked.
        last_day: Day until which it may be asked.
        purposes: Why it may be asked.
        aggregates: What may be computed over all.
        max_group_columns: Group keys of one query at most.
        max_cells: Cells of one answer at most.
        max_amount: Price of one query at most, in units of the dataset's measure.
        max_delta: Delta of one query at most, in units of 1e-18.
        private_keys: Whether group keys may have no public domain.
        suppress_below: Noisy count of units below which a cell is withheld.
        records: What the record door lets out.
    """

    dataset: DatasetPolicy
    grant: Grant
    first_day: Floor[date]
    last_day: Cap[date]
    purposes: Choice
    aggregates: Choice
    max_group_columns: Cap[int]
    max_cells: Cap[int]
    max_amount: Cap[int]
    max_delta: Cap[int]
    private_keys: Cap[bool]
    suppress_below: Floor[int]
    records: RecordLimits

    @property
    def measure(self) -> Measure:
        """How losses add up."""
        return self.dataset.measure

    @property
    def largest_price(self) -> PrivacyLoss:
        """The most that one query may cost."""
        return PrivacyLoss(
            measure=self.measure, amount=self.max_amount.value, delta=self.max_delta.value
        )

    def table(self, name: str) -> Table | None:
        """Return a table that may be read, or None: granted, declared, and no directory."""
        table = self.dataset.tables.get(name)
        if table is None or name not in self.grant.tables:
            return None
        return None if table.ownership is Ownership.DIRECTORY else table

    def ways(self, table: str, name: str) -> frozenset[str]:
        """Return what a query may do with a column; see ``policies.decisions.ColumnUse``."""
        declared = self.table(table)
        column = None if declared is None else declared.columns.get(name)
        if column is None:
            return frozenset()
        is_key = column.is_key
        if not (is_key or name in self.grant.tables[table]):
            return frozenset()
        barred = {one.value for one in Aggregate} - set(self.aggregates.value)
        if not self.private_keys.value:
            barred.add("private_key")
        return _ways(column) - barred


def _ways(column: Column) -> frozenset[str]:
    """Return what the column's own declaration lets a query do with it."""
    if column.role in {Role.DIRECT_IDENTIFIER, Role.FREE_TEXT}:
        return frozenset()
    is_key, use = column.is_key, column.use
    ways = set(KEY_WAYS) if is_key else set()
    if use is not None:
        ways |= {"filter", "join"}
        ways |= {"group"} if use.group_by else set()
        ways |= {"private_key"} if use.private_keys == "allowed" else set()
        ways |= set() if is_key else {one.value for one in use.aggregates}
    return frozenset(ways)


def meet(
    gateway: GatewayPolicy | None,
    dataset: DatasetPolicy,
    project: ProjectPolicy,
    grant: Grant,
    member: Member | None = None,
) -> Effective:
    """Return what holds where these layers meet.

    Args:
        gateway: The ceilings, or None.
        dataset: As declared, or already under the ceilings: both give the same.
        project: Has the grant.
        grant: What the project grants of the dataset.
        member: Has the days of a membership, too; None for the project as a whole.
    """
    said = _Layers(gateway, dataset, project, grant)
    metadata = (
        (Layer.DATASET, dataset.id, dataset.metadata),
        (Layer.PROJECT, project.id, project.metadata),
    )
    ends = [
        Word(one.expires_at, Source(layer, name, ("metadata", "expires_at")))
        for layer, name, one in metadata
    ]
    if member is not None:
        ends.extend(_ends_of(member, project))
    return Effective(
        dataset=dataset,
        grant=grant,
        first_day=Floor(
            tuple(
                Word(one.effective_from, Source(layer, name, ("metadata", "effective_from")))
                for layer, name, one in metadata
            )
        ),
        last_day=Cap(tuple(ends)),
        purposes=said.purposes(),
        aggregates=said.aggregates(),
        max_group_columns=Cap(said.both("max_group_columns", _max_group_columns)),
        max_cells=Cap(said.both("max_cells", _max_cells)),
        max_amount=Cap(said.amounts()),
        max_delta=Cap(said.deltas()),
        private_keys=said.private_keys(),
        suppress_below=Floor(said.both("suppress_below", _suppress_below)),
        records=record_limits(gateway, dataset, project, grant),
    )


def _ends_of(member: Member, project: ProjectPolicy) -> Iterator[Word[date]]:
    path = ("spec", "members", project.spec.members.index(member))
    yield Word(member.until, Source(Layer.PROJECT, project.id, (*path, "until")))
    if member.training is not None:
        day = Source(Layer.PROJECT, project.id, (*path, "training", "valid_until"))
        yield Word(member.training.valid_until, day)


def _max_group_columns(queries: QueryRules | GatewayQueries) -> int:
    return queries.max_group_columns


def _max_cells(queries: QueryRules | GatewayQueries) -> int:
    return queries.max_cells


def _suppress_below(queries: QueryRules | GatewayQueries) -> int:
    return queries.suppress_below


def _is_allowed(permission: Permission) -> bool:
    return permission == "allowed"


@dataclass(frozen=True, slots=True)
class _Layers:
    """The layers, and what they say under which key."""

    gateway: GatewayPolicy | None
    dataset: DatasetPolicy
    project: ProjectPolicy
    grant: Grant

    def purposes(self) -> Choice:
        listed = (
            self._of_dataset("purposes", self.dataset.spec.queries.purposes),
            self._of_project(("spec", "purposes"), self.project.spec.purposes),
        )
        return Choice(listed, self._of_gateway("forbid_purposes", lambda one: one.forbid_purposes))

    def aggregates(self) -> Choice:
        allowed = tuple(one.value for one in self.dataset.spec.queries.aggregates)
        return Choice(
            (self._of_dataset("aggregates", allowed),),
            self._of_gateway(
                "forbid_aggregates",
                lambda one: tuple(each.value for each in one.forbid_aggregates),
            ),
        )

    def private_keys(self) -> Cap[bool]:
        queries = self.dataset.spec.queries
        path = (*self._grant_path(), "private_keys")
        return Cap(
            (
                *self._of_gateway("private_keys", lambda one: _is_allowed(one.private_keys)),
                self._of_dataset("private_keys", _is_allowed(queries.private_keys)),
                self._of_project(path, _is_allowed(self.grant.private_keys)),
            )
        )

    def both(
        self, key: str, read: Callable[[QueryRules | GatewayQueries], Value]
    ) -> tuple[Word[Value], ...]:
        """What gateway and dataset say under a key that both have."""
        return (
            *self._of_gateway(key, read),
            self._of_dataset(key, read(self.dataset.spec.queries)),
        )

    def amounts(self) -> tuple[Word[int], ...]:
        measure, price = self.dataset.measure, self.dataset.largest_price()
        own = self._of_dataset("max_loss_per_query", price.amount)
        if self.gateway is None:
            return (own,)
        key, most = self.gateway.spec.queries.max_loss(measure)
        ceiling = PrivacyLoss.of_budget(measure, most).amount
        return (*self._of_gateway(key, lambda _: ceiling), own)

    def deltas(self) -> tuple[Word[int], ...]:
        measure, price = self.dataset.measure, self.dataset.largest_price()
        ceiling = self._of_gateway(
            "max_keys_delta_per_query",
            lambda one: (
                PrivacyLoss.of_budget(
                    measure, one.max_epsilon_per_query, one.max_keys_delta_per_query
                ).delta
            ),
        )
        return (*ceiling, self._of_dataset("keys_delta_per_query", price.delta))

    def _of_gateway(
        self, key: str, read: Callable[[GatewayQueries], _Said]
    ) -> tuple[Word[_Said], ...]:
        if self.gateway is None:
            return ()
        source = Source(Layer.GATEWAY, self.gateway.id, ("spec", "queries", key))
        return (Word(read(self.gateway.spec.queries), source),)

    def _of_dataset(self, key: str, value: _Said) -> Word[_Said]:
        return Word(value, Source(Layer.DATASET, self.dataset.id, ("spec", "queries", key)))

    def _of_project(self, path: TreePath, value: _Said) -> Word[_Said]:
        return Word(value, Source(Layer.PROJECT, self.project.id, path))

    def _grant_path(self) -> TreePath:
        return ("spec", "datasets", self.project.spec.datasets.index(self.grant))
