"""What the resources say of patients, staff and facilities, wherever they say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from anonymizers.fhir.walk import Json, Resource, objects_in, target_of
from anonymizers.known import Directory, KnownIdentifiers
from policies.columns import IdentifierKind

__all__ = ["People", "resources_in", "unit_of"]

_Said: TypeAlias = tuple[IdentifierKind, str]
_STAFF: Final = frozenset({"Practitioner", "PractitionerRole", "RelatedPerson"})
_PLACES: Final = frozenset({"Organization", "Location", "HealthcareService"})
_TELECOMS: Final = {
    **dict.fromkeys(("phone", "fax", "pager", "sms"), IdentifierKind.PHONE),
    "email": IdentifierKind.EMAIL,
}
"""Other ways to reach somebody, such as a page of their own, are searched as they are written."""
_OWNERS: Final = ("subject", "patient", "beneficiary", "individual", "for")


def resources_in(resource: Resource) -> Iterator[Resource]:
    """Give a resource itself, or those in a bundle."""
    entries = resource.get("entry")
    if resource.get("resourceType") != "Bundle" or not isinstance(entries, list):
        yield resource
        return
    for entry in entries:
        inner = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(inner, dict):
            yield from resources_in(inner)


def unit_of(resource: Resource) -> str | None:
    """Return the patient's id that a resource belongs to; None where it belongs to nobody.

    A patient that a resource contains (``#p``) is known in it alone, and so is no unit.
    """
    if resource.get("resourceType") == "Patient":
        own = resource.get("id")
        return own if isinstance(own, str) else None
    for key in _OWNERS:
        owner = resource.get(key)
        reference = owner.get("reference") if isinstance(owner, dict) else None
        if isinstance(reference, str) and not reference.startswith("#"):
            kind, name = target_of(reference)
            if kind in {"Patient", "urn:uuid", ""}:
                return name
    return None


class People:
    """Collects identifiers in a first pass over all resources."""

    def __init__(self) -> None:
        self._patients: dict[str, dict[_Said, None]] = {}
        self._directory: dict[tuple[_Said, ...], None] = {}

    def add(self, resource: Resource) -> None:
        """Take up what one resource says, a bundle's resources one by one."""
        for one in resources_in(resource):
            kind, unit = one.get("resourceType"), unit_of(one)
            if kind == "Patient" and unit is not None:
                self._patients.setdefault(unit, {}).update(dict.fromkeys(_of_person(one)))
            elif kind in _STAFF:
                if kind == "RelatedPerson" and unit is not None:
                    relative = dict.fromkeys(_of_relative(one))
                    self._patients.setdefault(unit, {}).update(relative)
                self._list(tuple(said for said in _of_person(one) if "name" in said[0].value))
            elif kind in _PLACES:
                self._list(tuple(_texts(IdentifierKind.ORGANIZATION, one.get("name"))))
            self._add_displays(one, unit)

    def said(self, unit: str | None) -> tuple[_Said, ...]:
        """Return all that is said of one patient, in the order in which it is said."""
        own = ((IdentifierKind.ID, unit),) if unit else ()
        return (*self._patients.get(unit or "", {}), *own)

    def known(self, unit: str | None) -> KnownIdentifiers:
        """Return what is known of one patient."""
        return KnownIdentifiers.of(self.said(unit))

    def listed(self) -> tuple[tuple[_Said, ...], ...]:
        """Return what is said of each of the staff and each facility."""
        return tuple(self._directory)

    def directory(self) -> Directory:
        """Return staff and facilities."""
        return Directory.of(self._directory)

    def _list(self, entry: tuple[_Said, ...]) -> None:
        if entry:
            self._directory[entry] = None

    def _add_displays(self, resource: Resource, unit: str | None) -> None:
        """Take up the names that references repeat, such as in ``Encounter.subject.display``."""
        for value in objects_in(resource):
            display, reference = value.get("display"), value.get("reference")
            if not (isinstance(display, str) and isinstance(reference, str)):
                continue
            kind, name = target_of(reference)
            if kind in _STAFF:
                self._list(((IdentifierKind.FULL_NAME, display),))
            elif kind in _PLACES:
                self._list(((IdentifierKind.ORGANIZATION, display),))
            elif kind == "Patient" or name == unit:
                said = self._patients.setdefault(name, {})
                said[IdentifierKind.FULL_NAME, display] = None


def _of_person(person: Resource) -> Iterator[_Said]:
    yield from _names(person.get("name"), relative=False)
    for contact in _dicts(person.get("contact")):
        yield from _of_relative(contact)
    for extension in _dicts(person.get("extension")):
        if str(extension.get("url", "")).endswith("mothersMaidenName"):
            yield from _texts(IdentifierKind.RELATIVE_NAME, extension.get("valueString"))
    yield from _reached(person)
    yield from _texts(IdentifierKind.DATE, person.get("birthDate"))


def _of_relative(relative: Resource) -> Iterator[_Said]:
    yield from _names(relative.get("name"), relative=True)
    yield from _reached(relative)
    yield from _texts(IdentifierKind.DATE, relative.get("birthDate"))


def _reached(person: Resource) -> Iterator[_Said]:
    for identifier in _dicts(person.get("identifier")):
        yield from _texts(IdentifierKind.ID, identifier.get("value"))
    for telecom in _dicts(person.get("telecom")):
        kind = _TELECOMS.get(str(telecom.get("system", "phone")), IdentifierKind.ID)
        yield from _texts(kind, telecom.get("value"))
    for address in _dicts(person.get("address")):
        yield from _texts(IdentifierKind.STREET, address.get("line"))
        yield from _texts(IdentifierKind.STREET, address.get("text"))
        yield from _texts(IdentifierKind.CITY, address.get("city"))
        yield from _texts(IdentifierKind.CITY, address.get("district"))
        yield from _texts(IdentifierKind.POSTAL_CODE, address.get("postalCode"))


def _names(names: Json, *, relative: bool) -> Iterator[_Said]:
    for name in _dicts(names):
        if relative:
            whole = " ".join(
                text
                for key in ("given", "family")
                for _, text in _texts(IdentifierKind.RELATIVE_NAME, name.get(key))
            )
            yield from _texts(IdentifierKind.RELATIVE_NAME, name.get("text") or whole)
            continue
        yield from _texts(IdentifierKind.GIVEN_NAME, name.get("given"))
        yield from _texts(IdentifierKind.FAMILY_NAME, name.get("family"))
        yield from _texts(IdentifierKind.FULL_NAME, name.get("text"))


def _dicts(value: Json) -> Iterator[Resource]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _texts(kind: IdentifierKind, value: Json) -> Iterator[_Said]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip():
            yield kind, one
