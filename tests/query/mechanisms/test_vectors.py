from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import Sensitivity, build, shares

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


@pytest.mark.parametrize("measure", MEASURES)
def test_vectors_keep_their_own_lengths(measure: Measure) -> None:
    built = build(measure, [ONE, ONE, ONE], [1, 7, 3], loss(measure, "0.5"))

    noisy = built.release(((5,), (6,) * 7, (7,) * 3))

    assert [len(vector) for vector in noisy] == [1, 7, 3]


@pytest.mark.parametrize("measure", MEASURES)
def test_the_price_does_not_depend_on_lengths(measure: Measure) -> None:
    short = build(measure, [ONE, ONE], [1, 1], loss(measure, "0.7"))
    long = build(measure, [ONE, ONE], [500, 3], loss(measure, "0.7"))

    assert short.loss == long.loss
    assert short.noises == long.noises


@pytest.mark.parametrize("measure", MEASURES)
def test_weights_make_one_statistic_more_accurate(measure: Measure) -> None:
    asked = loss(measure, "0.9")
    even = build(measure, [ONE, ONE], 1, asked)

    tilted = build(measure, [ONE, ONE], 1, asked, [1.0, 8.0])

    assert tilted.loss == even.loss == asked
    assert tilted.noises[1].scale < even.noises[1].scale < tilted.noises[0].scale
    power = 1 if measure is Measure.PURE else 2
    part = (tilted.noises[0].scale / tilted.noises[1].scale) ** power
    assert part == pytest.approx(shares(measure, [1, 8])[1] / shares(measure, [1, 8])[0])


@pytest.mark.parametrize(("lengths", "weights"), [([1], None), ([1, 1], [1.0]), ([1] * 3, None)])
def test_numbers_that_do_not_match_are_an_error(
    lengths: list[int], weights: list[float] | None
) -> None:
    with pytest.raises(ValueError, match="one for each statistic"):
        build(Measure.PURE, [ONE, ONE], lengths, loss(Measure.PURE, "0.5"), weights)


def test_what_was_built_is_kept_by_its_thread_only() -> None:
    asked = loss(Measure.PURE, "0.123")
    first = build(Measure.PURE, [ONE], 3, asked)
    elsewhere = []

    thread = threading.Thread(
        target=lambda: elsewhere.append(build(Measure.PURE, [ONE], [3], asked))
    )
    thread.start()
    thread.join()

    assert build(Measure.PURE, [ONE], [3], asked) is first
    assert elsewhere[0] is not first
    assert elsewhere[0].loss == first.loss
