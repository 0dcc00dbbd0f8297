"""Several answers in one statement: what is made of them, and with which errors."""

from __future__ import annotations

import pytest

from query.answers import Estimate
from query.bound import Asked
from query.explain import quote_of
from query.noisy_columns import outputs_of
from query.release import released_rows
from query.reports import Joined
from tests.plans import make_bound, make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
A = "(SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) a"
B = "(SELECT sex, COUNT(*) AS m FROM patients WHERE age > 50 GROUP BY sex) b"
SUM = f"(SELECT SUM(m) FROM {B})"
VECTORS = ((30, 90, 60), (3, 9, 5))
"""Of F, M and NULL: all, and those above 50."""


def shown(sql: str, *vectors: tuple[int, ...]) -> list[tuple[object, ...]]:
    """Return the rows of an answer without its errors."""
    plan = make_plan(sql, WARD)
    rows = released_rows(plan, vectors, 0.95).rows
    return [tuple(one.value if isinstance(one, Estimate) else one for one in row) for row in rows]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"SELECT sex, m / n FROM {A} JOIN {B} USING (sex)", [("F", 0.1), ("M", 0.1)]),
        (f"SELECT sex, m FROM {A} LEFT JOIN {B} USING (sex) WHERE n > 50",
         [("M", 9), (None, None)]),
        (f"SELECT a.n, sex, m FROM {A} RIGHT JOIN {B} USING (sex)",
         [(30, "F", 3), (90, "M", 9), (None, None, 5)]),
        (f"SELECT n, m FROM {A} FULL JOIN {B} ON a.sex = b.sex AND n > 40",
         [(30, None), (90, 9), (60, None), (None, 3), (None, 5)]),
        (f"SELECT b.*, n FROM {A}, {B} WHERE a.sex = b.sex AND m < 5", [("F", 3, 30)]),
        (f"SELECT sex, SUM(n) FROM (SELECT * FROM {A} UNION ALL SELECT * FROM {B}) GROUP BY sex",
         [("F", 33), ("M", 99), (None, 65)]),
        (f"SELECT SUM(n), AVG(n), MIN(n), MAX(n), COUNT(sex) FROM {A} WHERE n < {SUM} * 4",
         [(90, 45, 30, 60, 1)]),
        (f"SELECT sex || '!', SUM(n) FROM {A} GROUP BY sex",
         [("F!", 30), ("M!", 90), (None, 60)]),
        (f"SELECT n % NULLIF(n - 30, 0) FROM {A}", [(None,), (30,), (0,)]),
        (f"SELECT SUM(n) AS s FROM {A} GROUP BY sex ORDER BY s + 1 DESC LIMIT 1", [(90,)]),
        (f"SELECT COUNT(*), SUM(n), MAX(n) FROM {A} WHERE n > {SUM} * 9", [(0, None, None)]),
        (f"SELECT sex IS NULL AS k, SUM(n) FROM {A} WHERE n > {SUM} GROUP BY k HAVING SUM(n) > 60",
         [(False, 120)]),
    ],
)  # fmt: skip
def test_released_rows_follow_sql(sql: str, expected: list[tuple[object, ...]]) -> None:
    assert shown(sql, *VECTORS) == expected


def test_what_two_columns_share_counts_once() -> None:
    with_total = "WITH a AS (SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex) "
    plan = make_plan(f"{with_total} SELECT x.n - y.n FROM a x JOIN a y ON x.sex = y.sex", WARD)

    rows = released_rows(plan, ((30, 90, 60),), 0.95).rows

    assert rows == ((Estimate(value=0.0, standard_error=0.0, lower=0.0, upper=0.0),),) * 2


def test_errors_of_two_answers_add_up_as_variances() -> None:
    plan = make_plan(f"SELECT n + m FROM {A} JOIN {B} USING (sex)", WARD)
    errors = [noise.standard_error for noise in plan.noises]

    ((cell,), _) = released_rows(plan, VECTORS, 0.95).rows

    assert isinstance(cell, Estimate)
    assert cell.standard_error == pytest.approx((errors[0] ** 2 + errors[1] ** 2) ** 0.5)


def test_extremes_of_noisy_numbers_have_no_interval() -> None:
    plan = make_plan(f"SELECT MAX(n) AS most, MIN(sex) FROM {A}", WARD)

    ((most, first),) = released_rows(plan, ((30, 90, 60),), 0.95).rows

    assert most == Estimate(value=90, standard_error=None, lower=None, upper=None)
    assert first == "F"


