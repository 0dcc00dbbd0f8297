"""Ingests of a deployment: which there were, what is left of them, and the report of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from gateway.audit.database import read_ledger
from gateway.audit.entries import Stamp
from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.events import IngestDone
from gateway.audit.snapshots import SnapshotEvent, announced_snapshots
from gateway.ingest.report import IngestReport, parse_report
from gateway.keyring import KeyRing
from gateway.opening import open_store
from gateway.settings import Settings
from gateway.storage import Manifest, SnapshotStore, StoreError, read_header

__all__ = ["Run", "RunState", "ingest_report", "ingest_runs"]

_MADE_BY: Final = {
    IngestDone.kind: "ingest",
    UnitsErased.kind: "erasure",
    UnitsReadmitted.kind: "readmission",
}
"""From the kind of an event that names a snapshot to what made it."""


class RunState(Enum):
    """What is left of a snapshot."""

    IN_FORCE = "in force"
    KEPT = "kept, not in force"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A snapshot that came in force.

    Attributes:
        entry: Of the audit log, by which it did.
        time: When, UTC.
        dataset: Of which dataset.
        snapshot: Its name.
        made_by: ``ingest``, or ``erasure`` where it is the one before without some units, or
            ``readmission`` where an erasure was taken back.
        engine: The model that looked for identifiers in its notes; empty without notes.
        profile: The least strict operating point of its notes; empty without notes.
        state: What is left of it.
    """

    entry: int
    time: datetime
    dataset: str
    snapshot: str
    made_by: str
    engine: str
    profile: str
    state: RunState


def ingest_runs(settings: Settings) -> tuple[Run, ...]:
    """Return all snapshots that the log names, the newest first; nothing in it counts rows."""
    if not settings.ledger.exists():
        return ()
    store = SnapshotStore(settings.store, key=b"", erased=settings.erased)
    with read_ledger(settings.ledger) as connection:
        found = [_run(*one, store) for one in announced_snapshots(connection)]
    return tuple(reversed(found))


def ingest_report(settings: Settings, run: Run) -> IngestReport | None:
    """Return what an ingest did, in exact numbers.

    Returns:
        None where no report is kept: it goes with its snapshot, and a snapshot that was made by
        erasing has none.

    Raises:
        StoreError: ``STO-SEAL`` if it is kept and does not open.
    """
    store = open_store(settings, KeyRing.open(settings.keys))
    found = store.reports.read(run.dataset, _number(run.snapshot))
    # Numbers begin again in a folder that was made anew: the header says which one this is about.
    if found is None or Manifest.decode(found[0]).snapshot != run.snapshot:
        return None
    return parse_report(found[1])


def _run(index: int, stamp: Stamp, event: SnapshotEvent, store: SnapshotStore) -> Run:
    read = event if isinstance(event, IngestDone) else None
    return Run(
        entry=index,
        time=datetime.fromisoformat(stamp.time).astimezone(UTC),
        dataset=event.dataset,
        snapshot=event.snapshot,
        made_by=_MADE_BY[event.kind],
        engine="" if read is None else read.text_engine,
        profile="" if read is None else read.text_profile,
        state=_state(store, event.dataset, event.snapshot),
    )


def _state(store: SnapshotStore, dataset: str, snapshot: str) -> RunState:
    try:
        current = store.current(dataset)
        if current is not None and current.snapshot == snapshot:
            return RunState.IN_FORCE
        sealed = store.folder / dataset / f"{_number(snapshot)}.sealed"
        kept = Manifest.decode(read_header(sealed))
    except (StoreError, OSError, ValueError):
        return RunState.REMOVED
    return RunState.KEPT if kept.snapshot == snapshot else RunState.REMOVED


def _number(snapshot: str) -> int:
    """Return the number in ``2026-11-01#3.5f1c09ab``."""
    return int(snapshot.rpartition("#")[2].partition(".")[0])
