"""What becomes of a query: reserved, then released or abandoned, once; and at start, order."""

from __future__ import annotations

import json
import platform
import sqlite3
from dataclasses import replace
from typing import Final

from gateway.audit.database import Connection, entries_of
from gateway.audit.events import QueryAbandoned, QueryReleased, SystemRecovered, SystemStarted
from gateway.errors import OperatorError
from gateway.ledger import book, facts
from gateway.ledger.activation import active_policy
from gateway.ledger.book import Place
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.suspension import check_not_suspended
from gateway.ledger.transaction import Transaction
from policies.errors import PolicyDeniedError, RefusalError
from query.ports import Charge

__all__ = [
    "SOFTWARE",
    "abandon",
    "check_alone",
    "check_follows",
    "check_new",
    "check_policy",
    "open_reserve",
    "release",
    "repeat",
    "reserve",
    "start",
]

SOFTWARE: Final = f"clinical-gateway ledger 1, Python {platform.python_version()}"
"""What the log says of the program that writes it."""


def start(transaction: Transaction) -> tuple[str, ...]:
    """Log that this process starts, and close what ended processes have left open.

    Returns:
        The ids of the questions that were charged and will have no answer.
    """
    transaction.append(
        SystemStarted(
            software=SOFTWARE, sqlite=sqlite3.sqlite_version, postgresql=transaction.postgresql
        )
    )
    left = [
        query
        for query, boot in transaction.connection.execute(
            "SELECT id, boot FROM query WHERE state = 'reserved' ORDER BY reserve"
        ).fetchall()
        if not transaction.is_running(boot)
    ]
    for query in left:
        abandon(transaction, query, "recovered")
    if left:
        transaction.append(SystemRecovered(abandoned=len(left)))
    return tuple(left)


def check_alone(transaction: Transaction) -> None:
    """Check that no other process has the ledger open.

    One that opened it before another copy was put in its place is not in the log, and counts.

    Raises:
        OperatorError: If one has.
    """
    starts = entries_of(transaction.connection, (SystemStarted.kind,))
    others = {json.loads(leaf)["boot"] for _, leaf in starts} - {transaction.boot}
    if transaction.others_run() or any(transaction.is_running(boot) for boot in others):
        raise OperatorError(
            "another process has the ledger open",
            code="SYS-LEDGER-OPEN",
            remedy="stop the service, on all hosts, and run this again",
        )


def check_new(connection: Connection, charge: Charge) -> None:
    """Check that a query may be charged now.

    Raises:
        RefusalError: If its id was submitted before.
        PolicyDeniedError: If other declarations have come in force since it was allowed.
    """
    known = connection.execute("SELECT 1 FROM query WHERE id = ?", (charge.query_id,))
    if known.fetchone() is not None:
        raise RefusalError(
            "this query was submitted before, and charged once",
            code="BUD-QUERY-REPEATED",
            remedy="fetch its answer by its id, or ask anew",
        )
    check_policy(connection, charge)


def check_policy(connection: Connection, charge: Charge) -> None:
    """Check that a query was allowed under the declarations that are in force.

    Raises:
        PolicyDeniedError: If others have come in force since.
    """
    if active_policy(connection) != charge.policy_digest:
        raise PolicyDeniedError(
            "the policy changed while the query was planned; nothing was charged",
            rule="active_policy",
            code="POL-CHANGED",
            remedy="send the query again; if that does not help, the service must be started again",
        )


def check_follows(transaction: Transaction, charge: Charge) -> None:
    """Check that a charge builds upon the last answer to its question, and that none is under way.

    So of two equal questions at one time, or two that add to one answer, only one is charged.

    Raises:
        RefusalError: If it does not.
    """
    equal = (charge.project, charge.cache_key.hex())
    last = transaction.connection.execute(
        "SELECT id FROM query WHERE project = ? AND cache_key = ? AND state = 'released'"
        " ORDER BY close DESC LIMIT 1",
        equal,
    ).fetchone()
    under_way = transaction.connection.execute(
        "SELECT boot FROM query WHERE project = ? AND cache_key = ? AND state = 'reserved'", equal
    ).fetchall()
    stale = (None if last is None else last[0]) != charge.follows
    if stale or any(transaction.is_running(boot) for (boot,) in under_way):
        raise RefusalError(
            "the same question is being answered at this moment; nothing was charged",
            code="BUD-QUESTION-BUSY",
            remedy="ask again shortly: what is answered by then is given for nothing",
        )


