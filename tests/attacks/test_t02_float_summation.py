"""T2: floating-point summation breaks the sensitivity that was proved for real numbers.

Attack: the order of rows, the number of threads and rounding at 1e16 change a sum of doubles by far
more than one row may, and an overflow raises. Source: Casacuberta, Shoemate, Vadhan and Wagaman
(2022), Widespread Underestimation of Sensitivity in Differentially Private Libraries.

Pass: what is computed before the noise is identical for every order of rows and 1 to 8 threads; one
patient more moves it by no more than stated; nothing overflows. Exact, so there are no false
alarms. 5,000 rows by default, 200,000 with GATEWAY_FULL_ATTACKS=1.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.attacks.hospital import Estate, make_hospital, sized, units_of, without
from tests.attacks.observations import check_moves, exact_vectors_of
from tests.fakes import StoredRows
from tests.limits import LIMITS
from tests.wards import LARGEST, make_rows

ROWS = sized(5_000, 200_000)
SUMS = [
    "SELECT SUM(CLAMP(raw, -10000000000000000, 10000000000000000)), COUNT(*) FROM labs",
    "SELECT SUM(CLAMP(raw / 3, -10000000000000000, 10000000000000000)) FROM labs",
    "SELECT AVG(CLAMP(raw / 7 + 0.1, -1e16, 1e16)), AVG(CLAMP(raw * 0.001, -1e15, 1e15)) FROM labs",
    "SELECT SUM(value * value * 0.5), AVG(value / 3) FROM labs",
    "SELECT HOUR(at), SUM(CLAMP(raw / 3, -1e16, 1e16)), SUM(value) FROM labs GROUP BY 1",
    "SELECT SUM(CLAMP(raw * raw, -1e16, 1e16)), SUM(CLAMP(raw / (raw - 1), -9, 9)) FROM labs",
    "SELECT SUM(CLAMP(raw / 1e-12 * raw / 1e-12 * raw / 1e-12 * raw, -5, 5)) FROM labs",
]


def mixed(seed: int) -> StoredRows:
    """Labs whose numbers span nineteen digits and both signs, with the integers' two ends."""
    drawn = random.Random(seed)  # noqa: S311  made-up data
    labs = ROWS // 8
    rows = make_rows(seed, [(1, labs, 0, 0)] * 7 + [(1, ROWS - 7 * labs, 0, 0)])
    extreme = [LARGEST, -LARGEST - 1, 10**16, -(10**16), 1, -1, 0, 3]
    for row in rows["labs"]:
        assert isinstance(row, dict)
        wide = int(drawn.uniform(-1, 1) * 10 ** drawn.randrange(19))
        row["raw"] = drawn.choice([*extreme, wide, wide, wide])
    return rows


@pytest.fixture(scope="module")
def rows() -> StoredRows:
    return mixed(2)


@pytest.mark.parametrize("sql", SUMS)
def test_orders_and_threads_give_identical_integers(
    hospitals: Estate, rows: StoredRows, sql: str
) -> None:
    dataset, found = make_hospital(max_groups=2, max_rows_per_group=20), set()
    for seed, threads in enumerate((1, 2, 5, 8)):
        labs = list(rows["labs"])
        random.Random(seed).shuffle(labs)  # noqa: S311  an order of rows
        site = hospitals.site(
            {**rows, "labs": labs}, dataset, limits=replace(LIMITS, threads=threads)
        )
        found |= {exact_vectors_of(sql, dataset, site.engine)[1] for _ in range(sized(3, 30))}

    assert len(found) == 1
    assert all(isinstance(value, int) for vector in found.pop() for value in vector)


@pytest.mark.parametrize("sql", SUMS)
def test_one_patient_moves_the_integers_by_no_more_than_stated(
    hospitals: Estate, rows: StoredRows, sql: str
) -> None:
    dataset = make_hospital(max_groups=2, max_rows_per_group=20)
    plan, whole = exact_vectors_of(sql, dataset, hospitals.site(rows, dataset).engine)
    moved = 0
    for unit in (0, units_of(rows) - 1):
        site = hospitals.site(without(rows, unit), dataset)
        moved += check_moves(plan, whole, exact_vectors_of(sql, dataset, site.engine)[1])

    assert moved > 0
