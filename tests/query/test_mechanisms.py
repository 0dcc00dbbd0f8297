from __future__ import annotations

import math
from decimal import Decimal
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import Noise, Sensitivity, build, rho_of

ONE = Sensitivity(groups=1, per_group=1)
MEASURES = [Measure.PURE, Measure.ZCDP]


def loss(measure: Measure, parameter: str) -> PrivacyLoss:
    return PrivacyLoss.of_budget(measure, Decimal(parameter))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("asked", ["0.1", "0.3", "0.7", "1", "0.000001", "12.345678"])
@pytest.mark.parametrize("statistics", [1, 2, 3, 7])
def test_the_price_is_exactly_what_was_asked(measure: Measure, asked: str, statistics: int) -> None:
    sensitivities = [Sensitivity(groups=3, per_group=n + 1) for n in range(statistics)]

    assert build(measure, sensitivities, 4, loss(measure, asked)).loss == loss(measure, asked)


def test_ten_times_a_tenth_is_one() -> None:
    price = build(Measure.PURE, [ONE], 1, loss(Measure.PURE, "0.1")).loss
    total = price
    for _ in range(9):
        total += price

    assert total == loss(Measure.PURE, "1")


@settings(max_examples=100, deadline=None)
@given(
    measure=st.sampled_from(MEASURES),
    amount=st.integers(1, 10**12),
    sensitivities=st.lists(
        st.builds(Sensitivity, groups=st.integers(1, 10**6), per_group=st.integers(1, 2**31)),
        min_size=1,
        max_size=6,
    ),
)
def test_the_price_is_never_above_what_was_asked(
    measure: Measure, amount: int, sensitivities: list[Sensitivity]
) -> None:
    asked = PrivacyLoss(measure=measure, amount=amount)

    built = build(measure, sensitivities, 2, asked)

    assert amount * (1 - 1e-9) - 1 <= built.loss.amount <= amount


@settings(max_examples=50, deadline=None)
@given(
    sensitivities=st.lists(
        st.builds(Sensitivity, groups=st.integers(1, 50), per_group=st.integers(1, 10**6)),
        min_size=1,
        max_size=4,
    )
)
def test_the_scales_are_worth_no_less_than_the_price(sensitivities: list[Sensitivity]) -> None:
    pure = build(Measure.PURE, sensitivities, 1, loss(Measure.PURE, "0.5"))
    zcdp = build(Measure.ZCDP, sensitivities, 1, loss(Measure.ZCDP, "0.5"))

    epsilon = sum(
        one.l1 / noise.scale for one, noise in zip(sensitivities, pure.noises, strict=True)
    )
    rho = sum(
        one.groups * one.per_group**2 / (2 * noise.scale**2)
        for one, noise in zip(sensitivities, zcdp.noises, strict=True)
    )
    assert epsilon == pytest.approx(0.5, rel=1e-9)
    assert rho == pytest.approx(0.5, rel=1e-9)


def test_norms_bound_what_groups_and_rows_allow() -> None:
    one = Sensitivity(groups=3, per_group=5)

    assert one.l1 == 15
    assert one.l2 >= math.sqrt(75)
    assert one.l2 == pytest.approx(math.sqrt(75))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("exact", [2**62, -(2**62), 0])
def test_integers_near_the_edge_are_released(measure: Measure, exact: int) -> None:
    built = build(measure, [ONE, ONE], 3, loss(measure, "0.5"))

    noisy = built.release(((exact,) * 3, (exact,) * 3))

    assert all(abs(value - exact) < 10_000 for vector in noisy for value in vector)


def test_noise_is_drawn_anew_for_each_cell_and_release() -> None:
    built = build(Measure.PURE, [ONE], 50, loss(Measure.PURE, "0.01"))

    first, second = built.release(((0,) * 50,)), built.release(((0,) * 50,))

    assert len(set(first[0])) > 10
    assert first != second


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


def laplace_within(scale: float, most: int) -> float:
    p = math.exp(-1 / scale)
    return 1 - 2 * p ** (most + 1) / (1 + p)


def gaussian_delta(rho: float, epsilon: float) -> float:
    sigma = 1 / math.sqrt(2 * rho)
    normal = NormalDist().cdf
    return normal(1 / (2 * sigma) - epsilon * sigma) - math.exp(epsilon) * normal(
        -1 / (2 * sigma) - epsilon * sigma
    )
