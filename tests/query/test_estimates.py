from __future__ import annotations

import math

import pytest

from policies.privacy import Measure
from query.answers import Estimate
from query.estimates import Uncertain, estimate_of
from query.mechanisms import Noise

TWO = (Noise(measure=Measure.ZCDP, scale=3.0), Noise(measure=Measure.ZCDP, scale=4.0))
LAPLACE = (Noise(measure=Measure.PURE, scale=10.0), Noise(measure=Measure.PURE, scale=10.0))

ZERO, ONE = (0, 0), (1, 0)
"""The first number of the first statistic and of the second."""


def test_independent_errors_add_in_squares() -> None:
    total = Uncertain(10.0, {ZERO: 1.0}) + Uncertain(5.0, {ONE: 1.0})

    assert estimate_of(total, TWO, 0.95).standard_error == pytest.approx(5)
    assert estimate_of(total, TWO, 0.95).value == 15


def test_a_shared_statistic_counts_once() -> None:
    same = Uncertain(10.0, {ZERO: 1.0}) - Uncertain(10.0, {ZERO: 1.0})

    assert estimate_of(same, TWO, 0.95) == Estimate(
        value=0.0, standard_error=0.0, lower=0.0, upper=0.0
    )


def test_products_and_ratios_follow_the_delta_method() -> None:
    a, b = Uncertain(10.0, {ZERO: 1.0}), Uncertain(5.0, {ONE: 1.0})

    assert (a * b).parts == {ZERO: 5.0, ONE: 10.0}
    assert (a / b).parts == {ZERO: 0.2, ONE: -0.4}


def test_the_interval_of_one_statistic_is_that_of_its_noise() -> None:
    given = estimate_of(Uncertain(0.0, {ZERO: -2.0}), LAPLACE, 0.95)

    assert given.upper == 2 * LAPLACE[0].half_width(0.95)
    assert given.lower == -given.upper


def test_the_interval_of_a_sum_knows_heavy_tails() -> None:
    both = Uncertain(0.0, {ZERO: 1.0, ONE: 1.0})

    heavy = estimate_of(both, LAPLACE, 0.99)
    assert heavy.standard_error is not None
    assert heavy.upper is not None
    assert heavy.upper > 2.576 * heavy.standard_error


@pytest.mark.parametrize(
    "number",
    [
        Uncertain(None),
        Uncertain(math.inf, {ZERO: 1.0}),
        Uncertain(math.nan, {ZERO: 1.0}),
        Uncertain(1.0, {ZERO: 1e300}),
        Uncertain(1.0, {ZERO: math.nan}),
    ],
)
def test_what_no_double_can_say_is_not_released(number: Uncertain) -> None:
    given = estimate_of(number, TWO, 0.95)

    assert given == Estimate(value=None, standard_error=None, lower=None, upper=None)


@pytest.mark.parametrize("divisor", [Uncertain(0.0, {ZERO: 1.0}), Uncertain(None)])
def test_nothing_is_divided_by_nothing(divisor: Uncertain) -> None:
    assert (Uncertain(3.0) / divisor).value is None
    assert (divisor + Uncertain(3.0)).value is None or divisor.value == 0


def test_the_interval_of_a_root_is_the_root_of_the_interval() -> None:
    square = Uncertain(25.0, {ZERO: 1.0})

    given, inner = (estimate_of(one, TWO, 0.95) for one in (square.root(), square))

    assert given.value == 5
    assert given.lower == pytest.approx(math.sqrt(inner.lower or 0))
    assert given.upper == pytest.approx(math.sqrt(inner.upper or 0))


def test_a_root_of_what_noise_has_made_negative_is_0() -> None:
    given = estimate_of(Uncertain(-1.0, {ZERO: 1.0}).root(), TWO, 0.95)

    assert (given.value, given.lower) == (0, 0)
    assert given.upper is not None
    assert given.upper > 0


@pytest.mark.parametrize("square", [Uncertain(None), Uncertain(4.0, {ZERO: math.inf})])
def test_of_a_square_that_is_not_known_there_is_no_root(square: Uncertain) -> None:
    assert estimate_of(square.root(), TWO, 0.95).value is None


def test_a_bound_moves_the_value_and_not_the_error() -> None:
    held = Uncertain(9.0, {ZERO: 1.0}).held(0, 5)

    assert held.value == 5
    assert held.parts == {ZERO: 1.0}
    assert Uncertain(None).held(0, 5).value is None
