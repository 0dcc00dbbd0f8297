"""What WHERE leaves of the values of keys and of what is added up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from query.answers import Estimate
from query.domains import Scalar
from query.parse import parse
from query.release import exact_vectors, released_rows
from tests.fakes import DuckDbMemoryEngine
from tests.plans import make_plan, make_statements
from tests.sensitivity import WIDE
from tests.wards import make_rows

ROWS = make_rows(3, [(12, 9, 3, 1)] * 6)
CLASSES = ("ambulatory", "emergency", "inpatient")


def keys_of(sql: str) -> tuple[Scalar, ...]:
    (key,) = parse(sql, WIDE).keys
    return tuple(str(one) if one is not None and not isinstance(one, str | int) else one
                 for one in key.domain)  # fmt: skip


def bounds_of(sql: str) -> tuple[Fraction, Fraction] | None:
    return parse(sql, WIDE).aggregates[0].args[0].domain.bounds


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("class = 'inpatient'", ("inpatient",)),
        ("'inpatient' = class", ("inpatient",)),
        ("class IN ('inpatient', 'no such')", ("inpatient",)),
        ("class <> 'inpatient'", ("ambulatory", "emergency")),
        ("class LIKE 'e%' OR class = 'inpatient'", ("emergency", "inpatient")),
        ("class NOT LIKE '%e%' AND cost > 2", ("ambulatory",)),
        ("NOT (class = 'emergency') AND LEFT(class, 1) = 'a'", ("ambulatory",)),
        ("class = 'emergency' OR cost > 2", CLASSES),
        ("UPPER(class) = 'EMERGENCY'", CLASSES),
        ("class = free", CLASSES),
        ("class = 'no such'", CLASSES),
        ("EXISTS (SELECT 1 FROM labs l WHERE l.patient_id = visits.patient_id)", CLASSES),
        ("urgent", CLASSES),
    ],
)
def test_only_categories_for_which_the_condition_is_true_are_released(
    condition: str, left: tuple[str, ...]
) -> None:
    found = keys_of(f"SELECT class, COUNT(*) FROM visits WHERE {condition} GROUP BY class")

    assert found == left


@pytest.mark.parametrize(
    ("key", "condition", "has_null"),
    [
        ("NULLIF(class, 'inpatient')", "urgent", True),
        ("NULLIF(class, 'inpatient')", "NULLIF(class, 'inpatient') IS NOT NULL", False),
        ("NULLIF(class, 'inpatient')", "class IS NOT NULL", True),
        ("NULLIF(class, 'inpatient')", "NULLIF(class, 'inpatient') IS NULL", True),
        ("NULLIF(cost > 3, TRUE)", "urgent AND NULLIF(cost > 3, TRUE) IS NOT NULL", False),
        ("NULLIF(cost > 3, TRUE)", "urgent OR NULLIF(cost > 3, TRUE) IS NOT NULL", True),
    ],
)
def test_null_is_no_group_where_a_condition_leaves_none(
    key: str, condition: str, *, has_null: bool
) -> None:
    found = keys_of(f"SELECT {key}, COUNT(*) FROM visits WHERE {condition} GROUP BY 1")

    assert (None in found) is has_null


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("icu IS NULL", (False, True, None)),
        ("days > 27", (False, True, None)),
    ],
)
def test_truths_stay_as_they_are(condition: str, left: tuple[Scalar, ...]) -> None:
    assert keys_of(f"SELECT icu, COUNT(*) FROM stays WHERE {condition} GROUP BY icu") == left


@pytest.mark.parametrize(
    ("condition", "first", "last", "size"),
    [
        ("age > 17 AND age <= 20", 18, 20, 3),
        ("17 < age AND 20 >= age", 18, 20, 3),
        ("age >= 17.5 AND age < 20.5", 18, 20, 3),
        ("age IN (3, 5)", 3, 5, 3),
        ("age = 40", 40, 40, 1),
        ("age BETWEEN 85 AND 300", 85, 90, 6),
        ("age > 200", 0, 90, 91),
        ("age IN (3, NULL)", 0, 90, 91),
        ("age > 17 OR sex = 'F'", 0, 90, 91),
        ("age <> 17", 0, 90, 91),
        ("age + 1 > 17", 0, 90, 91),
    ],
)
def test_numbers_are_held_to_the_interval(condition: str, first: int, last: int, size: int) -> None:
    found = keys_of(f"SELECT age, COUNT(*) FROM patients WHERE {condition} GROUP BY age")

    assert (found[0], found[-1], len(found)) == (first, last, size)


@pytest.mark.parametrize(
    ("condition", "first", "last"),
    [
        ("day >= DATE '2024-05-17'", "2024-05-01", "2025-12-01"),
        ("day > DATE '2024-05-31' AND day < DATE '2024-09-01'", "2024-06-01", "2024-08-01"),
        ("YEAR(day) = 2025", "2025-01-01", "2025-12-01"),
        ("YEAR(day) < 2025 AND YEAR(day) > 0", "2024-01-01", "2024-12-01"),
        ("DATE_TRUNC('quarter', day) > DATE '2025-04-01'", "2025-04-01", "2025-12-01"),
        ("DATE_TRUNC('year', day) <= DATE '2024-01-01'", "2024-01-01", "2024-12-01"),
        ("DATE_TRUNC('week', day) <= DATE '2024-03-01'", "2024-01-01", "2025-12-01"),
        ("MONTH(day) = 3", "2024-01-01", "2025-12-01"),
        ("day > DATE '9999-12-31'", "2024-01-01", "2025-12-01"),
        ("day > TIMESTAMP '2025-01-01 12:00:00'", "2024-01-01", "2025-12-01"),
        ("day <= noted", "2024-01-01", "2025-12-01"),
    ],
)
def test_periods_lie_inside_the_dates_that_are_left(condition: str, first: str, last: str) -> None:
    source = "(SELECT v.patient_id, v.day, l.noted FROM visits v JOIN labs l USING (patient_id))"
    found = keys_of(
        f"SELECT DATE_TRUNC('month', day), COUNT(*) FROM {source} WHERE {condition} GROUP BY 1"
    )

    assert (found[0], found[-1]) == (first, last)


def test_moments_before_a_day_are_of_the_day_before() -> None:
    found = keys_of(
        "SELECT CAST(at AS DATE), COUNT(*) FROM labs WHERE at >= '2024-02-28' "
        "AND at < '2024-03-02' AND DATE_TRUNC('month', at) <= DATE '2024-02-01' GROUP BY 1"
    )

    assert found == ("2024-02-28", "2024-02-29")


def test_a_key_of_its_own_condition_is_held_too() -> None:
    found = keys_of("SELECT MONTH(day), COUNT(*) FROM visits WHERE MONTH(day) > 10 GROUP BY 1")

    assert found == (11, 12)


def test_what_is_added_up_has_the_bounds_of_the_condition() -> None:
    clamped = "SELECT AVG(CLAMP(cost, 10, 20)) FROM visits WHERE cost BETWEEN 10 AND 20"
    asked = "SELECT AVG(cost) FROM visits WHERE cost BETWEEN 10 AND 20"

    assert bounds_of(asked) == (Fraction(10), Fraction(20))
    assert make_plan(asked, WIDE).sensitivities == make_plan(clamped, WIDE).sensitivities


def test_a_column_without_bounds_does_not_get_them() -> None:
    question = parse("SELECT COUNT(raw) FROM labs WHERE raw BETWEEN 1 AND 5", WIDE)

    assert question.aggregates[0].args[0].domain.bounds is None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT COUNT(class) FROM visits WHERE class = 'inpatient'", "rows"),
        ("SELECT COUNT(class) FROM visits WHERE class = 'inpatient' OR class IS NULL", "some"),
    ],
)
def test_what_a_condition_compares_is_not_null(sql: str, expected: str) -> None:
    (statistic,) = make_plan(sql, WIDE).statistics

    assert ("rows" if statistic.where is None else "some") == expected


@pytest.mark.parametrize(
    "condition",
    [
        "class = 'inpatient'",
        "class LIKE '%a%' AND cost > 5",
        "day >= DATE '2024-02-01' AND class <> 'inpatient'",
        "cost BETWEEN 1 AND 50000 AND YEAR(day) = 2024",
    ],
)
def test_cells_hold_the_numbers_that_they_would_among_all(condition: str) -> None:
    """The same rows are counted as when the condition stands in FILTER, which narrows nothing."""
    keys = "class, YEAR(day)"
    narrow = f"SELECT {keys}, COUNT(*), SUM(cost) FROM visits WHERE {condition} GROUP BY 1, 2"
    wide = (
        f"SELECT {keys}, COUNT(*) FILTER (WHERE {condition}), SUM(cost) FILTER (WHERE {condition}) "
        "FROM visits GROUP BY 1, 2"
    )
    engine = DuckDbMemoryEngine(WIDE, ROWS)

    found, among = (_cells(sql, engine) for sql in (narrow, wide))

    engine.close()
    assert found
    assert found == among


def _cells(sql: str, engine: DuckDbMemoryEngine) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Return the exact numbers of the cells that have rows."""
    plan, _, statements = make_statements(sql, WIDE)
    exact = exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])
    rows = released_rows(plan, exact, 0.95).rows
    numbers = {row[:2]: tuple(_number(one) for one in row[2:]) for row in rows}
    return {key: found for key, found in numbers.items() if any(found)}


def _number(value: object) -> float:
    assert isinstance(value, Estimate)
    assert value.value is not None
    return value.value
