from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gateway.audit.filelock import exclusive, hold, is_held
from gateway.audit.publisher import Publisher
from gateway.audit.tlog import leaf_hash, root_hash
from tests.gateway.ledger.worlds import SIGNER


def test_a_head_is_on_the_disk_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        steps.append(f"sync {kind}")
        sync(descriptor)

    def noted_rename(self: Path, target: Path) -> Path:
        steps.append(f"rename {self.name} to {target.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    log = [b"first"]
    publisher = Publisher(tmp_path / "head", SIGNER, lambda start: log[start:])
    log.clear()
    publisher.begin()

    assert steps == ["sync file", "rename head.new to head", "sync folder"]


def test_nothing_is_written_where_nothing_was_appended(tmp_path: Path) -> None:
    log: list[bytes] = []
    publisher = Publisher(tmp_path / "head", SIGNER, lambda start: log[start:])
    publisher.begin()
    log += [b"first", b"second"]
    first = publisher.publish()
    written = (tmp_path / "head").stat().st_ino

    assert publisher.publish() == first == (tmp_path / "head").read_text()
    assert (tmp_path / "head").stat().st_ino == written
    assert SIGNER.verifier.verify(first).root == root_hash([leaf_hash(leaf) for leaf in log])


def test_two_publishers_of_one_log_take_turns(tmp_path: Path) -> None:
    log: list[bytes] = []
    one = Publisher(tmp_path / "head", SIGNER, lambda start: log[start:])
    two = Publisher(tmp_path / "head", SIGNER, lambda start: log[start:])
    one.begin()
    two.begin()
    for turn in range(10):
        log += [bytes([turn]), bytes([turn, turn])]
        head = SIGNER.verifier.verify((one, two)[turn % 3 == 0].publish())

        assert (head.size, head.root) == (len(log), root_hash([leaf_hash(one) for one in log]))


def test_a_lock_is_held_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    missing = is_held(path)
    descriptor = hold(path)
    held = is_held(path)
    os.close(descriptor)

    assert (missing, held, is_held(path)) == (False, True, False)
    with exclusive(path):
        assert is_held(path)
    assert not is_held(path)
