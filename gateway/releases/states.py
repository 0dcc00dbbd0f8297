"""What became of each release, as the audit log says: its folder only has the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from gateway.audit.database import Connection, LedgerPlace, entries_of, read_ledger
from gateway.audit.entries import Entry, parse_entry
from gateway.audit.record_events import (
    RecordsApproved,
    RecordsChecked,
    RecordsDestroyed,
    RecordsExported,
    RecordsRequested,
)
from gateway.errors import OperatorError

__all__ = ["ReleaseState", "release_states", "state_in", "state_of", "states_in"]

_LATER: Final = (RecordsChecked, RecordsApproved, RecordsExported, RecordsDestroyed)
"""What becomes of a release once it was requested."""


@dataclass(slots=True, kw_only=True)
class ReleaseState:
    """One release.

    Attributes:
        entry: Number of the entry that asked for it.
        time: When that was, UTC.
        request: That entry.
        checks: Entries of persons who read its texts.
        approvals: Entries that approved it.
        exported: Entries by which it left, and when that was, UTC.
        destroyed: The entry that says that it is gone; None while it is not.
    """

    entry: int
    time: datetime
    request: RecordsRequested
    checks: list[RecordsChecked] = field(default_factory=list)
    approvals: list[RecordsApproved] = field(default_factory=list)
    exported: dict[int, datetime] = field(default_factory=dict)
    destroyed: int | None = None

    def take(self, index: int, entry: Entry) -> None:
        """Go one entry on."""
        match entry.event:
            case RecordsChecked():
                self.checks.append(entry.event)
            case RecordsApproved():
                self.approvals.append(entry.event)
            case RecordsExported():
                self.exported[index] = _time(entry)
            case RecordsDestroyed():
                self.destroyed = index

    @property
    def signers(self) -> tuple[str, ...]:
        """Ids of the keys that approved it, in the order of their entries."""
        return tuple(one.signers for one in self.approvals)

    @property
    def has_failed(self) -> bool:
        """Whether a person who read its texts found too much in them."""
        return any(one.verdict == "failed" for one in self.checks)

    @property
    def word(self) -> str:
        """How far it is."""
        if self.destroyed is not None:
            return "destroyed"
        return "exported" if self.exported else "requested"

    def is_overdue(self, today: date) -> bool:
        """Say whether it should have been destroyed by now and was not."""
        return self.destroyed is None and today > date.fromisoformat(self.request.until)


def release_states(database: LedgerPlace) -> dict[str, ReleaseState]:
    """Return all releases by id, in the order of their requests.

    Args:
        database: The ledger's SQLite file; read only.

    Raises:
        LogError: If an entry of a release has another form.
    """
    if not database.exists():
        return {}
    with read_ledger(database) as connection:
        return states_in(connection)


def states_in(connection: Connection) -> dict[str, ReleaseState]:
    """Return the same, for who has the ledger open.

    Raises:
        LogError: If an entry of a release has another form.
    """
    states: dict[str, ReleaseState] = {}
    for index, leaf in entries_of(connection, [one.kind for one in (RecordsRequested, *_LATER)]):
        entry = parse_entry(leaf)
        event = entry.event
        if isinstance(event, RecordsRequested):
            states[event.release] = ReleaseState(entry=index, time=_time(entry), request=event)
        elif isinstance(event, _LATER):
            state = states.get(event.release)
            if state is not None:  # what is of none is for 'gateway audit verify' to tell
                state.take(index, entry)
    return states


def _time(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.stamp.time).astimezone(UTC)


def state_of(database: LedgerPlace, release: str) -> ReleaseState:
    """Return a release that still can be given, by its id or the beginning of it.

    Raises:
        OperatorError: ``REL-UNKNOWN`` if there is none, or several; ``REL-DESTROYED`` if it is
            gone.
    """
    return _single(release_states(database), release)


def state_in(connection: Connection, release: str) -> ReleaseState:
    """Return the same, for who has the ledger open.

    Raises:
        OperatorError: As ``state_of`` does.
    """
    return _single(states_in(connection), release)


def _single(states: Mapping[str, ReleaseState], release: str) -> ReleaseState:
    meant = [state for name, state in states.items() if release and name.startswith(release)]
    if len(meant) != 1:
        raise OperatorError(
            "no single release is called so",
            code="REL-UNKNOWN",
            remedy="take an id from 'gateway release list'",
        )
    if meant[0].destroyed is not None:
        raise OperatorError(
            f"the release was destroyed, by entry {meant[0].destroyed} of the audit log",
            code="REL-DESTROYED",
            remedy="request it again",
        )
    return meant[0]
