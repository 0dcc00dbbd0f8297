"""What a column's name says it is, by whole words of the name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from policies.columns import IdentifierKind

__all__ = ["IDENTIFIERS", "QUASI", "said_by_name", "words_of"]

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

IDENTIFIERS: Final[Mapping[str, IdentifierKind]] = {
    "first name": IdentifierKind.GIVEN_NAME,
    "given name": IdentifierKind.GIVEN_NAME,
    "middle name": IdentifierKind.GIVEN_NAME,
    "first": IdentifierKind.GIVEN_NAME,
    "middle": IdentifierKind.GIVEN_NAME,
    "last name": IdentifierKind.FAMILY_NAME,
    "family name": IdentifierKind.FAMILY_NAME,
    "maiden name": IdentifierKind.FAMILY_NAME,
    "surname": IdentifierKind.FAMILY_NAME,
    "last": IdentifierKind.FAMILY_NAME,
    "maiden": IdentifierKind.FAMILY_NAME,
    "mothers name": IdentifierKind.RELATIVE_NAME,
    "mother name": IdentifierKind.RELATIVE_NAME,
    "fathers name": IdentifierKind.RELATIVE_NAME,
    "father name": IdentifierKind.RELATIVE_NAME,
    "next of kin": IdentifierKind.RELATIVE_NAME,
    "patient name": IdentifierKind.FULL_NAME,
    "full name": IdentifierKind.FULL_NAME,
    "author name": IdentifierKind.FULL_NAME,
    "provider name": IdentifierKind.FULL_NAME,
    "organization name": IdentifierKind.ORGANIZATION,
    "hospital name": IdentifierKind.ORGANIZATION,
    "facility name": IdentifierKind.ORGANIZATION,
    "custodian": IdentifierKind.ORGANIZATION,
    "name": IdentifierKind.FULL_NAME,
    "phone": IdentifierKind.PHONE,
    "telephone": IdentifierKind.PHONE,
    "mobile": IdentifierKind.PHONE,
    "fax": IdentifierKind.PHONE,
    "email": IdentifierKind.EMAIL,
    "mail": IdentifierKind.EMAIL,
    "address": IdentifierKind.STREET,
    "address line": IdentifierKind.STREET,
    "street": IdentifierKind.STREET,
    "ssn": IdentifierKind.ID,
    "mrn": IdentifierKind.ID,
    "drivers": IdentifierKind.ID,
    "drivers license": IdentifierKind.ID,
    "license": IdentifierKind.ID,
    "passport": IdentifierKind.ID,
    "account": IdentifierKind.ID,
    "npi": IdentifierKind.ID,
    "ip": IdentifierKind.ID,
    "device serial": IdentifierKind.ID,
    "udi": IdentifierKind.ID,
    "latitude": IdentifierKind.ID,
    "longitude": IdentifierKind.ID,
    "lat": IdentifierKind.ID,
    "lon": IdentifierKind.ID,
}
"""Names of direct identifiers: what they say of a person."""

QUASI: Final = frozenset(
    {
        "age", "sex", "gender", "birth sex", "race", "ethnicity", "marital", "marital status",
        "language", "religion", "education", "edu", "occupation", "profession", "employment",
        "income", "zip", "zipcode", "postal code", "city", "town", "county", "state", "province",
        "country", "region", "fips", "birthplace", "birth city", "birth state", "nationality",
        "insurance",
        "payer", "multiple birth", "birth date", "birthdate", "dob", "date of birth", "death date",
        "deathdate", "death ts", "dod", "date of death", "year of birth", "birth year", "weight",
        "height",
    }
)  # fmt: skip
"""Names of what neighbors, employers or registers know of a person."""

_FILLERS: Final = frozenset(
    {"patient", "pt", "person", "subject", "home", "legal", "source", "value"}
)


def words_of(name: str) -> str:
    """Return a column's name as lower-case words: ``FirstName_1`` is ``first name``."""
    spaced = _CAMEL.sub(" ", name).lower()
    return " ".join(re.findall(r"[a-z]+", spaced))


def said_by_name(name: str, known: frozenset[str] | Mapping[str, object]) -> str | None:
    """Return the entry that a column's name is or ends in, apart from words that say nothing."""
    words = words_of(name).split()
    kept = [word for word in words if word not in _FILLERS] or words
    for start in range(len(kept)):
        entry = " ".join(kept[start:])
        if entry in known:
            return entry
    return None
