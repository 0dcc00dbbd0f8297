"""Whether every snapshot in force is one that the log has announced, byte for byte.

A snapshot is sealed with a key of this machine. So who runs the machine could put one in force that
no ingest made; what no entry names was never announced to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.audit.database import LedgerPlace, read_ledger
from gateway.audit.entries import parse_entry
from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.errors import LogError
from gateway.audit.events import IngestDone
from gateway.audit.findings import Failure, Finding
from gateway.storage import SnapshotStore, StoreError

__all__ = ["check_kept_snapshots"]

_ANNOUNCING: Final = (IngestDone, UnitsErased, UnitsReadmitted)


def check_kept_snapshots(database: LedgerPlace, store: SnapshotStore) -> tuple[Finding, ...]:
    """Compare the snapshots in force with the log; no key is needed, and none is opened.

    Args:
        database: The ledger; read only.
        store: Where the sealed snapshots lie.

    Returns:
        What is wrong; entries of another form are passed over, since the log's own check tells.
    """
    in_force = store.datasets()
    announced = set(_announced(database)) if in_force else set()
    return tuple(
        Finding(None, Failure.SNAPSHOT, f"{reason} of dataset {dataset}")
        for dataset in in_force
        if (reason := _lacking(store, dataset, announced))
    )


def _announced(database: LedgerPlace) -> Iterator[tuple[str, str, str]]:
    """Dataset, name and digest of each snapshot that the log names."""
    with read_ledger(database) as connection:
        rows = connection.execute(
            "SELECT leaf FROM entry WHERE instr(leaf, ?) > 0 OR instr(leaf, ?) > 0"
            " OR instr(leaf, ?) > 0",
            [f'"kind":"{one.kind}"'.encode() for one in _ANNOUNCING],
        )
        for (leaf,) in rows:
            try:
                event = parse_entry(leaf).event
            except LogError:
                continue
            if isinstance(event, _ANNOUNCING) and event.snapshot:
                yield event.dataset, event.snapshot, event.sealed


def _lacking(store: SnapshotStore, dataset: str, announced: set[tuple[str, str, str]]) -> str:
    """What is wrong with the snapshot in force; nothing where the log has announced it."""
    try:
        manifest = store.current(dataset)
        if manifest is None or (dataset, manifest.snapshot, store.digest(manifest)) in announced:
            return ""
    except (StoreError, OSError):
        return "the snapshot in force cannot be read"
    return "no entry names the snapshot in force, or its file is another"
