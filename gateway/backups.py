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
from gateway.audit.entries import time_text
from gateway.audit.reading import VerificationReport
from gateway.audit.verify import verify_log
from gateway.clock import Clock
from gateway.errors import OperatorError
from gateway.identity.accounts_file import close_all
from gateway.opening import checkpoint_path
from gateway.settings import SETTINGS_FILE, Settings

__all__ = ["Backup", "make_backup", "restore_backup"]

_MANIFEST: Final = "backup.json"
_LEDGER: Final = "ledger.sqlite"
_ACCOUNTS: Final = "accounts.sqlite"
_HEAD: Final = "log.checkpoint"
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
    draft.mkdir(mode=0o700, parents=True)
    try:
        # The head first: the copied log is that one, or has grown from it.
        shutil.copyfile(checkpoint_path(settings), draft / _HEAD)
        if isinstance(settings.ledger, Path):
            _copy_database(settings.ledger, draft / _LEDGER)
        _copy_database(settings.accounts, draft / _ACCOUNTS)
        for name in _FOLDERS:
            source: Path = getattr(settings, name)
            if source.exists():
                shutil.copytree(source, draft / name)
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
        os.sync()
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Backup(out)


def restore_backup(backup: Backup, target: Path, clock: Clock) -> None:
    """Put a backup into a new folder of a deployment; its key ring has to be there already.

    Whether it is the newest is seen when it is opened: the last signed head lies with the keys.
    Nothing tells that of API keys and sessions: no restored one lets anybody in.

    Args:
        backup: What to restore.
        target: Must not exist.
        clock: Says when the keys were revoked.

    Raises:
        OperatorError: ``BAK-CHANGED`` if the backup is damaged; ``BAK-EXISTS`` if something is in
            the place of the deployment; ``CFG-ACCOUNTS`` if its keys cannot be revoked.
        OSError: If the disk refuses.
    """
    backup.check_files()
    _check_free(target)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    left_out = shutil.ignore_patterns(_MANIFEST, _HEAD)
    try:
        shutil.copytree(backup.folder, draft, ignore=left_out)
        draft.chmod(0o700)
        (draft / "store").mkdir(mode=0o700)
        close_all(draft / _ACCOUNTS, clock.now())
        os.sync()
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / _MANIFEST
    }
