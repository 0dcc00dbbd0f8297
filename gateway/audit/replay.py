"""The ledger's whole state, computed again from the log alone, with every rule checked on the way.

This shares no code with what writes the ledger, so that one mistake cannot hide another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.audit.entries import Entry
from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.events import (
    BudgetCapped,
    DatasetBound,
    Event,
    IngestDone,
    KeyRotated,
    PolicyActivated,
    PolicyResumed,
    PolicySuspended,
    QueryAbandoned,
    QueryDerived,
    QueryReleased,
    QueryRepeated,
    QueryReserved,
    RecordsApproved,
    RecordsChecked,
    RecordsDestroyed,
    RecordsExported,
    RecordsRequested,
)
from gateway.audit.findings import Failure, Finding
from gateway.audit.replay_keys import KeyReplay
from gateway.audit.replay_records import RecordReplay

__all__ = ["QueryState", "Replay", "ScopeState"]


@dataclass(slots=True, kw_only=True)
class ScopeState:
    """One budget, as the log has it so far; amounts in the measure's units."""

    parent: str | None
    measure: str
    cap: int
    cap_delta: int
    spent: int = 0
    spent_delta: int = 0


@dataclass(slots=True, kw_only=True)
class QueryState:
    """One charged query, as the log has it so far.

    Attributes:
        scopes: Ids of the scopes that were charged.
        closed: Number of the entry that closed it; None while it is open.
        digest: Salted digest of the stored answer; empty unless it was released.
        told: The same of the answer as it was told; empty in older logs.
    """

    event: QueryReserved
    reserve: int
    boot: str
    scopes: tuple[str, ...]
    closed: int | None = None
    state: str = "reserved"
    digest: str = ""
    told: str = ""


