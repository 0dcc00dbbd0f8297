"""One entry of the log, and its canonical form.

An entry is one JSON document in the canonical form of RFC 8785: the fields of ``Stamp``, ``kind``,
and the fields of the event. Its hash is in the proofs of its neighbors, which others hold; so that
nobody can try out what it says, an entry has a salt from version 2 of its form on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from gateway.audit.encoding import canonical_json
from gateway.audit.errors import LogError
from gateway.audit.events import EVENTS, Event
from gateway.audit.fields import FIELDS

__all__ = [
    "MAX_ENTRY_BYTES",
    "SALTED",
    "Entry",
    "Stamp",
    "encode_entry",
    "new_salt",
    "parse_entry",
    "time_text",
]

MAX_ENTRY_BYTES: Final = 60 * 1024
"""Largest entry; C2SP tlog-tiles allows 64 KiB less one byte."""
SALTED: Final = 2
"""The version of entries that have a salt, and the one that is written; 1 has none."""
_SALT_BYTES: Final = 16

_BY_KIND: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {event.kind: event for event in EVENTS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the log itself says of every entry.

    Attributes:
        v: Version of its form.
        salt: Random and of no meaning; empty in entries of version 1.
    """

    seq: int
    time: str
    behind_ms: int
    boot: str
    mono: int
    v: int = 1
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log: its stamp and its event."""

    stamp: Stamp
    event: Event


def time_text(time: datetime) -> str:
    """Return a time as RFC 3339 text in UTC, with microseconds and ``Z``.

    Raises:
        LogError: If the time does not say its zone.
    """
    if time.tzinfo is None:
        raise _bad_entry("a time in it has no zone")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def new_salt() -> str:
    """Draw the salt of one entry; 16 bytes as hex digits."""
    return secrets.token_hex(_SALT_BYTES)


def encode_entry(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry.

    Raises:
        LogError: If a field holds what it may not, or the entry is larger than
            ``MAX_ENTRY_BYTES``; the message names the field, never what it holds.
    """
    document = {**_said(entry.stamp), "kind": entry.event.kind, **_said(entry.event)}
    document["v"] = entry.stamp.v
    if (entry.stamp.v >= SALTED) != bool(entry.stamp.salt):
        raise _bad_entry("its version and its salt do not fit each other")
    _check_fields(document)
    try:
        leaf = canonical_json(document)
    except UnicodeEncodeError:
        raise _bad_entry("it holds text that is not Unicode") from None
    if len(leaf) > MAX_ENTRY_BYTES:
        raise _bad_entry(f"it is larger than {MAX_ENTRY_BYTES} bytes")
    return leaf


def parse_entry(leaf: bytes) -> Entry:
    """Read an entry, and insist that it is exactly what ``encode_entry`` would write.

    Raises:
        LogError: If it is not; the message never holds what was read.
    """
    try:
        document: Any = json.loads(leaf)
    except (ValueError, RecursionError):
        raise _bad_entry("it is not JSON") from None
    if not isinstance(document, dict):
        raise _bad_entry("it is not a JSON object")
    kind = _BY_KIND.get(str(document.pop("kind", "")))
    if kind is None:
        raise _bad_entry("its kind is not known")
    stamp_fields = {field.name for field in fields(Stamp)}
    event_fields = {field.name for field in fields(kind)}
    optional = {
        field.name for one in (Stamp, kind) for field in fields(one) if field.default is not MISSING
    } - {"v"}
    allowed = stamp_fields | event_fields
    if not allowed - optional <= document.keys() <= allowed:
        raise _bad_entry("it lacks a field, or has one that its kind has not")
    _check_fields(document)
    entry = Entry(
        Stamp(**{name: document[name] for name in stamp_fields & document.keys()}),
        kind(**{name: document[name] for name in event_fields & document.keys()}),
    )
    if encode_entry(entry) != leaf:
        raise _bad_entry("it is not in canonical form")
    return entry


def _said(part: Stamp | Event) -> dict[str, Any]:
    """Return the fields of a stamp or an event, without those added later that say nothing."""
    added = {field.name: field.default for field in fields(part)}
    return {name: value for name, value in asdict(part).items() if value != added[name]}


def _check_fields(document: dict[str, Any]) -> None:
    for name, value in document.items():
        if not FIELDS[name].allows(value):
            raise _bad_entry(
                f"its field {name} does not have the form {FIELDS[name].form_in_words}"
            )


def _bad_entry(reason: str) -> LogError:
    return LogError(
        f"an audit entry cannot be used: {reason}",
        remedy="see docs/audit-events.md for what entries hold",
    )
