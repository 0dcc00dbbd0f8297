from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest

from policies.errors import UnsupportedQueryError
from query.domains import BOOLEAN, Domain, Kind, common_step, number, unify
from query.expressions import Call, Expression, Literal
from query.functions import FUNCTIONS
from query.functions.building import EXACT_LIMIT, rescaled
from query.parse import parse
from query.parse.literals import boolean, null, text
from query.periods import Grain
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def domain_of(expression: str, table: str = "visits") -> Domain:
    """Return what is proved of an expression over the columns of a table."""
    question = parse(f"SELECT COUNT({expression}) FROM {table}", WARD)
    (argument,) = question.aggregates[0].args
    return argument.domain


@pytest.mark.parametrize(
    ("expression", "table", "bounds"),
    [
        ("age", "patients", (0, 90)),
        ("age + 10", "patients", (10, 100)),
        ("age - score", "patients JOIN enrolled USING (patient_id)", (-3, 93)),
        ("age * score", "patients JOIN enrolled USING (patient_id)", (-270, 270)),
        ("age / 2", "patients", (0, 45)),
        ("age / (score - 4)", "patients JOIN enrolled USING (patient_id)", (-90, 0)),
        ("age / score", "patients JOIN enrolled USING (patient_id)", None),
        ("age / 0", "patients", None),
        ("-age", "patients", (-90, 0)),
        ("ABS(score)", "enrolled", (0, 3)),
        ("ABS(raw)", "labs", None),
        ("age // 7", "patients", (0, 12)),
        ("score // 2", "enrolled", (-1, 1)),
        ("age % 7", "patients", (0, 6)),
        ("cost % 0.5", "visits", (0, Fraction("0.49"))),
        ("FLOOR(age / 7)", "patients", (0, 12)),
        ("FLOOR(age)", "patients", (0, 90)),
        ("FLOOR(cost)", "visits", (0, 1000)),
        ("FLOOR(raw / 7)", "labs", None),
        ("ROUND(cost, -2)", "visits", (0, 1000)),
        ("ROUND(age / 7, 1)", "patients", (0, Fraction("12.9"))),
        ("age_band(age, 7)", "patients", (0, 84)),
        ("age_band(raw, 7)", "labs", None),
        ("age_band(age / 2, 7)", "patients", (0, 42)),
        ("CLAMP(raw, -5, 9.5)", "labs", (-5, Fraction("9.5"))),
        ("CLAMP(age, 10, 500)", "patients", (10, 90)),
        ("CLAMP(age, 100, 500)", "patients", (100, 100)),
        ("CLAMP(age, -9, -1)", "patients", (-1, -1)),
        ("GREATEST(age, 5)", "patients", (5, 90)),
        ("LEAST(age, 5)", "patients", (0, 5)),
        ("LEAST(raw, 5)", "labs", None),
        ("GREATEST(raw, age)", "labs JOIN patients USING (patient_id)", None),
        ("LEAST(GREATEST(raw, 0), 5)", "labs", (0, 5)),
        ("CASE WHEN urgent THEN 5 ELSE cost END", "visits", (0, 1000)),
        ("CASE WHEN urgent THEN raw ELSE 1 END", "labs JOIN visits USING (patient_id)", None),
        ("COALESCE(age, 200)", "patients", (0, 200)),
        ("NULLIF(age, 3)", "patients", (0, 90)),
        ("YEAR(day)", "visits", (2024, 2025)),
        ("YEAR(noted)", "labs", None),
        ("MONTH(noted)", "labs", (1, 12)),
        ("day - DATE '2024-01-01'", "visits", (0, 730)),
        ("DATE_DIFF('day', noted, day)", "labs JOIN visits USING (patient_id)", None),
        ("DATE_DIFF('day', day, noted)", "labs JOIN visits USING (patient_id)", None),
        ("LENGTH(free)", "visits", None),
        ("CAST(urgent AS INTEGER)", "visits", (0, 1)),
        ("IF(urgent, 4, 2)", "visits", (2, 4)),
    ],
)
def test_bounds_follow_the_expression(
    expression: str, table: str, bounds: tuple[Fraction, Fraction] | None
) -> None:
    assert domain_of(expression, table).bounds == bounds


