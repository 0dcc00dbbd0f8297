"""Checks of the machine: files, disks, memory, clock, versions, and what the service listens on."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from gateway.checkup.results import Result, fail, good, warn
from gateway.ledger.places import PostgresAddress, file_beside
from gateway.settings import SETTINGS_FILE, Settings
from gateway.storage import is_ram_backed
from gateway.storage.ram import DEFAULT_RAM, file_system

__all__ = [
    "check_clock",
    "check_disks",
    "check_files",
    "check_memory",
    "check_service",
    "check_sqlite",
    "check_versions",
]

_FOREIGN: Final = 0o077
_FOREIGN_WRITES: Final = 0o022
_MIB: Final = 1024 * 1024
_LEAST_FREE: Final = 256 * _MIB
_LITTLE_FREE: Final = 0.1
_NET_SYSTEMS: Final = ("nfs", "cifs", "smb", "9p", "ceph", "fuse.sshfs", "glusterfs")
_SYNCHRONIZED: Final = Path("/run/systemd/timesync/synchronized")
_VENDORS: Final = ("opendp", "duckdb", "sqlglot", "presidio-analyzer", "cryptography")


def check_versions() -> Iterator[Result]:
    """Tell what runs here; warn of root."""
    found = ", ".join(f"{name} {version(name)}" for name in ("clinical-gateway", *_VENDORS))
    yield good("versions", f"Python {platform.python_version()}, {found}")
    if os.geteuid() == 0:
        yield warn(
            "user", "this runs as root", "run the service as a user of its own, without a shell"
        )


def check_files(settings: Settings) -> Iterator[Result]:
    """Check owners and modes of all that lies in the deployment's folder, and of the settings."""
    jobs = file_beside(settings.ledger, settings.folder, "jobs.sqlite")
    places = (settings.accounts, settings.ledger, jobs)
    databases = [one for one in places if isinstance(one, Path)]
    folders = (settings.store, settings.releases, settings.activated, settings.erased)
    wrong = [one for one in (settings.folder, *folders) if _open_to_others(one, _FOREIGN_WRITES)]
    wrong += [one for one in databases if _open_to_others(one, _FOREIGN)]
    for path in wrong:
        yield fail("files", f"{path} belongs to another user or is open to others", _CHMOD)
    if not wrong:
        yield good("files", "the folder and what lies in it are this user's own")
    secret = isinstance(settings.ledger, PostgresAddress) and settings.ledger.has_password
    if secret and _open_to_others(settings.folder / SETTINGS_FILE, _FOREIGN):
        yield fail(
            "files",
            f"{SETTINGS_FILE} holds a password and can be read by others",
            "run chmod 600 on it, or name a file with passfile= in the address",
        )


_CHMOD: Final = "run chown and chmod go-rwx on it"


def check_disks(settings: Settings) -> Iterator[Result]:
    """Check that there is room, and that no database lies on a network's file system."""
    places = {"store": settings.store, "keys": settings.keys, "folder": settings.folder}
    if isinstance(settings.ledger, Path):
        places["ledger"] = settings.ledger.parent
        kind = file_system(_existing(settings.ledger.parent))
        if kind.startswith(_NET_SYSTEMS):
            yield fail(
                "disk",
                f"the ledger's file lies on {kind}, where locks and syncs may not hold",
                "keep it on a local disk, or use PostgreSQL",
            )
    for name, place in places.items():
        usage = shutil.disk_usage(_existing(place))
        told = f"{usage.free // _MIB} MiB are free for the {name}"
        if usage.free < _LEAST_FREE:
            yield fail("disk", told, "make room: what cannot be logged is not answered")
        elif usage.free < _LITTLE_FREE * usage.total:
            yield warn("disk", told, "make room before it is full")
        else:
            yield good("disk", told)


def check_memory(settings: Settings) -> Iterator[Result]:
    """Check that snapshots are opened in RAM."""
    folder = settings.memory or DEFAULT_RAM
    if is_ram_backed(folder):
        yield good("memory", f"snapshots are opened in {folder}, which is RAM")
    elif settings.allow_disk:
        yield warn(
            "memory",
            f"opened data may reach the disk of {folder}",
            "name a folder on tmpfs, or see that the disk is encrypted",
        )
    else:
        yield fail(
            "memory",
            f"{folder} is no RAM, so no snapshot will be opened",
            "name a folder on tmpfs with paths.memory",
        )


def check_clock(now: datetime, last_entry: datetime | None) -> Iterator[Result]:
    """Check that the clock is not behind the log, and is kept right by somebody."""
    if last_entry is not None and last_entry > now:
        behind = int((last_entry - now).total_seconds())
        yield fail(
            "clock",
            f"the clock is {behind} s behind the last entry of the log",
            "set it; entries are dated by the one before until then",
        )
    elif _SYNCHRONIZED.exists():
        yield good("clock", "it is kept right over the net")
    else:
        yield warn(
            "clock",
            "nothing here says that it is kept right over the net",
            "run chrony or systemd-timesyncd; witnesses refuse a clock that is far off",
        )


def check_service(settings: Settings) -> Iterator[Result]:
    """Check what the service listens on, and that its answers come at steps of time."""
    host = settings.service.host
    if _is_loopback(host):
        yield good("service", f"it listens on {host}; a proxy with TLS may stand before it")
    else:
        yield fail(
            "service",
            f"it would speak plain HTTP on {host}",
            "set service.host to 127.0.0.1, and put a proxy with TLS before it",
        )
    if settings.service.time_bucket_ms == 0:
        yield fail(
            "service",
            "the time of an answer tells how long its rows took",
            "set service.time_bucket_ms to 250",
        )


def check_sqlite() -> Result:
    """Tell the version of SQLite."""
    return good("ledger", f"SQLite {sqlite3.sqlite_version}, journal TRUNCATE, synchronous FULL")


def _open_to_others(path: Path, rights: int) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return found.st_uid != os.geteuid() or bool(stat.S_IMODE(found.st_mode) & rights)


def _existing(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
