"""AES-256-GCM over a file in chunks, so that no byte of it is read before it is proved.

Layout, all numbers big-endian::

    magic and version   8 bytes
    header length       4 bytes
    header              plain JSON, authenticated
    salt                32 random bytes
    chunks              1 MiB of plaintext each, the last one shorter; 16 bytes of tag after each

The key of a file is HKDF-SHA256 (RFC 5869) of the seal key and the file's salt, so nonces may
count from 0. Each chunk's nonce is its index and whether it is the last, and each chunk is bound
to the header and the salt: chunks cannot be changed, reordered, cut off, or moved between files.

Source: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (2015), Section 7, with
the nonce of NIST SP 800-38D, Section 8.2.1 (deterministic construction).
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.audit.durable import replacing
from gateway.storage.errors import StoreError

__all__ = ["CHUNK_BYTES", "KEY_BYTES", "read_header", "seal", "unseal"]

CHUNK_BYTES = 1 << 20
KEY_BYTES = 32
_TAG_BYTES = 16
_SALT_BYTES = 32
_MAX_HEADER_BYTES = 1 << 16
_MAGIC = b"CGSEAL\x00\x01"
"""The last byte is the version of this layout."""


def seal(plain: BinaryIO, target: Path, *, key: bytes, header: bytes) -> None:
    """Write an encrypted copy of a stream; the target appears whole or not at all.

    Args:
        plain: Read from its position to its end.
        target: Replaced atomically; durable when this returns.
        key: 32 bytes.
        header: At most 64 KiB; readable without the key, but not changeable.

    Raises:
        StoreError: ``STO-WRITE`` if the target cannot be written, such as on a full disk.
    """
    try:
        with replacing(target) as partial, partial.open("wb") as out:
            _write(plain, out, key, header)
    except OSError as error:
        raise StoreError(
            f"{target.name} could not be written",
            remedy=f"check the free space and permissions of {target.parent}",
        ) from error


def unseal(sealed: Path, plain: BinaryIO, *, key: bytes) -> bytes:
    """Write the decrypted content to a stream and return the proved header.

    The stream may hold proved chunks of a file that turns out to be cut short: whoever called
    removes it on an error.

    Raises:
        StoreError: ``STO-SEAL`` for a wrong key, and for a file that was changed in any way.
    """
    with sealed.open("rb") as source:
        header, salt = _read_prefix(source, sealed)
        cipher, binding = _cipher(key, header, salt)
        index, chunk = 0, source.read(CHUNK_BYTES + _TAG_BYTES)
        while True:
            following = source.read(CHUNK_BYTES + _TAG_BYTES)
            last = not following
            try:
                plain.write(cipher.decrypt(_nonce(index, last=last), chunk, binding))
            except InvalidTag:
                raise _broken(sealed) from None
            if last:
                return header
            index, chunk = index + 1, following


def read_header(sealed: Path) -> bytes:
    """Return the header without proving it; only for choosing which file to open.

    Raises:
        StoreError: ``STO-SEAL`` if it is no sealed file.
    """
    with sealed.open("rb") as source:
        return _read_prefix(source, sealed)[0]


def _write(plain: BinaryIO, out: BinaryIO, key: bytes, header: bytes) -> None:
    salt = secrets.token_bytes(_SALT_BYTES)
    out.write(_prefix(header, salt))
    cipher, binding = _cipher(key, header, salt)
    index, chunk = 0, plain.read(CHUNK_BYTES)
    while True:
        following = plain.read(CHUNK_BYTES)
        out.write(cipher.encrypt(_nonce(index, last=not following), chunk, binding))
        if not following:
            return
        index, chunk = index + 1, following


def _prefix(header: bytes, salt: bytes) -> bytes:
    if len(header) > _MAX_HEADER_BYTES:
        raise ValueError("the header of a sealed file is too long")
    return _MAGIC + len(header).to_bytes(4, "big") + header + salt


def _read_prefix(source: BinaryIO, sealed: Path) -> tuple[bytes, bytes]:
    start = source.read(len(_MAGIC) + 4)
    length = int.from_bytes(start[len(_MAGIC) :], "big")
    if start[: len(_MAGIC)] != _MAGIC or length > _MAX_HEADER_BYTES:
        raise _broken(sealed)
    rest = source.read(length + _SALT_BYTES)
    if len(rest) != length + _SALT_BYTES:
        raise _broken(sealed)
    return rest[:length], rest[length:]


def _cipher(key: bytes, header: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    if len(key) != KEY_BYTES:
        raise ValueError("a seal key has 32 bytes")
    derived = HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"clinical-gateway sealed file v1"
    ).derive(key)
    return AESGCM(derived), hashlib.sha256(_prefix(header, salt)).digest()


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _broken(sealed: Path) -> StoreError:
    return StoreError(
        f"{sealed.name} does not open: another key sealed it, or it was changed or cut short",
        code="STO-SEAL",
        remedy="check the key ring, restore the file from a backup, or ingest again",
    )
