from __future__ import annotations

import math
from decimal import Decimal
from statistics import NormalDist

import pytest

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms.noise import Noise, Sensitivity
from query.mechanisms.selection import Key, encoded, selection_of
from tests.selections import build_selection

MEASURES = list(Measure)
DELTA = "0.000001"


def loss(measure: Measure, parameter: str, delta: str = DELTA) -> PrivacyLoss:
    return PrivacyLoss.of_budget(measure, Decimal(parameter), Decimal(delta))


def false_release(noise: Noise, threshold: int) -> float:
    """Probability that a key of one unit reaches the threshold; from above for Gauss."""
    if noise.measure is Measure.PURE:
        p = math.exp(-1 / noise.scale)
        return p ** (threshold - 1) / (1 + p)
    return NormalDist().cdf(-(threshold - 1.5) / noise.scale)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("groups", [1, 3, 40])
@pytest.mark.parametrize("asked", ["0.1", "1", "0.003"])
def test_the_price_is_at_most_what_was_asked(measure: Measure, groups: int, asked: str) -> None:
    wanted = loss(measure, asked)

    built = build_selection(measure, groups, wanted)

    assert built.loss.amount == wanted.amount
    assert 0 < built.loss.delta <= wanted.delta


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("groups", [1, 3, 40])
def test_a_key_of_one_unit_is_released_with_at_most_delta(measure: Measure, groups: int) -> None:
    built = build_selection(measure, groups, loss(measure, "0.2"))

    assert groups * false_release(built.noise, built.threshold) <= float(DELTA)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("delta", ["0.01", "0.000001", "0.000000000001"])
def test_the_threshold_is_the_smallest_that_the_map_allows(measure: Measure, delta: str) -> None:
    wanted = loss(measure, "0.2", delta)
    one = Sensitivity(groups=3, per_group=1)

    built = build_selection(measure, 3, wanted)

    # two thresholds below, the chance is above delta, whoever computes it
    lower = selection_of(one, built.noise, built.loss.delta)
    assert lower.threshold == built.threshold
    assert 3 * false_release(built.noise, built.threshold - 2) > float(delta) * 0.9


@pytest.mark.parametrize("measure", MEASURES)
def test_the_first_guess_does_not_matter(measure: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Sensitivity(groups=3, per_group=1)
    noise = Noise.worth(measure, one, 0.2)
    found = selection_of(one, noise, 10**12).threshold

    for guess in (1, 2, found - 1, found, found + 1, 10 * found):
        monkeypatch.setattr("query.mechanisms.selection._first_guess", lambda *_, g=guess: g)
        assert selection_of(one, noise, 10**12).threshold == found


def test_a_large_delta_still_needs_two_units_on_paper() -> None:
    built = build_selection(Measure.PURE, 1, loss(Measure.PURE, "5", "0.9"))

    assert built.threshold == 2  # OpenDP admits no threshold below the 1 that a unit adds


@pytest.mark.parametrize("measure", MEASURES)
def test_keys_come_back_as_they_were_and_in_their_own_order(measure: Measure) -> None:
    keys: list[Key] = [
        ("ward", 1, True, None),
        ("ward", 1, None, None),
        ('a "quoted"\n\x00 name', -(2**70), False, None),
        ("\u00e9", 0, False, None),
        ("1", 1, False, None),
    ]
    counts = {key: 1_000_000 + place for place, key in enumerate(keys)}

    first = build_selection(measure, 2, loss(measure, "1")).release(counts)
    second = build_selection(measure, 2, loss(measure, "1")).release(dict(reversed(counts.items())))

    assert set(first) == set(keys)
    assert list(first) == list(second)
    assert all(type(a) is type(b) for key in first for a, b in zip(key, key, strict=True))
    assert all(abs(first[key] - counts[key]) < 10_000 for key in keys)


@pytest.mark.parametrize("measure", MEASURES)
def test_rare_keys_stay_hidden(measure: Measure) -> None:
    built = build_selection(measure, 1, loss(measure, "1"))

    assert built.release({("one",): 1, ("none",): 0, ("below",): -5}) == {}


def test_keys_without_a_unit_are_as_if_absent() -> None:
    assert encoded({("a",): 0, ("b",): 2}) == {'["b"]': 2}


def test_no_released_count_is_below_the_threshold() -> None:
    built = build_selection(Measure.PURE, 1, loss(Measure.PURE, "1", "0.001"))

    released = built.release({(n,): built.threshold for n in range(2000)})

    assert min(released.values()) == built.threshold
    assert 500 < len(released) < 1900


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("delta", ["0", "0.0000000000000001"])
def test_refuses_a_delta_that_no_threshold_keeps(measure: Measure, delta: str) -> None:
    with pytest.raises(ValueError, match="delta"):
        build_selection(measure, 3, loss(measure, "0.1", delta))


def test_refuses_keys_of_other_types_without_quoting_them() -> None:
    built = build_selection(Measure.PURE, 1, loss(Measure.PURE, "1"))

    with pytest.raises(TypeError, match="a group key holds a value") as caught:
        built.release({(1.25,): 3})  # type: ignore[dict-item] # a wrong type is the point
    assert "1.25" not in str(caught.value)
