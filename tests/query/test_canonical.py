from __future__ import annotations

from dataclasses import replace

import pytest

from query.bound import Asked
from query.canonical import question_key, template
from query.compile import compile_plan
from query.domains import Domain, Kind
from query.expressions import AggregateRef, Call
from query.parse import parse
from query.plan import Plan
from query.relations import Filter
from query.sql import sql_of
from tests.case_files import sql_cases
from tests.factories import make_dataset
from tests.plans import make_plan
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def key(sql: str, *facts: str, **options: object) -> bytes:
    return question_key(make_plan(sql, WARD, **options), *facts)


EQUAL = [case.statements for case in sql_cases("equal.sql")]
DIFFERENT = [case.statements for case in sql_cases("different.sql")]


def test_all_pairs_were_found() -> None:
    assert len(EQUAL) >= 16
    assert len(DIFFERENT) >= 31


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_questions_have_equal_keys(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_questions_have_different_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_price_is_no_part_of_the_key() -> None:
    sql = "SELECT class, COUNT(*), AVG(cost) FROM visits GROUP BY class"

    assert key(sql, loss="0.4") == key(sql)


def test_bounds_and_facts_are_part_of_the_key() -> None:
    sql = "SELECT class, COUNT(*) FROM visits GROUP BY class"
    keys = {
        key(sql),
        key(sql, "snapshot"),
        key(sql, "snap", "shot"),
        key(sql, asked=Asked(max_groups=1)),
        key(sql, asked=Asked(max_rows_per_group=1)),
    }

    assert len(keys) == 5


def test_names_that_need_quotes_are_quoted() -> None:
    columns = {"patient_id": {"role": "privacy_unit"}, 'odd "{0}" name': {
        "role": "attribute", "type": "boolean", "dp": {"group_by": True}}}  # fmt: skip
    odd = make_dataset(tables={"odd table": {"columns": columns}})
    plan = make_plan('SELECT COUNT(*) FROM "odd table" WHERE "odd ""{0}"" name"', odd)

    assert template(plan.question) == (
        'SELECT COUNT(*) FROM "odd table" AS t0 WHERE t0."odd ""{0}"" name"'
    )
    assert '"odd table" AS t0 WHERE (t0."odd ""{0}"" name")' in compile_plan(plan)[0].sql


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ("GROUPING(sex)", "GROUPING(t0.sex)"),
        ("SUM(COUNT(*)) OVER ()", "SUM(COUNT(*)) OVER ()"),
        (
            "RANK() OVER (PARTITION BY sex ORDER BY COUNT(*) DESC)",
            "RANK() OVER (PARTITION BY t0.sex ORDER BY COUNT(*) DESC)",
        ),
        ("MEDIAN(age)", "QUANTILE_CONT(t0.age, 0.5)"),
        ("COUNT(DISTINCT age)", "COUNT(DISTINCT t0.age)"),
        ("HISTOGRAM(age, [10, 5000])", "HISTOGRAM(t0.age, [10, :number])[2]"),
    ],
)
def test_the_template_names_what_is_computed(outputs: str, text: str) -> None:
    plan = make_plan(
        f"SELECT {outputs} FROM patients WHERE age > 4 GROUP BY ROLLUP (sex) "
        "ORDER BY COUNT(*) LIMIT 2000 OFFSET 3",
        WARD,
    )

    found = template(plan.question)

    assert text in found
    assert "GROUP BY GROUPING SETS ((t0.sex), ())" in found
    assert found.endswith("ORDER BY COUNT(*) LIMIT :number OFFSET 3")


class TestMisuse:
    def released(self) -> AggregateRef:
        return AggregateRef(index=0, domain=Domain(kind=Kind.REAL))

    def test_released_values_have_no_sql(self) -> None:
        with pytest.raises(TypeError):
            sql_of(self.released())

    def test_released_values_have_no_text_among_rows(self) -> None:
        question = parse("SELECT COUNT(*) FROM visits WHERE urgent", WARD)
        broken = Call(
            name="not", sql="(NOT {0})", text="(NOT {0})", args=(self.released(),),
            domain=Domain(kind=Kind.BOOLEAN),
        )  # fmt: skip

        relation = question.relation
        assert isinstance(relation, Filter)

        with pytest.raises(TypeError):
            template(replace(question, relation=replace(relation, condition=broken)))


class TestCompiledText:
    def compiled(self, sql: str, **options: object) -> str:
        plan: Plan = make_plan(sql, WARD, **options)
        (statement,) = compile_plan(plan)
        return statement.sql

    def test_proved_bounds_are_one_pass(self) -> None:
        assert self.compiled("SELECT sex, COUNT(*) FROM patients GROUP BY sex") == (
            "SELECT CAST(k0 AS VARCHAR) AS k0, COALESCE(COUNT(x0), 0) AS x0\n"
            'FROM (SELECT t0."patient_id" AS u, t0."__salt" AS z, t0."sex" AS k0, 1 AS x0 '
            'FROM "patients" AS t0)\nGROUP BY k0'
        )

    def test_groups_are_cut_by_a_hash_of_the_salt(self) -> None:
        text = self.compiled("SELECT class, COUNT(*) FROM visits GROUP BY class")

        assert "CAST(z AS BIGINT) * 444758425 + (CAST(ENUM_CODE(k0) AS BIGINT)) %" in text
        assert "UNNEST(MIN((h * 3 + (CAST(ENUM_CODE(k0) AS BIGINT))) * 4 + " in text
        assert "LEAST(n_x0, 3)" in text

    def test_groups_of_large_sums_are_ordered_in_a_window(self) -> None:
        text = self.compiled("SELECT class, SUM(cost), SUM(cost + 1) FROM visits GROUP BY class")

        assert "QUALIFY ROW_NUMBER() OVER (PARTITION BY u ORDER BY h) <= 2" in text

    def test_one_group_is_the_smallest_number(self) -> None:
        text = self.compiled(
            "SELECT class, COUNT(*) FROM visits GROUP BY class", asked=Asked(max_groups=1)
        )

        assert "SELECT MIN((h * 3 + " in text
        assert "UNNEST" not in text

    def test_constants_are_wide_enough_for_any_product(self) -> None:
        text = self.compiled(
            "SELECT COUNT(*) FROM labs WHERE raw > 5 AND raw / 2 > 0.5 AND NOT raw = -3"
        )

        assert "CAST(5 AS BIGINT)" in text
        assert "CAST('0.5' AS DOUBLE)" in text
        assert "= CAST(-3 AS BIGINT)" in text

    def test_texts_cannot_leave_their_quotes(self) -> None:
        text = self.compiled("SELECT COUNT(*) FROM visits WHERE free = 'a'' OR TRUE --'")

        assert "= 'a'' OR TRUE --')" in text

    def test_dates_and_truths_are_written_out(self) -> None:
        text = self.compiled(
            "SELECT COUNT(*) FROM labs WHERE at > TIMESTAMP '2024-01-01 10:00:00' AND noted > "
            "DATE '0999-01-01' AND TRUE AND NULL"
        )

        assert "TIMESTAMP '2024-01-01 10:00:00'" in text
        assert "DATE '0999-01-01'" in text
        assert "TRUE" in text
        assert "NULL" in text
