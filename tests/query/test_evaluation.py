from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.answers import Estimate
from query.compile import compile_plan
from query.domains import Scalar
from query.estimates import Uncertain
from query.evaluation import Evaluated, evaluate, evaluate_on_keys, unsupported_after_noise
from query.expressions import Expression, ReleasedTable
from query.parse import parse
from query.plan import cell_keys
from query.release import exact_vectors, released_rows
from tests.case_files import SqlCase, sql_cases
from tests.factories import make_dataset
from tests.plans import make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def released(sql: str, *statistics: int) -> list[object]:
    """Return the first row of the answer for these noisy statistics in every cell."""
    plan = make_plan(sql, WARD)
    noisy = tuple((value,) * plan.cells for value in statistics)
    rows = released_rows(plan, noisy, 0.95).rows
    return [cell.value if isinstance(cell, Estimate) else cell for cell in rows[0]] if rows else []


def computed(expression: str, *statistics: int) -> object:
    return released(f"SELECT {expression} FROM visits", *statistics)[0]


@pytest.mark.parametrize(
    ("expression", "statistics", "expected"),
    [
        ("COUNT(*)", [7], 7),
        ("COUNT(*) + 1.5", [7], 8.5),
        ("10 - COUNT(*)", [7], 3),
        ("-COUNT(*)", [7], -7),
        ("2 * COUNT(*) / 4", [7], 3.5),
        ("COUNT(*) / COUNT(urgent)", [7, 0], None),
        ("COUNT(*) / 0", [7], None),
        ("SUM(cost)", [1234], 12.34),
        ("AVG(cost)", [-5000, 100], 499.5),
        ("AVG(cost)", [10**9, 1], 1000),
        ("AVG(cost)", [5, 0], None),
        ("AVG(cost)", [5, -3], None),
        ("FLOOR(COUNT(*) / 4)", [7], 1),
        ("FLOOR(COUNT(*) / 0)", [7], None),
        ("ROUND(COUNT(*) / 4)", [7], 2),
        ("ROUND(SUM(cost), 1)", [1234], 12.3),
        ("CLAMP(COUNT(*), 0, 5)", [7], 5),
        ("CLAMP(COUNT(*) / 0, 0, 5)", [7], None),
        ("CASE WHEN COUNT(*) > 5 THEN 1 ELSE 0 END", [7], 1),
        ("CASE WHEN COUNT(*) / 0 > 5 THEN 1 ELSE 0 END", [7], 0),
        ("CASE WHEN COUNT(*) > 9 THEN COUNT(*) END", [7], None),
        ("COALESCE(COUNT(*) / 0, 3)", [7], 3),
        ("NULLIF(COUNT(*), 7)", [7], None),
        ("NULLIF(COUNT(*), 8)", [7], 7),
        ("COUNT(*) IN (7, 8)", [7], True),
        ("COUNT(*) IN (8, NULL)", [7], None),
        ("COUNT(*) IN (7, NULL)", [7], True),
        ("COUNT(*) IN (8)", [7], False),
        ("COUNT(*) / 0 IN (8)", [7], None),
        ("COUNT(*) / 0 IS NULL", [7], True),
        ("NOT COUNT(*) > 5", [7], False),
        ("NOT COUNT(*) / 0 > 5", [7], None),
        ("COUNT(*) > 5 AND COUNT(*) / 0 > 1", [7], None),
        ("COUNT(*) > 9 AND COUNT(*) / 0 > 1", [7], False),
        ("COUNT(*) > 5 OR COUNT(*) / 0 > 1", [7], True),
        ("COUNT(*) <> 7", [7], False),
        ("COUNT(*) >= 7 AND COUNT(*) <= 7 AND COUNT(*) = 7 AND NOT COUNT(*) < 7", [7], True),
        ("COUNT(*) * 1e30 * COUNT(*) * 1e30", [10**6], 1e72),
        ("COUNT(*) + NULL", [7], None),
        ("CEIL(COUNT(*) / 4)", [7], 2),
        ("TRUNC(-COUNT(*) / 4)", [7], -1),
        ("ROUND(COUNT(*) / 4 * 0.1, 2)", [7], 0.18),
        ("ROUND(-COUNT(*) / 2)", [7], -4),
        ("FLOOR(COUNT(*) * 1e30 * COUNT(*) * 1e30 * COUNT(*) * 1e30)", [10**75], None),
        ("ABS(-COUNT(*))", [7], 7),
        ("SIGN(-COUNT(*))", [7], -1),
        ("SIGN(COUNT(*) / 0)", [7], None),
        ("SQRT(COUNT(*))", [49], 7),
        ("SQRT(-COUNT(*))", [49], None),
        ("SQRT(COUNT(*))", [0], 0),
        ("LN(COUNT(*) / 7)", [7], 0.0),
        ("LN(COUNT(*))", [-1], None),
        ("LOG10(COUNT(*))", [1000], 3),
        ("LOG2(COUNT(*))", [8], 3.0),
        ("LOG(3, COUNT(*))", [81], 4.0),
        ("EXP(COUNT(*) - 7)", [7], 1),
        ("EXP(COUNT(*))", [10**6], None),
        ("POWER(COUNT(*), 2)", [7], 49),
        ("POWER(COUNT(*), -1)", [4], 0.25),
        ("POWER(COUNT(*), 0)", [4], 1),
        ("POWER(-COUNT(*), 0.5)", [4], None),
        ("GREATEST(COUNT(*), 9)", [7], 9),
        ("LEAST(COUNT(*), COUNT(*) / 0, 9)", [7], 7),
        ("LEAST(COUNT(*) / 0, NULL)", [7], None),
        ("WIDTH_BUCKET(COUNT(*), 0, 10, 5)", [7], 4),
        ("age_band(COUNT(*), 5)", [7], 5),
        ("CAST(COUNT(*) / 4 AS INTEGER)", [7], 2),
        ("CAST(COUNT(*) > 3 AS INTEGER)", [7], 1),
        ("CAST(COUNT(*) / 4 AS DECIMAL(3, 1))", [7], 1.8),
        ("CAST(COUNT(*) AS DECIMAL(3, 1))", [777], None),
        ("CAST(COUNT(*) AS BOOLEAN)", [7], True),
        ("CAST(COUNT(*) / 0 AS BOOLEAN)", [7], None),
        ("COUNT(*) IS DISTINCT FROM NULL", [7], True),
        ("COUNT(*) IS NOT DISTINCT FROM COUNT(*) / 0", [7], False),
        ("COUNT(*) IS NOT DISTINCT FROM 7", [7], True),
    ],
)
def test_released_values_follow_sql(
    expression: str, statistics: list[int], expected: object
) -> None:
    value = computed(expression, *statistics)

    assert value == (pytest.approx(expected) if isinstance(expected, float) else expected)


