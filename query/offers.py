"""What a question would cost now: its plan, less what was paid for the same question before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from policies.errors import UnsupportedQueryError
from policies.privacy import PrivacyLoss
from query.allowed import Allowed, is_met, missing_of
from query.answers import Quote, Request
from query.bound import Measurement
from query.draws import Drawn
from query.explain import quote_of
from query.kept import Kept, combine_noises, combine_vectors
from query.options import confidence_of
from query.plan import Plan
from query.ports import Ledger
from query.reuse import Wider

__all__ = ["Offer", "offer_of"]

_TOO_OLD: Final = (
    "asked before, longer ago than answers are given here: the whole price is charged anew"
)


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
        follows: Id of the last release for the same question, also of one that is too old to be
            given; None if there is none.
        derived_from: Under which the wider answer is kept that this one follows from; None where
            it follows from none, and ``kept`` is of the same question.
    """

    request: Request
    plan: Plan
    quote: Quote
    measurement: Measurement | None
    kept: Kept | None
    covers: PrivacyLoss
    follows: str | None = None
    derived_from: bytes | None = None

    def with_drawn(self, drawn: Drawn, query_id: str) -> Kept:
        """Return the release once the missing draw is there, added to what is kept.

        Draws that select keys select different ones: the last one stands alone.
        """
        noisy, spent = drawn.noisy, self.quote.loss
        if self.kept is not None and self.measurement is not None and drawn.keys is None:
            noisy = combine_vectors(self.kept, noisy, self.measurement.noises)
            spent = self.kept.spent + spent
        return Kept(
            query_id=query_id,
            asked=self.request.access.time,
            noisy=noisy,
            noises=self.plan.noises,
            spent=spent,
            covers=self.covers,
            keys=drawn.keys,
            threshold=self.quote.threshold,
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
    last = None if snapshot is None else _recall(allowed, snapshot, ledger)
    kept = last if last is not None and allowed.gives(last) else None
    offer = _priced(allowed, snapshot, ledger, kept)
    if last is None:
        return offer
    if kept is None and offer.measurement is not None:
        offer = replace(offer, quote=_said(offer.quote, _TOO_OLD))
    return replace(offer, follows=last.query_id)


def _priced(allowed: Allowed, snapshot: str | None, ledger: Ledger, kept: Kept | None) -> Offer:
    missing = allowed.measurement.loss if kept is None else missing_of(allowed, kept)
    if kept is not None and missing is None:
        plan = allowed.plan.with_noises(kept.noises).with_threshold(kept.threshold)
        return _offer(allowed, plan, None, kept)
    wider = None if snapshot is None else _wider(allowed, snapshot, ledger)
    if wider is not None:
        return _derived(allowed, wider)
    if kept is None or missing is None or allowed.plan.is_keyed:
        return _offer(allowed, allowed.plan, allowed.measurement, kept)
    most = allowed.measurement.loss.amount
    while True:
        plan, measurement = allowed.at(missing)
        noises = combine_noises(kept.noises, measurement.noises)
        if missing.amount >= most or is_met(allowed, noises):
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


def _said(quote: Quote, more: str) -> Quote:
    return replace(quote, explanation=(*quote.explanation, more))


def _offer(
    allowed: Allowed, plan: Plan, measurement: Measurement | None, kept: Kept | None
) -> Offer:
    whole = allowed.covers
    confidence = confidence_of(allowed.request)
    described = quote_of(plan, measurement or allowed.measurement, allowed.dataset, confidence)
    free = PrivacyLoss(measure=whole.measure, amount=0)
    loss = free if measurement is None else measurement.loss
    alone = plan.is_keyed and measurement is not None
    _check_price(allowed.request, loss)
    return Offer(
        request=allowed.request,
        plan=plan,
        quote=replace(
            described,
            loss=loss,
            spent=None if kept is None or alone else kept.spent,
            explanation=(*described.explanation, *_history(kept, loss, alone=alone)),
        ),
        measurement=measurement,
        kept=kept,
        covers=whole
        if kept is None or alone
        else max(whole, kept.covers, key=lambda one: one.amount),
    )


def _history(kept: Kept | None, loss: PrivacyLoss, *, alone: bool) -> tuple[str, ...]:
    if kept is None:
        return ()
    paid = f"asked before, for {kept.spent.measure.symbol} {kept.spent.parameter.normalize():f}"
    if loss.amount == 0:
        return (f"{paid}: the stored answer is given again, for nothing",)
    if alone:
        return (f"{paid}: private keys are selected anew, so the whole price is charged",)
    return (f"{paid}: only the rest is charged, and its draw is combined with the stored answer",)


def _check_price(request: Request, loss: PrivacyLoss) -> None:
    confirmed = request.confirm_price
    if confirmed is not None and loss.amount and confirmed != loss.parameter:
        raise UnsupportedQueryError(
            f"the price is {loss.parameter:f}, not the one that was confirmed",
            code="SQL-PRICE-CHANGED",
            remedy="ask for a new quote",
        )
