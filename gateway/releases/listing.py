"""What left by the record door, to be shown beside the budget: what, to whom, with which k, when.

Nothing here is a function of rows: criteria are those that were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.audit.record_events import RecordsApproved
from gateway.governing.activated import ActivatedSets
from gateway.releases.states import ReleaseState

__all__ = ["COLUMNS", "Approvers", "audited_document", "release_cells", "release_document"]

COLUMNS: Final = (
    "release", "state", "approvals", "dataset", "table", "project", "recipient", "k", "exported",
    "until",
)  # fmt: skip
"""What a line of a list has."""
_SHORT: Final = 12


class Approvers:
    """Who approved: persons, of whom one may have several keys.

    Args:
        sets: The declarations that named their keys, as they were kept.
    """

    def __init__(self, sets: ActivatedSets) -> None:
        self._sets = sets
        self._keys: dict[str, Mapping[str, str]] = {}

    def person(self, approval: RecordsApproved) -> str:
        """Return whose approval it is; the key's id where the declarations are gone."""
        key = approval.signers
        return self._persons(approval.policy).get(key, key)

    def _persons(self, digest: str) -> Mapping[str, str]:
        if digest not in self._keys:
            found = self._sets.find(digest)
            keys = () if found is None else found.keys.values()
            self._keys[digest] = {key.id: key.spec.person for key in keys}
        return self._keys[digest]


def release_document(state: ReleaseState, now: datetime) -> dict[str, object]:
    """Return a release as its project may see it.

    Args:
        state: What the log says of it.
        now: Whether it is overdue is told of this time.
    """
    one = state.request
    return {
        "release": one.release,
        "state": state.word,
        "overdue": state.is_overdue(now.date()),
        "dataset": one.dataset,
        "table": one.table,
        "project": one.project,
        "purpose": one.purpose,
        "requester": one.actor,
        "recipient": one.recipient,
        "k": one.min_k,
        "l": one.min_l,
        "t": one.max_t or None,
        "text": bool(one.scorecard),
        "requested": state.time.isoformat(),
        "exported": [time.isoformat() for time in state.exported.values()],
        "until": one.until,
    }


def audited_document(state: ReleaseState, now: datetime, approvers: Approvers) -> dict[str, object]:
    """Return a release as stewards and auditors see it: with who approved, and each entry.

    Args:
        state: What the log says of it.
        now: As for ``release_document``.
        approvers: Tell whose the keys are.
    """
    persons = sorted({approvers.person(one) for one in state.approvals})
    return release_document(state, now) | {
        "approvals": len(persons),
        "approved_by": persons,
        "requested_by_entry": state.entry,
        "approved_by_keys": list(state.signers),
        "exported_by_entries": list(state.exported),
        "destroyed_by_entry": state.destroyed,
    }


def release_cells(document: Mapping[str, object]) -> list[str]:
    """Return a line of a list, as ``COLUMNS`` names its cells."""
    left = document["exported"]
    last = str(left[-1])[:10] if isinstance(left, list) and left else ""
    overdue = ", OVERDUE" if document["overdue"] else ""
    shown = {
        **document,
        "release": str(document["release"])[:_SHORT],
        "state": f"{document['state']}{overdue}",
        "exported": last,
    }
    return [str(shown[name]) for name in COLUMNS]
