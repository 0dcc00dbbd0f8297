"""Whether every activation, stop and resumption in the log has the signatures that it says.

The envelopes and the sets of declarations are those that were kept; rules and keys are those that
were in force at the time. So whoever can write the log, but has no private key of an approver,
cannot have put anything in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.activated import ActivatedSets
from gateway.activation import author_of, demand_of, statement_of
from gateway.audit.database import LedgerPlace, read_ledger
from gateway.audit.entries import Entry, parse_entry
from gateway.audit.errors import LogError
from gateway.audit.events import PolicyActivated, PolicyResumed, PolicySuspended
from gateway.audit.findings import Failure, Finding
from gateway.audit.recovery_events import LogRecovered
from gateway.errors import OperatorError
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
    """What was in force after the entries so far."""

    sets: ActivatedSets
    name: str = "none"
    policies: PolicySet | None = None
    needs_approval: bool = False

    def take(self, index: int, entry: Entry) -> Iterator[str]:
        """Go one entry on, and yield what it lacks."""
        event, time = entry.event, datetime.fromisoformat(entry.stamp.time).astimezone(UTC)
        match event:
            case PolicyActivated():
                yield from self._activated(index, event, time)
            case PolicySuspended() if self.needs_approval:
                about = f"{event.suspended} {event.because}"
                yield from self._stopped(event, "suspend", about, time)
            case PolicyResumed() if self.needs_approval:
                yield from self._stopped(event, "resume", f"{event.suspended} {event.ref}", time)
            case LogRecovered() if self.needs_approval:
                about = f"{event.lost_size} {event.lost_root or '-'} {index}"
                yield from self._stopped(event, "recover", about, time)
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
        self.name, self.policies = f"{event.policy}@{index}", declared
        self.needs_approval = required

    def _stopped(
        self,
        event: PolicySuspended | PolicyResumed | LogRecovered,
        action: str,
        about: str,
        time: datetime,
    ) -> Iterator[str]:
        if self.policies is None or self.policies.approvals is None:
            return  # told of the activation
        spec = self.policies.approvals.spec
        statement = Statement(action=action, digest=event.policy, about=about)
        electorate = Electorate.of(self.policies, None)
        demand = spec.suspend if action == "suspend" else spec.widen
        yield from self._unsigned(event, statement, demand, electorate, time)

    def _unsigned(
        self,
        event: PolicyActivated | PolicySuspended | PolicyResumed | LogRecovered,
        statement: Statement,
        demand: Demand,
        electorate: Electorate,
        time: datetime,
    ) -> Iterator[str]:
        try:
            kept = self.sets.approvals(event.policy)
            signers = check_approvals(kept, statement, demand, electorate, time)
        except ApprovalError as error:
            yield f"the approvals that are kept are not enough: {error.code}"
        except OperatorError:
            yield "its declarations have no copy"
        else:
            if set(event.signers.split()) != set(signers):
                yield "it names other signers than those whose approvals are kept"
