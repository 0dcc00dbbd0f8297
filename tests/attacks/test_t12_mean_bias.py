"""T12: a mean whose numerator and denominator are not bounded alike, or whose count is exact.

Attack: bounding the sum but not the count (or another way) biases means where patients have very
different numbers of rows, so that answers are wrong without saying so; and where the true count is
used, the sensitivity of the mean depends on private data. Source: opendp/smartnoise-core #356
(Kifer); measured here, clipping each patient's sum had a bias of 16.7 %, Qrlew's mean of 18 %.

Pass: the bounded mean is that of the per-patient weights min(1, m / rows), to within rounding; its
bias on skewed data without correlation of size and value is below 1 %; it is computed from two
noisy statistics. The data are drawn from a fixed seed and the exact vectors are compared, so there
are no false alarms.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import pytest

from query.plan import StatisticKind
from tests.attacks.hospital import Estate, make_hospital
from tests.attacks.observations import exact_vectors_of, values
from tests.fakes import StoredRows
from tests.wards import make_rows

SQL = "SELECT AVG(cost) AS mean FROM visits"
PATIENTS = 400


def skewed(seed: int) -> StoredRows:
    """Visits by patient with a tail up to 944, costs with a tail up to 900; independent."""
    drawn = random.Random(seed)  # noqa: S311  made-up data
    sizes = [min(int(drawn.paretovariate(0.9)), 944) for _ in range(PATIENTS - 1)] + [944]
    rows = make_rows(seed, [(size, 0, 0, 0) for size in sizes])
    for row in rows["visits"]:
        assert isinstance(row, dict)
        row["cost"] = min(int(2_000 * drawn.lognormvariate(0, 1)), 90_000)
    return rows


def costs(rows: StoredRows) -> list[list[int]]:
    by_unit: defaultdict[object, list[int]] = defaultdict(list)
    for row in rows["visits"]:
        cost = row["cost"]
        assert isinstance(cost, int)
        by_unit[row["patient_id"]].append(cost)
    return list(by_unit.values())


def weighted(units: Sequence[Sequence[int]], most: int) -> Fraction:
    """The mean with weight min(1, most / rows) for all rows of a patient, in cents."""
    total, count = Fraction(0), Fraction(0)
    for unit in units:
        weight = min(Fraction(1), Fraction(most, len(unit)))
        total += weight * sum(unit)
        count += weight * len(unit)
    return total / count


def bounded_mean(hospitals: Estate, rows: StoredRows, most: int) -> Fraction:
    """The mean that is released, before its noise, in cents."""
    dataset = make_hospital(max_groups=1, max_rows_per_group=most)
    site = hospitals.site(rows, dataset)
    plan, vectors = exact_vectors_of(SQL, dataset, site.engine)
    total, count = plan.parts[0].components[0][:2]
    return Fraction(vectors[total][0], vectors[count][0]) + plan.statistics[total].center


@pytest.mark.parametrize("most", [1, 3, 20])
def test_numerator_and_denominator_have_the_same_weights(hospitals: Estate, most: int) -> None:
    rows = skewed(5)
    expected = weighted(costs(rows), most)

    found = bounded_mean(hospitals, rows, most)

    assert abs(found - expected) <= 1  # each patient's sum is rounded down to a cent


def test_the_bias_on_skewed_data_is_below_one_percent(hospitals: Estate) -> None:
    """Summed over 12 databases, so that the spread of the weighted mean itself is left out."""
    found = truth = clipped = Fraction(0)
    for seed in range(12):
        rows = skewed(seed)
        units = costs(rows)
        found += bounded_mean(hospitals, rows, 20)
        truth += Fraction(sum(map(sum, units)), sum(map(len, units)))
        clipped += Fraction(
            sum(min(sum(unit), 20 * 5_000) for unit in units),
            sum(min(len(unit), 20) for unit in units),
        )

    assert abs(found / truth - 1) < Fraction(1, 100)
    assert abs(clipped / truth - 1) > Fraction(2, 100)


PER_UNIT = (
    "WITH each AS (SELECT patient_id, COUNT(*) AS visits, CLAMP(AVG(cost), 0, 1000) AS mean_cost, "
    "CLAMP(SUM(cost), 0, 5000) AS total FROM visits GROUP BY patient_id) "
    "SELECT AVG(LEAST(visits, 50)) AS v, AVG(mean_cost) AS m, AVG(total) AS t FROM each"
)


def test_means_over_patients_have_one_weight_for_each_patient(hospitals: Estate) -> None:
    """One row for each patient is proved, so nothing is cut but values, and there is no bias."""
    rows = skewed(7)
    units = costs(rows)
    dataset = make_hospital(max_groups=1, max_rows_per_group=1)
    site = hospitals.site(rows, dataset)
    plan, vectors = exact_vectors_of(PER_UNIT, dataset, site.engine)
    part = plan.parts[0]
    found = [
        float(Fraction(vectors[total][0], vectors[count][0]) + part.statistics[total].center)
        * float(part.statistics[total].step)
        for total, count in part.components
    ]
    each: list[list[float]] = [
        [min(len(unit), 50) for unit in units],
        [sum(unit) / len(unit) / 100 for unit in units],
        [min(sum(unit) / 100, 5000) for unit in units],
    ]

    assert part.bounds.single_row
    assert part.bounds.groups_proved
    for mean, values_of in zip(found, each, strict=True):
        assert mean == pytest.approx(sum(values_of) / len(values_of), rel=1e-4)


def test_a_mean_is_computed_from_a_noisy_sum_and_a_noisy_count(hospitals: Estate) -> None:
    """A database of one row: with its true count, every answer would be the row and small noise."""
    site = hospitals.site(make_rows(3, [(1, 0, 0, 0)]))
    plan, _ = exact_vectors_of(SQL, site.dataset, site.engine)
    kinds = [plan.statistics[place].kind for place in plan.parts[0].components[0]]
    drawn = [values(site.refilled().answer(SQL), 0)[0] for _ in range(100)]

    assert kinds == [StatisticKind.SUM, StatisticKind.ROWS]
    assert len(plan.noises) == 2
    # the noisy count is not above 0 about every other time: no mean then; 2^-90 to miss it
    assert 10 < drawn.count(None) < 90
