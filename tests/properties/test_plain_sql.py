"""The same question to DuckDB itself, over tables of texts: without noise, answers are the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from query.answers import Estimate
from query.compile import compile_plan
from query.mechanisms import Noise
from query.plan import Plan
from query.release import exact_vectors, released_rows
from tests.case_files import sql_cases
from tests.factories import PATIENTS, VISITS, make_dataset
from tests.fakes import DuckDbMemoryEngine, StoredRow
from tests.plans import make_plan

CASES = [statement for case in sql_cases("plain.sql") for statement in case.statements]
CLASSES = ["inpatient", "emergency", "ambulatory"]
MOODS = ["so-so", "good", "emergency", "bad"]
PLACES = ["home", "inpatient", "ambulatory"]
"""Declared in another order than that of texts; no two are of one type in the engine."""
WIDE: dict[str, Any] = {"max_groups": 50, "max_rows_per_group": 50}


def attribute(**use: object) -> dict[str, Any]:
    return {"role": "attribute", "dp": {"group_by": True, **use}}


CLINIC = make_dataset(
    tables={
        "visits": {
            "key": "visit_id",
            "contribution": WIDE,
            "columns": {
                **VISITS,
                "class": attribute(categories=CLASSES),
                "mood": attribute(categories=MOODS, nulls="keep"),
            },
        },
        "stays": {
            "max_rows_per_unit": 3,
            "contribution": WIDE,
            "columns": {
                "patient_id": PATIENTS["patient_id"],
                "place": attribute(categories=PLACES, nulls="reject"),
                "note": attribute(categories=["M", "F"], nulls="keep"),
                "days": {
                    **attribute(bounds=[0, 30], nulls="reject", aggregates=["sum"]),
                    "type": "integer",
                },
            },
        },
    }
)
"""Nothing is bounded, and NULLs are stored only where the policy keeps them."""
COLUMNS = {
    "patients": "patient_id BIGINT, sex VARCHAR, age BIGINT",
    "visits": "patient_id BIGINT, visit_id BIGINT, class VARCHAR, mood VARCHAR, day DATE, "
    "cost DECIMAL(12, 2), urgent BOOLEAN",
    "stays": "patient_id BIGINT, place VARCHAR, note VARCHAR, days BIGINT",
}


def rows_of_patients() -> dict[str, list[StoredRow]]:
    """Return forty patients with up to six visits and three stays each."""
    chance = random.Random(4)  # noqa: S311  made-up data
    tables: dict[str, list[StoredRow]] = {"patients": [], "visits": [], "stays": []}
    for unit in range(40):
        own = {"patient_id": unit, "__salt": chance.randrange(2**31)}
        sexes, age = ["F", "M", None], chance.randrange(91)
        tables["patients"].append({**own, "__rank": 1, "sex": chance.choice(sexes), "age": age})
        for rank in range(1, 1 + chance.randrange(7)):
            visit = {
                "visit_id": 100 * unit + rank,
                "class": chance.choice(CLASSES),
                "mood": chance.choice([*MOODS, None]),
                "day": date(2024, 1, 31) + timedelta(days=chance.choice([0, 1, 30, 400])),
                "cost": chance.randrange(100_000),
                "urgent": chance.random() < 0.5,
            }
            tables["visits"].append({**own, "__rank": rank, **visit})
        for rank in range(1, 1 + chance.randrange(4)):
            stay = {"place": chance.choice(PLACES), "note": chance.choice(sexes)}
            days = chance.choice([0, 3, 9, 30])
            tables["stays"].append({**own, "__rank": rank, **stay, "days": days})
    return tables


ROWS = rows_of_patients()


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDbMemoryEngine]:
    made = DuckDbMemoryEngine(CLINIC, ROWS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the same rows, where categories are texts."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("SET error_on_division_by_zero = false")
    for name, columns in COLUMNS.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
        listed = [column.split()[0] for column in columns.replace("12, 2", "12").split(", ")]
        places = ", ".join("?" for _ in listed)
        rows = [{**row, "cost": Decimal(row.get("cost", 0)) / 100} for row in ROWS[name]]  # type: ignore[arg-type]  # a number
        values = [[row[column] for column in listed] for row in rows]
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", values)
    yield connection
    connection.close()


def answered(plan: Plan, engine: DuckDbMemoryEngine) -> list[tuple[object, ...]]:
    """Return what would be released if there were no noise, without the cells that are empty."""
    statements = compile_plan(plan)
    exact = exact_vectors(plan, statements, [engine.run(one.sql) for one in statements])
    quiet = plan.with_noises([Noise(measure=CLINIC.measure, scale=1e-9)] * len(plan.statistics))
    rows = [tuple(map(shown, row)) for row in released_rows(quiet, exact, 0.95).rows]
    return [row for row in rows if row[-1] != 0]


def shown(value: object) -> object:
    """Return a cell as both say it."""
    if isinstance(value, Estimate):
        value = value.value
    if isinstance(value, date):
        return value.isoformat().removesuffix("T00:00:00")
    return round(float(value), 6) if isinstance(value, int | float | Decimal) else value


def test_all_cases_were_found() -> None:
    assert len(CASES) >= 90


@pytest.mark.parametrize("sql", CASES)
def test_without_noise_an_answer_is_what_plain_sql_says(
    sql: str, engine: DuckDbMemoryEngine, plain: duckdb.DuckDBPyConnection
) -> None:
    found = answered(make_plan(sql, CLINIC), engine)

    expected = [tuple(map(shown, row)) for row in plain.execute(sql).fetchall()]
    assert expected
    assert Counter(found) == Counter(expected)
    if ")" not in sql.rpartition("ORDER BY")[2]:  # it is the answer's own
        assert found == expected
