from __future__ import annotations

import base64
import copy
import json
from datetime import date
from typing import Any

import pytest

from anonymizers.fhir import FhirDeidentifier, FhirOutcome, People, target_of, unit_of
from anonymizers.keys import DateShift
from anonymizers.text import TextDeidentifier

SHIFT = DateShift(key=b"s" * 32)
TODAY = date(2026, 11, 21)
NOTE = "Zenobia Featherstone was seen on 2021-03-14 by Dr. Okonkwo. MRN 4471902. BP 120/80."
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p-1",
    "meta": {"lastUpdated": "2021-01-01T00:00:00Z", "profile": ["http://example.org/p"]},
    "text": {"status": "generated", "div": "<div>Zenobia Featherstone</div>"},
    "identifier": [{"system": "urn:x", "value": "4471902"}],
    "name": [{"family": "Featherstone", "given": ["Zenobia"]}],
    "telecom": [{"system": "phone", "value": "555-810-7203"}],
    "contact": [{"name": {"family": "Villanueva", "given": ["Thaddeus"]}}],
    "gender": "female",
    "birthDate": "1950-05-21",
    "_birthDate": {"extension": [{"url": "x", "valueDateTime": "1950-05-21T10:00:00Z"}]},
    "deceasedDateTime": "2022-05-09T20:35:22-04:00",
    "address": [{"line": ["633 Abernathy Landing"], "city": "Emporia", "state": "KS",
                 "postalCode": "66801", "extension": [{"url": "geo", "valueDecimal": 38.37}]}],
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
         "valueString": "Brunhild Quillon"},
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
         "valueCode": "F"},
    ],
    "maritalStatus": {"coding": [{"system": "s", "code": "M", "display": "Married"}],
                      "text": "Married"},
    "multipleBirthInteger": 2,
}  # fmt: skip
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e-1",
    "status": "finished",
    "subject": {"reference": "Patient/p-1", "display": "Mrs. Zenobia Featherstone"},
    "participant": [{"individual": {"reference": "Practitioner/d-1",
                                    "display": "Dr. Ugochukwu Okonkwo"}}],
    "serviceProvider": {"reference": "Organization?identifier=x|8a99",
                        "display": "NEWMAN MEMORIAL"},
    "period": {"start": "2021-03-14T02:25:16-04:00", "end": "2021-03-16"},
    "reasonCode": [{"text": "Zenobia fell at home"}],
    "somethingNew": "call Thaddeus Villanueva",
    "onsetAge": {"value": 93, "unit": "a", "code": "a"},
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "resourceType": "DocumentReference",
    "id": "n-1",
    "subject": {"reference": "Patient/p-1"},
    "date": "2021-03-14T00:22:16.824-05:00",
    "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "title": "Zenobia",
                                "data": base64.b64encode(NOTE.encode()).decode()}}],
}  # fmt: skip
RESOURCES = (PATIENT, ENCOUNTER, DOCUMENT)
OWN = (
    "zenobia", "featherstone", "villanueva", "thaddeus", "brunhild", "quillon", "4471902",
    "555-810-7203", "5558107203", "abernathy", "emporia", "66801", "okonkwo", "newman",
    "1950-05-21", "2021-03-14", "p-1", "38.37",
)  # fmt: skip


def outcomes(*resources: dict[str, Any], key: bytes = b"p" * 32) -> list[FhirOutcome]:
    people = People()
    for resource in resources:
        people.add(resource)
    service = FhirDeidentifier(
        TextDeidentifier(key=b"t" * 32, directory=people.directory(), shift=SHIFT),
        pseudonyms=key,
        shift=SHIFT,
        people=people,
        today=TODAY,
    )
    return [service.deidentify(resource) for resource in resources]


@pytest.fixture(scope="module")
def done() -> tuple[Any, Any, Any]:
    patient, encounter, document = (one.resource for one in outcomes(*RESOURCES))
    return patient, encounter, document


def note_of(document: dict[str, Any]) -> str:
    return base64.b64decode(document["content"][0]["attachment"]["data"]).decode()


def test_no_identifier_of_the_patient_survives_anywhere(done: tuple[Any, Any, Any]) -> None:
    text = (json.dumps(done) + note_of(done[2])).casefold()

    assert [own for own in OWN if own in text] == []


