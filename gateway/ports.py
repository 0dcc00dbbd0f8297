"""What the HTTP routes need of a deployment, so that they can be tested without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from gateway.audit.entries import Entry
from gateway.audit.identity_events import IdentityEvent
from gateway.audit.review_events import ReviewEvent
from gateway.audit.tile_files import Place
from gateway.governing.stewardship import Stewardship
from gateway.identity.accounts import Accounts
from gateway.jobs.desk import Jobs
from gateway.jobs.watch import Watch
from gateway.ledger.past import PastQuestion
from gateway.releases.states import ReleaseState
from gateway.settings import Settings
from gateway.witness.witnessed import WitnessStatus
from policies.active import PolicySet
from query.answers import Answer, Quote, Request
from query.ports import Balance

__all__ = ["Service"]


class Service(Protocol):
    """One deployment, as its routes see it; every method may be called by many threads."""

    @property
    def settings(self) -> Settings:
        """Settings of the deployment."""
        ...

    @property
    def accounts(self) -> Accounts:
        """API keys."""
        ...

    @property
    def stewardship(self) -> Stewardship:
        """What stewards do with declarations."""
        ...

    @property
    def policies(self) -> PolicySet:
        """Declarations in force."""
        ...

    def now(self) -> datetime:
        """Return the time, UTC; read once per request."""
        ...

    def quote(self, request: Request) -> Quote:
        """Price a question; nothing is charged.

        Raises:
            RefusalError: If the question could not be answered.
        """
        ...

    @property
    def jobs(self) -> Jobs:
        """Questions that are answered later, or once only."""
        ...

    def answer(self, request: Request, watch: Watch | None = None) -> Answer:
        """Answer a question; the charge and its audit entry are durable before rows are read.

        Args:
            request: The question.
            watch: Is told how far it is, and may end it; None where nobody looks.

        Raises:
            RefusalError: If the answer is no; nothing is charged then.
            ChargedError: If it failed after it was charged, or was cancelled then.
            InternalError: If it failed before that, or that cannot be told.
            JobCancelledError: If the watch was told to end it before it was charged.
        """
        ...

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return what pool, project and researcher may still spend on a dataset."""
        ...

    def stored_answer(self, project: str, query_id: str) -> Answer | None:
        """Return an answer that the project was given, or None."""
        ...

    def releases(self) -> tuple[ReleaseState, ...]:
        """Return all releases of records, as the audit log tells of them, the oldest first."""
        ...

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        """Return the entries of the audit log from one number to below another, as bytes."""
        ...

    def vkey(self) -> str:
        """Return the public key of the audit log (C2SP signed-note)."""
        ...

    def past(self, project: str, user: str) -> tuple[PastQuestion, ...]:
        """Return the last questions of a project that were charged, as a user may see them."""
        ...

    def checkpoint(self) -> str:
        """Return the last signed checkpoint of the audit log (C2SP tlog-checkpoint)."""
        ...

    def entries(self, index: int) -> tuple[Entry, ...]:
        """Return an entry of the audit log and those it refers to; nothing if there is none."""
        ...

    def proof(self, index: int) -> str | None:
        """Return the receipt of an entry (C2SP tlog-proof); None if there is no such entry."""
        ...

    def growth(self, size: int) -> str | None:
        """Return why the audit log grew from an earlier size; None if it never had it."""
        ...

    def tile(self, place: Place) -> bytes | None:
        """Return the bytes of a tile of the audit log; None if the log does not have it yet."""
        ...

    def read_whole(self) -> datetime:
        """Return when the audit log was last read from its first entry to its last, UTC."""
        ...

    def witness_status(self) -> WitnessStatus:
        """Return what the witnesses of the audit log say of it."""
        ...

    def record(self, event: IdentityEvent | ReviewEvent) -> object:
        """Append to the audit log who came, who looked, what was reviewed; then it is durable."""
        ...

    def before_closing(self, end: Callable[[], object]) -> None:
        """Call something once, when this deployment is closed, before anything of it is gone."""
        ...

    def readiness(self) -> Mapping[str, bool]:
        """Return what must hold before questions are answered, and whether it does."""
        ...
