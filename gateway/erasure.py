"""Erasing patients: from the snapshots in force, and from all that is ingested later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.clock import SystemClock
from gateway.errors import OperatorError
from gateway.governing.activation import governing_set
from gateway.ingest.request import IngestKeys
from gateway.keyring import KeyRing
from gateway.ledger.erasures import LoggedList
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import OPERATOR, open_ledger, open_ram, open_store
from gateway.settings import Settings
from gateway.storage import Manifest, RamFolder, SnapshotStore, StoreError
from gateway.storage.erasing import copy_without
from gateway.storage.snapshots import Draft
from gateway.storage.tombstones import Tombstones, unit_mark
from policies.active import PolicySet

__all__ = ["Erased", "ErasureRequest", "check_list", "check_lists", "erase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """Who is to be forgotten.

    Attributes:
        dataset: Id of the dataset whose source names them so.
        units: Their keys in that source; never shown, logged or kept.
        others: The same persons' keys in other datasets of the lineage, by dataset, where those
            name patients otherwise.
        because: Why, as the log says it.
        readmit: Whether they are taken off the list in place of put on it.
    """

    dataset: str
    units: tuple[str, ...] = field(repr=False)
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    because: str = "request"
    readmit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was done to one dataset; the numbers are for the steward only.

    Attributes:
        dataset: Id of the dataset.
        snapshot: Name of the snapshot now in force; None where there is none.
        removed: Units that were in the one before.
        listed: Units that may not be stored.
    """

    dataset: str
    snapshot: str | None
    removed: int
    listed: int


def erase(settings: Settings, request: ErasureRequest) -> tuple[Erased, ...]:
    """Take units out of every dataset about the same patients, and see that they stay out.

    For each dataset the list is durable before the snapshot is switched, and what is on it is not
    served from then on; a run that was cut short is finished by another, which needs no keys.

    Raises:
        OperatorError: If there is no such dataset, or the deployment or its log is wrong;
            ``CFG-NUMBERING`` if a dataset of the lineage names patients otherwise and no keys were
            given for it: then nothing is erased anywhere.
        StoreError: ``STO-LIST`` if the list is older than the log says; ``STO-NO-UNITS`` if an
            earlier version made the snapshot: then the units are on the list, nothing is served,
            and an ingest is needed.
    """
    keys, clock = KeyRing.open(settings.keys), SystemClock()
    store, ram = open_store(settings, keys), open_ram(settings)
    ledger = open_ledger(settings, keys, clock)
    try:
        policies = governing_set(settings, ledger)
        ram.sweep()
        work = _Erasure(request, store, ram, ledger, policies)
        named = _named(request, policies, _datasets(request.dataset, policies, store))
        return tuple(_each(work, named, keys.master_secret, clock.now()))
    finally:
        ledger.close()


def check_lists(store: SnapshotStore, ledger: SqliteLedger, datasets: Iterable[str]) -> None:
    """Check that each list of who was erased is the one that the log names, or the next.

    Raises:
        StoreError: ``STO-LIST`` if one is another, unreadable, or not written by this gateway.
    """
    for dataset in datasets:
        check_list(store, ledger, dataset)


def check_list(store: SnapshotStore, ledger: SqliteLedger, dataset: str) -> None:
    """Check one list; cheap, as it is done for each question.

    Raises:
        StoreError: ``STO-LIST``, as for ``check_lists``.
    """
    # Read first: a list that is logged in between is in its file already.
    logged = ledger.last_lists().get(dataset, LoggedList())
    if not logged.is_followed_by(*store.tombstones.named(dataset)):
        raise StoreError(
            f"the list of whose data of dataset {dataset} may not be stored is not the one "
            "that the log names",
            code="STO-LIST",
            remedy="restore the newest folder 'erased' from a backup",
        )


def _each(
    work: _Erasure, named: Mapping[str, tuple[str, ...]], master: bytes, now: datetime
) -> Iterator[Erased]:
    """Give what was done to each dataset; what is wrong with one is told when all are done."""
    wrong: StoreError | None = None
    for dataset, units in named.items():
        key = IngestKeys.of(master, dataset).erasure
        try:
            yield work.run(dataset, {unit_mark(key, unit) for unit in units}, now)
        except StoreError as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong


