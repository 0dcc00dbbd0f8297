"""T13: an interval that does not hold what it says, so that a wrong answer looks exact.

Not a leak but the other way to be harmed by noise: errors that are understated. Source: Covington,
He, Honaker and Kamath (2021), Unbiased Statistical Estimation and Valid Confidence Intervals under
Differential Privacy.

Pass: over 1,000 releases of each cell, between 93.5 % and 96.5 % of the 95 % intervals hold the
bounded truth: what the same plan says without noise. What bounding itself cuts off is said in words
beside the answer. With 6 cells the limits are 5 standard deviations away: false alarms below 1e-6.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from query.answers import Estimate
from query.release import released_rows
from query.service import quote
from tests.attacks.hospital import Estate, Site, make_hospital
from tests.attacks.observations import exact_vectors_of, planned
from tests.wards import make_rows

REPEATS = 1000
PATIENTS = 3000
PRICES = {"pure": "0.2", "zcdp": "0.01"}
"""Noise over many steps: whole-numbered noise cannot be covered more exactly than a step allows."""
AGGREGATES = [
    "COUNT(*)",
    "COUNT(cost)",
    "COUNT(*) FILTER (WHERE cost > 3)",
    "COUNT(DISTINCT patient_id)",
    "SUM(cost)",
    "SUM(CLAMP(cost / 3, 0, 100))",
    "AVG(cost)",
    "AVG(CLAMP(cost, 0, 10))",
    "SUM(cost) / COUNT(*)",
    "100.0 * COUNT(*) FILTER (WHERE cost > 3) / COUNT(*)",
    "COUNT(*) - COUNT(DISTINCT patient_id)",
]
"""Whatever the engine learns to aggregate is added here."""


@pytest.fixture(scope="module", params=["pure", "zcdp"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    built = Estate(tmp_path_factory.mktemp("coverage"))
    dataset = make_hospital(max_groups=2, max_rows_per_group=3, queries={"measure": request.param})
    rows = make_rows(4, [(1 + number % 9, 0, 0, 0) for number in range(PATIENTS)])
    yield built.site(rows, dataset)
    built.close()


def question(aggregate: str) -> str:
    return (
        f"SELECT class, urgent, {aggregate} AS x FROM visits "
        "WHERE class IS NOT NULL AND urgent IS NOT NULL GROUP BY class, urgent"
    )


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_intervals_hold_the_bounded_truth_as_often_as_they_say(site: Site, aggregate: str) -> None:
    sql = question(aggregate)
    plan, measurement, _ = planned(sql, site.dataset, PRICES[site.dataset.measure.value])
    _, exact = exact_vectors_of(sql, site.dataset, site.engine)
    truth = released_rows(plan, exact, 0.95).rows
    held = cells = 0
    for _ in range(REPEATS):
        rows = released_rows(plan, measurement.release(exact), 0.95).rows
        for (*_, noisy), (*_, true) in zip(rows, truth, strict=True):
            assert isinstance(noisy, Estimate)
            assert isinstance(true, Estimate)
            assert noisy.lower is not None
            assert noisy.upper is not None
            assert true.value is not None
            cells += 1
            held += noisy.lower <= true.value <= noisy.upper

    assert cells == 6 * REPEATS
    assert 0.935 <= held / cells <= 0.965


def test_what_bounding_cuts_off_is_said_in_words(site: Site) -> None:
    said = quote(site.request(question("AVG(cost)")), site.ports).explanation

    assert any("at most 3 rows" in sentence and "enforced" in sentence for sentence in said)
