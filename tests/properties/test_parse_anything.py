from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.errors import UnsupportedQueryError
from query.bound import Asked, bound, cells_of, price_asked
from query.canonical import question_key, template
from query.compile import compile_plan
from query.explain import quote_of
from query.parse import parse
from tests.case_files import sql_cases
from tests.fakes import DuckDbMemoryEngine
from tests.sensitivity import MAX_CELLS
from tests.strategies import queries
from tests.wards import make_rows, make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
SEEDS = [
    statement
    for name in ("answered.sql", "refused.sql", "traps.sql")
    for case in sql_cases(name)
    for statement in case.statements
]
PIECES = [
    *(
        "(",
        ")",
        "'",
        '"',
        "--",
        "/*",
        "*/",
        ";",
        ",",
        ".",
        "*",
        "::",
        "{",
        "}",
        "{0}",
        "[",
        "]",
        "$$",
    ),
    *(" SELECT ", " FROM ", " JOIN ", " ON ", " WHERE ", " GROUP BY ", " AND ", " OR ", " NOT "),
    *(" NULL ", " IS ", " IN ", " BETWEEN ", " CASE ", " WHEN ", " END ", " INTERVAL ", " DATE "),
    *("0", "1e99", "1e-99", "99999999999999999999", "0x1", "1_0", "\\", "\x00", "\ud800", "é"),
    *(" COUNT(*) ", " SUM(", " AVG(", " OVER ()", " LIMIT ", " AS ", " patient_id ", " visits "),
    *("?", ":a", "@", "#", "%", "~", "=>", "->", "<=>", "||", "**", "^", "!", "\t", "\n", "\u2028"),
]


SETTLED = re.compile("asked|SQL-[A-Z-]+")


def outcome(sql: str, engine: DuckDbMemoryEngine | None = None) -> str:
    """Do all that is done before the charge, and run it; return ``asked`` or the refusal's code."""
    try:
        question = parse(sql, WARD)
        assert template(question)
        if cells_of(question) > MAX_CELLS:
            return "asked"
        plan, measurement = bound(question, WARD, (), price_asked(WARD, None), Asked())
        statements = compile_plan(plan)
        for statement in statements if engine is not None else ():
            assert engine is not None
            engine.prepare(statement.sql)
    except UnsupportedQueryError as error:
        return error.code if error.remedy else "no remedy"
    for statement in statements if engine is not None else ():
        assert engine is not None
        assert engine.run(statement.sql) is not None
    assert quote_of(plan, measurement, WARD, 0.95)
    assert question_key(plan, "fact")
    return "asked"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDbMemoryEngine]:
    small = DuckDbMemoryEngine(WARD, make_rows(7, [(4, 6, 3, 1), (2, 5, 2, 0)]))
    yield small
    small.close()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_question_or_a_refusal(sql: str) -> None:
    assert SETTLED.fullmatch(outcome(sql))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    sql = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(sql)))
        end = min(start + draw(st.integers(0, 8)), len(sql))
        sql = sql[:start] + draw(st.sampled_from(PIECES)) + sql[end:]
    return sql


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(sql=mutated())
def test_a_damaged_query_is_a_question_or_a_refusal(engine: DuckDbMemoryEngine, sql: str) -> None:
    assert SETTLED.fullmatch(outcome(sql, engine))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_the_grammar_of_the_tests_is_a_question_or_a_refusal(sql: str) -> None:
    assert SETTLED.fullmatch(outcome(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "(" * 8000,
        "SELECT " + "(" * 4000 + "1" + ")" * 4000 + " FROM patients",
        "SELECT COUNT(*) FROM patients WHERE " + " AND ".join(["age > 1"] * 900),
        "SELECT COUNT(*) FROM patients WHERE age " + "+ age " * 3000 + "> 1",
        "SELECT COUNT(*) FROM patients WHERE " + "NOT " * 3000 + "age > 1",
        "SELECT SUM(" + "CLAMP(" * 40 + "age" + ", 0, 90)" * 40 + ") FROM patients",
        "SELECT SUM(" + "ROUND(" * 60 + "age" + ")" * 60 + ") FROM patients",
        "SELECT SUM(" + "NULLIF(" * 60 + "age" + ", 1)" * 60 + ") FROM patients",
        "SELECT SUM(age" + " * 1e18" * 30 + ") FROM patients",
        "SELECT SUM(age" + " / 1e-18" * 30 + ") FROM patients",
        "SELECT COUNT(*) FROM patients " * 600,
        "SELECT '" + "x" * 17_000 + "'",
        "SELECT '\x00'",
        "SELECT '\ud800'",
    ],
    ids=lambda sql: sql[:60],
)
def test_what_is_too_large_is_refused_at_once(sql: str) -> None:
    assert outcome(sql).startswith("SQL-")


@pytest.mark.parametrize("count", [30, 100])
def test_long_lists_of_conditions_are_understood(count: int) -> None:
    conditions = [f"age = {number}" for number in range(count)]

    listed = ", ".join(map(str, range(1000)))
    for condition in (" OR ".join(conditions), f"age IN ({listed})"):
        assert outcome(f"SELECT COUNT(*) FROM patients WHERE {condition}") == "asked"
