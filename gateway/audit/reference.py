"""The documentation of all events, made from their classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from inspect import getdoc

from gateway.audit.entries import Stamp
from gateway.audit.events import EVENTS, Event
from gateway.audit.fields import FIELDS

__all__ = ["events_page"]

_INTRODUCTION = """\
# Events of the audit log

This page is made from the code: `python -m gateway.audit.reference > docs/audit-events.md`.

Each entry of the log is one JSON document in the canonical form of RFC 8785, at most 60 KiB. Names
of fields are stable, additions are optional, meanings never change. No field holds a value of a
patient, the text of a note, the words of an error or a number of rows. People are opaque ids.
"""


def events_page() -> str:
    """Return ``docs/audit-events.md``: the fields of all entries, and each event with its own."""
    return "\n".join((_INTRODUCTION, *_every_entry(), *_events()))


def _every_entry() -> Iterator[str]:
    yield "## Fields of every entry\n"
    yield from _table(["kind", *(field.name for field in fields(Stamp))], frozenset({"salt"}))


def _events() -> Iterator[str]:
    for event in EVENTS:
        yield f"## `{event.kind}`\n"
        yield f"{getdoc(event)}\n"
        yield from _table([field.name for field in fields(event)], _optional(event))


def _optional(event: type[Event]) -> frozenset[str]:
    return frozenset(field.name for field in fields(event) if field.default is not MISSING)


def _table(names: list[str], optional: frozenset[str] = frozenset()) -> Iterator[str]:
    yield "| Field | Meaning | Form |"
    yield "| --- | --- | --- |"
    for name in names:
        form = FIELDS[name].form_in_words
        left_out = "; left out where empty" if name in optional else ""
        yield f"| `{name}` | {FIELDS[name].meaning} | {form}{left_out} |"
    yield ""


if __name__ == "__main__":
    print(events_page(), end="")  # noqa: T201  the page is what this prints
