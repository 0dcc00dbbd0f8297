from __future__ import annotations

import re
from collections import Counter
from statistics import fmean, median, pstdev

from hypothesis import given
from hypothesis import strategies as st

from gateway.demo.hospital.draws import Draws, Weighted


def test_the_same_key_gives_the_same_stream() -> None:
    first, second = Draws("a", 1), Draws("a", 1)

    assert [first.uuid(), first.digits(4), first.fraction()] == [
        second.uuid(),
        second.digits(4),
        second.fraction(),
    ]
    assert Draws("a", 1).fraction() != Draws("a", 2).fraction()


def test_the_stream_is_the_same_on_every_machine() -> None:
    draws = Draws("patient", 1, 0)

    assert draws.fraction() == 0.09444060256367726
    assert draws.uuid() == "4e947c22-ba70-4ee2-8b0e-e538c7af5ba8"


def test_bells_have_their_mean_and_spread_and_end() -> None:
    draws = Draws("bell")
    values = [draws.normal(50, 10) for _ in range(4000)]

    assert abs(fmean(values) - 50) < 0.8
    assert abs(pstdev(values) - 10) < 0.6
    assert min(values) >= 50 - 10 * 12**0.5
    assert max(values) <= 50 + 10 * 12**0.5


def test_skewed_values_have_their_median_and_a_tail() -> None:
    draws = Draws("tail")
    values = [draws.skewed(100, 0.7) for _ in range(4000)]

    assert 94 < median(values) < 106
    assert fmean(values) > 115
    assert min(values) > 0


def test_weights_are_shares_and_zero_means_never() -> None:
    draws = Draws("weights")
    table = Weighted.of({"often": 9, "never": 0, "seldom": 1})
    counts = Counter(draws.weigh(table) for _ in range(4000))

    assert counts["never"] == 0
    assert 0.07 < counts["seldom"] / 4000 < 0.13


@given(low=st.integers(-50, 50), width=st.integers(0, 50), seed=st.integers(0, 1000))
def test_whole_numbers_stay_between_their_ends(low: int, width: int, seed: int) -> None:
    assert low <= Draws(seed).whole(low, low + width) <= low + width


def test_runs_stop_at_the_most() -> None:
    draws = Draws("runs")

    assert draws.run(1.0, 7) == 7
    assert draws.run(0.0, 7) == 0


@given(seed=st.integers(0, 10_000), count=st.integers(1, 12))
def test_identifiers_have_their_forms(seed: int, count: int) -> None:
    draws = Draws(seed)
    uuid = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    assert re.fullmatch(uuid, draws.uuid())
    assert re.fullmatch(rf"\d{{{count}}}", draws.digits(count))
