"""A price is above nothing, in the pool's measure, and no more than one query may cost."""

from __future__ import annotations

from decimal import Decimal

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.privacy import DELTA_UNITS
from policies.rules.standing import Standing

__all__ = ["decide_price"]


def decide_price(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a price of zero, in another measure, or above what any layer lets one query cost."""
    effective, loss = standing.effective, facts.loss
    symbol, most = effective.measure.symbol, effective.largest_price
    if loss.measure is not effective.measure:
        return Deny(
            rule="price",
            code="BUD-MEASURE",
            reason=f"the price is given as {loss.measure.symbol}",
            remedy=f"give it as {symbol}",
            source=standing.of_dataset("spec", "queries", "measure"),
        )
    amount, delta = effective.max_amount.binding, effective.max_delta.binding
    if loss.amount == 0:
        return Deny(
            rule="price",
            code="BUD-ZERO",
            reason="the price is 0, and every answer costs something",
            remedy=f"give {symbol} above 0 and at most {most.parameter}",
            source=amount.source,
        )
    if loss.amount <= amount.value and loss.delta <= delta.value:
        return Allow()
    above = amount.source if loss.amount > amount.value else delta.source
    shown = (Decimal(delta.value) / DELTA_UNITS).normalize()
    return Deny(
        rule="price",
        code="BUD-QUERY-CAP",
        reason=f"the price is above what one query may cost ({above.path[-1]})",
        remedy=f"ask for {symbol} {most.parameter} and delta {shown:f} at most",
        source=above,
    )
