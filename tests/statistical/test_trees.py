"""Intervals of quantiles cover what they promise; so do extremes and bins.

Noise is OpenDP's. Each test states how often it fails by chance.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from decimal import Decimal
from itertools import accumulate
from statistics import NormalDist

import pytest

from policies.privacy import Measure, PrivacyLoss
from query.mechanisms import build
from query.trees import NoisyTree, best_tree, extreme, quantile

BUCKETS = 60
REPEATS = 1000
FALSE_ALARM = 1e-6
Z = -NormalDist().inv_cdf(FALSE_ALARM)
LOSSES = {Measure.PURE: "0.5", Measure.ZCDP: "0.05"}


def rounded(shape: list[float], rows: int) -> list[int]:
    total = sum(shape)
    return [round(rows * one / total) for one in shape]


def shapes(rows: int) -> dict[str, list[int]]:
    bell = [math.exp(-((n - 25) ** 2) / 100) for n in range(BUCKETS)]
    skewed = [math.exp(-n / 12) for n in range(BUCKETS)]
    two = [
        math.exp(-((n - 15) ** 2) / 40) + math.exp(-((n - 42) ** 2) / 90) for n in range(BUCKETS)
    ]
    tied = [8.0 if n in (8, 20, 33, 50) else 0.2 for n in range(BUCKETS)]
    named = {"bell": bell, "skewed": skewed, "two peaks": two, "ties": tied}
    return {name: rounded(shape, rows) for name, shape in named.items()}


def drawn(measure: Measure, leaves: list[int], repeats: int) -> list[NoisyTree]:
    """As many independent trees of one group each, in one release."""
    tree = best_tree(len(leaves), measure)
    loss = PrivacyLoss.of_budget(measure, Decimal(LOSSES[measure]))
    built = build(measure, [tree.sensitivity(1, 1)], tree.nodes * repeats, loss)
    noisy = built.release((tree.totals(leaves) * repeats,))[0]
    starts = range(0, len(noisy), tree.nodes)
    return [
        NoisyTree.of(tree, built.noises[0], noisy[start : start + tree.nodes]) for start in starts
    ]


def exact_position(leaves: list[int], q: float) -> float:
    below = [0, *accumulate(leaves)]
    wanted = q * below[-1]
    bucket = max(bisect_left(below, wanted) - 1, 0)
    return bucket + (wanted - below[bucket]) / leaves[bucket]


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize(
    ("shape", "rows"), [("bell", 600), ("skewed", 20_000), ("two peaks", 600), ("ties", 20_000)]
)
def test_quantiles_are_covered_as_promised(measure: Measure, shape: str, rows: int) -> None:
    """Fails by chance less than once in 100,000 runs: 2 rates, each at 1e-6.

    A rate of 95 % is promised. It is exceeded where counts cannot be below 0 near the quantile,
    as at the edge of a peak; nowhere does it fall short.
    """
    leaves = shapes(rows)[shape]
    noisy = drawn(measure, leaves, REPEATS)
    spread = Z * math.sqrt(0.95 * 0.05 / REPEATS)

    for q in (0.25, 0.9):
        truth = exact_position(leaves, q)
        found = [quantile(one, q, 0.95) for one in noisy]
        covered = sum(one is not None and one.lower <= truth <= one.upper for one in found)
        whole = [one.whole() for one in found if one is not None]

        assert covered / REPEATS >= 0.945 - spread
        if shape != "ties":
            assert covered / REPEATS <= 0.965 + spread
        assert sum(one.lower <= truth <= one.upper for one in whole) >= covered


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("rows", [3, 40])
def test_quantiles_of_a_few_rows_are_covered_at_least(measure: Measure, rows: int) -> None:
    """Fails by chance less than once in 100,000 runs."""
    leaves = [0] * BUCKETS
    for row in range(rows):
        leaves[(7 * row + 11) % (BUCKETS - 20)] += 1
    found = [quantile(one, 0.5, 0.95) for one in drawn(measure, leaves, REPEATS)]
    told = [one for one in found if one is not None]
    truth = exact_position(leaves, 0.5)
    spread = Z * math.sqrt(0.95 * 0.05 / len(told))

    assert sum(one.lower <= truth <= one.upper for one in told) / len(told) >= 0.95 - spread


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("largest", [False, True])
def test_extremes_lie_within_their_intervals(measure: Measure, *, largest: bool) -> None:
    """Fails by chance less than once in a million runs.

    The true extreme must be outside the reach of the interval in at most 5 % of the cases.
    """
    leaves = [0] * 12 + rounded([1.0] * 30, 9_000) + [0] * 18
    truth = 42 if largest else 12
    found = [extreme(one, 0.95, largest=largest) for one in drawn(measure, leaves, REPEATS)]
    told = [one for one in found if one is not None]
    spread = Z * math.sqrt(0.95 * 0.05 / REPEATS)

    assert len(told) == REPEATS
    assert sum(one.lower <= truth <= one.upper for one in told) / REPEATS >= 0.95 - spread
    # and the estimate is within 2 buckets of it, as 600 rows are far more than the noise
    assert sum(abs(one.position - truth) <= 2 for one in told) / REPEATS >= 0.95 - spread


@pytest.mark.parametrize("measure", list(Measure))
def test_bins_are_covered_as_promised(measure: Measure) -> None:
    """Fails by chance less than once in a million runs."""
    leaves = shapes(5_000)["skewed"]
    noisy = drawn(measure, leaves, REPEATS)
    spread = Z * math.sqrt(0.95 * 0.05 / REPEATS)

    for lower, upper in ((0, 7), (13, 44), (5, 6), (0, BUCKETS)):
        exact = sum(leaves[lower:upper])
        errors = [
            (math.fsum(one.counts[lower:upper]) - exact) / one.standard_error(lower, upper)
            for one in noisy
        ]
        rate = sum(abs(one) <= NormalDist().inv_cdf(0.975) for one in errors) / REPEATS

        # a little less for one Laplace, whose shoulders are narrower than Gauss
        assert 0.94 - spread <= rate <= 0.96 + spread
        assert math.fsum(errors) / REPEATS == pytest.approx(0, abs=Z / math.sqrt(REPEATS))
        variance = math.fsum(one * one for one in errors) / REPEATS
        assert variance == pytest.approx(1, abs=Z * math.sqrt(5 / REPEATS))
