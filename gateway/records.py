"""The record door of a deployment: rows and values without noise, decided upon and logged first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from anonymizers.operators import Cipher, Revealed, reveal
from gateway.audit.database import Connection
from gateway.audit.events import (
    RecordsApproved,
    RecordsChecked,
    RecordsDenied,
    RecordsExported,
    RecordsRequested,
    ValuesRevealed,
)
from gateway.clock import Clock, SystemClock
from gateway.erasure import check_lists
from gateway.governing.activated import ActivatedSets
from gateway.governing.in_force import InForce
from gateway.ingest.request import IngestKeys
from gateway.keyring import KeyRing
from gateway.ledger.activation import standing
from gateway.ledger.facts import named
from gateway.ledger.sqlite import SqliteLedger
from gateway.ledger.suspension import check_not_suspended
from gateway.opening import open_ledger, open_store
from gateway.releases.folder import sweep_drafts
from gateway.settings import Settings
from gateway.witnessing import Witnessing, open_witnessing
from policies.active import PolicySet
from policies.decide import decide_measured, decide_release, decide_reveal
from policies.decisions import Access, Decision, RevealFacts, require
from policies.errors import PolicyDeniedError
from policies.record_facts import Measured, ReleaseFacts
from policies.text_operators import Label
from policies.transforms import DeidentifyText
from query.ports import Receipt

__all__ = ["Asked", "RecordDoor", "record_door"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for records.

    Attributes:
        user: A member of the project, as its declaration names people.
        project: For whom.
        dataset: Of what.
        purpose: Why, in the words of the policy.
    """

    user: str
    project: str
    dataset: str
    purpose: str


