"""Privacy measures and losses, in the integer units in which they are charged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum

from policies.errors import DeclarationError

__all__ = ["DELTA_UNITS", "Measure", "PrivacyLoss"]

DELTA_UNITS = 10**18
"""Units of delta: 1e-18."""


class Measure(Enum):
    """How losses add up in one pool; fixed for the life of the pool.

    Sources: pure differential privacy, Dwork and Roth (2014), Definition 2.4 with delta 0;
    zero-concentrated differential privacy, Bun and Steinke (2016), Definition 1.1.
    """

    PURE = "pure"
    ZCDP = "zcdp"

    @property
    def units(self) -> int:
        """How many integer units one epsilon (pure) or one rho (zCDP) has."""
        return 10**6 if self is Measure.PURE else 10**9

    @property
    def symbol(self) -> str:
        """The parameter's name: ``epsilon`` or ``rho``."""
        return "epsilon" if self is Measure.PURE else "rho"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyLoss:
    """What one release may cost one privacy unit, as integers, so that sums are exact.

    Attributes:
        measure: The measure in which ``amount`` counts.
        amount: micro-epsilon (1e-6) for pure, nano-rho (1e-9) for zCDP; 0 or more.
        delta: In units of 1e-18; 0 <= delta < 1e18.

    Raises:
        DeclarationError: If a number is outside its range.

    Source: addition is basic composition, Dwork and Roth (2014), Theorem 3.16, and for zCDP
    Bun and Steinke (2016), Lemma 1.7; both hold for adaptively chosen losses as a filter
    (Rogers et al. 2016; Whitehouse et al. 2023).
    """

    measure: Measure
    amount: int
    delta: int = 0

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise DeclarationError(f"{self.measure.symbol} is below 0; give 0 or more")
        if not 0 <= self.delta < DELTA_UNITS:
            raise DeclarationError("delta is outside its range; give a number from 0 to below 1")

    @classmethod
    def of_price(cls, measure: Measure, parameter: float, delta: float = 0.0) -> PrivacyLoss:
        """Round what a mechanism costs up to whole units."""
        return cls(
            measure=measure,
            amount=_units(Decimal(parameter), measure.units, ROUND_CEILING),
            delta=_units(Decimal(delta), DELTA_UNITS, ROUND_CEILING),
        )

    @classmethod
    def of_budget(
        cls, measure: Measure, parameter: Decimal, delta: Decimal = Decimal(0)
    ) -> PrivacyLoss:
        """Round what may be spent down to whole units."""
        return cls(
            measure=measure,
            amount=_units(parameter, measure.units, ROUND_FLOOR),
            delta=_units(delta, DELTA_UNITS, ROUND_FLOOR),
        )

    @property
    def parameter(self) -> Decimal:
        """The loss as epsilon (pure) or rho (zCDP)."""
        return Decimal(self.amount) / self.measure.units

    def __add__(self, other: PrivacyLoss) -> PrivacyLoss:
        if self.measure is not other.measure:
            raise DeclarationError("losses of two measures were added; a pool has one measure")
        return PrivacyLoss(
            measure=self.measure,
            amount=self.amount + other.amount,
            delta=self.delta + other.delta,
        )


def _units(value: Decimal, units: int, rounding: str) -> int:
    if not value.is_finite():
        raise DeclarationError("a privacy loss is not finite; give a finite number")
    return int((value * units).to_integral_value(rounding=rounding))
