from __future__ import annotations

import base64
import copy
import json
from datetime import date
from typing import Any

import pytest

from anonymizers.fhir import FhirDeidentifier, FhirOutcome, People, Servers, target_of, unit_of
from anonymizers.fhir.walk import server_of
from anonymizers.keys import DateShift
from anonymizers.text import TextDeidentifier
from policies.columns import IdentifierKind
from policies.errors import SourceError

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


@pytest.mark.parametrize(("reference", "server"), [
    ("Patient/p1", ("", "Patient")),
    ("http://FHIR.example.org/R4/Patient/p1/_history/2", ("fhir.example.org/R4", "Patient")),
    ("https://fhir.example.org/R4/Patient/p1", ("fhir.example.org/R4", "Patient")),
    ("https://example.org/Patient/p1", ("example.org/", "Patient")),
    ("urn:uuid:p1", ("", "urn:uuid")),
    ("https://example.org/nothing", ("", "")),
])  # fmt: skip
def test_a_reference_may_name_its_server(reference: str, server: tuple[str, str]) -> None:
    assert server_of(reference) == server


def referring(*references: str) -> dict[str, Any]:
    entries = [{"fullUrl": one, "resource": {"resourceType": "Observation"}} for one in references]
    return {"resourceType": "Bundle", "entry": entries}


def test_one_server_may_be_named_in_many_ways() -> None:
    servers = Servers()
    servers.add(referring("http://a/r4/Patient/1", "Patient/1", "https://A/r4/Patient/2"), "a")
    servers.add(referring("http://b/r4/Practitioner/1", "urn:uuid:1", "https://b/none"), "b")
    servers.add(dict(ENCOUNTER), "c")  # nothing of these is refused

    with pytest.raises(SourceError):
        servers.add(referring("http://c/r4/Patient/1"), "d")


def test_ids_of_two_servers_are_not_taken_for_one() -> None:
    servers = Servers()
    servers.add(
        {"resourceType": "Group", "member": [{"entity": {"reference": "http://a/Patient/1"}}]}, "x"
    )
    with pytest.raises(SourceError) as caught:
        servers.add(referring("http://b/Patient/1"), "y.ndjson")

    assert caught.value.code == "SRC-SERVERS"
    assert caught.value.file == "y.ndjson"
    assert "type Patient" in str(caught.value)


SEVERAL: dict[str, Any] = {
    "resourceType": "Patient", "id": "p-9",
    "name": [{"family": "Abernethy", "given": ["Quillon", "Isolde"]}, {"family": "Bracegirdle"},
             {"use": "nickname", "text": "Izzy Wetherby"}],
    "telecom": [{"system": "phone", "value": "617-555-0143"},
                {"system": "fax", "value": "617-555-0144"},
                {"system": "email", "value": "iso@home.example"},
                {"system": "url", "value": "home.example/isolde9"}],
    "address": [{"line": ["12 Thornfield Way", "Flat 9B"], "city": "Emporia"},
                {"text": "77 Marchmont Crescent", "district": "Lyonsdale"}],
    "identifier": [{"value": "MRN-771204"}, {"value": "QX99812-7"}],
    "contact": [{"name": {"family": "Okafor", "given": ["Chidi"]},
                 "telecom": [{"value": "617-555-0145"}], "address": {"line": ["3 Gallowgate Row"]}},
                {"name": {"text": "Rosamund Vane"}}],
}  # fmt: skip
DAUGHTER: dict[str, Any] = {
    "resourceType": "RelatedPerson", "id": "r-1", "patient": {"reference": "Patient/p-9"},
    "name": [{"family": "Undershaft", "given": ["Perpetua"]}, {"text": "Petra Szymborska"}],
    "telecom": [{"system": "sms", "value": "617-555-0146"}], "birthDate": "1975-02-03",
    "identifier": [{"value": "REL-445566"}],
}  # fmt: skip
SAID = (
    "quillon", "isolde", "abernethy", "bracegirdle", "izzy", "wetherby", "617-555-0143",
    "617-555-0144", "617-555-0145", "617-555-0146", "iso@home.example", "isolde9", "thornfield",
    "flat 9b", "marchmont", "lyonsdale", "mrn-771204", "qx99812-7", "okafor", "chidi", "gallowgate",
    "rosamund", "vane", "undershaft", "perpetua", "szymborska", "1975-02-03", "rel-445566",
)  # fmt: skip


def test_everything_that_is_said_of_a_patient_is_known() -> None:
    people = People()
    for one in (DAUGHTER, SEVERAL):
        people.add(one)
    known = " ".join(value.casefold() for _, value in people.said("p-9"))

    assert [one for one in SAID if one not in known] == []
    assert people.said("p-1") == ((IdentifierKind.ID, "p-1"),)
    assert people.listed() == ()


def test_depth_is_no_way_around() -> None:
    """JSON may be as deep as a reader allows."""
    deep: Any = {"reference": "Practitioner/1", "display": "Ada Deepwell"}
    for _ in range(5000):
        deep = {"extension": [deep]}
    people = People()
    people.add({"resourceType": "Encounter", "subject": {"reference": "Patient/p"}, "x": deep})

    assert people.listed() == (((IdentifierKind.FULL_NAME, "Ada Deepwell"),),)
