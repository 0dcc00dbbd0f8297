"""What an attacker attacks: a sealed hospital, its neighbor without one patient, and the service.

Everything goes through the functions of ``query.service``, the real DuckDB engine over a snapshot
file as ingest writes it, and a ledger. What is seen of it is in ``observations``.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from gateway.storage.building import SnapshotBuilder
from policies.active import PolicySet
from policies.columns import Aggregate, Column, Role
from policies.datasets import DatasetPolicy
from policies.layout import own_columns, stored_type
from query.answers import Answer, Request
from query.engines.duckdb import DuckDbEngine, EngineLimits
from query.ports import ExactRow, Ledger
from query.service import OpenDataset, Ports, answer
from tests.factories import make_policies, make_project, make_request
from tests.fakes import MemoryLedger, PassingEngine, StoredRows, counted_rows
from tests.limits import LIMITS
from tests.wards import PRIVATE, make_rows, make_ward

FULL_SIZE = os.environ.get("GATEWAY_FULL_ATTACKS") == "1"
"""Whether the attacks run at the size of the threat table; by default at one that CI can bear."""

VICTIM_VISITS = 944
"""Rows of the patient with the most rows, as in the public synthetic samples."""

BYSTANDERS = ((4, 6, 3, 1), (40, 2, 2, 0), (1, 0, 0, 0), (0, 0, 1, 1), (9, 3, 0, 0), (7, 12, 3, 1))
"""Visits, labs, stays and enrollments of the patients who are in both databases."""

_ARROW: Mapping[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


def sized(small: int, full: int) -> int:
    """Return the number of repeats of an attack."""
    return full if FULL_SIZE else small


def make_hospital(**options: Any) -> DatasetPolicy:  # noqa: ANN401  those of make_ward
    """Return the declaration that is attacked: queries may cost up to 5, and aggregate anything."""
    allowed = {"max_loss_per_query": "5", "aggregates": [one.value for one in Aggregate]}
    return all_aggregates(make_ward(queries={**allowed, **options.pop("queries", {})}, **options))


def all_aggregates(dataset: DatasetPolicy) -> DatasetPolicy:
    """Return the same declaration with every aggregate of every column that has any use."""

    def freed(column: Column) -> Column:
        if column.use is None:
            return column
        counts = (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)
        allowed = counts if column.use.bounds is None else tuple(Aggregate)
        return replace(column, dp=replace(column.use, aggregates=allowed))

    tables = {
        name: replace(table, columns={column: freed(one) for column, one in table.columns.items()})
        for name, table in dataset.spec.tables.items()
    }
    return replace(dataset, spec=replace(dataset.spec, tables=tables))


def all_granted(dataset: DatasetPolicy) -> dict[str, list[str]]:
    """Every column that a project can be granted: the most powerful researcher there is."""
    keys = {Role.PRIVACY_UNIT, Role.KEY}
    granted = {
        name: [
            column
            for column, one in table.stored_columns.items()
            if one.role not in keys and one.use is not None
        ]
        for name, table in dataset.tables.items()
    }
    return {name: columns for name, columns in granted.items() if columns}


def make_set(dataset: DatasetPolicy, *, budget: str = "10") -> PolicySet:
    """Return declarations in which the researcher may ask every column."""
    return make_policies(dataset, make_project(grants=all_granted(dataset), epsilon=budget))


def with_victim(victim: tuple[int, int, int, int] = (VICTIM_VISITS, 8, 3, 1)) -> StoredRows:
    """Return the database with the victim, who is its last patient."""
    return make_rows(1, [*BYSTANDERS, victim])


def without(rows: StoredRows, unit: int) -> StoredRows:
    """Return the neighbor: the patient was never ingested, so later dense numbers are one less."""

    def kept(row: Mapping[str, object]) -> dict[str, object]:
        number = row["patient_id"]
        assert isinstance(number, int)
        return {**row, "patient_id": number - 1 if number > unit else number}

    return {
        name: [kept(row) for row in table if row["patient_id"] != unit]
        if name in PRIVATE
        else table
        for name, table in rows.items()
    }


def units_of(rows: StoredRows) -> int:
    """How many patients there are."""
    return len(rows["patients"])


def write_snapshot(file: Path, dataset: DatasetPolicy, rows: StoredRows) -> Path:
    """Write a snapshot as ingest does, in the order of the rows given."""
    with SnapshotBuilder(file) as building:
        for name, table in dataset.tables.items():
            types = {column: stored_type(one) for column, one in table.stored_columns.items()}
            types |= own_columns(table)
            stored = counted_rows(table, rows.get(name, ()))
            columns = {
                column: pa.array(
                    [row.get(column) for row in stored],
                    _ARROW.get(kind, pa.string()),
                )
                for column, kind in types.items()
            }
            building.add(name, table, pa.table(columns))
        building.finish({"units": len(rows["patients"])})
    return file


@dataclass(repr=False)
class SpyEngine(PassingEngine):
    """The real engine; keeps the statements that reached it and what it said."""

    statements: list[str] = field(default_factory=list)
    results: list[list[ExactRow]] = field(default_factory=list)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Run a statement."""
        self.statements.append(statement)
        rows = super().run(statement, keys)
        self.results.append(rows)
        return rows


