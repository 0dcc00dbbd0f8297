"""What is one row for each of a unit's groups is known to be, and nothing else is."""

from __future__ import annotations

import pytest

from query.bound import Asked
from tests.plans import make_plan
from tests.query.test_stored import WARD

COSTS = "(SELECT patient_id, class, SUM(cost) AS s FROM visits GROUP BY patient_id, class)"
KINDS = "(SELECT patient_id, class, urgent FROM visits GROUP BY ALL)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT class, AVG(CLAMP(s, 0, 9)) FROM {COSTS} GROUP BY class",
        f"SELECT class, COUNT(*) FROM {COSTS} WHERE s > 3 GROUP BY class",
        f"SELECT class, urgent, COUNT(*) FROM {KINDS} GROUP BY 1, 2",
        "SELECT class, COUNT(*) FROM (SELECT DISTINCT patient_id, class FROM visits) GROUP BY 1",
        (
            f"SELECT g.class, p.sex, COUNT(*) FROM {COSTS} g JOIN patients p USING (patient_id) "
            "GROUP BY 1, 2"
        ),
        (
            "SELECT class, COUNT(*) FROM (SELECT v.patient_id, p.sex, v.class FROM visits v "
            "JOIN patients p USING (patient_id) GROUP BY ALL) GROUP BY class"
        ),
        f"SELECT c, COUNT(*) FROM (SELECT patient_id, class AS c, s FROM {COSTS}) GROUP BY c",
    ],
)
def test_one_row_of_a_unit_in_each_group_is_proved(sql: str) -> None:
    bounds = make_plan(sql, WARD).bounds

    assert bounds.max_rows_per_group == 1
    assert bounds.rows_proved
    assert not bounds.single_row
    assert "each patient has one row in a group" in " ".join(bounds.reasons)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT class, COUNT(*) FROM {KINDS} GROUP BY class",
        f"SELECT LEFT(class, 1), COUNT(*) FROM {COSTS} GROUP BY 1",
        f"SELECT class, COUNT(*) FROM (SELECT patient_id, urgent AS class FROM {KINDS}) GROUP BY 1",
        f"SELECT g.class, COUNT(*) FROM {COSTS} g JOIN visits v USING (patient_id) GROUP BY 1",
        f"SELECT v.class, COUNT(*) FROM {COSTS} g JOIN visits v USING (patient_id) GROUP BY 1",
        f"SELECT COUNT(*) FROM {COSTS}",
        "SELECT class, COUNT(*) FROM visits WHERE urgent GROUP BY class",
    ],
)
def test_nothing_is_proved_where_a_unit_may_have_more(sql: str) -> None:
    bounds = make_plan(sql, WARD).bounds

    assert bounds.max_rows_per_group > 1
    assert "one row in a group" not in " ".join(bounds.reasons)


def test_a_capped_sum_moves_by_its_cap_in_each_group() -> None:
    sql = f"SELECT class, SUM(CLAMP(s, 0, 60)) FROM {COSTS} GROUP BY class"
    (capped,) = make_plan(sql, WARD).sensitivities
    (asked,) = make_plan(sql, WARD, asked=Asked(max_rows_per_group=1)).sensitivities

    assert capped == asked
    assert capped.per_group == 6000
