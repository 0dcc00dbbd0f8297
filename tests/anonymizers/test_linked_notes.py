"""No exact or listed variant of a patient's own identifiers is left in that patient's notes.

How well the search itself sees is shown by what it finds in the notes as they were written.
"""

from __future__ import annotations

import base64
import csv
import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anonymizers.fhir import FhirDeidentifier, People
from anonymizers.keys import DateShift
from anonymizers.known import Directory, KnownIdentifiers
from anonymizers.pool import deidentify_notes
from anonymizers.text import Note, Operator, TextDeidentifier
from gateway.demo.hospital.write import write_hospital
from policies.columns import IdentifierKind
from policies.datasets import DatasetPolicy, Ownership
from policies.load import load_policies
from tests.anonymizers.own_identifiers import Person, everyday, found_in, plain

ROOT = Path(__file__).parents[2]
SAMPLES = Path(os.environ.get("GATEWAY_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
EVERY = int(os.environ.get("GATEWAY_SAMPLE_EVERY", "6"))
"""One note in so many of the sample data is read, so that the test takes seconds."""
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no sample data; set GATEWAY_SAMPLE_DATA to their folder"
)
pytestmark = pytest.mark.unwatched
Row = Mapping[str, Any]
SHIFT = DateShift(key=b"s" * 32)


def declared(dataset: DatasetPolicy, table: str, row: Row) -> list[tuple[IdentifierKind, str]]:
    columns = dataset.tables[table].columns
    return [
        (column.identifies or IdentifierKind.ID, str(row[column.derived_from or name]))
        for name, column in columns.items()
        if (column.identifies or name == dataset.tables[table].unit_column)
        and row[column.derived_from or name]
    ]


def deidentified(
    dataset: DatasetPolicy,
    tables: Mapping[str, Sequence[Row]],
    notes: Sequence[Row],
    operator: Operator = "surrogate",
) -> list[tuple[str, str]]:
    """De-identify notes as ingest does: what is known comes from the dataset's declaration."""
    unit = dataset.spec.privacy_unit
    directory = Directory.of(
        declared(dataset, name, row)
        for name, rows in tables.items()
        if dataset.tables[name].ownership is Ownership.DIRECTORY
        for row in rows
    )
    patients = {
        str(row[unit.column]): KnownIdentifiers.of(declared(dataset, unit.table, row))
        for row in tables[unit.table]
    }
    service = TextDeidentifier(key=b"k" * 32, directory=directory, shift=SHIFT, operator=operator)
    stream = (
        Note(
            id=str(number),
            unit=row["patient_id"],
            text=row["text"],
            known=patients[row["patient_id"]],
        )
        for number, row in enumerate(notes)
    )
    texts = [outcome.note.text for outcome in deidentify_notes(service, stream) if outcome.note]
    assert len(texts) == len(notes)
    return [(row["patient_id"], text) for row, text in zip(notes, texts, strict=True)]


def check(
    notes: Sequence[Row], done: Sequence[tuple[str, str]], people: Mapping[str, Person]
) -> Counter[str]:
    """Assert that nothing survives, and return what there was to find."""
    common = everyday(row["text"] for row in notes)
    written = [(row["patient_id"], row["text"]) for row in notes]

    assert Counter(kind for _, kind in found_in(done, people, common)) == {}
    return Counter(kind for _, kind in found_in(written, people, common))


def test_the_demo_hospital(tmp_path: Path) -> None:
    write_hospital(tmp_path, patients=400, seed=11)
    names = ("patients", "notes", "staff", "facilities")
    tables = {name: read_csv(tmp_path / f"{name}.csv") for name in names}
    dataset = load_policies(ROOT / "policies/examples/demo").datasets["demo-hospital"]
    notes = sorted(tables.pop("notes"), key=lambda row: str(row["patient_id"]))
    people = {
        str(row["patient_id"]): Person(
            given=(row["given_name"],),
            family=(row["family_name"], row["maiden_name"]),
            relatives=(row["contact_name"],),
            numbers=(row["patient_id"], row["mrn"], row["ssn"], row["insurance_id"]),
            phones=(row["phone"], row["contact_phone"]),
            mails=(row["email"],),
            streets=(row["street"],),
            cities=(row["city"],),
            born=date.fromisoformat(row["birth_date"]),
        )
        for row in tables["patients"]
    }

    seen = check(notes, deidentified(dataset, tables, notes), people)

    assert seen["name"] >= len(notes)
    assert set(seen) >= {"full name", "number", "phone", "street", "birth date", "relative"}


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@needs_samples
def test_the_sample_hospitals() -> None:
    folder = SAMPLES / "synthea_network"
    names = ("patients", "practitioners", "organizations")
    tables: dict[str, list[Row]] = {
        name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in names
    }
    policies = load_policies(ROOT / "policies/examples/synthea-network")
    notes = sorted(
        pq.read_table(folder / "notes.parquet").to_pylist(), key=lambda row: str(row["patient_id"])
    )[::EVERY]
    people = {
        row["patient_id"]: Person(
            given=(*row["first_name"].split(), *(row["middle_name"] or "").split()),
            family=(row["last_name"], row["maiden_name"] or ""),
            relatives=(row["mothers_name"], *filter(None, [row["fathers_name"]])),
            numbers=(
                row["patient_id"], row["mrn"], row["ssn"], row["drivers_license"] or "",
                row["passport"] or "",
            ),
            phones=(row["phone"],),
            streets=(row["address_line"],),
            cities=(row["city"],),
            born=row["birth_date"],
        )
        for row in tables["patients"]
    }  # fmt: skip

    # Labels and not stand-ins: a visit shortly after birth may be moved to the birth date.
    done = deidentified(policies.datasets["synthea-network"], tables, notes, "redact")
    seen = check(notes, done, people)

    assert seen["name"] >= len(notes)


@needs_samples
def test_a_fhir_export() -> None:
    folder = SAMPLES / "fhir_r4" / "bulk_export_13_patients"
    resources = []
    for file in sorted(folder.glob("*.ndjson.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            resources += [one for one in map(json.loads, lines) if "resourceType" in one]
    people = People()
    for resource in resources:
        people.add(resource)
    patients = {one["id"]: one for one in resources if one["resourceType"] == "Patient"}
    service = FhirDeidentifier(
        TextDeidentifier(key=b"k" * 32, directory=people.directory(), shift=SHIFT),
        pseudonyms=b"p" * 32,
        shift=SHIFT,
        people=people,
        today=date(2026, 11, 21),
    )
    kept = [one for number, one in enumerate(resources) if owner(one) and number % EVERY == 0]
    kept += [one for one in patients.values() if one not in kept]
    written = [{"patient_id": owner(one), "text": spelled_out(one)} for one in kept]
    done = [(owner(one), spelled_out(service.deidentify(one).resource)) for one in kept]

    seen = check(written, done, {unit: person_of(one) for unit, one in patients.items()})

    assert seen["name"] >= len(kept) / 3
    assert set(seen) >= {"number", "phone", "street", "birth date"}
    whole = plain(" ".join(text for _, text in done))
    for resource in resources:
        if resource["resourceType"] == "Practitioner":
            for name in resource["name"]:
                assert plain(f"{name['given'][0]} {name['family']}") not in whole


def owner(resource: Mapping[str, Any]) -> str:
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    referred = resource.get("subject") or resource.get("patient") or {}
    return str(referred.get("reference", "")).removeprefix("Patient/")


def spelled_out(resource: object) -> str:
    """Return all texts of a resource, those in base64 decoded, one a line."""
    found: list[str] = []

    def visit(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, one in value.items():
                visit(one, name)
        elif isinstance(value, list):
            for one in value:
                visit(one, key)
        else:
            is_data = key == "data" and isinstance(value, str)
            found.append(base64.b64decode(str(value)).decode() if is_data else str(value))

    visit(resource)
    return "\n".join(found)


def person_of(patient: Mapping[str, Any]) -> Person:
    mothers = [
        one["valueString"]
        for one in patient["extension"]
        if re.search("mothersMaidenName$", one["url"])
    ]

    def pick(key: str) -> list[dict[str, Any]]:
        return list(patient.get(key, []))

    return Person(
        given=tuple(given for name in pick("name") for given in name["given"]),
        family=tuple(name["family"] for name in pick("name")),
        relatives=tuple(mothers),
        numbers=tuple(one["value"] for one in pick("identifier")),
        phones=tuple(one["value"] for one in pick("telecom")),
        streets=tuple(line for one in pick("address") for line in one["line"]),
        cities=tuple(one["city"] for one in pick("address")),
        born=date.fromisoformat(patient["birthDate"]),
    )


def ndjson(name: str) -> list[dict[str, Any]]:
    with gzip.open(SAMPLES / "fhir_r4" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def fhir_service(people: People) -> FhirDeidentifier:
    return FhirDeidentifier(
        TextDeidentifier(key=b"k" * 32, directory=people.directory(), shift=SHIFT),
        pseudonyms=b"p" * 32,
        shift=SHIFT,
        people=people,
        today=date(2026, 11, 21),
    )


@needs_samples
def test_fhir_bundles_of_transactions() -> None:
    """Bundles name their patient by ``urn:uuid:``, and repeat the name in displays."""
    bundles = ndjson("transaction_bundles_25_patients.ndjson.gz")[::EVERY]
    people = People()
    for bundle in bundles:
        people.add(bundle)
    service = fhir_service(people)
    patients = {
        str(number): next(
            one["resource"]
            for one in bundle["entry"]
            if one["resource"]["resourceType"] == "Patient"
        )
        for number, bundle in enumerate(bundles)
    }
    written = [
        {"patient_id": str(number), "text": spelled_out(bundle)}
        for number, bundle in enumerate(bundles)
    ]
    done = [
        (str(number), spelled_out(service.deidentify(bundle).resource))
        for number, bundle in enumerate(bundles)
    ]

    seen = check(written, done, {unit: person_of(one) for unit, one in patients.items()})

    assert len(bundles) * EVERY >= 25
    assert set(seen) >= {"name", "number", "phone", "street", "birth date", "relative"}
    for number, patient in patients.items():
        assert patient["id"] not in done[int(number)][1]


@needs_samples
def test_fhir_patients_of_a_large_export() -> None:
    patients = ndjson("Patient_1000.ndjson.gz")[:: 4 * EVERY]
    people = People()
    for patient in patients:
        people.add(patient)
    service = fhir_service(people)
    written = [{"patient_id": one["id"], "text": spelled_out(one)} for one in patients]
    done = [(one["id"], spelled_out(service.deidentify(one).resource)) for one in patients]

    seen = check(written, done, {one["id"]: person_of(one) for one in patients})

    assert seen["name"] >= len(patients)
    assert not [unit for unit, text in done if unit in text]
