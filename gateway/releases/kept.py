"""Whether all records that left have the signatures that the log says.

The envelopes are those that lie with the release, which stay when it is destroyed; rules and keys
are those of the declarations under which it left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.audit.database import LedgerPlace, entries_of, read_ledger
from gateway.audit.entries import Entry, parse_entry
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.audit.record_events import RecordsExported, RecordsRequested
from gateway.governing.activated import ActivatedSets
from gateway.releases.checking import electorate_of, readers
from gateway.releases.folder import ReleaseFolder
from gateway.releases.leaving import release_demand, release_statement
from policies.errors import ApprovalError
from policies.signatures import check_approvals

__all__ = ["check_kept_releases"]


def check_kept_releases(
    database: LedgerPlace, sets: ActivatedSets, releases: Path
) -> tuple[Finding, ...]:
    """Verify the envelopes of every release that left.

    Args:
        database: The ledger's SQLite file; read only.
        sets: The declarations that decided, as they were kept.
        releases: Folder of all releases.

    Returns:
        What is wrong; entries of another form are passed over, since the log's own check tells.
    """
    requests: dict[str, tuple[int, RecordsRequested]] = {}
    findings: list[Finding] = []
    with read_ledger(database) as connection:
        for index, leaf in entries_of(connection, (RecordsRequested.kind, RecordsExported.kind)):
            try:
                entry = parse_entry(leaf)
            except LogError:
                continue
            event = entry.event
            if isinstance(event, RecordsRequested):
                requests.setdefault(event.release, (index, event))
            elif isinstance(event, RecordsExported) and event.release in requests:
                folder = ReleaseFolder(releases, event.release)
                lacks = _lacking(entry, event, requests[event.release], (sets, folder))
                findings += [Finding(index, Failure.APPROVAL, one) for one in lacks]
    return tuple(findings)


def _lacking(
    entry: Entry,
    event: RecordsExported,
    asked: tuple[int, RecordsRequested],
    kept: tuple[ActivatedSets, ReleaseFolder],
) -> Iterator[str]:
    (index, request), (sets, folder) = asked, kept
    policies = sets.find(event.policy)
    if policies is None:
        yield "no copy is kept of the declarations, so the approvals cannot be verified"
        return
    time = datetime.fromisoformat(entry.stamp.time).astimezone(UTC)
    try:
        signers = check_approvals(
            folder.approvals(),
            release_statement(request.manifest, index),
            release_demand(policies),
            electorate_of(policies, request.actor, request.recipient),
            time,
        )
    except ApprovalError as error:
        yield f"the approvals that are kept are not enough: {error.code}"
    else:
        if not set(event.signers.split()) <= set(signers):
            yield "it names other signers than those whose approvals are kept"
    if request.sample and not readers(policies, asked, folder, time):
        yield "the check of its texts is not kept, or does not let them leave"
