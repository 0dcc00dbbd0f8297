"""The noise has the promised distribution.

Every test here fails by chance less than once in a million runs, if the samplers are right.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from statistics import NormalDist

import pytest

from policies.privacy import Measure, PrivacyLoss
from query.answers import Estimate
from query.mechanisms import KeyedStatistic, Sensitivity, build, build_with_selection
from query.service import answer
from tests.factories import make_dataset, make_policies, make_request
from tests.fakes import MemoryLedger
from tests.statistical.closed_forms import chi_square_limit, discrete_gaussian, discrete_laplace
from tests.worlds import make_world

DRAWS = 20_000
FALSE_ALARM = 1e-6


def drawn(measure: Measure, epsilon: str, sensitivity: Sensitivity) -> tuple[list[int], float]:
    loss = PrivacyLoss.of_budget(measure, Decimal(epsilon))
    built = build(measure, [sensitivity], DRAWS, loss)
    return list(built.release(((0,) * DRAWS,))[0]), built.noises[0].scale


@pytest.mark.parametrize("sensitivity", [(1, 1), (2, 3)])
@pytest.mark.parametrize(
    ("measure", "parameter", "mass"),
    [
        (Measure.PURE, "0.5", discrete_laplace),
        (Measure.PURE, "2", discrete_laplace),
        (Measure.ZCDP, "0.1", discrete_gaussian),
        (Measure.ZCDP, "1", discrete_gaussian),
    ],
)
def test_noise_has_the_promised_distribution(
    measure: Measure,
    parameter: str,
    mass: Callable[[float], Callable[[int], float]],
    sensitivity: tuple[int, int],
) -> None:
    one = Sensitivity(groups=sensitivity[0], per_group=sensitivity[1])
    noise, scale = drawn(measure, parameter, one)

    check_distribution(noise, mass(scale))


@pytest.mark.parametrize(
    ("measure", "mass"), [(Measure.PURE, discrete_laplace), (Measure.ZCDP, discrete_gaussian)]
)
def test_noise_on_statistics_of_selected_keys_has_the_promised_distribution(
    measure: Measure, mass: Callable[[float], Callable[[int], float]]
) -> None:
    loss = PrivacyLoss.of_budget(measure, Decimal("0.5"), Decimal("0.000001"))
    one = KeyedStatistic(sensitivity=Sensitivity(groups=2, per_group=3), width=DRAWS)
    built = build_with_selection(measure, 2, [one, one], loss)
    exact = (7,) * DRAWS

    _, vectors = built.release({("key",): 10**6}, {("key",): (exact, exact)})

    for vector, noise in zip(vectors, built.noises, strict=True):
        check_distribution([value - 7 for value in vector], mass(noise.scale))


def check_distribution(noise: list[int], expected: Callable[[int], float]) -> None:
    seen = Counter(noise)
    bins = [k for k in range(-400, 401) if expected(k) * DRAWS >= 10]
    rest = 1 - sum(expected(k) for k in bins)
    statistic = sum((seen[k] - DRAWS * expected(k)) ** 2 / (DRAWS * expected(k)) for k in bins)
    outside = DRAWS - sum(seen[k] for k in bins)
    statistic += (outside - DRAWS * rest) ** 2 / (DRAWS * rest)

    assert all(type(value) is int for value in noise)
    assert statistic < chi_square_limit(len(bins), FALSE_ALARM)


@pytest.mark.parametrize("measure", list(Measure))
def test_neighbors_are_released_on_the_same_grid(measure: Measure) -> None:
    """Every whole number near the exact one occurs, whichever of two neighbors is released.

    A value that one neighbor alone can give would tell them apart for certain. With so many draws
    each of these numbers is missed with a probability below 1e-9.
    """
    loss = PrivacyLoss.of_budget(measure, Decimal("0.5"))
    built = build(measure, [Sensitivity(groups=1, per_group=3)], DRAWS, loss)
    scale = math.floor(built.noises[0].scale)

    for exact in (2**40, 2**40 + 3):
        seen = set(built.release(((exact,) * DRAWS,))[0])
        assert seen >= set(range(2**40 - scale, 2**40 + scale))


@pytest.mark.parametrize("measure", [Measure.PURE, Measure.ZCDP])
def test_noise_of_neighbors_has_the_promised_ratio(measure: Measure) -> None:
    """The most telling event, a value above the midpoint, is no more telling than the price."""
    loss = PrivacyLoss.of_budget(measure, Decimal("0.5"))
    built = build(measure, [Sensitivity(groups=1, per_group=1)], DRAWS, loss)

    without = sum(value >= 1 for value in built.release(((0,) * DRAWS,))[0])
    with_one = sum(value >= 1 for value in built.release(((1,) * DRAWS,))[0])

    # rho-zCDP bounds the Kullback-Leibler divergence of the event by rho; pure by epsilon
    ratio = math.log(with_one / without)
    spread = -NormalDist().inv_cdf(FALSE_ALARM) * math.sqrt(1 / with_one + 1 / without)
    assert ratio > spread
    if measure is Measure.PURE:
        assert ratio < 0.5 + spread


@pytest.mark.parametrize("measure", ["pure", "zcdp"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT day, COUNT(*) AS x FROM visits GROUP BY day",
        "SELECT day, SUM(cost) AS x FROM visits GROUP BY day",
        "SELECT day, COUNT(*) + SUM(CLAMP(cost, 0, 1)) AS x FROM visits GROUP BY day",
        "SELECT day, 3 * COUNT(*) - COUNT(*) FILTER (WHERE urgent) AS x FROM visits GROUP BY day",
    ],
)
def test_intervals_cover_what_they_promise(sql: str, measure: str) -> None:
    """Every day's exact value is 0 in an empty store; 731 days are as many independent cells."""
    world = make_world(make_policies(make_dataset(queries={"measure": measure})), rows={})
    covered = cells = 0
    for repeat in range(6):
        # a condition of its own makes each a question of its own
        asked = sql.replace(" GROUP", f" WHERE cost > {repeat} GROUP")
        request = make_request(asked, loss="0.5")
        for _, value in answer(
            request, replace(world.ports, ledger=MemoryLedger(policies=world.policies))
        ).rows:
            assert isinstance(value, Estimate)
            assert value.lower is not None
            assert value.upper is not None
            cells += 1
            covered += value.lower <= 0 <= value.upper
    rate = covered / cells
    spread = -NormalDist().inv_cdf(FALSE_ALARM) * math.sqrt(0.95 * 0.05 / cells)

    # whole-numbered noise covers a little more than it must
    assert 0.95 - spread - 0.005 <= rate <= 0.95 + spread + 0.015
