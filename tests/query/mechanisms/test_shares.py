from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.privacy import Measure
from query.mechanisms import shares

MEASURES = list(Measure)
WEIGHTS = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=6)


def summed_error(measure: Measure, weights: list[float], parts: list[float]) -> float:
    power = 2 if measure is Measure.PURE else 1
    return math.fsum(w / part**power for w, part in zip(weights, parts, strict=True))


@given(measure=st.sampled_from(MEASURES), weights=WEIGHTS)
def test_shares_add_up_to_the_whole(measure: Measure, weights: list[float]) -> None:
    parts = shares(measure, weights)

    assert math.fsum(parts) == pytest.approx(1, abs=1e-12)
    assert all(part > 0 for part in parts)


@given(
    measure=st.sampled_from(MEASURES),
    weights=st.lists(st.floats(0.01, 100), min_size=2, max_size=6),
    moved=st.floats(-0.5, 0.5),
)
def test_no_other_split_has_a_smaller_error(
    measure: Measure, weights: list[float], moved: float
) -> None:
    best = list(shares(measure, weights))
    taken = moved * min(best[0], best[1])
    other = [best[0] - taken, best[1] + taken, *best[2:]]

    assert summed_error(measure, weights, best) <= summed_error(measure, weights, other) * (
        1 + 1e-12
    )


def test_eight_times_the_weight_is_twice_the_share_under_pure() -> None:
    assert shares(Measure.PURE, [1, 8]) == pytest.approx((1 / 3, 2 / 3))


def test_four_times_the_weight_is_twice_the_share_under_zcdp() -> None:
    assert shares(Measure.ZCDP, [1, 4]) == pytest.approx((1 / 3, 2 / 3))


def test_weights_beyond_what_a_double_holds_as_a_ratio_are_no_error() -> None:
    assert all(part > 0 for part in shares(Measure.PURE, [1e-300, 1e300]))


@pytest.mark.parametrize("weights", [[], [0.0], [1.0, -1.0], [math.inf], [math.nan]])
def test_refuses_weights_that_are_not_above_0(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="finite numbers above 0"):
        shares(Measure.PURE, weights)
