"""A price is above nothing, in the pool's measure, and no more than one query may cost."""

from __future__ import annotations

from decimal import Decimal

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.pointers import pointer
from policies.privacy import DELTA_UNITS
from policies.rules.standing import Standing

__all__ = ["decide_price"]


def decide_price(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a price of zero, in another measure, or above ``max_loss_per_query``."""
    dataset, loss = standing.dataset, facts.loss
    symbol, most = dataset.measure.symbol, dataset.largest_price()
    if loss.measure is not dataset.measure:
        return Deny(
            rule="price",
            code="BUD-MEASURE",
            reason=f"the price is given as {loss.measure.symbol}",
            remedy=f"give it as {symbol}",
            at=pointer("spec", "queries", "measure"),
            policy=dataset.id,
        )
    if loss.amount == 0:
        return Deny(
            rule="price",
            code="BUD-ZERO",
            reason="the price is 0, and every answer costs something",
            remedy=f"give {symbol} above 0 and at most {most.parameter}",
            at=pointer("spec", "queries", "max_loss_per_query"),
            policy=dataset.id,
        )
    if loss.amount <= most.amount and loss.delta <= most.delta:
        return Allow()
    above = "max_loss_per_query" if loss.amount > most.amount else "keys_delta_per_query"
    delta = (Decimal(most.delta) / DELTA_UNITS).normalize()
    allowed = f"{symbol} {most.parameter} and delta {delta:f}"
    return Deny(
        rule="price",
        code="BUD-QUERY-CAP",
        reason=f"the price is above what one query may cost ({above})",
        remedy=f"ask for {allowed} at most",
        at=pointer("spec", "queries", above),
        policy=dataset.id,
    )
