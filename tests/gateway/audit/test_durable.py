from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.durable import (
    hold,
    is_held,
    locked,
    make_folder,
    new_file,
    put_file,
    put_folder,
    replacing,
)
from gateway.governing.activated import ActivatedSets
from gateway.governing.activation import keep_signature
from gateway.keyring import KeyRing
from gateway.releases.folder import ReleaseFolder, write_folder, write_private
from gateway.storage.tombstones import TombstoneFolder, Tombstones
from policies.dsse import sign
from tests.gateway.disk import watch_disk

DIGEST = "sha256:" + "a" * 64


def full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "no space")


def test_a_file_is_on_the_disk_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    steps = watch_disk(monkeypatch)
    put_file(tmp_path / "file", b"new")

    assert steps == [
        "sync .file.partial",
        "rename .file.partial to file",
        f"sync {tmp_path.name}",
    ]
    assert (tmp_path / "file").read_bytes() == b"new"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"), replacing(tmp_path / "file") as draft:
        draft.write_bytes(b"new")
    with pytest.raises(OSError, match="no space"):
        new_file(tmp_path / "other", b"new")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


def test_a_new_file_takes_nobodys_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = watch_disk(monkeypatch)
    new_file(tmp_path / "file", b"one")
    with pytest.raises(FileExistsError):
        new_file(tmp_path / "file", b"two")

    assert steps == ["sync file", f"sync {tmp_path.name}"]
    assert (tmp_path / "file").read_bytes() == b"one"


def test_missing_folders_are_made_and_kept_in_those_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = watch_disk(monkeypatch)
    make_folder(tmp_path / "above" / "folder")
    make_folder(tmp_path / "above" / "folder")

    assert steps == [f"sync {tmp_path.name}", "sync above"]
    for path in (tmp_path / "above", tmp_path / "above" / "folder"):
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_folder_gets_its_name_once_all_it_holds_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "draft" / "inner").mkdir(parents=True)
    (tmp_path / "draft" / "one").write_bytes(b"1")
    (tmp_path / "draft" / "inner" / "two").write_bytes(b"2")
    steps = watch_disk(monkeypatch)
    put_folder(tmp_path / "draft", tmp_path / "folder")

    assert sorted(steps[:4]) == ["sync draft", "sync inner", "sync one", "sync two"]
    assert steps[4:] == ["rename draft to folder", f"sync {tmp_path.name}"]


def test_a_lock_is_held_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    missing = is_held(path)
    descriptor = hold(path)
    held = is_held(path)
    os.close(descriptor)

    assert (missing, held, is_held(path)) == (False, True, False)
    with locked(path):
        assert is_held(path)
    assert not is_held(path)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_shared_lock_keeps_out_only_who_would_be_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else tmp_path / "lock"

    with locked(path, shared=True), locked(path, shared=True, wait=False):
        alone = is_free(path)
    with locked(path, wait=False):
        together = is_free(path, shared=True)

    assert (alone, together, is_free(path)) == (False, False, True)


def is_free(path: Path, *, shared: bool = False) -> bool:
    try:
        with locked(path, shared=shared, wait=False):
            return True
    except BlockingIOError:
        return False


def kept_signature(folder: Path) -> None:
    envelope = sign("text/plain", b"agreed", Ed25519PrivateKey.generate())
    keep_signature(folder, "name", "key", envelope)


def kept_list(folder: Path) -> None:
    TombstoneFolder(folder, key=bytes(32)).save("clinic", Tombstones())


WRITERS: dict[str, Callable[[Path], object]] = {
    "approval of a release": lambda folder: ReleaseFolder(folder, "r").keep_approval("key", b"yes"),
    "verdict on texts": lambda folder: ReleaseFolder(folder, "r").keep_check("key", b"yes"),
    "approval of a change": kept_signature,
    "approval of a stop": lambda folder: ActivatedSets(folder).keep_approvals(DIGEST, [b"yes"]),
    "list of who was erased": kept_list,
}


@pytest.mark.parametrize("what", WRITERS)
def test_what_was_signed_or_decided_is_whole_and_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    write = WRITERS[what]
    write(tmp_path)
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    path.write_bytes(b"cut sh")
    steps = watch_disk(monkeypatch)
    write(tmp_path)

    assert steps == [
        f"sync .{path.name}.partial",
        f"rename .{path.name}.partial to {path.name}",
        f"sync {path.parent.name}",
    ]


def test_a_file_of_a_release_and_its_folder_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = watch_disk(monkeypatch)
    write_private(tmp_path / "review" / "plan.yaml", b"plan")

    assert steps == [f"sync {tmp_path.name}", "sync plan.yaml", "sync review"]


def test_a_release_gets_its_name_once_it_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write_folder(tmp_path / "release") as draft:
        (draft / "records.csv").write_bytes(b"n\n")
        steps = watch_disk(monkeypatch)

    assert steps == [
        "sync records.csv",
        "sync .release",
        "rename .release to release",
        f"sync {tmp_path.name}",
    ]


def test_a_key_ring_gets_its_name_once_it_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = watch_disk(monkeypatch)
    KeyRing.create(tmp_path / "keys")
    renaming = next(step for step in steps if step.startswith("rename"))
    before = steps[: steps.index(renaming)]

    assert {"sync master", "sync seal", "sync log"} <= set(before)
    assert steps[-1] == f"sync {tmp_path.name}"
