"""Every example of the page on SQL does what the page says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlglot import exp

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from policies.load import load_policies
from query.bound import Asked, bound, price_asked, with_keys_delta
from query.compile import compile_plan
from query.draws import draw
from query.parse import parse
from query.parse.calls import NAMED
from query.parse.options import split_options
from query.parse.ordered import ORDERED
from query.parse.spreads import SPREADS
from query.parse.sqltext import written_name
from query.release import released_rows
from tests.fakes import DuckDbMemoryEngine
from tests.plans import make_statements

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
SECTION = PAGE.partition("### Groups of one patient")[2].partition("\n### ")[0]
REFUSED = re.compile(r"-- refused: (?P<code>SQL-[A-Z-]+)\n(?P<sql>.*)", flags=re.DOTALL)
ANSWERED = [block for block in BLOCKS if not REFUSED.match(block)]
PAIRS = [
    (refused, instead) for refused, instead in itertools.pairwise(BLOCKS) if REFUSED.match(refused)
]


@pytest.fixture(scope="module")
def hospital() -> DatasetPolicy:
    return load_policies(ROOT / "policies" / "examples" / "demo").datasets["demo-hospital"]


@pytest.fixture(scope="module")
def engine(hospital: DatasetPolicy) -> Iterator[DuckDbMemoryEngine]:
    made = DuckDbMemoryEngine(hospital, {})
    yield made
    made.close()


def test_the_page_has_examples_of_both_kinds() -> None:
    assert len(ANSWERED) >= 33
    assert len(PAIRS) >= 9
    assert len(ANSWERED) + len(PAIRS) == len(BLOCKS)


@pytest.mark.parametrize("sql", ANSWERED)
def test_an_example_is_answered(
    sql: str, hospital: DatasetPolicy, engine: DuckDbMemoryEngine
) -> None:
    question = parse(split_options(sql)[1], hospital)
    price = with_keys_delta(price_asked(hospital, None), question, hospital, None)
    plan, measurement = bound(question, hospital, (), price, Asked())
    statements = compile_plan(plan)
    results = [engine.run(one.sql) for one in statements]
    drawn = draw(plan, measurement, statements, results, max_keys=100)
    released = released_rows(plan, drawn.noisy, 0.95, drawn.keys)

    assert [len(vector) for vector in drawn.noisy] == [
        part.cells * one.entries for part in plan.parts for one in part.statistics
    ]
    assert len(released.rows) > 0 or plan.is_keyed or plan.question.having is not None
    assert all(len(row) == len(plan.columns) for row in released.rows)


def test_the_page_has_an_example_of_private_keys(hospital: DatasetPolicy) -> None:
    keyed = [sql for sql in ANSWERED if parse(split_options(sql)[1], hospital).private_keys]

    assert len(keyed) == 1


@pytest.mark.parametrize(("refused", "instead"), PAIRS)
def test_what_is_refused_has_its_code_and_a_way_out(
    refused: str, instead: str, hospital: DatasetPolicy
) -> None:
    found = REFUSED.match(refused)
    assert found is not None
    with pytest.raises(UnsupportedQueryError) as caught:
        make_statements(found["sql"], hospital)

    assert caught.value.code == found["code"]
    assert caught.value.remedy
    assert instead in ANSWERED


@pytest.mark.parametrize("kind", [*ORDERED, *SPREADS], ids=lambda kind: kind.key)
def test_every_aggregate_of_one_patients_rows_is_on_the_page(kind: type[exp.Expr]) -> None:
    assert written_name(kind(this=exp.column("x"))) in SECTION


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_function_that_the_parser_names_is_on_the_page(name: str) -> None:
    arithmetic = {"add": "`+`", "subtract": "`-`", "multiply": "`*`", "divide": "`/`"}

    assert arithmetic.get(name, name) in PAGE.lower()


def test_every_aggregate_and_window_is_on_the_page() -> None:
    for name in (
        *("NTILE", "PERCENT_RANK", "CUME_DIST", "NTH_VALUE", "ASOF", "LATERAL", "PIVOT"),
        *("INTERSECT", "EXCEPT", "NATURAL", "UNNEST", "generate_series", "DISTINCT ON"),
        *("COUNT_IF", "VAR_SAMP", "VAR_POP", "STDDEV", "STDDEV_POP", "COVAR_SAMP", "COVAR_POP"),
        *("CORR", "REGR_SLOPE", "REGR_INTERCEPT", "REGR_R2", "MEDIAN", "QUANTILE_CONT"),
        *("QUANTILE_DISC", "MIN(x)", "MAX(x)", "HISTOGRAM", "ROW_NUMBER", "DENSE_RANK", "LAG"),
        *("LEAD", "FIRST_VALUE", "LAST_VALUE", "ARG_MIN", "ARG_MAX", "BOOL_OR", "QUALIFY"),
    ):
        assert name in PAGE
