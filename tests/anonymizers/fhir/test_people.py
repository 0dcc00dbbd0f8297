"""Whose notes a name is searched in: of whom a resource says it, however it says so."""

from __future__ import annotations

from typing import Any

import pytest

from anonymizers.fhir import People

PATIENT = {"resourceType": "Patient", "id": "1", "name": [{"family": "Abernethy"}]}
OF_PATIENT = {"subject": {"reference": "Patient/1"}}


def people(*resources: dict[str, Any]) -> People:
    found = People()
    for one in resources:
        found.add(one)
    return found


def said(found: People, unit: str | None = "1") -> set[str]:
    return {value for _, value in found.said(unit)}


def listed(found: People) -> set[str]:
    return {value for entry in found.listed() for _, value in entry}


def test_the_whole_name_hides_no_part_of_it() -> None:
    name = {"text": "Dr. P. Undershaft", "given": ["Perpetua"], "family": "Undershaft"}
    relative = {"resourceType": "RelatedPerson", "patient": {"reference": "Patient/1"},
                "name": [name]}  # fmt: skip

    expected = {"Dr. P. Undershaft", "Perpetua Undershaft"}
    assert said(people(relative)) >= expected
    assert said(people({**PATIENT, "contact": [{"name": name}]})) >= expected


CONTAINED = [
    {"resourceType": "Patient", "id": "p", "name": [{"text": "Izzy Wetherby"}],
     "telecom": [{"value": "617-555-0143"}]},
    {"resourceType": "RelatedPerson", "id": "r", "name": [{"text": "Petra Szymborska"}],
     "patient": {"reference": "#p"}},
    {"resourceType": "Practitioner", "id": "d", "name": [{"text": "Thistlewood Ashgrove"}]},
    {"resourceType": "Organization", "id": "o", "name": "Newman Memorial"},
    "odd", {"resourceType": ["odd"]},
]  # fmt: skip


def test_what_a_resource_contains_counts_for_its_patient() -> None:
    found = people({"resourceType": "Observation", "contained": CONTAINED, **OF_PATIENT})

    assert said(found) == {"Izzy Wetherby", "617-555-0143", "Petra Szymborska", "1"}
    assert listed(found) == {"Thistlewood Ashgrove", "Newman Memorial"}
    assert said(found, "p") == {"p"}


def test_what_is_contained_by_nobodys_resource_counts_in_all_notes() -> None:
    found = people(
        {"resourceType": "Observation", "contained": CONTAINED, "subject": {"reference": "#p"}}
    )

    assert listed(found) == {
        "Izzy Wetherby", "Petra Szymborska", "Thistlewood Ashgrove", "Newman Memorial",
    }  # fmt: skip
    of_relative = {"resourceType": "RelatedPerson", "name": [{"text": "Ada Deepwell"}],
                   "patient": {"reference": "Patient/1"}}  # fmt: skip
    assert "Ada Deepwell" in said(
        people({"resourceType": "Provenance", "contained": [of_relative]})
    )


def linked(kind: str, name: str, family: str, *targets: str) -> dict[str, Any]:
    key = "other" if kind == "Patient" else "target"
    return {"resourceType": kind, "id": name, "name": [{"family": family}],
            "link": [{key: {"reference": one}} for one in targets]}  # fmt: skip


@pytest.mark.parametrize("resources", [
    [linked("Patient", "2", "Bracegirdle", "Patient/1")],
    [linked("Patient", "1", "Abernethy", "Patient/2"), linked("Patient", "2", "Bracegirdle")],
    [linked("Person", "x", "Quillon", "Patient/1", "Patient/2"),
     linked("Patient", "2", "Bracegirdle")],
    [linked("Person", "x", "Quillon", "Patient/1", "Person/y"),
     linked("Person", "y", "Bracegirdle", "Person/x")],
    [linked("Person", "x", "Bracegirdle", "urn:uuid:1")],
])  # fmt: skip
def test_what_is_said_over_links_counts(resources: list[dict[str, Any]]) -> None:
    found = people(PATIENT, *resources)

    assert {"Abernethy", "Bracegirdle"} <= said(found)
    assert ("2" in said(found)) == any(one["id"] == "2" for one in resources)
    assert listed(found) == set()


def test_links_of_a_relative_count_but_not_that_ones_relatives() -> None:
    found = people(
        PATIENT,
        {"resourceType": "RelatedPerson", "id": "r", "patient": {"reference": "Patient/1"},
         "name": [{"text": "Petra Szymborska"}]},
        linked("Person", "x", "Undershaft", "RelatedPerson/r", "Patient/2"),
        linked("Patient", "2", "Bracegirdle"),
        {"resourceType": "RelatedPerson", "id": "s", "patient": {"reference": "Patient/2"},
         "name": [{"text": "Rosamund Vane"}]},
    )  # fmt: skip

    assert said(found) >= {"Abernethy", "Petra Szymborska", "Undershaft", "Bracegirdle"}
    assert "Rosamund Vane" not in said(found)


