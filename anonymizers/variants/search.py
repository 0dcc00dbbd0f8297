"""From what the tables say of somebody to all written forms to search for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anonymizers.variants.codes import dates, emails, ids, phones, postal_codes
from anonymizers.variants.model import Identifier, Variant
from anonymizers.variants.names import name_variants, sort_name
from anonymizers.variants.places import cities, organizations, streets
from policies.columns import IdentifierKind

__all__ = ["variants_of"]


def variants_of(identifiers: Iterable[Identifier], *, strict: bool = False) -> Iterator[Variant]:
    """Give the written forms of everything that is known of one person or facility.

    Args:
        identifiers: What the tables say; empty values give nothing.
        strict: Whether names need a capital: for staff and facilities, whose names would
            otherwise be found in notes that do not speak of them.

    Yields:
        Variants; some may be equal.
    """
    given: list[str] = []
    family: list[tuple[str, ...]] = []
    for kind, value in identifiers:
        match kind:
            case (
                IdentifierKind.GIVEN_NAME
                | IdentifierKind.FAMILY_NAME
                | IdentifierKind.FULL_NAME
                | IdentifierKind.RELATIVE_NAME
            ):
                sort_name(kind, value, given, family)
            case IdentifierKind.STREET | IdentifierKind.CITY | IdentifierKind.ORGANIZATION:
                yield from _places(kind, value, strict=strict)
            case _:
                yield from _codes(kind, value)
    yield from name_variants(given, family, strict=strict)


def _places(kind: IdentifierKind, value: str, *, strict: bool) -> Iterator[Variant]:
    if kind is IdentifierKind.STREET:
        return streets(value)
    if kind is IdentifierKind.CITY:
        return cities(value, strict=strict)
    return organizations(value, strict=strict)


def _codes(kind: IdentifierKind, value: str) -> Iterator[Variant]:
    readers = {
        IdentifierKind.DATE: dates,
        IdentifierKind.PHONE: phones,
        IdentifierKind.EMAIL: emails,
        IdentifierKind.POSTAL_CODE: postal_codes,
        IdentifierKind.ID: ids,
    }
    return readers[kind](value)
