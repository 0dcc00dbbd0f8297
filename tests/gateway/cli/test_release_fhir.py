"""Patients and notes of a FHIR export: drafted, stored, and released through the one door."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.governing.signing_keys import create_key
from gateway.ingest.sources.fhir_files import fhir_header
from gateway.intake import ingest_dataset
from gateway.settings import load_settings
from tests.gateway.cli.conftest import Clinic, Run
from tests.gateway.cli.test_release import rows_of, scorecard
from tests.gateway.clinic import APPROVERS, DATASET, DAYS, GOLD, PATIENTS, PROJECT, name_of
from tests.gateway.deployments import make_empty
from tests.gateway.ingest.sources.test_fhir_files import note, patient, put

USED = ("id", "sex", "birth_date", "name", "other_name", "mrn", "zip", "address_line")
PLAN = """\
criteria: {k: 5, suppression: 0.2}
columns:
  id: {role: privacy_unit}
  sex: {role: quasi_identifier}
  zip: {role: quasi_identifier, hierarchy: {kind: none}}
"""
NOTES_PLAN = """\
criteria: {k: 5, suppression: 0.2}
columns:
  patient: {role: counted_unit}
  code: {role: quasi_identifier}
  text: {role: free_text}
"""


def declared(folder: Path) -> str:
    """The clinic's declaration, over FHIR: everything that is not named is a direct identifier."""
    patients = dict.fromkeys(fhir_header(folder, "Patient"), "{role: direct_identifier}")
    patients |= {
        "id": "{role: privacy_unit}",
        "name": "{role: direct_identifier, identifies: full_name}",
        "sex": "{role: quasi_identifier, release: keep}",
        "zip": "{role: quasi_identifier, transform: zip3, release: keep}",
    }
    notes = dict.fromkeys(fhir_header(folder, "DocumentReference"), "{role: direct_identifier}")
    notes |= {
        "patient": "{role: privacy_unit}",
        "code": "{role: quasi_identifier, release: keep}",
        "text": "{role: free_text, release: keep, transform: {kind: deidentify_text, "
        "operator: redact}}",
    }

    def table(columns: dict[str, str]) -> str:
        return "".join(f"        {name}: {said}\n" for name, said in columns.items())

    start, end = DATASET.index("    patients:\n"), DATASET.index("  queries:")
    text = DATASET[:start] + (
        "    patients:\n      file: Patient\n      max_rows_per_unit: 1\n      columns:\n"
        f"{table(patients)}    notes:\n      file: DocumentReference\n"
        f"      max_rows_per_unit: 9\n      columns:\n{table(notes)}"
    ) + DATASET[end:]  # fmt: skip
    text = text.replace("format: csv", "format: fhir")
    text = text.replace("[patients.sex, patients.age]", "[patients.sex, patients.zip, notes.code]")
    return text.replace("    l_diversity: {column: patients.dx, l: 2}\n", "")


@pytest.fixture
def fhir(run: Run, tmp_path: Path) -> Clinic:
    """Sixty patients of a FHIR server, with a note each."""
    site = make_empty(tmp_path)
    policies, sources = site / "policies", tmp_path / "sources"
    named = [
        patient(n, name=[{"text": "-", "given": ["Canary"], "family": f"Zebedee{n}"}],
                gender="female" if n % 2 else "male")
        for n in range(PATIENTS)
    ]  # fmt: skip
    put(sources, "Patient.ndjson", *named)
    texts = (f"{name_of(n)} was seen on 03/04/2021." for n in range(PATIENTS))
    put(sources, "DocumentReference.ndjson", *(note(n, text) for n, text in enumerate(texts)))
    (policies / "gateway.yaml").unlink()
    shutil.rmtree(policies / "projects")
    shutil.rmtree(policies / "datasets")
    for folder, name, text in (
        ("datasets", "clinic", declared(sources)),
        ("projects", "cohort", PROJECT.replace(
            "patients: [sex, age, dx, cost, note]", "patients: [sex, zip], notes: [code, text]"
        )),
    ):  # fmt: skip
        (policies / folder).mkdir()
        (policies / folder / f"{name}.yaml").write_text(text, "utf-8")
    (tmp_path / "drawer").mkdir()
    for person, roles in APPROVERS.items():
        create_key(policies, tmp_path / "drawer" / f"{person}.pem", person, roles, DAYS)
    (tmp_path / "gold.jsonl").write_text(GOLD, "utf-8")
    ingest_dataset(load_settings(site), "clinic", sources)
    return Clinic(run, site)


def test_patients_and_their_notes_leave_by_the_door(fhir: Clinic) -> None:
    first = fhir.approved(plan=PLAN)
    patients = fhir.export(first, "patients")
    more = ("--table", "notes", "--evidence", scorecard(fhir))
    second = fhir.approved(*more, plan=NOTES_PLAN)
    notes = fhir.export(second, "notes")
    said = [rows_of(fhir.folder / name / "records.csv") for name in ("patients", "notes")]

    assert (patients.code, notes.code) == (0, 0)
    assert [len(rows) for rows in said] == [PATIENTS, PATIENTS]
    assert {(row["sex"], row["zip"]) for row in said[0]} == {("female", "021"), ("male", "021")}
    assert {row["text"] for row in said[1]} == {"[NAME] was seen on [DATE]."}
    assert set(said[1][0]) == {"code", "text", "row"}
    assert not {row["id"] for row in said[0]} & {row["row"] for row in said[1]}
    assert fhir.verify().code == 0


def test_a_fhir_folder_can_be_drafted(run: Run, fhir: Clinic, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    site = make_empty(tmp_path / "other")
    for folder in ("datasets", "projects"):
        shutil.rmtree(site / "policies" / folder)
    drafted = run("policy", "draft", fhir.folder / "sources", "--out", site, "--name", "kansas")
    linted = run("policy", "lint", site, "--source", fhir.folder / "sources")
    ingested = run("ingest", site, "--dataset", "kansas", "--workers", 0,
                   "--source", fhir.folder / "sources")  # fmt: skip
    text = (site / "policies" / "datasets" / "kansas.yaml").read_text("utf-8")

    assert drafted.code == 0, drafted.err
    assert "patient: patients' rows; id lists the patients" in drafted.out
    assert "document_reference: patients' rows" in drafted.out
    assert linted.code == 0, linted.out + linted.err
    assert ingested.code == 0, ingested.err
    assert "format: fhir" in text
    assert 'file: "DocumentReference"' in text
    assert "Zebedee" not in text