@dataclass(repr=False)
class RememberingEngine(PassingEngine):
    """An engine that plans and runs each statement once: what it reads does not change."""

    known: dict[str, list[ExactRow]] = field(default_factory=dict)
    planned: set[str] = field(default_factory=set)

    def prepare(self, statement: str) -> None:
        """Prepare a statement that is new."""
        if statement not in self.planned:
            super().prepare(statement)
            self.planned.add(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Run a statement that is new."""
        if statement not in self.known:
            self.known[statement] = super().run(statement, keys)
        return self.known[statement]


@dataclass(repr=False)
class Site:
    """One database behind the service."""

    policies: PolicySet
    engine: SpyEngine
    ledger: Ledger
    ports: Ports

    @property
    def memory(self) -> MemoryLedger:
        """The ledger, where it is the one in memory."""
        assert isinstance(self.ledger, MemoryLedger)
        return self.ledger

    @property
    def dataset(self) -> DatasetPolicy:
        """The declaration that is asked."""
        return self.policies.datasets["clinic"]

    def answer(self, sql: str, loss: str | None = "0.5", **changes: Any) -> Answer:  # noqa: ANN401
        """Ask as the researcher does."""
        return answer(self.request(sql, loss, **changes), self.ports)

    def request(self, sql: str, loss: str | None = "0.5", **changes: Any) -> Request:  # noqa: ANN401
        """Return the question."""
        return make_request(sql, loss=loss, **changes)

    def refilled(self) -> Site:
        """Return the same site with a ledger that remembers nothing."""
        ledger = MemoryLedger(policies=self.policies)
        ports = replace(self.ports, ledger=ledger)
        return Site(policies=self.policies, engine=self.engine, ledger=ledger, ports=ports)

    def remembering(self) -> Site:
        """Return the same site with rows that are read once; all else is done for each answer."""
        spy = SpyEngine(RememberingEngine(self.engine))
        clinic = replace(self.ports.datasets["clinic"], engine=spy)
        return replace(self, engine=spy, ports=replace(self.ports, datasets={"clinic": clinic}))

    def spent(self) -> int:
        """Return what the ledger in memory was debited, in units of price."""
        return sum(charge.loss.amount for charge in self.memory.charges)


class Estate:
    """Builds sites in a folder and closes them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._engines: list[DuckDbEngine] = []

    def site(
        self,
        rows: StoredRows,
        dataset: DatasetPolicy | None = None,
        *,
        budget: str = "10",
        limits: EngineLimits | None = None,
        ledger: Callable[[PolicySet], Ledger] | None = None,
    ) -> Site:
        """Return a site over one database."""
        declared = make_hospital() if dataset is None else dataset
        policies = make_set(declared, budget=budget)
        file = self._folder / f"snapshot-{next(self._numbers)}.duckdb"
        write_snapshot(file, declared, rows)
        inner = DuckDbEngine(file, limits or replace(LIMITS, threads=1))
        self._engines.append(inner)
        spy = SpyEngine(inner)
        book = MemoryLedger(policies=policies) if ledger is None else ledger(policies)
        ports = Ports(
            policies=policies,
            datasets={"clinic": OpenDataset(engine=spy, snapshot="2026-10-31")},
            ledger=book,
            new_query_id=lambda: secrets.token_hex(16),
        )
        return Site(policies=policies, engine=spy, ledger=book, ports=ports)

    def neighbors(
        self,
        rows: StoredRows | None = None,
        unit: int | None = None,
        **options: Any,  # noqa: ANN401
    ) -> tuple[Site, Site]:
        """Return the site with one patient and all her rows, and the site without."""
        whole = with_victim() if rows is None else rows
        victim = units_of(whole) - 1 if unit is None else unit
        return self.site(whole, **options), self.site(without(whole, victim), **options)

    def close(self) -> None:
        """Let no connection live on."""
        while self._engines:
            self._engines.pop().close()


@contextmanager
def estate(folder: Path) -> Iterator[Estate]:
    """Build sites, and close them at the end."""
    built = Estate(folder)
    try:
        yield built
    finally:
        built.close()


def set_bucket(site: Path, milliseconds: int) -> None:
    """Set the step of time at which a deployment's outcomes leave."""
    settings = site / "gateway.toml"
    text, found = re.subn(
        r"(?m)^time_bucket_ms = .*$",
        f"time_bucket_ms = {milliseconds}",
        settings.read_text("utf-8"),
    )
    if not found:
        text = text.replace("[service]", f"[service]\ntime_bucket_ms = {milliseconds}")
    assert f"time_bucket_ms = {milliseconds}" in text
    settings.write_text(text, encoding="utf-8")
