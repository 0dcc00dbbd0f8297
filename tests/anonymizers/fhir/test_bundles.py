from __future__ import annotations

from anonymizers.fhir import Json, Resource, name_by_ids

NAME = "urn:uuid:1"


def bundle(patient: str, *more: Resource) -> Resource:
    """A bundle that has one name for its patient, and an observation of hers."""
    observed: Resource = {"resourceType": "Observation", "subject": {"reference": NAME}}
    entries: list[Json] = [{"resource": one} for one in (observed, *more)]
    entries.append({"fullUrl": NAME, "resource": {"resourceType": "Patient", "id": patient}})
    return {"resourceType": "Bundle", "entry": entries}


def test_what_a_bundle_in_a_bundle_names_counts_in_it() -> None:
    inner = bundle("b")
    outer = bundle("a", inner)
    name_by_ids(outer)

    assert "Patient/a" not in str(inner)
    assert str(inner).count("Patient/b") == 2
    assert str(outer).count("Patient/a") == 2
    assert NAME not in str(outer)
