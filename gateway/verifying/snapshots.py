"""Whether every snapshot in force is one that the log has announced, byte for byte.

A snapshot is sealed with a key of this machine. So who runs the machine could put one in force that
no ingest made; what no entry names was never announced to anybody.
"""

from __future__ import annotations

from gateway.audit.database import LedgerPlace, read_ledger
from gateway.audit.findings import Failure, Finding
from gateway.audit.snapshots import announced_snapshots
from gateway.storage import SnapshotStore, StoreError

__all__ = ["check_kept_snapshots"]


def check_kept_snapshots(database: LedgerPlace, store: SnapshotStore) -> tuple[Finding, ...]:
    """Compare the snapshots in force with the log; no key is needed, and none is opened.

    Args:
        database: The ledger; read only.
        store: Where the sealed snapshots lie.

    Returns:
        What is wrong; entries of another form are passed over, since the log's own check tells.
    """
    in_force = store.datasets()
    announced = _announced(database) if in_force else set()
    return tuple(
        Finding(None, Failure.SNAPSHOT, f"{reason} of dataset {dataset}")
        for dataset in in_force
        if (reason := _lacking(store, dataset, announced))
    )


def _announced(database: LedgerPlace) -> set[tuple[str, str, str]]:
    """Dataset, name and digest of each snapshot that the log names."""
    with read_ledger(database) as connection:
        return {
            (event.dataset, event.snapshot, event.sealed)
            for _, _, event in announced_snapshots(connection)
        }


def _lacking(store: SnapshotStore, dataset: str, announced: set[tuple[str, str, str]]) -> str:
    """What is wrong with the snapshot in force; nothing where the log has announced it."""
    try:
        manifest = store.current(dataset)
        if manifest is None or (dataset, manifest.snapshot, store.digest(manifest)) in announced:
            return ""
    except (StoreError, OSError):
        return "the snapshot in force cannot be read"
    return "no entry names the snapshot in force, or its file is another"
