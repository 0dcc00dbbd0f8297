"""Notes through the text pipeline, each with what the tables know of its patient."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.known import Directory, KnownIdentifiers
from gateway.ingest.identifiers import gather_known
from gateway.ingest.minimize import Minimal
from gateway.ingest.progress import Progress
from gateway.ingest.report import NotesReport
from gateway.ingest.request import IngestKeys, IngestRequest, max_shift_days
from gateway.ingest.staging import UNIT
from policies.datasets import Ownership
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


def deidentify_notes(
    request: IngestRequest, tables: Sequence[Minimal], keys: IngestKeys, progress: Progress
) -> Texts:
    """Replace what identifies in every note that is stored.

    Args:
        request: The ingest.
        tables: What is stored, with notes still as written.
        keys: Its secrets.
        progress: Is told of each note.
    """
    started = time.monotonic()
    columns = [
        (place, name, column.effective_transform)
        for place, table in enumerate(tables)
        for name, column in table.staged.source.table.stored_columns.items()
        if isinstance(column.effective_transform, DeidentifyText)
    ]
    done = list(tables)
    if not columns:
        return Texts(tables=tuple(done))
    work = _Notes(request, tables, keys)
    for place, name, transform in columns:
        source = done[place].staged.source.name
        with progress.step(f"de-identifying {source}", len(done[place].rows)) as advance:
            texts = work.deidentify(done[place].rows, name, transform, advance)
        index = done[place].rows.column_names.index(name)
        done[place] = replace(done[place], rows=done[place].rows.set_column(index, name, texts))
    return Texts(tables=tuple(done), report=work.report(time.monotonic() - started))
