"""A real deployment of the starter policy, over a small made-up hospital."""

from __future__ import annotations

import csv
from pathlib import Path

from gateway.founding import make_deployment
from gateway.intake import ingest_dataset
from gateway.settings import load_settings

PROJECT = "example-project"
USER = "researcher:change.me"
PATIENTS = 300
WOMEN = 100
COUNTS = "SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex"


def make_sources(folder: Path) -> Path:
    """300 patients, of whom 100 are women, with two visits each."""
    folder.mkdir(parents=True)
    with (folder / "patients.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["patient_id", "name", "birth_date", "sex"])
        for number in range(PATIENTS):
            sex = "F" if number < WOMEN else "M"
            writer.writerow([f"P{number}", f"Canary Name{number}", "1960-05-04", sex])
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["visit_id", "patient_id", "kind"])
        for number in range(2 * PATIENTS):
            writer.writerow([f"V{number}", f"P{number // 2}", "outpatient"])
    return folder


def make_empty(folder: Path) -> Path:
    """A deployment in which nothing was ingested yet."""
    make_deployment(folder / "site", "hospital-a", port=0, keys=folder / "keys")
    return folder / "site"


def make_full(folder: Path) -> Path:
    """A deployment that can be asked."""
    site = make_empty(folder)
    ingest_dataset(load_settings(site), "example", make_sources(folder / "sources"))
    return site
