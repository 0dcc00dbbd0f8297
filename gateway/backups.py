"""A copy of a deployment at one moment, without its secrets; verified before it is relied on.

The ledger is copied first, so that all it names is in the folders that are copied after it. The
key ring is not in the copy: who gets hold of both has the patients. The store is not either, since
ingest makes it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.audit.checkpoint import VerifierKey
from gateway.audit.database import DatabaseError
from gateway.audit.durable import make_folder, put_folder
from gateway.audit.entries import time_text
from gateway.audit.reading import VerificationReport
from gateway.audit.verify import verify_log
from gateway.clock import Clock
from gateway.errors import OperatorError
from gateway.identity.accounts_file import close_all
from gateway.opening import checkpoint_path
from gateway.settings import SETTINGS_FILE, Settings, load_settings

__all__ = ["Backup", "make_backup", "restore_backup"]

_MANIFEST: Final = "backup.json"
_LEDGER: Final = "ledger.sqlite"
_ACCOUNTS: Final = "accounts.sqlite"
_HEAD: Final = "log.checkpoint"
_WRITING: Final = shutil.ignore_patterns(".*.partial")
"""What the service writes just now, and gives its name in a moment."""
_FOLDERS: Final = ("policies", "activated", "releases", "erased")


@dataclass(frozen=True, slots=True)
class Backup:
    """A folder that ``make_backup`` has written.

    Attributes:
        folder: Where it is.
    """

    folder: Path

    def check_files(self) -> None:
        """Check that all files are those that were copied, and no others.

        Raises:
            OperatorError: ``BAK-CHANGED`` if not.
        """
        said = self._manifest()["files"]
        if said != _digests(self.folder):
            raise OperatorError(
                "the files of the backup are not those that were copied",
                code="BAK-CHANGED",
                remedy="take another backup",
                file=str(self.folder),
            )

    def verify(self, key: VerifierKey) -> VerificationReport:
        """Verify files and log; the log must hold the head that was signed when it was copied.

        Raises:
            OperatorError: As ``check_files`` does; ``BAK-NO-LEDGER`` if the ledger is elsewhere.
        """
        self.check_files()
        if not (self.folder / _LEDGER).exists():
            raise OperatorError(
                "the ledger of this deployment is in PostgreSQL, and not in the backup",
                code="BAK-NO-LEDGER",
                remedy="restore it with pg_restore, and run 'gateway audit verify'",
            )
        return verify_log(self.folder / _LEDGER, key=key, checkpoint=self.folder / _HEAD)

    def _manifest(self) -> dict[str, Any]:
        try:
            found = json.loads((self.folder / _MANIFEST).read_bytes())
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict) or found.get("version") != 1:
            raise OperatorError(
                "this is no backup of a deployment",
                code="BAK-CHANGED",
                remedy="name a folder that 'gateway backup create' wrote",
                file=str(self.folder),
            )
        return found


def make_backup(settings: Settings, out: Path, clock: Clock) -> Backup:
    """Copy a deployment into a new folder, also while it serves.

    Args:
        settings: Of the deployment.
        out: Must not exist; it is there whole, or not at all.
        clock: Says when.

    Raises:
        OperatorError: ``BAK-EXISTS`` if something is in its place.
        DatabaseError: If a database cannot be read.
        OSError: If the disk refuses.
    """
    _check_free(out)
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    make_folder(draft)
    try:
        # The head first: the copied log is that one, or has grown from it.
        shutil.copyfile(checkpoint_path(settings), draft / _HEAD)
        if isinstance(settings.ledger, Path):
            _copy_database(settings.ledger, draft / _LEDGER)
        _copy_database(settings.accounts, draft / _ACCOUNTS)
        for name in _FOLDERS:
            source: Path = getattr(settings, name)
            if source.exists():
                shutil.copytree(source, draft / name, ignore=_WRITING)
        shutil.copyfile(settings.folder / SETTINGS_FILE, draft / SETTINGS_FILE)
        manifest = {
            "version": 1,
            "deployment": settings.id,
            "created": time_text(clock.now()),
            "files": _digests(draft),
        }
        (draft / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in draft.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        put_folder(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Backup(out)


def restore_backup(
    backup: Backup, target: Path, clock: Clock, *, settings: Path | None = None
) -> None:
    """Put a backup into a new folder of a deployment; its key ring has to be there already.

    Each part lies where the settings say. Whether the backup is the newest is seen when it is
    opened: the last signed head lies with the keys. Nothing tells that of API keys and sessions:
    no restored one lets anybody in.

    Args:
        backup: What to restore.
        target: Must not exist.
        clock: Says when the keys were revoked.
        settings: A ``gateway.toml`` to restore in place of the backup's, or None.

    Raises:
        OperatorError: ``BAK-CHANGED`` if the backup is damaged; ``BAK-EXISTS`` if something is in
            the place of the deployment; ``BAK-OUTSIDE`` if the settings name a place that is not
            in it; ``BAK-LEDGER`` if they have another kind of ledger; as ``load_settings`` does;
            ``CFG-ACCOUNTS`` if its keys cannot be revoked.
        OSError: If the disk refuses.
    """
    backup.check_files()
    _check_free(target)
    given = settings or backup.folder / SETTINGS_FILE
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700, parents=True)
    try:
        shutil.copyfile(given, draft / SETTINGS_FILE)
        (draft / SETTINGS_FILE).chmod(0o600)
        places = _places(load_settings(draft), target, given)
        _check_ledger(backup, places, given)
        _fill(draft, places, backup.folder)
        close_all(draft / places["accounts"], clock.now())
        put_folder(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _places(drafted: Settings, target: Path, given: Path) -> dict[str, Path]:
    """Where each part lies in a deployment: nothing beside it may be written, or be shared.

    Args:
        drafted: The settings, as they are read in the draft.
        target: What the draft becomes; absolute paths may name it.
        given: The file they are from.
    """
    roots = [Path(os.path.abspath(root)) for root in (drafted.folder, target)]  # noqa: PTH100  links stay as they are
    places = {}
    for name in ("ledger", "accounts", "store", *_FOLDERS):
        place = getattr(drafted, name)
        if not isinstance(place, Path):
            continue  # a ledger in PostgreSQL
        path = Path(os.path.normpath(place))
        root = next((one for one in roots if one in path.parents), None)
        if root is None:
            raise OperatorError(
                f"paths.{name}: it is not in the folder that is restored",
                code="BAK-OUTSIDE",
                remedy="copy these settings, write paths that lie in the deployment's folder, and"
                " give the copy with --settings",
                file=str(given),
            )
        places[name] = path.relative_to(root)
    return places


def _check_ledger(backup: Backup, places: dict[str, Path], given: Path) -> None:
    if (backup.folder / _LEDGER).exists() != ("ledger" in places):
        raise OperatorError(
            "paths.ledger: of ledger and backup one is in PostgreSQL, and the other is a file",
            code="BAK-LEDGER",
            remedy="give settings with the kind of ledger that was copied",
            file=str(given),
        )


def _fill(draft: Path, places: dict[str, Path], copied: Path) -> None:
    for name, place in places.items():
        (draft / place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if name in _FOLDERS and (copied / name).exists():
            shutil.copytree(copied / name, draft / place, dirs_exist_ok=True)
    (draft / places["store"]).mkdir(mode=0o700, exist_ok=True)
    shutil.copy(copied / _ACCOUNTS, draft / places["accounts"])
    if "ledger" in places:
        shutil.copy(copied / _LEDGER, draft / places["ledger"])


def _check_free(folder: Path) -> None:
    if folder.exists():
        raise OperatorError(
            "there is something in the place of what is to be written",
            code="BAK-EXISTS",
            remedy="name a folder that does not exist",
            file=str(folder),
        )


def _copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database as it is at one moment, while others write to it."""
    uri = f"{source.absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=10)) as before,
            closing(sqlite3.connect(target)) as after,
        ):
            before.backup(after)
    except sqlite3.Error as error:
        raise DatabaseError(getattr(error, "sqlite_errorname", type(error).__name__)) from None


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest, by its path in the folder."""
    return {
        path.relative_to(folder).as_posix(): _digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _MANIFEST
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:  # a ledger may be larger than memory
        return hashlib.file_digest(file, "sha256").hexdigest()
