from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from gateway.audit.errors import LogError
from gateway.errors import OperatorError
from gateway.keyring import KeyRing, adopt_log_key, draw_log_key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "keys"


def test_a_new_key_ring_opens_with_the_same_keys(folder: Path) -> None:
    made, opened = KeyRing.create(folder), KeyRing.open(folder)

    assert (made.master_secret, made.seal_key) == (opened.master_secret, opened.seal_key)
    assert made.log_key.private_bytes_raw() == opened.log_key.private_bytes_raw()
    assert len(made.master_secret) == len(made.seal_key) == 32
    assert len({made.master_secret, made.seal_key, made.log_key.private_bytes_raw()}) == 3


def test_the_next_key_of_the_log_is_drawn_once_and_then_takes_its_place(folder: Path) -> None:
    before = KeyRing.create(folder)
    assert before.following("x") is None
    drawn = draw_log_key(folder)
    between = KeyRing.open(folder)

    assert (folder / "log.next").stat().st_mode & 0o777 == 0o600
    assert draw_log_key(folder).private_bytes_raw() == drawn.private_bytes_raw()
    assert between.signer("x").verifier == before.signer("x").verifier
    following = between.following("x")
    assert following is not None
    assert following.key.private_bytes_raw() == drawn.private_bytes_raw()
    assert drawn.private_bytes_raw().hex() not in f"{between!r}"
    for _ in range(2):  # the second time as another process that starts at the same moment
        adopt_log_key(folder, drawn)
    after = KeyRing.open(folder)
    assert after.signer("x").verifier == following.verifier
    assert after.following("x") is None
    assert {path.name for path in folder.iterdir()} == {"master", "seal", "log"}


def test_a_key_that_was_drawn_for_another_change_is_left(folder: Path) -> None:
    before = KeyRing.create(folder).signer("x").verifier
    former = draw_log_key(folder)
    (folder / "log.next").unlink()
    drawn = draw_log_key(folder)
    adopt_log_key(folder, former)
    kept = KeyRing.open(folder)

    assert kept.signer("x").verifier == before
    assert draw_log_key(folder).private_bytes_raw() == drawn.private_bytes_raw()


def test_a_ring_that_cannot_be_written_keeps_its_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = KeyRing.create(folder).signer("x").verifier

    def refuse(*_: object) -> None:
        raise PermissionError(13, "words of the system")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        with pytest.raises(OperatorError) as drawing:
            draw_log_key(folder)
    drawn = draw_log_key(folder)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        with pytest.raises(OperatorError) as adopting:
            adopt_log_key(folder, drawn)

    for refused in (drawing, adopting):
        assert refused.value.code == "SYS-KEYS-WRITE"
        assert "words" not in str(refused.value)
    assert KeyRing.open(folder).signer("x").verifier == before


def test_two_key_rings_have_nothing_in_common(tmp_path: Path) -> None:
    one, other = KeyRing.create(tmp_path / "one"), KeyRing.create(tmp_path / "other")

    assert one.master_secret != other.master_secret
    assert one.seal_key != other.seal_key
    assert one.signer("x").verifier != other.signer("x").verifier


def test_only_the_owner_may_look_into_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        KeyRing.create(folder)
    finally:
        os.umask(before)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.iterdir()} == {"master", "seal", "log"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_no_key_is_shown(folder: Path) -> None:
    ring = KeyRing.create(folder)

    shown = f"{ring!r} {ring} {ring.signer('x')!r}"
    for secret in (ring.master_secret, ring.seal_key, ring.log_key.private_bytes_raw()):
        assert secret.hex() not in shown
        assert repr(secret) not in shown


def test_keys_are_never_overwritten(folder: Path) -> None:
    KeyRing.create(folder)
    before = (folder / "master").read_text()

    with pytest.raises(OperatorError) as refused:
        KeyRing.create(folder)

    assert refused.value.code == "SYS-KEYS-EXIST"
    assert (folder / "master").read_text() == before


def test_an_empty_folder_may_become_a_key_ring(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    KeyRing.create(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_link_or_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    for name in ("file", "link"):
        with pytest.raises(OperatorError) as refused:
            KeyRing.create(tmp_path / name)
        assert refused.value.code == "SYS-KEYS-EXIST"


def test_a_failed_creation_leaves_nothing_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "the vendor's words")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OperatorError) as refused:
        KeyRing.create(folder)

    assert refused.value.code == "SYS-KEYS-WRITE"
    assert "vendor" not in str(refused.value)
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize("part", ["", "master", "seal", "log"])
@pytest.mark.parametrize("right", [0o040, 0o004, 0o020, 0o002, 0o010, 0o001])
def test_a_part_that_is_open_to_others_is_refused(folder: Path, part: str, right: int) -> None:
    KeyRing.create(folder)
    path = folder / part
    path.chmod(path.stat().st_mode & 0o777 | right)

    with pytest.raises(OperatorError) as refused:
        KeyRing.open(folder)

    assert refused.value.code == "SYS-KEYS-OPEN"
    assert ("700" if not part else "600") in refused.value.remedy
    assert refused.value.file == str(path)


def test_a_part_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeyRing.create(folder)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    with pytest.raises(OperatorError) as refused:
        KeyRing.open(folder)

    assert refused.value.code == "SYS-KEYS-OPEN"


@pytest.mark.parametrize("part", ["", "master", "seal", "log"])
def test_a_missing_or_linked_part_is_refused(folder: Path, part: str) -> None:
    KeyRing.create(folder)
    path = folder / part
    path.rename(folder.parent / "moved")
    with pytest.raises(OperatorError) as missing:
        KeyRing.open(folder)
    path.symlink_to(folder.parent / "moved")
    with pytest.raises(OperatorError) as linked:
        KeyRing.open(folder)

    assert missing.value.code == linked.value.code == "SYS-KEYS-MISSING"


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64])
def test_a_part_that_holds_no_key_is_refused_without_showing_it(
    folder: Path, content: bytes
) -> None:
    KeyRing.create(folder)
    (folder / "seal").write_bytes(content)

    with pytest.raises(OperatorError) as refused:
        KeyRing.open(folder)

    assert refused.value.code == "SYS-KEYS-DAMAGED"
    assert "zz" not in str(refused.value)


def test_an_origin_that_cannot_name_a_log_is_refused_at_once(folder: Path) -> None:
    ring = KeyRing.create(folder)

    with pytest.raises(LogError):
        ring.signer("two words")
    assert ring.signer("demo").verifier.name == "demo"


def test_a_key_ring_is_not_sent_to_other_processes(folder: Path) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(KeyRing.create(folder))
