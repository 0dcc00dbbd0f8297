"""An ingest that is killed, or runs out of space, changes nothing and leaves nothing."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gateway.storage import RamFolder, SnapshotStore, StoreError, Warehouse
from policies.errors import SourceError
from tests.gateway.ingest.small import PATIENTS, policy, run, write
from tests.limits import LIMITS

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, signal, sys
from pathlib import Path
from gateway.storage import RamFolder, SnapshotStore
from tests.gateway.ingest.small import policy, run
import {module} as module

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

module.{name} = die
folder = Path(sys.argv[1])
store = SnapshotStore(folder / "store", key=bytes(32))
run(policy(), folder / "source", store, RamFolder(folder / "ram", allow_disk=True))
"""
PLACES = [
    ("gateway.ingest.run", "_list_units"),
    ("gateway.ingest.run", "deidentify_notes"),
    ("gateway.storage.building.SnapshotBuilder", "finish"),
    ("gateway.storage.snapshots", "seal"),
    ("gateway.audit.durable.os", "fsync"),
    ("gateway.storage.snapshots.SnapshotStore", "_switch"),
    ("gateway.storage.snapshots", "put_file"),
]


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


def counted(warehouse: Warehouse) -> object:
    return warehouse.snapshot(policy()).engine.run("SELECT count(*) FROM patients")


@pytest.mark.parametrize(("module", "name"), PLACES)
def test_a_killed_ingest_leaves_the_previous_store_in_force(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder, module: str, name: str
) -> None:
    source = write(tmp_path / "source")
    run(policy(), source, store, ram)
    write(source, patients=PATIENTS + "p4,Tim Fox,,1980-01-01,M,,\n")
    owner, _, attribute = module.rpartition(".")
    program = PROGRAM.replace(
        "import {module} as module", "from {owner} import {attribute} as module"
    )
    program = program.format(owner=owner, attribute=attribute, name=name)

    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, cwd=ROOT)

    assert killed.returncode == -9
    assert counted(Warehouse(store, ram, LIMITS)) == [(3,)]
    run(policy(), source, store, ram)
    assert counted(Warehouse(store, ram, LIMITS)) == [(4,)]
    assert left_in(ram.root) == []
    assert list(store.folder.rglob("*.partial")) == []


def test_a_full_disk_leaves_the_previous_store_in_force(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    source = write(tmp_path / "source")
    run(policy(), source, store, ram)
    manifest = store.current("small")
    program = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from gateway.storage import RamFolder, SnapshotStore, StoreError
        from gateway.storage import snapshots
        from tests.gateway.ingest.small import policy, run

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        whole = snapshots.seal
        def seal(*args, **kwargs):  # from here on, the disk takes 100 kB a file
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            return whole(*args, **kwargs)
        snapshots.seal = seal
        folder = Path(sys.argv[1])
        store = SnapshotStore(folder / "store", key=bytes(32))
        try:
            run(policy(), folder / "source", store, RamFolder(folder / "ram", allow_disk=True))
        except StoreError as error:
            print(error.code)
        """
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert ended.stdout == "STO-WRITE\n"
    assert store.current("small") == manifest
    assert counted(Warehouse(store, ram, LIMITS)) == [(3,)]
    assert left_in(ram.root) == []
    assert list(store.folder.rglob("*.partial")) == []


def test_a_full_memory_leaves_the_previous_store_in_force(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    source = write(tmp_path / "source")
    run(policy(), source, store, ram)
    program = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from gateway.storage import RamFolder, SnapshotStore, StoreError
        from tests.gateway.ingest.small import policy, run

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        folder = Path(sys.argv[1])
        store = SnapshotStore(folder / "store", key=bytes(32))
        try:
            run(policy(), folder / "source", store, RamFolder(folder / "ram", allow_disk=True))
        except StoreError as error:
            print(error.code)
        """
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert ended.stdout == "STO-WRITE\n"
    assert counted(Warehouse(store, ram, LIMITS)) == [(3,)]
    assert left_in(ram.root) == []


def test_bad_input_leaves_nothing_behind(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    source = write(tmp_path / "source", visits="visit,patient,start,cost\nv1,p1\n")

    with pytest.raises(SourceError):
        run(policy(), source, store, ram)

    assert store.current("small") is None
    assert left_in(ram.root) == []
    assert left_in(store.folder) == []


def test_no_identified_value_is_ever_in_a_file_of_ours(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "source")
    seen: list[bytes] = []
    publish = SnapshotStore.publish

    def looking(self: SnapshotStore, *args: object) -> object:
        seen.extend(path.read_bytes() for path in left_in(ram.root) + left_in(self.folder))
        return publish(self, *args)  # type: ignore[arg-type]  # passed through as they come

    monkeypatch.setattr(SnapshotStore, "publish", looking)
    monkeypatch.chdir(tmp_path)
    run(policy(), source, store, ram)

    assert seen
    for secret in (b"Jane", b"Roe", b"900-12-3456", b"02139", b"1950-03-07"):
        assert not any(secret in content for content in seen)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ram", "source", "store"]


def test_a_second_ingest_does_not_start_while_one_runs(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    source = write(tmp_path / "source")

    with store.locked("small"), pytest.raises(StoreError) as error:
        run(policy(), source, store, ram)

    assert error.value.code == "STO-BUSY"