def test_what_says_something_clinical_stays(done: tuple[Any, Any, Any]) -> None:
    patient, encounter, document = done

    assert patient["gender"] == "female"
    assert patient["birthDate"] == "1950"
    assert patient["address"] == [{"state": "KS", "postalCode": "668"}]
    assert patient["maritalStatus"] == PATIENT["maritalStatus"]
    assert patient["multipleBirthInteger"] == 2
    assert patient["extension"] == PATIENT["extension"][1:]
    assert encounter["status"] == "finished"
    assert "fell at home" in encounter["reasonCode"][0]["text"]
    assert encounter["onsetAge"]["value"] == 90
    assert "BP 120/80" in note_of(document)


def test_references_still_lead_to_their_resources(done: tuple[Any, Any, Any]) -> None:
    patient, encounter, document = done

    assert encounter["subject"] == document["subject"] == {"reference": f"Patient/{patient['id']}"}


def test_intervals_stay_in_elements_and_notes(done: tuple[Any, Any, Any]) -> None:
    _, encounter, document = done
    start = date.fromisoformat(encounter["period"]["start"][:10])
    end = date.fromisoformat(encounter["period"]["end"])

    assert (start - date(2021, 3, 14)).days == SHIFT.days("p-1")
    assert (end - start).days == 2
    assert encounter["period"]["start"][10:] == "T02:25:16-04:00"
    assert document["date"][:10] == str(start)
    assert str(start) in note_of(document)


def test_other_keys_give_other_ids() -> None:
    (one,), (other,) = (outcomes(PATIENT), outcomes(PATIENT, key=b"q" * 32))

    assert one.resource["id"] != other.resource["id"]
    assert outcomes(PATIENT)[0].resource == one.resource


def test_the_old_have_no_birth_year() -> None:
    (outcome,) = outcomes({**PATIENT, "birthDate": "1936-12-31"})

    assert "birthDate" not in outcome.resource


def test_attachments_that_cannot_be_read_are_gone_and_counted() -> None:
    for kind, data in (
        ("application/pdf", "AAAA"),
        ("text/html", "PGI+"),
        ("text/plain", "not base64!"),
        ("text/plain", base64.b64encode(b"caf\xe9").decode()),
    ):
        changed = copy.deepcopy(DOCUMENT)
        changed["content"][0]["attachment"].update(contentType=kind, data=data)
        (outcome,) = outcomes(changed)

        assert "data" not in json.dumps(outcome.resource)
        assert outcome.withheld == 1


def test_a_bundle_is_handled_resource_by_resource() -> None:
    entries = [
        {"fullUrl": "urn:uuid:p-1", "resource": PATIENT,
         "request": {"method": "POST", "url": "Patient/p-1"}},
        {"fullUrl": "urn:uuid:e-1",
         "resource": {**ENCOUNTER, "subject": {"reference": "urn:uuid:p-1"}}},
    ]  # fmt: skip
    (outcome,) = outcomes({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    text = json.dumps(outcome.resource).casefold()
    first, second = json.loads(json.dumps(outcome.resource))["entry"]

    assert [own for own in OWN if own in text] == []
    assert second["resource"]["subject"]["reference"] == first["fullUrl"]
    assert first["fullUrl"] == f"urn:uuid:{first['resource']['id']}"
    assert (
        date.fromisoformat(second["resource"]["period"]["end"]) - date(2021, 3, 16)
    ).days == SHIFT.days("p-1")


@pytest.mark.parametrize(("reference", "target"), [
    ("Patient/p1", ("Patient", "p1")),
    ("https://fhir.example.org/Hospital/Patient/p1", ("Patient", "p1")),
    ("https://fhir.example.org/Group/R4/Patient/p1/_history/2", ("Patient", "p1")),
    ("Patient/p1/_history/Encounter", ("Patient", "p1")),
    ("Patient/p_1", ("Patient", "p_1")),
    ("Patient?identifier=http://example.org/Encounter/e|7",
     ("Patient", "identifier=http://example.org/Encounter/e|7")),
    ("https://example.org/Hospital/p1", ("", "https://example.org/Hospital/p1")),
    ("urn:uuid:p1", ("urn:uuid", "p1")),
])  # fmt: skip
def test_a_reference_points_to_what_stands_last(reference: str, target: tuple[str, str]) -> None:
    assert target_of(reference) == target


def test_a_contained_patient_is_no_unit() -> None:
    assert unit_of({"resourceType": "Observation", "subject": {"reference": "#p1"}}) is None
