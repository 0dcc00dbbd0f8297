"""The snapshots in use: unsealed once into RAM-backed storage, and again when a new one comes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.storage.errors import StoreError
from gateway.storage.layouts import layout_digest
from gateway.storage.ram import RamFolder
from gateway.storage.snapshots import Manifest, SnapshotStore
from policies.datasets import DatasetPolicy
from query.engines.duckdb import DuckDbEngine, EngineLimits

__all__ = ["OpenSnapshot", "Warehouse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSnapshot:
    """One snapshot that can be asked.

    Attributes:
        manifest: What it is; proved.
        engine: Runs statements over it.
    """

    manifest: Manifest
    engine: DuckDbEngine


class Warehouse:
    """Gives each dataset's snapshot in force; one open copy of each in this process.

    Args:
        store: Where the sealed files are.
        ram: Where they are opened.
        limits: What the engine of each snapshot may use.
        check: Is told the dataset before each use of its snapshot, and raises where it may not be.
    """

    def __init__(
        self,
        store: SnapshotStore,
        ram: RamFolder,
        limits: EngineLimits,
        check: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._store = store
        self._ram = ram
        self._limits = limits
        self._check = check
        self._open: dict[str, OpenSnapshot] = {}
        self._layouts: dict[str, tuple[DatasetPolicy, str]] = {}
        self._lock = threading.Lock()

    def snapshot(self, dataset: DatasetPolicy) -> OpenSnapshot:
        """Return the snapshot in force; cheap unless the pointer has moved.

        Nobody waits for others unless one has to be opened. An older one closes once the last
        statement over it has ended.

        Raises:
            StoreError: ``STO-ABSENT`` before the first ingest; ``STO-LAYOUT`` if it was made
                under other declarations, whose bounds would not hold; ``STO-ERASED`` if somebody
                was erased since; ``STO-LIST`` if it was forgotten who; ``STO-SEAL`` if it does not
                open; ``STO-RAM`` if it does not fit.
        """
        manifest = self._in_force(dataset)
        opened = self._open.get(dataset.id)
        if opened is not None and opened.manifest == manifest:
            return opened
        with self._lock:
            manifest = self._in_force(dataset)  # it, or a newer one, may be open by now
            opened = self._open.get(dataset.id)
            if opened is None or opened.manifest != manifest:
                opened = self._opened(dataset, manifest)
                self._open[dataset.id] = opened
            return opened

    def manifest(self, dataset: DatasetPolicy) -> Manifest:
        """Return what is in force without opening it.

        Raises:
            StoreError: ``STO-ABSENT``, ``STO-LAYOUT``, ``STO-ERASED`` or ``STO-LIST``, as for
                ``snapshot``.
        """
        return self._in_force(dataset)

    def close(self) -> None:
        """Close all snapshots and free their memory."""
        with self._lock:
            for opened in self._open.values():
                opened.engine.close()
            self._open.clear()

    def _in_force(self, dataset: DatasetPolicy) -> Manifest:
        manifest = self._store.current(dataset.id)
        if manifest is None:
            raise StoreError(
                f"dataset {dataset.id} has no snapshot",
                code="STO-ABSENT",
                remedy="run gateway ingest",
            )
        if manifest.layout_digest != self._layout(dataset):
            raise StoreError(
                f"snapshot {manifest.number} of dataset {dataset.id} was made under other "
                "declarations of its tables",
                code="STO-LAYOUT",
                remedy="run gateway ingest again",
            )
        self._check(dataset.id)
        if manifest.generation < self._store.tombstones.generation(dataset.id):
            raise StoreError(
                f"snapshot {manifest.number} of dataset {dataset.id} was made before somebody was "
                "erased",
                code="STO-ERASED",
                remedy="run gateway erase once more, which needs no keys, or gateway ingest",
            )
        return manifest

    def _opened(self, dataset: DatasetPolicy, manifest: Manifest) -> OpenSnapshot:
        try:
            return OpenSnapshot(manifest=manifest, engine=self._engine(manifest))
        except StoreError as error:
            newer = self._in_force(dataset)
            if error.code != "STO-ABSENT" or newer == manifest:
                raise
        # Between the look at the pointer and the opening, another took its place.
        return OpenSnapshot(manifest=newer, engine=self._engine(newer))

    def _layout(self, dataset: DatasetPolicy) -> str:
        """Return the digest of a declaration's layout; computed once for one declaration."""
        known = self._layouts.get(dataset.id)
        if known is None or known[0] is not dataset:
            known = self._layouts[dataset.id] = (dataset, layout_digest(dataset))
        return known[1]

    def _engine(self, manifest: Manifest) -> DuckDbEngine:
        self._ram.check_space(self._store.size(manifest))
        with self._ram.scratch() as folder:
            file = folder / "snapshot.duckdb"
            self._unseal(manifest, file)
            # The engine holds the file open; its name goes with the scratch folder, now.
            return DuckDbEngine(file, self._limits)

    def _unseal(self, manifest: Manifest, file: Path) -> None:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as plain:
            try:
                self._store.unseal(manifest, plain)
                plain.flush()
            except OSError as error:
                raise StoreError(
                    f"{file.parent} could not be written",
                    code="STO-RAM",
                    remedy="give the RAM folder more space",
                ) from error
