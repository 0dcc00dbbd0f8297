"""Stopping a dataset or a project at once, and letting it go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.audit.events import PolicyResumed, PolicySuspended
from gateway.errors import OperatorError
from gateway.governing.activated import ActivatedSets
from gateway.governing.activation import active_set, approvals_in
from gateway.ledger.sqlite import SqliteLedger
from gateway.ledger.suspension import already_suspended
from gateway.opening import OPERATOR
from gateway.settings import Settings
from policies.approvals import ApprovalSpec
from policies.signatures import Electorate, Statement, check_approvals
from query.ports import Receipt

__all__ = [
    "REASONS",
    "Stopping",
    "check_goes_on",
    "resume",
    "resume_statement",
    "stopped_by",
    "suspend",
    "suspend_statement",
]

REASONS: Final = ("incident", "breach", "error", "review", "request", "expiry")
"""Why something is stopped; a closed set, since the log holds no free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """What is to be stopped, or to go on.

    Attributes:
        subject: ``dataset/ID`` or ``project/ID``.
        digest: Of the declarations in force.
        approvals: What they ask of approvals; None where they ask for none.
        electorate: Whose signatures count; nobody is the author of a stop.
        actor: Opaque id of who stops it.
    """

    subject: str
    digest: str
    approvals: ApprovalSpec | None
    electorate: Electorate
    actor: str = OPERATOR

    @classmethod
    def of(cls, name: str, settings: Settings, ledger: SqliteLedger) -> Stopping:
        """Find what a name means: an id of one dataset or one project, or ``dataset/ID``.

        Raises:
            OperatorError: If it names nothing that is in force, or both a dataset and a project.
        """
        digest, policies = ledger.standing().policy, active_set(settings, ledger)
        if policies is None:
            raise OperatorError(
                "no declarations are in force",
                code="APP-NOT-ACTIVATED",
                remedy="run 'gateway policy activate'",
            )
        known = [
            *(f"dataset/{one}" for one in policies.datasets),
            *(f"project/{one}" for one in policies.projects),
        ]
        meant = [one for one in known if name in {one, one.partition("/")[2]}]
        if len(meant) != 1:
            raise OperatorError(
                f"{name} is no dataset and no project in force" if not meant else f"{name} is two",
                code="CFG-DATASET",
                remedy=f"name one of: {', '.join(meant or known)}",
            )
        asked = policies.approvals if policies.needs_approval else None
        return cls(
            subject=meant[0],
            digest=digest,
            approvals=None if asked is None else asked.spec,
            electorate=Electorate.of(policies, None),
        )


def suspend_statement(stopping: Stopping, reason: str, since: int) -> Statement:
    """Return what one signs to stop something once: after its last turn, which an entry says."""
    about = f"{stopping.subject} {reason} {since}"
    return Statement(action="suspend", digest=stopping.digest, about=about)


def resume_statement(stopping: Stopping, entry: int) -> Statement:
    """Return what is signed to let it go on: of one stop, which an entry of the log made."""
    return Statement(action="resume", digest=stopping.digest, about=f"{stopping.subject} {entry}")


def suspend(
    stopping: Stopping,
    reason: str,
    envelope: bytes | None,
    parts: tuple[Settings, SqliteLedger],
    now: datetime,
) -> Receipt:
    """Stop a dataset or a project; a running service refuses from its next question on.

    Args:
        stopping: What.
        reason: One of ``REASONS``.
        envelope: The signed statement, where approvals are asked for.
        parts: The deployment's settings and open ledger.
        now: When.

    Raises:
        ApprovalError: If whoever signed may not.
        OperatorError: If it is suspended already, or took another turn in the meantime.
    """
    settings, ledger = parts
    check_goes_on(stopping, ledger)
    signers: tuple[str, ...] = ()
    since: int | None = None
    if stopping.approvals is not None:
        since = ledger.last_turn(stopping.subject)
        envelopes = () if envelope is None else (envelope,)
        signers = check_approvals(
            envelopes,
            suspend_statement(stopping, reason, since),
            stopping.approvals.suspend,
            stopping.electorate,
            now,
        )
        _keep(stopping, settings, envelopes)
    event = PolicySuspended(
        actor=stopping.actor,
        policy=stopping.digest,
        suspended=stopping.subject,
        because=reason,
        signers=" ".join(signers),
    )
    return ledger.suspend(event, since)


def resume(stopping: Stopping, parts: tuple[Settings, SqliteLedger], now: datetime) -> Receipt:
    """Let go on what was stopped, if as many sign as for a change that widens.

    The signed envelopes are those in the folder of the declarations.

    Raises:
        ApprovalError: If too few sign.
        OperatorError: If it is not suspended.
    """
    settings, ledger = parts
    entry = stopped_by(stopping, ledger)
    signers: tuple[str, ...] = ()
    if stopping.approvals is not None:
        envelopes = approvals_in(settings.policies, f"resume-{entry}")
        signers = check_approvals(
            envelopes,
            resume_statement(stopping, entry),
            stopping.approvals.widen,
            stopping.electorate,
            now,
        )
        _keep(stopping, settings, envelopes)
    return ledger.resume(
        PolicyResumed(
            actor=OPERATOR,
            policy=stopping.digest,
            suspended=stopping.subject,
            ref=entry,
            signers=" ".join(signers),
        )
    )


def stopped_by(stopping: Stopping, ledger: SqliteLedger) -> int:
    """Return the entry that stopped it.

    Raises:
        OperatorError: If it is not suspended.
    """
    entry = ledger.standing().suspended.get(stopping.subject)
    if entry is None:
        raise OperatorError(
            f"{stopping.subject} is not suspended",
            code="APP-NOT-SUSPENDED",
            remedy="look at 'gateway policy status'",
        )
    return entry


def check_goes_on(stopping: Stopping, ledger: SqliteLedger) -> None:
    """Check that there is something to stop, before anybody signs for it or is judged.

    Raises:
        OperatorError: If it is suspended already.
    """
    if stopping.subject in ledger.standing().suspended:
        raise already_suspended(stopping.subject)


def _keep(stopping: Stopping, settings: Settings, envelopes: Iterable[bytes]) -> None:
    """Keep approvals before the log names them: a crash between leaves some that nothing needs."""
    ActivatedSets(settings.activated).keep_approvals(stopping.digest, envelopes)
