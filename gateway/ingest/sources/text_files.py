"""Text files that a table names, as one more column of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from policies.errors import SourceError
from policies.text_files import TextFiles

__all__ = ["with_texts"]


def with_texts(
    batches: Iterator[pa.RecordBatch],
    columns: tuple[str, ...],
    texts: TextFiles,
    place: tuple[Path, str],
) -> Iterator[pa.RecordBatch]:
    """Give batches with the texts that their rows name, and no columns but those asked for.

    Args:
        batches: Have the column of names.
        columns: What is asked for.
        texts: Where the texts lie.
        place: The table's file, and the encoding of the texts.

    Raises:
        SourceError: ``SRC-TEXT`` for a text that is not there, lies elsewhere, or is not in the
            encoding; with the number of the row, and never with the name, which may be a person's.
    """
    path, encoding = place
    row = 0
    for batch in batches:
        found: list[str | None] = []
        for name in batch.column(texts.named_by).to_pylist():
            row += 1
            found.append(None if name is None else _text(path, texts, str(name), encoding, row))
        columns_of = {one: batch.column(one) for one in batch.schema.names}
        columns_of[texts.column] = pa.array(found, pa.string())
        yield pa.RecordBatch.from_pydict({one: columns_of[one] for one in columns})


def _text(path: Path, texts: TextFiles, name: str, encoding: str, row: int) -> str:
    folder = (path.parent / texts.folder).resolve()
    file = (folder / name).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise _wrong(path, row, "names a text that is not in the folder of texts")
    try:
        text = file.read_bytes().decode(encoding)
    except UnicodeError:
        raise _wrong(path, row, f"names a text that is not {encoding}") from None
    if "\0" in text:
        raise _wrong(path, row, "names a text with NUL characters")
    return text.removeprefix("\ufeff")


def _wrong(path: Path, row: int, problem: str) -> SourceError:
    return SourceError(
        f"row {row} {problem}",
        code="SRC-TEXT",
        remedy="put the text there, correct the row, or correct texts in the declaration",
        file=path.name,
    )
