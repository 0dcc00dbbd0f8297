from __future__ import annotations

from datetime import date
from fractions import Fraction

import duckdb
import pytest

from policies.errors import UnsupportedQueryError
from query.domains import Domain
from query.estimates import Uncertain
from query.functions import FUNCTIONS
from query.functions.moments import moved
from query.parse.literals import null, text
from query.periods import Grain
from query.released_numbers import RELEASED_NUMBERS
from query.sql import sql_of
from tests.query.functions.edge_table import make_edges, parsed

DATASET = make_edges()


def domain_of(expression: str) -> Domain:
    return parsed(expression, DATASET).domain


@pytest.mark.parametrize(
    ("expression", "categories"),
    [
        ("LEFT(code, 1)", ("I", "E", "A", "z", " ", "i", "1")),
        ("LEFT(code, 1) || flag", None),
        ("CASE WHEN flag THEN 'yes' WHEN NOT flag THEN 'no' END", ("yes", "no")),
        ("UPPER(CASE WHEN flag THEN 'yes' ELSE 'no' END)", ("YES", "NO")),
        ("CONCAT(CASE WHEN flag THEN 'a' END, 'x')", ("ax", "x")),
        ("CONCAT_WS('/', IF(flag, 'a', 'b'), 'x')", ("a/x", "b/x")),
        ("REGEXP_EXTRACT(code, '^[A-Z]')", ("I", "E", "A", "")),
        ("REGEXP_EXTRACT(code, '^([A-Z]+)+')", None),
        ("REGEXP_EXTRACT(code, '.*.*.*.*.*.*')", None),
        ("REGEXP_EXTRACT(name, '.')", None),
        ("UPPER(name)", None),
        ("TRIM(name)", None),
        ("LEFT(name, 1)", ("Ä", "ß", "é", "", "a")),
        ("LEFT(free, 1)", None),
        ("day::VARCHAR || until", None),
        ("STRFTIME(MAKE_DATE(CLAMP(big, 1900, 2100), 1, 1), '%d')", None),
        ("STRFTIME(noted, '%Y')", None),
        ("STRFTIME(seen, '%H')", None),
        ("STRFTIME(DATE_TRUNC('year', day), '%d/%m')", ("01/01",)),
        ("STRFTIME(DATE_TRUNC('decade', day), '%Y')", ("2020",)),
        ("STRFTIME(DATE_TRUNC('decade', LEAST(day, DATE '0009-01-01')), '%Y')", None),
        ("n::VARCHAR || '!'", tuple(f"{one}!" for one in range(-7, 51))),
        ("big::VARCHAR", None),
    ],
)
def test_categories_follow_the_function(
    expression: str, categories: tuple[str, ...] | None
) -> None:
    found = domain_of(expression).categories

    if expression.endswith("|| flag"):
        assert found is not None
        assert len(found) == 14
    else:
        assert found == categories


def test_nulls_that_are_a_group_stay_one() -> None:
    assert domain_of("LEFT(name, 1)").keeps_nulls
    assert not domain_of("LEFT(code, 1)").keeps_nulls
    assert not domain_of("CONCAT(name, 'x')").nullable


@pytest.mark.parametrize(
    ("expression", "keeps"),
    [
        ("NULLIF(code, 'x')", True),
        ("CASE WHEN n > 3 THEN code END", True),
        ("CASE WHEN n > 3 THEN code ELSE 'other' END", False),
        ("NULLIF(n, 3) + n", True),
        ("n // sure", False),
        ("n / sure", False),
        ("n / n", True),
        ("n % (n - 1)", True),
        ("TRY_CAST(code AS INTEGER)", True),
        ("TRY_CAST(n AS TINYINT)", False),
        ("COALESCE(code, name)", False),
        ("COALESCE(NULLIF(code, 'x'), name)", True),
        ("GREATEST(code, NULLIF(code, 'x'))", False),
        ("code = name", True),
        ("code = LEFT(code, 1)", False),
        ("n > 3 AND NULLIF(flag, TRUE)", True),
        ("code IN ('a', NULL)", True),
        ("STRFTIME(day, '%Y')", False),
        ("DATE_DIFF('day', day, NULLIF(day, DATE '2024-01-01'))", True),
        ("LN(n)", True),
        ("SQRT(sure)", False),
    ],
)
def test_null_is_a_group_where_an_expression_itself_can_make_it(
    expression: str, *, keeps: bool
) -> None:
    found = domain_of(expression)

    assert (found.nullable and found.keeps_nulls) is keeps


