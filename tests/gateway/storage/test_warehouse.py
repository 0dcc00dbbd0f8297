from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, get_ident

import pytest

from gateway.storage import RamFolder, SnapshotStore, StoreError, Warehouse
from policies.errors import InternalError
from tests.gateway.ingest.small import PATIENTS, policy, run, write
from tests.limits import LIMITS, PATIENCE


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source")


def opened_files() -> list[str]:
    links = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(link.readlink()))
        except OSError:
            continue
    return [link for link in links if "snapshot.duckdb" in link]


def test_a_dataset_that_was_never_ingested_is_said(store: SnapshotStore, ram: RamFolder) -> None:
    with pytest.raises(StoreError) as error:
        Warehouse(store, ram, LIMITS).snapshot(policy())

    assert error.value.code == "STO-ABSENT"


def test_a_snapshot_is_opened_once_and_its_file_has_no_name(
    store: SnapshotStore, ram: RamFolder, source: Path
) -> None:
    run(policy(), source, store, ram)
    warehouse = Warehouse(store, ram, LIMITS)

    first = warehouse.snapshot(policy())

    assert first.engine.run("SELECT count(*) FROM patients") == [(3,)]
    assert warehouse.snapshot(policy()) is first
    assert warehouse.manifest(policy()) == first.manifest
    assert [path for path in ram.root.rglob("*") if path.name != ".lock"] == []
    warehouse.close()


def test_a_new_snapshot_replaces_the_open_one_and_frees_it(
    store: SnapshotStore, ram: RamFolder, source: Path
) -> None:
    run(policy(), source, store, ram)
    warehouse = Warehouse(store, ram, LIMITS)
    old = warehouse.snapshot(policy())
    write(source, patients=PATIENTS + "p4,Tim Fox,,1980-01-01,M,,\n")
    run(policy(), source, store, ram)

    new = warehouse.snapshot(policy())

    assert new.manifest.number == 2
    assert new.engine.run("SELECT count(*) FROM patients") == [(4,)]
    assert old.engine.run("SELECT count(*) FROM patients") == [(3,)]
    before = len(opened_files())
    del old
    gc.collect()
    assert len(opened_files()) < before
    warehouse.close()


def test_a_closed_warehouse_frees_its_memory(
    store: SnapshotStore, ram: RamFolder, source: Path
) -> None:
    run(policy(), source, store, ram)
    before = opened_files()  # of other tests' warehouses
    warehouse = Warehouse(store, ram, LIMITS)
    snapshot = warehouse.snapshot(policy())
    assert opened_files() != before

    warehouse.close()

    with pytest.raises(InternalError):
        snapshot.engine.run("SELECT 1")
    assert opened_files() == before


def test_a_snapshot_made_under_other_bounds_is_not_opened(
    store: SnapshotStore, ram: RamFolder, source: Path
) -> None:
    run(policy(), source, store, ram)

    with pytest.raises(StoreError) as error:
        Warehouse(store, ram, LIMITS).snapshot(policy({"visits": {"max_rows_per_unit": 1}}))

    assert error.value.code == "STO-LAYOUT"


def test_a_changed_file_is_not_opened_and_leaves_nothing_behind(
    store: SnapshotStore, ram: RamFolder, source: Path
) -> None:
    run(policy(), source, store, ram)
    warehouse = Warehouse(store, ram, LIMITS)
    path = store.path(warehouse.manifest(policy()))
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)

    with pytest.raises(StoreError) as error:
        warehouse.snapshot(policy())

    assert error.value.code == "STO-SEAL"
    assert list(ram.root.glob("scratch-*")) == []


def test_a_full_memory_is_said(
    store: SnapshotStore, ram: RamFolder, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(policy(), source, store, ram)

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(SnapshotStore, "unseal", full)
    with pytest.raises(StoreError) as error:
        Warehouse(store, ram, LIMITS).snapshot(policy())

    assert error.value.code == "STO-RAM"


def test_who_asks_for_an_open_snapshot_does_not_wait_for_who_is_being_checked(
    store: SnapshotStore, ram: RamFolder, source: Path
) -> None:
    run(policy(), source, store, ram)
    checking, may_go = Event(), Event()
    slow: list[str] = []

    def check(dataset: str) -> None:
        if slow and get_ident() != here:
            checking.set()
            assert may_go.wait(PATIENCE)
        slow.append(dataset)

    here = get_ident()
    warehouse = Warehouse(store, ram, LIMITS, check=check)
    opened = warehouse.snapshot(policy())
    with ThreadPoolExecutor(1) as other:
        waits = other.submit(warehouse.snapshot, policy())
        assert checking.wait(PATIENCE)
        found = warehouse.snapshot(policy())
        may_go.set()

    assert found is opened
    assert waits.result() is opened
    warehouse.close()
