"""Which list of erased privacy units the log names last."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.entries import parse_entry
from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted

__all__ = ["LoggedList", "last_lists"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedList:
    """A list as an entry names it.

    Attributes:
        generation: How often it was changed.
        digest: Of its file.
    """

    generation: int
    digest: str


def last_lists(connection: sqlite3.Connection) -> Mapping[str, LoggedList]:
    """Return the newest list of each dataset that was logged.

    Raises:
        LogError: If an entry of that kind has another form.
    """
    rows = connection.execute(
        "SELECT leaf FROM entry WHERE instr(leaf, ?) OR instr(leaf, ?) ORDER BY idx",
        [f'"kind":"{one.kind}"'.encode() for one in (UnitsErased, UnitsReadmitted)],
    )
    found: dict[str, LoggedList] = {}
    for (leaf,) in rows:
        event = parse_entry(leaf).event
        if isinstance(event, UnitsErased | UnitsReadmitted):  # or its words stand in a question
            logged = LoggedList(generation=event.generation, digest=event.tombstones)
            found[event.dataset] = logged
    return found
