"""A random writer of SQL over the tables of ``tests.wards``.

The grammar is wider than what is supported, on purpose: what is refused must be refused well, and
what looks like a proof but is none (a join on the wrong alias, an ON that says more, a unit that
some rows lack, a sub-query of another unit's rows) must show.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from hypothesis import strategies as st

from tests.aggregates import AggregateWriter
from tests.expressions import Columns, Frame, Named

__all__ = ["queries", "query_of"]

T = TypeVar("T")

_KEY = "patient_id"
_TABLES: dict[str, Columns] = {
    "patients": ((_KEY, "unit"), ("sex", "text"), ("age", "number")),
    "visits": (
        (_KEY, "unit"),
        ("visit_id", "key"),
        ("class", "text"),
        ("day", "date"),
        ("cost", "number"),
        ("urgent", "condition"),
        ("free", "text"),
    ),
    "labs": (
        (_KEY, "unit"),
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
    "enrolled": ((_KEY, "unit"), ("arm", "text"), ("score", "number")),
    "stays": ((_KEY, "unit"), ("days", "number"), ("icu", "condition")),
}
_PRIVATE = ("patients", "visits", "labs", "enrolled", "stays")
_KINDS = ("number", "number", "text", "condition", "date", "unit")
_VALUES = (
    ("(VALUES ('C1', 1), ('C2', 2)) AS {}(v1, v2)", (("v1", "text"), ("v2", "number"))),
    ("(VALUES ('F', TRUE), ('M', NULL)) AS {}(v1, v2)", (("v1", "text"), ("v2", "condition"))),
    ("(VALUES (0.5)) AS {}(v1)", (("v1", "number"),)),
    ("(SELECT COUNT(*), MIN(code) FROM codes) AS {}(v1, v2)", (("v1", "number"), ("v2", "text"))),
    ("(SELECT DISTINCT weight, part FROM codes) AS {}(v1, v2)", (("v1", "number"), ("v2", "text"))),
)


def queries(*, private: bool = False) -> st.SearchStrategy[str]:
    """Draw one aggregate query, with group keys that mostly have no public domain or that do."""
    return st.integers(0, 2**48).map(lambda seed: query_of(seed, private=private))


def query_of(seed: int, *, private: bool = False) -> str:
    """Return the query of a seed; smaller seeds are not simpler."""
    return _Writer(random.Random(seed), private=private).query()  # noqa: S311  made-up questions


class _Writer(AggregateWriter):
    """Writes whole SELECTs."""

    def __init__(self, chance: random.Random, *, private: bool) -> None:
        super().__init__(chance)
        self._private = private
        self._aliases = 0
        self._ctes: list[tuple[str, Columns, bool]] = []

    def query(self) -> str:
        """Write an aggregate over units, now and then several, or inside another SELECT."""
        if self.below(8):
            return self._released()
        first, other = self._answer("r"), self._answer("s")
        return self.one(
            [
                f"SELECT n FROM {first} UNION ALL SELECT n FROM {other}",
                f"SELECT r.n / s.n, r.k FROM {first} LEFT JOIN {other} ON r.k = s.k",
                f"SELECT r.n FROM {first} JOIN {other} USING (k, n)",
                f"SELECT k, SUM(n), MAX(n) FROM {first} GROUP BY k",
                f"SELECT k, n - (SELECT SUM(n) FROM {other}) FROM {first} WHERE n > 2",
            ]
        )

    def _answer(self, name: str) -> str:
        """Write a released relation of a key and a number."""
        with self.frame(()):
            body = f"FROM {self._source(self.one([0, 0, 1]))}{self._where(1)}"
            return f"(SELECT {self.key()} AS k, {self.aggregate()} AS n {body} GROUP BY 1) {name}"

    def _released(self) -> str:
        named = [self._cte() for _ in range(self.one([0, 0, 0, 1, 1, 2]))]
        depth = self.one([0, 0, 1, 1, 2])
        with self.frame(()):
            body = f"FROM {self._source(depth)}{self._where(2)}"
            keys = [
                self._key() for _ in range(self.one([1, 2] if self._private else [0, 0, 1, 1, 2]))
            ]
            listed = [self.aggregate() for _ in range(self.one([1, 1, 2, 3]))]
            if self.below(8) == 0:
                listed.append(self._released_window(keys))
        words = f" GROUP BY {self._sets(keys)}" if keys else ""
        if self.below(8) == 0:
            words += f" HAVING COUNT(*) {self.one(['>', '<='])} {self.below(9)}"
        if self.below(8) == 0:
            words += f" ORDER BY {1 + self.below(len(listed))} DESC LIMIT {1 + self.below(9)}"
        with_ = f"WITH {', '.join(named)} " if named else ""
        text = f"SELECT {', '.join([*keys, *listed])} {body}{words}"
        if self.below(12) == 0 and not keys:
            return f"{with_}SELECT * FROM (SELECT {listed[0]} AS n {body}) AS answer WHERE n > 1"
        return with_ + text

    def _key(self) -> str:
        if not self._private or self.below(4) == 0:
            return self.key()
        return self.of_kind(self.one(["text", "number", "date"]), 2)

    def _sets(self, keys: Sequence[str]) -> str:
        listed = ", ".join(keys)
        form = self.one(["{}"] * 9 + ["ROLLUP ({})", "CUBE ({})", "GROUPING SETS (({}), ())"])
        return form.format(listed)

    def _released_window(self, keys: Sequence[str]) -> str:
        partition = f"PARTITION BY {keys[0]}" if keys and self.below(2) else ""
        return self.one(
            [
                f"100 * COUNT(*) / SUM(COUNT(*)) OVER ({partition})",
                f"RANK() OVER ({partition} ORDER BY COUNT(*) DESC)",
            ]
        )

    @contextmanager
    def frame(self, outer: tuple[Frame, ...]) -> Iterator[None]:
        """Read names in a SELECT of its own; those of the SELECTs around it may be seen too."""
        before = self.here, self.outer
        self.here, self.outer = [], outer
        try:
            yield
        finally:
            self.here, self.outer = before

    def _cte(self) -> str:
        text, columns, private = self.rows(1, ())
        name = f"w{len(self._ctes)}"
        self._ctes.append((name, columns, private))
        return f"{name} AS ({text})"

    def _where(self, depth: int) -> str:
        return f" WHERE {self.condition(depth)}" if self.below(2) else ""

    def sub_select(self, kind: str, column: str, held: str) -> str:
        """Write a SELECT of one value whose rows are held to the unit of the row outside."""
        outer = (self.here, *self.outer)
        with self.frame(outer):
            body = f"FROM {self._source(self.one([0, 0, 0, 1]))}"
            inner = self.units() or [f"'{kind}'"]
            words = [held.replace("@", self.one(inner))] if held else []
            if self.below(2):
                words.append(self.condition(1))
            joined = self.one([" AND "] * 9 + [" OR "]).join(words)
            written = self.group_aggregate() if column == "aggregate" else self.of_kind(column, 1)
            return f"SELECT {written} {body}" + (f" WHERE {joined}" if joined else "")

    def _source(self, depth: int) -> str:
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
        if not first and self.below(8) == 0:
            text, columns = self.one(_VALUES)
            return text.format(alias), Named(alias, columns, private=False)
        table = self.one([*_PRIVATE, "visits", *(() if first and self.below(9) else ("codes",))])
        return f"{table} {alias}", Named(alias, _TABLES[table], table in _PRIVATE)

    def _join(self, depth: int) -> str:
        text, item = self._item(depth, first=False)
        kind = self.one(["JOIN"] * 6 + ["LEFT JOIN"] * 5 + ["RIGHT JOIN", "FULL JOIN"] * 2
                        + ["SEMI JOIN", "ANTI JOIN"])  # fmt: skip
        if self.below(9) and not item.private:
            kind = self.one(["JOIN", "LEFT JOIN"])
        if self.below(9) and not any(one.private for one in self.here):
            kind = self.one(["JOIN", "RIGHT JOIN"])
        shared = [name for name, _ in item.columns if any(name in one.names for one in self.here)]
        if self.below(5) == 0 and shared:
            name = _KEY if _KEY in shared and self.below(4) else self.one(shared)
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

    def rows(self, depth: int, outer: tuple[Frame, ...]) -> tuple[str, Columns, bool]:
        """Write a SELECT whose rows still belong to units, or should."""
        if self.below(6) == 0:
            return self._union(depth, outer)
        with self.frame(outer):
            body = f"FROM {self._source(depth)}"
            private = any(one.private for one in self.here)
            if self.below(12) == 0:
                columns = tuple(dict.fromkeys(pair for one in self.here for pair in one.columns))
                return f"SELECT * {body}{self._where(1)}", columns, private
            body += self._where(1)
            return (*(self._grouped if self.below(2) else self._projected)(body), private)

    def _listed(self, kinds: Sequence[str]) -> tuple[list[str], Columns]:
        """Write columns with names; the unit comes first."""
        columns: list[tuple[str, str]] = []
        written: list[str] = []
        for kind in kinds:
            name = f"c{len(columns)}"
            if kind == "unit" and not columns and self.below(3):
                name = _KEY
            columns.append((name, kind))
            written.append(f"{self.of_kind(kind, 2)} AS {name}")
        return written, tuple(columns)

    def _projected(self, body: str) -> tuple[str, Columns]:
        unit = ["unit"] if self.units() and self.below(12) else []
        kinds = [*unit, *(self.one(_KINDS) for _ in range(1 + self.below(3)))]
        self.windows = True
        written, columns = self._listed(kinds)
        distinct = "DISTINCT " if self.below(6) == 0 else ""
        words = ""
        if self.below(4) == 0:
            first = self.window("ROW_NUMBER()")
            conditions = (f"{first} <= {1 + self.below(3)}", f"{first} = 1", self.condition(1))
            words = f" QUALIFY {self.one(conditions)}"
        return f"SELECT {distinct}{', '.join(written)} {body}{words}", columns

    def _grouped(self, body: str) -> tuple[str, Columns]:
        unit = ["unit"] if self.units() and self.below(12) else []
        keys, columns = self._listed([*unit, *(self.one(_KINDS) for _ in range(self.below(3)))])
        made = [self.unit_aggregate() for _ in range(1 + self.below(3))]
        named = [(f"m{n}", kind) for n, (_, kind) in enumerate(made)]
        written = [f"{text} AS {name}" for (text, _), (name, _) in zip(made, named, strict=True)]
        words = f" GROUP BY {', '.join(one.rsplit(' AS ', 1)[0] for one in keys)}" if keys else ""
        if self.below(5) == 0:
            words += f" HAVING {self.group_aggregate()} {self.one(['>', '<='])} {self.below(5)}"
        return f"SELECT {', '.join([*keys, *written])} {body}{words}", (*columns, *named)

    def _union(self, depth: int, outer: tuple[Frame, ...]) -> tuple[str, Columns, bool]:
        kinds = ["unit", *(self.one(_KINDS) for _ in range(1 + self.below(2)))]
        parts: list[tuple[str, Columns]] = []
        for _ in range(self.one([2, 2, 3])):
            with self.frame(outer):
                body = f"FROM {self._source(max(depth - 1, 0))}{self._where(1)}"
                written, columns = self._listed(kinds)
                if self.below(4) == 0:
                    place = self.below(len(written))
                    name = columns[place][0]
                    constant = self.one(["NULL", *self.constants(columns[place][1])])
                    written[place] = f"{constant} AS {name}"
                parts.append((f"SELECT {', '.join(written)} {body}", columns))
        # the columns of the first part give their names to all
        return " UNION ALL ".join(text for text, _ in parts), parts[0][1], True
