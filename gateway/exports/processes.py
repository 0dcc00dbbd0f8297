"""What happened in a project, as the processes of a Five Safes RO-Crate, and who took part."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from gateway.audit.events import (
    QueryAbandoned,
    QueryDenied,
    QueryDerived,
    QueryReleased,
    QueryRepeated,
    QueryReserved,
    RecordsDenied,
    RecordsExported,
    RecordsRequested,
    ValuesRevealed,
)
from gateway.exports.reading import LoggedEntry

__all__ = ["Crew", "process_of"]

_COMPLETED: Final = {"@id": "http://schema.org/CompletedActionStatus"}
_FAILED: Final = {"@id": "http://schema.org/FailedActionStatus"}
_UNITS: Final = {"pure": ("epsilon", Decimal("1e-6")), "zcdp": ("rho", Decimal("1e-9"))}


@dataclass(slots=True, kw_only=True)
class Crew:
    """Who and what a crate's processes name; grows while they are described.

    Attributes:
        origin: Name of the log.
        project: Id of the project.
        answers: Paths of all files in the crate.
        people: From opaque id to IRI.
        datasets: From id and snapshot to IRI.
    """

    origin: str
    project: str
    answers: frozenset[str]
    people: dict[str, str] = field(default_factory=dict)
    datasets: dict[str, str] = field(default_factory=dict)

    @property
    def organization(self) -> str:
        """IRI of whoever runs the gateway."""
        return self.urn("operator")

    @property
    def software(self) -> str:
        """IRI of the gateway."""
        return self.urn("software")

    @property
    def declarations(self) -> str:
        """IRI of what the project is allowed."""
        return self.urn(f"project/{self.project}")

    def urn(self, name: str) -> str:
        """Return the IRI of something of this log."""
        return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:gateway:{self.origin}:{name}").urn

    def person(self, user: str) -> str:
        """Return the IRI of a person."""
        return self.people.setdefault(user, self.urn(f"user/{user}"))

    def dataset(self, name: str, snapshot: str = "") -> str:
        """Return the IRI of a dataset, or of one state of it."""
        label = f"{name} {snapshot}".strip()
        return self.datasets.setdefault(label, self.urn(f"dataset/{label}"))

    def described(self) -> Iterator[dict[str, Any]]:
        """Yield an entity for each of them."""
        yield {
            "@id": self.organization,
            "@type": "Organization",
            "name": f"Operator of {self.origin}",
        }
        yield {
            "@id": self.software,
            "@type": "SoftwareApplication",
            "name": "clinical-gateway",
            "description": "Answers aggregate questions with differential privacy.",
        }
        yield {
            "@id": self.declarations,
            "@type": ["CreativeWork", "prov:Plan"],
            "name": f"Declarations of project {self.project}",
        }
        for user, iri in self.people.items():
            yield {"@id": iri, "@type": "Person", "name": user}
        for label, iri in self.datasets.items():
            yield {"@id": iri, "@type": "Dataset", "name": label}


def process_of(logged: LoggedEntry, crew: Crew) -> dict[str, Any] | None:
    """Return what an entry says happened, as an action; None if it is told by another entry.

    A charge is told by the entry that closes it, so that one that is open is not told.
    """
    event = logged.entry.event
    match event:
        case QueryReleased():
            return _query(logged, crew, _COMPLETED)
        case QueryAbandoned():
            return _query(logged, crew, _FAILED)
        case QueryRepeated() | QueryDerived():
            found = _action(logged, crew, "Action", "Answer given again, for nothing")
            found |= {"agent": {"@id": crew.person(event.actor)}, "startTime": event.asked}
        case QueryDenied() | RecordsDenied():
            found = _action(logged, crew, "RejectAction", "Request refused")
            found["object"] = {"@id": crew.declarations}
            found["description"] = f"{event.code} {event.rule}".strip()
        case RecordsRequested():
            found = _action(logged, crew, "AskAction", "Records asked for")
            found["object"] = {"@id": crew.dataset(event.dataset)}
        case RecordsExported():
            found = _action(logged, crew, "AuthorizeAction", "Release of records")
            found["object"] = {"@id": crew.declarations}
        case ValuesRevealed():
            found = _action(logged, crew, "AuthorizeAction", "Encrypted values brought back")
            found["object"] = {"@id": crew.dataset(event.dataset)}
        case _:
            return None
    return found


def _query(logged: LoggedEntry, crew: Crew, status: dict[str, str]) -> dict[str, Any] | None:
    charge = logged.references[0].event if logged.references else None
    if not isinstance(charge, QueryReserved):
        return None
    symbol, unit = _UNITS[charge.measure]
    price = (charge.amount * unit).normalize()
    found = {
        **_action(logged, crew, "CreateAction", "Question answered with noise"),
        "agent": {"@id": crew.person(charge.actor)},
        "object": {"@id": crew.dataset(charge.dataset, charge.snapshot)},
        "startTime": charge.asked,
        "actionStatus": status,
        "description": f"{charge.request}\nPurpose: {charge.purpose}. Price: {symbol} {price:f}.",
    }
    answer = f"answers/{charge.query_id}.json"
    if status == _COMPLETED and answer in crew.answers:
        found["result"] = {"@id": answer}
    return found


def _action(logged: LoggedEntry, crew: Crew, kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": crew.urn(f"entry/{logged.index}"),
        "@type": [kind, "prov:Activity"],
        "name": name,
        "agent": {"@id": crew.organization},
        "provider": {"@id": crew.organization},
        "instrument": {"@id": crew.software},
        "endTime": logged.entry.stamp.time,
        "actionStatus": _COMPLETED,
    }
    receipt = f"receipts/{logged.index}.tlog-proof"
    if receipt in crew.answers:
        found["subjectOf"] = {"@id": receipt}
    return found
