"""Folders in memory for what must not touch a disk in the clear."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.audit.durable import hold, locked
from gateway.storage.errors import StoreError

__all__ = ["DEFAULT_RAM", "RamFolder", "file_system", "is_ram_backed"]

DEFAULT_RAM = Path("/dev/shm")  # noqa: S108  the RAM-backed folder of Linux; ours is made private
_MOUNTS = Path("/proc/self/mountinfo")
_RAM_SYSTEMS = frozenset({"tmpfs", "ramfs"})


def is_ram_backed(folder: Path, *, mounts: Path = _MOUNTS) -> bool:
    """Say whether a folder lies on tmpfs or ramfs; False where that cannot be told."""
    return file_system(folder, mounts=mounts) in _RAM_SYSTEMS


def file_system(folder: Path, *, mounts: Path = _MOUNTS) -> str:
    """Return the type of the file system that a folder lies on; empty where that cannot be told.

    Source: proc_pid_mountinfo(5): field 5 is the mount point, the first after ``-`` the type.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = folder.resolve()
    best, kind = -1, ""
    for line in lines:
        fields = line.split(" ")
        point = Path(fields[4].encode().decode("unicode_escape"))
        # Of equally long mount points, the later one covers the earlier.
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[fields.index("-") + 1]
    return kind


class RamFolder:
    """A private folder in RAM-backed storage, with one scratch folder for each user of it.

    A scratch folder holds a lock for as long as its process lives, so that what a killed process
    left behind is told apart and removed at the next start.

    Args:
        base: Where to make it; by default the shared memory of Linux.
        allow_disk: Accept a base that is not RAM-backed; for systems that have none, where the
            operator keeps the base on an encrypted volume.

    Raises:
        StoreError: ``STO-RAM`` if the base is not RAM-backed, or the folder is somebody else's.
    """

    def __init__(self, base: Path | None = None, *, allow_disk: bool = False) -> None:
        base = DEFAULT_RAM if base is None else base
        if not base.is_dir():
            raise StoreError(
                f"the RAM folder {base} does not exist",
                code="STO-RAM",
                remedy="set paths.memory to a folder on tmpfs",
            )
        if not allow_disk and not is_ram_backed(base):
            raise StoreError(
                f"{base} is not RAM-backed, so decrypted data would reach a disk",
                code="STO-RAM",
                remedy="set paths.memory to a folder on tmpfs, or paths.allow_disk if its volume"
                " is encrypted",
            )
        self.root = base / f"clinical-gateway-{os.getuid()}"
        self.root.mkdir(mode=0o700, exist_ok=True)
        status = self.root.lstat()
        private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
        if not private or status.st_uid != os.getuid():
            raise StoreError(
                f"{self.root} is not a folder of this user alone",
                code="STO-RAM",
                remedy="remove it, or set paths.memory to another folder on tmpfs",
            )

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a new empty folder, mode 0700, that is removed with its content at the end."""
        with locked(self.root / ".lock"):
            folder = Path(tempfile.mkdtemp(prefix="scratch-", dir=self.root))
            lock = hold(folder / ".lock")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def sweep(self) -> int:
        """Remove the scratch folders of processes that are gone; return how many there were."""
        removed = 0
        with locked(self.root / ".lock"):
            for folder in self.root.glob("scratch-*"):
                try:
                    with locked(folder / ".lock", wait=False):
                        shutil.rmtree(folder)
                        removed += 1
                except (BlockingIOError, FileNotFoundError):
                    continue  # its process has it, or is removing it
        return removed

    def check_space(self, needed_bytes: int) -> None:
        """Check that so many bytes fit.

        Raises:
            StoreError: ``STO-RAM`` if they do not.
        """
        free = shutil.disk_usage(self.root).free
        if free < needed_bytes:
            raise StoreError(
                f"{self.root} has {free >> 20} MiB free and {needed_bytes >> 20} MiB are needed",
                code="STO-RAM",
                remedy="give the RAM folder more space",
            )
