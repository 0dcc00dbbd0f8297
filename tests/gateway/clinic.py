"""A deployment whose record door is open: a clinic, a project that is given records, approvers."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

from gateway.governing.signing_keys import create_key
from gateway.intake import ingest_dataset
from gateway.settings import load_settings
from tests.gateway.deployments import make_empty

PATIENTS = 60
GOLD = "".join(
    json.dumps(
        {
            "id": str(number),
            "text": f"Seen by Dr. {name} on 03/04/2021.",
            "spans": [
                {"start": 12, "end": 12 + len(name), "label": "NAME"},
                {"start": 16 + len(name), "end": 26 + len(name), "label": "DATE"},
            ],
        }
    )
    + "\n"
    for number, name in enumerate(["Miller", "Jane Roe", "Poe"])
)
GOLD_DIGEST = f"sha256:{hashlib.sha256(GOLD.encode()).hexdigest()}"
DATASET = f"""\
apiVersion: gateway.policy/v1
kind: DatasetPolicy
metadata: {{id: clinic, version: 1, title: Clinic, owner: "steward:one",
  effective_from: 2026-01-01, expires_at: 2036-12-31}}
spec:
  source: {{format: csv, snapshot: "2026-01-01", lineage: clinic}}
  privacy_unit: {{table: patients, column: id}}
  tables:
    patients:
      max_rows_per_unit: 1
      columns:
        id: {{role: privacy_unit}}
        name: {{role: direct_identifier, identifies: full_name}}
        sex: {{role: quasi_identifier, dp: {{categories: [F, M], group_by: true}}, release: keep}}
        age: {{role: quasi_identifier, type: integer, release: keep}}
        dx: {{role: sensitive, release: keep}}
        cost: {{role: attribute, type: decimal, release: keep}}
        closed: {{role: attribute, stored: true}}
        note:
          role: free_text
          release: keep
          transform: {{kind: deidentify_text, operator: redact}}
  queries: {{purposes: [research], aggregates: [count]}}
  budget: {{pool: clinic, epsilon: "10"}}
  obligations: [no_reidentification]
  releases:
    allowed: allowed
    quasi_identifiers: [patients.sex, patients.age]
    k_anonymity: {{k: 5, suppress_max: "0.2"}}
    l_diversity: {{column: patients.dx, l: 2}}
    max_rows: 100
    standard: expert_determination
    determination: {{expert: Dr R. Vance, report: ED-7, valid_until: 2036-12-31}}
    text_evidence: {{min_recall: "0.5", on: notes, gold: "{GOLD_DIGEST}"}}
    expires_days: 30
"""
PROJECT = """\
apiVersion: gateway.policy/v1
kind: ProjectPolicy
metadata: {id: cohort, version: 1, title: Cohort, owner: "steward:one",
  effective_from: 2026-01-01, expires_at: 2036-12-31}
spec:
  datasets:
    - {id: clinic, tables: {patients: [sex, age, dx, cost, note]}, releases: allowed}
  purposes: [research]
  members:
    - {user: "uni|ann", role: researcher, until: 2036-12-31}
    - {user: "uni|pat", role: principal_investigator, until: 2036-12-31}
  budget: {epsilon: "2"}
"""
PLAN = """\
criteria: {k: 5, l: 2, suppression: 0.2}
columns:
  id: {role: privacy_unit}
  sex: {role: quasi_identifier}
  age: {role: quasi_identifier, hierarchy: {kind: number, widths: [10, 20]}}
  dx: {role: sensitive}
  cost: {role: measure}
"""
APPROVERS = {
    "bea": ["data_steward"],
    "cid": ["output_checker"],
    "dan": ["auditor"],
    "ann": ["data_steward"],  # who asks, too
    "pat": ["privacy_officer"],  # a member who may be the recipient
}
DAYS = (date(2020, 1, 1), date(2999, 1, 1))


def name_of(number: int) -> str:
    """A name that nothing else holds."""
    return f"Canary Zebedee{number}"


def make_clinic(folder: Path) -> Path:
    """A site with the dataset ``clinic`` stored, the project ``cohort`` and keys in ``drawer``."""
    site = make_empty(folder)
    policies, drawer = site / "policies", folder / "drawer"
    drawer.mkdir()
    (policies / "gateway.yaml").unlink()  # whose ceilings let no record out
    for place in ("datasets", "projects"):
        (policies / place / "example.yaml").unlink()
    (policies / "datasets" / "clinic.yaml").write_text(DATASET, encoding="utf-8")
    (policies / "projects" / "cohort.yaml").write_text(PROJECT, encoding="utf-8")
    for person, roles in APPROVERS.items():
        create_key(policies, drawer / f"{person}.pem", person, roles, DAYS)
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "gold.jsonl").write_text(GOLD, encoding="utf-8")
    ingest_dataset(load_settings(site), "clinic", _sources(folder / "sources"))
    return site


def _sources(folder: Path) -> Path:
    folder.mkdir()
    with (folder / "patients.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "name", "sex", "age", "dx", "cost", "closed", "note"])
        for number in range(PATIENTS):
            name = name_of(number)
            note = f"{name} was seen on 03/04/2021." if number % 2 else "=1+1 as before."
            cells = [f"P{number}", name, "FM"[number % 2], 20 + number % 40, f"D{number % 3}"]
            writer.writerow([*cells, f"{number}.50", f"secret{number}", note])
    return folder
