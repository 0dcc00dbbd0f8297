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

from tests.expressions import Columns, Frame
from tests.source_forms import KEY, SourceWriter

__all__ = ["queries", "query_of"]

T = TypeVar("T")

_KINDS = ("number", "number", "text", "condition", "date", "unit")


def queries(*, private: bool = False) -> st.SearchStrategy[str]:
    """Draw one aggregate query, with group keys that mostly have no public domain or that do."""
    return st.integers(0, 2**48).map(lambda seed: query_of(seed, private=private))


def query_of(seed: int, *, private: bool = False) -> str:
    """Return the query of a seed; smaller seeds are not simpler."""
    return _Writer(random.Random(seed), private=private).query()  # noqa: S311  made-up questions


class _Writer(SourceWriter):
    """Writes whole SELECTs."""

    def __init__(self, chance: random.Random, *, private: bool) -> None:
        super().__init__(chance)
        self._private = private

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
            body = f"FROM {self.source(self.one([0, 0, 1]))}{self.where(1)}"
            return f"(SELECT {self.key()} AS k, {self.aggregate()} AS n {body} GROUP BY 1) {name}"

    def _released(self) -> str:
        named = [self._cte() for _ in range(self.one([0, 0, 0, 1, 1, 2]))]
        depth = self.one([0, 0, 1, 1, 2])
        with self.frame(()):
            body = f"FROM {self.source(depth)}{self.where(2)}"
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

    def sub_select(self, kind: str, column: str, held: str) -> str:
        """Write a SELECT of one value whose rows are held to the unit of the row outside."""
        outer = (self.here, *self.outer)
        with self.frame(outer):
            body = f"FROM {self.source(self.one([0, 0, 0, 1]))}"
            inner = self.units() or [f"'{kind}'"]
            words = [held.replace("@", self.one(inner))] if held else []
            if self.below(2):
                words.append(self.condition(1))
            joined = self.one([" AND "] * 9 + [" OR "]).join(words)
            rest = f" WHERE {joined}" if joined else ""
            if column == "aggregate" and self.below(4) == 0:
                picked = self.of_kind("number", 1)
                return f"SELECT {picked} {body}{rest}{self.ordered(9)} LIMIT 1"
            written = self.group_aggregate() if column == "aggregate" else self.of_kind(column, 1)
            return f"SELECT {written} {body}{rest}"

    def lateral_select(self) -> tuple[str, Columns]:
        """Write a SELECT of one row of the unit outside: aggregates, or a row that is picked."""
        outside = self.one(self.units())
        with self.frame((self.here, *self.outer)):
            body = f"FROM {self.source(0)}"
            held = f"{self.one(self.units() or ['NULL'])} = {outside}"
            body += f" WHERE {held if self.below(8) else self.condition(1)}"
            if self.below(2):
                kinds = ("number", self.one(["number", "text", "date"]))
                columns = tuple((f"l{n}", kind) for n, kind in enumerate(kinds))
                listed = [f"{self.of_kind(kind, 1)} AS {name}" for name, kind in columns]
                return f"SELECT {', '.join(listed)} {body}{self.ordered(9)} LIMIT 1", columns
            made = [self.unit_aggregate() for _ in range(2)]
            columns = tuple((f"l{n}", kind) for n, (_, kind) in enumerate(made))
            listed = [
                f"{text} AS {name}" for (text, _), (name, _) in zip(made, columns, strict=True)
            ]
            return f"SELECT {', '.join(listed)} {body}", columns

    def rows(self, depth: int, outer: tuple[Frame, ...]) -> tuple[str, Columns, bool]:
        """Write a SELECT whose rows still belong to units, or should."""
        form = self.below(24)
        if form < 4:
            return self._union(depth, outer)
        if form == 4:
            return (*self._pivoted(outer), True)
        with self.frame(outer):
            body = f"FROM {self.source(depth)}"
            private = any(one.private for one in self.here)
            if self.below(12) == 0:
                columns = tuple(dict.fromkeys(pair for one in self.here for pair in one.columns))
                return f"SELECT * {body}{self.where(1)}", columns, private
            body += self.where(1)
            return (*(self._grouped if self.below(2) else self._projected)(body), private)

    def _listed(self, kinds: Sequence[str]) -> tuple[list[str], Columns]:
        """Write columns with names; the unit comes first."""
        columns: list[tuple[str, str]] = []
        written: list[str] = []
        for kind in kinds:
            name = f"c{len(columns)}"
            if kind == "unit" and not columns and self.below(3):
                name = KEY
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
        if self.below(8) == 0 and unit:
            self.windows = False
            first = written[0].rsplit(" AS ", 1)[0]
            more = [self.of_kind("text", 0)] if self.below(2) else []
            order = [first, *more, self.number(0)]
            chosen = f"DISTINCT ON ({', '.join([first, *more])}) "
            return (
                f"SELECT {chosen}{', '.join(written)} {body} ORDER BY {', '.join(order)}",
                columns,
            )
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
                body = f"FROM {self.source(max(depth - 1, 0))}{self.where(1)}"
                written, columns = self._listed(kinds)
                if self.below(4) == 0:
                    place = self.below(len(written))
                    name = columns[place][0]
                    constant = self.one(["NULL", *self.constants(columns[place][1])])
                    written[place] = f"{constant} AS {name}"
                parts.append((f"SELECT {', '.join(written)} {body}", columns))
        # the columns of the first part give their names to all
        word = self.one(["UNION ALL"] * 3 + ["UNION", "INTERSECT", "EXCEPT"])
        return f" {word} ".join(text for text, _ in parts), parts[0][1], True

    def _pivoted(self, outer: tuple[Frame, ...]) -> tuple[str, Columns]:
        """Write a pivot of one table's rows by written values of a text."""
        table, text, number = self.one([("visits", "class", "cost"), ("labs", "code", "value")])
        values = {"class": ["emergency", "inpatient"], "code": ["C1", "C2"]}[text]
        listed = ", ".join(f"'{value}' AS p{n}" for n, value in enumerate(values))
        with self.frame(outer):
            made = self.one(["MAX", "SUM", "COUNT", "MIN"])
            key = KEY if self.below(8) else number
            source = f"(SELECT {KEY}, {text}, {number} FROM {table})"
        columns = ((KEY, "unit"), *((f"p{n}", "number") for n, _ in enumerate(values)))
        named = f"FROM {source} PIVOT ({made}({number}) FOR {text} IN ({listed}) GROUP BY {key})"
        return f"SELECT * {named}", columns