def test_persons_and_relatives_of_nobody_count_in_all_notes() -> None:
    found = people(
        linked("Person", "x", "Quillon"), linked("RelatedPerson", "r", "Vane"),
        linked("Person", "y", "Okafor", "Practitioner/1", "#p"),
    )  # fmt: skip

    assert listed(found) == {"Quillon", "Vane", "Okafor"}


@pytest.mark.parametrize(("resource", "value"), [
    ({"resourceType": "FamilyMemberHistory", "patient": {"reference": "Patient/1"},
      "name": "Brunhild Quillon"}, "Brunhild Quillon"),
    ({"resourceType": "Coverage", "beneficiary": {"reference": "Patient/1"},
      "subscriber": {"display": "Chidi Okafor"}}, "Chidi Okafor"),
    ({"resourceType": "Coverage", "beneficiary": {"reference": "Patient/1"},
      "subscriber": {"reference": "Patient/2", "display": "Chidi Okafor"}}, "Chidi Okafor"),
    ({"resourceType": "Coverage", "beneficiary": {"reference": "Patient/1"},
      "subscriber": {"reference": "RelatedPerson/2", "display": "Chidi Okafor"}}, "Chidi Okafor"),
    ({"resourceType": "Coverage", "beneficiary": {"reference": "Patient/1"},
      "subscriberId": "SUB-99812"}, "SUB-99812"),
    ({"resourceType": "Encounter", "identifier": [{"value": "VISIT-771204"}], **OF_PATIENT},
     "VISIT-771204"),
])  # fmt: skip
def test_families_insurance_and_stays_count(resource: dict[str, Any], value: str) -> None:
    found = people(resource)

    assert value in said(found)
    assert listed(found) == set()


@pytest.mark.parametrize("subject", [
    {"reference": "urn:uuid:1"}, {"reference": "Patient/1"}, {"reference": "http://a/Patient/1"},
])  # fmt: skip
def test_fields_say_whom_a_display_is_of(subject: dict[str, Any]) -> None:
    found = people(
        {
            "resourceType": "Encounter",
            "subject": {**subject, "display": "Zenobia Featherstone"},
            "participant": [
                {"individual": {"display": "Ugo Okonkwo"},
                 "type": [{"coding": [{"code": "ATND", "display": "attender"}]}]},
                {"individual": {"reference": "urn:uuid:7", "display": "Ada Deepwell"}},
                {"individual": {"reference": "urn:uuid:1", "display": "Z. Featherstone"}},
                {"individual": {"type": "RelatedPerson", "display": "Petra Szymborska"}},
            ],
            "serviceProvider": {"display": "Newman Memorial"},
            "diagnosis": [{"condition": {"display": "Headache"}}],
            "extra": {"type": "Practitioner", "display": "Rosamund Vane"},
            "author": [{"display": " "}],
        }
    )  # fmt: skip

    # An id of a bundle's own that is the patient's goes before the field that it stands in.
    assert said(found) == {"Zenobia Featherstone", "Z. Featherstone", "Petra Szymborska", "1"}
    assert listed(found) == {"Ugo Okonkwo", "Ada Deepwell", "Newman Memorial", "Rosamund Vane"}


def test_a_display_of_nobody_who_is_known_counts_in_all_notes() -> None:
    found = people({"resourceType": "Observation", "subject": {"display": "Izzy Wetherby"}})

    assert listed(found) == {"Izzy Wetherby"}
    study = {"resourceType": "ResearchSubject", "individual": {"reference": "Patient/1"}}
    study["individual"]["display"] = "Isolde Abernethy"  # type: ignore[index]
    assert "Isolde Abernethy" in said(people(study))


def test_ids_are_of_one_type() -> None:
    reason = {"reference": "Condition/1", "display": "Headache"}
    found = people({"resourceType": "Encounter", **OF_PATIENT, "reasonReference": [reason]})

    assert said(found) == {"1"}
    assert listed(found) == set()


def test_a_resource_without_a_type_is_passed_over() -> None:
    entries = [{"resource": {"resourceType": ["Patient"], "id": "1"}}, {"resource": PATIENT}]
    found = people({"resourceType": {"a": 1}}, {"resourceType": "Bundle", "entry": entries})

    assert said(found) == {"Abernethy", "1"}
