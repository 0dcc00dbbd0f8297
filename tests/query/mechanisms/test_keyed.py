from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import (
    KeyedStatistic,
    Sensitivity,
    build,
    build_with_selection,
)
from query.mechanisms.selection import Key
from query.mechanisms.vectors import ExactVectors
from tests.selections import build_selection

MEASURES = list(Measure)
STATISTICS = [
    KeyedStatistic(sensitivity=Sensitivity(groups=3, per_group=2)),
    KeyedStatistic(sensitivity=Sensitivity(groups=9, per_group=1), width=3),
]
COUNTS: dict[Key, int] = {("y", 2): 400_000, ("x", None): 500_000, ("rare", 1): 1}
VECTORS: dict[Key, ExactVectors] = {
    ("x", None): ((7_000_000,), (1_000_000, 2_000_000, 3_000_000)),
    ("y", 2): ((8_000_000,), (4_000_000, 5_000_000, 6_000_000)),
    ("rare", 1): ((7,), (1, 2, 3)),
}


def loss(measure: Measure, parameter: str = "0.6") -> PrivacyLoss:
    return PrivacyLoss.of_budget(measure, Decimal(parameter), Decimal("0.000001"))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("asked", ["0.6", "0.1", "3.333333"])
def test_the_price_of_all_is_what_was_asked(measure: Measure, asked: str) -> None:
    built = build_with_selection(measure, 3, STATISTICS, loss(measure, asked))

    assert built.loss.amount == loss(measure, asked).amount
    assert built.loss.delta == built.selection.loss.delta
    assert 0 < built.loss.delta <= 10**12


@pytest.mark.parametrize("measure", MEASURES)
def test_the_price_is_that_of_the_parts(measure: Measure) -> None:
    built = build_with_selection(measure, 3, STATISTICS, loss(measure))
    parts = PrivacyLoss(measure=measure, amount=2 * loss(measure).amount // 3)
    vectors = build(measure, [one.sensitivity for one in STATISTICS], [2, 6], parts)

    assert built.selection.loss.amount + vectors.loss.amount == built.loss.amount
    for one, other in zip(built.noises, vectors.noises, strict=True):
        assert one.scale == pytest.approx(other.scale, rel=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_vectors_follow_the_released_keys(measure: Measure) -> None:
    built = build_with_selection(measure, 3, STATISTICS, loss(measure))

    keys, (sums, trees) = built.release(COUNTS, VECTORS)

    assert list(keys) == [("x", None), ("y", 2)]
    exact = [7_000_000, 8_000_000]
    assert all(abs(a - b) < 10_000 for a, b in zip(sums, exact, strict=True))
    exact = [n * 1_000_000 for n in range(1, 7)]
    assert all(abs(a - b) < 10_000 for a, b in zip(trees, exact, strict=True))


@pytest.mark.parametrize("measure", MEASURES)
def test_where_no_key_is_released_nothing_is_measured(measure: Measure) -> None:
    built = build_with_selection(measure, 3, STATISTICS, loss(measure))

    assert built.release({("rare", 1): 1}, VECTORS) == ({}, ((), ()))


def test_each_release_is_drawn_anew_and_at_the_same_price() -> None:
    built = build_with_selection(Measure.PURE, 3, STATISTICS, loss(Measure.PURE))

    assert built.release(COUNTS, VECTORS) != built.release(COUNTS, VECTORS)


@pytest.mark.parametrize("measure", MEASURES)
def test_another_thread_can_release_what_was_built(measure: Measure) -> None:
    built = build_with_selection(measure, 3, STATISTICS, loss(measure))
    seen = []

    thread = threading.Thread(target=lambda: seen.append(built.release(COUNTS, VECTORS)))
    thread.start()
    thread.join()

    assert len(seen[0][0]) == 2


@pytest.mark.parametrize("measure", MEASURES)
def test_weights_put_the_keys_first(measure: Measure) -> None:
    even = build_with_selection(measure, 3, STATISTICS, loss(measure))
    tilted = build_with_selection(measure, 3, STATISTICS, loss(measure), [100, 1, 1])

    assert tilted.loss.amount == even.loss.amount
    assert tilted.selection.threshold < even.selection.threshold
    assert tilted.noises[0].scale > even.noises[0].scale


@pytest.mark.parametrize("measure", MEASURES)
def test_keys_alone_cost_what_a_selection_costs(measure: Measure) -> None:
    alone = build_with_selection(measure, 2, [], loss(measure))

    assert alone.loss == build_selection(measure, 2, loss(measure)).loss
    assert list(alone.release(COUNTS, VECTORS)[0]) == [("x", None), ("y", 2)]


def test_refuses_weights_that_do_not_match() -> None:
    with pytest.raises(ValueError, match="one for the keys"):
        build_with_selection(Measure.PURE, 3, STATISTICS, loss(Measure.PURE), [1, 1])


def test_the_compositor_refuses_a_measurement_that_was_not_priced() -> None:
    """What is released later can depend on the keys, but cannot cost more than was said."""
    built = build_with_selection(Measure.PURE, 3, STATISTICS, loss(Measure.PURE))
    dearer = build_selection(Measure.PURE, 3, loss(Measure.PURE, "5"))

    session = built._compositor(None)

    with pytest.raises(Exception, match="FailedFunction") as caught:
        session(dearer.measurement)
    assert type(caught.value).__name__ == "OpenDPException"
