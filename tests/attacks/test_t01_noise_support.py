"""T1: porous floating-point noise, and the precision-based attack.

Attack: noise computed in doubles cannot reach every double, and which ones it reaches depends on
the exact value, so a single released number can exclude a neighbor. Sources: Mironov (2012), On
Significance of the Least Significant Bits for Differential Privacy; Haney, Desfontaines, Hartman,
Shrestha and Hay (2022), Precision-based Attacks and Interval Refining.

Pass: whatever is released is a function of whole noisy numbers; those lie on the same grid for
neighbors, and their noise is discrete Laplace or Gaussian with p > 1e-5 (the false-alarm rate of
each test). By default about 12,000 draws a distribution; with GATEWAY_FULL_ATTACKS=1, 10^6.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import NormalDist

import pytest

from policies.privacy import Measure
from query.answers import Estimate
from query.plan import Plan
from query.release import Vectors, released_rows
from tests.attacks.hospital import Estate, Site, make_hospital, sized
from tests.attacks.observations import exact_vectors_of, planned
from tests.statistical.closed_forms import chi_square_limit, discrete_gaussian, discrete_laplace

FALSE_ALARM = 1e-5
DRAWS = sized(12_000, 1_000_000)
RELEASED = [
    "SELECT day, COUNT(*) AS x FROM visits GROUP BY day",
    "SELECT day, COUNT(DISTINCT patient_id) AS x FROM visits GROUP BY day",
    "SELECT day, SUM(CLAMP(cost, 0, 0.05)) AS x FROM visits GROUP BY day",
    "SELECT day, SUM(CLAMP(cost / 3, 0, 1)) AS x FROM visits GROUP BY day",
    "SELECT day, AVG(CLAMP(cost, 0, 0.1)) AS x FROM visits GROUP BY day",
]
PRICE = "5"
SMOOTH = 500
"""Noise of this scale, in steps, is tested against the continuous distribution."""


def noisy_of(site: Site) -> Vectors:
    """What the ledger keeps of the only release: the whole noisy numbers, as they were drawn."""
    kept = json.loads(next(iter(site.memory.answers.values())))
    return tuple(tuple(int(text) for text in vector) for vector in kept["noisy"])


@pytest.fixture(scope="module", params=["pure", "zcdp"])
def pools(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Site]]:
    built = Estate(tmp_path_factory.mktemp("pools"))
    dataset = make_hospital(max_groups=1, max_rows_per_group=1, queries={"measure": request.param})
    yield built.neighbors(dataset=dataset)
    built.close()


def draw(site: Site, sql: str, draws: int) -> tuple[Plan, list[list[int]]]:
    """Ask until there are enough draws; return the noise of each statistic."""
    plan, exact = exact_vectors_of(sql, site.dataset, site.engine)
    noise: list[list[int]] = [[] for _ in exact]
    while len(noise[0]) < draws:
        fresh = site.refilled()
        fresh.answer(sql, PRICE)
        for seen, noisy, true in zip(noise, noisy_of(fresh), exact, strict=True):
            seen.extend(a - b for a, b in zip(noisy, true, strict=True))
    return plan, noise


def misfit(noise: Sequence[int], scale: float, measure: Measure) -> tuple[float, int]:
    """Return Pearson's chi-square of the noise, and its degrees of freedom."""
    if scale > SMOOTH:
        return _misfit_of_quantiles(noise, scale, measure)
    mass = (discrete_laplace if measure is Measure.PURE else discrete_gaussian)(scale)
    reach = math.ceil(40 * scale) + 2
    seen, draws = Counter(noise), len(noise)
    bins = [k for k in range(-reach, reach + 1) if mass(k) * draws >= 10]
    expected = [mass(k) * draws for k in bins]
    rest = max(draws - math.fsum(expected), 1e-9)
    statistic = math.fsum((seen[k] - e) ** 2 / e for k, e in zip(bins, expected, strict=True))
    outside = draws - sum(seen[k] for k in bins)
    return statistic + (outside - rest) ** 2 / max(rest, 1.0), len(bins)


def _misfit_of_quantiles(noise: Sequence[int], scale: float, measure: Measure) -> tuple[float, int]:
    """The same over 40 equally likely ranges; at this scale steps do not matter."""

    def below(k: int) -> float:
        if measure is Measure.ZCDP:
            return NormalDist().cdf((k + 0.5) / scale)
        tail = math.exp(-abs(k + 0.5) / scale) / 2
        return tail if k < 0 else 1 - tail

    seen = Counter(min(int(below(k) * 40), 39) for k in noise)
    expected = len(noise) / 40
    return math.fsum((seen[k] - expected) ** 2 / expected for k in range(40)), 39


@pytest.mark.parametrize("sql", RELEASED)
def test_the_noise_of_a_release_has_the_promised_distribution(
    pools: tuple[Site, Site], sql: str
) -> None:
    plan, _, _ = planned(sql, pools[0].dataset, PRICE)
    measure = pools[0].dataset.measure
    for site in pools:
        _, noise = draw(site, sql, DRAWS // 2)
        for drawn, promised in zip(noise, plan.noises, strict=True):
            statistic, freedom = misfit(drawn, promised.scale, measure)
            assert statistic < chi_square_limit(freedom, FALSE_ALARM)


@pytest.mark.parametrize("sql", RELEASED)
def test_a_released_number_is_a_function_of_whole_noisy_numbers(
    pools: tuple[Site, Site], sql: str
) -> None:
    """No float is drawn, so neighbors cannot be told apart by its last digits."""
    for site in pools:
        fresh = site.refilled()
        given = fresh.answer(sql, PRICE)
        plan, _, _ = planned(sql, site.dataset, PRICE)

        assert given.rows == released_rows(plan, noisy_of(fresh), 0.95).rows


@pytest.mark.parametrize("sql", RELEASED[:4])
def test_neighbors_are_released_on_one_grid(pools: tuple[Site, Site], sql: str) -> None:
    steps = set()
    for site in pools:
        given = site.refilled().answer(sql, PRICE)
        plan, _, _ = planned(sql, site.dataset, PRICE)
        step = plan.statistics[0].step
        steps.add(step)
        for _, cell in given.rows:
            assert isinstance(cell, Estimate)
            assert cell.value is not None
            nearest = round(Fraction(cell.value) / step)
            assert cell.value == nearest * float(step)

    assert len(steps) == 1


def test_the_grid_of_large_sums_has_no_holes(hospitals: Estate) -> None:
    """Each residue of the noisy integer is as likely as any other, with the victim and without.

    A Laplace drawn as scale * log(uniform) and rounded would miss residues at a large scale.
    """
    dataset = make_hospital(queries={"measure": "pure"})
    for site in hospitals.neighbors(dataset=dataset):
        sql = "SELECT day, SUM(cost) AS x FROM visits GROUP BY day"
        plan, exact = exact_vectors_of(sql, site.dataset, site.engine)
        assert plan.noises[0].scale > 1e5
        residues: Counter[int] = Counter()
        for _ in range(sized(4, 100)):
            fresh = site.refilled()
            fresh.answer(sql, "1")
            residues.update(value % 64 for value in noisy_of(fresh)[0])
        draws = sum(residues.values())
        statistic = sum((residues[k] - draws / 64) ** 2 / (draws / 64) for k in range(64))

        assert len(exact[0]) * sized(4, 100) == draws
        assert statistic < chi_square_limit(63, FALSE_ALARM)