class _Erasure:
    """One request, carried out dataset by dataset."""

    def __init__(
        self,
        request: ErasureRequest,
        store: SnapshotStore,
        ram: RamFolder,
        ledger: SqliteLedger,
        policies: PolicySet,
    ) -> None:
        self._request = request
        self._store = store
        self._ram = ram
        self._ledger = ledger
        self._policy = policies.digest

    def run(self, dataset: str, marks: set[bytes], now: datetime) -> Erased:
        """Change the list of one dataset by keyed digests, and write its snapshot anew."""
        with self._store.locked(dataset), self._ram.scratch() as folder:
            check_lists(self._store, self._ledger, [dataset])
            before = self._store.tombstones.load(dataset)
            if before.generation > self._ledger.last_lists().get(dataset, LoggedList()).generation:
                self._log(dataset, before, None)  # of a run that was cut short: none is left out
            kept = before.marks - marks if self._request.readmit else before.marks | marks
            tombstones = before.changed(kept)
            manifest = self._store.current(dataset)
            removed = 0
            if manifest is not None:
                removed = self._copied(manifest, folder, tombstones)
            self._store.tombstones.save(dataset, tombstones)
            if manifest is not None:
                manifest = self._store.publish(
                    dataset,
                    folder / "new.duckdb",
                    _draft(manifest, tombstones, now),
                    partial(self._log, dataset, tombstones),
                )
            else:
                self._log(dataset, tombstones, None)
        return Erased(
            dataset=dataset,
            snapshot=None if manifest is None else manifest.snapshot,
            removed=removed,
            listed=len(tombstones.marks),
        )

    def _copied(self, manifest: Manifest, folder: Path, tombstones: Tombstones) -> int:
        """Write the snapshot without whoever is listed; a list that must wait is kept."""
        old, new = folder / "old.duckdb", folder / "new.duckdb"
        self._ram.check_space(2 * self._store.size(manifest))
        with old.open("xb") as plain:
            self._store.unseal(manifest, plain)
        try:
            return copy_without(old, new, tombstones.marks)
        except StoreError as error:
            if error.code == "STO-NO-UNITS":
                self._store.tombstones.save(manifest.dataset, tombstones)
                self._log(manifest.dataset, tombstones, None)
            raise
        finally:
            old.unlink()

    def _log(self, dataset: str, tombstones: Tombstones, manifest: Manifest | None) -> None:
        event = UnitsReadmitted if self._request.readmit else UnitsErased
        self._ledger.record(
            event(
                actor=OPERATOR,
                dataset=dataset,
                policy=self._policy,
                because=self._request.because,
                generation=tombstones.generation,
                tombstones=tombstones.digest,
                snapshot="" if manifest is None else manifest.snapshot,
                sealed="" if manifest is None else self._store.digest(manifest),
            )
        )


def _datasets(name: str, policies: PolicySet, store: SnapshotStore) -> list[str]:
    """Return the datasets that hold the same patients: all of one lineage.

    Raises:
        OperatorError: If none of this name is declared or stored.
    """
    declared = policies.datasets.get(name)
    if declared is not None:
        lineage = declared.spec.source.lineage
        return sorted(
            one.id for one in policies.datasets.values() if one.spec.source.lineage == lineage
        )
    if name in store.datasets():
        return [name]
    raise OperatorError(
        "no dataset of this name is declared or stored",
        code="CFG-DATASET",
        remedy=f"name one of: {', '.join(sorted({*policies.datasets, *store.datasets()}))}",
    )


def _named(
    request: ErasureRequest, policies: PolicySet, datasets: list[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return by which keys each dataset names who is to be forgotten: all of its numbering.

    Raises:
        OperatorError: ``CFG-NUMBERING`` if that of one was not said. Without any keys nothing has
            to be: a run that was cut short is finished.
    """

    def numbering(dataset: str) -> str | None:
        declared = policies.datasets.get(dataset)
        return None if declared is None else declared.spec.privacy_unit.numbering

    # An empty main file names nobody; that somebody is not in it is said with --also alone.
    main = {request.dataset: request.units} if request.units else {}
    said: dict[str | None, tuple[str, ...]] = {}
    for name, units in (*request.others.items(), *main.items()):
        said[numbering(name)] = (*said.get(numbering(name), ()), *units)
    wanting = [name for name in datasets if numbering(name) not in said]
    strange = sorted(set(request.others) - set(datasets))
    if strange or (wanting and any(said.values())):
        name = (strange or wanting)[0]
        raise OperatorError(
            f"dataset {name} is not of the lineage"
            if strange
            else f"dataset {name} holds the same patients and names them otherwise",
            code="CFG-NUMBERING",
            remedy="leave it out"
            if strange
            else f"give their keys there with --also {name}=FILE, "
            "or an empty file where they are not in it",
        )
    return {name: said.get(numbering(name), ()) for name in datasets}


def _draft(manifest: Manifest, tombstones: Tombstones, now: datetime) -> Draft:
    return Draft(
        source_snapshot=manifest.source_snapshot,
        policy_digest=manifest.policy_digest,
        layout_digest=manifest.layout_digest,
        created=now,
        text_engine=manifest.text_engine,
        text_profile=manifest.text_profile,
        generation=tombstones.generation,
        alone=True,
    )
