"""Aggregates of a cell, from statistics whose noise is left out: the exact ones must come back."""

from __future__ import annotations

import math
import statistics

import pytest

from query.answers import Estimate
from query.compile import compile_plan
from query.plan import Plan
from query.release import exact_vectors, released_rows
from tests.fakes import DuckDbMemoryEngine, StoredRows
from tests.plans import make_plan
from tests.wards import CODES, make_ward

WARD = make_ward(max_groups=20, max_rows_per_group=20)
SCORES = (-3, -1, 0, 2, 3, 3, -2, 1)
AGES = (30, 35, 41, 52, 60, 70, 33, 44)


def rows(scores: tuple[int, ...] = SCORES, ages: tuple[int, ...] = AGES) -> StoredRows:
    """Return one patient for each score and age."""
    both = list(zip(scores, ages, strict=True))
    salted = [{"patient_id": unit, "__salt": unit, "__rank": 1} for unit, _ in enumerate(both)]
    return {
        "patients": [
            {**one, "sex": "F", "age": age} for one, (_, age) in zip(salted, both, strict=True)
        ],
        "enrolled": [
            {**one, "arm": "a", "score": own} for one, (own, _) in zip(salted, both, strict=True)
        ],
        "visits": [], "labs": [], "stays": [], "codes": CODES,
    }  # fmt: skip


def vectors(plan: Plan, stored: StoredRows) -> tuple[tuple[int, ...], ...]:
    engine = DuckDbMemoryEngine(WARD, stored)
    try:
        statements = compile_plan(plan)
        return exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])
    finally:
        engine.close()


def estimate(
    expression: str, stored: StoredRows | None = None, *, confidence: float = 0.95
) -> Estimate:
    """Return an aggregate over score and age, computed without noise."""
    source = "enrolled e JOIN patients p ON e.patient_id = p.patient_id"
    plan = make_plan(f"SELECT {expression} AS x FROM {source}", WARD, loss="1000000")
    exact = vectors(plan, rows() if stored is None else stored)
    ((found,),) = released_rows(plan, exact, confidence).rows
    assert isinstance(found, Estimate)
    return found


def slope(xs: tuple[int, ...], ys: tuple[int, ...]) -> tuple[float, float]:
    found = statistics.linear_regression(xs, ys)
    return found.slope, found.intercept


CORRELATION = statistics.correlation(SCORES, AGES)
COVARIANCE = statistics.covariance(SCORES, AGES)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("COUNT(*)", 8),
        ("COUNT(score)", 8),
        ("COUNT(DISTINCT e.patient_id)", 8),
        ("COUNT(DISTINCT score)", 7),
        ("SUM(score)", 3),
        ("AVG(score)", 0.375),
        ("AVG(age / 2)", sum(AGES) / 16),
        ("VAR_POP(score)", statistics.pvariance(SCORES)),
        ("VAR_SAMP(score)", statistics.variance(SCORES)),
        ("VARIANCE(age)", statistics.variance(AGES)),
        ("STDDEV_POP(score)", statistics.pstdev(SCORES)),
        ("STDDEV(score)", statistics.stdev(SCORES)),
        ("COVAR_POP(score, age)", COVARIANCE * 7 / 8),
        ("COVAR_SAMP(score, age)", COVARIANCE),
        ("CORR(score, age)", CORRELATION),
        ("CORR(score, -age)", -CORRELATION),
        ("REGR_R2(age, score)", CORRELATION**2),
        ("REGR_SLOPE(age, score)", slope(SCORES, AGES)[0]),
        ("REGR_INTERCEPT(age, score)", slope(SCORES, AGES)[1]),
        ("REGR_SLOPE(score, age)", slope(AGES, SCORES)[0]),
        ("REGR_INTERCEPT(score, age)", slope(AGES, SCORES)[1]),
    ],
)
def test_aggregates_of_exact_statistics_are_exact(expression: str, expected: float) -> None:
    assert estimate(expression).value == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MEDIAN(score)", 0.5),
        ("QUANTILE_DISC(score, 0.25)", -2),
        ("MIN(score)", -3),
        ("MAX(score)", 3),
        ("MEDIAN(age)", 42.5),
        ("MAX(age)", 70),
        ("MIN(age)", 30),
    ],
)
def test_quantiles_lie_within_a_step_of_the_exact_ones(expression: str, expected: float) -> None:
    found = estimate(expression)

    assert found.value == pytest.approx(expected, abs=1)
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower <= (found.value or 0) <= found.upper


def test_a_discrete_quantile_is_a_value_that_can_occur() -> None:
    value = estimate("QUANTILE_DISC(score, 0.6)").value

    assert value is not None
    assert value == math.floor(value)


def test_a_quantile_inside_an_expression_has_the_error_of_its_own() -> None:
    alone, doubled = estimate("MEDIAN(age)"), estimate("2 * MEDIAN(age)")

    assert doubled.value == pytest.approx(2 * (alone.value or 0), abs=1e-9)
    assert doubled.standard_error is not None
    assert doubled.standard_error > 0


def test_an_extreme_inside_an_expression_has_half_its_interval_as_error() -> None:
    span = estimate("MAX(age) - MIN(age)")

    assert span.value == pytest.approx(40, abs=2)
    assert span.standard_error is not None
    assert span.standard_error > 0


def test_each_bin_counts_its_own_rows() -> None:
    plan = make_plan("SELECT HISTOGRAM(score, [-2, 0, 2]) FROM enrolled", WARD, loss="1000000")

    (bins,) = released_rows(plan, vectors(plan, rows()), 0.95).rows

    assert [one.value for one in bins if isinstance(one, Estimate)] == [2, 2, 2]


@pytest.mark.parametrize(
    "expression",
    [
        "AVG(score)",
        "VAR_SAMP(score)",
        "STDDEV(score)",
        "CORR(score, age)",
        "REGR_SLOPE(age, score)",
        "REGR_INTERCEPT(age, score)",
        "MEDIAN(age)",
        "2 * MEDIAN(age)",
        "MAX(age)",
    ],
)
def test_of_nothing_there_is_nothing(expression: str) -> None:
    found = estimate(expression, rows((), ()))

    assert found == Estimate(value=None, standard_error=None, lower=None, upper=None)


@pytest.mark.parametrize("expression", ["VAR_SAMP(score)", "CORR(score, age)", "STDDEV_POP(score)"])
def test_one_row_has_no_spread(expression: str) -> None:
    assert estimate(expression, rows((1,), (30,))).value is None


@pytest.mark.parametrize("expression", ["VAR_SAMP(score)", "STDDEV_POP(score)"])
def test_equal_values_have_a_spread_of_0_up_to_what_noise_could_hide(expression: str) -> None:
    found = estimate(expression, rows((2,) * 5, AGES[:5]))

    assert found.value == pytest.approx(0, abs=1e-3)
    assert found.upper is not None
    assert 0 < found.upper < 0.01


@pytest.mark.parametrize("expression", ["CORR(score, age)", "REGR_SLOPE(age, score)"])
def test_equal_values_have_no_line_through_them(expression: str) -> None:
    assert estimate(expression, rows((2,) * 5, AGES[:5])).value is None


def test_a_correlation_stays_between_its_ends() -> None:
    plan = make_plan("SELECT CORR(a.score, b.age) FROM enrolled a JOIN patients b USING "
                     "(patient_id)", WARD)  # fmt: skip
    exact = vectors(plan, rows())
    noisy = ((exact[0][0] * 50,), *exact[1:])

    ((found,),) = released_rows(plan, noisy, 0.95).rows

    assert isinstance(found, Estimate)
    assert found.value == 1
