from __future__ import annotations

from statistics import NormalDist

import pytest

from policies.privacy import Measure
from query.mechanisms import Noise
from query.trees import NoisyTree, Tree, extreme, quantile

QUIET = Noise(measure=Measure.PURE, scale=0.05)
LOUD = Noise(measure=Measure.ZCDP, scale=10.0)
TREE = Tree(buckets=8, branching=4)
LEAVES = [0, 0, 100, 300, 0, 0, 600, 0]


def read(leaves: list[int], noise: Noise = QUIET, tree: Tree = TREE) -> NoisyTree:
    return NoisyTree.of(tree, noise, tree.totals(leaves))


@pytest.mark.parametrize(
    ("q", "position"), [(0.05, 2.5), (0.1, 3.0), (0.25, 3.5), (0.7, 6.5), (0.4, 5.0)]
)
def test_without_noise_a_quantile_is_where_the_count_says(q: float, position: float) -> None:
    found = quantile(read(LEAVES), q, 0.95)

    assert found is not None
    assert found.position == pytest.approx(position)
    assert found.lower <= found.position <= found.upper


def test_the_ends_are_where_the_counts_are() -> None:
    first, last = quantile(read(LEAVES), 0, 0.95), quantile(read(LEAVES), 1, 0.95)

    assert first is not None
    assert last is not None
    assert first.lower == 0  # nothing is known of the empty buckets beside
    assert first.upper == pytest.approx(2, abs=0.01)
    assert last.upper == 8
    assert last.lower == pytest.approx(7, abs=0.01)


def test_the_interval_is_where_the_test_does_not_reject() -> None:
    """In a flat tree of equal counts, the error at the middle is half that of the total."""
    found = quantile(read([1000] * 4, LOUD, Tree(buckets=4, branching=4)), 0.5, 0.9)

    assert found is not None
    z = NormalDist().inv_cdf(0.95)
    assert found.position == pytest.approx(2)
    assert found.upper - 2 == pytest.approx(z * 10 / 1000, rel=0.02)
    assert found.standard_error == pytest.approx(10 / 1000, rel=0.02)
    assert 2 - found.lower == pytest.approx(found.upper - 2)


def test_more_confidence_is_a_wider_interval() -> None:
    noisy = read([50] * 8, LOUD)
    widths = []
    for confidence in (0.5, 0.9, 0.99):
        found = quantile(noisy, 0.5, confidence)
        assert found is not None
        widths.append(found.upper - found.lower)

    assert widths == sorted(widths)
    assert widths[0] < widths[2]


def test_where_noise_drowns_all_the_interval_is_the_whole_range() -> None:
    found = quantile(read([1, 0, 0, 1, 0, 0, 0, 1], LOUD), 0.5, 0.95)

    assert found is not None
    assert (found.lower, found.upper) == (0, 8)


def test_whole_buckets_contain_the_interval() -> None:
    found = quantile(read(LEAVES), 0.25, 0.95)

    assert found is not None
    assert (found.whole().lower, found.whole().upper) == (3, 4)
    assert found.whole().position == found.position


@pytest.mark.parametrize("leaves", [[0] * 8, [-5, 1, 0, 0, 0, 0, 0, 0]])
def test_an_empty_group_has_no_quantile(leaves: list[int]) -> None:
    assert quantile(read(leaves), 0.5, 0.95) is None
    assert extreme(read(leaves), 0.95, largest=True) is None


@pytest.mark.parametrize("q", [-0.1, 1.1])
def test_refuses_a_quantile_outside_0_and_1(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(read(LEAVES), q, 0.95)


def test_extremes_are_near_the_first_and_last_rows() -> None:
    smallest = extreme(read(LEAVES), 0.95, largest=False)
    largest = extreme(read(LEAVES), 0.95, largest=True)

    assert smallest is not None
    assert largest is not None
    assert smallest.position == pytest.approx(2, abs=0.01)
    assert (smallest.lower, smallest.standard_error) == (0, None)
    assert smallest.position <= smallest.upper < 2.01
    assert largest.position == pytest.approx(7, abs=0.01)
    assert (largest.upper, largest.standard_error) == (8, None)
    assert 6.99 < largest.lower <= largest.position


def test_the_largest_is_the_smallest_of_the_mirror_image() -> None:
    tree = Tree(buckets=16, branching=4)
    leaves = [0, 90, 0, 30, 80, 0, 200, 5, 0, 0, 40, 100, 0, 60, 0, 0]

    one = extreme(read(leaves, LOUD, tree), 0.95, largest=False)
    other = extreme(read(leaves[::-1], LOUD, tree), 0.95, largest=True)

    assert one is not None
    assert other is not None
    assert 16 - other.position == pytest.approx(one.position)
    assert 16 - other.lower == pytest.approx(one.upper)


def test_a_few_rows_far_out_do_not_move_an_extreme() -> None:
    tree = Tree(buckets=16, branching=4)
    leaves = [2, 0, 0, 0, 0, 0, 0, 0, 500, 500, 500, 0, 0, 0, 0, 1]

    smallest = extreme(read(leaves, LOUD, tree), 0.95, largest=False)

    assert smallest is not None
    assert 7.9 < smallest.position < 8.5


@pytest.mark.parametrize("largest", [False, True])
def test_the_extremes_of_a_group_below_the_noise_are_its_median(*, largest: bool) -> None:
    leaves = [0, 0, 1, 1, 0, 0, 0, 0]

    found = extreme(read(leaves, LOUD), 0.95, largest=largest)

    assert found is not None
    assert found.position == pytest.approx(3)
    assert (found.lower, found.upper) == (0, 8)
