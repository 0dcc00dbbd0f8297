"""The query engine's surroundings in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.active import PolicySet
from query.ports import ExactRow
from query.service import OpenDataset, Ports
from tests.factories import make_dataset, make_policies
from tests.fakes import DuckDbMemoryEngine, MemoryLedger, PassingEngine, StoredRows
from tests.wards import make_rows

ROWS = make_rows(9, [(5, 0, 0, 0), (40, 0, 0, 0), (1, 0, 0, 0), (0, 0, 0, 0)])
OTHER_ROWS = make_rows(10, [(2, 0, 0, 0)])


_OPEN: list[DuckDbMemoryEngine] = []


def close_engines() -> None:
    """Let no connection live until the interpreter ends: DuckDB's binding then warns of leaks."""
    while _OPEN:
        _OPEN.pop().close()


@dataclass
class World:
    """Everything around one question, in memory."""

    policies: PolicySet
    ledger: MemoryLedger
    ports: Ports
    log: list[str]


@dataclass
class WatchedEngine(PassingEngine):
    """Writes into the ledger's log when private rows are read."""

    log: list[str]
    failure: BaseException | None = field(default=None)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        self.log.append("read")
        if self.failure is not None:
            raise self.failure
        return super().run(statement, keys)


def make_world(
    policies: PolicySet | None = None,
    rows: StoredRows | None = None,
    failure: BaseException | None = None,
) -> World:
    active = make_policies(make_dataset()) if policies is None else policies
    ledger = MemoryLedger(policies=active)
    tables = DuckDbMemoryEngine(active.datasets["clinic"], ROWS if rows is None else rows)
    _OPEN.append(tables)
    engine = WatchedEngine(tables, ledger.log, failure)
    numbers = iter(range(10**6))
    ports = Ports(
        policies=active,
        datasets={"clinic": OpenDataset(engine=engine, snapshot="2026-10-31")},
        ledger=ledger,
        new_query_id=lambda: f"{next(numbers):032x}",
    )
    return World(policies=active, ledger=ledger, ports=ports, log=ledger.log)