@contextmanager
def record_door(settings: Settings, clock: Clock | None = None) -> Iterator[RecordDoor]:
    """Open the record door of a deployment, with the ledger that logs what passes.

    Raises:
        OperatorError: If keys, log or folders are wrong.
        DeclarationError: If a declaration is wrong.
        StoreError: ``STO-LIST`` if it was forgotten who was erased.
    """
    keys, clock = KeyRing.open(settings.keys), clock or SystemClock()
    # Opened first: what could not be logged does not leave.
    ledger = open_ledger(settings, keys, clock)
    try:
        in_force = InForce(settings, ledger)  # so that the log shows what decided
        since = ledger.standing().entry  # what comes in force after it is noticed
        sweep_drafts(settings.releases)
        policies = in_force.now()
        check_lists(open_store(settings, keys), ledger, policies.datasets)
        yield RecordDoor(
            settings=settings,
            policies=policies,
            since=since,
            witnessing=open_witnessing(settings, ledger, lambda: policies, clock),
            keys=keys,
            ledger=ledger,
            clock=clock,
        )
    finally:
        ledger.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDoor:
    """Decides, logs, and then gives; use ``record_door``.

    Attributes:
        settings: Of the deployment.
        policies: What decides: an approved set, or the folder of the declarations.
        since: The entry that put the last set in force; None before the first.
        witnessing: Who cosigns the log; without a fresh quorum nothing leaves.
        keys: Secrets of the deployment.
        ledger: Has the audit log.
        clock: Says when.
    """

    settings: Settings
    policies: PolicySet
    since: int | None
    witnessing: Witnessing
    keys: KeyRing = field(repr=False)
    ledger: SqliteLedger
    clock: Clock

    def allow(self, asked: Asked, facts: ReleaseFacts) -> None:
        """Let a release be made, or leave.

        Raises:
            PolicyDeniedError: If the policy says no; logged.
            UnavailableError: If witnesses have not cosigned the log lately.
        """
        self._require(asked, decide_release(self._access(asked), facts, self.policies))

    def allow_measured(self, asked: Asked, facts: ReleaseFacts, measured: Measured) -> None:
        """Let a release that was made be kept.

        Raises:
            PolicyDeniedError: If the policy says no. That may depend on rows, so the log does not
                have it.
        """
        require(decide_measured(self._access(asked), facts, measured, self.policies))

    def record(
        self,
        asked: Asked,
        event: RecordsRequested
        | RecordsChecked
        | RecordsApproved
        | RecordsExported
        | ValuesRevealed,
        *checks: Callable[[Connection], None],
    ) -> Receipt:
        """Append what passes the door, if what allowed it still holds in that moment.

        Args:
            asked: Who, and why.
            event: What happens.
            checks: What else has to hold, as ``SqliteLedger.record`` takes them.

        Raises:
            PolicyDeniedError: If other declarations have come in force since the door was opened,
                or project or dataset were suspended; logged.
        """
        with self._refusals_logged(asked):
            return self.ledger.record(event, partial(self._check_standing, asked), *checks)

    def keep_policies(self) -> None:
        """Keep a copy of what decides, so that approvals under it can be verified for ever."""
        ActivatedSets(self.settings.activated).keep(self.policies, ())

    def reveal(self, asked: Asked, column: str, labels: Sequence[Label], text: str) -> Revealed:
        """Bring encrypted values of a text back, once that is in the log.

        Args:
            asked: Who, and why.
            column: ``table.column`` of the declared notes.
            labels: What the values are; none for all that the column encrypts.
            text: With tokens; those of other projects and labels stay.

        Raises:
            PolicyDeniedError: If the policy says no; logged.
        """
        table, _, name = column.partition(".")
        wanted = tuple(labels) or self._encrypted(asked.dataset, table, name)
        facts = RevealFacts(table=table, column=name, labels=wanted)
        self._require(asked, decide_reveal(self._access(asked), facts, self.policies))
        scopes = (asked.project, "")  # what was given to the project, and what ingest stored
        keys = (
            IngestKeys.of(self.keys.master_secret, asked.dataset, scope).reversible
            for scope in scopes
        )
        revealed = reveal(text, [Cipher(key=key) for key in keys], frozenset(wanted))
        for label in wanted:
            self.record(
                asked,
                ValuesRevealed(
                    actor=asked.user,
                    project=asked.project,
                    purpose=asked.purpose,
                    dataset=asked.dataset,
                    policy=self.policies.digest,
                    column=column,
                    label=label.value,
                    revealed=revealed.counts.get(label, 0),
                ),
            )
        return revealed

    def _encrypted(self, dataset: str, table: str, column: str) -> tuple[Label, ...]:
        """Return what a column encrypts; all labels where it is none that does, to be refused."""
        declared = self.policies.datasets.get(dataset)
        tables = {} if declared is None else declared.tables
        found = tables[table].columns.get(column) if table in tables else None
        transform = None if found is None else found.effective_transform
        if not isinstance(transform, DeidentifyText):
            return tuple(Label)
        return tuple(label for label in Label if transform.encrypts(label)) or tuple(Label)

    def _access(self, asked: Asked) -> Access:
        return Access(
            principal=asked.user,
            project=asked.project,
            dataset=asked.dataset,
            purpose=asked.purpose,
            time=self.clock.now(),
        )

    def _require(self, asked: Asked, decision: Decision) -> None:
        self.witnessing.check()
        with self._refusals_logged(asked):
            require(decision)

    def _check_standing(self, asked: Asked, connection: Connection) -> None:
        check_not_suspended(connection, asked.project, asked.dataset)
        if standing(connection, {}).entry != self.since:
            raise PolicyDeniedError(
                "the policy changed while the records were prepared",
                rule="active_policy",
                code="POL-CHANGED",
                remedy="give the command again",
            )

    @contextmanager
    def _refusals_logged(self, asked: Asked) -> Iterator[None]:
        try:
            yield
        except PolicyDeniedError as error:
            self.ledger.record(
                RecordsDenied(
                    actor=asked.user,
                    named_project=named("named_project", asked.project, "(unknown)"),
                    named_purpose=named("named_purpose", asked.purpose, "(unlisted)"),
                    named_dataset=named("named_dataset", asked.dataset, "(unknown)"),
                    policy=self.policies.digest,
                    code=error.code,
                    rule=error.rule,
                    at=named("at", error.at, ""),
                )
            )
            raise
