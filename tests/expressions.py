"""A random writer of SQL expressions over the columns that a SELECT can see."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

__all__ = ["GRAINS", "PARTS", "Columns", "ExpressionWriter", "Frame", "Named", "Piece"]

T = TypeVar("T")
Columns: TypeAlias = tuple[tuple[str, str], ...]
"""Names and kinds: ``unit``, ``key``, ``number``, ``text``, ``condition``, ``date``."""
Piece: TypeAlias = str | Callable[[], str]


@dataclass(frozen=True, slots=True)
class Named:
    """One relation of a FROM clause."""

    alias: str
    columns: Columns
    private: bool

    @property
    def names(self) -> set[str]:
        """Names of its columns."""
        return {name for name, _ in self.columns}


Frame: TypeAlias = list[Named]

_LITERALS = ("0", "1", "7", "-3", "2.5", "0.01", "100", "1e3", "999999999999", "NULL")
_TEXTS = ("'F'", "'emergency'", "'C2'", "'it''s {0}'", "'a'", "'no such'", "NULL")
_COMPARE = ("=", "<>", "<", "<=", ">", ">=")
PARTS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DAYOFWEEK", "HOUR")
GRAINS = ("year", "quarter", "month", "week", "day")
_AMOUNTS = ("1 DAY", "40 DAY", "1 MONTH", "13 MONTH", "2 YEAR", "1 WEEK")
_WHOLE = ("ROW", "RANK", "DENSE", "LAG", "LEAD", "NTILE", "PERCENT", "CUME")
"""Functions that look at all rows of a partition, whatever the frame."""
_FRAMES = ("", "", " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
           " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING")  # fmt: skip


class ExpressionWriter:
    """Writes expressions, drawing each choice.

    Attributes:
        here: Relations of the SELECT that is written.
        outer: Those of the SELECTs around it, nearest first.
        windows: Whether windows may stand here.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.here: Frame = []
        self.outer: tuple[Frame, ...] = ()
        self.windows = False
        self._nested = 0

    def sub_select(self, kind: str, column: str, held: str) -> str:
        """Write a SELECT of one value; see the writer of whole SELECTs."""
        raise NotImplementedError

    def group_aggregate(self) -> str:
        """Write a number computed from the rows of one unit; see the writer of aggregates."""
        raise NotImplementedError

    def below(self, end: int) -> int:
        """Draw a number."""
        return self._chance.randrange(end)

    def one(self, options: Sequence[T]) -> T:
        """Draw one of several."""
        return options[self.below(len(options))]

    def written(self, options: Sequence[Piece]) -> str:
        """Draw one of several, and write it."""
        chosen = self.one(options)
        return chosen if isinstance(chosen, str) else chosen()

    def columns(self, kind: str, *, own: bool = False) -> list[str]:
        """Return columns of a kind; now and then those of a SELECT around this one."""
        frame = self.here
        if not own and self.outer and self.below(6) == 0:
            frame = self.one(self.outer)
        return [f"{one.alias}.{name}" for one in frame for name, of in one.columns if of == kind]

    def units(self) -> list[str]:
        """Return the columns here that should name a row's unit."""
        return self.columns("unit", own=True)

    def constants(self, kind: str) -> Sequence[str]:
        """Return constants of a kind."""
        known = {
            "number": _LITERALS,
            "text": _TEXTS,
            "condition": ("TRUE", "FALSE", "NULL"),
            "date": ("DATE '2024-02-29'",),
        }
        return known.get(kind, ("NULL",))

    def of_kind(self, kind: str, depth: int) -> str:
        """Write an expression of a kind."""
        match kind:
            case "number":
                return self.number(depth)
            case "condition":
                return self.condition(depth)
            case "text":
                return self.text(depth)
            case "date":
                return self.date()
            case _:
                return self.unit()

    def unit(self) -> str:
        """Write what should name the unit; some forms are NULL in some rows, or in none."""
        units = self.units() or self.columns("key") or ["NULL"]
        unit = self.one(units)
        if self.below(8):
            return unit
        return self.written(
            [
                lambda: f"CASE WHEN {self.condition(0)} THEN {unit} END",
                f"COALESCE({unit}, {self.one(units)})",
                f"NULLIF({unit}, {self.one(units)})",
                f"LAG({unit}) OVER (PARTITION BY {self.one(units)} ORDER BY {unit})",
                f"FIRST_VALUE({unit}) OVER (PARTITION BY {unit})",
            ]
        )

    def number(self, depth: int) -> str:
        """Write a number."""
        leaves: list[Piece] = [*self.columns("number") * 4, *_LITERALS]
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
        if self.columns("date"):
            options.append(lambda: f"{self.one(PARTS)}({self.date()})")
            options.append(lambda: f"DATE_DIFF('day', {self.date()}, {self.date()})")
        options += [f"LENGTH({column})" for column in self.columns("text")[:1]]
        if self.windows and self.units():
            options += [self.windowed] * 4
        if self._nested == 0 and self.units():
            options.append(lambda: f"({self.sub_query('aggregate')})")
        return self.written(options)

    def text(self, depth: int) -> str:
        """Write a text."""
        columns = self.columns("text")
        if not columns:
            return self.written([*_TEXTS])
        column = self.one(columns)
        if depth == 0 or self.below(2):
            return column
        return self.written(
            [
                f"COALESCE({column}, 'none')",
                f"{self.one(['LOWER', 'UPPER'])}({column})",
                lambda: f"CASE WHEN {self.condition(depth - 1)} THEN {column} ELSE 'else' END",
                lambda: f"CASE WHEN {self.condition(depth - 1)} THEN {column} END",
                f"NULLIF({column}, {self.one(_TEXTS[:-1])})",
            ]
        )

    def date(self) -> str:
        """Write a date or moment."""
        columns = self.columns("date")
        if not columns:
            return "DATE '2024-02-29'"
        column = self.one(columns)
        options: list[Piece] = [
            column,
            column,
            lambda: f"({column} {self.one('+-')} INTERVAL {self.one(_AMOUNTS)})",
            f"CAST({column} AS DATE)",
            lambda: f"DATE_TRUNC('{self.one(GRAINS)}', {column})",
            "DATE '2024-02-29'",
            "TIMESTAMP '2024-06-01 12:00:00'",
        ]
        return self.written(options)

    def condition(self, depth: int, *, plain: bool = False) -> str:
        """Write a condition; a plain one has no sub-query."""
        number = partial(self.number, max(depth - 1, 0))
        options: list[Piece] = [
            lambda: f"{number()} {self.one(_COMPARE)} {number()}",
            lambda: f"{number()} {self.one(_COMPARE)} {self.one(_LITERALS)}",
            lambda: f"{number()} IS NULL",
            lambda: f"{number()} BETWEEN {number()} AND {number()}",
            lambda: f"{number()} IN ({number()}, {number()}, NULL)",
        ]
        for column in self.columns("condition")[:2]:
            options += [column, f"{column} IS NOT TRUE"]
        for column in self.columns("text")[:2]:
            value = self.one(_TEXTS)
            options += [f"{column} = {value}", f"{column} <> 'no such'", f"{column} LIKE '%a_b%'"]
            options += [f"{column} IN ({value}, 'other')", f"{column} IS NULL"]
        if self.columns("date"):
            options.append(lambda: f"{self.date()} {self.one(_COMPARE)} {self.date()}")
        units = self.columns("unit")
        if units:
            options.append(f"{self.one(units)} IS NULL")
            options.append(f"{self.one(units)} = {self.one(self.columns('unit') or units)}")
        if not plain and self._nested == 0 and self.units():
            options += [self.membership] * 3
        if depth > 0 and self.below(3) == 0:
            inner = partial(self.condition, depth - 1, plain=plain)
            options = [lambda: f"({inner()} {self.one(['AND', 'OR'])} {inner()})"]
            options.append(lambda: f"(NOT {inner()})")
        return self.written(options)

    def sub_query(self, column: str, held: str | None = None) -> str:
        """Write a sub-query, mostly held to the unit of the row outside."""
        outside = self.one(self.units() or ["NULL"])
        if held is None:
            held = (
                f"@ = {outside}"
                if self.below(4)
                else self.one(["", f"@ <> {outside}", "@ = @", f"{outside} = {outside}"])
            )
        windows, self.windows = self.windows, False
        self._nested += 1
        try:
            return self.sub_select("", column, held)
        finally:
            self._nested -= 1
            self.windows = windows

    def membership(self) -> str:
        """Write EXISTS or IN over a sub-query."""
        negated = self.one(["", "NOT "])
        match self.below(5):
            case 0 | 1:
                return f"{negated}EXISTS ({self.sub_query('number')})"
            case 2 | 3:
                return f"{self.unit()} {negated}IN ({self.sub_query('unit', '')})"
            case _:
                kind = self.one(["number", "text", "unit"])
                value = self.one(self.columns(kind) or ["NULL"])
                return f"{value} {negated}IN ({self.sub_query(kind)})"

    def windowed(self) -> str:
        """Write a number over the rows of one unit."""
        column = partial(self.number, 0)
        function = self.written(
            [
                *("ROW_NUMBER()", "RANK()", "DENSE_RANK()", "COUNT(*)"),
                *("NTILE(3)", "PERCENT_RANK()", "CUME_DIST()"),
                lambda: f"NTH_VALUE({column()}, 2)",
                lambda: f"{self.one(['LAG', 'LEAD'])}({column()})",
                lambda: f"LAG({column()}, 2, {column()})",
                lambda: f"{self.one(['FIRST_VALUE', 'LAST_VALUE'])}({column()})",
                lambda: f"{self.one(['SUM', 'MIN', 'MAX', 'COUNT', 'AVG'])}({column()})",
                lambda: f"COUNT(*) FILTER (WHERE {self.condition(0, plain=True)})",
            ]
        )
        return self.window(function)

    def window(self, function: str) -> str:
        """Write what a function is computed over: mostly rows of one unit."""
        keys = [self.one(self.units() or ["NULL"])] if self.below(7) else []
        if self.below(3) == 0:
            keys.append(self.one([*self.columns("text"), self.number(1), "1"]))
        if self.below(10) == 0:
            keys = [f"CASE WHEN {self.condition(0, plain=True)} THEN {key} END" for key in keys]
        order = [f"{self.number(0)}{self.one(['', ' DESC', ' NULLS FIRST'])}"
                 for _ in range(self.below(3))]  # fmt: skip
        words = f"PARTITION BY {', '.join(keys)}" if keys else ""
        words += f" ORDER BY {', '.join(order)}" if order else ""
        whole = function.startswith(_WHOLE) or not order
        return f"{function} OVER ({words}{'' if whole else self.one(_FRAMES)})"