KEYS = sql_cases("released_keys.sql")


def test_all_cases_of_keys_were_found() -> None:
    assert len(KEYS) >= 14


@pytest.mark.parametrize("case", KEYS, ids=lambda case: case.statements[0])
def test_group_keys_are_plain_values(case: SqlCase) -> None:
    assert released(case.statements[0], 5) == json.loads(case.expected)


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        ("SQRT(COUNT(*))", 1 / 20),
        ("LN(COUNT(*))", 1 / 100),
        ("LOG2(COUNT(*))", 1 / (100 * math.log(2))),
        ("LOG10(COUNT(*))", 1 / (100 * math.log(10))),
        ("LOG(3, COUNT(*))", 1 / (100 * math.log(3))),
        ("EXP(COUNT(*) / 100)", math.e / 100),
        ("POWER(COUNT(*), 2)", 200),
        ("POWER(COUNT(*), -1)", -1 / 10_000),
        ("POWER(COUNT(*), 0)", 0),
        ("ABS(-COUNT(*))", 1),
        ("ROUND(COUNT(*) / 3)", 1 / 3),
        ("GREATEST(COUNT(*), 5)", 1),
        ("CAST(COUNT(*) AS INTEGER)", 1),
    ],
)
def test_errors_follow_the_slope(expression: str, slope: float) -> None:
    plan = make_plan(f"SELECT {expression} AS x FROM visits", WARD)

    (cell,) = released_rows(plan, ((100,),), 0.95).rows[0]

    assert isinstance(cell, Estimate)
    assert cell.standard_error == pytest.approx(plan.noises[0].standard_error * abs(slope))


def test_a_pattern_is_not_matched_after_the_noise() -> None:
    assert unsupported_after_noise(parsed_key("REGEXP_EXTRACT(class, '(a*)*b')")) == (
        "regexp_extract"
    )
    assert unsupported_after_noise(parsed_key("LEFT(class, 2)")) is None


def parsed_key(expression: str) -> Expression:
    return parse(f"SELECT COUNT({expression}) FROM visits", WARD).aggregates[0].args[0]


