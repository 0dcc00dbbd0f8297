from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.publisher import Publisher
from gateway.audit.tlog import leaf_hash, root_hash
from tests.gateway.disk import watch_disk
from tests.gateway.ledger.worlds import SIGNER


def test_a_head_is_on_the_disk_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = watch_disk(monkeypatch)
    log = [b"first"]
    publisher = Publisher(tmp_path / "head", SIGNER, lambda start: log[start:])
    log.clear()
    publisher.begin()

    assert steps == [
        "sync .head.partial",
        "rename .head.partial to head",
        f"sync {tmp_path.name}",
    ]


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