def test_a_quantile_keeps_its_interval_through_a_join() -> None:
    medians = "(SELECT sex, MEDIAN(age) AS m FROM patients GROUP BY sex)"
    plain = make_plan(f"{medians[1:-1]}", WARD)
    joined = make_plan(f"SELECT x.m, n FROM {medians} x JOIN {A} USING (sex)", WARD)
    tree = tuple(range(len(plain.statistics[0].tree.totals([1] * 91)))) * 3  # type: ignore[union-attr]  # a quantile's

    (alone, *_) = released_rows(plain, (tree,), 0.95).rows
    (found, *_) = released_rows(joined.with_noises([*plain.noises, joined.noises[1]]),
                                (tree, (1, 1, 1)), 0.95).rows  # fmt: skip

    assert found[0] == alone[1]


def test_the_quote_names_each_answer_and_the_price_of_all() -> None:
    sql = f"SELECT sex, n, m, m / n AS share, 1 AS one FROM {A} JOIN {B} USING (sex)"
    plan, measurement = make_bound(sql, WARD)
    found = quote_of(plan, measurement, WARD, 0.95)

    assert [one.column for one in found.aggregates] == ["n", "m", "share"]
    assert [one.expected_error is None for one in found.aggregates] == [False, False, True]
    assert found.loss.amount == 500_000
    assert found.cells == 6
    assert found.explanation[0] == ("2 answers are released and put together; their prices add up")


def test_parts_of_a_union_are_quoted_by_the_larger_error() -> None:
    sql = "SELECT COUNT(*) AS n FROM patients UNION ALL SELECT COUNT(*) FROM visits"
    plan, measurement = make_bound(sql, WARD)
    (only,) = quote_of(plan, measurement, WARD, 0.95).aggregates

    assert only.expected_error == max(one.half_width(0.95) for one in plan.noises)


def test_weights_reach_the_answers_under_a_column() -> None:
    sql = f"SELECT sex, n, m FROM {A} JOIN {B} USING (sex)"
    plan = make_plan(sql, WARD, asked=Asked(weights={"m": 8.0}))

    assert plan.noises[1].standard_error < plan.noises[0].standard_error


def test_joined_rows_alone_are_no_answer() -> None:
    plan = make_plan(f"SELECT n, m FROM {A} JOIN {B} USING (sex)", WARD)
    source = getattr(plan.report, "source", None)
    assert isinstance(source, Joined)

    with pytest.raises(TypeError):
        outputs_of(source, plan.question.questions)


def test_answers_of_all_kinds_can_be_joined() -> None:
    sql = (
        f"WITH a AS {A[:-2]}, b AS {B[:-2]}, t AS (SELECT sex, SUM(m) AS k FROM b GROUP BY sex), "
        "u AS (SELECT sex, n FROM a UNION ALL SELECT sex, m FROM b), "
        "o AS (SELECT sex, n AS other FROM a WHERE n > 40) "
        "SELECT u.n, b.m, t.k, o.other FROM u JOIN b USING (sex) JOIN t ON t.sex = b.sex "
        "LEFT JOIN (SELECT o.sex, other FROM o JOIN b ON o.sex = b.sex) o ON o.sex = b.sex "
        "ORDER BY u.n"
    )

    assert shown(sql, *VECTORS) == [
        (3, 3, 3, None),
        (9, 9, 9, 90),
        (30, 3, 3, None),
        (90, 9, 9, 90),
    ]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("MAKE_DATE(n, 2, 29)", ["2024-02-29", None, None]),
        ("MAKE_DATE(2024, n - 2022, 9)", ["2024-02-09", None, None]),
        ("DATE '2024-01-01' + TO_DAYS(n)", ["2029-07-17", "2023-12-29", None]),
        ("DATE '2024-01-01' + TO_MONTHS(n)", ["2192-09-01", "2023-10-01", None]),
        ("YEAR(DATE '2024-01-01' + n)", [2029, 2023, None]),
    ],
)
def test_a_date_made_of_a_noisy_number_is_null_where_there_is_none(
    made: str, expected: list[object]
) -> None:
    counts = "(SELECT sex, CAST(COUNT(*) AS INTEGER) AS n FROM patients GROUP BY sex)"

    found = shown(f"SELECT {made} FROM {counts}", (2024, -3, 2**62))

    assert found == [(value,) for value in expected]
