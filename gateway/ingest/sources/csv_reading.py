"""Arrow's reader of CSV over a text of any encoding, and no thread of it left behind."""

from __future__ import annotations

import codecs
import io
import time
import weakref
import zlib
from collections import deque
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
from pyarrow import csv as arrow_csv

__all__ = ["BLOCK_BYTES", "Dialect", "NulError", "Utf8Text", "arrow_batches"]

BLOCK_BYTES = 1 << 22
"""A row is not longer than that."""
_MARK = b'"'
_UNREAD = (pa.ArrowException, UnicodeError, EOFError, OSError, zlib.error)
_LETS_GO_SECONDS = 30
"""Within this a thread that has read the end of a file has surely let go of it."""


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


class NulError(Exception):
    """A NUL character was read."""


class Utf8Text(io.RawIOBase):
    """Bytes of a text in some encoding, as UTF-8 without a mark of byte order.

    Attributes:
        marks: Whether what was read so far has quotation marks.
        ended: Whether nothing more is wanted: from then on every read is at the end.
    """

    def __init__(self, raw: IO[bytes], encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._first = True
        self._pending = b""
        self._last = b"\n"
        self.marks = False
        self.ended = False

    def readable(self) -> bool:
        """Return true, as Arrow asks."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, and at most ``size``; none at the end.

        Raises:
            UnicodeError: For bytes that are not in the encoding.
            NulError: For a NUL character.
        """
        if self.ended:
            return b""
        while len(self._pending) < size or size < 0:
            block = self._raw.read(BLOCK_BYTES)
            text = self._decoder.decode(block, final=not block)
            if self._first and text:
                text, self._first = text.removeprefix("\ufeff"), False
            encoded = text.encode()
            if not block and self._last != b"\n":
                encoded += b"\n"  # Arrow takes a header alone for a file that is cut short.
            self._last = encoded[-1:] or self._last
            if b"\0" in encoded:
                raise NulError
            self.marks = self.marks or _MARK in encoded
            self._pending += encoded
            if not block:
                break
        end = len(self._pending) if size < 0 else size
        given, self._pending = self._pending[:end], self._pending[end:]
        return given


class _Lent:
    """A text as Arrow's reader holds it; ``held`` tells what its thread has not let go of.

    Dropping a block takes Python's lock as much as dropping the text does.
    """

    closed = False

    def __init__(self, stream: Utf8Text, held: list[weakref.ref[object]]) -> None:
        self._stream = stream
        self._held = held
        held.append(weakref.ref(self))

    def read(self, size: int) -> memoryview:
        """Return the next bytes, and at most ``size``; none at the end."""
        block = memoryview(self._stream.read(size))
        self._held.append(weakref.ref(block))
        return block

    def close(self) -> None:
        """Do nothing: the file is closed by whoever opened it."""


def arrow_batches(
    stream: Utf8Text, header: tuple[str, ...], columns: tuple[str, ...], dialect: Dialect
) -> Generator[pa.RecordBatch, None, None]:
    """Read some columns as text, as far as Arrow understands it; the first line is passed over.

    No thread is left behind, however the iteration ends; one that ends early reads no further.

    Raises:
        pyarrow.ArrowException: If Arrow cannot read it.
        UnicodeError: For bytes that are not in the encoding.
        NulError: For a NUL character.
    """
    held: list[weakref.ref[object]] = []
    reader = arrow_csv.open_csv(
        pa.PythonFile(_Lent(stream, held), mode="r"),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES),
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
    try:
        for batch in reader:  # noqa: UP028  "yield from" would close it before it is read out
            yield batch
    finally:
        # Arrow reads ahead on a thread that, left behind, hangs or aborts the process at its end.
        # It comes to its end at once, and what it still meets is nothing to whoever stopped early.
        stream.ended = True
        with suppress(*_UNREAD, NulError):
            deque(reader, maxlen=0)
        del reader
        until = time.monotonic() + _LETS_GO_SECONDS
        while any(one() is not None for one in held) and time.monotonic() < until:
            time.sleep(0.001)
