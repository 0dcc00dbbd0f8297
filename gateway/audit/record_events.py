"""What is logged of the record door: rows and values that leave without noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "RecordsApproved",
    "RecordsChecked",
    "RecordsDenied",
    "RecordsDestroyed",
    "RecordsExported",
    "RecordsRequested",
    "ValuesRevealed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRequested:
    """Records of one table were made ready for a project; nothing has left."""

    kind: ClassVar[str] = "record.request"

    actor: str
    project: str
    purpose: str
    dataset: str
    snapshot: str
    policy: str
    release: str
    recipient: str
    manifest: str
    plan: str
    min_k: int
    min_l: int
    max_t: str
    max_left_out: str
    until: str
    scorecard: str = ""
    text_engine: str = ""
    text_profile: str = ""
    erased: int = 0
    table: str = ""
    sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsChecked:
    """A person read the drawn texts of requested records, and signed what came of it."""

    kind: ClassVar[str] = "record.check"

    actor: str
    policy: str
    release: str
    manifest: str
    ref: int
    signers: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsApproved:
    """Somebody signed that requested records may leave."""

    kind: ClassVar[str] = "record.approve"

    actor: str
    policy: str
    release: str
    manifest: str
    ref: int
    signers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsExported:
    """Requested records left, to their recipient."""

    kind: ClassVar[str] = "record.export"

    actor: str
    policy: str
    release: str
    manifest: str
    ref: int
    signers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsDestroyed:
    """The gateway's copy of requested records is gone, and the recipient's is said to be."""

    kind: ClassVar[str] = "record.destroy"

    actor: str
    policy: str
    release: str
    manifest: str
    ref: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesRevealed:
    """Encrypted values of one label are brought back; appended before anybody sees them."""

    kind: ClassVar[str] = "record.reveal"

    actor: str
    project: str
    purpose: str
    dataset: str
    policy: str
    column: str
    label: str
    revealed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsDenied:
    """A release of records, or bringing encrypted values back, was refused."""

    kind: ClassVar[str] = "record.deny"

    actor: str
    named_project: str
    named_purpose: str
    named_dataset: str
    policy: str
    code: str
    rule: str
    at: str