@dataclass(slots=True)
class Replay:
    """The state after the entries so far.

    Attributes:
        policy: Digest of the declarations in force; empty before the first.
        approved: Whether changes of the declarations in force need approval.
        activations: Which entry put which declarations in force.
        suspended: What is stopped, and by which entry.
        pools: For each dataset its pool.
        scopes: By id.
        queries: By id, in the order of their reservations.
        records: What became of records that were asked for.
        keys: Which keys have signed the log.
        lists: Generation and digest of the newest list of erased units, by dataset.
    """

    policy: str = ""
    approved: bool = False
    activations: list[tuple[int, str]] = field(default_factory=list)
    suspended: dict[str, int] = field(default_factory=dict)
    pools: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, ScopeState] = field(default_factory=dict)
    queries: dict[str, QueryState] = field(default_factory=dict)
    records: RecordReplay = field(default_factory=RecordReplay)
    keys: KeyReplay = field(default_factory=KeyReplay)
    lists: dict[str, tuple[int, str]] = field(default_factory=dict)
    _releases: dict[int, QueryState] = field(default_factory=dict)
    _time: str = ""
    _mono: dict[str, int] = field(default_factory=dict)

    def take(self, index: int, entry: Entry) -> Iterator[Finding]:
        """Bring the state up to one more entry, and yield what is wrong with it."""
        stamp = entry.stamp
        if stamp.seq != index:
            yield Finding(index, Failure.SEQUENCE, "it says that it has another number")
        if stamp.time < self._time or stamp.mono < self._mono.get(stamp.boot, 0):
            yield Finding(index, Failure.TIME, "it is older than the entry before")
        self._time = max(self._time, stamp.time)
        self._mono[stamp.boot] = stamp.mono
        for failure, detail in self._apply(index, entry.event, stamp.boot):
            yield Finding(index, failure, detail)

    def _apply(self, index: int, event: Event, boot: str) -> Iterator[tuple[Failure, str]]:
        match event:
            case PolicyActivated() | PolicySuspended() | PolicyResumed() | KeyRotated():
                yield from self._govern(index, event)
            case BudgetCapped():
                yield from self._cap(event)
            case DatasetBound():
                yield from self._bind(event)
            case QueryReserved():
                yield from self._reserve(index, event, boot)
            case QueryReleased():
                yield from self._close(index, event, "released")
            case QueryAbandoned():
                yield from self._close(index, event, "abandoned")
            case QueryRepeated() | QueryDerived():
                yield from self._repeat(event)
            case (
                RecordsRequested()
                | RecordsChecked()
                | RecordsApproved()
                | RecordsExported()
                | RecordsDestroyed()
            ):
                yield from self.records.take(index, event, self.suspended.keys(), self.policy)
            case UnitsErased() | UnitsReadmitted() | IngestDone():
                yield from self._list(event)
            case _:
                pass  # the other kinds change nothing that can be spent

    def _list(
        self, event: UnitsErased | UnitsReadmitted | IngestDone
    ) -> Iterator[tuple[Failure, str]]:
        """A list of erased units never goes back, and an ingest follows the newest."""
        if not event.generation:
            return  # an ingest before anybody was erased, or of an earlier version
        before = self.lists.get(event.dataset, (0, ""))
        named = (event.generation, event.tombstones)
        if event.generation < before[0]:
            yield Failure.ERASURE, "it goes back to an older list of who was erased"
        elif event.generation == before[0] and (
            named != before or not isinstance(event, IngestDone)
        ):
            yield Failure.ERASURE, "it changes a list of who was erased without a new generation"
        self.lists[event.dataset] = max(before, named)
        self.records.lists[event.dataset] = self.lists[event.dataset][0]

    def _bind(self, event: DatasetBound) -> Iterator[tuple[Failure, str]]:
        if self.pools.setdefault(event.dataset, event.pool) != event.pool:
            yield Failure.POLICY, "it moves a dataset to another pool"
        if event.pool not in self.scopes:
            yield Failure.POLICY, "it names a pool without a budget"

    def _govern(
        self,
        index: int,
        event: PolicyActivated | PolicySuspended | PolicyResumed | KeyRotated,
    ) -> Iterator[tuple[Failure, str]]:
        match event:
            case PolicyActivated():
                yield from self._activate(index, event)
            case PolicySuspended():
                if self.suspended.setdefault(event.suspended, index) != index:
                    yield Failure.POLICY, "it suspends what is suspended"
                yield from self._signed(event.signers, 1)
            case PolicyResumed():
                if self.suspended.pop(event.suspended, None) != event.ref:
                    yield Failure.POLICY, "it resumes what was not suspended at its reference"
                yield from self._signed(event.signers, 2)
            case KeyRotated():
                yield from self.keys.take(index, event)

    def _activate(self, index: int, event: PolicyActivated) -> Iterator[tuple[Failure, str]]:
        if event.approvals and event.replaces != self.policy:
            yield Failure.POLICY, "it replaces declarations that are not in force"
        self.approved = self.approved or event.approvals == "required"
        yield from self._signed(event.signers, 2 if event.change == "widens" else 1)
        self.approved = event.approvals == "required"
        self.policy = event.policy
        self.activations.append((index, event.policy))

    def _signed(self, signers: str, least: int) -> Iterator[tuple[Failure, str]]:
        """Where approvals are asked for, less than this many different keys never do."""
        if self.approved and len(set(signers.split())) < least:
            yield Failure.APPROVAL, "fewer have signed than have to"

    def _cap(self, event: BudgetCapped) -> Iterator[tuple[Failure, str]]:
        names = [event.pool, event.capped_project, event.capped_researcher]
        path = [name for name in names if name]
        kinds = {1: "pool", 2: "project", 3: "researcher"}
        parent = "/".join(path[:-1]) or None
        if event.scope != kinds[len(path)] or not all(names[: len(path)]):
            yield Failure.POLICY, "its scope is not the one it names"
        if parent is not None and parent not in self.scopes:
            yield Failure.POLICY, "it caps a part of what has no budget"
        if not self.policy:
            yield Failure.POLICY, "it caps a budget before any declaration is in force"
        scope = self.scopes.setdefault(
            "/".join(path), ScopeState(parent=parent, measure=event.measure, cap=0, cap_delta=0)
        )
        if scope.measure != event.measure:
            yield Failure.POLICY, "it changes the measure of a budget"
        scope.cap = max(scope.spent, event.cap)
        scope.cap_delta = max(scope.spent_delta, int(event.cap_delta))

    def _reserve(
        self, index: int, event: QueryReserved, boot: str
    ) -> Iterator[tuple[Failure, str]]:
        project = f"{event.pool}/{event.project}"
        ids = (event.pool, project, f"{project}/{event.actor}")
        if event.query_id in self.queries:
            yield Failure.LIFECYCLE, "it reserves a query for the second time"
        if {f"project/{event.project}", f"dataset/{event.dataset}"} & self.suspended.keys():
            yield Failure.POLICY, "it charges what is suspended"
        if event.policy != self.policy:
            yield Failure.POLICY, "it was allowed under declarations that are not in force"
        if self.pools.get(event.dataset) != event.pool:
            yield Failure.POLICY, "it charges another pool than its dataset's"
        self.queries[event.query_id] = QueryState(event=event, reserve=index, boot=boot, scopes=ids)
        for name in ids:
            scope = self.scopes.get(name)
            if scope is None or scope.measure != event.measure:
                yield Failure.POLICY, "it charges a budget that was not opened in its measure"
                continue
            scope.spent += event.amount
            scope.spent_delta += int(event.delta)
            if scope.spent > scope.cap or scope.spent_delta > scope.cap_delta:
                yield Failure.OVERSPENT, f"it takes {name} over its cap"

    def _close(
        self, index: int, event: QueryReleased | QueryAbandoned, state: str
    ) -> Iterator[tuple[Failure, str]]:
        query = self.queries.get(event.query_id)
        if query is None or query.reserve != event.ref:
            yield Failure.LIFECYCLE, "it closes a query that was not reserved at its reference"
        elif query.closed is not None:
            yield Failure.LIFECYCLE, "it closes a query for the second time"
        else:
            query.closed, query.state = index, state
            if isinstance(event, QueryReleased):
                query.digest, query.told = event.answer, event.told
                self._releases[index] = query

    def _repeat(self, event: QueryRepeated | QueryDerived) -> Iterator[tuple[Failure, str]]:
        query = self._releases.get(event.ref)
        asked = (event.project, event.cache_key)
        if query is None or (query.event.project, query.event.cache_key) != asked:
            yield Failure.LIFECYCLE, "it repeats an answer that was not released to its project"
