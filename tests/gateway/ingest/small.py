"""A hospital small enough to know by heart: three patients, their visits and notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from gateway.ingest import IngestReport, IngestRequest, ingest
from gateway.storage import RamFolder, SnapshotStore
from policies.datasets import DatasetPolicy

MASTER = bytes(range(32))
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

PATIENTS = """\
id,name,ssn,born,sex,zip,income
p1,Jane Roe,900-12-3456,1950-03-07,F,02139,100
p2,John Poe,900-65-4321,1920-07-01,M,10201,99999
p3,Ann Lee,,2001-12-31,F,,
"""
VISITS = """\
visit,patient,start,cost
v1,p1,2020-01-05,10.005
v2,p1,2020-02-05,20.00
v3,p1,2020-03-05,30.00
v4,p2,2020-01-05,1.50
"""


def policy(tables: Mapping[str, Any] | None = None, **source: str) -> DatasetPolicy:
    """Return the declaration; ``tables`` are merged into it, two levels deep."""
    declared = _tables()
    for name, changes in (tables or {}).items():
        table = declared.setdefault(name, {})
        columns = table.get("columns", {}) | changes.get("columns", {})
        declared[name] = table | changes | {"columns": columns}
    document = {
        "apiVersion": "gateway.policy/v1",
        "kind": "DatasetPolicy",
        "metadata": {
            "id": "small",
            "version": 1,
            "title": "Small hospital",
            "owner": "steward:test",
            "effective_from": "2026-01-01",
            "expires_at": "2036-12-31",
        },
        "spec": {
            "source": {"format": "csv", "snapshot": "2026-11-01", "lineage": "small"} | source,
            "privacy_unit": {"table": "patients", "column": "id"},
            "tables": declared,
            "queries": {"purposes": ["testing"], "aggregates": ["count", "sum"]},
            "budget": {"pool": "small", "epsilon": "10"},
        },
    }
    return TypeAdapter(DatasetPolicy).validate_json(json.dumps(document))


def _tables() -> dict[str, Any]:
    return {
        "patients": {
            "key": "id",
            "max_rows_per_unit": 1,
            "columns": {
                "id": {"role": "privacy_unit"},
                "name": {"role": "direct_identifier", "identifies": "full_name"},
                "ssn": {"role": "direct_identifier"},
                "born": {"role": "direct_identifier", "identifies": "date"},
                "age": {
                    "role": "quasi_identifier",
                    "type": "integer",
                    "derived_from": "born",
                    "transform": {"kind": "age_at", "reference_date": "2026-11-01"},
                    "dp": {"bounds": [0, 90], "outside": "clamp"},
                },
                "sex": {
                    "role": "quasi_identifier",
                    "dp": {"categories": ["F", "M"], "group_by": True},
                },
                "zip3": {
                    "role": "quasi_identifier",
                    "derived_from": "zip",
                    "transform": "zip3",
                    "dp": {},
                },
                "income": {
                    "role": "sensitive",
                    "type": "integer",
                    "dp": {"bounds": [0, 1000], "outside": "clamp", "aggregates": ["sum"]},
                },
            },
        },
        "visits": {
            "key": "visit",
            "columns": {
                "visit": {"role": "key"},
                "patient": {"role": "privacy_unit"},
                "start": {
                    "role": "quasi_identifier",
                    "type": "date",
                    "transform": "shift_date",
                    "dp": {"outside": "null"},
                },
                "cost": {
                    "role": "attribute",
                    "type": "decimal",
                    "dp": {"bounds": [0, 100], "outside": "clamp", "aggregates": ["sum"]},
                },
            },
        },
    }


def write(folder: Path, **files: str) -> Path:
    """Write ``<name>.csv`` files, the usual ones unless they are given; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ({"patients": PATIENTS, "visits": VISITS} | files).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def run(
    dataset: DatasetPolicy,
    folder: Path,
    store: SnapshotStore,
    ram: RamFolder,
    **changes: Any,  # noqa: ANN401  fields of the request
) -> IngestReport:
    """Ingest with fixed secrets."""
    request = IngestRequest(
        dataset=dataset,
        policy_digest="sha256:test",
        folder=folder,
        store=store,
        ram=ram,
        master=MASTER,
        now=NOW,
    )
    return ingest(replace(request, **changes))
