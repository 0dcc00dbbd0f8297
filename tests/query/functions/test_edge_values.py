from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest

from query.domains import Domain, Kind
from query.expressions import Expression
from query.functions import FUNCTIONS
from query.functions.dates import ends_of
from query.functions.moments import midnight
from tests.case_files import sql_cases
from tests.query.functions.edge_table import EdgeTable, make_edges, parsed

DATASET = make_edges()
TEXTS = [text for case in sql_cases("row_functions.sql") for text in case.statements]


def test_every_function_of_the_allow_list_is_tried() -> None:
    def names(expression: Expression) -> set[str]:
        inner = [names(arg) for arg in getattr(expression, "args", ())]
        return {getattr(expression, "name", "")}.union(*inner)

    tried = set().union(*(names(parsed(text, DATASET)) for text in TEXTS))
    composed = {"between", "to_date", "to_tinyint", "to_smallint", "to_integer", "to_bigint"}

    assert len(TEXTS) > 300
    assert set(FUNCTIONS) - composed - tried == set()


@pytest.fixture(scope="module")
def table() -> Iterator[EdgeTable]:
    edges = EdgeTable()
    yield edges
    edges.close()


@pytest.mark.parametrize("text", TEXTS)
def test_the_engine_agrees_with_the_reference_and_with_the_domain(
    table: EdgeTable, text: str
) -> None:
    expression = parsed(text, DATASET)
    rows = table.computed(expression)

    assert rows
    for row, found, expected in rows:
        assert _same(found, expected), (row, found, expected)
        assert _lies_in(expected, expression.domain), (row, expected, expression.domain)


def _same(found: object, expected: object) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        both_nan = math.isnan(expected) and math.isnan(found)
        return both_nan or math.isclose(found, expected, rel_tol=1e-14)
    # True is not 1, and a date is not its midnight
    exact = isinstance(found, Fraction) and type(expected) in {int, Fraction}
    return found == expected and (exact or type(found) is type(expected))


def _lies_in(value: object, domain: Domain) -> bool:
    match value:
        case None:
            return domain.nullable
        case bool():
            return domain.kind is Kind.BOOLEAN
        case str():
            return domain.categories is None or value in domain.categories
        case date():
            return _date_lies_in(value, domain)
        case float() if not math.isfinite(value):
            return domain.bounds is None
        case _:
            assert isinstance(value, int | float | Fraction)
            return _number_lies_in(Fraction(value), domain)


def _date_lies_in(value: date, domain: Domain) -> bool:
    ends = ends_of(domain)
    if domain.kind is Kind.TIMESTAMP:
        return ends is None or midnight(ends[0]) <= midnight(value) <= midnight(ends[1])
    return ends is None or value in domain.values()


def _number_lies_in(value: Fraction, domain: Domain) -> bool:
    low, high = domain.bounds or (value, value)
    # reals are held to their ends once more when they are counted in steps
    slack = Fraction(1, 10**12) if domain.kind is Kind.REAL else 0
    stepped = domain.kind is Kind.REAL or (value / domain.step).denominator == 1
    return low - slack <= value <= high + slack and stepped
