"""FHIR R4 resources as tables: NDJSON of a bulk export, or bundles, one object a line.

Each supported type of resource is one table with fixed columns, of which the declaration says what
becomes; other elements are never read. Whatever an element repeats, the first is taken, but for
identifiers, which have a column by their kind.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import pyarrow as pa

from anonymizers.fhir import Resource, target_of, unit_of
from gateway.ingest.sources.fhir_lines import fhir_files, resources_of
from policies.errors import SourceError

__all__ = ["fhir_batches", "fhir_header", "fhir_tables"]

_Reader: TypeAlias = Callable[[Resource], str | None]
_BATCH_ROWS: Final = 4096
_PLAIN_TEXT: Final = re.compile(r"text/plain(; *charset=utf-8)?", re.IGNORECASE)


def _at(*path: str) -> _Reader:
    """Read what stands at a path, the first of each list."""

    def read(resource: Resource) -> str | None:
        found: Any = resource
        for step in path:
            found = found[0] if isinstance(found, list) and found else found
            found = found.get(step) if isinstance(found, dict) else None
        found = found[0] if isinstance(found, list) and found else found
        return None if found is None or isinstance(found, dict | list) else _text(found)

    return read


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first(*readers: _Reader) -> _Reader:
    return lambda resource: next((one for one in (read(resource) for read in readers) if one), None)


def _day(*readers: _Reader) -> _Reader:
    """Read the day as it is written, where there is one: a year or a month alone is none."""
    read = _first(*readers)

    def day(resource: Resource) -> str | None:
        found = read(resource) or ""
        return found[:10] if re.match(r"\d{4}-\d\d-\d\d", found) else None

    return day


def _target(*path: str) -> _Reader:
    read = _at(*path, "reference")

    def target(resource: Resource) -> str | None:
        found = read(resource)
        return None if found is None else target_of(found)[1]

    return target


def _identifier(code: str) -> _Reader:
    """Read the identifier of a kind, as HL7 table 0203 names kinds."""

    def read(resource: Resource) -> str | None:
        for one in _objects(resource.get("identifier")):
            if _at("type", "coding", "code")(one) == code:
                return _at("value")(one)
        return None

    return read


def _extension(name: str, *path: str) -> _Reader:
    """Read an extension of US Core by the end of its address."""

    def read(resource: Resource) -> str | None:
        for one in _objects(resource.get("extension")):
            if str(one.get("url", "")).endswith(name):
                return _at(*path)(one)
        return None

    return read


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _whole_name(place: int) -> _Reader:
    def read(resource: Resource) -> str | None:
        names = _objects(resource.get("name"))
        if len(names) <= place:
            return None
        given = names[place].get("given")
        parts = [*(given if isinstance(given, list) else []), names[place].get("family")]
        return " ".join(str(part) for part in parts if part) or None

    return read


def _inline_text(*path: str) -> _Reader:
    """Read a note that is plain text in base64; another one is NULL."""
    data, kind = _at(*path, "data"), _at(*path, "contentType")

    def read(resource: Resource) -> str | None:
        found = data(resource)
        if found is None or not _PLAIN_TEXT.fullmatch(kind(resource) or ""):
            return None
        try:
            return base64.b64decode(found, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeError):
            return None

    return read


_CODED: Final = {
    "code": _at("code", "coding", "code"),
    "display": _first(_at("code", "coding", "display"), _at("code", "text")),
}
_OF_PATIENT: Final = {
    "id": _at("id"),
    "patient": unit_of,
    "encounter": _target("encounter"),
    "status": _at("status"),
}
_TABLES: Final[Mapping[str, Mapping[str, _Reader]]] = MappingProxyType({
    "Patient": {
        "id": _at("id"), "name": _whole_name(0), "other_name": _whole_name(1),
        "mrn": _identifier("MR"), "ssn": _identifier("SS"),
        "drivers_license": _identifier("DL"), "passport": _identifier("PPN"),
        "phone": _at("telecom", "value"), "address_line": _at("address", "line"),
        "city": _at("address", "city"), "state": _at("address", "state"),
        "zip": _at("address", "postalCode"), "birth_date": _day(_at("birthDate")),
        "death_date": _day(_at("deceasedDateTime")), "sex": _at("gender"),
        "race": _extension("us-core-race", "extension", "valueCoding", "display"),
        "ethnicity": _extension("us-core-ethnicity", "extension", "valueCoding", "display"),
        "marital_status": _at("maritalStatus", "coding", "code"),
        "language": _at("communication", "language", "coding", "code"),
    },
    "Encounter": {
        "id": _at("id"), "patient": unit_of, "status": _at("status"),
        "class": _at("class", "code"), "start_date": _day(_at("period", "start")),
        "end_date": _day(_at("period", "end")), "code": _at("type", "coding", "code"),
        "display": _at("type", "coding", "display"),
        "reason_code": _at("reasonCode", "coding", "code"),
    },
    "Condition": {
        **{name: read for name, read in _OF_PATIENT.items() if name != "status"}, **_CODED,
        "clinical_status": _at("clinicalStatus", "coding", "code"),
        "onset_date": _day(_at("onsetDateTime"), _at("onsetPeriod", "start")),
        "abatement_date": _day(_at("abatementDateTime")),
        "recorded_date": _day(_at("recordedDate")),
    },
    "Observation": {
        **_OF_PATIENT, **_CODED, "category": _at("category", "coding", "code"),
        "date": _day(_at("effectiveDateTime"), _at("effectivePeriod", "start"), _at("issued")),
        "value": _at("valueQuantity", "value"), "unit": _at("valueQuantity", "unit"),
        "value_code": _at("valueCodeableConcept", "coding", "code"),
    },
    "Procedure": {
        **_OF_PATIENT, **_CODED,
        "date": _day(_at("performedDateTime"), _at("performedPeriod", "start")),
    },
    "MedicationRequest": {
        **_OF_PATIENT, "code": _at("medicationCodeableConcept", "coding", "code"),
        "display": _at("medicationCodeableConcept", "coding", "display"),
        "date": _day(_at("authoredOn")),
    },
    "DocumentReference": {
        **{name: read for name, read in _OF_PATIENT.items() if name != "encounter"},
        "encounter": _target("context", "encounter"), "code": _at("type", "coding", "code"),
        "display": _at("type", "coding", "display"), "date": _day(_at("date")),
        "author": _at("author", "display"), "text": _inline_text("content", "attachment"),
    },
    "DiagnosticReport": {
        **_OF_PATIENT, **_CODED, "date": _day(_at("effectiveDateTime"), _at("issued")),
        "author": _at("performer", "display"), "text": _inline_text("presentedForm"),
    },
})  # fmt: skip
"""From a type of resource to its columns."""


def fhir_tables(folder: Path) -> tuple[str, ...]:
    """Return the supported types of which a folder has resources, in order.

    Raises:
        SourceError: If a file cannot be read.
    """
    found = {
        str(one["resourceType"]) for file in fhir_files(folder, "") for one in resources_of(file)
    }
    return tuple(kind for kind in _TABLES if kind in found)


def fhir_header(folder: Path, kind: str) -> tuple[str, ...]:
    """Return the columns of a type of resource.

    Raises:
        SourceError: ``SRC-FHIR`` if it has none here; ``SRC-MISSING`` if there is no file.
    """
    if kind not in _TABLES:
        raise SourceError(
            f"resources of type {kind} cannot be read as a table",
            code="SRC-FHIR",
            remedy=f"write file: with one of {', '.join(_TABLES)}",
            file=folder.name,
        )
    fhir_files(folder, kind)
    return tuple(_TABLES[kind])


def fhir_batches(folder: Path, kind: str, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Read some columns of all resources of a type, a batch of rows at a time.

    Raises:
        SourceError: If a line is no JSON object, or an archive is damaged; with file and line.
    """
    readers = _TABLES[kind]
    rows = iter(
        [readers[name](one) for name in columns]
        for file in fhir_files(folder, kind)
        for one in resources_of(file)
        if one["resourceType"] == kind
    )
    schema = pa.schema([(name, pa.string()) for name in columns])
    while some := list(islice(rows, _BATCH_ROWS)):
        arrays = [pa.array(values, pa.string()) for values in zip(*some, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