def reserve(transaction: Transaction, charge: Charge) -> Place:
    """Debit pool, project and researcher, and append the entry.

    Raises:
        BudgetExceededError, PolicyDeniedError, RefusalError, LedgerFaultError: As
            ``SqliteLedger.reserve`` says.
    """
    connection = transaction.connection
    check_new(connection, charge)
    check_not_suspended(connection, charge.project, charge.dataset)
    check_follows(transaction, charge)
    account = book.account_of(connection, charge.project, charge.dataset, charge.principal)
    book.debit(connection, account, charge.loss)
    place = transaction.append(facts.reserved(charge, account.pool))
    book.record_charge(connection, account, charge.loss, place)
    connection.execute(
        "INSERT INTO query(id, project, cache_key, boot, state, reserve, family, wording)"
        " VALUES (?, ?, ?, ?, 'reserved', ?, ?, ?)",
        (
            charge.query_id,
            charge.project,
            charge.cache_key.hex(),
            transaction.boot,
            place.index,
            charge.family.hex() or None,
            charge.wording or None,
        ),
    )
    return place


def release(transaction: Transaction, event: QueryReleased, salt: bytes, answer: bytes) -> Place:
    """Close a reservation by the event of its answer, and store that; its ``ref`` is found here.

    Raises:
        LedgerFaultError: If there is no such reservation, or it is closed already.
    """
    ref = open_reserve(transaction.connection, event.query_id)
    place = transaction.append(replace(event, ref=ref))
    transaction.connection.execute(
        "UPDATE query SET state = 'released', close = ?, salt = ?, answer = ? WHERE id = ?",
        (place.index, salt, answer, event.query_id),
    )
    return place


def repeat(transaction: Transaction, charge: Charge) -> Place:
    """Append that a stored answer is given again, or what follows from it.

    Raises:
        PolicyDeniedError: If other declarations are in force by now, or one is suspended.
        LedgerFaultError: If the project has no stored answer of that cache key.
    """
    connection = transaction.connection
    check_policy(connection, charge)  # what is free may be forbidden since
    check_not_suspended(connection, charge.project, charge.dataset)
    ((ref,),) = connection.execute(
        "SELECT max(close) FROM query WHERE project = ? AND cache_key = ? AND state = 'released'",
        (charge.project, charge.cache_key.hex()),
    ).fetchall()
    if ref is None:
        raise LedgerFaultError("a repeat was reported of a query that was never answered")
    return transaction.append(facts.repeated(charge, ref))


def abandon(transaction: Transaction, query: str, reason: str) -> Place:
    """Close a reservation without an answer; the charge stays.

    Raises:
        LedgerFaultError: If there is no such reservation, or it is closed already.
    """
    ref = open_reserve(transaction.connection, query)
    place = transaction.append(QueryAbandoned(query_id=query, ref=ref, reason=reason))
    transaction.connection.execute(
        "UPDATE query SET state = 'abandoned', close = ? WHERE id = ?", (place.index, query)
    )
    return place


def open_reserve(connection: Connection, query: str) -> int:
    """Return the number of the entry that reserved a query which is still open.

    Raises:
        LedgerFaultError: If there is no such reservation, or it is closed already.
    """
    row = connection.execute(
        "SELECT reserve FROM query WHERE id = ? AND state = 'reserved'", (query,)
    ).fetchone()
    if row is None:
        raise LedgerFaultError("a query was closed that is not open")
    return int(row[0])
