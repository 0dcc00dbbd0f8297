"""Whether every activation, stop and resumption in the log has the signatures that it says.

The envelopes and the sets of declarations are those that were kept; rules and keys are those that
were in force at the time. So whoever can write the log, but has no private key of an approver,
cannot have put anything in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from policies.dsse import parse_envelope
from policies.errors import ApprovalError
from policies.signatures import Electorate, Statement, check_approvals, judge_approval

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
        by_turn: Whether a stop was signed already for one turn, as all are since such approvals
            are asked for.
        spent: Approvals of earlier versions that an entry has used: whose, and what was signed.
    """

    sets: ActivatedSets
    name: str = "none"
    since: int = 0
    policies: PolicySet | None = None
    needs_approval: bool = False
    turns: dict[str, int] = field(default_factory=dict)
    by_turn: bool = False
    spent: set[tuple[str, bytes]] = field(default_factory=set)

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
                    statement_of(event.policy, self.name),
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
        electorate = Electorate.of(self.policies, None)
        if isinstance(event, PolicyResumed):
            about = f"{subject} {event.ref}"
            statement = Statement(action="resume", digest=event.policy, about=about)
            yield from self._unsigned(event, statement, spec.widen, electorate, time)
            return
        earlier = f"{subject} {event.because}"
        about = f"{earlier} {self.turns.get(subject, self.since)}"
        statement = Statement(action="suspend", digest=event.policy, about=about)
        lacks = tuple(self._unsigned(event, statement, spec.suspend, electorate, time))
        if not lacks:
            self.by_turn = True
        elif self.by_turn or not self._signed_as_once(
            event, replace(statement, about=earlier), spec.suspend, electorate, time
        ):
            yield from lacks

    def _signed_as_once(
        self,
        event: PolicySuspended,
        statement: Statement,
        demand: Demand,
        electorate: Electorate,
        time: datetime,
    ) -> bool:
        """Whether a stop has an approval of the form of earlier versions, and use that up.

        Such an approval does not say after which turn it holds, so it counts for one entry, and for
        none after a stop that was signed for one turn: the gateway asks for those since then.
        """
        if any(self._unsigned(event, statement, demand, electorate, time)):
            return False
        for name in event.signers.split():
            alone = replace(electorate, keys={name: electorate.keys[name]})
            payloads = (
                parse_envelope(raw).payload
                for raw in self.sets.approvals(event.policy)
                if judge_approval(raw, statement, demand, alone, time).problem is None
            )
            unspent = next((one for one in payloads if (name, one) not in self.spent), None)
            if unspent is None:
                return False
            self.spent.add((name, unspent))
        return True

    def _unsigned(
        self,
        event: PolicyActivated | PolicySuspended | PolicyResumed,
        statement: Statement,
        demand: Demand,
        electorate: Electorate,
        time: datetime,
    ) -> Iterator[str]:
        """Yield what is wrong with the approvals of an entry: that they say this, and by whom."""
        try:
            kept = self.sets.approvals(event.policy)
        except OperatorError:
            yield "its declarations have no copy"
            return
        check = partial(check_approvals, kept, statement, demand, now=time)
        if lacks := _lacking(check, electorate, event.signers):
            yield lacks


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
