from __future__ import annotations

import pytest

from policies.errors import UnsupportedQueryError
from query.answers import Estimate, Value
from query.release import released_rows
from tests.plans import make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def released(outputs: str, counts: tuple[int, ...] = (3, 9, 9), rest: str = "") -> list[Value]:
    """Return the last column for the sexes F, M and NULL, whose noisy counts are given."""
    plan = make_plan(f"SELECT sex, COUNT(*), {outputs} FROM patients GROUP BY sex {rest}", WARD)
    noisy = tuple(counts for _ in plan.statistics)
    return [row[-1] for row in released_rows(plan, noisy, 0.95).rows]


def values(outputs: str, counts: tuple[int, ...] = (3, 9, 9)) -> list[object]:
    found = released(outputs, counts)
    return [one.value if isinstance(one, Estimate) else one for one in found]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("SUM(COUNT(*)) OVER ()", [21, 21, 21]),
        ("AVG(COUNT(*)) OVER ()", [7, 7, 7]),
        ("COUNT(*) OVER ()", [3, 3, 3]),
        ("COUNT(sex) OVER ()", [2, 2, 2]),
        ("COUNT(NULLIF(COUNT(*), 3)) OVER ()", [2, 2, 2]),
        ("MIN(COUNT(*)) OVER ()", [3, 3, 3]),
        ("MAX(COUNT(*)) OVER ()", [9, 9, 9]),
        ("MIN(sex) OVER ()", ["F", "F", "F"]),
        ("MAX(sex) OVER ()", ["M", "M", "M"]),
        ("SUM(NULLIF(COUNT(*), COUNT(*))) OVER ()", [None, None, None]),
        ("MIN(NULLIF(COUNT(*), COUNT(*))) OVER ()", [None, None, None]),
        ("SUM(COUNT(*)) OVER (ORDER BY sex)", [3, 12, 21]),
        ("SUM(COUNT(*)) OVER (ORDER BY sex DESC)", [12, 9, 21]),
        ("SUM(COUNT(*)) OVER (ORDER BY sex NULLS FIRST)", [12, 21, 9]),
        ("SUM(COUNT(*)) OVER (ORDER BY COUNT(*))", [3, 21, 21]),
        ("SUM(COUNT(*)) OVER (PARTITION BY COUNT(*))", [3, 18, 18]),
        ("SUM(sex = 'F') OVER ()", [1, 1, 1]),
        ("ROW_NUMBER() OVER (ORDER BY sex DESC NULLS LAST)", [2, 1, 3]),
        ("RANK() OVER (ORDER BY COUNT(*) DESC)", [3, 1, 1]),
        ("DENSE_RANK() OVER (ORDER BY COUNT(*) DESC)", [2, 1, 1]),
        ("RANK() OVER (ORDER BY COUNT(*), sex)", [1, 2, 3]),
        ("LAG(COUNT(*)) OVER (ORDER BY sex)", [None, 3, 9]),
        ("LEAD(COUNT(*)) OVER (ORDER BY sex)", [9, 9, None]),
        ("LAG(sex) OVER (ORDER BY sex)", [None, "F", "M"]),
        ("LAG(sex = 'F') OVER (ORDER BY sex)", [None, True, False]),
        ("COUNT(*) - LAG(COUNT(*)) OVER (ORDER BY sex)", [None, 6, 0]),
        ("100 * COUNT(*) / SUM(COUNT(*)) OVER ()", [300 / 21, 900 / 21, 900 / 21]),
        ("SUM(SUM(COUNT(*)) OVER ()) OVER ()", [63, 63, 63]),
    ],
)
def test_windows_over_released_rows_follow_sql(window: str, expected: list[object]) -> None:
    assert values(window) == pytest.approx(expected) or values(window) == expected


def test_a_total_over_a_grouping_set_is_told_by_grouping() -> None:
    plan = make_plan(
        "SELECT sex, COUNT(*), GROUPING(sex) FROM patients GROUP BY ROLLUP (sex)", WARD
    )

    rows = released_rows(plan, ((3, 9, 9), (21,)), 0.95).rows

    assert [(row[0], row[2]) for row in rows] == [("F", 0), ("M", 0), (None, 0), (None, 1)]


def test_windows_see_the_rows_that_having_lets_through() -> None:
    having = "HAVING COUNT(*) > 5"

    assert released("COUNT(*) OVER ()", rest=having) == [2, 2]


def test_a_total_carries_the_errors_of_all_its_rows() -> None:
    (one, *_), (total, *_) = released("COUNT(*)"), released("SUM(COUNT(*)) OVER ()")

    assert isinstance(one, Estimate)
    assert isinstance(total, Estimate)
    assert total.standard_error == pytest.approx(3**0.5 * (one.standard_error or 0))


def test_a_share_of_itself_has_no_error() -> None:
    (share, *_) = released("COUNT(*) / SUM(COUNT(*)) OVER (PARTITION BY sex)")

    assert isinstance(share, Estimate)
    assert share.value == 1
    assert share.standard_error == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("outputs", "kinds"),
    [
        ("LAG(COUNT(*)) OVER (ORDER BY sex)", {Estimate}),
        ("LAG(sex) OVER (ORDER BY sex)", {str, type(None)}),
        ("SUM(NULLIF(COUNT(*), 3)) OVER (PARTITION BY sex)", {Estimate}),
        ("RANK() OVER (ORDER BY sex)", {int}),
        ("MAX(sex) OVER (PARTITION BY sex)", {str, type(None)}),
        ("NULLIF(RANK() OVER (ORDER BY sex), 1) * 2", {float, type(None)}),
    ],
)
def test_a_column_has_one_shape_whatever_its_numbers_are(outputs: str, kinds: set[type]) -> None:
    assert {type(one) for one in released(outputs)} == kinds


@pytest.mark.parametrize(
    "window", ["SUM(sex) OVER ()", "AVG(sex) OVER ()", "LAG(sex) OVER (ORDER BY sex) + 1"]
)
def test_texts_are_not_added_up(window: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        make_plan(f"SELECT sex, COUNT(*), {window} FROM patients GROUP BY sex", WARD)

    assert refusal.value.code == "SQL-TYPE"
