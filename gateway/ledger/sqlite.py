"""The budget ledger and the audit log in one database: a SQLite file, or PostgreSQL.

Every charge is an entry of the log, written in the same transaction; every entry is covered by a
signed checkpoint before the caller hears of it. Safe among the threads of a process and among the
processes of a host; not over a network file system, nor across a fork.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from gateway.audit.answers import answer_digest, told_bytes, told_salt
from gateway.audit.checkpoint import Signer
from gateway.audit.database import Connection, LedgerPlace
from gateway.audit.events import PolicyResumed, PolicySuspended, QueryReleased, Recorded
from gateway.clock import Clock, SystemClock
from gateway.ledger import activation, book, facts, lifecycle, stored, suspension
from gateway.ledger.activation import Grounds
from gateway.ledger.book import Place
from gateway.ledger.erasures import LoggedList, LoggedLists
from gateway.ledger.log_keys import LogKeys
from gateway.ledger.published import PublishedLog
from gateway.ledger.records import PolicyStanding, StoredQuery
from gateway.ledger.scopes import BudgetPlan
from gateway.ledger.storage import LedgerFile
from gateway.ledger.transaction import Transaction
from query.ports import Balance, Charge, Denial, Receipt

__all__ = ["PolicyStanding", "Recorded", "SqliteLedger", "StoredQuery"]

_SALT_BYTES: Final = 32


class SqliteLedger:
    """The durable record of charges, answers and denials; implements ``query.ports.Ledger``.

    Open it with ``SqliteLedger.open``. Every method may raise ``LedgerFaultError`` where the disk
    or the database fails, and ``LogError`` where the log was rolled back under it; what was charged
    then stays charged.

    Attributes:
        abandoned: Ids of the questions that ended processes had left open when this was opened.
    """

    def __init__(self, file: LedgerFile, abandoned: tuple[str, ...] = ()) -> None:
        self._file = file
        self.abandoned = abandoned
        self._lists = LoggedLists()

    @classmethod
    def open(
        cls,
        database: LedgerPlace,
        *,
        checkpoint: Path,
        signer: Signer,
        following: Signer | None = None,
        clock: Clock | None = None,
    ) -> SqliteLedger:
        """Open the ledger, or make a new one; close what ended processes have left open.

        Args:
            database: The SQLite file; its folder must exist. A folder beside it, with ``-boots``
                added to the name, says which processes have it open.
            checkpoint: The file of the last signed head. Keep it away from the database, such as
                beside the keys, so that an old copy of one does not bring an old copy of both.
            signer: Signs the heads.
            following: Signs them once an entry hands over to it; None where there is none.
            clock: Where time comes from; the host's clocks by default.

        Raises:
            LogError: If the log is not the one that was last signed (``SYS-LOG-ROLLBACK``), its
                head is missing (``SYS-LOG-HEAD``), or its tables are of another version.
            LedgerFaultError: If a file cannot be opened or written.
        """
        file = LedgerFile(database, checkpoint, signer, clock or SystemClock(), following)
        try:
            abandoned = file.start(lifecycle.start)
        except BaseException:
            file.close()
            raise
        return cls(file, abandoned)

    def close(self) -> None:
        """Let go of the files; a second call does nothing."""
        self._file.close()

    def open_pools(
        self, plan: BudgetPlan, *, actor: str, grounds: Grounds | None = None
    ) -> Receipt | None:
        """Put the budgets of a set of declarations in force; None if they are already.

        Args:
            plan: All budgets; a scope that it lacks can spend nothing from now on.
            actor: Opaque id of who activates.
            grounds: Why that may be; None where nothing is said of approvals.

        Raises:
            DeclarationError: If it would give budget back: a dataset moved to another pool, or a
                pool with another measure.
            OperatorError: If another set is in force than the one that was to be replaced.
        """
        with self._file.writing() as writing:
            place = activation.open_pools(writing, plan, actor, grounds)
        return None if place is None else self._file.receipt(place)

    def standing(self) -> PolicyStanding:
        """Return which declarations are in force, and what is suspended."""
        with self._file.reading() as connection:
            return activation.standing(connection, suspension.suspensions(connection))

    def last_turn(self, subject: str) -> int:
        """Return which entry last stopped it, let it go on, or put declarations in force."""
        with self._file.reading() as connection:
            return suspension.last_turn(connection, subject)

    def suspend(self, event: PolicySuspended, since: int | None = None) -> Receipt:
        """Stop a dataset or a project, from the next question on.

        Args:
            event: What is logged.
            since: What ``last_turn`` said to whoever signed; None where nobody has to.

        Raises:
            OperatorError: If it is suspended already, or took another turn since.
        """
        with self._file.writing() as writing:
            place = suspension.suspend(writing, event, since)
        return self._file.receipt(place)

    def resume(self, event: PolicyResumed) -> Receipt:
        """Let go on what was suspended.

        Raises:
            OperatorError: If it is not suspended, or by another entry than the event says.
        """
        with self._file.writing() as writing:
            place = suspension.resume(writing, event)
        return self._file.receipt(place)

    def recall(self, project: str, cache_key: bytes) -> bytes | None:
        """Return the last stored answer to an equal question of the same project, or None."""
        with self._file.reading() as connection:
            return stored.recall(connection, project, cache_key)

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
        """Return the wordings of the last answered questions of a family, the newest first.

        Each question stands once; of the same project only.
        """
        with self._file.reading() as connection:
            return stored.related(connection, project, family, most)

    def find_settled(self, project: str, query_id: str) -> StoredQuery | None:
        """Return what ``find`` does, once no transaction is under way whose end nobody knows."""
        with self._file.writing() as writing:
            return stored.find(writing.connection, project, query_id)

    def find(self, project: str, query_id: str) -> StoredQuery | None:
        """Return what became of a charged query of the project; None if it has no such query."""
        with self._file.reading() as connection:
            return stored.find(connection, project, query_id)

    def reserve(self, charge: Charge, committed: Callable[[], object] = lambda: None) -> Receipt:
        """Debit pool, project and researcher, and append the entry, in one durable transaction.

        Args:
            charge: What is debited.
            committed: Called once that is durable; what fails after it was charged.

        Raises:
            BudgetExceededError: If any scope does not cover it; nothing is debited then.
            PolicyDeniedError: If other declarations have come in force since it was allowed, or
                project or dataset were suspended.
            RefusalError: If the query id was submitted before, the same question is being
                answered now, or its last answer is not the one that the charge follows; nothing
                is debited then.
            LedgerFaultError: If the loss is zero, or in another measure than its pool's.
        """
        return self._file.append(partial(lifecycle.reserve, charge=charge), committed)

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        """Store the noisy answer and append the entry that closes the reservation.

        Raises:
            LedgerFaultError: If there is no such reservation, or it is closed already.
        """
        salt = secrets.token_bytes(_SALT_BYTES)
        told = told_bytes(answer)
        event = QueryReleased(
            query_id=charge.query_id,
            ref=0,
            answer=answer_digest(salt, answer),
            told="" if told is None else answer_digest(told_salt(salt), told),
        )
        write = partial(lifecycle.release, event=event, salt=salt, answer=answer)
        return self._file.proved(self._file.append(write))

    def abandon(self, charge: Charge, reason: str = "failed") -> Receipt:
        """Append the entry that closes a reservation without an answer; the charge stays.

        Raises:
            LedgerFaultError: If there is no such reservation, or it is closed already.
        """
        write = partial(lifecycle.abandon, query=charge.query_id, reason=reason)
        return self._file.proved(self._file.append(write))

    def deny(self, denial: Denial) -> Receipt:
        """Append a refusal."""
        event = facts.denied(denial)
        return self._file.proved(self._file.append(lambda writing: writing.append(event)))

    def repeat(self, charge: Charge) -> Receipt:
        """Append that a stored answer is given again, or what follows from it, for nothing.

        Args:
            charge: The request; its loss is not looked at.

        Raises:
            PolicyDeniedError: If other declarations have come in force since it was allowed, or
                project or dataset were suspended.
            LedgerFaultError: If the project has no stored answer of that cache key.
        """
        return self._file.proved(self._file.append(partial(lifecycle.repeat, charge=charge)))

    def record(self, event: Recorded, *checks: Callable[[Connection], None]) -> Receipt:
        """Append what changes no budget: an ingest, a release of records, a value revealed.

        Checks run first, under the write lock; if one raises, nothing is written.
        """

        def write(writing: Transaction) -> Place:
            for check in checks:
                check(writing.connection)
            return writing.append(event)

        return self._file.append(write)

    def last_lists(self) -> Mapping[str, LoggedList]:
        """Return the newest list of erased units of each dataset that was logged; cheap."""
        with self._file.reading() as connection:
            return self._lists.read(connection)

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return pool, project and researcher, in this order.

        Raises:
            BudgetExceededError: If no budget was opened for them.
        """
        with self._file.reading() as connection:
            account = book.account_of(connection, project, dataset, principal)
            return book.balances(connection, account)

    @property
    def log(self) -> PublishedLog:
        """The audit log, as others see it."""
        return PublishedLog(self._file)

    @property
    def keys(self) -> LogKeys:
        """Which key signs the log."""
        return LogKeys(self._file)

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint (C2SP tlog-checkpoint)."""
        return self._file.checkpoint()
