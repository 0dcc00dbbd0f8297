"""Private keys of those who approve: each a file of its owner, never part of a deployment."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.audit.durable import new_file
from gateway.errors import OperatorError
from policies.dsse import key_id

__all__ = ["SealedFile", "create_key", "open_key"]

_FOREIGN_RIGHTS: Final = 0o077
_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A private key's file that only a passphrase opens.

    Attributes:
        path: Where it is.
        passphrase: Not empty.
    """

    path: Path
    passphrase: bytes = field(repr=False)


def create_key(
    policies: Path,
    private: Path | SealedFile,
    person: str,
    roles: Sequence[str],
    days: tuple[date, date],
) -> Path:
    """Draw a key; write its private half for its owner, its public half for the declarations.

    Args:
        policies: Folder of the declarations, which gets ``keys/PERSON-ID.pub.yaml``.
        private: New file, PKCS 8 in PEM, which its owner alone can read.
        person: Opaque id.
        roles: One or more.
        days: First and last day on which signatures count.

    Returns:
        The file of the public key.

    Raises:
        OperatorError: If the private file exists.
    """
    key = Ed25519PrivateKey.generate()
    sealing: KeySerializationEncryption = NoEncryption()
    path = private if isinstance(private, Path) else private.path
    if isinstance(private, SealedFile):
        sealing = BestAvailableEncryption(private.passphrase)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealing)
    try:
        new_file(path, pem)
    except FileExistsError:
        raise OperatorError(
            "there is something in the place of the new key",
            code="SYS-KEYS-EXIST",
            remedy="name a file that does not exist; keys are never overwritten",
            file=str(path),
        ) from None
    public = policies / "keys" / f"{person}-{key_id(key.public_key())}.pub.yaml"
    public.parent.mkdir(exist_ok=True)
    text = base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")
    public.write_text(
        "apiVersion: gateway.policy/v1\n"
        "kind: ApprovalKey\n"
        "spec:\n"
        f'  public_key: "{text}"\n'
        f'  person: "{person}"\n'
        f"  roles: [{', '.join(roles)}]\n"
        f"  not_before: {days[0]}\n"
        f"  not_after: {days[1]}\n",
        encoding="utf-8",
    )
    return public


def _none() -> bytes:
    return b""


def open_key(private: Path, passphrase: Callable[[], bytes] = _none) -> Ed25519PrivateKey:
    """Read a private key.

    Args:
        private: Its file.
        passphrase: Gives that of the key; called only where it has one.

    Raises:
        OperatorError: If others can read the file, it holds no such key, or the passphrase does
            not open it.
    """
    if stat.S_IMODE(private.stat().st_mode) & _FOREIGN_RIGHTS:
        raise OperatorError(
            "the private key is open to others",
            code="SYS-KEYS-OPEN",
            remedy="run chmod 600 on it; if others may have read it, make a new one",
            file=str(private),
        )
    pem = private.read_bytes()
    sealed = _ENCRYPTED in pem
    try:
        key = load_pem_private_key(pem, password=passphrase() if sealed else None)
    except (ValueError, TypeError):
        key = None
    if sealed and key is None:
        raise OperatorError(
            "the passphrase does not open the private key",
            code="SYS-KEYS-PASSPHRASE",
            remedy="give the command again, with the key's own passphrase",
            file=str(private),
        )
    if not isinstance(key, Ed25519PrivateKey):
        raise OperatorError(
            "the file holds no private key of Ed25519",
            code="SYS-KEYS-DAMAGED",
            remedy="name the file that 'gateway policy key create' wrote",
            file=str(private),
        )
    return key
