"""What becomes of each element of a resource: structure and codes stay, all else must be handled.

An element that no rule names is treated as free text, so that an unknown element is searched, not
passed on. Source of the element names and types: HL7 FHIR R4 (4.0.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from anonymizers.fhir.types import RESOURCE_TYPES
from anonymizers.tables.hierarchies import ZipHierarchy, generalize

__all__ = ["Handlers", "Json", "Resource", "objects_in", "server_of", "target_of", "walked"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Resource: TypeAlias = dict[str, Json]

_DROPPED: Final = frozenset(
    {
        "identifier", "name", "telecom", "photo", "contact", "alias", "position", "qualification",
        "udiCarrier", "serialNumber", "lotNumber", "deviceIdentifier", "distinctIdentifier",
        "signature", "endpoint", "link", "request", "response", "lastUpdated", "versionId",
        "source", "implicitRules", "valueBase64Binary", "valueHumanName", "valueAddress",
        "valueContactPoint", "valueIdentifier", "valueSignature", "hash", "size", "title",
        "masterIdentifier", "accession", "policyNumber", "subscriberId",
    }
)  # fmt: skip
_CODED: Final = frozenset(
    {
        "resourceType", "status", "code", "system", "version", "unit", "use", "gender", "intent",
        "priority", "criticality", "contentType", "language", "comparator", "currency", "profile",
        "verificationStatus", "clinicalStatus", "type", "category", "class", "mode", "docStatus",
        "valueCode", "periodUnit", "durationUnit", "lifecycleStatus",
    }
)  # fmt: skip
_OF_ATTACHMENTS: Final = ("resourceType", "contentType", "language")
_EXTENSIONS: Final = ("us-core-race", "us-core-ethnicity", "us-core-birthsex")
_TEXTS: Final = ("text/plain", "text/markdown")
_DATE: Final = re.compile(
    r"(?P<date>\d{4}-\d{2}(?:-\d{2})?)(?P<time>T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)
_REFERENCE: Final = re.compile(
    r"(?:[^?]*/)?(?P<type>[A-Za-z]+)"
    r"(?:/(?P<id>[^/?#|]+)(?:/_history/[^/?#|]+)?(?:[#|].*)?|\?(?P<sought>.+))",
    re.DOTALL,
)
_YEAR: Final = re.compile(r"\d{4}")
_TIME: Final = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
_OLD: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What is put in place of what identifies; for the resources of one patient.

    Attributes:
        name: From an id to its stand-in.
        day: From a date (or a month) to the moved one, or None where it must go.
        text: From free text to what may stand there, or None where that failed.
        birth: From a birth date to what may stand there, or None.
        attachment: From base64 of a plain text to that of what may stand there, or None.
    """

    name: Callable[[str], str]
    day: Callable[[str], str | None]
    text: Callable[[str], str | None]
    birth: Callable[[str], str | None]
    attachment: Callable[[str], str | None]


