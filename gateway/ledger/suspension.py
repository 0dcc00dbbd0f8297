"""What is suspended: datasets and projects that answer nothing until they are resumed.

Every function runs inside a transaction that its caller has begun.
"""

from __future__ import annotations

from gateway.audit.database import Connection
from gateway.audit.entries import parse_entry
from gateway.audit.events import PolicyResumed, PolicySuspended
from gateway.errors import OperatorError
from gateway.ledger.book import Place
from gateway.ledger.transaction import Transaction
from policies.errors import PolicyDeniedError

__all__ = [
    "already_suspended",
    "check_not_suspended",
    "last_turn",
    "resume",
    "suspend",
    "suspensions",
]


def suspensions(connection: Connection) -> dict[str, int]:
    """Return what is suspended, as ``dataset/ID`` and ``project/ID``, and by which entry."""
    return dict(connection.execute("SELECT id, entry FROM suspension ORDER BY entry"))


def last_turn(connection: Connection, subject: str) -> int:
    """Return which entry last stopped a subject, let it go on, or put declarations in force.

    Args:
        connection: To the ledger; all entries since then are looked at.
        subject: ``dataset/ID`` or ``project/ID``.

    Returns:
        Its number; 0 where there is none.
    """
    rows = connection.execute(
        "SELECT idx, leaf FROM entry WHERE instr(leaf, ?) > 0 ORDER BY idx DESC",
        (b'"kind":"policy.',),
    )
    for index, leaf in rows:
        event = parse_entry(leaf).event
        if not isinstance(event, PolicySuspended | PolicyResumed) or event.suspended == subject:
            return int(index)
    return 0


def suspend(writing: Transaction, event: PolicySuspended, since: int | None) -> Place:
    """Stop what the event names.

    Args:
        writing: The transaction.
        event: What is logged.
        since: The last turn that whoever signed knew of; None where nobody has to sign.

    Raises:
        OperatorError: If it is suspended already, or took another turn since.
    """
    if event.suspended in suspensions(writing.connection):
        raise already_suspended(event.suspended)
    if since not in {None, last_turn(writing.connection, event.suspended)}:
        raise OperatorError(
            f"{event.suspended} went on, or other declarations came in force in the meantime",
            code="APP-STALE",
            remedy="look at 'gateway policy status', and let the stop be signed anew",
        )
    place = writing.append(event)
    writing.connection.execute(
        "INSERT INTO suspension VALUES (?, ?)", (event.suspended, place.index)
    )
    return place


def already_suspended(subject: str) -> OperatorError:
    """Return what whoever stops something is told where it is stopped."""
    return OperatorError(
        f"{subject} is suspended already", code="APP-SUSPENDED", remedy="nothing has to be done"
    )


def resume(writing: Transaction, event: PolicyResumed) -> Place:
    """Let go on what the event names.

    Raises:
        OperatorError: If it is not suspended, or by another entry than the event says.
    """
    if suspensions(writing.connection).get(event.suspended) != event.ref:
        raise OperatorError(
            f"{event.suspended} is not suspended, or was suspended anew",
            code="APP-NOT-SUSPENDED",
            remedy="look at 'gateway policy status'",
        )
    place = writing.append(event)
    writing.connection.execute("DELETE FROM suspension WHERE id = ?", (event.suspended,))
    return place


def check_not_suspended(connection: Connection, project: str, dataset: str) -> None:
    """Check that neither the project nor the dataset of a request is suspended.

    Raises:
        PolicyDeniedError: If one is, also where that came after the request was allowed.
    """
    stopped = suspensions(connection)
    for kind, name in (("project", project), ("dataset", dataset)):
        if f"{kind}/{name}" in stopped:
            raise PolicyDeniedError(
                f"the {kind} is suspended",
                rule=f"{kind}_suspended",
                code="POL-SUSPENDED",
                remedy="ask the data steward when it is resumed",
                policy=name,
            )
