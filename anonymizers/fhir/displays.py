"""Whom the names beside references are of, such as ``Encounter.subject.display``.

A reference tells it by the type that it points to. Where it names none, or is missing, the field
that it stands in does; where that says nothing either (``evidence``), a display is no name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from anonymizers.fhir.types import RESOURCE_TYPES
from anonymizers.fhir.walk import Json, Resource, target_of

__all__ = ["OWNERS", "PLACES", "STAFF", "Display", "Who", "displays_in"]

STAFF: Final = frozenset({"Practitioner", "PractitionerRole"})
PLACES: Final = frozenset({"Organization", "Location", "HealthcareService"})
OWNERS: Final = ("subject", "patient", "beneficiary", "individual", "for")
_RELATIVES: Final = frozenset({"subscriber", "policyHolder"})
_STAFF_FIELDS: Final = frozenset(
    {
        "actor", "agent", "asserter", "attester", "authenticator", "author", "careManager",
        "collector", "enterer", "generalPractitioner", "individual", "informant",
        "informationSource", "interpreter", "member", "onBehalfOf", "participant", "party",
        "performer", "practitioner", "provider", "receiver", "recipient", "recorder", "requester",
        "responsible", "resultsInterpreter", "sender", "verifier", "who",
    }
)  # fmt: skip
_PLACE_FIELDS: Final = frozenset(
    {
        "custodian", "facility", "insurer", "location", "managingOrganization", "organization",
        "payor", "serviceProvider",
    }
)  # fmt: skip


class Who(Enum):
    """Whom a name is of."""

    PATIENT = "the patient"
    RELATIVE = "somebody of the patient's"
    STAFF = "staff"
    PLACE = "a facility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """One name.

    Attributes:
        who: Whom it is of.
        unit: The patient's id; None where it is not said.
        name: As it is written.
    """

    who: Who
    unit: str | None
    name: str = field(repr=False)


def displays_in(resource: Resource, unit: str | None) -> Iterator[Display]:
    """Give the names beside references in a resource, however deep.

    Another patient whom a patient's resource names is somebody of that patient's, too.

    Args:
        resource: With whatever it contains.
        unit: The patient whose resource it is, if it is somebody's.
    """
    research = resource.get("resourceType") == "ResearchSubject"
    owners = {*OWNERS} if research else {*OWNERS} - {"individual"}
    for key, value in _fields_in(resource):
        name = value.get("display")
        if not (isinstance(name, str) and name.strip()):
            continue
        kind, target = _target(value)
        if kind:
            who = _of_kind(kind)
        elif key in owners or (target is not None and target == unit):
            who = Who.PATIENT
        else:
            who = _of_field(key)
        if who is Who.PATIENT and target is not None:
            yield Display(who=who, unit=target, name=name)
            who = Who.RELATIVE if unit not in {None, target} else None
        if who is not None:
            yield Display(who=who, unit=unit, name=name)


def _target(value: Resource) -> tuple[str, str | None]:
    """Return the type that a reference names, '' for none, and the id, None for none."""
    reference = value.get("reference")
    kind, target = target_of(reference) if isinstance(reference, str) else ("", "")
    said = value.get("type")
    if kind not in RESOURCE_TYPES:
        kind = said if isinstance(said, str) and said in RESOURCE_TYPES else ""
    return kind, None if not target or target.startswith("#") else target


def _of_kind(kind: str) -> Who | None:
    if kind in STAFF:
        return Who.STAFF
    if kind in PLACES:
        return Who.PLACE
    return {"Patient": Who.PATIENT, "RelatedPerson": Who.RELATIVE}.get(kind)


def _of_field(key: str) -> Who | None:
    if key in _STAFF_FIELDS:
        return Who.STAFF
    if key in _PLACE_FIELDS:
        return Who.PLACE
    return Who.RELATIVE if key in _RELATIVES else None


def _fields_in(value: Json) -> Iterator[tuple[str, Resource]]:
    """Give every object with the name of the field that it stands in, '' for the outermost."""
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        match waiting.pop():
            case key, list() as several:
                waiting.extend((key, one) for one in reversed(several))
            case key, dict() as one:
                yield key, one
                waiting.extend(reversed(one.items()))
            case _:
                pass
