"""Identified files as the command line takes them: strictly, and told of without a value."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pyarrow as pa

from anonymizers.presidio import MAX_CHARS
from anonymizers.tables.plan import TablePlan
from gateway.ingest.sources.csv_files import Dialect, csv_batches, csv_header
from gateway.ingest.sources.parquet_files import parquet_batches, parquet_header
from policies.documents import parse_document
from policies.errors import SourceError
from policies.validation import validate

__all__ = ["MAX_CHARACTERS", "read_plan", "read_records", "read_table", "read_text"]

MAX_CHARACTERS: Final = MAX_CHARS
_CONTROL_SHARE: Final = 0.05
"""Text of which more are control characters is no text."""
_DIALECT: Final = Dialect(encoding="utf-8-sig", delimiter=",", null_tokens=("",))


def read_text(file: str) -> str:
    """Read one note; ``-`` is standard input.

    Raises:
        SourceError: ``SRC-ENCODING`` if it is not UTF-8, ``SRC-NUL`` or ``SRC-BINARY`` if it is no
            text, ``SRC-TOO-LONG`` beyond 10 million characters.
    """
    with click.open_file(file, "rb") as stream:
        content: bytes = stream.read()
    return _checked(_decoded(content, file), file)


def read_records(file: Path) -> Iterator[tuple[str | int, str]]:
    """Give the id and the text of each line ``{"id", "text"}``; other keys are passed over.

    An id is a text or a whole number.

    Raises:
        SourceError: ``SRC-GOLD`` if a line is not of the form; else as for ``read_text``. All
            with the line, and none with the text.
    """
    for number, line in enumerate(_decoded(file.read_bytes(), file.name).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            name, text = record["id"], record["text"]
        except (ValueError, KeyError, TypeError):
            name = text = None
        named = isinstance(name, str | int) and not isinstance(name, bool)
        if not (named and isinstance(text, str)):
            raise SourceError(
                "the line is not of the form {id, text}",
                code="SRC-GOLD",
                remedy='write one JSON object a line with "id" and the text "text"',
                file=file.name,
                line=number,
            )
        yield name, _checked(text, file.name, number)


def read_table(file: Path) -> pa.Table:
    """Read a CSV file as text (so that ZIP codes keep their zeros), or a Parquet file.

    Raises:
        SourceError: If the file is not strictly what its ending says, with the line.
    """
    if file.suffix == ".parquet":
        columns = parquet_header(file)
        batches = list(parquet_batches(file, columns))
    else:
        columns = csv_header(file, _DIALECT)
        batches = list(csv_batches(file, columns, _DIALECT))
    if not batches:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    return pa.Table.from_batches(batches)


def read_plan(file: Path) -> tuple[TablePlan, str]:
    """Read a plan in strict YAML, and the SHA-256 of its file.

    Raises:
        DeclarationError: If anything is wrong, with the line.
    """
    raw = file.read_bytes()
    document = parse_document(raw, file.name)
    plan = validate(TablePlan, document, document.tree)
    return plan, hashlib.sha256(raw).hexdigest()


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(
            "the text is not UTF-8", code="SRC-ENCODING", remedy="convert it", file=file
        ) from None


def _checked(text: str, file: str, line: int | None = None) -> str:
    if len(text) > MAX_CHARACTERS:
        raise SourceError(
            f"the text has more than {MAX_CHARACTERS} characters",
            code="SRC-TOO-LONG",
            remedy="split it",
            file=file,
            line=line,
        )
    if "\0" in text:
        raise SourceError(
            "the text holds a NUL character",
            code="SRC-NUL",
            remedy="remove it, or correct the source's encoding",
            file=file,
            line=line,
        )
    control = sum(unicodedata.category(one) in {"Cc", "Cs", "Cn"} for one in text)
    blank = sum(text.count(one) for one in "\t\n\r\f")
    if control - blank > _CONTROL_SHARE * len(text) + 1:
        raise SourceError(
            "the text is mostly control characters",
            code="SRC-BINARY",
            remedy="give a text file; take the text out of PDF and office files first",
            file=file,
            line=line,
        )
    return text