def objects_in(value: Json) -> Iterator[Resource]:
    """Give every object in a value, itself included, however deep."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case list() as several:
                waiting.extend(reversed(several))
            case dict() as one:
                yield one
                waiting.extend(reversed(one.values()))
            case _:
                pass


def target_of(reference: str) -> tuple[str, str]:
    """Return the type of resource that a reference points to, and the id; or '' and all of it.

    They stand last, before a version: what the address of a server has before them says nothing.
    """
    if reference.startswith("urn:uuid:"):
        return "urn:uuid", reference.removeprefix("urn:uuid:")
    found = _REFERENCE.fullmatch(reference)
    if found is None or found["type"] not in RESOURCE_TYPES:
        return "", reference
    return found["type"], found["id"] or found["sought"]


def server_of(reference: str) -> tuple[str, str]:
    """Return the server that a reference names, without its scheme, and the type of resource.

    '' stands for a server that is not named. Host names are compared in lower case, and http and
    https are the same server.
    """
    scheme, _, rest = reference.partition("://")
    kind, _ = target_of(reference)
    found = _REFERENCE.fullmatch(rest)
    if scheme.lower() not in {"http", "https"} or not kind or found is None:
        return "", kind
    host, _, path = rest[: found.start("type")].rstrip("/").partition("/")
    return f"{host.lower()}/{path}", kind


def walked(resource: Resource, handlers: Handlers) -> Resource:
    """Return a resource with every element handled; the argument is left as it is."""
    return _object(resource, handlers)


def _object(value: Resource, handlers: Handlers) -> Resource:
    if isinstance(value.get("contentType"), str):
        return _attachment(value, handlers)
    kept: Resource = {}
    for key, one in value.items():
        handled = _element(key, one, value, handlers)
        if handled is not None and handled not in ([], {}):
            kept[key] = handled
    return kept


def _element(key: str, value: Json, around: Resource, handlers: Handlers) -> Json:
    if key.startswith("_") or key in _DROPPED or _is_narrative(key, value):
        return None
    if key in {"extension", "modifierExtension"}:
        return _extensions(value, handlers)
    if isinstance(value, list):
        inner = (_element(key, one, around, handlers) for one in value)
        return [one for one in inner if one is not None and one not in ([], {})]
    if isinstance(value, dict):
        return _inner(key, value, handlers)
    return _string(key, value, around, handlers) if isinstance(value, str) else value


def _inner(key: str, value: Resource, handlers: Handlers) -> Resource:
    if key == "address":
        return _address(value, handlers)
    inner = _object(value, handlers)
    return _capped(inner) if key.endswith("Age") else inner


def _string(key: str, value: str, around: Resource, handlers: Handlers) -> Json:
    special = _SPECIAL.get(key)
    if special is not None:
        return special(value, around, handlers)
    said = key == "text" and value in _displays(around)
    if key in _CODED or said or _YEAR.fullmatch(value) or _TIME.fullmatch(value):
        return value
    if (date := _DATE.fullmatch(value)) is not None:
        moved = handlers.day(date["date"])
        return None if moved is None else moved + (date["time"] or "")
    return handlers.text(value)


def _display(value: str, around: Resource, _handlers: Handlers) -> Json:
    """A reference repeats a name there; a coding says what its code means."""
    return value if "code" in around and "reference" not in around else None


_SPECIAL: Final[Mapping[str, Callable[[str, Resource, Handlers], Json]]] = {
    "id": lambda value, _, handlers: handlers.name(value),
    "reference": lambda value, _, handlers: _reference(value, handlers),
    "fullUrl": lambda value, _, handlers: _reference(value, handlers),
    "birthDate": lambda value, _, handlers: handlers.birth(value),
    "url": lambda value, around, _: value if _is_extension(around) else None,
    "display": _display,
}
"""Texts with a meaning of their own, by the name of their element."""


def _reference(value: str, handlers: Handlers) -> str:
    if value.startswith("#"):
        return "#" + handlers.name(value[1:])
    kind, name = target_of(value)
    return (
        f"{kind}:{handlers.name(name)}" if kind == "urn:uuid" else f"{kind}/{handlers.name(name)}"
    )


def _attachment(value: Resource, handlers: Handlers) -> Resource:
    """Keep the kind of an attachment, and its text if it is plain text in base64."""
    kept: Resource = {}
    kept.update((key, value[key]) for key in _OF_ATTACHMENTS if key in value)
    if isinstance(name := value.get("id"), str):
        kept["id"] = handlers.name(name)
    content, kind = value.get("data"), str(value["contentType"]).partition(";")[0].strip().lower()
    if isinstance(content, str) and kind in _TEXTS:
        kept["data"] = handlers.attachment(content)
    elif content is not None:
        kept["data"] = handlers.attachment("")
    return {key: one for key, one in kept.items() if one is not None}


def _address(value: Resource, handlers: Handlers) -> Resource:
    kept = {key: value[key] for key in ("state", "country") if isinstance(value.get(key), str)}
    if isinstance(area := value.get("postalCode"), str):
        kept["postalCode"] = generalize(ZipHierarchy(steps=("zip3",)), area)[1]
    if isinstance(period := value.get("period"), dict):
        kept["period"] = _object(period, handlers)
    return kept


def _extensions(value: Json, handlers: Handlers) -> Json:
    """Keep the few extensions that are known to identify nobody."""
    found = value if isinstance(value, list) else []
    return [_object(one, handlers) for one in found if isinstance(one, dict) and _is_extension(one)]


def _is_extension(value: Mapping[str, Json]) -> bool:
    url = str(value.get("url", ""))
    return url.endswith(_EXTENSIONS) or url in {"ombCategory", "detailed", "text"}


def _is_narrative(key: str, value: Json) -> bool:
    return key == "text" and isinstance(value, dict)


def _displays(concept: Resource) -> list[Json]:
    codings = concept.get("coding")
    inner = codings if isinstance(codings, list) else []
    return [coding.get("display") for coding in inner if isinstance(coding, dict)]


def _capped(age: Resource) -> Resource:
    value = age.get("value")
    years = age.get("code", "a") == "a"
    if isinstance(value, int | float) and years and value >= _OLD:
        return {**age, "value": _OLD}
    return age
