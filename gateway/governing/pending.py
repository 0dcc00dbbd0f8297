"""The change that waits in the folder of declarations: what it is, who has to sign, who has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.governing.activation import author_of, deciding_set, demand_of, statement_of
from gateway.governing.trials import Trial
from gateway.ledger.records import PolicyStanding
from policies.active import PolicySet
from policies.approvals import ApprovalKey, Demand
from policies.errors import ApprovalError
from policies.signatures import Electorate, Statement, Verdict, judge_approval

__all__ = ["Pending", "Signer", "signer_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Somebody who signed the pending change.

    Attributes:
        key: The key that signed.
        problem: Why that does not count; None where it does.
    """

    key: ApprovalKey
    problem: ApprovalError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The folder of declarations beside what is in force.

    Attributes:
        standing: What is in force, and what is suspended.
        active: The set in force; None where nothing is.
        trial: What the folder would change.
        signers: Persons with a signature over exactly this change, whether or not it counts.
    """

    standing: PolicyStanding
    active: PolicySet | None
    trial: Trial
    signers: Mapping[str, Signer] = field(default_factory=dict)

    @property
    def demand(self) -> Demand | None:
        """How many have to sign the change, in which roles; None where nobody has to."""
        declared, change = self.trial.policies, self.trial.change
        if declared is None or change is None:
            return None
        deciding = deciding_set(self.active, declared)
        if deciding.approvals is None or not deciding.needs_approval:
            return None
        return demand_of(deciding.approvals.spec, change.value)

    def judged(self, raw: bytes, now: datetime) -> Verdict | None:
        """Return whether an approval counts for the change; None where none is asked for."""
        declared, statement, demand = self.trial.policies, self.statement, self.demand
        if declared is None or statement is None or demand is None:
            return None
        electorate = Electorate.of(deciding_set(self.active, declared), author_of(declared))
        return judge_approval(raw, statement, demand, electorate, now)

    @property
    def is_in_force(self) -> bool:
        """Whether the folder is what is in force."""
        return self.trial.policies is not None and (
            self.trial.policies.digest == self.standing.policy
        )

    @property
    def statement(self) -> Statement | None:
        """What is signed to put the folder in force; None where something is wrong."""
        if self.trial.policies is None or self.trial.lint.errors:
            return None
        return statement_of(self.trial.policies.digest, self.standing.state)


def signer_of(verdict: Verdict) -> Signer | None:
    """Return who signed the very statement; None where nobody known did."""
    problem = verdict.problem
    if verdict.key is None or (problem is not None and problem.code == "APP-STALE"):
        return None
    return Signer(key=verdict.key, problem=problem)
