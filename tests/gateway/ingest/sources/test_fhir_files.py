"""FHIR R4 resources read as tables, stored and released like any other."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.ingest.sources.fhir_files import fhir_batches, fhir_header, fhir_tables
from policies.errors import SourceError

RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"


def patient(number: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401  any element
    return {
        "resourceType": "Patient", "id": f"p{number}",
        "name": [{"given": ["Jane", "Ann"], "family": f"Roe{number}"}, {"family": "Doe"}],
        "identifier": [
            {"type": {"coding": [{"code": "MR"}]}, "value": f"M{number}"},
            {"type": {"coding": [{"code": "SS"}]}, "value": "999-00-0000"}, "odd",
        ],
        "address": [{"line": ["1 Elm St"], "city": "Boston", "postalCode": "02139"}],
        "birthDate": "1950-03-07", "deceasedDateTime": "2001", "gender": "female",
        "extension": [{"url": RACE, "extension": [{"valueCoding": {"display": "White"}}]}],
        **more,
    }  # fmt: skip


def note(number: int = 1, text: str = "Jane is well.", **more: Any) -> dict[str, Any]:  # noqa: ANN401  the same
    data = base64.b64encode(text.encode()).decode()
    attachment = {"contentType": "text/plain; charset=utf-8", "data": data, **more}
    return {
        "resourceType": "DocumentReference", "id": f"d{number}",
        "subject": {"reference": f"Patient/p{number}"}, "content": [{"attachment": attachment}],
        "context": {"encounter": [{"reference": "Encounter/e1"}]},
        "date": "2020-01-02T03:04:05-05:00", "type": {"coding": [{"code": "34117-2"}]},
    }  # fmt: skip


def observation(value: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": "o1", "subject": {"reference": "urn:uuid:p1"},
        "valueQuantity": {"value": value, "unit": "mg"}, "effectivePeriod": {"start": "2020-01-02"},
        "code": {"text": "Weight"},
    }  # fmt: skip


def put(folder: Path, name: str, *resources: object) -> Path:
    folder.mkdir(exist_ok=True)
    text = "".join(f"{json.dumps(one)}\n" for one in resources)
    (folder / name).write_text(text, "utf-8")
    return folder


def rows(folder: Path, kind: str, *columns: str) -> list[dict[str, str | None]]:
    names = columns or fhir_header(folder, kind)
    return [row for batch in fhir_batches(folder, kind, names) for row in batch.to_pylist()]


def test_a_patient_is_a_row(tmp_path: Path) -> None:
    put(tmp_path, "Patient.ndjson", patient())
    (row,) = rows(tmp_path, "Patient")

    assert {name: value for name, value in row.items() if value is not None} == {
        "id": "p1", "name": "Jane Ann Roe1", "other_name": "Doe", "mrn": "M1",
        "ssn": "999-00-0000", "address_line": "1 Elm St", "city": "Boston", "zip": "02139",
        "birth_date": "1950-03-07", "sex": "female", "race": "White",
    }  # fmt: skip
    assert row["death_date"] is None


def test_notes_are_read_where_they_are_plain_text(tmp_path: Path) -> None:
    put(
        tmp_path, "DocumentReference.000.ndjson", note(), note(2, contentType="text/html"),
        note(3, data="%%"), note(4, data=base64.b64encode(b"\xff").decode()), note(5, data=None),
    )  # fmt: skip
    found = rows(tmp_path, "DocumentReference", "patient", "encounter", "date", "text")

    assert found[0] == {
        "patient": "p1", "encounter": "e1", "date": "2020-01-02", "text": "Jane is well.",
    }  # fmt: skip
    assert [row["text"] for row in found[1:]] == [None] * 4


def test_bundles_and_archives_are_read_in_one_folder(tmp_path: Path) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient()},
                                                  {"resource": observation(2.5)}, {}]}  # fmt: skip
    put(tmp_path, "bundles.ndjson", bundle, ["no resource"], {"note": "of a log"})
    with gzip.open(tmp_path / "more.ndjson.gz", "wt") as file:
        file.write(json.dumps(observation(value=True)) + "\n\n")
    found = rows(tmp_path, "Observation", "patient", "value", "unit", "date", "display", "code")

    assert fhir_tables(tmp_path) == ("Patient", "Observation")
    assert [row["value"] for row in found] == ["2.5", "true"]
    assert found[0] == {
        "patient": "p1", "value": "2.5", "unit": "mg", "date": "2020-01-02", "display": "Weight",
        "code": None,
    }  # fmt: skip


def test_files_of_a_type_are_read_alone_where_they_are_named_so(tmp_path: Path) -> None:
    put(tmp_path, "Patient.000.ndjson", patient(1))
    put(tmp_path, "Patient.001.ndjson", patient(2))
    put(tmp_path, "all.ndjson", patient(3))

    assert [row["id"] for row in rows(tmp_path, "Patient", "id")] == ["p1", "p2"]


def test_more_rows_than_a_batch_come_in_several(tmp_path: Path) -> None:
    put(
        tmp_path,
        "Patient.ndjson",
        *({"resourceType": "Patient", "id": str(n)} for n in range(4097)),
    )
    batches = list(fhir_batches(tmp_path, "Patient", ("id",)))

    assert [batch.num_rows for batch in batches] == [4096, 1]


@pytest.mark.parametrize(("name", "content", "code", "line"), [
    ("a.ndjson", b'{"resourceType": "Patient"}\n{', "SRC-FHIR", 2),
    ("a.ndjson", b"\xff\n", "SRC-FHIR", 1),
    ("a.ndjson", b'{}\n{"resourceType": "Patient", "id": "\\ud800"}\n', "SRC-FHIR", 2),
    ("a.ndjson.gz", gzip.compress(b'{"resourceType": "Patient"}', mtime=0)[:-9], "SRC-GZIP", None),
])  # fmt: skip
def test_what_is_broken_is_told_with_its_place_and_no_text(
    tmp_path: Path, name: str, content: bytes, code: str, line: int | None
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        rows(tmp_path, "Patient", "id")

    assert (caught.value.code, caught.value.line, caught.value.file) == (code, line, name)


def test_a_type_that_is_no_text_is_passed_over_and_a_pair_of_surrogates_is_read(
    tmp_path: Path,
) -> None:
    odd = {"resourceType": ["Patient"], "id": "odd"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": odd}]}
    put(tmp_path, "Patient.ndjson", odd, bundle, {"resourceType": "Patient", "id": "\U0001f600"})

    assert fhir_tables(tmp_path) == ("Patient",)
    assert [row["id"] for row in rows(tmp_path, "Patient", "id")] == ["\U0001f600"]


def test_what_is_no_table_is_told_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as missing:
        fhir_header(tmp_path, "Patient")
    with pytest.raises(SourceError) as unknown:
        fhir_header(tmp_path, "Basic")

    assert missing.value.code == "SRC-MISSING"
    assert unknown.value.code == "SRC-FHIR"
    assert "DocumentReference" in str(unknown.value.remedy)


def test_the_manual_has_every_column(tmp_path: Path) -> None:
    put(tmp_path, "all.ndjson", patient())
    with pytest.raises(SourceError) as caught:
        fhir_header(tmp_path, "Basic")
    kinds = re.findall(r"[A-Z]\w+", str(caught.value.remedy))
    page = (Path(__file__).parents[4] / "docs" / "policies.md").read_text("utf-8")

    assert len(kinds) == 8
    for kind in kinds:
        columns = ", ".join(f"`{name}`" for name in fhir_header(tmp_path, kind))
        assert f"| `{kind}` | {columns} |" in page
