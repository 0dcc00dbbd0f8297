"""Sealed snapshots of a dataset: written whole, numbered, switched by one rename."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gateway.audit.durable import locked, make_folder, put_file
from gateway.storage.errors import StoreError
from gateway.storage.reports import ReportFolder
from gateway.storage.seal import seal, unseal
from gateway.storage.tombstones import TombstoneFolder

__all__ = ["Manifest", "SnapshotStore"]

_POINTER = "current.json"
_KEPT = 2
_NAME_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is public about one snapshot; it is the proved header of its sealed file.

    How many units or rows there are is private, and only inside the sealed file.

    Attributes:
        dataset: Id of the dataset.
        number: 1, 2, … in the order of ingests.
        source_snapshot: The state of the source, as its declaration names it.
        policy_digest: Digest of the policies under which it was made.
        layout_digest: Digest of the declared layout; must equal that of who reads it.
        created: When it was made, ISO 8601 in UTC.
        text_engine: The model that looked for identifiers in its notes; empty without notes.
        text_profile: The least strict operating point of its notes; empty without notes.
        generation: Of the list of whose data may not be stored; 0 where there was none.
    """

    dataset: str
    number: int
    source_snapshot: str
    policy_digest: str
    layout_digest: str
    created: str
    text_engine: str = ""
    text_profile: str = ""
    generation: int = 0

    @property
    def snapshot(self) -> str:
        """Name of the state of the data, for charges and cache keys: ``2026-11-01#3.5f1c09ab``.

        The digest at its end tells states apart where numbers begin again in a folder made anew.
        """
        digest = hashlib.sha256(self.encode()).hexdigest()[:_NAME_DIGITS]
        return f"{self.source_snapshot}#{self.number}.{digest}"

    def encode(self) -> bytes:
        """Return it as JSON; what is empty is left out, as in snapshots of earlier versions."""
        said = {name: value for name, value in asdict(self).items() if value not in ("", 0)}
        return json.dumps(said, sort_keys=True).encode()

    @classmethod
    def decode(cls, document: bytes) -> Manifest:
        """Read it from JSON.

        Raises:
            ValueError: If it is not a manifest.
        """
        found = json.loads(document)
        numbers = {"number", "generation"}
        types = {field.name: int if field.name in numbers else str for field in fields(cls)}
        needed = {field.name for field in fields(cls) if field.default is MISSING}
        if not isinstance(found, dict) or not needed <= found.keys() <= types.keys():
            raise ValueError("not a manifest")
        if any(type(value) is not types[name] for name, value in found.items()):
            raise ValueError("not a manifest")
        return cls(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What ingest says of a snapshot before it has a number.

    Attributes:
        source_snapshot: The state of the source, as its declaration names it.
        policy_digest: Digest of the policies under which it was made.
        layout_digest: Digest of the declared layout.
        created: When it was made, in UTC.
        text_engine: The model that looked for identifiers in its notes; empty without notes.
        text_profile: The least strict operating point of its notes; empty without notes.
        generation: Of the list of whose data may not be stored.
        alone: Whether older snapshots are removed, which may hold whom this one must not.
    """

    source_snapshot: str
    policy_digest: str
    layout_digest: str
    created: datetime
    text_engine: str = ""
    text_profile: str = ""
    generation: int = 0
    alone: bool = False


class SnapshotStore:
    """The folder ``store/<dataset>/<number>.sealed`` and the pointer to the one in force.

    Args:
        folder: Made if it is not there.
        key: The seal key, 32 bytes, from which that of the lists is derived; empty for whoever
            only looks at what is not sealed.
        erased: Folder of the lists of whose data may not be stored; by default beside the store.
    """

    def __init__(self, folder: Path, *, key: bytes, erased: Path | None = None) -> None:
        self.folder = folder
        self.reports = ReportFolder(folder, key=key)
        self.tombstones = TombstoneFolder(erased or folder.with_name("erased"), key=key)
        self._key = key

    def datasets(self) -> tuple[str, ...]:
        """Return the ids of all datasets that have a snapshot, declared or not, sorted."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"*/{_POINTER}")))

    def current(self, dataset: str) -> Manifest | None:
        """Return what the pointer says, without proving it; None before the first ingest.

        Raises:
            StoreError: ``STO-SEAL`` if the pointer cannot be read.
        """
        pointer = self.folder / dataset / _POINTER
        try:
            return Manifest.decode(pointer.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, OSError):
            raise StoreError(
                f"the pointer of dataset {dataset} cannot be read",
                code="STO-SEAL",
                remedy=f"restore {pointer} from a backup, or ingest again",
            ) from None

    def unseal(self, manifest: Manifest, plain: BinaryIO) -> None:
        """Write a snapshot's decrypted content to a stream.

        Raises:
            StoreError: ``STO-ABSENT`` if its file is gone; ``STO-SEAL`` if it does not open, or
                is another snapshot than its name says.
        """
        sealed = self.path(manifest)
        try:
            header = unseal(sealed, plain, key=self._key)
        except FileNotFoundError:
            raise StoreError(
                f"snapshot {manifest.number} of dataset {manifest.dataset} is gone",
                code="STO-ABSENT",
                remedy="restore it from a backup, or ingest again",
            ) from None
        if header != manifest.encode():
            raise StoreError(
                f"{sealed.name} of dataset {manifest.dataset} is not the snapshot that the "
                "pointer names",
                code="STO-SEAL",
                remedy="restore both from one backup, or ingest again",
            )

    def size(self, manifest: Manifest) -> int:
        """Return the bytes of the sealed file, about those of the opened one; 0 if it is gone."""
        try:
            return self.path(manifest).stat().st_size
        except FileNotFoundError:
            return 0

    def path(self, manifest: Manifest) -> Path:
        """Return where the sealed file of a snapshot is."""
        return self.folder / manifest.dataset / f"{manifest.number}.sealed"

    def digest(self, manifest: Manifest) -> str:
        """Return ``sha256:`` and 64 hex digits over the sealed file of a snapshot."""
        with self.path(manifest).open("rb") as sealed:
            return f"sha256:{hashlib.file_digest(sealed, 'sha256').hexdigest()}"

    @contextmanager
    def locked(self, dataset: str) -> Iterator[None]:
        """Hold the dataset for one ingest; remove what an interrupted one left.

        Raises:
            StoreError: ``STO-BUSY`` if another ingest holds it; ``STO-WRITE`` if it cannot be made.
        """
        folder = self.folder / dataset
        with ExitStack() as held:
            try:
                make_folder(folder)
                held.enter_context(locked(folder / ".lock", wait=False))
            except BlockingIOError:
                raise StoreError(
                    f"another ingest of dataset {dataset} is running",
                    code="STO-BUSY",
                    remedy="wait until it ends",
                ) from None
            except OSError as error:
                raise _unwritable(folder) from error
            for partial in folder.glob(".*.partial"):
                partial.unlink(missing_ok=True)
            yield

    def publish(
        self,
        dataset: str,
        plain: Path,
        draft: Draft,
        announce: Callable[[Manifest], object] | None = None,
    ) -> Manifest:
        """Seal a file as the next snapshot and switch to it; call it under ``locked``.

        Until the pointer is renamed, the previous snapshot is in force and untouched. The two
        newest are kept, or the newest alone where an older one may hold who was erased since.

        Args:
            dataset: Id of the dataset.
            plain: The file.
            draft: What it is.
            announce: Is called before the switch; what it cannot log does not come in force.

        Raises:
            StoreError: ``STO-WRITE`` if that fails; the previous snapshot stays in force.
        """
        manifest = Manifest(
            dataset=dataset,
            number=self._highest(dataset) + 1,
            source_snapshot=draft.source_snapshot,
            policy_digest=draft.policy_digest,
            layout_digest=draft.layout_digest,
            created=draft.created.isoformat(),
            text_engine=draft.text_engine,
            text_profile=draft.text_profile,
            generation=draft.generation,
        )
        kept = 1 if draft.alone or self._may_hold_erased(dataset, draft) else _KEPT
        with plain.open("rb") as source:
            seal(source, self.path(manifest), key=self._key, header=manifest.encode())
        try:
            if announce is not None:
                announce(manifest)
        except BaseException:
            self._remove(manifest)
            raise
        self._switch(manifest)
        for number in range(1, manifest.number - kept + 1):
            self._remove(replace(manifest, number=number))
        return manifest

    def _remove(self, manifest: Manifest) -> None:
        self.path(manifest).unlink(missing_ok=True)
        self.reports.remove(manifest.dataset, manifest.number)

    def _may_hold_erased(self, dataset: str, draft: Draft) -> bool:
        """Say whether a snapshot was made before somebody was erased; one that is broken may."""
        try:
            before = self.current(dataset)
        except StoreError:
            return True
        return before is not None and before.generation < draft.generation

    def _highest(self, dataset: str) -> int:
        numbers = (path.stem for path in (self.folder / dataset).glob("*.sealed"))
        return max((int(number) for number in numbers if number.isdecimal()), default=0)

    def _switch(self, manifest: Manifest) -> None:
        folder = self.folder / manifest.dataset
        try:
            put_file(folder / _POINTER, manifest.encode())
        except OSError as error:
            raise _unwritable(folder) from error


def _unwritable(folder: Path) -> StoreError:
    return StoreError(
        f"{folder} could not be written", remedy="check its free space and permissions"
    )
