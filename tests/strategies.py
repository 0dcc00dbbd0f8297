"""A Hypothesis strategy for SQL over the tables of ``tests.wards``.

The grammar is wider than what is supported, on purpose: what is refused must be refused well, and
what looks like a proof but is none (a join on the wrong alias, an ON that says more) must show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from hypothesis import strategies as st

__all__ = ["queries"]

T = TypeVar("T")
Piece = str | Callable[[], str]

_KEY = "patient_id"
_NUMBERS = {
    "patients": ["age"],
    "visits": ["cost"],
    "labs": ["value", "raw"],
    "codes": ["weight"],
    "enrolled": ["score"],
    "stays": ["days"],
}
_BOOLEANS = {"visits": ["urgent"], "stays": ["icu"]}
_TEXTS = {
    "patients": {"sex": "F"},
    "visits": {"class": "emergency", "free": "x_1"},
    "labs": {"code": "C2"},
    "codes": {"part": "it''s {0}", "code": "C1"},
    "enrolled": {"arm": "a"},
}
_DATES = {"visits": ["day"], "labs": ["at", "noted"]}
_PRIVATE = ("patients", "visits", "labs", "enrolled", "stays")
_LITERALS = ("0", "1", "7", "-3", "2.5", "0.01", "100", "1e3", "999999999999")
_COMPARE = ("=", "<>", "<", "<=", ">", ">=")


@st.composite
def queries(draw: st.DrawFn) -> str:
    """Draw one aggregate query."""
    return _Writer(draw).query()


class _Writer:
    """Writes SQL, drawing each choice."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._aliases: list[tuple[str, str]] = []

    def query(self) -> str:
        source = self.source()
        keys = [self.key() for _ in range(self.below(3))]
        aggregates = [self.aggregate() for _ in range(1 + self.below(3))]
        where = f" WHERE {self.condition(2)}" if self.below(2) else ""
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        return f"SELECT {', '.join([*keys, *aggregates])} FROM {source}{where}{group}"

    def below(self, end: int) -> int:
        return self._draw(st.integers(0, end - 1))

    def one(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def written(self, options: Sequence[Piece]) -> str:
        chosen = self.one(options)
        return chosen if isinstance(chosen, str) else chosen()

    def columns(self, of: dict[str, list[str]]) -> list[str]:
        return [f"{alias}.{one}" for alias, table in self._aliases for one in of.get(table, ())]

    def texts(self) -> list[tuple[str, str]]:
        return [
            (f"{alias}.{column}", value)
            for alias, table in self._aliases
            for column, value in _TEXTS.get(table, {}).items()
        ]

    def units(self) -> list[str]:
        return [f"{alias}.{_KEY}" for alias, table in self._aliases if table in _PRIVATE]

    def source(self) -> str:
        first = self.one(["patients", "visits", "labs", "enrolled", "stays", "visits", "codes"])
        self._aliases.append(("t", first))
        text = f"{first} t"
        for alias in ("u", "w", "x")[: self.one([0, 0, 1, 1, 2, 2, 3])]:
            # a private table early on, since public tables alone are refused
            table = self.one([*_PRIVATE] if first == "codes" else [*_PRIVATE, "codes"])
            text += self.join(alias, table, self.one(["JOIN", "LEFT JOIN"]))
        return text

    def join(self, alias: str, table: str, kind: str) -> str:
        if table in _PRIVATE and self.units() and self.below(5) == 0:
            self._aliases.append((alias, table))
            return f" {kind} {table} {alias} USING ({_KEY})"
        parts = [self.pair(alias, table) for _ in range(1 + self.below(2))]
        self._aliases.append((alias, table))
        if self.below(3) == 0:
            parts.insert(self.below(2), self.condition(1))
        return f" {kind} {table} {alias} ON {' AND '.join(parts)}"

    def pair(self, alias: str, table: str) -> str:
        """Write what joins two tables: mostly the equality of units, and many near misses."""
        if table == "codes":
            codes = [f"{one}.code" for one, name in self._aliases if name in {"labs", "codes"}]
            exact = [f"{alias}.code = {code}" for code in codes]
            return self.one([*exact * 3, f"{alias}.weight > 3", f"{alias}.code = {alias}.code"])
        units = [f"{unit} = {alias}.{_KEY}" for unit in self.units()]
        keys = [
            f"{one}.visit_id = {alias}.visit_id"
            for one, name in self._aliases
            if {name, table} <= {"visits", "labs"}
        ]
        traps = [f"{one} = {other}" for one in self.units() for other in self.units()]
        traps.append(f"{alias}.{_KEY} = {alias}.{_KEY}")
        if table in {"visits", "labs"}:
            own = "visit_id" if table == "visits" else "lab_id"
            traps.append(f"{alias}.{own} = {alias}.{own}")
        if table == "labs":
            traps += [f"{unit} = {alias}.relative_id" for unit in self.units()]
        good = [*units, *units, *keys] or ["TRUE"]
        return self.one(traps) if self.below(4) == 0 else self.one(good)

    def number(self, depth: int) -> str:
        leaves: list[Piece] = [*self.columns(_NUMBERS) * 3, *_LITERALS]
        if depth == 0 or self.below(3) == 0:
            return self.written(leaves)
        inner = partial(self.number, depth - 1)
        width = partial(self.one, ["1", "2", "0.5", "10", "3"])
        condition = partial(self.condition, depth - 1)
        options: list[Piece] = [
            lambda: f"({inner()} {self.one('+-*/')} {inner()})",
            lambda: f"({inner()} {self.one(['//', '%'])} {width()})",
            lambda: f"CASE WHEN {condition()} THEN {inner()} ELSE {inner()} END",
            lambda: f"CASE WHEN {condition()} THEN {inner()} END",
            lambda: f"{self.one(['ABS', 'FLOOR', '-', 'ROUND'])}({inner()})",
            lambda: f"ROUND({inner()}, {self.one(['-1', '0', '1'])})",
            lambda: f"age_band({inner()}, {width()})",
            lambda: f"{self.one(['COALESCE', 'NULLIF'])}({inner()}, {inner()})",
            lambda: f"{self.one(['GREATEST', 'LEAST'])}({inner()}, {inner()})",
            lambda: f"CAST({condition()} AS INTEGER)",
            lambda: f"CLAMP({inner()}, -5, 9.5)",
        ]
        if self.columns(_DATES):
            options.append(lambda: f"{self.one(_PARTS)}({self.date()})")
            options.append(lambda: f"DATE_DIFF('day', {self.date()}, {self.date()})")
            options.append(lambda: f"({self.date()} - {self.date()})")
        options += [f"LENGTH({column})" for column, _ in self.texts()]
        return self.written(options)

    def date(self) -> str:
        column = self.one(self.columns(_DATES))
        amounts = ["1 DAY", "40 DAY", "1 MONTH", "13 MONTH", "2 YEAR", "1 WEEK"]
        options: list[Piece] = [
            column,
            lambda: f"({column} {self.one('+-')} INTERVAL {self.one(amounts)})",
            f"CAST({column} AS DATE)",
            lambda: f"DATE_TRUNC('{self.one(_GRAINS)}', {column})",
            "DATE '2024-02-29'",
            "TIMESTAMP '2024-06-01 12:00:00'",
        ]
        return self.written(options)

    def condition(self, depth: int) -> str:
        number = partial(self.number, max(depth - 1, 0))
        options: list[Piece] = [
            lambda: f"{number()} {self.one(_COMPARE)} {number()}",
            lambda: f"{number()} IS NULL",
            lambda: f"{number()} BETWEEN {number()} AND {number()}",
            lambda: f"{number()} IN ({number()}, {number()}, NULL)",
        ]
        for column in self.columns(_BOOLEANS):
            options += [column, f"{column} IS NOT TRUE"]
        for column, value in self.texts():
            options += [f"{column} = '{value}'", f"{column} <> 'no such'", f"{column} > 'b'"]
            options += [f"{column} IN ('{value}', 'other')", f"{column} LIKE '%a_b%'"]
            options += [f"{column} IS NULL", f"{column} ILIKE '{value}%'"]
        if self.columns(_DATES):
            options.append(lambda: f"{self.date()} {self.one(_COMPARE)} {self.date()}")
        if self.units():
            options.append(lambda: f"{self.one(self.units())} IS NULL")
            options.append(lambda: f"{self.one(self.units())} = {self.one(self.units())}")
        if depth > 0 and self.below(3) == 0:
            inner = partial(self.condition, depth - 1)
            options = [lambda: f"({inner()} {self.one(['AND', 'OR'])} {inner()})"]
            options.append(lambda: f"(NOT {inner()})")
        return self.written(options)

    def key(self) -> str:
        options: list[Piece] = [
            lambda: self.condition(1),
            lambda: f"age_band(CLAMP({self.number(1)}, 0, 90), 30)",
            lambda: f"CASE WHEN {self.condition(1)} THEN 'yes' ELSE 'no' END",
            lambda: f"CASE WHEN {self.condition(1)} THEN 'yes' END",
            lambda: f"FLOOR(CLAMP({self.number(1)}, -2, 2))",
            *self.columns(_BOOLEANS),
        ]
        for column, _ in self.texts():
            if column.endswith(("sex", "class", "part", "arm")) or self.below(4) == 0:
                options += [column, f"LOWER({column})", f"COALESCE({column}, 'none')"]
        for column in self.columns(_DATES):
            options.append(f"DATE_TRUNC('{self.one(_GRAINS[:3])}', {column})")
            options.append(lambda: f"{self.one(_PARTS[:3])}({self.date()})")
        facts = [
            wrapped
            for column, _ in self.texts()
            if column.endswith(("sex", "arm"))
            for wrapped in (f"COALESCE({column}, 'none')", f"{column} IS NULL", f"{column} = 'a'")
        ]
        facts += [f"{unit} IS NULL" for unit in self.units()]
        # facts of a unit half of the time: their proofs are the ones that can go wrong
        return self.written(options) if self.below(2) or not facts else self.one(facts)

    def aggregate(self) -> str:
        options: list[Piece] = [
            "COUNT(*)",
            lambda: f"COUNT({self.number(1)})",
            lambda: f"SUM({self.summed()})",
            lambda: f"AVG({self.summed()})",
        ]
        if self.units():
            unit = self.one(self.units())
            options.append(f"COUNT(DISTINCT {unit})")
            options.append(lambda: f"COUNT(DISTINCT CASE WHEN {self.condition(1)} THEN {unit} END)")
        written = self.written(options)
        return written if self.below(3) else f"{written} FILTER (WHERE {self.condition(1)})"

    def summed(self) -> str:
        number = self.number(2)
        return f"CLAMP({number}, -10, 300)" if self.below(2) else number


_PARTS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAYOFWEEK", "HOUR")
_GRAINS = ("year", "quarter", "month", "week", "day")
