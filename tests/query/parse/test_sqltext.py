from __future__ import annotations

import logging

import pytest

from policies.errors import UnsupportedQueryError
from query.parse import parse
from query.parse.sqltext import MAX_DEPTH, MAX_SQL_CHARS, select_of
from query.question import Question
from tests.factories import make_dataset
from tests.wards import make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)


def code_of(sql: str) -> str:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse(sql, WARD)
    return refusal.value.code


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT 1 --" + "x" * MAX_SQL_CHARS, "SQL-TOO-LONG"),
        ("", "SQL-STATEMENT"),
        (";", "SQL-STATEMENT"),
        ("SELECT 1; SELECT 2", "SQL-STATEMENT"),
        ("SELECT COUNT(*) FROM visits; DROP TABLE visits", "SQL-STATEMENT"),
        ("SELECT '\x00'", "SQL-SYNTAX"),
        ("SELECT '\udfff'", "SQL-SYNTAX"),
        ("SELECT 'a", "SQL-SYNTAX"),
        ("(" * 2000, "SQL-SYNTAX"),
        (f"SELECT COUNT(*) FROM patients WHERE {'age + ' * MAX_DEPTH} age > 1", "SQL-TOO-DEEP"),
        ("SELECT COUNT(*) FROM patients WHERE " + "age > 1 AND " * 150 + "age > 1", "SQL-TOO-DEEP"),
        ("SELECT COUNT(*) FROM patients WHERE age " + "+ age " * 2500 + "> 1", "SQL-TOO-DEEP"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_text_that_is_no_single_select_is_refused(sql: str, code: str) -> None:
    assert code_of(sql) == code


def test_a_syntax_error_says_where() -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        select_of("SELECT COUNT(*)\nFROM visits WHERE AND")

    assert str(refusal.value.position) == "2:19"


def test_the_parser_logs_nothing_of_the_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        code_of("COPY visits TO 'Smith'")

    assert "Smith" not in caplog.text


def names(question: Question) -> list[str]:
    return [output.name for output in question.outputs]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT COUNT(*) FROM visits", ["count(*)"]),
        ("SELECT COUNT(*) AS n, COUNT(*) AS n, COUNT(*) AS n FROM visits", ["n", "n_2", "n_3"]),
        ("SELECT COUNT(*), COUNT(*) FROM visits", ["count(*)", "count(*)_2"]),
        ('SELECT v.class, COUNT(*) "N o" FROM visits v GROUP BY 1', ["class", "N o"]),
    ],
)
def test_columns_of_the_answer_have_names_of_their_own(sql: str, expected: list[str]) -> None:
    assert names(parse(sql, WARD)) == expected


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        ("SELECT class, COUNT(*) FROM visits GROUP BY class, 1, visits.class", 1),
        ("SELECT class AS urgent, urgent AS c, COUNT(*) FROM visits GROUP BY urgent, class", 2),
        ("SELECT class AS k, COUNT(*) FROM visits GROUP BY k", 1),
        ("SELECT age_band(7, 2), COUNT(*) FROM visits GROUP BY 1", 1),
        ("SELECT 'x', COUNT(*) FROM visits GROUP BY 'x'", 1),
        ("SELECT class, urgent, COUNT(*) FROM visits GROUP BY ALL", 2),
        ("SELECT COUNT(*) FROM visits GROUP BY ALL", 0),
    ],
)
def test_group_keys_are_found_by_every_name(sql: str, keys: int) -> None:
    assert len(parse(sql, WARD).keys) == keys


def test_a_case_that_starts_with_a_value_compares_it() -> None:
    one = parse(
        "SELECT COUNT(*) FROM visits WHERE CASE class WHEN 'emergency' THEN urgent END", WARD
    )
    other = parse(
        "SELECT COUNT(*) FROM visits WHERE CASE WHEN class = 'emergency' THEN urgent END", WARD
    )

    assert one == other


def test_equal_texts_mean_equal_questions() -> None:
    pairs = [
        ("CAST(cost AS DOUBLE)", "cost"),
        ("IF(urgent, 1, 0)", "CASE WHEN urgent THEN 1 ELSE 0 END"),
        ("IF(urgent, 1)", "CASE WHEN urgent THEN 1 END"),
        ("cost::INTEGER", "CAST(cost AS INT)"),
        ("DATE_PART('year', day)", "YEAR(day)"),
        ("EXTRACT(year FROM day)", "YEAR(day)"),
        ("(cost)", "cost"),
        ("IFNULL(cost, 0)", "COALESCE(cost, 0)"),
        ("- (-3)", "3"),
    ]
    for one, other in pairs:
        left, right = (
            parse(f"SELECT COUNT(*) FROM visits WHERE {text} > 1", WARD) for text in (one, other)
        )
        assert left == right, one


def test_joins_may_name_several_columns() -> None:
    question = parse("SELECT COUNT(*) FROM labs l JOIN visits v USING (patient_id, visit_id)", WARD)

    assert "patient_id" in repr(question.relation)
    assert "visit_id" in repr(question.relation)


def test_only_stored_tables_are_seen() -> None:
    staff = {"ownership": "directory", "columns": {"name": {"role": "attribute", "dp": {}}}}
    dataset = make_dataset(tables={"staff": staff})

    with pytest.raises(UnsupportedQueryError) as refusal:
        parse("SELECT COUNT(*) FROM staff", dataset)

    assert refusal.value.code == "SQL-NAME"
    assert "staff" not in refusal.value.remedy


def test_a_misspelt_column_is_met_with_the_nearest_one() -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        parse("SELECT SUM(csot) FROM visits", WARD)

    assert refusal.value.remedy == "use one of cost"


def test_a_stack_that_runs_out_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: str) -> None:
        raise RecursionError

    monkeypatch.setattr("query.parse.selects.select_of", endless)

    assert code_of("SELECT COUNT(*) FROM visits") == "SQL-TOO-DEEP"
