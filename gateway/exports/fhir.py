"""The log as AuditEvent resources of FHIR R4, a JSON line each, for systems that collect these.

What FHIR has no place for, such as the price, is a detail of an entity. No profile is claimed:
those of IHE ask for a patient, and no entry of this log is about one.

Source: HL7 FHIR R4 (4.0.1), https://hl7.org/fhir/R4/auditevent.html; DICOM PS3.16, CID 400.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gateway.audit.encoding import canonical_json
from gateway.exports.reading import LoggedEntry

__all__ = ["audit_event", "fhir_lines"]

_TYPES: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_INTERACTIONS: Final = "http://hl7.org/fhir/restful-interaction"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_SOURCES: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
_SUCCESS, _REFUSED, _FAILED = "0", "4", "8"


@dataclass(frozen=True, slots=True)
class _Meaning:
    """How a kind of entry is told: type, subtype, action, and outcome."""

    type: tuple[str, str, str]
    subtype: tuple[str, str, str]
    action: str
    outcome: str = _SUCCESS


_SEARCH: Final = (
    (_TYPES, "rest", "RESTful Operation"),
    (_INTERACTIONS, "search", "search"),
)
_ALERT: Final = (_DICOM, "110113", "Security Alert")
_CONFIGURED: Final = (_ALERT, (_DICOM, "110129", "Security Configuration"))
_ACTIVITY: Final = (_DICOM, "110100", "Application Activity")
_EXPORT: Final = ((_DICOM, "110106", "Export"), (_DICOM, "110106", "Export"))
_DELETION: Final = (
    (_DICOM, "110110", "Patient Record"),
    (_INTERACTIONS, "delete", "delete"),
)
_KINDS: Final[Mapping[str, _Meaning]] = MappingProxyType(
    {
        "query.reserve": _Meaning(*_SEARCH, "E"),
        "query.release": _Meaning(*_SEARCH, "E"),
        "query.abandon": _Meaning(*_SEARCH, "E", _FAILED),
        "query.repeat": _Meaning(*_SEARCH, "E"),
        "query.derive": _Meaning(*_SEARCH, "E"),
        "query.deny": _Meaning(*_SEARCH, "E", _REFUSED),
        "ingest.done": _Meaning((_DICOM, "110107", "Import"), (_DICOM, "110107", "Import"), "C"),
        "record.request": _Meaning(*_EXPORT, "R"),
        "record.approve": _Meaning(*_EXPORT, "U"),
        "record.export": _Meaning(*_EXPORT, "R"),
        "record.reveal": _Meaning(*_EXPORT, "R"),
        "record.deny": _Meaning(*_EXPORT, "R", _REFUSED),
        "record.destroy": _Meaning(*_DELETION, "D"),
        "unit.erase": _Meaning(*_DELETION, "D"),
        "unit.readmit": _Meaning(_DELETION[0], (_INTERACTIONS, "update", "update"), "U"),
        "system.start": _Meaning(_ACTIVITY, (_DICOM, "110120", "Application Start"), "E"),
        "system.recover": _Meaning(_ACTIVITY, (_DICOM, "110120", "Application Start"), "E"),
    }
)
_OTHERWISE: Final = _Meaning(*_CONFIGURED, "U")
"""Of declarations, budgets, and whatever comes later."""
_DETAILS: Final = (
    "query_id", "policy", "code", "rule", "at", "pool", "measure", "amount", "delta", "answer",
    "told", "snapshot", "ref", "reason", "request_digest", "change", "signers", "suspended",
    "because", "scope", "cap", "plan", "output", "release", "recipient", "manifest", "until",
    "scorecard", "generation", "tombstones", "sealed", "abandoned",
)  # fmt: skip
_MAX_DETAIL_CHARS: Final = 1_000


def fhir_lines(entries: Iterable[LoggedEntry], origin: str) -> Iterator[bytes]:
    """Yield an AuditEvent for each entry, as FHIR's bulk data has it."""
    for one in entries:
        yield canonical_json(audit_event(one, origin)) + b"\n"


def audit_event(logged: LoggedEntry, origin: str) -> dict[str, Any]:
    """Return an entry as an AuditEvent.

    Args:
        logged: The entry.
        origin: Name of the log.
    """
    event, stamp = logged.entry.event, logged.entry.stamp
    meaning = _KINDS.get(event.kind, _OTHERWISE)
    found: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"entry-{logged.index}",
        "type": _coding(*meaning.type),
        "subtype": [_coding(*meaning.subtype)],
        "action": meaning.action,
        "recorded": stamp.time,
        "outcome": meaning.outcome,
        "agent": [_agent(logged, origin)],
        "source": {
            "observer": {"identifier": _identifier(origin, "log", origin), "type": "Device"},
            "type": [_coding(_SOURCES, "4", "Application Server")],
        },
        "entity": list(_entities(logged, origin)),
    }
    purpose = _said(logged, "purpose", "named_purpose")
    if purpose:
        found["purposeOfEvent"] = [{"text": purpose}]
    if meaning.outcome != _SUCCESS:
        found["outcomeDesc"] = _said(logged, "code", "reason")
    return found


def _agent(logged: LoggedEntry, origin: str) -> dict[str, Any]:
    actor = _said(logged, "actor")
    if not actor:
        own = {"identifier": _identifier(origin, "log", origin), "type": "Device"}
        return {"who": own, "requestor": False}
    return {"who": {"identifier": _identifier(origin, "user", actor)}, "requestor": True}


def _entities(logged: LoggedEntry, origin: str) -> Iterator[dict[str, Any]]:
    details = [
        {"type": name, "valueString": str(value)[:_MAX_DETAIL_CHARS]}
        for name in _DETAILS
        if (value := getattr(logged.entry.event, name, "")) not in ("", None)
    ]
    yield {
        "what": {"identifier": _identifier(origin, "entry", str(logged.index))},
        "name": logged.entry.event.kind,
        **({"detail": details} if details else {}),
    }
    for kind, names in (("project", ("project", "named_project")), ("dataset", ("dataset",))):
        name = _said(logged, *names)
        if name:
            yield {"what": {"identifier": _identifier(origin, kind, name)}, "name": name}
    request = getattr(logged.entry.event, "request", "")
    if request:
        yield {
            "what": {"identifier": _identifier(origin, "request", str(logged.index))},
            "query": base64.b64encode(request.encode()).decode(),
        }


def _said(logged: LoggedEntry, *names: str) -> str:
    """The first of some fields that the entry says, or those that it refers to."""
    for one in (logged.entry, *logged.references):
        for name in names:
            found = getattr(one.event, name, "")
            if found:
                return str(found)
    return ""


def _identifier(origin: str, kind: str, value: str) -> dict[str, str]:
    return {"system": f"urn:gateway:{origin}:{kind}", "value": value}


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}