@pytest.mark.parametrize(
    ("expression", "table", "nullable"),
    [
        ("value", "labs", False),
        ("value + 1", "labs", False),
        ("value / 2", "labs", False),
        ("value / (value + 1)", "labs", True),
        ("-value", "labs", False),
        ("raw * raw", "labs", True),
        ("-raw", "labs", True),
        ("COALESCE(raw, 0)", "labs", False),
        ("NULLIF(value, 3)", "labs", True),
        ("GREATEST(raw, 0)", "labs", False),
        ("CASE WHEN value > 3 THEN value END", "labs", True),
        ("patient_id", "labs", False),
        ("relative_id", "labs", True),
        ("e.score", "patients p JOIN enrolled e USING (patient_id)", False),
        ("e.score", "patients p LEFT JOIN enrolled e USING (patient_id)", True),
        ("e.patient_id", "patients p LEFT JOIN enrolled e USING (patient_id)", True),
        ("c.weight", "labs l LEFT JOIN codes c ON l.code = c.code", True),
        ("value > 3", "labs", False),
        ("raw IS NULL", "labs", False),
        ("YEAR(noted + INTERVAL 3 DAY)", "labs", True),
    ],
)
def test_nullability_follows_the_expression(expression: str, table: str, *, nullable: bool) -> None:
    assert domain_of(expression, table).nullable is nullable


@pytest.mark.parametrize(
    ("expression", "table", "constant"),
    [
        ("sex", "patients", True),
        ("class", "visits", False),
        ("5", "visits", True),
        ("age + 5", "patients", True),
        ("CASE WHEN age > 5 THEN sex END", "patients", True),
        ("p.sex", "visits v JOIN patients p USING (patient_id)", True),
        ("v.class", "patients p JOIN visits v USING (patient_id)", False),
        ("CASE WHEN v.urgent THEN p.sex END", "visits v JOIN patients p USING (patient_id)", False),
        ("p.sex", "visits v LEFT JOIN patients p USING (patient_id)", True),
        ("p.sex", "visits v LEFT JOIN patients p ON p.patient_id = v.patient_id AND urgent", False),
        ("v.patient_id IS NULL", "visits v", True),
        (
            "p.patient_id IS NULL",
            "visits v LEFT JOIN patients p ON p.patient_id = v.patient_id AND urgent",
            False,
        ),
        ("c.part", "labs l JOIN codes c ON l.code = c.code", False),
        ("s.days", "patients p JOIN stays s USING (patient_id)", False),
    ],
)
def test_what_is_a_fact_of_the_unit(expression: str, table: str, *, constant: bool) -> None:
    assert domain_of(expression, table).unit_constant is constant


class TestDomains:
    def test_dates_of_every_grain_are_listed_in_order(self) -> None:
        low, high = date(2023, 12, 30), date(2024, 3, 2)
        sizes = {
            grain: Domain(kind=Kind.DATE, lower=low, upper=high, grain=grain) for grain in Grain
        }

        assert {grain: one.size() for grain, one in sizes.items()} == {
            Grain.DECADE: 1,
            Grain.YEAR: 2, Grain.QUARTER: 2, Grain.MONTH: 4, Grain.WEEK: 10, Grain.DAY: 64,
        }  # fmt: skip
        assert sizes[Grain.MONTH].values()[-1] == date(2024, 3, 1)
        assert sizes[Grain.QUARTER].values() == (date(2023, 10, 1), date(2024, 1, 1))
        assert sizes[Grain.WEEK].values()[0] == date(2023, 12, 25)
        assert sizes[Grain.YEAR].values() == (date(2023, 1, 1), date(2024, 1, 1))
        assert len(sizes[Grain.DAY].values()) == 64

    def test_a_domain_may_reach_the_ends_of_the_calendar(self) -> None:
        whole = Domain(kind=Kind.DATE, lower=date.min, upper=date.max, grain=Grain.YEAR)

        assert whole.size() == 9999
        assert whole.values()[-1] == date(9999, 1, 1)

    @pytest.mark.parametrize(
        "unknown",
        [
            Domain(kind=Kind.REAL, lower=Fraction(0), upper=Fraction(1)),
            Domain(kind=Kind.TEXT),
            Domain(kind=Kind.DATE, lower=date.min),
            Domain(kind=Kind.TIMESTAMP, lower=date(2024, 1, 1), upper=date(2025, 1, 1)),
            number(Fraction(0), None),
        ],
    )
    def test_some_domains_have_no_list(self, unknown: Domain) -> None:
        assert unknown.size() is None
        assert unknown.kind is Kind.TIMESTAMP or unknown.values() == ()

    def test_numbers_of_a_domain_count_in_its_step(self) -> None:
        halves = number(Fraction(-1, 4), Fraction(1), step=Fraction(1, 2))

        assert halves.values() == (0, Fraction(1, 2), 1)
        assert halves.size() == 3

    def test_kinds_that_do_not_mix_have_no_union(self) -> None:
        assert unify([BOOLEAN, Domain(kind=Kind.TEXT)]) is None
        keys = [Domain(kind=Kind.KEY, key_space=space) for space in ("a", "b")]
        assert unify(keys) is None

    def test_the_union_of_nulls_is_null(self) -> None:
        merged = unify([null().domain, null().domain])

        assert merged is not None
        assert merged.kind is Kind.NULL

    def test_exact_and_real_numbers_make_reals(self) -> None:
        merged = unify([number(), Domain(kind=Kind.REAL)])

        assert merged is not None
        assert merged.kind is Kind.REAL

    def test_days_and_moments_have_the_bounds_of_whole_days(self) -> None:
        days = Domain(kind=Kind.TIMESTAMP, lower=date(2024, 1, 1), upper=date(2024, 1, 31))
        moment = datetime(2024, 2, 2, 10)  # noqa: DTZ001  all are in UTC
        merged = unify([days, Domain(kind=Kind.TIMESTAMP, lower=moment, upper=moment)])

        assert merged is not None
        assert merged.lower == datetime(2024, 1, 1)  # noqa: DTZ001
        assert merged.upper == moment

    def test_a_common_step_divides_all(self) -> None:
        assert common_step([Fraction(1, 4), Fraction(1, 6), Fraction(3)]) == Fraction(1, 12)


