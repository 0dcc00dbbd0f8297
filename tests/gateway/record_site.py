"""A deployment whose record door is open: to a table, and to notes that can be revealed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.settings import SETTINGS_FILE, load_settings
from tests.gateway.deployments import make_empty
from tests.gateway.ledger.worlds import ledger_file

DATASET = """\
apiVersion: gateway.policy/v1
kind: DatasetPolicy
metadata: {id: ward, version: 1, title: Ward, owner: "steward:one", effective_from: 2026-01-01,
  expires_at: 2036-12-31}
spec:
  source: {format: csv, snapshot: "2026-01-01", lineage: ward}
  privacy_unit: {table: patients, column: id}
  tables:
    patients:
      max_rows_per_unit: 1
      columns:
        id: {role: privacy_unit}
        name: {role: direct_identifier, identifies: full_name}
        sex: {role: quasi_identifier, dp: {categories: [F, M], group_by: true}}
    notes:
      columns:
        id: {role: privacy_unit}
        text:
          role: free_text
          stored: true
          transform:
            kind: deidentify_text
            operators: {NAME: encrypt, ID: encrypt, DATE: generalize}
            reversible: true
            reversible_reason: device recalls must reach the patient
        plain: {role: free_text, stored: true}
  queries: {purposes: [research], aggregates: [count]}
  budget: {pool: ward, epsilon: "10"}
"""
PROJECT = """\
apiVersion: gateway.policy/v1
kind: ProjectPolicy
metadata: {id: PROJECT, version: 1, title: Recalls, owner: "steward:one",
  effective_from: 2026-01-01, expires_at: 2036-12-31}
spec:
  datasets: [{id: ward, tables: {patients: [sex], notes: [text, plain]}}]
  purposes: [research]
  members: [{user: ann, role: researcher, until: 2036-12-31}]
  budget: {epsilon: "2"}
"""
PATIENTS = "id,name,sex\np1,Jane Roe,F\np2,John Poe,M\n"
NOTES = """\
id,text,plain
p1,"Ms. Roe (MRN: 12345678) was seen on 03/04/2021.",Jane is well.
p2,"Mr. Poe (MRN: 87654321) was seen on 03/04/2021.",
"""


def make_record_site(folder: Path, settings: str = "") -> Path:
    """A deployment with the dataset ``ward`` and the projects ``recalls`` and ``others``."""
    site = make_empty(folder)
    policies = site / "policies"
    (policies / "datasets" / "example.yaml").write_text(DATASET, encoding="utf-8")
    for name in ("example", "others"):
        project = PROJECT.replace("PROJECT", "others" if name == "others" else "recalls")
        (policies / "projects" / f"{name}.yaml").write_text(project, encoding="utf-8")
    with (site / SETTINGS_FILE).open("a", encoding="utf-8") as file:
        file.write(settings)
    return site


def make_record_sources(folder: Path) -> Path:
    """Two patients with a note each."""
    folder.mkdir()
    (folder / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    (folder / "notes.csv").write_text(NOTES, encoding="utf-8")
    return folder


def entries(site: Path, kind: str) -> list[dict[str, Any]]:
    """The log's entries of a kind, in order."""
    if not load_settings(site).ledger.exists():
        return []
    with closing(sqlite3.connect(ledger_file(load_settings(site)))) as connection:
        rows = connection.execute("SELECT leaf FROM entry ORDER BY rowid").fetchall()
    return [one for (leaf,) in rows if (one := json.loads(leaf))["kind"] == kind]
