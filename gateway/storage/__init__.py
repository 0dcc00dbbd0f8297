"""The sealed store: snapshots encrypted at rest, opened only in RAM-backed storage."""

from __future__ import annotations

from gateway.storage.errors import StoreError
from gateway.storage.layouts import layout_digest
from gateway.storage.ram import RamFolder, is_ram_backed
from gateway.storage.seal import read_header, seal, unseal
from gateway.storage.snapshots import Manifest, SnapshotStore
from gateway.storage.warehouse import OpenSnapshot, Warehouse

__all__ = [
    "Manifest",
    "OpenSnapshot",
    "RamFolder",
    "SnapshotStore",
    "StoreError",
    "Warehouse",
    "is_ram_backed",
    "layout_digest",
    "read_header",
    "seal",
    "unseal",
]
