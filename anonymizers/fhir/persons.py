"""What a resource says of one person: names, numbers, addresses, and ways to reach them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from anonymizers.fhir.walk import Json, Resource
from policies.columns import IdentifierKind

__all__ = ["Said", "dicts", "identifiers_of", "names_of", "person", "relative", "texts"]

Said: TypeAlias = tuple[IdentifierKind, str]
_TELECOMS: Final = {
    **dict.fromkeys(("phone", "fax", "pager", "sms"), IdentifierKind.PHONE),
    "email": IdentifierKind.EMAIL,
}
"""Other ways to reach somebody, such as a page of their own, are searched as they are written."""


def person(resource: Resource) -> Iterator[Said]:
    """Give what a patient's own resource says, relatives in it included."""
    yield from names_of(resource)
    for contact in dicts(resource.get("contact")):
        yield from relative(contact)
    for extension in dicts(resource.get("extension")):
        if str(extension.get("url", "")).endswith("mothersMaidenName"):
            yield from texts(IdentifierKind.RELATIVE_NAME, extension.get("valueString"))
    yield from _reached(resource)


def relative(resource: Resource) -> Iterator[Said]:
    """Give what is said of a relative or a contact."""
    for name in dicts(resource.get("name")):
        parts = (texts(IdentifierKind.RELATIVE_NAME, name.get(key)) for key in ("given", "family"))
        whole = " ".join(text for part in parts for _, text in part)
        yield from texts(IdentifierKind.RELATIVE_NAME, [whole, name.get("text")])
    yield from _reached(resource)


def names_of(resource: Resource) -> Iterator[Said]:
    """Give a person's names."""
    for name in dicts(resource.get("name")):
        yield from texts(IdentifierKind.GIVEN_NAME, name.get("given"))
        yield from texts(IdentifierKind.FAMILY_NAME, name.get("family"))
        yield from texts(IdentifierKind.FULL_NAME, name.get("text"))


def identifiers_of(resource: Resource) -> Iterator[Said]:
    """Give the numbers of a resource that others know it by."""
    for identifier in dicts(resource.get("identifier")):
        yield from texts(IdentifierKind.ID, identifier.get("value"))


def dicts(value: Json) -> Iterator[Resource]:
    """Give the objects of an element that may repeat."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def texts(kind: IdentifierKind, value: Json) -> Iterator[Said]:
    """Give the texts of an element that may repeat, as what they are."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip():
            yield kind, one


def _reached(resource: Resource) -> Iterator[Said]:
    yield from identifiers_of(resource)
    for telecom in dicts(resource.get("telecom")):
        kind = _TELECOMS.get(str(telecom.get("system", "phone")), IdentifierKind.ID)
        yield from texts(kind, telecom.get("value"))
    for address in dicts(resource.get("address")):
        yield from texts(IdentifierKind.STREET, address.get("line"))
        yield from texts(IdentifierKind.STREET, address.get("text"))
        yield from texts(IdentifierKind.CITY, address.get("city"))
        yield from texts(IdentifierKind.CITY, address.get("district"))
        yield from texts(IdentifierKind.POSTAL_CODE, address.get("postalCode"))
    yield from texts(IdentifierKind.DATE, resource.get("birthDate"))
