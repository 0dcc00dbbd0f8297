"""The same ingest on data that others published; skipped where it is not at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import parquet

from gateway.ingest import IngestReport
from gateway.storage import RamFolder, SnapshotStore, Warehouse
from policies.active import PolicySet
from policies.datasets import DatasetPolicy, Ownership, Table
from policies.layout import RANK
from policies.load import load_policies
from tests.gateway.ingest.small import run
from tests.limits import LIMITS

pytestmark = pytest.mark.unwatched  # what it runs must be shown without these data too
ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "policies" / "examples"
DATA = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
NAMES = ["synthea-csv", "diabetes-130us", "synthea-network", "omop-gibleed"]


class Ingested:
    """One published dataset in a store."""

    def __init__(self, name: str, folder: Path) -> None:
        self.policies: PolicySet = load_policies(EXAMPLES / name)
        self.dataset: DatasetPolicy = self.policies.datasets[name]
        base = folder / "ram"
        base.mkdir()
        ram = RamFolder(base, allow_disk=True)
        self.store = SnapshotStore(folder / "store", key=bytes(32))
        self.report: IngestReport = run(self.dataset, DATA, self.store, ram, workers=2)
        self._warehouse = Warehouse(self.store, ram, LIMITS)

    def ask(self, sql: str) -> list[Any]:
        return [tuple(row) for row in self._warehouse.snapshot(self.dataset).engine.run(sql)]

    def private(self) -> list[tuple[str, Table]]:
        tables = self.dataset.tables.items()
        return [(name, table) for name, table in tables if table.ownership is Ownership.PRIVATE]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ingested]:
    """Ingest each dataset once."""

    @cache
    def ingest(name: str) -> Ingested:
        if not (DATA / name.replace("-", "_")).is_dir():
            pytest.skip(f"{DATA} has no {name}; set GATEWAY_SAMPLE_DATA")
        return Ingested(name, tmp_path_factory.mktemp(name))

    return ingest


@pytest.fixture(params=NAMES)
def ingested(request: pytest.FixtureRequest, published: Callable[[str], Ingested]) -> Ingested:
    return published(str(request.param))


def test_the_example_declares_one_dataset_and_a_project_with_a_member(ingested: Ingested) -> None:
    (project,) = ingested.policies.projects.values()

    assert list(ingested.policies.datasets) == [ingested.dataset.id]
    assert project.member("sample|researcher") is not None
    assert project.grant(ingested.dataset.id) is not None


def test_no_row_is_rejected_and_all_are_accounted_for(ingested: Ingested) -> None:
    assert len(ingested.report.tables) == len(ingested.dataset.tables)
    for table in ingested.report.tables:
        assert table.rejected == {}
        if ingested.dataset.tables[table.table].ownership is Ownership.PRIVATE:
            assert table.read == table.stored + table.left_out
            assert table.stored > 0.8 * table.read
    assert ingested.report.notes.withheld == 0


def test_no_unit_has_more_rows_than_declared(ingested: Ingested) -> None:
    for name, table in ingested.private():
        ((most, ranked),) = ingested.ask(
            f'SELECT max(rows), max(top) FROM (SELECT count(*) AS rows, max("{RANK}") AS top '
            f'FROM "{name}" GROUP BY "{table.unit_column}")'
        )

        assert most == ranked
        assert table.max_rows_per_unit is not None
        assert most <= table.max_rows_per_unit


def test_values_lie_in_their_declared_bounds(ingested: Ingested) -> None:
    checked = 0
    for name, table in ingested.private():
        for column, declared in table.stored_columns.items():
            if declared.use is None or declared.use.bounds is None:
                continue
            ((low, high),) = ingested.ask(f'SELECT min("{column}"), max("{column}") FROM "{name}"')
            if isinstance(low, str):
                first, last = declared.use.bounds
                assert str(first) <= low
                assert high[:10] <= str(last)
            checked += 1

    assert checked >= 10


def test_units_are_dense(ingested: Ingested) -> None:
    unit = ingested.dataset.spec.privacy_unit
    rows = ingested.ask(
        f'SELECT min("{unit.column}"), max("{unit.column}"), count(DISTINCT "{unit.column}") '
        f'FROM "{unit.table}"'
    )

    assert rows == [(0, ingested.report.units - 1, ingested.report.units)]


def test_most_values_are_in_the_declared_categories(ingested: Ingested) -> None:
    for table in ingested.report.tables:
        if ingested.dataset.tables[table.table].ownership is Ownership.PUBLIC:
            continue  # a vocabulary names more than its common part
        for column, count in table.nulled.items():
            assert count < 0.5 * table.read, (table.table, column)


def test_no_note_keeps_the_name_of_its_patient(published: Callable[[str], Ingested]) -> None:
    network = published("synthea-network")
    patients = parquet.read_table(DATA / "synthea_network" / "patients.parquet")
    noted = pc.unique(parquet.read_table(DATA / "synthea_network" / "notes.parquet")["patient_id"])
    patients = patients.filter(pc.is_in(patients["patient_id"], value_set=noted))
    assert isinstance(patients, pa.Table)
    names = {
        name
        for column in ("first_name", "last_name", "maiden_name", "ssn", "patient_id", "mrn")
        for name in patients[column].to_pylist()
        if name
    }
    any_name = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(names))) + r")\b")
    texts = [text for (text,) in network.ask("SELECT text FROM notes")]

    assert len(texts) > 4000
    survivors = [text for text in texts if text and any_name.search(text)]
    assert len(survivors) == 0
