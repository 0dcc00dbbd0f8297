"""The log as JSON lines, exactly as it is hashed, and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Final

from gateway.answers.tabular import without_formula
from gateway.audit.entries import Stamp
from gateway.audit.events import EVENTS
from gateway.exports.reading import LoggedEntry

__all__ = ["csv_lines", "ndjson_lines", "release_lines"]

_STAMP: Final = tuple(field.name for field in fields(Stamp) if field.name != "salt")
_COLUMNS: Final = (
    *_STAMP,
    "kind",
    *dict.fromkeys(field.name for event in EVENTS for field in fields(event)),
)
_OF_RELEASES: Final = (
    "project", "recipient", "requester", "release", "state", "overdue", "dataset", "table", "k",
    "l", "t", "text", "requested", "exported", "until", "approved_by", "destroyed_by_entry",
)  # fmt: skip


def ndjson_lines(entries: Iterable[LoggedEntry]) -> Iterator[bytes]:
    """Yield each entry's bytes and a line feed; the bytes alone are what the tree hashes."""
    for one in entries:
        yield one.leaf + b"\n"


def csv_lines(entries: Iterable[LoggedEntry]) -> Iterator[bytes]:
    """Yield a header and a line for each entry (RFC 4180, UTF-8), a column for each field.

    A text that a spreadsheet would run as a formula has an apostrophe before it. Salts are
    left out: who is shown some columns should not be able to try out the others.
    """
    yield _line(_COLUMNS)
    for one in entries:
        said = {**asdict(one.entry.stamp), "kind": one.entry.event.kind, **asdict(one.entry.event)}
        yield _line([without_formula(said.get(name, "")) for name in _COLUMNS])


def release_lines(documents: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """Yield a header and a line for each release of records; lists are words between spaces."""
    yield _line(_OF_RELEASES)
    for one in documents:
        yield _line([without_formula(_cell(one[name])) for name in _OF_RELEASES])


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _line(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
