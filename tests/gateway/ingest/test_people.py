"""Notes of a FHIR export are searched for all that its resources say of people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from gateway.ingest.people import people_of
from gateway.ingest.sources.fhir_files import fhir_header
from gateway.storage import RamFolder, SnapshotStore, Warehouse
from policies.datasets import DatasetPolicy
from policies.errors import SourceError
from tests.anonymizers.fhir.test_fhir import DAUGHTER, SAID, SEVERAL
from tests.gateway.ingest.small import policy, run
from tests.gateway.ingest.sources.test_fhir_files import note, put
from tests.limits import LIMITS

NOTES = (
    "Isolde Quillon Abernethy, born Bracegirdle, called Izzy Wetherby, of 12 Thornfield Way.",
    "Flat 9B, then 77 Marchmont Crescent in Lyonsdale; fax 617-555-0144, iso@home.example.",
    "Call Chidi Okafor (617-555-0145, 3 Gallowgate Row) or Rosamund Vane. MRN-771204, QX99812-7.",
    "Perpetua Undershaft, also Petra Szymborska, 617-555-0146, born 1975-02-03, file REL-445566.",
    "See home.example/isolde9 and dial 617-555-0143. Signed: Thistlewood Ashgrove.",
)
STAFF = {"resourceType": "Practitioner", "id": "s1", "name": [{"text": "Thistlewood Ashgrove"}]}
SUBJECT = {"subject": {"reference": "Patient/p-9"}}


def declared(folder: Path) -> DatasetPolicy:
    """Patients and notes; nothing is said of what identifies whom, and notes are stored."""

    def table(kind: str, rows: int, **own: Any) -> dict[str, Any]:  # noqa: ANN401  any column
        columns = {name: {"role": "direct_identifier"} for name in fhir_header(folder, kind)}
        return {"file": kind, "max_rows_per_unit": rows, "columns": columns | own}

    owner = {"role": "privacy_unit"}
    redacted = {"kind": "deidentify_text", "operator": "redact"}
    text = {"role": "free_text", "stored": True, "transform": redacted}
    document = json.loads(
        TypeAdapter(DatasetPolicy).dump_json(policy(format="fhir"), by_alias=True)
    )
    document["spec"]["tables"] = {
        "patients": table("Patient", 1, id=owner),
        "notes": table("DocumentReference", 99, patient=owner, text=text),
    }
    return TypeAdapter(DatasetPolicy).validate_json(json.dumps(document))


def exported(folder: Path, *more: Any) -> Path:  # noqa: ANN401  resources
    put(folder, "Patient.ndjson", SEVERAL)
    put(folder, "Others.ndjson", DAUGHTER, STAFF, *more)
    return put(folder, "DocumentReference.ndjson",
               *(note(n, text) | SUBJECT for n, text in enumerate(NOTES)))  # fmt: skip


def test_no_name_number_or_address_of_a_patient_or_relative_is_stored(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    folder = exported(tmp_path / "export")
    dataset = declared(folder)
    report = run(dataset, folder, store, ram)
    rows = Warehouse(store, ram, LIMITS).snapshot(dataset).engine.run("SELECT text FROM notes")
    stored = " ".join(str(text) for (text,) in rows).casefold()

    assert report.notes.processed == len(NOTES)
    assert all(one in " ".join(NOTES).casefold() for one in SAID)
    assert [one for one in (*SAID, "ashgrove", "thistlewood") if one in stored] == []


def bundled(*resources: dict[str, Any]) -> dict[str, Any]:
    """Resources as one bundle in which each has a name that is not its id."""
    text, entries = json.dumps(resources), list[dict[str, Any]]()
    for number, one in enumerate(resources):
        name = f"urn:uuid:0-{number}"
        target = f"{one['resourceType']}/{one['id']}"
        text = text.replace(f'"reference": "{target}"', f'"reference": "{name}"')
        entries.append({"fullUrl": name})
    for entry, one in zip(entries, json.loads(text), strict=True):
        entry["resource"] = one
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def test_a_bundle_may_name_its_entries_otherwise_than_by_their_ids(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    notes = (note(n, text) | SUBJECT for n, text in enumerate(NOTES))
    folder = put(tmp_path, "all.ndjson", bundled(SEVERAL, DAUGHTER, STAFF, *notes))
    dataset = declared(folder)
    report = run(dataset, folder, store, ram)
    engine = Warehouse(store, ram, LIMITS).snapshot(dataset).engine
    stored = str(engine.run("SELECT text FROM notes")).casefold()
    rows = engine.run("SELECT count(*) FROM notes JOIN patients ON notes.patient = patients.id")

    assert (report.units, report.notes.processed) == (1, len(NOTES))
    assert [tuple(row) for row in rows] == [(len(NOTES),)]
    assert [one for one in (*SAID, "ashgrove", "thistlewood") if one in stored] == []


@pytest.mark.parametrize("odd", ["the same name", "no id"])
def test_a_name_that_does_not_tell_one_patient_points_to_nobody(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder, odd: str
) -> None:
    bundle = bundled(SEVERAL, {**SEVERAL, "id": "p-8"}, note() | SUBJECT)
    if odd == "no id":
        del bundle["entry"][0]["resource"]["id"]
    else:
        bundle["entry"][1]["fullUrl"] = bundle["entry"][0]["fullUrl"]
    folder = put(tmp_path, "all.ndjson", bundle)
    with pytest.raises(SourceError) as caught:
        run(declared(folder), folder, store, ram)

    assert caught.value.code == ("KEY-NO-UNIT" if odd == "no id" else "KEY-ORPHAN")


def test_an_export_of_two_servers_is_not_stored(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    one, other = ({"resourceType": "Group", "id": host,
                   "member": [{"entity": {"reference": f"https://{host}/Patient/p-9"}}]}
                  for host in ("a.example", "b.example"))  # fmt: skip
    folder = exported(tmp_path / "export", one, other)
    with pytest.raises(SourceError) as caught:
        run(declared(folder), folder, store, ram)

    assert caught.value.code == "SRC-SERVERS"
    assert caught.value.file == "Others.ndjson"
    assert store.current("small") is None


def test_lines_of_no_type_are_passed_over(tmp_path: Path) -> None:
    odd = {"resourceType": ["Patient"], "id": "p"}
    found = people_of(policy(format="fhir"), put(tmp_path, "a.ndjson", odd, STAFF))

    assert [value for entry in found.listed() for _, value in entry] == ["Thistlewood Ashgrove"]


def test_other_formats_name_nobody_beside_their_tables(tmp_path: Path) -> None:
    assert people_of(policy(), tmp_path).listed() == ()
