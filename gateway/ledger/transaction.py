"""What a transaction of the ledger may do: write the projections, and append to the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.audit.database import Connection
from gateway.audit.events import Event
from gateway.clock import Clock
from gateway.ledger.book import Place, append

__all__ = ["Transaction"]


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction that holds the write lock: all of it becomes durable, or none.

    Attributes:
        connection: For the projections.
        boot: Id of this opening of the file.
        is_running: Says whether the process of another opening still runs.
        others_run: Says whether openings of others run that the log need not know of.
        clock: For the entries.
        postgresql: Version of the PostgreSQL server; empty for SQLite.
    """

    connection: Connection
    boot: str
    is_running: Callable[[str], bool]
    others_run: Callable[[], bool]
    clock: Clock
    postgresql: str = ""

    def append(self, event: Event) -> Place:
        """Append an event to the log.

        Raises:
            LogError: If the event holds what it may not.
        """
        return append(self.connection, event, self.boot, self.clock)
