from __future__ import annotations

import time

import pytest

from policies.errors import UnsupportedQueryError
from query.parse import parse
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
COUNTS = "SELECT day, class, urgent, COUNT(*) AS n FROM visits GROUP BY ALL"
"""Of 4,386 groups."""


def doubled(step: str, times: int, first: str = "SELECT COUNT(*) AS n FROM visits") -> str:
    """Return a statement of CTEs, each of which names the one before it twice."""
    named = [f"a0 AS ({first})"]
    named += [f"a{at} AS ({step.format(f'a{at - 1}')})" for at in range(1, times + 1)]
    return f"WITH {', '.join(named)} SELECT SUM(n) AS total FROM a{times}"


@pytest.mark.parametrize(
    "step",
    [
        "SELECT x.n + y.n AS n FROM {0} x CROSS JOIN {0} y",
        "SELECT n FROM {0} UNION ALL SELECT n FROM {0}",
        "SELECT (SELECT n FROM {0}) + (SELECT n AS m FROM {0}) AS n",
        "SELECT n + n AS n FROM {0}",
        "SELECT n + n AS n FROM {0} ORDER BY n LIMIT 9",
        "SELECT SUM(n) + COUNT(n + n) AS n FROM {0} HAVING MAX(n) > (SELECT n FROM {0})",
        "SELECT SUM(n) OVER () + MAX(n) OVER () AS n FROM {0} LIMIT 9",
    ],
)
def test_what_doubles_with_each_sub_query_is_refused_at_once(step: str) -> None:
    started = time.thread_time()
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(doubled(step, 40), WARD)

    assert time.thread_time() - started < 5
    assert refusal.value.code == "SQL-TOO-DEEP"
    assert refusal.value.position is not None
    assert parse(doubled(step, 3), WARD).questions


def test_many_answers_can_be_joined() -> None:
    names = [f"a{at}" for at in range(24)]
    named = ", ".join(
        f"{name} AS (SELECT class, COUNT(*) AS {name}_n FROM visits WHERE cost > {at} GROUP BY 1)"
        for at, name in enumerate(names)
    )
    joins = " ".join(f"JOIN {name} USING (class)" for name in names[1:])
    total = " + ".join(f"{name}_n" for name in names)
    started = time.thread_time()
    question = parse(f"WITH {named} SELECT class, {total} AS n FROM a0 {joins}", WARD)

    assert len(question.questions) == len(names)
    assert time.thread_time() - started < 5


def test_more_rows_than_any_join_may_have_are_not_stacked() -> None:
    stacked = f"WITH c AS ({COUNTS}) " + " UNION ALL ".join(["SELECT n FROM c"] * 24)

    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(stacked, WARD)

    assert refusal.value.code == "SQL-TOO-DEEP"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT day, 100 * n / SUM(n) OVER () FROM ({COUNTS})",
        f"SELECT day, SUM(n) OVER (ORDER BY day, class, urgent) FROM ({COUNTS})",
        f"SELECT day, AVG(n) OVER (PARTITION BY n > 5) FROM ({COUNTS})",
        f"WITH c AS ({COUNTS}) SELECT day, n / (SELECT SUM(n) FROM c) FROM c",
        f"WITH c AS ({COUNTS}) SELECT day, n / s FROM c CROSS JOIN (SELECT AVG(n) AS s FROM c)",
        "SELECT day, class, urgent, COUNT(*) / SUM(COUNT(*)) OVER () FROM visits GROUP BY ALL",
    ],
)
def test_shares_of_a_total_of_thousands_are_refused(sql: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(sql, WARD)

    assert refusal.value.code == "SQL-TOO-DEEP"


@pytest.mark.parametrize(
    "sql",
    [
        COUNTS,
        f"SELECT day, 100 * n / SUM(n) OVER (PARTITION BY day) FROM ({COUNTS})",
        f"SELECT day, RANK() OVER (ORDER BY n), MAX(n) OVER (), COUNT(n) OVER () FROM ({COUNTS})",
        f"SELECT SUM(n), AVG(n), MAX(n) FROM ({COUNTS})",
        f"SELECT class, SUM(n), 100 * SUM(n) / SUM(SUM(n)) OVER () FROM ({COUNTS}) GROUP BY class",
        f"SELECT n > 3, COUNT(*) FROM ({COUNTS}) GROUP BY 1",
        "SELECT day, COUNT(*) / SUM(COUNT(*)) OVER () FROM visits GROUP BY day",
        (
            "WITH c AS (SELECT class, COUNT(*) AS n FROM visits GROUP BY class) SELECT a.n / c.n "
            "FROM (SELECT class, n + 1 AS n FROM (FROM c UNION ALL FROM c)) a JOIN c USING (class)"
        ),
        f"SELECT n * x FROM ({COUNTS}) JOIN (VALUES ('inpatient', 2)) AS v(class, x) USING (class)",
    ],
)
def test_what_each_group_takes_for_itself_is_computed_for_thousands(sql: str) -> None:
    assert parse(sql, WARD).questions
