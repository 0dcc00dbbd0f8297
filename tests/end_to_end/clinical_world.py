"""Published data sets as the gateway stores them: to be asked, and to be read exactly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path

import duckdb

from gateway.ingest.report import IngestReport
from gateway.ingest.request import IngestRequest
from gateway.ingest.run import ingest
from gateway.storage import RamFolder, SnapshotStore
from policies.active import PolicySet
from policies.columns import Column
from policies.datasets import Contribution, DatasetPolicy, Ownership, Table
from policies.decisions import Access
from policies.layout import is_opaque_key, resolution, stored_type
from policies.load import load_policies
from policies.privacy import Measure
from policies.query_use import ValueType
from query.answers import Answer, Quote, Request
from query.engines.duckdb import DuckDbEngine
from query.service import OpenDataset, Ports, answer, quote
from tests.fakes import MemoryLedger
from tests.limits import LIMITS

__all__ = ["ClinicalWorld"]

MOST = Decimal(1_000_000)
"""The largest price that can be asked; at it, the noise of a count is far below 1."""
NOW = datetime(2026, 11, 21, tzinfo=UTC)
MACROS = (
    """
    CREATE MACRO clamp(x, low, high) AS
    CASE WHEN x IS NULL THEN NULL WHEN x < low THEN low WHEN x > high THEN high ELSE x END
    """,
    "CREATE MACRO age_band(x, width) AS CAST(FLOOR(x / width) * width AS BIGINT)",
)
"""The gateway's own functions, in DuckDB's words."""


@dataclass
class ClinicalWorld:
    """One ingested data set.

    Attributes:
        policies: As shipped, without the tables of notes, whose de-identification takes a minute.
        dataset: The one data set in them.
        report: What ingest did.
        engine: Over the stored snapshot, as the gateway opens it.
        exact: The same rows with their declared names and plain types, for any DuckDB SQL.
    """

    policies: PolicySet
    dataset: DatasetPolicy
    report: IngestReport
    engine: DuckDbEngine
    exact: duckdb.DuckDBPyConnection
    _numbers: count[int] = field(default_factory=count)

    @classmethod
    def ingested(cls, declarations: Path, samples: Path, folder: Path) -> ClinicalWorld:
        """Ingest the one data set of a folder of policies."""
        policies = load_policies(declarations)
        (shipped,) = policies.datasets.values()
        dataset = _without_notes(shipped)
        policies = replace(policies, datasets={dataset.id: dataset})
        store = SnapshotStore(folder / "store", key=b"k" * 32)
        request = IngestRequest(
            dataset=dataset,
            policy_digest=policies.digest,
            folder=samples,
            store=store,
            ram=RamFolder(folder, allow_disk=True),
            master=b"m" * 32,
            now=NOW,
        )
        report = ingest(request)
        manifest = store.current(dataset.id)
        assert manifest is not None
        file = folder / "snapshot.duckdb"
        with file.open("wb") as plain:
            store.unseal(manifest, plain)
        exact = duckdb.connect(":memory:", config={"threads": 2})
        _copy_plain(exact, file, dataset)
        return cls(policies, dataset, report, DuckDbEngine(file, LIMITS), exact)

    def close(self) -> None:
        """Free both databases."""
        self.engine.close()
        self.exact.close()

    def quote(self, sql: str) -> Quote:
        """Quote a question under the shipped policy."""
        return quote(self._request(sql, self.policies), self._ports(self.policies))

    def answer(self, sql: str) -> Answer:
        """Answer a question under the shipped policy, at its default price."""
        return answer(self._request(sql, self.policies), self._ports(self.policies))

    def answer_closely(self, sql: str, loose: tuple[int, int] | None) -> Answer:
        """Answer a question with hardly any noise, and with bounds that cut nothing."""
        policies = _loosened(self.policies, self.dataset, loose)
        return answer(self._request(sql, policies, MOST), self._ports(policies))

    def _request(self, sql: str, policies: PolicySet, loss: Decimal | None = None) -> Request:
        (project,) = policies.projects.values()
        access = Access(
            principal=project.spec.members[0].user,
            project=project.id,
            dataset=self.dataset.id,
            purpose=project.spec.purposes[0],
            time=NOW,
        )
        return Request(access=access, sql=sql, loss=loss)

    def _ports(self, policies: PolicySet) -> Ports:
        return Ports(
            policies=policies,
            datasets={self.dataset.id: OpenDataset(engine=self.engine, snapshot="sample")},
            ledger=MemoryLedger(policies=policies),
            new_query_id=lambda: f"{next(self._numbers):032x}",
        )


def _without_notes(dataset: DatasetPolicy) -> DatasetPolicy:
    tables = {
        name: table
        for name, table in dataset.tables.items()
        if table.ownership is not Ownership.DIRECTORY and "text" not in table.columns
    }
    return replace(dataset, spec=replace(dataset.spec, tables=tables))


def _loosened(
    policies: PolicySet, dataset: DatasetPolicy, loose: tuple[int, int] | None
) -> PolicySet:
    """Return the policies with room for one question at the largest price."""
    spec = dataset.spec
    loosened = replace(
        spec,
        tables={name: _loose_table(table, loose) for name, table in spec.tables.items()},
        queries=replace(spec.queries, measure=Measure.PURE, max_loss_per_query=MOST),
        budget=replace(
            spec.budget, epsilon=MOST, delta=Decimal(0), per_project=MOST, per_researcher=MOST
        ),
    )
    (project,) = policies.projects.values()
    budget = replace(project.spec.budget, epsilon=MOST, per_researcher=MOST)
    rich = replace(project, spec=replace(project.spec, budget=budget))
    return replace(
        policies,
        datasets={dataset.id: replace(dataset, spec=loosened)},
        projects={project.id: rich},
    )


def _loose_table(table: Table, loose: tuple[int, int] | None) -> Table:
    if table.unit_column is None or table.max_rows_per_unit == 1:
        return table
    most = table.max_rows_per_unit or 1
    groups, rows = (min(most, 200), most) if loose is None else loose
    return replace(table, contribution=Contribution(max_groups=groups, max_rows_per_group=rows))


def _copy_plain(exact: duckdb.DuckDBPyConnection, file: Path, dataset: DatasetPolicy) -> None:
    """Copy the stored tables with texts for enumerations and numbers for counts of steps."""
    exact.execute(f"ATTACH '{file}' AS stored (READ_ONLY)")
    for name, table in dataset.tables.items():
        columns = ", ".join(_plain(one, column) for one, column in table.stored_columns.items())
        exact.execute(f'CREATE TABLE "{name}" AS SELECT {columns} FROM stored."{name}"')
    exact.execute("DETACH stored")
    for macro in MACROS:
        exact.execute(macro)


def _plain(name: str, column: Column) -> str:
    if is_opaque_key(column):
        return f'"{name}"'
    if column.type is ValueType.DECIMAL:
        return f'"{name}" / {1 / resolution(column):f}::DOUBLE AS "{name}"'
    if stored_type(column) == "ENUM":
        return f'"{name}"::VARCHAR AS "{name}"'
    return f'"{name}"'
