"""Every audited fact is a type; here are all of them.

The names of fields are those of ``gateway.audit.fields``, which says what each means and may hold.
Names are stable, additions are optional, meanings never change. A field with a default was added
later: an entry has it only where it says something, so that older entries stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.identity_events import (
    AuthenticationFailed,
    IdentityEvent,
    LogRead,
    SessionEnded,
    SignedIn,
)
from gateway.audit.key_events import KeyRotated
from gateway.audit.policy_events import (
    BudgetCapped,
    DatasetBound,
    PolicyActivated,
    PolicyResumed,
    PolicySuspended,
)
from gateway.audit.record_events import (
    RecordsApproved,
    RecordsChecked,
    RecordsDenied,
    RecordsDestroyed,
    RecordsExported,
    RecordsRequested,
    ValuesRevealed,
)
from gateway.audit.review_events import ConsentedTextRead, FlagSignedOff, ReviewEvent

__all__ = [
    "EVENTS",
    "AuthenticationFailed",
    "BudgetCapped",
    "ConsentedTextRead",
    "DatasetBound",
    "Event",
    "FlagSignedOff",
    "IdentityEvent",
    "IngestDone",
    "KeyRotated",
    "LogRead",
    "PolicyActivated",
    "PolicyResumed",
    "PolicySuspended",
    "QueryAbandoned",
    "QueryDenied",
    "QueryDerived",
    "QueryReleased",
    "QueryRepeated",
    "QueryReserved",
    "Recorded",
    "RecordsApproved",
    "RecordsChecked",
    "RecordsDenied",
    "RecordsDestroyed",
    "RecordsExported",
    "RecordsRequested",
    "SessionEnded",
    "SignedIn",
    "SystemRecovered",
    "SystemStarted",
    "UnitsErased",
    "UnitsReadmitted",
    "ValuesRevealed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryReserved:
    """A query was allowed and charged, before any private row was read."""

    kind: ClassVar[str] = "query.reserve"

    query_id: str
    actor: str
    project: str
    purpose: str
    dataset: str
    snapshot: str
    policy: str
    asked: str
    request: str
    request_digest: str
    cache_key: str
    pool: str
    measure: str
    amount: int
    delta: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryReleased:
    """A reserved query was answered; the answer is stored."""

    kind: ClassVar[str] = "query.release"

    query_id: str
    ref: int
    answer: str
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAbandoned:
    """A reserved query has no answer and never will; the charge stays."""

    kind: ClassVar[str] = "query.abandon"

    query_id: str
    ref: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRepeated:
    """An equal question was answered with the stored answer, free of charge."""

    kind: ClassVar[str] = "query.repeat"

    query_id: str
    actor: str
    project: str
    purpose: str
    asked: str
    cache_key: str
    ref: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDerived:
    """A question was answered from the stored answer to a wider one, free of charge."""

    kind: ClassVar[str] = "query.derive"

    query_id: str
    actor: str
    project: str
    purpose: str
    asked: str
    request: str
    request_digest: str
    cache_key: str
    ref: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDenied:
    """A request was refused; nothing was charged."""

    kind: ClassVar[str] = "query.deny"

    actor: str
    named_project: str
    named_purpose: str
    named_dataset: str
    policy: str
    asked: str
    request: str
    request_digest: str
    code: str
    rule: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestDone:
    """A new snapshot of a dataset is in force, without whoever is on the list that it names.

    It names no list where nobody was ever erased.
    """

    kind: ClassVar[str] = "ingest.done"

    actor: str
    dataset: str
    snapshot: str
    policy: str
    sealed: str
    text_engine: str = ""
    text_profile: str = ""
    generation: int = 0
    tombstones: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStarted:
    """A process opened the ledger."""

    kind: ClassVar[str] = "system.start"

    software: str
    sqlite: str
    postgresql: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRecovered:
    """Reservations that ended processes had left open were closed, charge kept."""

    kind: ClassVar[str] = "system.recover"

    abandoned: int


Event: TypeAlias = (
    QueryReserved
    | QueryReleased
    | QueryAbandoned
    | QueryRepeated
    | QueryDerived
    | QueryDenied
    | PolicyActivated
    | PolicySuspended
    | PolicyResumed
    | BudgetCapped
    | DatasetBound
    | IngestDone
    | UnitsErased
    | UnitsReadmitted
    | RecordsRequested
    | RecordsApproved
    | RecordsChecked
    | RecordsExported
    | RecordsDestroyed
    | ValuesRevealed
    | RecordsDenied
    | IdentityEvent
    | ReviewEvent
    | KeyRotated
    | SystemStarted
    | SystemRecovered
)

Recorded: TypeAlias = (
    IngestDone
    | RecordsRequested
    | RecordsApproved
    | RecordsChecked
    | RecordsExported
    | RecordsDestroyed
    | ValuesRevealed
    | RecordsDenied
    | UnitsErased
    | UnitsReadmitted
    | IdentityEvent
    | ReviewEvent
)
"""Facts of other doors than queries."""

EVENTS: Final[tuple[type[Event], ...]] = (
    QueryReserved,
    QueryReleased,
    QueryAbandoned,
    QueryRepeated,
    QueryDerived,
    QueryDenied,
    PolicyActivated,
    PolicySuspended,
    PolicyResumed,
    BudgetCapped,
    DatasetBound,
    IngestDone,
    UnitsErased,
    UnitsReadmitted,
    RecordsRequested,
    RecordsApproved,
    RecordsChecked,
    RecordsExported,
    RecordsDestroyed,
    ValuesRevealed,
    RecordsDenied,
    SignedIn,
    AuthenticationFailed,
    SessionEnded,
    LogRead,
    FlagSignedOff,
    KeyRotated,
    ConsentedTextRead,
    SystemStarted,
    SystemRecovered,
)
"""All events, in the order of the documentation."""
