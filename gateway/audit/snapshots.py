"""Which snapshots the log has announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from gateway.audit.database import Connection, entries_of
from gateway.audit.entries import Stamp, parse_entry
from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.errors import LogError
from gateway.audit.events import IngestDone

__all__ = ["SNAPSHOT_EVENTS", "SnapshotEvent", "announced_snapshots"]

SnapshotEvent: TypeAlias = IngestDone | UnitsErased | UnitsReadmitted
"""What names a snapshot, the list of whom it is without, or both."""
SNAPSHOT_EVENTS: Final = (IngestDone, UnitsErased, UnitsReadmitted)


def announced_snapshots(connection: Connection) -> Iterator[tuple[int, Stamp, SnapshotEvent]]:
    """Yield number, stamp and event of each entry that names a snapshot, the oldest first.

    Entries of another form are passed over, since the log's own check tells of them.
    """
    for index, leaf in entries_of(connection, [one.kind for one in SNAPSHOT_EVENTS]):
        try:
            entry = parse_entry(leaf)
        except LogError:
            continue
        if isinstance(entry.event, SNAPSHOT_EVENTS) and entry.event.snapshot:
            yield index, entry.stamp, entry.event
