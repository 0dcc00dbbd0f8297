"""A random writer of FROM: tables, sub-queries and written rows, and what joins them."""

from __future__ import annotations

import random

from tests.aggregates import AggregateWriter
from tests.expressions import Columns, Frame, Named

__all__ = ["KEY", "SourceWriter"]

KEY = "patient_id"
_TABLES: dict[str, Columns] = {
    "patients": ((KEY, "unit"), ("sex", "text"), ("age", "number")),
    "visits": (
        (KEY, "unit"),
        ("visit_id", "key"),
        ("class", "text"),
        ("day", "date"),
        ("cost", "number"),
        ("urgent", "condition"),
        ("free", "text"),
    ),
    "labs": (
        (KEY, "unit"),
        ("visit_id", "key"),
        ("lab_id", "key"),
        ("relative_id", "key"),
        ("value", "number"),
        ("code", "text"),
        ("raw", "number"),
        ("at", "date"),
        ("noted", "date"),
    ),
    "codes": (("code", "text"), ("weight", "number"), ("part", "text")),
    "enrolled": ((KEY, "unit"), ("arm", "text"), ("score", "number")),
    "stays": ((KEY, "unit"), ("days", "number"), ("icu", "condition")),
}
_PRIVATE = ("patients", "visits", "labs", "enrolled", "stays")
_VALUES = (
    ("(VALUES ('C1', 1), ('C2', 2)) AS {}(v1, v2)", (("v1", "text"), ("v2", "number"))),
    ("(VALUES ('F', TRUE), ('M', NULL)) AS {}(v1, v2)", (("v1", "text"), ("v2", "condition"))),
    ("(VALUES (0.5)) AS {}(v1)", (("v1", "number"),)),
    ("(SELECT COUNT(*), MIN(code) FROM codes) AS {}(v1, v2)", (("v1", "number"), ("v2", "text"))),
    ("(SELECT DISTINCT weight, part FROM codes) AS {}(v1, v2)", (("v1", "number"), ("v2", "text"))),
)
_SERIES = (
    ("UNNEST([0, 3, 40]) AS {}(v1)", (("v1", "number"),)),
    ("generate_series(1, 9, 4) AS {}(v1)", (("v1", "number"),)),
    ("range(3) AS {}(v1)", (("v1", "number"),)),
    (
        "generate_series(DATE '2024-01-01', DATE '2024-12-01', INTERVAL 3 MONTH) AS {}(v1)",
        (("v1", "date"),),
    ),
    ("(SELECT 3 AS v1, DATE '2024-02-01' AS v2) AS {}", (("v1", "number"), ("v2", "date"))),
)


