from __future__ import annotations

import pytest

from policies.errors import UnsupportedQueryError
from query.parse import parse
from query.parse.scopes import MAX_RELATIONS
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def nested_ctes(levels: int) -> str:
    """Write CTEs that name the one before them twice, so that they double with each level."""
    named = ["c0 AS (SELECT patient_id FROM enrolled)"]
    named += [
        f"c{n} AS (SELECT patient_id FROM c{n - 1} UNION ALL SELECT patient_id FROM c{n - 1})"
        for n in range(1, levels)
    ]
    return f"WITH {', '.join(named)} SELECT COUNT(*) FROM c{levels - 1}"


def test_ctes_that_double_at_each_level_are_refused() -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(nested_ctes(60), WARD)

    assert refusal.value.code == "SQL-TOO-DEEP"
    assert refusal.value.position is not None
    assert str(MAX_RELATIONS) in str(refusal.value)


def test_ctes_below_the_limit_are_read() -> None:
    assert parse(nested_ctes(4), WARD).relation.max_rows == 8


@pytest.mark.parametrize(
    ("sql", "remedy"),
    [
        ("SELECT AVG(x.agee) FROM (SELECT patient_id, age FROM patients) x", "use one of age"),
        ("SELECT AVG(q.age) FROM patients p", "use one of p"),
        (
            ("SELECT COUNT(*) FROM patients p WHERE EXISTS (SELECT 1 FROM visits v "
            "WHERE v.patient_id = q.patient_id)"),
            "use one of p",
        ),
        ("SELECT COUNT(*) FROM visits v JOIN labs l USING (patient_id) WHERE visit_id = visit_id",
         "write v.visit_id"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_is_met_with_those_that_are(sql: str, remedy: str) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(sql, WARD)

    assert refusal.value.code == "SQL-NAME"
    assert refusal.value.remedy == remedy
