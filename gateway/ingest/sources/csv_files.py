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
import time
import weakref
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

import pyarrow as pa
from pyarrow import csv as arrow_csv

from policies.errors import SourceError

__all__ = ["Dialect", "csv_batches", "csv_header", "csv_line"]

_BLOCK_BYTES = 1 << 22
_BROKEN_GZIP = (gzip.BadGzipFile, EOFError, zlib.error)
_LETS_GO_SECONDS = 30
"""Within this a thread that has read the end of a file has surely let go of it."""
_MARK = b'"'
# The longest note is far shorter; Python's own limit of 128 KiB is not.
csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How CSV files are written.

    Attributes:
        encoding: Name of a Python codec.
        delimiter: One character.
        null_tokens: Texts that mean NULL, quoted or not.
    """

    encoding: str
    delimiter: str
    null_tokens: tuple[str, ...]


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
        stream = _Utf8(raw, dialect.encoding)
        try:
            yield from _arrow_batches(stream, header, columns, dialect)
        except (pa.ArrowException, UnicodeError, _NulError):
            _scan(path, dialect, len(header))
            raise SourceError(
                f"the file cannot be read: a row may be longer than {_BLOCK_BYTES >> 20} MiB",
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


class _NulError(Exception):
    """A NUL character was read."""


class _Utf8(io.RawIOBase):
    """Bytes of a text in some encoding, as UTF-8 without a mark of byte order."""

    def __init__(self, raw: IO[bytes], encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._first = True
        self._pending = b""
        self._last = b"\n"
        self.marks = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._pending) < size or size < 0:
            block = self._raw.read(_BLOCK_BYTES)
            text = self._decoder.decode(block, final=not block)
            if self._first and text:
                text, self._first = text.removeprefix("\ufeff"), False
            encoded = text.encode()
            if not block and self._last != b"\n":
                encoded += b"\n"  # Arrow takes a header alone for a file that is cut short.
            self._last = encoded[-1:] or self._last
            if b"\0" in encoded:
                raise _NulError
            self.marks = self.marks or _MARK in encoded
            self._pending += encoded
            if not block:
                break
        end = len(self._pending) if size < 0 else size
        given, self._pending = self._pending[:end], self._pending[end:]
        return given


class _Lent:
    """A text as Arrow's reader holds it; gone once its thread has let go of it."""

    closed = False

    def __init__(self, stream: _Utf8) -> None:
        self.read = stream.read

    def close(self) -> None:
        """Do nothing: the file is closed by whoever opened it."""


def _arrow_batches(
    stream: _Utf8, header: tuple[str, ...], columns: tuple[str, ...], dialect: Dialect
) -> Iterator[pa.RecordBatch]:
    lent = _Lent(stream)
    held = weakref.ref(lent)
    reader = arrow_csv.open_csv(
        pa.PythonFile(lent, mode="r"),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, quote_char='"'
        ),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=list(columns),
            column_types=dict.fromkeys(header, pa.string()),
            null_values=list(dialect.null_tokens),
            strings_can_be_null=True,
        ),
    )
    del lent
    try:
        for batch in reader:  # noqa: UP028  "yield from" would close it before it is read out
            yield batch
    finally:
        # Arrow reads ahead on a thread that, left behind, hangs or aborts the process at its end.
        with suppress(pa.ArrowException, UnicodeError, _NulError):
            deque(reader, maxlen=0)
        del reader
        until = time.monotonic() + _LETS_GO_SECONDS
        while held() is not None and time.monotonic() < until:
            time.sleep(0.001)


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
