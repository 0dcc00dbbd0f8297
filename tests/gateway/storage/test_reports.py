from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.storage import Manifest, SnapshotStore, StoreError
from gateway.storage.reports import ReportFolder
from tests.gateway.storage.test_snapshots import DRAFT


def published(store: SnapshotStore, *, fails: bool = False, alone: bool = False) -> Manifest:
    def announce(manifest: Manifest) -> None:
        store.reports.keep("small", manifest.number, header=manifest.encode(), report=b"12 rows")
        if fails:
            raise RuntimeError("not logged")

    plain = store.folder / "plain"
    store.folder.mkdir(exist_ok=True)
    plain.write_bytes(b"rows")
    with store.locked("small"):
        return store.publish("small", plain, replace(DRAFT, alone=alone), announce)


def test_a_report_is_read_with_the_header_of_its_snapshot(store: SnapshotStore) -> None:
    manifest = published(store)
    found = store.reports.read("small", manifest.number)

    assert found == (manifest.encode(), b"12 rows")


def test_no_count_is_on_the_disk_in_the_clear_and_nobody_else_may_read_the_file(
    store: SnapshotStore,
) -> None:
    published(store)
    (file,) = (store.folder / "small").glob("*.report")

    assert b"12 rows" not in file.read_bytes()
    assert file.stat().st_mode & 0o77 == 0


def test_a_report_goes_with_its_snapshot(store: SnapshotStore) -> None:
    for _ in range(3):
        published(store)
    kept = {path.name for path in (store.folder / "small").glob("*.report")}
    published(store, alone=True)

    assert kept == {"2.report", "3.report"}
    assert {path.name for path in (store.folder / "small").glob("*.report")} == {"4.report"}


def test_what_does_not_come_in_force_leaves_no_report(store: SnapshotStore) -> None:
    with pytest.raises(RuntimeError):
        published(store, fails=True)

    assert store.reports.read("small", 1) is None
    assert list((store.folder / "small").glob("*.report")) == []


def test_a_report_that_was_changed_or_is_under_another_key_does_not_open(
    store: SnapshotStore,
) -> None:
    manifest = published(store)
    other = ReportFolder(store.folder, key=bytes([1]) * 32)
    with pytest.raises(StoreError) as wrong_key:
        other.read("small", manifest.number)
    file = store.folder / "small" / "1.report"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError) as changed:
        store.reports.read("small", manifest.number)

    assert (wrong_key.value.code, changed.value.code) == ("STO-SEAL", "STO-SEAL")
