"""What a question would cost now: its plan, less what was paid for the same question before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.decide import decide_access, decide_use
from policies.decisions import Obligation, QueryFacts, require
from policies.errors import UnsupportedQueryError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Quote, Request
from query.bound import Asked, bound, cells_of, price_asked
from query.canonical import question_key
from query.explain import quote_of
from query.kept import Kept, NoisyVectors, combine_noises, combine_vectors
from query.mechanisms import BuiltMeasurement, Noise
from query.options import check_measure, confidence_of, with_options
from query.parse import parse
from query.plan import Plan
from query.ports import Ledger
from query.question import Question, column_uses
from query.reuse import Related, Wider
from query.traversal import scans

__all__ = ["Allowed", "Offer", "allowed_plan", "offer_of"]


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
        policy_digest: Policies under which it was allowed.
    """

    request: Request
    dataset: DatasetPolicy
    question: Question
    duties: tuple[Obligation, ...]
    plan: Plan
    measurement: BuiltMeasurement
    policy_digest: str

    def key(self, snapshot: str) -> bytes:
        """Return the key under which releases for this question over a snapshot are kept."""
        return question_key(self.plan, self.dataset.id, snapshot, self.policy_digest)

    def related(self, snapshot: str, ledger: Ledger) -> Related:
        """Return the stored answers that this question may follow from."""
        return Related(
            dataset=self.dataset,
            project=self.request.access.project,
            snapshot=snapshot,
            policy_digest=self.policy_digest,
            ledger=ledger,
        )

    def at(self, loss: PrivacyLoss) -> tuple[Plan, BuiltMeasurement]:
        """Plan the same question at another price."""
        asked = _asked(replace(self.request, accuracy=None))
        return bound(self.question, self.dataset, self.duties, loss, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the question costs now, and what its answer will be worth.

    Attributes:
        request: With the options of its prefix as fields.
        plan: With the noises that the answer will have, stored draws included.
        quote: Price and worth.
        measurement: Of the draw that is missing; None where a stored release is as good.
        kept: What was released for the same question before; None if nothing was.
        covers: The price that the answer will be as good as.
        derived_from: Under which the wider answer is kept that this one follows from; None where
            it follows from none, and ``kept`` is of the same question.
    """

    request: Request
    plan: Plan
    quote: Quote
    measurement: BuiltMeasurement | None
    kept: Kept | None
    covers: PrivacyLoss
    derived_from: bytes | None = None

    def with_drawn(self, drawn: NoisyVectors, query_id: str) -> Kept:
        """Return the release once the missing draw is there, added to what is kept."""
        noises, spent = self.plan.noises, self.quote.loss
        if self.kept is not None and self.measurement is not None:
            drawn = combine_vectors(self.kept, drawn, self.measurement.noises)
            spent = self.kept.spent + spent
        return Kept(query_id=query_id, noisy=drawn, noises=noises, spent=spent, covers=self.covers)


def allowed_plan(request: Request, policies: PolicySet) -> Allowed:
    """Parse, decide and bound; depends on the text, the policies and the clock alone.

    Raises:
        UnsupportedQueryError: The SQL or an option cannot be met.
        PolicyDeniedError: A policy says no.
    """
    access_duties = require(decide_access(request.access, policies))
    dataset = policies.datasets[request.access.dataset]
    request = with_options(request)
    check_measure(request, dataset.measure)
    question = parse(request.sql, dataset)
    loss = price_asked(dataset, request.loss)
    duties = access_duties + require(decide_use(request.access, _facts(question, loss), policies))
    plan, measurement = bound(question, dataset, duties, loss, _asked(request))
    if request.accuracy is not None:  # its price is known only now
        facts = _facts(question, measurement.loss)
        require(decide_use(request.access, facts, policies))
    return Allowed(
        request=request,
        dataset=dataset,
        question=question,
        duties=duties,
        plan=plan,
        measurement=measurement,
        policy_digest=policies.digest,
    )


def offer_of(allowed: Allowed, snapshot: str | None, ledger: Ledger) -> Offer:
    """Return what the question costs now; looks at what the ledger keeps, and never at rows.

    Args:
        allowed: The question.
        snapshot: The state of the data that is asked; None if there is none yet.
        ledger: Where releases are kept.

    Raises:
        UnsupportedQueryError: If another price was confirmed.
    """
    kept = None if snapshot is None else _recall(allowed, snapshot, ledger)
    missing = allowed.measurement.loss if kept is None else _missing(allowed, kept)
    if kept is not None and missing is None:
        return _offer(allowed, allowed.plan.with_noises(kept.noises), None, kept)
    wider = None if snapshot is None else _wider(allowed, snapshot, ledger)
    if wider is not None:
        return _derived(allowed, wider)
    if kept is None or missing is None:
        return _offer(allowed, allowed.plan, allowed.measurement, None)
    most = allowed.measurement.loss.amount
    while True:
        plan, measurement = allowed.at(missing)
        noises = combine_noises(kept.noises, measurement.noises)
        if missing.amount >= most or _is_met(allowed, noises):
            return _offer(allowed, plan.with_noises(noises), measurement, kept)
        # noise is whole and not quite normal: a little more makes up for it
        more = missing.amount + missing.amount // 64 + 1
        missing = replace(missing, amount=min(more, most))


def _recall(allowed: Allowed, snapshot: str, ledger: Ledger) -> Kept | None:
    stored = ledger.recall(allowed.request.access.project, allowed.key(snapshot))
    return None if stored is None else Kept.parse(stored)


def _wider(allowed: Allowed, snapshot: str, ledger: Ledger) -> Wider | None:
    accuracy = allowed.request.accuracy
    related = allowed.related(snapshot, ledger)
    wanted = allowed.measurement.noises
    return related.wider(allowed.plan, wanted, None if accuracy is None else accuracy.confidence)


def _derived(allowed: Allowed, wider: Wider) -> Offer:
    """Offer what follows from the stored answer to a wider question, for nothing."""
    offer = _offer(allowed, wider.plan, None, wider.kept)
    said = (
        f"computed from answer {wider.kept.query_id}, price 0: what is asked follows from it, and "
        "is as exact as what could be bought"
    )
    explanation = (*offer.quote.explanation[:-1], said)
    return replace(
        offer,
        quote=replace(offer.quote, spent=None, explanation=explanation),
        derived_from=wider.key,
    )


def _missing(allowed: Allowed, kept: Kept) -> PrivacyLoss | None:
    """What has to be paid beside what was; None if nothing has.

    By price: the difference. By accuracy: what gives a draw that, added to the stored ones, has
    the wanted variance; variances of Laplace noise fall with the square of epsilon, those of
    Gaussian noise with rho, and inverse variances add up.
    """
    whole = allowed.measurement.loss
    if allowed.request.accuracy is None:
        covered = max(kept.spent.amount, kept.covers.amount)
        if whole.amount <= covered:
            return None
        return PrivacyLoss(measure=whole.measure, amount=whole.amount - kept.spent.amount)
    if _is_met(allowed, kept.noises):
        return None
    ratio = min(
        new.standard_error / old.standard_error if old.standard_error else math.inf
        for new, old in zip(allowed.measurement.noises, kept.noises, strict=True)
    )
    power = 2 if whole.measure is Measure.PURE else 1
    share = max(1 - ratio**2, 0.0) ** (1 / power)
    return PrivacyLoss(measure=whole.measure, amount=max(math.ceil(whole.amount * share), 1))


def _is_met(allowed: Allowed, noises: Sequence[Noise]) -> bool:
    """Say whether noises give the accuracy that is wanted, if one is."""
    accuracy = allowed.request.accuracy
    return accuracy is None or all(
        noise.half_width(accuracy.confidence) <= wanted.half_width(accuracy.confidence)
        for noise, wanted in zip(noises, allowed.measurement.noises, strict=True)
    )


def _offer(
    allowed: Allowed, plan: Plan, measurement: BuiltMeasurement | None, kept: Kept | None
) -> Offer:
    whole = allowed.measurement.loss
    confidence = confidence_of(allowed.request)
    described = quote_of(plan, measurement or allowed.measurement, allowed.dataset, confidence)
    free = PrivacyLoss(measure=whole.measure, amount=0)
    loss = free if measurement is None else measurement.loss
    _check_price(allowed.request, loss)
    return Offer(
        request=allowed.request,
        plan=plan,
        quote=replace(
            described,
            loss=loss,
            spent=None if kept is None else kept.spent,
            explanation=(*described.explanation, *_history(kept, loss)),
        ),
        measurement=measurement,
        kept=kept,
        covers=max(whole, whole if kept is None else kept.covers, key=lambda one: one.amount),
    )


def _history(kept: Kept | None, loss: PrivacyLoss) -> tuple[str, ...]:
    if kept is None:
        return ()
    paid = f"asked before, for {kept.spent.measure.symbol} {kept.spent.parameter.normalize():f}"
    if loss.amount == 0:
        return (f"{paid}: the stored answer is given again, for nothing",)
    return (f"{paid}: only the rest is charged, and its draw is combined with the stored answer",)


def _check_price(request: Request, loss: PrivacyLoss) -> None:
    confirmed = request.confirm_price
    if confirmed is not None and loss.amount and confirmed != loss.parameter:
        raise UnsupportedQueryError(
            f"the price is {loss.parameter:f}, not the one that was confirmed",
            code="SQL-PRICE-CHANGED",
            remedy="ask for a new quote",
        )


def _asked(request: Request) -> Asked:
    return Asked(
        max_groups=request.max_groups,
        max_rows_per_group=request.max_rows_per_group,
        accuracy=request.accuracy,
        weights=request.weights,
    )


def _facts(question: Question, loss: PrivacyLoss) -> QueryFacts:
    asked = question.questions
    return QueryFacts(
        tables=tuple(sorted({scan.table for one in asked for scan in scans(one.relation)})),
        uses=column_uses(question),
        aggregates=frozenset(call.function.aggregate for one in asked for call in one.aggregates),
        group_columns=max(len(one.keys) for one in asked),
        cells=cells_of(question),
        loss=loss,
    )
