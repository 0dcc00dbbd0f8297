from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policies.errors import UnsupportedQueryError
from query.sql import sql_of
from tests.fakes import DuckDbMemoryEngine
from tests.query.functions.edge_table import EDGES, make_edges, parsed

DATASET = make_edges()
NAMES = [
    *("ABS", "SIGN", "FLOOR", "CEIL", "TRUNC", "ROUND", "SQRT", "LN", "LOG", "LOG2", "LOG10"),
    *("EXP", "POWER", "MOD", "GREATEST", "LEAST", "CLAMP", "age_band", "WIDTH_BUCKET", "IF"),
    *("IFF", "COALESCE", "NULLIF", "LOWER", "UPPER", "LENGTH", "LEFT", "RIGHT", "SUBSTRING"),
    *("TRIM", "LTRIM", "RTRIM", "REPLACE", "SPLIT_PART", "LPAD", "RPAD", "STRPOS"),
    *("STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONCAT", "CONCAT_WS", "REGEXP_MATCHES"),
    *("REGEXP_FULL_MATCH", "REGEXP_EXTRACT", "REGEXP_REPLACE", "YEAR", "EPOCH", "DATE_PART"),
    *("DATE_TRUNC", "LAST_DAY", "MAKE_DATE", "DATE_DIFF", "DATE_SUB", "AGE", "STRFTIME"),
    *("MONTHNAME", "DAYNAME", "DATE", "DATE_ADD", "ISOYEAR", "PREFIX", "SUFFIX", "TO_DATE"),
    *("NOW"),
]
ARGUMENTS = [
    *("NULL", "1", "0", "-2", "2.5", "1e18", "TRUE", "'a'", "''", "'('", "'%Y'", "'year'", "'é'"),
    *("DATE '2024-02-29'", "TIMESTAMP '2024-01-01 10:00:00'", "INTERVAL 3 DAY", "INTERVAL n DAY"),
    *("n", "cost", "big", "code", "name", "free", "day", "noted", "seen", "flag", "sure", "n / 2"),
    *("patient_id", "CURRENT_DATE", "AGE(day, until)", "[1]", "(SELECT 1)", "*", "code::INT"),
]
SHAPES = [
    *("{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} // {}", "{} % {}", "{} || {}", "{} ** {}"),
    *("{} = {}", "{} < {}", "{} LIKE {}", "{} ~ {}", "{} IS DISTINCT FROM {}", "{} IN ({})"),
    *("{} SIMILAR TO {}", "{} AND {}", "CASE {} WHEN {} THEN 1 END", "CASE WHEN {} THEN {} END"),
    *("CAST({} AS INTEGER) = {}", "{}::VARCHAR || {}", "{}::DATE - {}", "{}::DECIMAL(4, 1) + {}"),
    *("{}::DOUBLE / {}", "{}::BOOLEAN OR {}", "{}::TIMESTAMP > {}", "{} BETWEEN {} AND 3"),
]


@st.composite
def calls(draw: st.DrawFn) -> str:
    """Draw a call of a known function with arguments that mostly do not fit."""
    arguments = draw(st.lists(st.sampled_from(ARGUMENTS), max_size=5))
    if draw(st.booleans()):
        pair = [*arguments, "n", "n"][:2]
        return draw(st.sampled_from(SHAPES)).format(*pair)
    return f"{draw(st.sampled_from(NAMES))}({', '.join(arguments)})"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDbMemoryEngine]:
    rows = [
        {"patient_id": place, **{name: one[place % len(one)] for name, one in EDGES.items()}}
        for place in range(30)
    ]
    made = DuckDbMemoryEngine(DATASET, {"edges": rows})
    yield made
    made.close()


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=calls())
@example(text="LOWER(NULL)")
@example(text="STRFTIME(day)")
@example(text="MAKE_DATE(n)")
@example(text="YEAR(CAST(NULL AS DATE))")
@example(text="CAST(NULL AS DATE) - seen")
@example(text="NULL + INTERVAL 3 DAY")
def test_any_call_runs_on_every_row_or_is_refused(engine: DuckDbMemoryEngine, text: str) -> None:
    try:
        sql = sql_of(parsed(text, DATASET))
    except UnsupportedQueryError as error:
        refusal = error
    else:
        assert len(engine._connection.execute(f"SELECT {sql} FROM edges AS t0").fetchall()) == 30
        return

    assert refusal.code.startswith("SQL-")
    assert refusal.remedy
