"""DP-DELTA-HIGH: a delta so large that single patients could be given away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from policies.declared import Declarations
from policies.errors import DeclarationError

__all__ = ["find_high_delta"]

USUAL_UNITS: Final = 100_000
"""Units of a dataset that does not say how many it holds at most."""


def find_high_delta(declarations: Declarations, _today: date) -> Iterator[DeclarationError]:
    """Give each pool whose delta is not well below one in the number of its units."""
    for dataset in declarations.datasets:
        spec = dataset.policy.spec
        units = spec.privacy_unit.max_units or USUAL_UNITS
        most = Decimal(1) / (10 * units)
        if spec.budget.delta > most:
            yield dataset.document.error(
                f"delta is {spec.budget.delta.normalize():f} where there may be {units} units",
                code="DP-DELTA-HIGH",
                remedy=f'write at most "{most:f}", a tenth of one in {units}',
                path=("spec", "budget", "delta"),
            )
