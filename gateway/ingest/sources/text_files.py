"""Text files that a table names, as one more column of it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
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
    owned_by: str | None = None,
) -> Iterator[pa.RecordBatch]:
    """Give batches with the texts that their rows name, and no columns but those asked for.

    Args:
        batches: Have the column of names.
        columns: What is asked for.
        texts: Where the texts lie.
        place: The table's file, and the encoding of the texts.
        owned_by: Column that says whose a row is; the batches have it. None where none does.

    Raises:
        SourceError: ``SRC-TEXT`` for a text that is not there, lies elsewhere, is not in the
            encoding, or is named by rows of two patients; with the number of the row, and never
            with the name, which may be a person's.
    """
    path, encoding = place
    row, owners = 0, dict[bytes, object]()
    for batch in batches:
        found: list[str | None] = []
        names = batch.column(texts.named_by).to_pylist()
        whose = [None] * len(names) if owned_by is None else batch.column(owned_by).to_pylist()
        for name, owner in zip(names, whose, strict=True):
            row += 1
            if name is None:
                found.append(None)
                continue
            file = _file(path, texts, str(name), row)
            if owners.setdefault(_digest(file), owner) != owner:
                raise _wrong(path, row, "names a text that a row of another patient names too")
            found.append(_text(path, file, encoding, row))
        columns_of = {one: batch.column(one) for one in batch.schema.names}
        columns_of[texts.column] = pa.array(found, pa.string())
        yield pa.RecordBatch.from_pydict({one: columns_of[one] for one in columns})


def _file(path: Path, texts: TextFiles, name: str, row: int) -> Path:
    folder = (path.parent / texts.folder).resolve()
    try:
        file = (folder / name).resolve()
        found = file.is_relative_to(folder) and file.is_file()
    except (OSError, ValueError):  # a name that is too long, or none of a file at all
        found = False
    if not found:
        raise _wrong(path, row, "names a text that is not in the folder of texts")
    return file


def _digest(file: Path) -> bytes:
    """Return what stands for a file; names of millions would take more memory."""
    return blake2b(bytes(file), digest_size=16).digest()


def _text(path: Path, file: Path, encoding: str, row: int) -> str:
    try:
        text = file.read_bytes().decode(encoding)
    except UnicodeError:
        raise _wrong(path, row, f"names a text that is not {encoding}") from None
    except OSError:  # its message has the name
        raise _wrong(path, row, "names a text that cannot be read") from None
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
