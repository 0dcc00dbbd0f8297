"""CSV files as RFC 4180 has them, read strictly: nothing is guessed and no row is skipped.

Arrow reads the text fast but forgives what we do not: a quotation mark that never closes, text
after one that does, NUL bytes. So every file with quotation marks is also scanned by Python's
strict parser, and every failure is explained by it, with the line and never with what stands there.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import pyarrow as pa

from gateway.ingest.sources.csv_reading import (
    BLOCK_BYTES,
    Dialect,
    NulError,
    Utf8Text,
    arrow_batches,
)
from policies.errors import SourceError

__all__ = ["Dialect", "csv_batches", "csv_header", "csv_line"]

_BROKEN_GZIP = (gzip.BadGzipFile, EOFError, zlib.error)
# The longest note is far shorter; Python's own limit of 128 KiB is not.
csv.field_size_limit(1 << 30)


def csv_header(path: Path, dialect: Dialect) -> tuple[str, ...]:
    """Return the names in the first line.

    Raises:
        SourceError: ``SRC-EMPTY`` for an empty file; ``SRC-ENCODING``, ``SRC-CSV``, ``SRC-GZIP``
            if the line cannot be read.
    """
    with _explained(path, dialect), _text(path, dialect) as text:
        try:
            names = next(_Records(text, path, dialect), None)
        except csv.Error:
            raise _malformed(path, 1) from None
    if names is None:
        raise SourceError(
            "the file is empty",
            code="SRC-EMPTY",
            remedy="write at least a line of column names",
            file=path.name,
        )
    return tuple(names)


def csv_batches(path: Path, columns: tuple[str, ...], dialect: Dialect) -> Iterator[pa.RecordBatch]:
    """Read some columns as text, a batch of rows at a time.

    The last batch is followed by the strict scan, so a caller must not act on the rows before
    the iteration has ended.

    Raises:
        SourceError: ``SRC-ENCODING`` for bytes that are not in the encoding; ``SRC-NUL`` for NUL
            characters; ``SRC-RAGGED`` for a row with too few or too many fields; ``SRC-CSV``
            for broken quotation; ``SRC-GZIP`` for a damaged archive. All with the line.
    """
    header = csv_header(path, dialect)
    with _explained(path, dialect), _bytes(path) as raw:
        stream = Utf8Text(raw, dialect.encoding)
        try:
            yield from arrow_batches(stream, header, columns, dialect)
        except (pa.ArrowException, UnicodeError, NulError):
            _scan(path, dialect, len(header))
            raise SourceError(
                f"the file cannot be read: a row may be longer than {BLOCK_BYTES >> 20} MiB",
                code="SRC-CSV",
                remedy="look for a quotation mark that closes too late",
                file=path.name,
            ) from None
    if stream.marks:
        _scan(path, dialect, len(header))


def csv_line(path: Path, row: int, dialect: Dialect) -> int:
    """Return the line on which a row starts; rows count from 1 after the header."""
    with _text(path, dialect) as text:
        records = _Records(text, path, dialect)
        full = 0
        start = 1
        for record in records:
            # Row 0 is the header; empty lines are no rows.
            if record and full == row:
                return start
            full += bool(record)
            start = records.line_num + 1
    return start


def _scan(path: Path, dialect: Dialect, width: int) -> None:
    """Parse the whole text strictly, and raise what is wrong with the line where it starts."""
    start = 1
    with _text(path, dialect) as text:
        records = _Records(text, path, dialect)
        try:
            for record in records:
                if record and len(record) != width:
                    raise SourceError(
                        f"a row has {len(record)} fields and the header has {width}",
                        code="SRC-RAGGED",
                        remedy="correct the row; a field with the delimiter in it needs quotation "
                        "marks",
                        file=path.name,
                        line=start,
                    )
                start = records.line_num + 1
        except csv.Error:
            raise _malformed(path, start) from None


class _Records(Iterator[list[str]]):
    """Strict CSV records over checked lines; knows the number of the last line read."""

    def __init__(self, text: io.TextIOWrapper, path: Path, dialect: Dialect) -> None:
        self._reader = csv.reader(
            self._lines(text, path, dialect), delimiter=dialect.delimiter, strict=True
        )

    @property
    def line_num(self) -> int:
        return self._reader.line_num

    def __next__(self) -> list[str]:
        return next(self._reader)

    @staticmethod
    def _lines(text: io.TextIOWrapper, path: Path, dialect: Dialect) -> Iterator[str]:
        number = 0
        try:
            for number, line in enumerate(text, start=1):
                checked = line.removeprefix("\ufeff") if number == 1 else line
                if any("\udc80" <= character <= "\udcff" for character in _rare(checked)):
                    raise _undecodable(path, dialect, number)
                if "\0" in checked:
                    raise SourceError(
                        "the line holds a NUL character",
                        code="SRC-NUL",
                        remedy="remove it, or correct the source's encoding",
                        file=path.name,
                        line=number,
                    )
                yield checked
        except UnicodeError:
            raise _undecodable(path, dialect, number + 1) from None


def _rare(line: str) -> str:
    return "" if line.isascii() else line


@contextmanager
def _explained(path: Path, dialect: Dialect) -> Iterator[None]:
    try:
        yield
    except _BROKEN_GZIP:
        raise SourceError(
            "the archive is damaged or cut short",
            code="SRC-GZIP",
            remedy="pack the file again",
            file=path.name,
        ) from None
    except LookupError:
        raise SourceError(
            f"there is no encoding {dialect.encoding}",
            code="SRC-ENCODING",
            remedy="declare one that Python knows, such as utf-8 or latin-1",
            file=path.name,
        ) from None


def _malformed(path: Path, line: int) -> SourceError:
    return SourceError(
        "the quotation marks of a field do not match",
        code="SRC-CSV",
        remedy="double the marks inside a quoted field, and close every field",
        file=path.name,
        line=line,
    )


def _undecodable(path: Path, dialect: Dialect, line: int) -> SourceError:
    return SourceError(
        f"the line holds bytes that are not {dialect.encoding}",
        code="SRC-ENCODING",
        remedy="declare the encoding of the file, or write it again",
        file=path.name,
        line=line,
    )


def _bytes(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _text(path: Path, dialect: Dialect) -> io.TextIOWrapper:
    codecs.lookup(dialect.encoding)  # before a file is open that nobody would close
    # Wrong bytes become lone surrogates, so that the line that holds them can be named.
    return io.TextIOWrapper(
        cast("BinaryIO", _bytes(path)),
        encoding=dialect.encoding,
        errors="surrogateescape",
        newline="",
    )
