from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.audit.durable import locked
from gateway.storage import RamFolder, StoreError, is_ram_backed
from gateway.storage.ram import DEFAULT_RAM

MOUNTS = """\
22 1 8:1 / / rw shared:1 - ext4 /dev/sda rw
23 22 0:5 / /dev rw shared:2 - devtmpfs udev rw
24 23 0:6 / /ram/shm rw shared:3 - tmpfs tmpfs rw
25 22 0:7 / /mnt/with\\040space rw - tmpfs tmpfs rw
26 24 8:2 / /ram/shm/disk rw - ext4 /dev/sdb rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/ram/shm", True),
        ("/ram/shm/deep/er", True),
        ("/ram/shmoo", False),
        ("/ram/shm/disk/x", False),
        ("/mnt/with space/x", True),
        ("/var", False),
        ("/", False),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_its_innermost_mount(
    mounts: Path, folder: str, *, expected: bool
) -> None:
    assert is_ram_backed(Path(folder), mounts=mounts) is expected


def test_where_mounts_cannot_be_read_nothing_counts_as_memory(tmp_path: Path) -> None:
    assert not is_ram_backed(Path("/ram/shm"), mounts=tmp_path / "absent")


@pytest.mark.skipif(not DEFAULT_RAM.is_dir(), reason="this system has no shared memory folder")
def test_the_shared_memory_of_linux_is_ram_backed() -> None:
    assert is_ram_backed(DEFAULT_RAM)


def test_a_folder_on_disk_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.storage.ram.is_ram_backed", lambda _: False)

    with pytest.raises(StoreError) as error:
        RamFolder(tmp_path)

    assert error.value.code == "STO-RAM"
    assert "allow_disk" in str(error.value)
    assert RamFolder(tmp_path, allow_disk=True).root.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        RamFolder(tmp_path / "absent")

    assert error.value.code == "STO-RAM"


def test_a_folder_that_others_can_read_is_refused(ram: RamFolder) -> None:
    ram.root.chmod(0o755)

    with pytest.raises(StoreError):
        RamFolder(ram.root.parent, allow_disk=True)


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path, ram: RamFolder) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    ram.root.rmdir()
    ram.root.symlink_to(elsewhere)

    with pytest.raises(StoreError):
        RamFolder(ram.root.parent, allow_disk=True)


def test_a_scratch_folder_goes_with_its_content_even_on_an_error(ram: RamFolder) -> None:
    def fail() -> None:
        with ram.scratch() as folder:
            assert folder.stat().st_mode & 0o777 == 0o700
            (folder / "plain").write_bytes(b"plain")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert list(ram.root.glob("scratch-*")) == []


def test_sweeping_spares_what_is_in_use(ram: RamFolder) -> None:
    with ram.scratch() as folder:
        (folder / "plain").write_bytes(b"plain")

        assert ram.sweep() == 0
        assert (folder / "plain").exists()


def test_what_a_killed_process_left_is_swept(ram: RamFolder) -> None:
    program = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from gateway.storage import RamFolder
        with RamFolder(Path({str(ram.root.parent)!r}), allow_disk=True).scratch() as folder:
            (folder / "plain").write_bytes(b"plain")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run([sys.executable, "-c", program], check=False)

    assert len(list(ram.root.glob("scratch-*/plain"))) == 1
    assert ram.sweep() == 1
    assert list(ram.root.glob("scratch-*")) == []


@pytest.mark.parametrize("when", ["before its lock", "under its lock"])
def test_sweeping_passes_over_a_scratch_folder_that_ends_meanwhile(
    ram: RamFolder, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    folder = ram.root / "scratch-ending"
    folder.mkdir()

    @contextmanager
    def ending(path: Path, *, wait: bool = True) -> Iterator[None]:
        if path.parent == folder and when == "before its lock":
            shutil.rmtree(folder)
        with locked(path, wait=wait):
            if path.parent == folder:
                shutil.rmtree(folder)
            yield

    monkeypatch.setattr("gateway.storage.ram.locked", ending)
    ram.sweep()

    assert not folder.exists()


def test_too_little_memory_is_said_before_it_is_used(ram: RamFolder) -> None:
    ram.check_space(1)

    with pytest.raises(StoreError) as error:
        ram.check_space(1 << 62)

    assert error.value.code == "STO-RAM"
