"""What stewards do with declarations in a deployment: look, try out, sign, put in force, stop."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.governing.activation import (
    Activation,
    activate,
    active_set,
    approvals_in,
    keep_signature,
)
from gateway.governing.declaration_files import check_name, declared_files, written_apart
from gateway.governing.history import questions_asked
from gateway.governing.pending import Pending, Signer, signer_of
from gateway.governing.simulation import simulate
from gateway.governing.suspension import (
    Stopping,
    check_goes_on,
    suspend,
    suspend_statement,
)
from gateway.governing.trials import Trial, tried_out
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import Settings
from policies.active import PolicySet
from policies.dsse import parse_envelope
from policies.errors import ApprovalError
from policies.signatures import Statement
from query.ports import Receipt

__all__ = ["Stewardship"]

_MOST_QUESTIONS: Final = 2000
"""Questions of the past that are asked again at most: the newest."""


class Stewardship:
    """The declarations of one deployment, for its stewards.

    Args:
        settings: Of the deployment.
        ledger: Open.
    """

    def __init__(self, settings: Settings, ledger: SqliteLedger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._last: tuple[object, Trial] | None = None

    def files(self) -> Mapping[str, str]:
        """Return the texts of all declarations, by path relative to their folder, sorted."""
        return declared_files(self._settings.policies)

    def pending(self, now: datetime) -> Pending:
        """Return what the folder holds, and what putting it in force would change."""
        standing, active = self._ledger.standing(), active_set(self._settings, self._ledger)
        trial = self._current_trial(active, now)
        found = Pending(standing=standing, active=active, trial=trial)
        return replace(found, signers=dict(self._signers(found, now)))

    def try_out(self, name: str, text: str, now: datetime, *, days: int | None = None) -> Trial:
        """Return what would come of the folder with one file written otherwise; nothing is kept.

        Args:
            name: Of a file of the folder, as ``files`` has it, or a new one of the same folders.
            text: What would stand in it.
            now: The time, UTC.
            days: Ask the questions of so many last days again; None asks none.

        Raises:
            NotFoundError: If a declaration cannot have that name.
        """
        check_name(name)
        active = active_set(self._settings, self._ledger)
        with written_apart({**self.files(), name: text}) as folder:
            trial = tried_out(folder, active, now)
        if days is None or trial.policies is None or active is None:
            return trial
        simulation = simulate(
            deque(questions_asked(self._settings.ledger), maxlen=_MOST_QUESTIONS),
            active,
            trial.policies,
            now - timedelta(days=days),
        )
        return replace(trial, simulation=simulation)

    def keep_approval(self, raw: bytes, now: datetime) -> str:
        """Keep a signature over the pending change; return whose it is.

        Raises:
            ApprovalError: If it is not one by a known key over exactly this change.
        """
        pending = self.pending(now)
        envelope, verdict = parse_envelope(raw), pending.judged(raw, now)
        if verdict is not None and verdict.key is None:
            raise ApprovalError(
                "no key of the declarations in force made this signature",
                code="APP-SIGNATURE",
                remedy="sign with a key that is among the declarations in force (keys/)",
            )
        signer = None if verdict is None else signer_of(verdict)
        if signer is None or pending.statement is None:
            raise ApprovalError(
                "what was signed is not the change that waits here",
                code="APP-STALE",
                remedy="load the page anew, and sign what it shows",
            )
        name = pending.statement.digest.removeprefix("sha256:")
        keep_signature(self._settings.policies, name, signer.key.id, envelope)
        return signer.key.spec.person

    def activate(self, now: datetime, actor: str) -> Activation:
        """Put the folder in force, if it is sound and those approve who have to.

        Args:
            now: Signatures must be valid at this time, UTC.
            actor: Opaque id of who does it.
        """
        return activate(self._settings, self._ledger, now, actor=actor)

    def stop_to_sign(self, name: str, reason: str) -> Statement | None:
        """Return what somebody has to sign to stop a dataset or a project now; None for nothing.

        Args:
            name: ``dataset/ID`` or ``project/ID``.
            reason: One of ``gateway.governing.suspension.REASONS``.

        Raises:
            OperatorError: If it names nothing that is in force, or what is suspended already.
        """
        stopping = Stopping.of(name, self._settings, self._ledger)
        check_goes_on(stopping, self._ledger)
        if stopping.approvals is None:
            return None
        return suspend_statement(stopping, reason, self._ledger.last_turn(stopping.subject))

    def suspend(
        self, name: str, reason: str, now: datetime, actor: str, raw: bytes | None = None
    ) -> Receipt:
        """Stop a dataset or a project at once.

        Args:
            name: ``dataset/ID`` or ``project/ID``.
            reason: One of ``gateway.governing.suspension.REASONS``.
            now: When.
            actor: Opaque id of who stops it.
            raw: The signed statement, where approvals are asked for.
        """
        parts = (self._settings, self._ledger)
        stopping = replace(Stopping.of(name, *parts), actor=actor)
        return suspend(stopping, reason, raw, parts, now)

    def _current_trial(self, active: PolicySet | None, now: datetime) -> Trial:
        """Return what the folder would change; computed anew only where something else is there."""
        state = (self.files(), None if active is None else active.digest, now.date())
        last = self._last
        if last is None or last[0] != state:
            last = (state, tried_out(self._settings.policies, active, now))
            self._last = last
        return last[1]

    def _signers(self, pending: Pending, now: datetime) -> Iterator[tuple[str, Signer]]:
        """Find who signed the change; of several keys of a person, one that counts."""
        statement = pending.statement
        if statement is None:
            return
        name = statement.digest.removeprefix("sha256:")
        verdicts = [pending.judged(raw, now) for raw in approvals_in(self._settings.policies, name)]
        signers = [signer_of(verdict) for verdict in verdicts if verdict is not None]
        found = [one for one in signers if one is not None]
        for one in sorted(found, key=lambda signer: signer.problem is None):
            yield one.key.spec.person, one
