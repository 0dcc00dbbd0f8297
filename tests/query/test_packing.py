from __future__ import annotations

import itertools

import duckdb
import pytest

from query.bound import Asked
from query.packing import Packing, packing_of
from tests.plans import make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def test_what_is_packed_is_found_again_and_sorts_by_its_order() -> None:
    packing = Packing(cells=5, lows=(-7, 0), widths=(15, 4))
    groups = list(itertools.product((0, 3, 2**31 - 2), range(5), (-7, 0, 7), (0, 3)))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (h BIGINT, g BIGINT, a HUGEINT, b BIGINT)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", groups)
        packed = f"SELECT *, {packing.packed('h', 'g', ['a', 'b'])} AS p FROM t"
        found = connection.execute(
            f"SELECT h, g, {packing.place('p')}, a, {packing.value('p', 0)}, b, "
            f"{packing.value('p', 1)} FROM ({packed}) ORDER BY p"
        ).fetchall()

    assert len(found) == len(groups)
    for _, place, place_found, first, first_found, second, second_found in found:
        assert (place, first, second) == (place_found, first_found, second_found)
    assert [row[:2] for row in found] == sorted(row[:2] for row in found)


@pytest.mark.parametrize(
    ("sql", "widths"),
    [
        ("SELECT class, COUNT(*) FROM visits GROUP BY class", (4,)),
        ("SELECT class, COUNT(*), COUNT(DISTINCT patient_id) FROM visits GROUP BY class", (4, 2)),
        ("SELECT class, SUM(cost) FROM visits GROUP BY class", (600_001,)),
        ("SELECT class, SUM(cost), AVG(cost) FROM visits GROUP BY class", (300_001, 4)),
        ("SELECT class, SUM(cost), SUM(cost + 1) FROM visits GROUP BY class", None),
    ],
)
def test_small_statistics_fit_together(sql: str, widths: tuple[int, ...] | None) -> None:
    (part,) = make_plan(sql, WARD).parts
    found = packing_of(part, part.statistics)

    assert (None if found is None else found.widths) == widths


def test_a_value_is_as_wide_as_the_rows_that_count() -> None:
    plan = make_plan(
        "SELECT class, COUNT(*) FROM visits GROUP BY class",
        WARD,
        asked=Asked(max_rows_per_group=1),
    )
    found = packing_of(plan.parts[0], plan.parts[0].statistics)

    assert found is not None
    assert (found.lows, found.widths) == ((0,), (2,))
