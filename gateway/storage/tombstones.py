"""Whose data may not be stored: a list of keyed digests, which names nobody.

A list grows older by one generation with every change. A snapshot says under which generation it
was made, and the audit log which was the last: so neither an old snapshot nor an old list brings
back who was erased. The last line of its file proves that a holder of the keys wrote it
(HMAC-SHA-256, RFC 2104): so nobody else puts a newer list in its place.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from anonymizers.keys import derive_key, keyed_bytes
from gateway.audit.durable import make_folder, put_file
from gateway.storage.errors import StoreError

__all__ = ["MARK_BYTES", "TombstoneFolder", "Tombstones", "unit_mark"]

MARK_BYTES: Final = 16
_FORM: Final = "gateway.tombstones/v2"
_PURPOSE: Final = "erased-list"
_Version: TypeAlias = tuple[int, int, int, int]
_MARK: Final = re.compile(rf"[0-9a-f]{{{2 * MARK_BYTES}}}")


def unit_mark(key: bytes, unit: str) -> bytes:
    """Return the keyed digest of a privacy unit's own key; space around the key says nothing.

    Args:
        key: Key of the purpose ``erasure`` of the dataset.
        unit: As the source has it.
    """
    return keyed_bytes(key, "tombstone", unit.strip())[:MARK_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstones:
    """The list of one dataset.

    Attributes:
        generation: How often it was changed; 0 where it never was.
        marks: Keyed digests of the keys of whose data may not be stored.
    """

    generation: int = 0
    marks: frozenset[bytes] = field(default=frozenset(), repr=False)

    def changed(self, marks: Iterable[bytes]) -> Tombstones:
        """Return the next generation, with other marks; also where they are the same."""
        return Tombstones(generation=self.generation + 1, marks=frozenset(marks))

    def encode(self) -> bytes:
        """Return what the file's last line proves: form, generation, marks in hex, sorted."""
        lines = [_FORM, str(self.generation), *sorted(mark.hex() for mark in self.marks)]
        return "".join(f"{line}\n" for line in lines).encode()

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hex digits over the file without its last line."""
        return f"sha256:{hashlib.sha256(self.encode()).hexdigest()}"


class TombstoneFolder:
    """The lists of all datasets, a file each.

    Args:
        folder: Made when the first list is written.
        key: From which the keys that prove the lists are derived, 32 bytes; empty for whoever has
            no keys, and can neither write a list nor tell that one is true.
    """

    def __init__(self, folder: Path, *, key: bytes) -> None:
        self._folder = folder
        self._key = key
        self._known: dict[str, tuple[_Version, tuple[int, str]]] = {}

    def load(self, dataset: str) -> Tombstones:
        """Return the list of a dataset; an empty one where there never was any.

        Raises:
            StoreError: ``STO-LIST`` if its file cannot be read, or no holder of the keys wrote it.
        """
        try:
            return self._proved(dataset, self._path(dataset).read_bytes())
        except FileNotFoundError:
            return Tombstones()
        except (ValueError, OSError):
            raise self._unreadable(dataset) from None

    def named(self, dataset: str) -> tuple[int, str]:
        """Return generation and digest of a list; its file is read when it has changed.

        Raises:
            StoreError: ``STO-LIST``, as for ``load``.
        """
        try:
            version = _version(self._path(dataset).stat())
            known = self._known.get(dataset)
            if known is None or known[0] != version:
                found = self.load(dataset)
                known = self._known[dataset] = (version, (found.generation, found.digest))
            return known[1]
        except FileNotFoundError:
            found = Tombstones()
            return found.generation, found.digest
        except OSError:
            raise self._unreadable(dataset) from None

    def generation(self, dataset: str) -> int:
        """Return the generation of a list, which is asked for each question.

        Raises:
            StoreError: ``STO-LIST``, as for ``load``.
        """
        return self.named(dataset)[0]

    def save(self, dataset: str, tombstones: Tombstones) -> None:
        """Write a list, durable before it returns.

        Raises:
            StoreError: ``STO-WRITE`` if it cannot be written.
            DeclarationError: If there is no key.
        """
        path = self._path(dataset)
        body = tombstones.encode()
        content = body + self._proof(dataset, body)
        try:
            make_folder(self._folder)
            put_file(path, content)
        except OSError:
            raise StoreError(
                f"{self._folder} could not be written", remedy="check its free space and owner"
            ) from None

    def _proved(self, dataset: str, content: bytes) -> Tombstones:
        """Read a list.

        Raises:
            ValueError: If it is none, or its last line does not prove it.
        """
        *lines, proof = content.splitlines(keepends=True)
        body = b"".join(lines)
        if self._key and not hmac.compare_digest(proof, self._proof(dataset, body)):
            raise ValueError("no holder of the keys wrote it")
        return _decode(body)

    def _proof(self, dataset: str, body: bytes) -> bytes:
        """Return the last line of a list, which is no other dataset's."""
        key = derive_key(self._key, purpose=_PURPOSE, dataset=dataset)
        return f"hmac-sha256 {hmac.digest(key, body, 'sha256').hex()}\n".encode()

    def _path(self, dataset: str) -> Path:
        return self._folder / f"{dataset}.list"

    def _unreadable(self, dataset: str) -> StoreError:
        return StoreError(
            f"the list of whose data of dataset {dataset} may not be stored cannot be read, "
            "or was not written by this gateway",
            code="STO-LIST",
            remedy=f"restore {self._path(dataset)} from a backup",
        )


def _version(found: os.stat_result) -> _Version:
    """Return what is another when a file was; nobody can set the time of a change (ctime)."""
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _decode(body: bytes) -> Tombstones:
    """Read a list without its last line; it has one form only, so that its digest is one.

    Raises:
        ValueError: If it is none.
    """
    form, generation, *marks = body.decode("ascii").splitlines()
    if form != _FORM or not all(map(_MARK.fullmatch, marks)):
        raise ValueError("not a list of tombstones")
    found = Tombstones(generation=int(generation), marks=frozenset(map(bytes.fromhex, marks)))
    if found.encode() != body:
        raise ValueError("not written as lists are")
    return found
