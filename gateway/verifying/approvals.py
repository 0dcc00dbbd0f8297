"""Whether every activation, stop and resumption in the log has the signatures that it says.

The envelopes and the sets of declarations are those that were kept; rules and keys are those that
were in force at the time. So whoever can write the log, but has no private key of an approver,
cannot have put anything in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from gateway.audit.database import LedgerPlace, read_ledger
from gateway.audit.entries import Entry, parse_entry
from gateway.audit.errors import LogError
from gateway.audit.events import PolicyActivated, PolicyResumed, PolicySuspended
from gateway.audit.findings import Failure, Finding
from gateway.errors import OperatorError
from gateway.governing.activated import ActivatedSets
from gateway.governing.activation import author_of, demand_of, statement_of
from policies.active import PolicySet
from policies.approvals import Demand
from policies.changes import classify
from policies.errors import ApprovalError
from policies.signatures import Electorate, Statement, check_approvals

__all__ = ["check_kept_approvals"]


def check_kept_approvals(database: LedgerPlace, sets: ActivatedSets) -> tuple[Finding, ...]:
    """Verify the envelopes that are kept for every entry that needs some.

    Args:
        database: The ledger's SQLite file; read only.
        sets: The sets that were put in force, with their envelopes.

    Returns:
        What is wrong; entries of another form are passed over, since the log's own check tells.
    """
    state, findings = _State(sets), []
    with read_ledger(database) as connection:
        for index, leaf in connection.execute("SELECT idx, leaf FROM entry ORDER BY idx"):
            try:
                entry = parse_entry(leaf)
            except LogError:
                continue
            findings += [Finding(index, Failure.APPROVAL, one) for one in state.take(index, entry)]
    return tuple(findings)


@dataclass(slots=True)
class _State:
    """What was in force after the entries so far.

    Attributes:
        sets: The sets that were put in force, with their envelopes.
        name: Of the state in force, as an approval to replace it has it.
        since: Which entry put it in force.
        policies: The set in force; None where no copy is kept.
        needs_approval: Whether it asks for approvals.
        turns: Which entry stopped or resumed what since then, the last of each.
    """

    sets: ActivatedSets
    name: str = "none"
    since: int = 0
    policies: PolicySet | None = None
    needs_approval: bool = False
    turns: dict[str, int] = field(default_factory=dict)

    def take(self, index: int, entry: Entry) -> Iterator[str]:
        """Go one entry on, and yield what it lacks."""
        event, time = entry.event, datetime.fromisoformat(entry.stamp.time).astimezone(UTC)
        match event:
            case PolicyActivated():
                yield from self._activated(index, event, time)
            case PolicySuspended() | PolicyResumed():
                if self.needs_approval:
                    yield from self._turned(event, time)
                self.turns[event.suspended] = index
            case _:
                pass

    def _activated(self, index: int, event: PolicyActivated, time: datetime) -> Iterator[str]:
        declared, before = self.sets.find(event.policy), self.policies
        required = event.approvals == "required"
        if required or self.needs_approval:
            deciding = before if self.needs_approval else declared
            if declared is None or deciding is None or deciding.approvals is None:
                yield "no copy is kept of the declarations, so their approvals cannot be verified"
            else:
                change = classify(before, declared).value
                if change != event.change:
                    yield f"it says that the change {event.change}, but it {change}"
                yield from self._unsigned(
                    event,
                    (statement_of(event.policy, self.name),),
                    demand_of(deciding.approvals.spec, change),
                    Electorate.of(deciding, author_of(declared)),
                    time,
                )
        self.name, self.since, self.policies = f"{event.policy}@{index}", index, declared
        self.needs_approval, self.turns = required, {}

    def _turned(self, event: PolicySuspended | PolicyResumed, time: datetime) -> Iterator[str]:
        if self.policies is None or self.policies.approvals is None:
            return  # told of the activation
        spec, subject = self.policies.approvals.spec, event.suspended
        if isinstance(event, PolicySuspended):
            # Of earlier versions, an approval did not say after which turn it holds.
            earlier = f"{subject} {event.because}"
            about = [f"{earlier} {self.turns.get(subject, self.since)}", earlier]
            action, demand = "suspend", spec.suspend
        else:
            about, action, demand = [f"{subject} {event.ref}"], "resume", spec.widen
        statements = [Statement(action=action, digest=event.policy, about=one) for one in about]
        electorate = Electorate.of(self.policies, None)
        yield from self._unsigned(event, statements, demand, electorate, time)

    def _unsigned(
        self,
        event: PolicyActivated | PolicySuspended | PolicyResumed,
        statements: Sequence[Statement],
        demand: Demand,
        electorate: Electorate,
        time: datetime,
    ) -> Iterator[str]:
        """Yield what is wrong with the first of the statements, unless one of them was signed."""
        try:
            kept = self.sets.approvals(event.policy)
        except OperatorError:
            yield "its declarations have no copy"
            return
        lacks = [
            _lacking(
                partial(check_approvals, kept, one, demand, now=time), electorate, event.signers
            )
            for one in statements
        ]
        if all(lacks):
            yield lacks[0]


def _lacking(
    check: Callable[[Electorate], tuple[str, ...]], electorate: Electorate, signers: str
) -> str:
    """Return what an entry's approvals lack, in words; empty where they are enough.

    More may be kept than the entry names: what a crash left, before it could be logged.
    """
    named = set(signers.split())
    keys = {name: key for name, key in electorate.keys.items() if name in named}
    try:
        check(electorate)
    except ApprovalError as error:
        return f"the approvals that are kept are not enough: {error.code}"
    try:
        counted = set(check(replace(electorate, keys=keys)))
    except ApprovalError:
        counted = set()
    return "" if counted == named else "it names other signers than those whose approvals are kept"
