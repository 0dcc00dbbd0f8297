"""What has to hold in the moment of a release's next entry, whatever held when it was prepared.

Checks for ``SqliteLedger.record``, which runs them under the write lock: they ask nothing of the
ledger but by the connection they are given.
"""

from __future__ import annotations

from gateway.audit.database import Connection
from gateway.audit.record_events import RecordsExported, RecordsRequested
from gateway.errors import OperatorError
from gateway.ledger.erasures import LoggedLists
from gateway.opening import open_store
from gateway.records import RecordDoor
from gateway.releases.states import state_in, states_in
from policies.errors import ApprovalError

__all__ = ["check_approved", "check_erased", "check_texts", "check_there"]


def check_erased(door: RecordDoor, request: RecordsRequested, connection: Connection) -> None:
    """Check that nobody was erased, or readmitted, since the records were made.

    The file may be ahead of the log: an erasure is logged last.

    Raises:
        OperatorError: ``REL-ERASED`` if somebody was.
        StoreError: ``STO-LIST`` if the list cannot be read.
    """
    logged = LoggedLists().read(connection).get(request.dataset)
    stored = open_store(door.settings, door.keys).tombstones.generation(request.dataset)
    if max(stored, 0 if logged is None else logged.generation) > request.erased:
        raise OperatorError(
            "the list of whose data may not be stored was changed since the records were made",
            code="REL-ERASED",
            remedy="destroy the release, and request it again",
        )


def check_texts(request: RecordsRequested, connection: Connection) -> None:
    """Check that nobody found too much in texts of the same table and state of the data.

    It holds for every release of them, and for good, whatever became of the one that was read: else
    it would be asked for again until nothing is found.

    Raises:
        ApprovalError: ``REL-CHECK-FAILED`` if somebody did.
    """
    if not request.text_engine:  # no text leaves
        return
    for state in states_in(connection).values():
        one = state.request
        same = (one.dataset, one.snapshot) == (request.dataset, request.snapshot)
        if same and one.table in {"", request.table} and state.has_failed:
            raise ApprovalError(
                "a person who read drawn texts of this state of the data found too many that "
                "could tell somebody",
                code="REL-CHECK-FAILED",
                remedy="destroy the release; declare a stricter profile, run gateway ingest, and "
                "request it again; or leave the texts out",
            )


def check_there(release: str, connection: Connection) -> None:
    """Check that a release was not destroyed.

    Raises:
        OperatorError: ``REL-DESTROYED`` if it was.
    """
    state_in(connection, release)


def check_approved(event: RecordsExported, connection: Connection) -> None:
    """Check that a release was not destroyed, and that the log has each approval that counts.

    Raises:
        OperatorError: ``REL-DESTROYED`` if it was destroyed.
        ApprovalError: ``APP-NOT-LOGGED`` if an envelope is kept whose approval was never logged.
    """
    unlogged = set(event.signers.split()) - set(state_in(connection, event.release).signers)
    if unlogged:
        raise ApprovalError(
            f"the log does not have these approvals: {', '.join(sorted(unlogged))}",
            code="APP-NOT-LOGGED",
            remedy="let who has such a key give 'gateway release approve' again",
        )
