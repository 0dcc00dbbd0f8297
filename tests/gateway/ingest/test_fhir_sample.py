"""A published FHIR bulk export, drafted and stored as it is; skipped where it is not at hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from gateway.drafting import DraftRequest, draft_policies
from gateway.ingest.sources.fhir_files import fhir_batches, fhir_tables
from gateway.storage import RamFolder, SnapshotStore, Warehouse
from policies.load import load_policies
from tests.gateway.ingest.small import run
from tests.limits import LIMITS

pytestmark = pytest.mark.unwatched  # what it runs must be shown without these data too
ROOT = Path(__file__).parents[3]
SAMPLES = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data")) / "fhir_r4"
EXPORT = SAMPLES / "bulk_export_13_patients"
NOTE = "text: {role: free_text, dp: none}"


def words(rows: Iterable[Iterable[object]]) -> set[str]:
    return {word for row in rows for value in row for word in re.findall(r"\w{3,}", str(value))}


@pytest.mark.skipif(not EXPORT.is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA")
def test_a_bulk_export_is_stored_without_the_names_of_its_patients(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    request = DraftRequest(place=EXPORT, name="kansas", owner="one", purpose="research",
                           today=date(2026, 11, 1))  # fmt: skip
    for name, content in draft_policies(request).files.items():
        path = tmp_path / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content.decode()
        path.write_text(text.replace(NOTE, NOTE.replace("dp: none", "stored: true")), "utf-8")
    dataset = load_policies(tmp_path / "policies").datasets["kansas"]
    report = run(dataset, EXPORT, store, ram)
    opened = Warehouse(store, ram, LIMITS).snapshot(dataset)
    stored = words(opened.engine.run("SELECT text FROM document_reference"))
    named = words(
        tuple(row.values())
        for batch in fhir_batches(EXPORT, "Patient", ("name", "other_name", "mrn"))
        for row in batch.to_pylist()
    )

    assert report.units == 13
    assert report.notes.processed == 1215
    assert report.notes.withheld == 0
    assert len(named) > 30
    assert not {word for word in named if any(map(str.isdigit, word))} & stored


@pytest.mark.skipif(not EXPORT.is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA")
def test_bundles_one_a_line_are_tables_too() -> None:
    kinds = fhir_tables(SAMPLES)
    rows = [row for kind in kinds for batch in fhir_batches(SAMPLES, kind, ("id",))
            for row in batch.to_pylist()]  # fmt: skip

    assert {"Patient", "Encounter", "Condition", "Observation"} <= set(kinds)
    assert len(rows) > 1000
    assert all(row["id"] for row in rows)
