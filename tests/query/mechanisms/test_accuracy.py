from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import Accuracy, Sensitivity, build, loss_within
from query.mechanisms import accuracy as module

SENSITIVITIES = [Sensitivity(groups=2, per_group=3), Sensitivity(groups=1, per_group=1)]


@settings(max_examples=40, deadline=None)
@given(
    measure=st.sampled_from(list(Measure)),
    half_width=st.floats(0.5, 1e6),
    confidence=st.floats(0.5, 0.999),
    statistic=st.integers(0, 1),
    weights=st.sampled_from([None, [1.0, 1.0], [1.0, 30.0]]),
)
def test_the_loss_suffices_and_one_unit_less_does_not(
    measure: Measure,
    half_width: float,
    confidence: float,
    statistic: int,
    weights: list[float] | None,
) -> None:
    wanted = Accuracy(statistic=statistic, half_width=half_width, confidence=confidence)

    found = loss_within(measure, SENSITIVITIES, wanted, weights)

    assert wanted.met_by(build(measure, SENSITIVITIES, 1, found, weights).noises)
    if found.amount > 1:
        less = PrivacyLoss(measure=measure, amount=found.amount - 1)
        assert not wanted.met_by(build(measure, SENSITIVITIES, 1, less, weights).noises)


def test_no_error_at_all_can_be_asked_of_laplace() -> None:
    wanted = Accuracy(statistic=0, half_width=0, confidence=0.95)

    found = loss_within(Measure.PURE, SENSITIVITIES[1:], wanted)

    assert 3 < found.parameter < 4  # 2 p / (1 + p) is 0.05 where epsilon is 3.66


def test_no_error_at_all_cannot_be_asked_of_gauss() -> None:
    wanted = Accuracy(statistic=0, half_width=0, confidence=0.95)

    with pytest.raises(ValueError, match="ask for a wider interval"):
        loss_within(Measure.ZCDP, SENSITIVITIES, wanted)


def test_pays_more_where_what_is_built_is_wider_than_was_foreseen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = Accuracy(statistic=0, half_width=40, confidence=0.95)
    exact = loss_within(Measure.ZCDP, SENSITIVITIES, wanted)
    monkeypatch.setattr(module, "WIDEN", 1 - 1e-7)

    assert loss_within(Measure.ZCDP, SENSITIVITIES, wanted) == exact


@pytest.mark.parametrize("half_width", [-1.0, math.inf, math.nan])
def test_refuses_a_half_width_that_is_none(half_width: float) -> None:
    with pytest.raises(ValueError, match="half-width"):
        Accuracy(statistic=0, half_width=half_width, confidence=0.95)


@pytest.mark.parametrize("confidence", [0.0, 1.0, math.nan])
def test_refuses_a_confidence_outside_0_and_1(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Accuracy(statistic=0, half_width=1, confidence=confidence)
