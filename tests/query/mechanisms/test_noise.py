from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from policies.privacy import Measure
from query.mechanisms import Noise, Sensitivity


def test_norms_bound_what_groups_and_rows_allow() -> None:
    one = Sensitivity(groups=3, per_group=5)

    assert one.l1 == 15
    assert one.l2 >= math.sqrt(75)
    assert one.l2 == pytest.approx(math.sqrt(75))


class TestNoise:
    @pytest.mark.parametrize("scale", [0.001, 0.05, 0.5, 1.0, 7.3, 300.0])
    @pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999999])
    def test_a_laplace_interval_is_the_smallest_that_holds(
        self, scale: float, confidence: float
    ) -> None:
        half = Noise(measure=Measure.PURE, scale=scale).half_width(confidence)

        assert laplace_within(scale, int(half)) >= confidence - 1e-12
        assert half == 0 or laplace_within(scale, int(half) - 1) < confidence + 1e-12

    @pytest.mark.parametrize("scale", [0.05, 0.5, 1.0, 7.3, 40.0])
    def test_the_standard_error_is_that_of_the_discrete_laplace(self, scale: float) -> None:
        p = math.exp(-1 / scale)
        variance = sum(2 * k * k * (1 - p) / (1 + p) * p**k for k in range(1, 3000))

        assert Noise(measure=Measure.PURE, scale=scale).standard_error == pytest.approx(
            math.sqrt(variance)
        )

    def test_the_gaussian_interval_is_the_normal_quantile(self) -> None:
        noise = Noise(measure=Measure.ZCDP, scale=10.0)

        assert noise.half_width(0.95) == pytest.approx(10 * NormalDist().inv_cdf(0.975))
        assert noise.standard_error == 10
        assert noise.excess_kurtosis == 0
        assert noise.name == "discrete Gaussian"

    def test_laplace_says_its_name(self) -> None:
        assert Noise(measure=Measure.PURE, scale=1.0).name == "discrete Laplace"


def laplace_within(scale: float, most: int) -> float:
    p = math.exp(-1 / scale)
    return 1 - 2 * p ** (most + 1) / (1 + p)


@pytest.mark.parametrize("measure", list(Measure))
def test_noise_of_half_the_price_is_wider(measure: Measure) -> None:
    one = Sensitivity(groups=4, per_group=3)

    whole, half = Noise.worth(measure, one, 0.5), Noise.worth(measure, one, 0.25)

    assert whole.scale == pytest.approx(24 if measure is Measure.PURE else 6)
    assert half.scale / whole.scale == pytest.approx(2 if measure is Measure.PURE else math.sqrt(2))
