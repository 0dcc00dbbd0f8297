"""Snapshots in the clear, to look at every table and every byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from gateway.storage import SnapshotStore


def unsealed(store: SnapshotStore, dataset: str, path: Path) -> Path:
    """Write the snapshot in force to a file that must not exist."""
    manifest = store.current(dataset)
    assert manifest is not None
    with path.open("xb") as plain:
        store.unseal(manifest, plain)
    return path


def content(path: Path) -> dict[str, list[list[tuple[Any, ...]]]]:
    """Types and rows of every table, in the order of the file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        return {
            name: [
                connection.execute(f'DESCRIBE "{name}"').fetchall(),
                connection.execute(f'FROM "{name}"').fetchall(),
            ]
            for (name,) in names
        }
