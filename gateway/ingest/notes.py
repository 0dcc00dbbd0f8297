"""Notes through the text pipeline, each with what the tables know of its patient."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.fhir import People
from anonymizers.keys import DateShift
from anonymizers.known import Directory, KnownIdentifiers
from anonymizers.pool import deidentify_notes as deidentified
from anonymizers.presidio import engine_text
from anonymizers.text import Note, TextDeidentifier, stricter
from gateway.ingest.identifiers import gather_known
from gateway.ingest.minimize import Minimal
from gateway.ingest.progress import Progress
from gateway.ingest.report import NotesReport
from gateway.ingest.request import IngestKeys, IngestRequest
from gateway.ingest.staging import UNIT
from policies.datasets import Ownership
from policies.shifts import shift_of
from policies.transforms import DeidentifyText

__all__ = ["Texts", "deidentify_notes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All tables as they are stored.

    Attributes:
        tables: With every note de-identified, or NULL where that failed.
        report: What became of the notes.
    """

    tables: tuple[Minimal, ...]
    report: NotesReport = field(default_factory=NotesReport)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One column of notes."""

    table: int
    name: str
    transform: DeidentifyText


def deidentify_notes(
    request: IngestRequest,
    tables: Sequence[Minimal],
    keys: IngestKeys,
    people: People,
    progress: Progress,
) -> Texts:
    """Replace what identifies in every note that is stored.

    Args:
        request: The ingest.
        tables: What is stored, with notes still as written.
        keys: Its secrets.
        people: Whom the source names beside what its tables say.
        progress: Is told of each note.
    """
    columns = [
        _Column(table=place, name=name, transform=column.effective_transform)
        for place, table in enumerate(tables)
        for name, column in table.staged.source.table.stored_columns.items()
        if isinstance(column.effective_transform, DeidentifyText)
    ]
    if not columns:
        return Texts(tables=tuple(tables))
    return _Notes(request, tables, keys, people).deidentified(columns, progress)


class _Notes:
    """The text pipeline over the notes of one ingest, with its counts."""

    def __init__(
        self,
        request: IngestRequest,
        tables: Sequence[Minimal],
        keys: IngestKeys,
        people: People,
    ) -> None:
        self._started = time.monotonic()
        self._workers = request.workers
        self._keys = keys
        self._engine = request.engine
        self._least_profile = request.least_profile
        self._shift = DateShift.of(keys.shift, shift_of(request.dataset))
        self._tables = list(tables)
        found = [(table.staged.source.table, table.staged.identifiers) for table in tables]
        listed = [
            entry
            for table, identifiers in found
            if table.ownership is Ownership.DIRECTORY
            for entry in identifiers.entries()
        ]
        self._directory = Directory.of([*listed, *people.listed()])
        self._people = people
        self._identifiers = [
            identifiers for table, identifiers in found if table.ownership is Ownership.PRIVATE
        ]
        self._processed = 0
        self._failures: Counter[str] = Counter()
        self._spans: Counter[str] = Counter()
        self._profiles: dict[str, str] = {}

    def deidentified(self, columns: Sequence[_Column], progress: Progress) -> Texts:
        """Return all tables with these columns replaced."""
        for column in columns:
            minimal = self._tables[column.table]
            title = f"de-identifying {minimal.staged.source.name}"
            service = self._service(column.transform)
            self._profiles[f"{minimal.staged.source.name}.{column.name}"] = service.profile
            with progress.step(title, len(minimal.rows)) as advance:
                texts = self._replaced(minimal.rows, column, service, advance)
            index = minimal.rows.column_names.index(column.name)
            rows = minimal.rows.set_column(index, column.name, texts)
            self._tables[column.table] = replace(minimal, rows=rows)
        report = NotesReport(
            processed=self._processed,
            failures=dict(sorted(self._failures.items())),
            spans=dict(sorted(self._spans.items())),
            engine=engine_text(self._engine),
            profiles=self._profiles,
            seconds=time.monotonic() - self._started,
        )
        return Texts(tables=tuple(self._tables), report=report)

    def _service(self, transform: DeidentifyText) -> TextDeidentifier:
        return TextDeidentifier(
            key=self._keys.text,
            directory=self._directory,
            shift=self._shift,
            profile=stricter(transform.profile, self._least_profile),
            operator=transform.operator,
            operators=transform.operators,
            reversible=self._keys.reversible if transform.reversible else None,
            engine=self._engine,
        )

    def _replaced(
        self,
        rows: pa.Table,
        column: _Column,
        service: TextDeidentifier,
        advance: Callable[[int], None],
    ) -> pa.Array:
        texts: list[str | None] = [None] * len(rows)
        advance(rows[column.name].null_count)
        for outcome in deidentified(service, self._notes(rows, column.name), workers=self._workers):
            advance(1)
            self._processed += 1
            if outcome.note is None:
                self._failures[outcome.failure] += 1
                continue
            texts[int(outcome.id)] = outcome.note.text
            self._spans.update({label.value: count for label, count in outcome.counts.items()})
        return pa.array(texts, pa.large_string())

    def _notes(self, rows: pa.Table, column: str) -> Iterator[Note]:
        """Give the notes that are there, those of one unit one after another."""
        units = rows[UNIT].combine_chunks()
        known = self._known(pc.unique(units))
        for place, (unit, text) in enumerate(
            zip(units.to_pylist(), rows[column].to_pylist(), strict=True)
        ):
            if text is not None:
                yield Note(id=str(place), unit=unit, text=text, known=known[unit])

    def _known(self, units: pa.Array) -> Mapping[str, KnownIdentifiers]:
        found = gather_known(self._identifiers, units)
        return {
            unit: KnownIdentifiers.of([*found[unit], *self._people.said(unit)])
            for unit in units.to_pylist()
        }
