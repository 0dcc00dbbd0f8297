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
        index: Number of the entry.
        generation: How often it was changed.
        digest: Of its file.
    """

    index: int
    generation: int
    digest: str

    def is_followed_by(self, generation: int, digest: str) -> bool:
        """Say whether a list is this one or a later one: a run that was cut short is ahead."""
        return generation > self.generation or (generation, digest) == (
            self.generation,
            self.digest,
        )


def last_lists(connection: sqlite3.Connection) -> Mapping[str, LoggedList]:
    """Return the newest list of each dataset that was logged.

    Raises:
        LogError: If an entry of that kind has another form.
    """
    rows = connection.execute(
        "SELECT idx, leaf FROM entry WHERE instr(leaf, ?) OR instr(leaf, ?) ORDER BY idx",
        [f'"kind":"{one.kind}"'.encode() for one in (UnitsErased, UnitsReadmitted)],
    )
    found: dict[str, LoggedList] = {}
    for index, leaf in rows:
        event = parse_entry(leaf).event
        if isinstance(event, UnitsErased | UnitsReadmitted):  # or its words stand in a question
            found[event.dataset] = LoggedList(
                index=index, generation=event.generation, digest=event.tombstones
            )
    return found
