from __future__ import annotations

import math
from decimal import Decimal
from statistics import NormalDist

import pytest

from query.mechanisms import rho_of


class TestRho:
    @pytest.mark.parametrize("epsilon", ["0.1", "1", "3", "10"])
    @pytest.mark.parametrize("delta", ["0.000001", "0.00000001", "0.01"])
    def test_rho_lies_between_two_closed_forms(self, epsilon: str, delta: str) -> None:
        rho = float(rho_of(Decimal(epsilon), Decimal(delta)))
        eps, log = float(epsilon), -math.log(float(delta))

        # Bun and Steinke (2016), Proposition 1.3, is weaker; Balle and Wang (2018), Theorem 8,
        # is what a Gaussian of that rho really does, so no conversion can allow more
        assert rho >= (math.sqrt(log + eps) - math.sqrt(log)) ** 2 * (1 - 1e-9)
        assert gaussian_delta(rho, eps) <= float(delta) * (1 + 1e-9)

    @pytest.mark.parametrize(("epsilon", "delta"), [("0", "0.1"), ("1", "0"), ("-1", "0.1")])
    def test_a_budget_of_nothing_is_an_error(self, epsilon: str, delta: str) -> None:
        with pytest.raises(ValueError, match="above 0"):
            rho_of(Decimal(epsilon), Decimal(delta))


def gaussian_delta(rho: float, epsilon: float) -> float:
    sigma = 1 / math.sqrt(2 * rho)
    normal = NormalDist().cdf
    return normal(1 / (2 * sigma) - epsilon * sigma) - math.exp(epsilon) * normal(
        -1 / (2 * sigma) - epsilon * sigma
    )
