"""DP-EPS-HIGH: a price or a pool that protects little."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from policies.datasets import DatasetPolicy
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.privacy import Measure

__all__ = ["find_high_epsilon"]

PER_QUERY: Final = Decimal(1)
PER_POOL: Final = Decimal(20)


def find_high_epsilon(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each dataset whose queries may cost more than 1, or whose pool more than 20."""
    for dataset in declarations.datasets:
        spec = dataset.policy.spec
        per_query = _epsilon(dataset.policy)
        if per_query > PER_QUERY:
            told = "" if dataset.policy.measure is Measure.PURE else " by its rho"
            yield dataset.document.error(
                f"one query may cost an epsilon of {per_query:.3g}{told}",
                code="DP-EPS-HIGH",
                remedy=f"lower it to epsilon {PER_QUERY}, or write down why it must be higher",
                path=("spec", "queries", "max_loss_per_query"),
            )
        if spec.budget.epsilon > PER_POOL:
            yield dataset.document.error(
                f"all answers together may cost an epsilon of {spec.budget.epsilon}",
                code="DP-EPS-HIGH",
                remedy=f"lower it to {PER_POOL}, or write down why it must be higher",
                path=("spec", "budget", "epsilon"),
            )


def _epsilon(dataset: DatasetPolicy) -> Decimal:
    """Return the price of the dearest query as epsilon, to warn and not to charge by it.

    Source: Bun and Steinke (2016), Proposition 1.3: rho + 2 sqrt(rho ln(1/delta)).
    """
    most = dataset.spec.queries.max_loss_per_query
    if dataset.measure is Measure.PURE:
        return most
    delta = dataset.spec.budget.conversion_part(dataset.measure)
    return most + 2 * (most * -delta.ln()).sqrt()
