"""Transactions of several threads that one commit makes durable, under one signed head.

Syncing files is what a commit costs, and it costs the same for one entry as for fifty. So whoever
comes while one is under way waits, and is in the next together with all who came meanwhile. Nobody
waits for company: a lone transaction begins at once, in its caller's own thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from gateway.audit.database import Connection
from gateway.ledger.book import Place
from gateway.ledger.errors import LedgerFaultError

__all__ = ["Grouping", "Member"]

_Writing = TypeVar("_Writing")
_DRAIN_SECONDS: Final = 60


@dataclass(slots=True, eq=False)
class Member(Generic[_Writing]):
    """One transaction of a group.

    Attributes:
        write: What it does; returns where its entry stands.
        place: The same, once it has run.
        error: Why it did not; nothing of it was written then.
        checkpoint: A signed head that covers its entry; empty where none could be signed.
        moved: Is set where it has ended, or has to lead.
        ended: Whether it is known what became of it.
    """

    write: Callable[[_Writing], Place]
    place: Place | None = None
    error: Exception | None = None
    checkpoint: str = ""
    moved: threading.Event = field(default_factory=threading.Event)
    ended: bool = False

    def attempt(self, writing: _Writing, connection: Connection) -> None:
        """Run it, such that its failure undoes what it wrote and nothing of the others.

        Raises:
            sqlite3.Error, DatabaseError: If the database has undone, or cannot undo: then all of
                the group have failed.
        """
        connection.execute("SAVEPOINT member")
        try:
            self.place = self.write(writing)
        except Exception as error:  # noqa: BLE001  its caller is told, in a thread of its own
            self.error = error
            connection.execute("ROLLBACK TO SAVEPOINT member")
        connection.execute("RELEASE SAVEPOINT member")

    def outcome(self) -> Place:
        """Return where its entry stands, durable.

        Raises:
            Exception: What it failed with.
        """
        if self.error is not None:
            raise self.error
        if self.place is None:  # even its failure could not be told
            raise LedgerFaultError("the transaction of a group was broken off")
        return self.place


class Grouping(Generic[_Writing]):
    """Who waits for the next commit; safe among threads.

    The first who comes leads: he carries out all who wait, himself among them. When he is done,
    the oldest of those who came meanwhile leads the next.

    Args:
        carry_out: Runs the members of a group, in their order, and commits. If it raises, nothing
            of any of them was written.
        committed: Is given the group once that is durable; what it raises undoes nothing.
    """

    def __init__(
        self,
        carry_out: Callable[[Sequence[Member[_Writing]]], None],
        committed: Callable[[Sequence[Member[_Writing]]], None] = lambda _: None,
    ) -> None:
        self._carry_out = carry_out
        self._committed = committed
        self._waiting: list[Member[_Writing]] = []
        self._leader: Member[_Writing] | None = None
        self._changed = threading.Condition()

    def join(self, write: Callable[[_Writing], Place]) -> Member[_Writing]:
        """Run a transaction in the next group; return it once that is durable, or has failed."""
        one = Member(write)
        try:
            with self._changed:
                self._waiting.append(one)
                if self._leader is None:
                    self._leader = one
            if self._leader is not one:
                one.moved.wait()
            if not one.ended:
                self._lead()
        except BaseException:
            self._withdraw(one)
            raise
        return one

    def drain(self) -> None:
        """Wait until all who have come are done; not for ever, should one have been lost."""
        with self._changed:
            self._changed.wait_for(lambda: self._leader is None, timeout=_DRAIN_SECONDS)

    def _lead(self) -> None:
        group: list[Member[_Writing]] = []
        is_durable = False
        try:
            with self._changed:
                group, self._waiting = self._waiting, []
            self._carry_out(group)
            is_durable = True
            self._committed(group)
        except BaseException as error:
            if is_durable:
                raise
            for one in group:  # before anything that may fail: nobody may take it for written
                one.place = None
            code = getattr(error, "code", type(error).__name__)
            fault = getattr(error, "fault", f"the transaction of a group was broken off: {code}")
            for one in group:  # what a neighbour was told no for may not have happened
                one.error = LedgerFaultError(fault)
            if not isinstance(error, LedgerFaultError):
                raise
        finally:
            with self._changed:
                self._pass_on()
            for one in group:
                one.ended = True
                one.moved.set()

    def _pass_on(self) -> None:
        """Let the oldest who waits lead, if there is one; call it while holding the lock."""
        self._leader = self._waiting[0] if self._waiting else None
        if self._leader is None:
            self._changed.notify_all()
        else:
            self._leader.moved.set()

    def _withdraw(self, one: Member[_Writing]) -> None:
        """Give up one who was interrupted while it waited; what runs already runs to its end."""
        with self._changed:
            if one in self._waiting:
                self._waiting.remove(one)
            if self._leader is one:
                self._pass_on()
