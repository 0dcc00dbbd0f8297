"""One table whose rows are edge values, and how an expression over it is computed twice."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from typing import Any

import duckdb
from sqlglot import exp

from policies.datasets import DatasetPolicy
from query.domains import of_column
from query.expressions import ColumnRef, Expression
from query.parse.scalars import scalar
from query.parse.sqltext import select_of
from query.sql import sql_of
from tests.factories import make_dataset
from tests.fakes import DuckDbMemoryEngine
from tests.row_functions import OutsideCalendarError, Value, compute

__all__ = ["EDGES", "EdgeTable", "make_edges", "parsed"]

LARGEST = 2**63 - 1
CODES = ["I10", "E11.9", "A", "z-9-Z", "  b ", "it's {0}", "10%_!"]
WIDE = ["ÄB", "ß c", "é", "", "a😀b", "ascii"]

EDGES: dict[str, list[object]] = {
    "n": [-7, -1, 0, 1, 2, 50, None],
    "cost": [-250, -150, -101, -50, -1, 0, 1, 49, 50, 51, 99_999, 100_000, None],
    "big": [-LARGEST - 1, -LARGEST, -1, 0, 1, 2**31, LARGEST, None],
    "code": [*CODES, None],
    "name": [*WIDE, None],
    "free": [
        "", " ", "a", "aA", "abcabc", "it's", "{0}", "\\", "%", "_", "12", " -7 ", "1.5",
        "99999999999999999999", "nan", "inf", "-inf", "2024-02-29", "2024-02-30",
        "2024-02-29 10:11:12", "infinity", "true", "f", "Ä😀", "a\nb", "x.y.z", None,
    ],
    "day": [
        date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 31),
        date(2025, 2, 28), None,
    ],
    "until": [
        date(2023, 12, 30), date(2024, 2, 28), date(2024, 2, 29), date(2025, 3, 1),
        date(2026, 12, 31),
    ],
    "noted": [date(1, 1, 1), date(9, 7, 3), date(1969, 12, 31), date(9999, 12, 31), None],
    "seen": [
        datetime(2024, 1, 1), datetime(2024, 2, 29, 23, 59, 59, 999_999),  # noqa: DTZ001
        datetime(2024, 7, 31, 12, 30), datetime(2024, 12, 31, 23, 59, 59), None,  # noqa: DTZ001
    ],
    "flag": [True, False, None],
    "sure": [1, 2, 9],
}  # fmt: skip
"""Values of each column as they are stored, so decimals are counts of their resolution."""


def _column(kind: str, **use: object) -> dict[str, Any]:
    return {"role": "attribute", "type": kind, "dp": use}


def make_edges() -> DatasetPolicy:
    """Return the dataset of the table ``edges``."""
    columns = {
        "patient_id": {"role": "privacy_unit"},
        "n": _column("integer", bounds=[-7, 50], group_by=True, aggregates=["sum"]),
        "cost": _column("decimal", bounds=[-2.5, 1000], resolution=0.01, aggregates=["sum"]),
        "big": _column("integer"),
        "code": _column("string", categories=CODES, group_by=True),
        "name": _column("string", categories=WIDE, group_by=True, nulls="keep"),
        "free": _column("string"),
        "day": _column("date", bounds=["2023-12-31", "2025-02-28"], group_by=True),
        "until": _column("date", bounds=["2023-12-30", "2026-12-31"], nulls="reject"),
        "noted": _column("date"),
        "seen": _column("timestamp", bounds=["2024-01-01", "2024-12-31"]),
        "flag": _column("boolean", group_by=True),
        "sure": _column("integer", bounds=[1, 9], nulls="reject", aggregates=["sum"]),
    }
    return make_dataset(tables={"edges": {"columns": columns}})


def parsed(text: str, dataset: DatasetPolicy) -> Expression:
    """Read an expression over the table."""
    columns = dataset.tables["edges"].columns

    def leaf(node: exp.Expr) -> Expression | None:
        if not isinstance(node, exp.Column):
            return None
        owner = node.name == "patient_id"
        space = "privacy unit" if owner else ""
        domain = of_column(columns[node.name], key_space=space, unit_constant=owner)
        return ColumnRef(alias="t0", table="edges", column=node.name, domain=domain)

    return scalar(select_of(f"SELECT {text} FROM edges").expressions[0], leaf)


class EdgeTable:
    """All rows that pair the edge values of a few columns, in the engine and in Python."""

    def __init__(self) -> None:
        self.dataset = make_edges()
        self._engines: dict[tuple[str, ...], DuckDbMemoryEngine] = {}

    def close(self) -> None:
        """Close the engines, one for each set of columns."""
        for engine in self._engines.values():
            engine.close()

    def rows(self, expression: Expression) -> list[tuple[dict[str, object], Value]]:
        """Return rows with the value that the engine has there."""
        names = sorted({one.column for one in _columns(expression)} - {"patient_id"})
        rows = [
            {"patient_id": place, **dict(zip(names, values, strict=True))}
            for place, values in enumerate(itertools.product(*(EDGES[name] for name in names)))
        ]
        key = tuple(names)
        if key not in self._engines:
            self._engines[key] = DuckDbMemoryEngine(self.dataset, {"edges": rows})
        sql = f"SELECT {sql_of(expression)} FROM edges AS t0 ORDER BY t0.patient_id"
        found = _fetched(self._engines[key]._connection, sql)
        return [(row, _shown(expression, value)) for row, value in zip(rows, found, strict=True)]

    def computed(self, expression: Expression) -> list[tuple[dict[str, object], Value, Value]]:
        """Return rows with the value of the engine, and the one of the reference."""
        return [
            (row, found, reference)
            for row, found in self.rows(expression)
            if not isinstance(reference := _reference(expression, row), OutsideCalendarError)
        ]


def _fetched(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Value]:
    return [value for (value,) in connection.execute(sql).fetchall()]


def _columns(expression: Expression) -> list[ColumnRef]:
    if isinstance(expression, ColumnRef):
        return [expression]
    return [column for arg in getattr(expression, "args", ()) for column in _columns(arg)]


def _shown(expression: Expression, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return value * expression.domain.step


def _reference(expression: Expression, row: dict[str, object]) -> Value | OutsideCalendarError:
    def column(one: Expression) -> Value:
        assert isinstance(one, ColumnRef)
        value = row[one.column]
        counted = isinstance(value, int) and not isinstance(value, bool)
        return value * one.domain.step if counted else value  # type: ignore[operator, return-value]

    try:
        return compute(expression, column)
    except OutsideCalendarError as error:
        return error
