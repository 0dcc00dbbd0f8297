"""Private keys of a whole plan: who is few does not appear, and who appears is counted right.

Every test here fails by chance less than once in a million runs, if the samplers are right.
"""

from __future__ import annotations

import math
from decimal import Decimal
from statistics import NormalDist, fmean

import pytest

from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.bound import Asked, Measurement, bound, price_asked, with_keys_delta
from query.compile import compile_plan
from query.draws import Drawn, draw
from query.parse import parse
from query.plan import Plan
from tests.keyed import make_keyed

KEYS = 20_000
FALSE_ALARM = 1e-6
SQL = "SELECT free, COUNT(DISTINCT patient_id), SUM(cost) FROM visits GROUP BY free"


def bounded(measure: Measure, max_units: int, delta: str) -> tuple[Plan, Measurement]:
    dataset = make_keyed(measure, per_query=delta, kept="0.4", max_units=max_units)
    question = parse(SQL, dataset)
    price = with_keys_delta(price_asked(dataset, Decimal(2)), question, dataset, None)
    return bound(question, dataset, (), price, Asked(max_groups=1))


def drawn(plan: Plan, measurement: Measurement, units: int, cost: int = 0) -> Drawn:
    """Draw over keys that have that many patients each."""
    rows = [(f"k{number}", units, cost) for number in range(KEYS)]
    return draw(plan, measurement, compile_plan(plan), [rows], KEYS)


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("max_units", [1000, 500_000])
def test_keys_of_few_units_appear_no_more_often_than_delta(
    measure: Measure, max_units: int
) -> None:
    plan, measurement = bounded(measure, max_units, "0.05")
    least = plan.parts[0].least

    assert least == max(max_units // 100_000, 1)
    charged = measurement.loss.delta / DELTA_UNITS
    spread = -NormalDist().inv_cdf(FALSE_ALARM) * math.sqrt(charged / KEYS)
    appeared = drawn(plan, measurement, least).keys
    assert appeared is not None
    assert len(appeared) / KEYS <= charged + spread
    assert appeared or measure is Measure.ZCDP  # steps of its threshold are coarse
    assert not drawn(plan, measurement, least - 1).keys


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("max_units", [1000, 500_000])
def test_keys_of_many_units_appear_with_unbiased_numbers(measure: Measure, max_units: int) -> None:
    plan, measurement = bounded(measure, max_units, "0.0001")
    found = drawn(plan, measurement, 1000, 12_345)

    assert found.keys is not None
    assert len(found.keys) == KEYS
    for vector, noise, exact in zip(found.noisy, plan.noises, (1000, 12_345), strict=True):
        off = abs(fmean(vector) - exact)
        assert off < -NormalDist().inv_cdf(FALSE_ALARM) * noise.standard_error / math.sqrt(KEYS)
        deviation = math.sqrt(fmean((value - exact) ** 2 for value in vector))
        assert deviation == pytest.approx(noise.standard_error, rel=0.1, abs=0.1)


def test_the_price_is_opendps_and_no_more_than_was_asked() -> None:
    plan, measurement = bounded(Measure.PURE, 1000, "0.0001")

    assert measurement.loss.amount == 2_000_000
    assert 0 < measurement.loss.delta <= DELTA_UNITS // 10**4
    assert isinstance(measurement.loss, PrivacyLoss)
    assert plan.parts[0].threshold is not None
