from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.storage import Manifest, SnapshotStore, StoreError
from gateway.storage.snapshots import Draft

DRAFT = Draft(
    source_snapshot="2026-11-01",
    policy_digest="sha256:p",
    layout_digest="sha256:l",
    created=datetime(2026, 11, 1, tzinfo=UTC),
)


LATER = DRAFT.created + timedelta(microseconds=1)


def publish(
    store: SnapshotStore, content: bytes, dataset: str = "small", draft: Draft = DRAFT
) -> Manifest:
    with store.locked(dataset):
        plain = store.folder / "plain"
        plain.write_bytes(content)
        try:
            return store.publish(dataset, plain, draft)
        finally:
            plain.unlink()


def opened(store: SnapshotStore, manifest: Manifest) -> bytes:
    plain = io.BytesIO()
    store.unseal(manifest, plain)
    return plain.getvalue()


def test_before_the_first_ingest_there_is_nothing(store: SnapshotStore) -> None:
    assert store.current("small") is None


def test_a_published_snapshot_is_in_force(store: SnapshotStore) -> None:
    manifest = publish(store, b"first")

    assert store.current("small") == manifest
    assert manifest.number == 1
    assert re.fullmatch(r"2026-11-01#1\.[0-9a-f]{8}", manifest.snapshot)
    assert opened(store, manifest) == b"first"


def test_a_store_that_was_lost_and_made_anew_names_its_snapshots_anew(
    store: SnapshotStore,
) -> None:
    lost = publish(store, b"first")
    shutil.rmtree(store.folder)
    anew = publish(store, b"other", draft=replace(DRAFT, created=LATER))

    assert anew.number == lost.number
    assert anew.snapshot != lost.snapshot


def test_numbers_rise_and_the_two_newest_are_kept(store: SnapshotStore) -> None:
    for content in (b"1", b"2", b"3", b"4"):
        publish(store, content)

    manifest = store.current("small")
    assert manifest is not None
    assert manifest.number == 4
    assert sorted(path.name for path in (store.folder / "small").glob("*.sealed")) == [
        "3.sealed",
        "4.sealed",
    ]
    assert opened(store, replace(manifest, number=3)) == b"3"


def test_datasets_do_not_meet(store: SnapshotStore) -> None:
    publish(store, b"one", "one")
    publish(store, b"two", "two")

    one = store.current("one")
    assert one is not None
    assert opened(store, one) == b"one"


def test_a_file_in_anothers_place_is_found(store: SnapshotStore) -> None:
    publish(store, b"old")
    manifest = publish(store, b"new")
    folder = store.folder / "small"
    shutil.copy(folder / "1.sealed", folder / "2.sealed")

    with pytest.raises(StoreError) as error:
        opened(store, manifest)

    assert error.value.code == "STO-SEAL"


def test_another_datasets_file_is_found(store: SnapshotStore) -> None:
    publish(store, b"one", "one")
    manifest = publish(store, b"two", "two")
    shutil.copy(store.folder / "one" / "1.sealed", store.folder / "two" / "1.sealed")

    with pytest.raises(StoreError):
        opened(store, manifest)


def test_a_missing_file_is_said(store: SnapshotStore) -> None:
    manifest = publish(store, b"one")
    store.path(manifest).unlink()

    with pytest.raises(StoreError) as error:
        opened(store, manifest)

    assert error.value.code == "STO-ABSENT"
    assert store.size(manifest) == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"number": "1"}', b"\xff"])
def test_a_broken_pointer_is_said(store: SnapshotStore, content: bytes) -> None:
    publish(store, b"one")
    (store.folder / "small" / "current.json").write_bytes(content)

    with pytest.raises(StoreError) as error:
        store.current("small")

    assert error.value.code == "STO-SEAL"


def test_two_ingests_of_one_dataset_do_not_run_at_once(store: SnapshotStore) -> None:
    with store.locked("small"):
        with pytest.raises(StoreError) as error, store.locked("small"):
            pass
        with store.locked("other"):
            pass

    assert error.value.code == "STO-BUSY"
    with store.locked("small"):
        pass


def test_what_an_interrupted_ingest_left_is_removed_by_the_next(store: SnapshotStore) -> None:
    publish(store, b"one")
    left = store.folder / "small" / ".2.sealed.abcd.partial"
    left.write_bytes(b"half")

    with store.locked("small"):
        assert not left.exists()


def test_a_sealed_file_without_pointer_is_not_in_force_and_its_number_not_reused(
    store: SnapshotStore,
) -> None:
    first = publish(store, b"one")
    shutil.copy(store.path(first), store.folder / "small" / "2.sealed")

    assert store.current("small") == first
    assert publish(store, b"three").number == 3


def test_a_store_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SnapshotStore(tmp_path / "file", key=bytes(32))

    with pytest.raises(StoreError) as error, store.locked("small"):
        pass

    assert error.value.code == "STO-WRITE"


def test_a_pointer_that_cannot_be_switched_leaves_the_previous_in_force(
    store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(store, b"one")

    synced: list[int] = []

    def full_after_the_seal(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) > 2:  # the sealed file and its folder
            raise OSError(28, "no space")

    monkeypatch.setattr("os.fsync", full_after_the_seal)
    with pytest.raises(StoreError) as error:
        publish(store, b"two")

    assert error.value.code == "STO-WRITE"
    assert len(synced) == 3

    assert store.current("small") == first
    assert not list((store.folder / "small").glob(".*partial"))
