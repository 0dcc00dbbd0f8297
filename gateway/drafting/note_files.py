"""Whether a table names the text files beside it, one in each row."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.ingest.sources.formats import TableFile
from policies.text_files import TextFiles

__all__ = ["with_note_files"]

_ENDING: Final = ".txt"
_BATCHES: Final = 4
"""So many first batches say whether a column names files."""


def with_note_files(data: TableFile) -> TableFile:
    """Return where a table lies, with the text files that one of its columns names, if one does.

    Raises:
        SourceError: If the table cannot be read.
    """
    if data.source.format not in {"csv", "parquet"}:
        return data
    header, base = data.header(), data.path.parent
    folders = [base, *sorted(path for path in base.iterdir() if path.is_dir())]
    for folder in folders:
        files = {path.name for path in folder.glob(f"*{_ENDING}")}
        named = _naming(data, header, files) if files else None
        if named is not None:
            column = "text" if "text" not in header else "note_text"
            where = str(Path(folder).relative_to(base))
            return replace(data, texts=TextFiles(named_by=named, folder=where, column=column))
    return data


def _naming(data: TableFile, header: tuple[str, ...], files: set[str]) -> str | None:
    """Return the column of which every value is the name of a file."""
    left = set(header)
    for batch in islice(data.batches(header), _BATCHES):
        for name in tuple(left):
            values = {one for one in batch.column(name).to_pylist() if one is not None}
            if not values or not values <= files:
                left.discard(name)
    return min(left, default=None)