@pytest.mark.parametrize(
    ("expression", "bounds"),
    [
        ("LN(sure)", (0, 2.2)),
        ("LN(n)", (0, 3.91)),
        ("SQRT(sure)", (1, 3)),
        ("EXP(CLAMP(n, 0, 2))", (1, 7.39)),
        ("EXP(big)", None),
        ("EXP(cost)", None),
        ("POWER(n, 2)", (0, 2500)),
        ("POWER(n, 0)", (1, 1)),
        ("POWER(n, -1)", None),
        ("POWER(sure, -1)", (0.1, 1)),
        ("POWER(n, 0.5)", None),
        ("POWER(cost, 20)", None),
        ("POWER(big, 2)", None),
        ("LOG(0.5, sure)", (-3.2, 0)),
        ("LOG(0.5, big)", None),
        ("LN(-sure)", None),
        ("n % sure", (-7, 8)),
        ("big % sure", (-8, 8)),
        ("n % big", (-7, 50)),
        ("n // sure", (-7, 50)),
        ("n // n", (-50, 50)),
        ("n // big", (-50, 50)),
        ("WIDTH_BUCKET(big, 0, 10, 4)", (0, 5)),
        ("LENGTH(code)", (1, 8)),
        ("LENGTH(free)", None),
        ("code::INT", None),
        ("CASE WHEN flag THEN '10' ELSE 'x' END::INT", (10, 10)),
        ("CASE WHEN flag THEN 'x' ELSE 'y' END::INT", None),
        ("big::INT", None),
        ("CLAMP(big, 0, 1e12)::INT", (0, 2**31 - 1)),
        ("CLAMP(big, 1e10, 1e12)::INT", None),
        ("(cost / 3)::INT", (-1, 333)),
        ("CLAMP(big, 1e10, 1e12)::DECIMAL(3, 1)", (Fraction(-999, 10), Fraction(999, 10))),
        ("CLAMP(big, 1, 1e12)::DECIMAL(3, 1)", (1, Fraction(999, 10))),
        ("DATE_DIFF('year', day, until)", (-2, 3)),
        ("DATE_DIFF('week', day, until)", (-60, 156)),
        ("DATE_DIFF('day', noted, until)", None),
        ("DATE_PART('year', AGE(until, day))", (-1, 3)),
        ("YEARWEEK(day)", (202352, 202509)),
        ("DECADE(day)", (202, 202)),
        ("EPOCH(noted)", None),
    ],
)
def test_bounds_follow_the_function(
    expression: str, bounds: tuple[float | Fraction, float | Fraction] | None
) -> None:
    found = domain_of(expression).bounds

    if bounds is None:
        assert found is None
    else:
        assert found is not None
        assert tuple(map(float, found)) == pytest.approx(tuple(map(float, bounds)), abs=0.08)


def test_weeks_and_months_start_no_common_period_but_days() -> None:
    mixed = "CASE WHEN flag THEN DATE_TRUNC('week', day) ELSE DATE_TRUNC('{}', day) END"

    assert domain_of(mixed.format("month")).grain is Grain.DAY
    assert domain_of(mixed.format("week")).grain is Grain.WEEK
    assert domain_of("COALESCE(DATE_TRUNC('year', day), until)").grain is Grain.DAY


def test_dates_and_timestamps_mix_as_moments() -> None:
    mixed = domain_of("COALESCE(seen, TIMESTAMP '2025-02-01 00:00:00')")

    assert str(mixed.lower) == "2024-01-01 00:00:00"
    assert str(mixed.upper) == "2025-02-01 00:00:00"


def test_a_whole_number_of_periods_before_the_year_10_has_a_first_day() -> None:
    early = Domain(
        kind=domain_of("day").kind, lower=date(3, 1, 1), upper=date(25, 1, 1), grain=Grain.DECADE
    )

    assert early.values() == (date(1, 1, 1), date(10, 1, 1), date(20, 1, 1))


def test_a_date_beyond_the_calendar_is_null() -> None:
    assert moved(date(2024, 1, 31), 1, "month") == date(2024, 2, 29)
    assert moved(date(2024, 1, 31), -1, "quarter") == date(2023, 10, 31)
    assert moved(date(2024, 1, 31), 9_000, "year") is None
    assert moved(date(2024, 1, 31), 10_000_000, "day") is None
    assert str(moved(date(2024, 1, 31), 25, "hour")) == "2024-02-01 01:00:00"


def test_a_number_that_is_rounded_beyond_all_doubles_is_null() -> None:
    assert RELEASED_NUMBERS["round"]([Uncertain(1.7e308, {(0, 0): 1.0}), -308]) == Uncertain(None)


@pytest.mark.parametrize("name", ["to_text", "sqrt", "lower", "length", "part", "to_integer"])
def test_null_fits_every_function(name: str) -> None:
    args = (text("year"), null()) if name == "part" else (null(),)

    try:
        made = FUNCTIONS[name](args)
    except UnsupportedQueryError as error:
        assert error.remedy  # noqa: PT017  either way is fine, a crash is not
    else:
        assert made.domain.nullable


@pytest.mark.parametrize(
    "expression",
    ["DATE_PART('week', noted)", "DATE_PART('isoyear', noted)", "DATE_PART('yearweek', noted)",
     "STRFTIME(noted, '%V')", "STRFTIME(noted, '%Y-%G')", "DATE_TRUNC('week', noted)"],
)  # fmt: skip
def test_the_first_dates_of_the_engine_have_no_week(expression: str) -> None:
    """The engine fails on them already while it plans, so TRY around the function is no help."""
    made = parsed(expression, DATASET)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t0 (noted DATE)")
        connection.execute("INSERT INTO t0 VALUES ('5877642-06-25 (BC)')")

        assert made.domain.nullable
        assert connection.execute(f"SELECT {sql_of(made)} FROM t0").fetchall() == [(None,)]


@pytest.mark.parametrize("expression", ["FLOOR(CLAMP(cost / 7, 1e20, 1e21))", "ROUND(cost / 7)"])
def test_counts_made_of_doubles_are_null_beyond_bigint_and_held_inside(expression: str) -> None:
    made = parsed(expression, DATASET)

    assert made.domain.nullable
    assert ("LEAST" in sql_of(made)) is ("1e20" not in expression)
