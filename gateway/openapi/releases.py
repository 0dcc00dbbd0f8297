"""What the address of releases says of itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic.dataclasses import dataclass

from gateway.openapi.operations import JSON, MEMBERS, Operation, Reply
from gateway.openapi.parameters import PROJECT
from policies.model import STRICT, Identifier

__all__ = ["RELEASES", "AuditedReleaseReply", "ReleaseReply", "ReleasesReply"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReleaseReply:
    """A release of records, as its project may see it."""

    release: str
    state: str
    overdue: bool
    dataset: Identifier
    table: str
    project: Identifier
    purpose: str
    requester: str
    recipient: str
    k: int
    l: int  # noqa: E741  the name of l-diversity
    t: str | None
    text: bool
    requested: datetime
    exported: tuple[datetime, ...]
    until: date


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class AuditedReleaseReply(ReleaseReply):
    """The same, as stewards and auditors see it."""

    approvals: int
    approved_by: tuple[str, ...]
    requested_by_entry: int
    approved_by_keys: tuple[str, ...]
    exported_by_entries: tuple[int, ...]
    destroyed_by_entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ReleasesReply:
    """What left a project's record door."""

    project: Identifier
    releases: tuple[AuditedReleaseReply | ReleaseReply, ...]


RELEASES: Final = Operation(
    summary="List releases of records: a member's own, or all for stewards and auditors; free.",
    parameters=(PROJECT,),
    replies=(Reply(means="The releases.", media={JSON: ReleasesReply}),),
    problems=MEMBERS,
)
