"""Which list of erased privacy units the log names last."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.entries import parse_entry
from gateway.audit.erasure_events import UnitsErased, UnitsReadmitted
from gateway.audit.events import IngestDone

__all__ = ["LoggedList", "last_lists"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedList:
    """A list as an entry names it; by default that of a dataset of which none was ever named.

    Attributes:
        index: Number of the entry.
        generation: How often it was changed.
        digest: Of its file.
    """

    index: int = -1
    generation: int = 0
    digest: str = ""

    def is_followed_by(self, generation: int, digest: str) -> bool:
        """Say whether a list is this one or the next: a run that was cut short is one ahead."""
        if generation == self.generation:
            return generation == 0 or digest == self.digest
        return generation == self.generation + 1


def last_lists(connection: sqlite3.Connection) -> Mapping[str, LoggedList]:
    """Return the newest list of each dataset that was logged.

    Raises:
        LogError: If an entry of that kind has another form.
    """
    rows = connection.execute(
        "SELECT idx, leaf FROM entry WHERE instr(leaf, ?) OR instr(leaf, ?) OR instr(leaf, ?)"
        " ORDER BY idx",
        [f'"kind":"{one.kind}"'.encode() for one in (UnitsErased, UnitsReadmitted, IngestDone)],
    )
    found: dict[str, LoggedList] = {}
    for index, leaf in rows:
        event = parse_entry(leaf).event
        if not isinstance(event, UnitsErased | UnitsReadmitted | IngestDone):
            continue  # its words stand in a question
        if event.generation:
            found[event.dataset] = LoggedList(
                index=index, generation=event.generation, digest=event.tombstones
            )
    return found
