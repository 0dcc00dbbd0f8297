"""The questions of the past, asked again under declarations that are not in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.history import Asked
from gateway.ledger.scopes import BudgetPlan, Scope, budget_plan, scope_id
from gateway.opening import cap_of
from policies.active import PolicySet
from policies.errors import RefusalError
from policies.privacy import PrivacyLoss
from query.trials import try_question

__all__ = ["Outcome", "Simulation", "simulate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a question, and what would become of it.

    Attributes:
        asked: The question.
        code: Why it would be refused; empty where it would be answered.
        charge: What would be charged; None where it would be refused.
    """

    asked: Asked
    code: str
    charge: PrivacyLoss | None

    @property
    def flip(self) -> str:
        """``allow -> deny``, ``deny -> allow``, or nothing."""
        if bool(self.asked.denied) == bool(self.code):
            return ""
        return "allow -> deny" if self.code else "deny -> allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What came out.

    Attributes:
        outcomes: Of every question that could be asked again, the oldest first.
        skipped: Questions whose text is not known: they could not be read, or are too long.
    """

    outcomes: tuple[Outcome, ...]
    skipped: int

    @property
    def flips(self) -> tuple[Outcome, ...]:
        """Those that end otherwise."""
        return tuple(one for one in self.outcomes if one.flip)

    def charges(self) -> Mapping[str, tuple[int, int, str]]:
        """Return for each project what was charged, what would be, and in which measure."""
        found: dict[str, tuple[int, int, str]] = {}
        for one in self.outcomes:
            for loss, place in ((one.asked.charged, 0), (one.charge, 1)):
                if loss is not None:
                    project = one.asked.request.access.project
                    was, would, _ = found.get(project, (0, 0, ""))
                    sums = (was + loss.amount, would) if place == 0 else (was, would + loss.amount)
                    found[project] = (*sums, loss.measure.value)
        return found


@dataclass(slots=True)
class _Book:
    """What would be spent of each budget of the candidate."""

    plan: BudgetPlan
    spent: dict[str, int] = field(default_factory=dict)

    def charge(self, asked: Asked, loss: PrivacyLoss) -> str:
        """Charge pool, project and researcher; return the code of the one that does not cover it.

        What is charged already cannot be refused any more: it is charged whatever is left.
        """
        scopes = self._scopes(asked)
        if scopes is None:
            return "BUD-NONE"
        for scope in scopes:
            if self.spent.get(scope.id, 0) + loss.amount > scope.cap.amount:
                return f"BUD-{scope.kind.upper()}"
        self.add(asked, loss)
        return ""

    def add(self, asked: Asked, loss: PrivacyLoss) -> None:
        """Charge what was charged in the past."""
        for scope in self._scopes(asked) or ():
            self.spent[scope.id] = self.spent.get(scope.id, 0) + loss.amount

    def _scopes(self, asked: Asked) -> tuple[Scope, ...] | None:
        access = asked.request.access
        pool = dict(self.plan.pools).get(access.dataset, "")
        ids = (
            scope_id(pool),
            scope_id(pool, access.project),
            scope_id(pool, access.project, access.principal),
        )
        known = {scope.id: scope for scope in self.plan.scopes}
        if not all(one in known for one in ids):
            return None
        return tuple(known[one] for one in ids)


def simulate(
    questions: Iterable[Asked],
    candidate: PolicySet,
    since: datetime,
    as_of: datetime | None = None,
) -> Simulation:
    """Ask the questions since a time again, in their order; nothing is charged, no row is read.

    Args:
        questions: All of the log, the oldest first; what was charged before ``since`` is spent.
        candidate: The declarations to try.
        since: Questions before it are not asked again.
        as_of: The day on which all are asked; by default that on which each was.
    """
    book, outcomes, skipped = _Book(budget_plan(candidate, cap_of)), [], 0
    for asked in questions:
        if asked.request.access.time < since:
            if asked.charged is not None:
                book.add(asked, asked.charged)
        elif not asked.request.sql:
            skipped += 1
        else:
            outcomes.append(_again(asked, candidate, book, as_of))
    return Simulation(outcomes=tuple(outcomes), skipped=skipped)


def _again(asked: Asked, candidate: PolicySet, book: _Book, as_of: datetime | None) -> Outcome:
    request = asked.request
    if as_of is not None:
        request = replace(request, access=replace(request.access, time=as_of))
    trial = try_question(request, candidate)
    if trial.quote is None:
        return Outcome(asked=asked, code=_code(trial.refusal), charge=None)
    loss = trial.quote.loss
    if asked.charged is not None and asked.charged.amount == 0:
        loss = replace(loss, amount=0, delta=0)  # it followed from a stored answer, as it would
    code = book.charge(asked, loss)
    return Outcome(asked=asked, code=code, charge=None if code else loss)


def _code(refusal: RefusalError | None) -> str:
    return "" if refusal is None else refusal.code