class TestOrder:
    def keys(self, order: str) -> list[object]:
        plan = make_plan(
            f"SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex ORDER BY {order}", WARD
        )
        counts = {"F": 3, "M": 9, None: 5}
        noisy = (
            tuple(
                counts[str(key[0]) if key[0] else None]
                for key in cell_keys(plan.question, plan.parts[0])
            ),
        )
        return [row[0] for row in released_rows(plan, noisy, 0.95).rows]

    def test_rows_are_sorted_by_noisy_values(self) -> None:
        assert self.keys("n DESC") == ["M", None, "F"]
        assert self.keys("2") == ["F", None, "M"]
        assert self.keys("COUNT(*) > 4, sex DESC NULLS LAST") == ["F", "M", None]

    def test_nulls_stand_where_they_were_asked_for(self) -> None:
        assert self.keys("sex NULLS FIRST") == [None, "F", "M"]
        assert self.keys("sex NULLS LAST") == ["F", "M", None]
        assert self.keys("sex DESC NULLS FIRST") == [None, "M", "F"]
        assert self.keys("sex DESC NULLS LAST") == ["M", "F", None]

    def test_nulls_are_last_by_default_as_in_duckdb(self) -> None:
        assert self.keys("sex") == ["F", "M", None]
        assert self.keys("sex DESC") == ["M", "F", None]


def test_a_date_that_is_null_is_after_nothing() -> None:
    use = {"bounds": ["2024-01-01", "2024-01-02"], "nulls": "keep", "group_by": True}
    visits = {
        "patient_id": {"role": "privacy_unit"},
        "on": {"role": "attribute", "type": "date", "dp": use},
    }
    dataset = make_dataset(tables={"seen": {"columns": visits}})
    plan = make_plan(
        'SELECT "on", COUNT(*) FROM seen GROUP BY 1 '
        "HAVING \"on\" < TIMESTAMP '2024-01-01 12:00:00'",
        dataset,
    )

    assert [row[0] for row in released_rows(plan, ((5, 5, 5),), 0.95).rows] == ["2024-01-01"]


def test_what_lies_outside_the_public_domain_is_dropped() -> None:
    plan = make_plan("SELECT sex, COUNT(*) FROM patients GROUP BY sex", WARD)

    statements = compile_plan(plan)

    assert exact_vectors(plan, statements, [[("F", 3), ("X", 9), (None, 2)]]) == ((3, 0, 2),)
    assert exact_vectors(plan, statements, [[]]) == ((0, 0, 0),)


class Row:
    """A released row without keys and numbers."""

    key: tuple[Scalar, ...] = ()
    grouped: tuple[int, ...] = ()

    def aggregate(self, index: int) -> Uncertain:
        pytest.fail(f"there is no aggregate {index}")

    def window(self, index: int) -> Evaluated:
        pytest.fail(f"there is no window {index}")

    def column(self, index: int) -> Evaluated:
        pytest.fail(f"there is no column {index}")

    def single(self, table: ReleasedTable) -> Evaluated:
        pytest.fail(f"there is no table of {table.width} columns")


def test_a_column_of_rows_cannot_be_read_after_the_noise() -> None:
    argument = parse("SELECT SUM(cost) FROM visits", WARD).aggregates[0].args[0]

    with pytest.raises(TypeError):
        evaluate(argument, Row())
    with pytest.raises(TypeError):
        evaluate_on_keys(argument, ())


@given(
    st.sampled_from(
        [
            "COUNT(*) / SUM(cost) / SUM(cost) / SUM(cost)",
            "COUNT(*) / (COUNT(*) * 1e-30 * 1e-30 * 1e-30 * 1e-30 * 1e-30 * 1e-30 * 1e-30)",
            "SUM(cost)" + " * 1e30" * 10,
            f"FLOOR(SUM(cost) {'* 1e30 ' * 10})",
            "AVG(cost) * COUNT(*) - SUM(cost)",
            "ROUND(AVG(cost) / COUNT(*) * 1e18, 3)",
            "SQRT(COUNT(*)) + LN(SUM(cost)) - EXP(SUM(cost)) + POWER(SUM(cost), 20)",
            "POWER(COUNT(*), -20) * COUNT(*) % SUM(cost) // COUNT(*)",
            "WIDTH_BUCKET(SUM(cost), 0, 1e-18, 3) + CAST(SUM(cost) * 1e30 AS BIGINT)",
        ]
    ),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), min_size=4, max_size=4),
)
def test_no_noisy_value_makes_an_error(expression: str, statistics: list[int]) -> None:
    plan = make_plan(f"SELECT {expression} AS x FROM visits", WARD)
    noisy = tuple((value,) for value in statistics[: len(plan.statistics)])

    (cell,) = released_rows(plan, noisy, 0.95).rows[0]

    assert isinstance(cell, Estimate)
    numbers = (cell.value, cell.standard_error, cell.lower, cell.upper)
    assert (cell.value is None) == (cell.standard_error is None)
    assert cell.value is not None or numbers == (None,) * 4
    assert all(one is None or math.isfinite(one) for one in numbers)
