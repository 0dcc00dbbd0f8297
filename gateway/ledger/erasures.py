"""Which list of erased privacy units the log names last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.database import Connection, entries_of
from gateway.audit.entries import parse_entry
from gateway.audit.snapshots import SNAPSHOT_EVENTS

__all__ = ["LoggedList", "LoggedLists"]


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


class LoggedLists:
    """The newest list of each dataset; each entry of the log is looked at once."""

    def __init__(self) -> None:
        self._next = 0
        self._found: Mapping[str, LoggedList] = {}

    def read(self, connection: Connection) -> Mapping[str, LoggedList]:
        """Return the newest list of each dataset that was logged.

        Raises:
            LogError: If an entry of that kind has another form.
        """
        ((end,),) = connection.execute("SELECT coalesce(max(idx) + 1, 0) FROM entry").fetchall()
        if end > self._next:
            self._found = {**self._found, **_lists(connection, self._next)}
            self._next = end
        return self._found


def _lists(connection: Connection, start: int) -> Mapping[str, LoggedList]:
    """Return the newest list of each dataset among entries from a number on."""
    found: dict[str, LoggedList] = {}
    for index, leaf in entries_of(connection, [one.kind for one in SNAPSHOT_EVENTS], start):
        event = parse_entry(leaf).event
        if isinstance(event, SNAPSHOT_EVENTS) and event.generation:
            found[event.dataset] = LoggedList(
                index=index, generation=event.generation, digest=event.tombstones
            )
    return found
