"""What the resources say of patients, staff and facilities, wherever they say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from anonymizers.fhir.displays import OWNERS, PLACES, STAFF, Who, displays_in
from anonymizers.fhir.persons import Said, dicts, identifiers_of, names_of, person, relative, texts
from anonymizers.fhir.walk import Resource, objects_in, target_of
from anonymizers.known import Directory, KnownIdentifiers
from policies.columns import IdentifierKind

__all__ = ["People", "resources_in", "unit_of"]

_Record: TypeAlias = tuple[str, str]
"""Type and id of a resource about a person; ids are unique within a type only."""
_PERSONS: Final = ("Patient", "RelatedPerson", "Person")
_NUMBERED: Final = frozenset({"Account", "Coverage", "Encounter", "EpisodeOfCare"})
"""Of these the numbers stand on a patient's papers: of the stay, the case and the insurance."""


def resources_in(resource: Resource) -> Iterator[Resource]:
    """Give a resource itself, or those in a bundle; what has no type as a text is none."""
    kind, entries = resource.get("resourceType"), resource.get("entry")
    if kind != "Bundle" or not isinstance(entries, list):
        if isinstance(kind, str):
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
    for key in OWNERS:
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
        self._said: dict[_Record, dict[Said, None]] = {}
        self._relatives: dict[str, dict[_Record, None]] = {}
        self._links: dict[_Record, dict[_Record, None]] = {}
        self._directory: dict[tuple[Said, ...], None] = {}

    def add(self, resource: Resource) -> None:
        """Take up what one resource says, a bundle's resources one by one."""
        for one in resources_in(resource):
            unit = unit_of(one)
            self._add_own(one, unit)
            for inner in objects_in(one.get("contained")):
                self._add_contained(inner, unit)
            self._add_displays(one, unit)

    def said(self, unit: str | None) -> tuple[Said, ...]:
        """Return all that is said of one patient and of relatives, over links too."""
        if not unit:
            return ()
        own = self._linked([("Patient", unit)])
        patients = [name for kind, name in own if kind == "Patient"]
        relatives = self._linked(one for name in patients for one in self._relatives.get(name, ()))
        said = (one for record in {**own, **relatives} for one in self._said.get(record, ()))
        return tuple(dict.fromkeys([*said, *((IdentifierKind.ID, name) for name in patients)]))

    def known(self, unit: str | None) -> KnownIdentifiers:
        """Return what is known of one patient."""
        return KnownIdentifiers.of(self.said(unit))

    def listed(self) -> tuple[tuple[Said, ...], ...]:
        """Return what is said of each of the staff and each facility.

        Whoever is named without being anybody's, such as a relative of no patient, is among them.
        """
        return tuple(self._directory)

    def directory(self) -> Directory:
        """Return staff and facilities."""
        return Directory.of(self._directory)

    def _add_own(self, resource: Resource, unit: str | None) -> None:
        kind, name = str(resource.get("resourceType")), resource.get("id")
        if kind not in _PERSONS or not isinstance(name, str):
            self._add_one(resource, unit)
            return
        record, linked = (kind, name), tuple(_links_of(resource))
        self._say(record, relative(resource) if kind == "RelatedPerson" else person(resource))
        for other in linked:
            self._links.setdefault(record, {})[other] = None
            self._links.setdefault(other, {})[record] = None
        if kind == "RelatedPerson" and unit is not None:
            self._relatives.setdefault(unit, {})[record] = None
        elif kind != "Patient" and not linked:
            self._list(names_of(resource))

    def _add_contained(self, resource: Resource, unit: str | None) -> None:
        """Take up one that another contains: it is known in that alone, and so is its id."""
        if unit is None and resource.get("resourceType") != "Patient":
            unit = unit_of(resource)
        self._add_one(resource, unit)

    def _add_one(self, resource: Resource, unit: str | None) -> None:
        kind = str(resource.get("resourceType"))
        if kind in {"Patient", "Person"}:
            self._say_of(unit, person(resource), names_of(resource))
        elif kind == "RelatedPerson":
            self._say_of(unit, relative(resource), names_of(resource))
        elif kind in STAFF:
            self._list(names_of(resource))
        elif kind in PLACES:
            self._list(texts(IdentifierKind.ORGANIZATION, resource.get("name")))
        elif kind == "FamilyMemberHistory":
            names = tuple(texts(IdentifierKind.RELATIVE_NAME, resource.get("name")))
            self._say_of(unit, names, names)
        elif kind in _NUMBERED and unit is not None:
            numbers = texts(IdentifierKind.ID, resource.get("subscriberId"))
            self._say(("Patient", unit), [*identifiers_of(resource), *numbers])

    def _add_displays(self, resource: Resource, unit: str | None) -> None:
        """Take up the names that references repeat, such as in ``Encounter.subject.display``."""
        for one in displays_in(resource, unit):
            if one.who is Who.PLACE:
                self._list([(IdentifierKind.ORGANIZATION, one.name)])
                continue
            said = [(IdentifierKind.FULL_NAME, one.name)]
            if one.who is Who.RELATIVE:
                self._say_of(one.unit, [(IdentifierKind.RELATIVE_NAME, one.name)], said)
            else:
                self._say_of(one.unit if one.who is Who.PATIENT else None, said, said)

    def _say_of(self, unit: str | None, said: Iterable[Said], names: Iterable[Said]) -> None:
        """Keep what is said of a patient; where none is known, names count in all notes."""
        if unit is None:
            self._list(names)
        else:
            self._say(("Patient", unit), said)

    def _say(self, record: _Record, said: Iterable[Said]) -> None:
        self._said.setdefault(record, {}).update(dict.fromkeys(said))

    def _list(self, said: Iterable[Said]) -> None:
        if entry := tuple(said):
            self._directory[entry] = None

    def _linked(self, records: Iterable[_Record]) -> dict[_Record, None]:
        """Return records and all that links say are of the same persons."""
        found = dict.fromkeys(records)
        waiting = [*found]
        while waiting:
            for other in self._links.get(waiting.pop(), ()):
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return found


def _links_of(resource: Resource) -> Iterator[_Record]:
    """Give the records that ``Patient.link`` or ``Person.link`` says are of the same person."""
    for link in dicts(resource.get("link")):
        target = link.get("other") or link.get("target")
        reference = target.get("reference") if isinstance(target, dict) else None
        if isinstance(reference, str) and not reference.startswith("#"):
            kind, name = target_of(reference)
            # An id of a bundle's own is of one resource, whatever its type.
            yield from ((one, name) for one in _PERSONS if kind in {one, "urn:uuid", ""})
