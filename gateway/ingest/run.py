"""The whole of ingest: identified tables and notes in, one sealed snapshot out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pyarrow as pa

from gateway.ingest.absence import Absent, absent_units
from gateway.ingest.keys import check_keys, check_number, check_one_row_each
from gateway.ingest.minimize import Minimal, minimize
from gateway.ingest.notes import Texts, deidentify_notes
from gateway.ingest.people import people_of
from gateway.ingest.progress import Progress, SilentProgress
from gateway.ingest.report import IngestReport, TableReport
from gateway.ingest.request import IngestKeys, IngestRequest
from gateway.ingest.sources import SourceTable, locate_tables
from gateway.ingest.staging import UNIT, Staged, TableKeys, stage
from gateway.ingest.units import Units
from gateway.storage import layout_digest
from gateway.storage.building import SnapshotBuilder
from gateway.storage.snapshots import Draft, Manifest
from gateway.storage.tombstones import Tombstones, unit_mark
from policies.datasets import DatasetPolicy, Ownership

__all__ = ["ingest"]


def ingest(request: IngestRequest, progress: Progress | None = None) -> IngestReport:
    """Read, de-identify, check, minimize, write, seal, switch; or raise and change nothing.

    Identified values are only in this process's memory, and in that of the text workers. What is
    written to the RAM-backed folder is de-identified; what is written to the store is sealed. The
    previous snapshot stays in force until the last step.

    Raises:
        SourceError: If a file, a column or a row is not as declared; with file and line.
        DeclarationError: If the declaration cannot be carried out.
        StoreError: If the snapshot cannot be written.
    """
    progress = SilentProgress() if progress is None else progress
    started = time.monotonic()
    request.ram.sweep()
    with request.store.locked(request.dataset.id), request.ram.scratch() as folder:
        keys = IngestKeys.of(request.master, request.dataset.id)
        sources = locate_tables(request.dataset, request.folder)
        people = people_of(request.dataset, request.folder)
        tombstones = request.store.tombstones.load(request.dataset.id)
        absent = absent_units(request.dataset, sources, request.folder, keys.erasure, tombstones)
        staged = _read(sources, keys, absent, progress)
        units = _list_units(request.dataset, staged, keys)
        minimal = _check_and_minimize(request.dataset, staged, units, keys)
        texts = deidentify_notes(request, minimal, keys, people, progress)
        file = _write(folder, texts, units, keys)
        draft = _draft(request, texts, tombstones)
        report = partial(_report, units=units, texts=texts, started=started)
        manifest = request.store.publish(
            request.dataset.id, file, draft, partial(_announce, request, tombstones, report)
        )
    return report(manifest)


def _read(
    sources: Mapping[str, SourceTable],
    keys: IngestKeys,
    absent: Absent,
    progress: Progress,
) -> dict[str, Staged]:
    secrets = TableKeys(pseudonym=keys.pseudonyms, shift=keys.shift)
    targets = {
        target for source in sources.values() for target in source.table.foreign_keys.values()
    }
    return {
        name: stage(
            source,
            secrets,
            frozenset(column for column in source.table.columns if f"{name}.{column}" in targets),
            absent,
            progress,
        )
        for name, source in sources.items()
    }


def _list_units(dataset: DatasetPolicy, staged: dict[str, Staged], keys: IngestKeys) -> Units:
    name = dataset.spec.privacy_unit.table
    listing = staged[name]
    rows = check_one_row_each(listing, dataset)
    staged[name] = listing.with_rows(rows)
    units = Units.of(rows[UNIT].combine_chunks(), listing.source_units, key=keys.units)
    check_number(units, dataset)
    return units


def _check_and_minimize(
    dataset: DatasetPolicy, staged: dict[str, Staged], units: Units, keys: IngestKeys
) -> list[Minimal]:
    owners = {
        f"{name}.{column}": owner
        for name, table in staged.items()
        for column, owner in table.owners.items()
    }
    minimal = []
    for name in dataset.tables:
        # Taken out, so that at most two copies of one table are in memory at a time.
        table = staged.pop(name)
        minimal.append(minimize(table, check_keys(table, units, owners), units, key=keys.rows))
    return minimal


def _write(folder: Path, texts: Texts, units: Units, keys: IngestKeys) -> Path:
    file = folder / "snapshot.duckdb"
    facts = {"units": len(units)}
    marks = [unit_mark(keys.erasure, name) for name in units.texts.to_pylist()]
    with SnapshotBuilder(file) as builder:
        builder.add_units(pa.array(marks, pa.binary()))
        for minimal in texts.tables:
            source = minimal.staged.source
            if source.table.ownership is not Ownership.DIRECTORY:
                builder.add(source.name, source.table, minimal.rows)
                facts[f"rows {source.name}"] = len(minimal.rows)
        builder.finish(facts)
    return file


def _draft(request: IngestRequest, texts: Texts, tombstones: Tombstones) -> Draft:
    return Draft(
        source_snapshot=request.dataset.spec.source.snapshot,
        policy_digest=request.policy_digest,
        layout_digest=layout_digest(request.dataset),
        created=request.now,
        text_engine=texts.report.engine,
        text_profile=texts.report.profile,
        generation=tombstones.generation,
        alone=request.dataset.spec.privacy_unit.opt_out is not None,
    )


def _announce(
    request: IngestRequest,
    tombstones: Tombstones,
    report: Callable[[Manifest], IngestReport],
    manifest: Manifest,
) -> None:
    """Keep the report, so that no snapshot comes in force without one; then log the snapshot."""
    request.store.reports.keep(
        manifest.dataset,
        manifest.number,
        header=manifest.encode(),
        report=report(manifest).to_bytes(),
    )
    request.announce(manifest, tombstones)


def _report(manifest: Manifest, units: Units, texts: Texts, started: float) -> IngestReport:
    return IngestReport(
        dataset=manifest.dataset,
        snapshot=manifest.snapshot,
        units=len(units),
        tables=tuple(_table_report(minimal) for minimal in texts.tables),
        notes=texts.report,
        seconds=time.monotonic() - started,
    )


def _table_report(minimal: Minimal) -> TableReport:
    staged = minimal.staged
    table = staged.source.table
    directory = table.ownership is Ownership.DIRECTORY
    stored = {column.derived_from or name for name, column in table.stored_columns.items()}
    sources = {column.derived_from or name for name, column in table.columns.items()}
    return TableReport(
        table=staged.source.name,
        read=staged.read,
        stored=0 if directory else len(minimal.rows),
        rejected=dict(staged.sieve.rejected),
        left_out=minimal.left_out,
        clamped={name: count for name, count in staged.clamped.items() if count},
        nulled={name: count for name, count in staged.nulled.items() if count},
        dropped=() if directory else tuple(sorted(sources - stored)),
        seconds=staged.seconds,
    )
