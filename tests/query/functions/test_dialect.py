"""What a researcher writes means here what it means to DuckDB itself."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest

from tests.case_files import sql_cases
from tests.query.functions.edge_table import EDGES, EdgeTable, make_edges, parsed

DATASET = make_edges()
TYPES = {
    "n": "BIGINT", "cost": "DECIMAL(12, 2)", "big": "BIGINT", "sure": "BIGINT", "code": "VARCHAR",
    "name": "VARCHAR", "free": "VARCHAR", "day": "DATE", "until": "DATE", "noted": "DATE",
    "seen": "TIMESTAMP", "flag": "BOOLEAN",
}  # fmt: skip
OTHERWISE = re.compile(
    # not DuckDB's at all
    r"WIDTH_BUCKET|age_band|CLAMP|IFF|NVL|day \+ n|INTERVAL n YEAR"
    # of decimals, DuckDB's // is a plain division
    r"|cost // n|cost // sure|sure // cost|\(cost / 3\) // n"
    # DuckDB reads the word infinity as a date, and single precision
    r"|free::DATE|free::TIMESTAMP|cost::FLOAT"
    # DuckDB writes years beyond four digits in two ways; minus infinity is NULL here
    r"|noted [+-] INTERVAL|EXP\(LN\(big"
)
"""Where the user guide says that something else is meant, or more."""
TEXTS = [
    text
    for case in sql_cases("row_functions.sql")
    for text in case.statements
    if OTHERWISE.search(text) is None
]


@pytest.fixture(scope="module")
def table() -> Iterator[EdgeTable]:
    edges = EdgeTable()
    yield edges
    edges.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        for name, kind in TYPES.items():
            values = [
                Decimal(value) / 100 if name == "cost" and isinstance(value, int) else value
                for value in EDGES[name]
            ]
            connection.execute(f"CREATE TABLE {name}_ (place INTEGER, {name} {kind})")
            connection.executemany(
                f"INSERT INTO {name}_ VALUES (?, ?)", [list(row) for row in enumerate(values)]
            )
        yield connection


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_means_the_same_to_duckdb(
    table: EdgeTable, plain: duckdb.DuckDBPyConnection, text: str
) -> None:
    rows = table.rows(parsed(text, DATASET))
    names = sorted(set(rows[0][0]) - {"patient_id"})
    source = " CROSS JOIN ".join(f"{name}_" for name in names) or "(SELECT 1)"
    order = ", ".join(f"{name}_.place" for name in names) or "1"
    found = plain.execute(f"SELECT TRY({text}) FROM {source} ORDER BY {order}").fetchall()

    assert len(found) == len(rows)
    for (row, ours), (theirs,) in zip(rows, found, strict=True):
        assert _close(ours, theirs), (row, ours, theirs)


def _close(ours: object, theirs: object) -> bool:
    left, right = _number(ours), _number(theirs)
    if left is None or right is None:
        # what DuckDB cannot compute is NULL, or exact here; years beyond four digits are NULL
        return left is right or right is None or isinstance(theirs, str)
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return left == right


def _number(value: object) -> object:
    """Make numbers and dates of both sides comparable; DuckDB's NaN and infinity are our NULL."""
    match value:
        case bool():
            return value
        case int() | float() | Decimal() | Fraction():
            return float(value) if math.isfinite(float(value)) else None
        case timedelta():
            return float(value.days)
        case date() if not isinstance(value, datetime):
            return datetime.combine(value, datetime.min.time())
        case _:
            return value


def test_all_cases_were_found() -> None:
    assert len(TEXTS) > 320
    assert set(TYPES) == set(EDGES)
    assert len(list(itertools.chain(*EDGES.values()))) > 80
