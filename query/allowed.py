"""A question that may be asked: parsed, decided and bounded at its whole price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.decide import decide_access, decide_use
from policies.decisions import Obligation, QueryFacts, require
from policies.privacy import Measure, PrivacyLoss
from query.answers import Request
from query.bound import Asked, Measurement, bound, cells_of, price_asked, with_keys_delta
from query.canonical import question_key
from query.kept import Kept
from query.mechanisms import Noise
from query.options import BEFORE_FILTER, check_measure, with_options
from query.parse.sqltext import too_deep
from query.plan import Plan
from query.planning import planned, question_asked
from query.ports import Ledger
from query.question import Question
from query.reading import column_uses, relations_of
from query.relations import Scan
from query.reuse import Related

__all__ = ["Allowed", "allowed_plan", "facts_of", "is_met", "missing_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A question that was allowed, with the plan that answers it at its whole price.

    Attributes:
        request: With the options of its prefix as fields.
        dataset: What is asked.
        question: The typed SELECT.
        duties: What the policy asks of the answer.
        plan: At the whole price.
        measurement: At the whole price, which is its loss.
        covers: The whole price as it was asked for: of private keys, with the delta asked for.
        policy_digest: Policies under which it was allowed.
    """

    request: Request
    dataset: DatasetPolicy
    question: Question
    duties: tuple[Obligation, ...]
    plan: Plan
    measurement: Measurement
    covers: PrivacyLoss
    policy_digest: str

    def key(self, snapshot: str) -> bytes:
        """Return the key under which releases for this question over a snapshot are kept."""
        return question_key(self.plan, self.dataset.id, snapshot, self.policy_digest)

    def gives(self, kept: Kept) -> bool:
        """Say whether a kept release is still given, or what follows from it."""
        return self.dataset.spec.retention.gives(kept.asked, self.request.access.time)

    def related(self, snapshot: str, ledger: Ledger) -> Related:
        """Return the stored answers that this question may follow from."""
        return Related(
            dataset=self.dataset,
            project=self.request.access.project,
            snapshot=snapshot,
            policy_digest=self.policy_digest,
            ledger=ledger,
            time=self.request.access.time,
        )

    def at(self, loss: PrivacyLoss) -> tuple[Plan, Measurement]:
        """Plan the same question at another price."""
        asked = _asked(replace(self.request, accuracy=None))
        return bound(self.question, self.dataset, self.duties, loss, asked)


def allowed_plan(request: Request, policies: PolicySet) -> Allowed:
    """Parse, decide and bound; depends on the text, the policies and the clock alone.

    Raises:
        UnsupportedQueryError: The SQL or an option cannot be met.
        PolicyDeniedError: A policy says no.
    """
    try:
        return _allowed(request, policies)
    except RecursionError:  # columns of columns, each of which was read without
        raise too_deep() from None


def _allowed(request: Request, policies: PolicySet) -> Allowed:
    access_duties = require(decide_access(request.access, policies))
    dataset = policies.datasets[request.access.dataset]
    request = with_options(request)
    check_measure(request, dataset.measure)
    question = question_asked(request.sql, dataset, request.access)
    loss = price_asked(dataset, request.loss)
    loss = with_keys_delta(loss, question, dataset, request.delta)
    facts = facts_of(question, dataset, loss)
    duties = access_duties + require(decide_use(request.access, facts, policies))
    terms = (duties, loss, _asked(request))
    plan, measurement = planned(question, dataset, request.access, terms, request.sql)
    if request.accuracy is not None:  # its price is known only now
        facts = facts_of(question, dataset, measurement.loss)
        require(decide_use(request.access, facts, policies))
    return Allowed(
        request=request,
        dataset=dataset,
        question=question,
        duties=duties,
        plan=plan,
        measurement=measurement,
        covers=replace(measurement.loss, delta=loss.delta),
        policy_digest=policies.digest,
    )


def _asked(request: Request) -> Asked:
    return Asked(
        max_groups=request.max_groups,
        max_rows_per_group=request.max_rows_per_group,
        before_filter=BEFORE_FILTER.get(request.bounding or ""),
        accuracy=request.accuracy,
        weights=request.weights,
    )


def facts_of(question: Question, dataset: DatasetPolicy, loss: PrivacyLoss) -> QueryFacts:
    """Return what policies look at; keys that only lack a public domain are refused later."""
    asked, private = question.questions, dataset.spec.queries.private_keys == "allowed"
    relations = (relation for one in asked for relation in relations_of(one))
    return QueryFacts(
        tables=tuple(sorted({one.table for one in relations if isinstance(one, Scan)})),
        uses=column_uses(question, "private_key" if private else "group"),
        aggregates=frozenset(call.function.aggregate for one in asked for call in one.aggregates),
        group_columns=max(len(one.keys) for one in asked),
        cells=cells_of(question),
        loss=loss,
        private_keys=max(len(one.private_keys) for one in asked) if private else 0,
    )


def missing_of(allowed: Allowed, kept: Kept) -> PrivacyLoss | None:
    """What has to be paid beside what was; None if nothing has.

    By price: the difference. By accuracy: what gives a draw that, added to the stored ones, has
    the wanted variance; variances of Laplace noise fall with the square of epsilon, those of
    Gaussian noise with rho, and inverse variances add up.
    """
    whole = allowed.measurement.loss
    if allowed.plan.is_keyed:
        return None if _is_covered(allowed, kept) else whole
    if allowed.request.accuracy is None:
        covered = max(kept.spent.amount, kept.covers.amount)
        if whole.amount <= covered:
            return None
        return PrivacyLoss(measure=whole.measure, amount=whole.amount - kept.spent.amount)
    if is_met(allowed, kept.noises):
        return None
    ratio = min(
        new.standard_error / old.standard_error if old.standard_error else math.inf
        for new, old in zip(allowed.measurement.noises, kept.noises, strict=True)
    )
    power = 2 if whole.measure is Measure.PURE else 1
    share = max(1 - ratio**2, 0.0) ** (1 / power)
    return PrivacyLoss(measure=whole.measure, amount=max(math.ceil(whole.amount * share), 1))


def _is_covered(allowed: Allowed, kept: Kept) -> bool:
    """Say whether keys were selected for as much as is asked now, and counted as exactly."""
    if allowed.covers.delta > kept.covers.delta:
        return False
    if allowed.request.accuracy is not None:
        return is_met(allowed, kept.noises)
    return allowed.covers.amount <= kept.covers.amount


def is_met(allowed: Allowed, noises: Sequence[Noise]) -> bool:
    """Say whether noises give the accuracy that is wanted, if one is."""
    accuracy = allowed.request.accuracy
    return accuracy is None or all(
        noise.half_width(accuracy.confidence) <= wanted.half_width(accuracy.confidence)
        for noise, wanted in zip(noises, allowed.plan.noises, strict=True)
    )
