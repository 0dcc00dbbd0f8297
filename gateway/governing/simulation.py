"""The questions of the past, asked again under declarations that are not in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.governing.history import Asked
from gateway.ledger.scopes import BudgetPlan, Scope, budget_plan, scope_id
from gateway.opening import cap_of
from policies.active import PolicySet
from policies.errors import RefusalError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Request
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

    def charges(self) -> Mapping[str, tuple[int, int, Measure]]:
        """Return for each project what was charged and what would be, in units of a measure."""
        found: dict[str, tuple[int, int, Measure]] = {}
        for one in self.outcomes:
            loss = one.charge or one.asked.charged
            if loss is not None:
                project = one.asked.request.access.project
                was, would, _ = found.get(project, (0, 0, loss.measure))
                found[project] = (
                    was + _units(one.asked.charged),
                    would + _units(one.charge),
                    loss.measure,
                )
        return found


@dataclass(slots=True)
class _Book:
    """What would be spent of each budget of the candidate, and what would have been answered."""

    plan: BudgetPlan
    spent: dict[str, int] = field(default_factory=dict)
    answered: set[tuple[str, str]] = field(default_factory=set)

    def has_answered(self, asked: Asked) -> bool:
        """Say whether a question was free then, and the answer that it followed from is there."""
        free = asked.charged is not None and asked.charged.amount == 0
        return free and (asked.request.access.project, asked.cache_key) in self.answered

    def charge(self, asked: Asked, loss: PrivacyLoss) -> str:
        """Charge pool, project and researcher; return the code of the one that does not cover it.

        Nothing is charged then.
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
        """Charge, whatever is left: what was charged in the past cannot be refused any more."""
        for scope in self._scopes(asked) or ():
            self.spent[scope.id] = self.spent.get(scope.id, 0) + loss.amount
        if asked.cache_key:
            self.answered.add((asked.request.access.project, asked.cache_key))

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
    before: PolicySet,
    candidate: PolicySet,
    since: datetime,
    as_of: datetime | None = None,
) -> Simulation:
    """Ask the questions since a time again, in their order; nothing is charged, no row is read.

    Args:
        questions: All of the log, the oldest first; what was charged before ``since`` is spent.
        before: The declarations in force: a canonical text that cannot be read under these is
            skipped, since it would be refused for its form and not for what it asks.
        candidate: The declarations to try.
        since: Questions before it are not asked again.
        as_of: The day on which all are asked; by default that on which each was.
    """
    book, outcomes, skipped = _Book(budget_plan(candidate, cap_of)), [], 0
    for one in questions:
        asked = replace(one, request=_filled(one.request, before))
        if asked.request.access.time < since:
            if asked.charged is not None:
                book.add(asked, asked.charged)
        elif not asked.is_exact and try_question(asked.request, before).facts is None:
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
    if book.has_answered(asked):
        loss = replace(loss, amount=0, delta=0)
    code = book.charge(asked, loss)
    return Outcome(asked=asked, code=code, charge=None if code else loss)


def _filled(request: Request, policies: PolicySet) -> Request:
    """Fill in what the log does not name, where the project has only one dataset or purpose."""
    access, project = request.access, policies.projects.get(request.access.project)
    if project is None:
        return request
    datasets = [grant.id for grant in project.spec.datasets]
    purposes = project.spec.purposes
    access = replace(
        access,
        dataset=access.dataset or (datasets[0] if len(datasets) == 1 else ""),
        purpose=access.purpose or (purposes[0] if len(purposes) == 1 else ""),
    )
    return replace(request, access=access)


def _units(loss: PrivacyLoss | None) -> int:
    return 0 if loss is None else loss.amount


def _code(refusal: RefusalError | None) -> str:
    return "" if refusal is None else refusal.code
