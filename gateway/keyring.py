"""The secrets of one deployment, in a folder of their own that only their owner can read.

============== =====================================================================================
``master``     from which the keys of pseudonyms, date shifts and surrogates are derived
``seal``       AES-256-GCM key that seals the snapshots, and from which that is derived which proves
               the lists of who was erased
``log``        Ed25519 private key (RFC 8032) that signs the heads of the audit log
``log.next``   the same, drawn to follow it; there only until an entry of the log hands over to it
============== =====================================================================================

Each file holds 32 bytes as 64 hex digits, and nothing else. Who loses ``seal`` loses the snapshots;
who loses ``master`` can no longer ingest so that pseudonyms stay the same; who loses ``log`` has to
start a new log. Who gets hold of any of them can undo what it protects.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.audit.durable import make_folder, new_file, put_file, put_folder, sync
from gateway.errors import OperatorError

__all__ = ["KeyRing", "adopt_log_key", "draw_log_key"]

_KEY_BYTES: Final = 32
_FILES: Final = ("master", "seal", "log")
_NEXT_LOG: Final = "log.next"
_FOREIGN_RIGHTS: Final = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """All secrets of one deployment; never shown, also not by ``repr``.

    Attributes:
        master_secret: 32 bytes.
        seal_key: 32 bytes.
        log_key: Ed25519 private key.
        next_log_key: The one that is to follow it, if one was drawn.
    """

    master_secret: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)
    log_key: Ed25519PrivateKey = field(repr=False)
    next_log_key: Ed25519PrivateKey | None = field(repr=False, default=None)

    @classmethod
    def create(cls, folder: Path) -> KeyRing:
        """Draw new secrets and write them to a folder; all or nothing.

        Args:
            folder: Where to; must not exist or be empty. Its parents are made as needed.

        Raises:
            OperatorError: If something is there already, or it cannot be written.
        """
        if folder.is_symlink() or (folder.exists() and not _is_empty_folder(folder)):
            raise OperatorError(
                "there is something in the place of the new key ring",
                code="SYS-KEYS-EXIST",
                remedy="give a folder that does not exist; keys are never overwritten",
                file=str(folder),
            )
        draft = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
        try:
            make_folder(draft)
            for name in _FILES:
                new_file(draft / name, _new_secret())
            put_folder(draft, folder)
        except OSError as error:
            raise _unwritable(folder, error) from None
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> KeyRing:
        """Read the secrets of a folder.

        Raises:
            OperatorError: If the folder or a file is missing, is not this user's own, can be used
                by anybody else, or does not hold a key.
        """
        _check_private(folder, stat.S_ISDIR)
        master, seal, log = (_read_secret(folder / name) for name in _FILES)
        following = folder / _NEXT_LOG
        return cls(
            master_secret=master,
            seal_key=seal,
            log_key=Ed25519PrivateKey.from_private_bytes(log),
            next_log_key=_ed25519(following) if following.exists() else None,
        )

    def signer(self, origin: str) -> Signer:
        """Return what signs the log of that origin (the deployment's id).

        Raises:
            LogError: If the origin cannot name a key.
        """
        signer = Signer(origin=origin, key=self.log_key)
        _ = signer.verifier  # checks the name, so that a bad one is found here
        return signer

    def following(self, origin: str) -> Signer | None:
        """Return what is to sign that log after ``signer``; None where nothing was drawn."""
        return None if self.next_log_key is None else Signer(origin=origin, key=self.next_log_key)


def draw_log_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key that is to follow the log's; draw it where that was not done, durably.

    Raises:
        OperatorError: If it cannot be written, or one is there that cannot be used.
    """
    path = folder / _NEXT_LOG
    if not path.exists():
        try:
            put_file(path, _new_secret())
        except OSError as error:
            raise _unwritable(folder, error) from None
    return _ed25519(path)


def adopt_log_key(folder: Path, key: Ed25519PrivateKey) -> None:
    """Put the drawn key in the place of the log's, which is gone then; nothing if it is there.

    Args:
        folder: The key ring's.
        key: That the log was handed over to; another one is left, as it is for another change.

    Raises:
        OperatorError: If it cannot be written.
    """
    path = folder / _NEXT_LOG
    try:
        if not path.exists() or _ed25519(path).public_key() != key.public_key():
            return
        path.rename(folder / "log")
        sync(folder)
    except FileNotFoundError:
        return  # another process that started was faster
    except OSError as error:
        raise _unwritable(folder, error) from None


def _ed25519(path: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_read_secret(path))


def _unwritable(folder: Path, error: OSError) -> OperatorError:
    return OperatorError(
        f"the key ring cannot be written: {os.strerror(error.errno or 0)}",
        code="SYS-KEYS-WRITE",
        remedy="give a folder that this user may write to",
        file=str(folder),
    )


def _is_empty_folder(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _new_secret() -> bytes:
    return f"{secrets.token_hex(_KEY_BYTES)}\n".encode()


def _read_secret(path: Path) -> bytes:
    _check_private(path, stat.S_ISREG)
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise OperatorError(
            "a file of the key ring does not hold 64 hex digits",
            code="SYS-KEYS-DAMAGED",
            remedy="restore the key ring from its backup",
            file=str(path),
        )
    return bytes.fromhex(text)


def _check_private(path: Path, right_kind: Callable[[int], bool]) -> None:
    """Refuse what is missing, a link, another user's, or open to others."""
    try:
        found = path.lstat()
    except OSError:
        found = None
    if found is None or not right_kind(found.st_mode):
        raise OperatorError(
            "a part of the key ring is missing",
            code="SYS-KEYS-MISSING",
            remedy="restore the key ring from its backup, or make a new deployment",
            file=str(path),
        )
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & _FOREIGN_RIGHTS:
        raise OperatorError(
            "a part of the key ring is open to others, or belongs to another user",
            code="SYS-KEYS-OPEN",
            remedy=f"run chmod {'700' if right_kind is stat.S_ISDIR else '600'} on it as its owner",
            file=str(path),
        )
