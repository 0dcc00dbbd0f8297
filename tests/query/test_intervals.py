"""Intervals that are not as wide to both sides, and functions of them."""

from __future__ import annotations

import math

import pytest

from policies.privacy import Measure
from query.estimates import Uncertain, estimate_of
from query.intervals import NOWHERE, half_width, image, quotient_ends, standard_error
from query.mechanisms import Noise

GAUSS = (Noise(measure=Measure.ZCDP, scale=3.0), Noise(measure=Measure.ZCDP, scale=4.0))
LAPLACE = (Noise(measure=Measure.PURE, scale=30.0), Noise(measure=Measure.PURE, scale=40.0))
ABOVE, BELOW = (0, 0), (1, 0)


def ratio(above: float, below: float) -> Uncertain:
    return Uncertain(above, {ABOVE: 1.0}) / Uncertain(below, {BELOW: 1.0})


@pytest.mark.parametrize("noises", [GAUSS, LAPLACE])
def test_the_ends_of_a_quotient_are_where_noise_no_longer_explains_it(
    noises: tuple[Noise, ...],
) -> None:
    low, high = quotient_ends((900.0, {ABOVE: 1.0}), (600.0, {BELOW: 1.0}))(noises, 0.95)

    assert low < 1.5 < high
    for end in (low, high):
        reach = half_width({ABOVE: 1.0, BELOW: -end}, noises, 0.95)
        assert abs(900 - 600 * end) == pytest.approx(reach, rel=0.01)


def test_the_ends_are_found_where_the_shape_of_the_noise_changes_on_the_way() -> None:
    noises = (Noise(measure=Measure.PURE, scale=1000), Noise(measure=Measure.PURE, scale=11))
    ends = quotient_ends((-8.0, {ABOVE: 1.0}), (60.0, {BELOW: 1.0}))(noises, 0.99)

    for end in ends:  # after a few rounds they were 8 % too far out
        reach = half_width({ABOVE: 1.0, BELOW: -end}, noises, 0.99)
        assert abs(-8 - 60 * end) == pytest.approx(reach, rel=2e-3)


def test_the_interval_of_a_quotient_is_longer_away_from_0() -> None:
    found = estimate_of(ratio(60, 15), GAUSS, 0.95)

    assert found.lower is not None
    assert found.upper is not None
    assert found.upper - 4 > 1.5 * (4 - found.lower)


def test_of_a_large_divisor_it_is_that_of_first_order() -> None:
    found = estimate_of(ratio(9e12, 6e12), GAUSS, 0.95)

    assert found.standard_error == pytest.approx(math.hypot(3, 4 * 1.5) / 6e12, rel=1e-3)
    assert found.upper == pytest.approx(1.5 + 1.96 * math.hypot(3, 6) / 6e12, rel=1e-14)


def test_what_both_parts_share_counts_once() -> None:
    share = Uncertain(50.0, {ABOVE: 1.0}) / Uncertain(80.0, {ABOVE: 1.0, BELOW: 1.0})
    alone = ratio(50.0, 80.0)
    widths = [
        (found.upper or 0) - (found.lower or 0)
        for found in (estimate_of(one, GAUSS, 0.95) for one in (share, alone))
    ]

    assert 0 < widths[0] < widths[1] + 0.02


def test_where_the_divisor_may_be_0_there_are_no_ends() -> None:
    found = estimate_of(ratio(60, 5), GAUSS, 0.95)

    assert found.value == 12
    assert (found.lower, found.upper) == (None, None)


def test_bounds_are_ends_where_there_are_no_others() -> None:
    found = estimate_of(ratio(60, 5).held(0, 10), GAUSS, 0.95)

    assert (found.value, found.lower, found.upper) == (10, 0, 10)


def test_an_interval_is_moved_with_its_value_and_not_cut_to_nothing() -> None:
    before = estimate_of(ratio(600, 50), GAUSS, 0.95)
    after = estimate_of(ratio(600, 50).held(0, 10), GAUSS, 0.95)

    assert after.value == after.upper == 10
    assert before.lower is not None
    assert after.lower == pytest.approx(before.lower - 2)


def test_a_quotient_moves_with_what_is_exact() -> None:
    one, percent = (estimate_of(each, GAUSS, 0.95) for each in (ratio(60, 40), scaled()))

    assert percent.value == pytest.approx(100 * 1.5 + 7)
    assert percent.upper == pytest.approx(100 * (one.upper or 0) + 7)
    assert percent.lower == pytest.approx(100 * (one.lower or 0) + 7)


def scaled() -> Uncertain:
    return Uncertain(7.0) + Uncertain(100.0) * ratio(60, 40)


def test_subtracting_from_a_number_turns_its_interval_around() -> None:
    one = estimate_of(ratio(60, 40), GAUSS, 0.95)
    rest = estimate_of(Uncertain(1.0) - ratio(60, 40), GAUSS, 0.95)

    assert rest.lower == pytest.approx(1 - (one.upper or 0))
    assert rest.upper == pytest.approx(1 - (one.lower or 0))


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((-2.0, 3.0), (0.0, 9.0)), ((1.0, 3.0), (1.0, 9.0)), ((-3.0, -1.0), (1.0, 9.0))],
)
def test_a_square_turns_at_0(interval: tuple[float, float], expected: tuple[float, float]) -> None:
    assert image(lambda x: x * x, interval, turns=(0.0,)) == expected


def test_where_a_function_has_no_value_there_are_no_ends() -> None:
    assert image(math.log, (-1.0, 5.0)) == NOWHERE
    assert image(lambda x: 1 / x, (-1.0, 5.0), turns=(0.0,)) == NOWHERE
    assert image(lambda x: x * 0, (1.0, math.inf)) == NOWHERE


def test_rounding_rounds_the_ends() -> None:
    number = Uncertain(23.4, {ABOVE: 1.0}).through(math.floor, lambda _: 1.0)
    found = estimate_of(number, GAUSS, 0.95)

    assert (found.value, found.lower, found.upper) == (23, 17, 29)


def test_no_noise_is_no_error() -> None:
    silent = (Noise(measure=Measure.PURE, scale=1e-9),)

    assert standard_error({ABOVE: math.inf}, silent) == 0
    assert half_width({ABOVE: 0.0}, GAUSS, 0.95) == 0