class SourceWriter(AggregateWriter):
    """Writes FROM and its joins, drawing each choice."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self._aliases = 0
        self._ctes: list[tuple[str, Columns, bool]] = []

    def rows(self, depth: int, outer: tuple[Frame, ...]) -> tuple[str, Columns, bool]:
        """Write a SELECT whose rows belong to units; see the writer of whole SELECTs."""
        raise NotImplementedError

    def lateral_select(self) -> tuple[str, Columns]:
        """Write a SELECT of one row for each row outside; see the writer of whole SELECTs."""
        raise NotImplementedError

    def where(self, depth: int) -> str:
        return f" WHERE {self.condition(depth)}" if self.below(2) else ""

    def source(self, depth: int) -> str:
        text, first = self._item(depth, first=True)
        self.here.append(first)
        for _ in range(self.one([0, 0, 0, 1, 1, 1, 2, 2, 3])):
            text += self._join(max(depth - 1, 0))
        return text

    def _item(self, depth: int, *, first: bool) -> tuple[str, Named]:
        alias = f"a{self._aliases}"
        self._aliases += 1
        if self._ctes and self.below(3) == 0:
            name, columns, private = self.one(self._ctes)
            return f"{name} {alias}", Named(alias, columns, private)
        if depth and self.below(3):
            text, columns, private = self.rows(depth - 1, self.outer)
            return f"({text}) AS {alias}", Named(alias, columns, private)
        if not first and self.below(6) == 0:
            text, columns = self.one((*_VALUES, *_SERIES))
            return text.format(alias), Named(alias, columns, private=False)
        table = self.one([*_PRIVATE, "visits", *(() if first and self.below(9) else ("codes",))])
        return f"{table} {alias}", Named(alias, _TABLES[table], table in _PRIVATE)

    def _join(self, depth: int) -> str:
        units = self.units()
        if units and self.below(18) == 0:
            return self._lateral()
        if units and self.below(18) == 0:
            return self._asof()
        text, item = self._item(depth, first=False)
        kind = self.one(["JOIN"] * 6 + ["LEFT JOIN"] * 5 + ["RIGHT JOIN", "FULL JOIN"] * 2
                        + ["SEMI JOIN", "ANTI JOIN"])  # fmt: skip
        if self.below(9) and not item.private:
            kind = self.one(["JOIN", "LEFT JOIN"])
        if self.below(9) and not any(one.private for one in self.here):
            kind = self.one(["JOIN", "RIGHT JOIN"])
        shared = [name for name, _ in item.columns if any(name in one.names for one in self.here)]
        if self.below(5) == 0 and shared:
            name = KEY if KEY in shared and self.below(4) else self.one(shared)
            words = f"USING ({name})"
            self.here.append(item)
        else:
            parts = [self._pair(item) for _ in range(self.one([1, 1, 1, 2]))]
            self.here.append(item)
            if self.below(3) == 0:
                parts.insert(self.below(2), self.condition(1, plain=True))
            words = f"ON {' AND '.join(parts)}"
        if kind in {"SEMI JOIN", "ANTI JOIN"}:
            self.here.pop()
        return f" {kind} {text} {words}"

    def _lateral(self) -> str:
        alias = f"a{self._aliases}"
        self._aliases += 1
        text, columns = self.lateral_select()
        kind, words = self.one(
            [("CROSS JOIN", ""), ("JOIN", " ON TRUE"), ("LEFT JOIN", " ON TRUE")]
        )
        self.here.append(Named(alias, columns, private=False))
        return f" {kind} LATERAL ({text}) {alias}{words}"

    def _asof(self) -> str:
        """Write a join with the nearest row of the unit, mostly of stored tables."""
        text, item = self._item(0, first=False)
        kind = self.one(["number", "number", "date"])
        mine = self.one(self.columns(kind, own=True) or ["1"])
        theirs = [f"{item.alias}.{name}" for name, of in item.columns if of == kind]
        units = [f"{item.alias}.{name}" for name, of in item.columns if of == "unit"]
        held = f"{self.one(self.units())} = {self.one(units or self.units())}"
        near = f"{mine} {self.one(['>=', '>=', '<=', '>', '<'])} {self.one(theirs or ['1'])}"
        self.here.append(item)
        return f" ASOF {self.one(['', 'LEFT '])}JOIN {text} ON {held} AND {near}"

    def _pair(self, item: Named) -> str:
        """Write what joins two relations: mostly equal units, and many near misses."""
        good: list[str] = []
        traps: list[str] = []
        for name, kind in item.columns:
            column = f"{item.alias}.{name}"
            others = self.columns(kind, own=True)
            equal = [f"{other} = {column}" for other in others]
            if kind == "unit":
                good += equal * 3
                traps.append(f"{column} = {column}")
            elif kind == "key":
                good += [one for one in equal if one.count(name) == 2]
                traps += [f"{unit} = {column}" for unit in self.units()]
            elif kind in {"text", "number"} and not item.private:
                good += equal
                traps.append(f"{column} IS NOT NULL")
            else:
                traps += equal[:1]
        return self.one((traps if self.below(6) == 0 and traps else good) or ["TRUE"])
