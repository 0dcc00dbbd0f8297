from __future__ import annotations

import re
from decimal import Decimal

import pytest

from policies.errors import UnsupportedQueryError
from query.bound import Asked, bound, price_asked
from query.canonical import template
from query.compile import compile_plan
from query.parse import parse
from query.plan import Part, Plan
from query.release import exact_vectors, released_rows
from tests.case_files import SqlCase, sql_cases
from tests.fakes import DuckDbMemoryEngine
from tests.wards import make_rows, make_ward

WARD = make_ward(max_groups=2, max_rows_per_group=3)
ROWS = make_rows(5, [(3, 2, 1, 1), (2, 5, 3, 0)])
ANSWERED = sql_cases("answered.sql")
REFUSED = sql_cases("refused.sql")


def planned(sql: str) -> Plan:
    price = price_asked(WARD, Decimal("0.5"))
    return bound(parse(sql, WARD), WARD, (), price, Asked())[0]


def facts(plan: Plan) -> str:
    return " | ".join(facts_of(part) for part in plan.parts)


def facts_of(part: Part) -> str:
    bounds = part.bounds
    statistics = " ".join(
        f"{one.kind.value}:{bounds.sensitivity(one).per_group}"
        + (f"x{one.entries}" if one.entries > 1 else "")
        for one in part.statistics
    )
    return (
        f"cells={part.cells} groups={bounds.max_groups} rows={bounds.max_rows_per_group} "
        f"partials={'yes' if part.needs_partials else 'no'} statistics={statistics}"
    )


def test_all_cases_were_found() -> None:
    assert len(ANSWERED) >= 130
    assert len(FLAT) >= 60
    assert len(REFUSED) >= 230


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.statements[0])
def test_a_supported_query_has_its_plan_and_its_canonical_text(case: SqlCase) -> None:
    sql, canonical = case.statements
    plan = planned(sql)

    assert facts(plan) == case.expected
    assert template(plan.question) == canonical


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.statements[0])
def test_a_supported_query_runs(case: SqlCase) -> None:
    plan = planned(case.statements[0])
    engine = DuckDbMemoryEngine(WARD, ROWS)

    statements = compile_plan(plan)

    results = [engine.run(one.sql) for one in statements]

    engine.close()
    places = [(one.part, place) for one in statements for place in one.statistics]
    assert sorted(places) == [
        (number, place)
        for number, part in enumerate(plan.parts)
        for place in range(len(part.statistics))
    ]
    for statement, rows in zip(statements, results, strict=True):
        listed = 1 if statement.has_places else len(plan.parts[statement.part].keys)
        keys = listed + statement.has_buckets
        assert all(len(row) == keys + len(statement.statistics) for row in rows)
    vectors = exact_vectors(plan, statements, results)
    released = released_rows(plan, vectors, 0.95)
    assert all(len(row) == len(plan.columns) for row in released.rows)
    assert [len(vector) for vector in vectors] == [
        part.cells * one.entries for part in plan.parts for one in part.statistics
    ]


def is_flat(canonical: str) -> bool:
    """Say whether a canonical text is a statement itself: nothing masked or ours in it.

    Texts with rows per unit have one more SELECT around what is grouped each time they are read.
    """
    return not re.search(r":(text|number|date)|\((SELECT|VALUES)|__|\)\[", canonical)


FLAT = [case.statements[1] for case in ANSWERED if is_flat(case.statements[1])]


@pytest.mark.parametrize("sql", FLAT)
def test_canonical_text_means_the_same_question(sql: str) -> None:
    assert template(parse(sql, WARD)) == sql


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.statements[0])
def test_an_unsupported_query_is_refused_with_its_place(case: SqlCase) -> None:
    with pytest.raises(UnsupportedQueryError) as refusal:
        planned(case.statements[0])

    error = refusal.value
    assert f"{error.code} {error.position or '-'}" == case.expected
    assert error.remedy
    assert "\n" not in str(error)
    assert not str(error).endswith(".")
