"""Two people let a restored, older ledger go on: what they sign, and what it costs.

What was charged in the entries that are lost is not known. So every budget is spent to its cap; who
wants to go on raises caps, which is a change that widens, with the approvals that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.activated import ActivatedSets
from gateway.activation import approvals_in
from gateway.audit.checkpoint import Checkpoint
from gateway.audit.database import read_ledger
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure
from gateway.audit.recovery_events import LogRecovered
from gateway.audit.verify import verify_log
from gateway.clock import Clock
from gateway.errors import OperatorError
from gateway.keyring import KeyRing
from gateway.ledger.activation import standing_of
from gateway.ledger.recovery import recover_ledger
from gateway.opening import OPERATOR, checkpoint_path
from gateway.settings import Settings
from policies.active import PolicySet
from policies.signatures import Electorate, Statement, check_approvals

__all__ = ["Recovery", "recover_log"]

_OF_THE_HEAD: Final = {Failure.ROLLBACK, Failure.ROOT, Failure.SIGNATURE, Failure.DATABASE}
"""What is wrong where the log itself is sound, and is not the one that was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What is to be given up.

    Attributes:
        digest: Of the declarations in force in the older state.
        policies: Them, where they ask for approvals.
        lost: The last signed head; None where it is missing or unusable.
        size: Entries of the older state, which stay.
    """

    digest: str
    policies: PolicySet | None
    lost: Checkpoint | None
    size: int

    @classmethod
    def of(cls, settings: Settings) -> Recovery:
        """Look at what there is; nothing is changed.

        Raises:
            OperatorError: ``SYS-LOG-SOUND`` if the log is the one that was signed;
                ``SYS-LOG-UNSOUND`` if it is not sound in itself;
                ``SYS-LOG-UNAPPROVED`` if it is from before approvals were required.
        """
        key = KeyRing.open(settings.keys).signer(settings.id).verifier
        report = verify_log(settings.ledger, key=key, checkpoint=checkpoint_path(settings))
        if report.is_sound:
            raise OperatorError(
                "the log is the one that was last signed",
                code="SYS-LOG-SOUND",
                remedy="there is nothing to recover from",
            )
        if {one.failure for one in report.findings} - _OF_THE_HEAD:
            raise OperatorError(
                "the log is not sound in itself, whatever was signed",
                code="SYS-LOG-UNSOUND",
                remedy="restore another copy; 'gateway audit verify' tells what is wrong",
            )
        standing = standing_of(settings.ledger)
        required = standing.approvals == "required"
        sets = ActivatedSets(settings.activated)
        if not required and _asked_for_approvals_since(settings, sets):
            raise OperatorError(
                "this copy is from before approvals were required",
                code="SYS-LOG-UNAPPROVED",
                remedy="restore a newer one, whose declarations say who has to sign",
            )
        try:
            lost = key.verify(checkpoint_path(settings).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, LogError):
            lost = None
        return cls(
            digest=standing.policy,
            policies=sets.load(standing.policy) if required else None,
            lost=lost,
            size=report.size,
        )

    @property
    def statement(self) -> Statement:
        """What one signs: which head is given up, and after how many entries the log goes on."""
        lost = "0 -" if self.lost is None else f"{self.lost.size} {self.lost.root.hex()}"
        return Statement(action="recover", digest=self.digest, about=f"{lost} {self.size}")

    @property
    def name(self) -> str:
        """How the files of its envelopes begin."""
        return f"recover-{self.size}"


def _asked_for_approvals_since(settings: Settings, sets: ActivatedSets) -> bool:
    """Whether a set that the copy does not know was kept when it was activated, and asks for them.

    Else whoever has an old copy would come back to a time when nobody had to sign.
    """
    with read_ledger(settings.ledger) as connection:
        known = {policy for (policy,) in connection.execute("SELECT policy FROM activation")}
    names = settings.activated.iterdir() if settings.activated.exists() else ()
    later = {f"sha256:{path.name}" for path in names} - known
    found = (sets.find(digest) for digest in later)
    return any(one is not None and one.needs_approval for one in found)


def recover_log(recovery: Recovery, settings: Settings, reason: str, clock: Clock) -> None:
    """Let the log go on, if as many sign as for a change that widens; spend all budgets.

    Args:
        recovery: What is given up.
        settings: Of the deployment.
        reason: Why, as ``gateway.suspension.REASONS`` has it.
        clock: Where time comes from.

    Raises:
        ApprovalError: If too few sign.
        OperatorError: ``SYS-LEDGER-OPEN`` if another process has the ledger open.
    """
    envelopes: tuple[bytes, ...] = ()
    signers: tuple[str, ...] = ()
    policies = recovery.policies
    if policies is not None and policies.approvals is not None:
        envelopes = approvals_in(settings.policies, recovery.name)
        signers = check_approvals(
            envelopes,
            recovery.statement,
            policies.approvals.spec.widen,
            Electorate.of(policies, None),
            clock.now(),
        )
    recover_ledger(
        settings.ledger,
        checkpoint_path(settings),
        KeyRing.open(settings.keys).signer(settings.id),
        clock,
        LogRecovered(
            actor=OPERATOR,
            policy=recovery.digest,
            because=reason,
            lost_size=0 if recovery.lost is None else recovery.lost.size,
            lost_root="" if recovery.lost is None else recovery.lost.root.hex(),
            signers=" ".join(signers),
        ),
    )
    for envelope in envelopes:
        ActivatedSets(settings.activated).keep_approval(recovery.digest, envelope)
