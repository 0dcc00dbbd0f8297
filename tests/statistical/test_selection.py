"""Keys below the threshold leak with no more than the promised probability.

Every test here fails by chance less than once in a million runs, if the samplers are right.
"""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal
from statistics import NormalDist

import pytest

from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.mechanisms.selection import BuiltSelection
from tests.selections import build_selection
from tests.statistical.closed_forms import chi_square_limit, discrete_gaussian, discrete_laplace

KEYS = 30_000
FALSE_ALARM = 1e-6
CASES = [(Measure.PURE, "1"), (Measure.PURE, "0.2"), (Measure.ZCDP, "0.5"), (Measure.ZCDP, "0.02")]


def selection(measure: Measure, parameter: str, delta: str) -> BuiltSelection:
    loss = PrivacyLoss.of_budget(measure, Decimal(parameter), Decimal(delta))
    return build_selection(measure, 1, loss)


@pytest.mark.parametrize(("measure", "parameter"), CASES)
@pytest.mark.parametrize("delta", ["0.2", "0.01"])
def test_a_key_of_one_unit_leaks_no_more_often_than_delta(
    measure: Measure, parameter: str, delta: str
) -> None:
    """OpenDP's own threshold leaks up to e times as often: see the module's docstring."""
    built = selection(measure, parameter, delta)

    leaked = len(built.release({(n,): 1 for n in range(KEYS)})) / KEYS

    charged = built.loss.delta / DELTA_UNITS
    spread = -NormalDist().inv_cdf(FALSE_ALARM) * math.sqrt(charged / KEYS)
    assert leaked <= charged + spread
    if measure is Measure.PURE:  # for Laplace the charge is not only a bound
        assert leaked >= charged - spread


@pytest.mark.parametrize(("measure", "parameter"), CASES)
def test_released_counts_have_the_promised_distribution_above_the_threshold(
    measure: Measure, parameter: str
) -> None:
    built = selection(measure, parameter, "0.001")
    exact = built.threshold + 1

    seen = Counter(built.release({(n,): exact for n in range(KEYS)}).values())

    law = discrete_laplace if measure is Measure.PURE else discrete_gaussian
    mass = law(built.noise.scale)
    bins = [k for k in range(built.threshold, exact + 500) if mass(k - exact) * KEYS >= 10]
    pairs = [(k, KEYS * mass(k - exact)) for k in bins]
    statistic = sum((seen[k] - one) ** 2 / one for k, one in pairs)
    assert min(seen) == built.threshold
    assert statistic < chi_square_limit(len(bins), FALSE_ALARM)
