"""How an unknown CSV file is written: its encoding and its delimiter."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

from gateway.ingest.sources.csv_files import Dialect, csv_batches, csv_header
from policies.errors import SourceError

__all__ = ["NULL_TOKENS", "guess_dialect"]

NULL_TOKENS: Final = ("?", "NULL", "\\N", "NA", "N/A", "NaN", "nan")
"""What programs write for an absent value, beside nothing."""
_DELIMITERS: Final = (",", ";", "\t", "|")
_ENCODINGS: Final = ("utf-8", "latin-1")


def guess_dialect(path: Path) -> Dialect:
    """Return the dialect in which a whole file can be read: UTF-8 if it can be that.

    Raises:
        SourceError: If it cannot be read as CSV at all; with the line.
    """
    for encoding in _ENCODINGS[:-1]:
        try:
            return _readable(path, encoding)
        except SourceError as error:
            if error.code != "SRC-ENCODING":
                raise
    return _readable(path, _ENCODINGS[-1])


def _readable(path: Path, encoding: str) -> Dialect:
    """Return the dialect whose delimiter cuts the first line into most names."""
    headers: dict[Dialect, tuple[str, ...]] = {}
    broken: SourceError | None = None
    for delimiter in _DELIMITERS:
        dialect = Dialect(encoding=encoding, delimiter=delimiter, null_tokens=("",))
        try:
            headers[dialect] = csv_header(path, dialect)
        except SourceError as error:  # with another delimiter its quotation marks do not match
            if error.code != "SRC-CSV":
                raise
            broken = broken or error
    if not headers and broken is not None:
        raise broken
    best = max(headers, key=lambda dialect: len(headers[dialect]))
    deque(csv_batches(path, headers[best][:1], best), maxlen=0)  # each line, for its encoding
    return best
