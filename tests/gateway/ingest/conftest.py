from __future__ import annotations

from pathlib import Path

import pytest

from gateway.storage import RamFolder, SnapshotStore, Warehouse
from tests.limits import LIMITS


@pytest.fixture
def ram(tmp_path: Path) -> RamFolder:
    base = tmp_path / "ram"
    base.mkdir()
    return RamFolder(base, allow_disk=True)


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "store", key=bytes(32))


@pytest.fixture
def warehouse(store: SnapshotStore, ram: RamFolder) -> Warehouse:
    return Warehouse(store, ram, LIMITS)
