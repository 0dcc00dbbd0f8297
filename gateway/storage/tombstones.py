"""Whose data may not be stored: a list of keyed digests, which names nobody.

A list grows older by one generation with every change. A snapshot says under which generation it
was made, and the audit log which was the last: so neither an old snapshot nor an old list brings
back who was erased.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from anonymizers.keys import keyed_bytes
from gateway.storage.errors import StoreError
from gateway.storage.seal import sync_folder

__all__ = ["MARK_BYTES", "TombstoneFolder", "Tombstones", "unit_mark"]

MARK_BYTES: Final = 16
_FORM: Final = "gateway.tombstones/v1"
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
        """Return the file's content: form, generation, and the marks in hex, sorted."""
        lines = [_FORM, str(self.generation), *sorted(mark.hex() for mark in self.marks)]
        return "".join(f"{line}\n" for line in lines).encode()

    @property
    def digest(self) -> str:
        """``sha256:`` and 64 hex digits over the file's content."""
        return f"sha256:{hashlib.sha256(self.encode()).hexdigest()}"


class TombstoneFolder:
    """The lists of all datasets, a file each.

    Args:
        folder: Made when the first list is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, dataset: str) -> Tombstones:
        """Return the list of a dataset; an empty one where there never was any.

        Raises:
            StoreError: ``STO-LIST`` if its file cannot be read.
        """
        try:
            return _decode(self._path(dataset).read_text("ascii"))
        except FileNotFoundError:
            return Tombstones()
        except (ValueError, OSError):
            raise self._unreadable(dataset) from None

    def generation(self, dataset: str) -> int:
        """Return the generation of a list, which is asked for each question.

        Raises:
            StoreError: ``STO-LIST`` if its file cannot be read.
        """
        try:
            with self._path(dataset).open("r", encoding="ascii") as file:
                return _decode(file.readline() + file.readline()).generation
        except FileNotFoundError:
            return 0
        except (ValueError, OSError):
            raise self._unreadable(dataset) from None

    def save(self, dataset: str, tombstones: Tombstones) -> None:
        """Write a list, durable before it returns.

        Raises:
            StoreError: ``STO-WRITE`` if it cannot be written.
        """
        path = self._path(dataset)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(tombstones.encode())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            sync_folder(self._folder)
        except OSError:
            raise StoreError(
                f"{self._folder} could not be written", remedy="check its free space and owner"
            ) from None
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def _path(self, dataset: str) -> Path:
        return self._folder / f"{dataset}.list"

    def _unreadable(self, dataset: str) -> StoreError:
        return StoreError(
            f"the list of whose data of dataset {dataset} may not be stored cannot be read",
            code="STO-LIST",
            remedy=f"restore {self._path(dataset)} from a backup",
        )


def _decode(text: str) -> Tombstones:
    """Read a list.

    Raises:
        ValueError: If it is none.
    """
    form, generation, *marks = text.splitlines()
    if form != _FORM or not all(map(_MARK.fullmatch, marks)):
        raise ValueError("not a list of tombstones")
    return Tombstones(generation=int(generation), marks=frozenset(map(bytes.fromhex, marks)))
