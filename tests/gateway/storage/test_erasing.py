from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from gateway.ingest.request import IngestKeys
from gateway.storage import RamFolder, SnapshotStore, StoreError
from gateway.storage.building import PRIVATE
from gateway.storage.erasing import copy_without
from gateway.storage.tombstones import TombstoneFolder, Tombstones, unit_mark
from policies.errors import DeclarationError
from tests.gateway.ingest.small import MASTER, PATIENTS, VISITS, policy, run, write
from tests.gateway.storage.plain import content, unsealed

NOTES = "patient,text\np1,Zymurgy quixotically improves\np2,Slept well\n"
TABLES = {
    "notes": {
        "columns": {
            "patient": {"role": "privacy_unit"},
            "text": {"role": "free_text", "stored": True},
        }
    },
    "visits": {
        "contribution": {"max_groups": 1, "max_rows_per_group": 2},
        "columns": {
            "kind": {
                "role": "attribute",
                "derived_from": "visit",
                "dp": {"categories": ["v1", "v2", "v3", "v4"], "group_by": True},
            }
        },
        "release_profiles": {"kinds": {"groups": ["kind"], "max_groups": 1}},
    },
}
CANARY = b"quixotically"


def mark(unit: str) -> bytes:
    return unit_mark(IngestKeys.of(MASTER, "small").erasure, unit)


def without(text: str, unit: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if unit not in line)


def opened(folder: Path, store: SnapshotStore, ram: RamFolder, *gone: str) -> Path:
    """Ingest all but some, and return the snapshot in the clear."""
    parts = {"patients": PATIENTS, "visits": VISITS, "notes": NOTES}
    for unit in gone:
        parts = {name: without(text, unit) for name, text in parts.items()}
    run(policy(TABLES), write(folder / "source", **parts), store, ram)
    return unsealed(store, "small", folder / "plain.duckdb")


@pytest.mark.parametrize("unit", ["p1", "p2", "p3"])
def test_a_copy_is_the_snapshot_of_a_source_without_them(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder, unit: str
) -> None:
    other = SnapshotStore(tmp_path / "b" / "store", key=bytes(32))
    whole = opened(tmp_path / "a", store, ram)
    less = opened(tmp_path / "b", other, ram, unit)
    left_out = copy_without(whole, tmp_path / "new.duckdb", {mark(unit), mark("nobody")})

    assert left_out == 1
    assert content(tmp_path / "new.duckdb") == content(less)
    assert content(whole) != content(less)


def test_no_byte_of_them_is_left(tmp_path: Path, store: SnapshotStore, ram: RamFolder) -> None:
    whole = opened(tmp_path / "a", store, ram)
    copy_without(whole, tmp_path / "new.duckdb", {mark("p1")})

    assert CANARY in whole.read_bytes()
    assert CANARY not in (tmp_path / "new.duckdb").read_bytes()
    assert mark("p1") in whole.read_bytes()
    assert mark("p1") not in (tmp_path / "new.duckdb").read_bytes()
    assert b"Slept well" in (tmp_path / "new.duckdb").read_bytes()


def test_nobody_can_be_found_in_a_snapshot_of_an_earlier_version(
    tmp_path: Path, store: SnapshotStore, ram: RamFolder
) -> None:
    whole = opened(tmp_path / "a", store, ram)
    with duckdb.connect(str(whole)) as connection:
        connection.execute(f"DROP TABLE {PRIVATE}")
    with pytest.raises(StoreError) as caught:
        copy_without(whole, tmp_path / "new.duckdb", set())

    assert caught.value.code == "STO-NO-UNITS"


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        copy_without(tmp_path / "gone.duckdb", tmp_path / "new.duckdb", set())

    assert caught.value.code == "STO-WRITE"


def test_a_list_is_kept_and_its_generation_grows(tmp_path: Path) -> None:
    folder = TombstoneFolder(tmp_path / "erased", key=bytes(32))
    first = Tombstones().changed({mark("p1")})
    folder.save("small", first)
    second = first.changed(first.marks)
    folder.save("small", second)

    assert folder.load("small") == second
    assert (first.generation, second.generation, folder.generation("small")) == (1, 2, 2)
    assert first.digest != second.digest
    assert folder.load("other") == Tombstones()
    assert folder.generation("other") == 0


@pytest.mark.parametrize(
    "text", ["", "x\n1\n-", "gateway.tombstones/v2\nx\n-", "\xff", "gateway.tombstones/v2\n01\n-"]
)
def test_a_list_that_is_damaged_is_not_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "small.list").write_text(text, encoding="latin-1")
    folder = TombstoneFolder(tmp_path, key=b"")
    for read in (folder.load, folder.generation):
        with pytest.raises(StoreError) as caught:
            read("small")
        assert caught.value.code == "STO-LIST"


def test_a_mark_that_is_none_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "small.list").write_text("gateway.tombstones/v2\n1\nP17\n-")
    with pytest.raises(StoreError):
        TombstoneFolder(tmp_path, key=b"").load("small")


def test_nobody_without_the_keys_writes_a_list(tmp_path: Path) -> None:
    folder = TombstoneFolder(tmp_path, key=bytes(32))
    folder.save("small", Tombstones().changed({mark("p1")}))
    kept = (tmp_path / "small.list").read_bytes()
    body, proof = kept[: kept.index(b"hmac")], kept[kept.index(b"hmac") :]
    (tmp_path / "other.list").write_bytes(kept)
    forged = [body, body[:-33] + proof, body.replace(b"\n1\n", b"\n2\n") + proof, kept + proof]

    assert folder.named("small") == TombstoneFolder(tmp_path, key=b"").named("small")
    with pytest.raises(StoreError):
        folder.load("other")
    for wrong in forged:
        (tmp_path / "small.list").write_bytes(wrong)
        for read in (folder.load, folder.named):
            with pytest.raises(StoreError) as caught:
                read("small")
            assert caught.value.code == "STO-LIST"
    with pytest.raises(DeclarationError):
        TombstoneFolder(tmp_path, key=b"").save("small", Tombstones())


def test_a_list_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "erased").write_text("a file in the way")
    with pytest.raises(StoreError) as caught:
        TombstoneFolder(tmp_path / "erased", key=bytes(32)).save("small", Tombstones())

    assert caught.value.code == "STO-WRITE"