class TestRescaling:
    def test_a_column_that_fits_stays_plain(self) -> None:
        column = argument_of("age", "patients")

        made = rescaled(column, Fraction(1, 1000))

        assert isinstance(made, Call)
        assert made.sql == "({0} * 1000)"
        assert not any("HUGEINT" in part for part in (made.sql, made.text))

    def test_a_column_without_bounds_may_become_null(self) -> None:
        made = rescaled(argument_of("raw", "labs"), Fraction(1, 10))

        assert isinstance(made, Call)
        assert made.sql.startswith("TRY(")
        assert made.domain.nullable

    def test_steps_that_no_bigint_counts_are_refused(self) -> None:
        with pytest.raises(UnsupportedQueryError):
            rescaled(argument_of("raw", "labs"), Fraction(1, EXACT_LIMIT))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("and", (text("a"), boolean(value=True))),
        ("add", (text("a"), text("b"))),
        ("like", (text("a"), null())),
        ("case", (boolean(value=True), text("a"), boolean(value=False))),
        ("truncate", (null(), null())),
        ("eq", (boolean(value=True), text("a"))),
    ],
)
def test_wrong_kinds_are_refused(name: str, args: tuple[Expression, ...]) -> None:
    with pytest.raises(UnsupportedQueryError):
        FUNCTIONS[name](args)


def test_categories_beyond_ascii_are_not_mapped() -> None:
    """Python and DuckDB disagree on some capitals, such as that of ß."""
    assert domain_of("LOWER(sex)", "patients").categories == ("f", "m")
    assert domain_of("UPPER(part)", "labs JOIN codes ON labs.code = codes.code").categories is None


def test_a_moved_date_keeps_bounds_that_hold() -> None:
    moved = domain_of("day + INTERVAL 1 MONTH", "visits")

    assert moved.lower == date(2024, 1, 27)
    assert moved.upper == date(2026, 2, 3)
    assert domain_of("day + INTERVAL 9000 YEAR", "visits").upper is None


def test_a_moved_timestamp_stays_one() -> None:
    assert domain_of("at + INTERVAL 1 DAY", "labs").kind is Kind.TIMESTAMP
    assert domain_of("day + INTERVAL 1 DAY", "visits").kind is Kind.DATE


def test_a_date_is_compared_with_a_moment_as_its_midnight() -> None:
    assert domain_of("at > DATE '2024-01-01'", "labs").kind is Kind.BOOLEAN
    assert domain_of("at > '2024-01-01'", "labs").nullable


def test_literals_know_whether_they_are_public() -> None:
    question = parse("SELECT COUNT(*) FROM visits WHERE class IN ('emergency', 'x')", WARD)
    condition = question.relation.condition  # type: ignore[union-attr]

    assert [one.public for one in condition.args if isinstance(one, Literal)] == [True]  # type: ignore[union-attr]


def argument_of(expression: str, table: str) -> Expression:
    (argument,) = parse(f"SELECT COUNT({expression}) FROM {table}", WARD).aggregates[0].args
    return argument
