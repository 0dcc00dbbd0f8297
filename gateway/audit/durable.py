"""Files that a crash leaves whole, and locks between processes.

What is written is on the disk before it gets its name, and its name before a function returns: of a
new name, the folder has to be synced too (fsync(2), Linux). The kernel lets a lock go when its
holder ends. Whatever fails raises OSError.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "hold",
    "is_held",
    "locked",
    "make_folder",
    "new_file",
    "put_file",
    "put_folder",
    "replacing",
    "sync",
]


def sync(path: Path) -> None:
    """Bring what a file holds, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder, and those above it, where they are missing."""
    if not folder.is_dir():
        make_folder(folder.parent, mode)
        folder.mkdir(mode=mode, exist_ok=True)
        sync(folder.parent)


def new_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file that is not there yet; on any error there is none.

    Raises:
        FileExistsError: If something is in its place.
        OSError: If it cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        sync(path)
        sync(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def put_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in its place, so that after a crash there is the old one or the new one."""
    with replacing(path, mode) as draft:
        draft.write_bytes(content)


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[Path]:
    """Give a new file that takes a file's place at the end; on any error, what was there stays.

    A killed process leaves ``.NAME.HEX.partial`` beside it.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    try:
        yield draft
        sync(draft)
        draft.rename(path)
        sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def put_folder(draft: Path, target: Path) -> None:
    """Give a finished folder its name, once all that it holds is on the disk."""
    for folder, _, files in os.walk(draft):
        for name in (*files, ""):
            sync(Path(folder, name))
    draft.rename(target)
    sync(target.parent)


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a folder, or of a file that is made if it is missing, for a block.

    Args:
        path: Which one; nothing but this is kept from others by its lock.
        shared: Let others hold it who share it too.
        wait: Until others let it go.

    Raises:
        BlockingIOError: If others hold it, and this does not wait.
        OSError: If the file cannot be made.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags, 0o600)
    try:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(descriptor, kind | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def hold(path: Path) -> int:
    """Make a new file, lock it, and return its descriptor; closing that lets the lock go.

    Raises:
        OSError: If the file exists or cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def is_held(path: Path) -> bool:
    """Say whether a running process holds the lock of a file; not where there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
