"""Whether lists and snapshots are such as the log says that erasing somebody has left them."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.audit.database import LedgerPlace, read_ledger
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.ledger.erasures import LoggedList, LoggedLists
from gateway.storage import SnapshotStore, StoreError

__all__ = ["check_kept_erasures"]


def check_kept_erasures(database: LedgerPlace, store: SnapshotStore) -> tuple[Finding, ...]:
    """Compare lists and snapshots with the log; no key is needed, and nothing is opened.

    Args:
        database: The ledger's SQLite file; read only.
        store: Where snapshots and lists lie.

    Returns:
        What is wrong; a log of another form is passed over, since the log's own check tells.
    """
    with read_ledger(database) as connection:
        try:
            logged = LoggedLists().read(connection)
        except LogError:
            return ()
    return tuple(
        Finding(one.index, Failure.ERASURE, found)
        for dataset, one in logged.items()
        for found in _of_dataset(dataset, one, store)
    )


def _of_dataset(dataset: str, logged: LoggedList, store: SnapshotStore) -> Iterator[str]:
    try:
        kept, manifest = store.tombstones.load(dataset), store.current(dataset)
    except StoreError:
        yield f"the list or the snapshot of dataset {dataset} cannot be read"
        return
    if not logged.is_followed_by(kept.generation, kept.digest):
        yield f"the list of dataset {dataset} is not the one that was written then"
    if manifest is not None and manifest.generation < logged.generation:
        yield f"the snapshot of dataset {dataset} was made before"
