"""Running a steward's tests against the decisions and the planner that serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Final

from policies.active import PolicySet
from policies.cases import ExpectAllow, Expectation, ExpectDeny, Scene, Who, load_tests
from policies.coverage import Target, hits, targets
from policies.decide import decide_release
from policies.decisions import Access, Decision, Deny, require
from policies.errors import DeclarationError, PolicyDeniedError, RefusalError
from policies.load import load_policies
from policies.privacy import Measure
from query.answers import Quote, Request
from query.trials import Trial, try_question

__all__ = ["NOON", "PolicyTestFailure", "PolicyTestReport", "request_of", "run_policy_tests"]

NOON: Final = time(12, tzinfo=UTC)
"""The time of a day on which something is tried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestFailure:
    """A case that ended otherwise than it expects.

    Attributes:
        scene: The case, and where it stands.
        instead: What came, in words.
    """

    scene: Scene
    instead: str

    def __str__(self) -> str:
        return f"{self.scene.file}:{self.scene.position}: {self.scene.name}: {self.instead}"

    def error(self) -> DeclarationError:
        """Return it as what keeps the declarations from being in force."""
        return DeclarationError(
            f"{self.scene.name}: {self.instead}",
            code="TST-FAILED",
            remedy="correct the declarations, or what the test expects of them",
            file=self.scene.file,
            position=self.scene.position,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestReport:
    """What came out.

    Attributes:
        run: Number of cases.
        failures: Those that failed.
        targets: All that could be looked at.
        missed: What no case has looked at, sorted.
    """

    run: int
    failures: tuple[PolicyTestFailure, ...]
    targets: int
    missed: tuple[Target, ...]


def run_policy_tests(folder: Path, active: PolicySet | None = None) -> PolicyTestReport:
    """Run all tests of a folder of declarations; no rows are read and nothing is charged.

    Args:
        folder: Holds the tests.
        active: The declarations; those of the folder by default.

    Raises:
        DeclarationError: If a declaration or a test is not well written.
    """
    active, scenes = active or load_policies(folder), load_tests(folder)
    failures: list[PolicyTestFailure] = []
    seen: set[Target] = set()
    for scene in scenes:
        when = datetime.combine(scene.case.at, NOON)
        price = (scene.price, scene.measure)
        request = request_of(active, scene.case.asks, scene.query, when, price)
        if scene.case.records is not None:
            facts = scene.case.records.facts(request.access.principal)
            decision = decide_release(request.access, facts, active)
            wrong = _wrong_decision(scene.expect, decision)
            failures += [PolicyTestFailure(scene=scene, instead=wrong)] if wrong else []
            continue
        trial = try_question(request, active)
        wrong = _wrong(scene.expect, trial)
        if wrong:
            failures.append(PolicyTestFailure(scene=scene, instead=wrong))
        else:  # what came out otherwise than expected proves nothing
            denied = _denial(trial.refusal)
            if denied is not None or trial.refusal is None:
                seen |= hits(request.access, trial.facts, denied, active)
    everything = targets(active)
    return PolicyTestReport(
        run=len(scenes),
        failures=tuple(failures),
        targets=len(everything),
        missed=tuple(sorted(everything - seen)),
    )


def request_of(
    active: PolicySet,
    who: Who,
    sql: str,
    when: datetime,
    price: tuple[Decimal | None, Measure | None] = (None, None),
) -> Request:
    """Return a question, with the dataset and the purpose that it may leave out filled in.

    Args:
        active: The declarations.
        who: Who asks in which project.
        sql: The query.
        when: Now.
        price: What is offered, and in which measure; None for the default and for any.
    """
    project = active.projects.get(who.project)
    granted = () if project is None else tuple(grant.id for grant in project.spec.datasets)
    purposes = () if project is None else project.spec.purposes
    return Request(
        access=Access(
            principal=who.user,
            project=who.project,
            dataset=who.dataset or _only(granted),
            purpose=who.purpose or _only(purposes),
            time=when,
        ),
        sql=sql,
        loss=price[0],
        measure=price[1],
    )


def _only(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ""


def _denial(refusal: RefusalError | None) -> Deny | None:
    if not isinstance(refusal, PolicyDeniedError):
        return None
    return Deny(rule=refusal.rule, code=refusal.code, reason="")


def _wrong_decision(expect: Expectation, decision: Decision) -> str:
    """Return what was decided instead of what was expected of records, or nothing."""
    refusal = None
    try:
        require(decision)
    except PolicyDeniedError as error:
        refusal = error
    if isinstance(expect, ExpectDeny):
        return _not_denied(expect, refusal)
    return "" if refusal is None else f"expected to be allowed, but: {refusal.code} {refusal}"


def _wrong(expect: Expectation, trial: Trial) -> str:
    """Return what came instead of what was expected, or nothing."""
    if isinstance(expect, ExpectDeny):
        return _not_denied(expect, trial.refusal)
    if trial.quote is None:
        assert trial.refusal is not None  # noqa: S101  one of the two there is
        return f"expected to be allowed, but: {trial.refusal.code} {trial.refusal}"
    return _not_worth(expect, trial.quote)


def _not_denied(expect: ExpectDeny, refusal: RefusalError | None) -> str:
    if refusal is None:
        return f"expected {expect.code}, but it is allowed"
    at = refusal.at if isinstance(refusal, PolicyDeniedError) else ""
    if (refusal.code, expect.at or at) == (expect.code, at):
        return ""
    return f"expected {expect.code} {expect.at or ''}, but it is {refusal.code} {at}".rstrip()


def _not_worth(expect: ExpectAllow, quote: Quote) -> str:
    price, most = quote.loss.parameter, expect.charge_at_most
    if most is not None and price > most:
        return f"expected to cost at most {most}, but it costs {price}"
    found = {one.column: one.sensitivity for one in quote.aggregates}
    for column, sensitivity in expect.sensitivity.items():
        if found.get(column) != sensitivity:
            return f"expected sensitivity {sensitivity} of {column}, but it is {found.get(column)}"
    return ""
