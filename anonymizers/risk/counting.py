"""Classes of equal quasi-identifiers, counted by DuckDB; it sees codes only, never a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.risk.model import Criteria, Node, QuasiIdentifier, Sensitive
from anonymizers.risk.statements import commonest, distances, entropies, listed, steps

__all__ = ["ClassCounter", "ClassSize", "Diversity", "Outcome"]

_LOCK_DOWN: Final = (
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSize:
    """Classes of one size.

    Attributes:
        size: Privacy units in each, 1 or more.
        population: Units of the population in each; the same as ``size`` where none is given.
        classes: How many there are.
        rows: Rows in all of them.
    """

    size: int
    population: int
    classes: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversity:
    """How little a class tells of the sensitive column, in the worst class.

    Attributes:
        l: Of so many units whose value is known, at most one has the same; 1 or more.
        entropy: exp of the smallest entropy, a number of equally likely values.
        distance: Largest distance to the whole table's distribution, from 0 to 1.
    """

    l: int  # noqa: E741  its name in the literature
    entropy: float
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a release at one node would be.

    Attributes:
        suppressed: Rows that would be left out.
        leaves: Per quasi-identifier, the sum over the released rows of how many other source
            values look like theirs.
    """

    suppressed: int
    leaves: tuple[int, ...]


class ClassCounter:
    """Counts one table, in memory, at any node of its lattice.

    Args:
        columns: The quasi-identifiers, of equal length; one or more.
        units: Code of each row's privacy unit; None where every row is a unit of its own.
        sensitive: The sensitive column, if there is one.
        population: The same quasi-identifiers, with the same codes, of the population that the
            table is drawn from; None where there is no such register.

    Attributes:
        several: Whether a unit has several rows.
    """

    def __init__(
        self,
        columns: Sequence[QuasiIdentifier],
        *,
        units: pa.Array | None = None,
        sensitive: Sensitive | None = None,
        population: Sequence[pa.Array] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.rows = len(self.columns[0].codes)
        self.sensitive = sensitive
        # One row for each is counted by rows, which is many times faster than distinct units.
        self.several = units is not None and len(pc.unique(units)) < self.rows
        self._with_population = population is not None
        self._connection = duckdb.connect(":memory:")
        loaded = {"r": pa.array(range(self.rows), pa.int64())}
        if self.several:
            loaded["u"] = units
        if sensitive is not None:
            loaded["s"] = sensitive.codes
        self._load_steps()
        self._load("cells", [column.codes for column in self.columns], loaded)
        if population is not None:
            self._load("register", population, {})
        for setting in _LOCK_DOWN:
            self._connection.execute(setting)

    @property
    def top(self) -> Node:
        """The node at which nothing is told."""
        return tuple(len(column.steps) - 1 for column in self.columns)

    def suppressed(self, node: Node, criteria: Criteria) -> int:
        """Return how many rows stand in classes of fewer than k units, or than l values.

        Both can only get better as steps grow coarser. What else l and t ask for can get worse,
        and is not looked at.
        """
        kept = self._may_meet(criteria)
        (rows,) = self._one(
            f"SELECT coalesce(sum(n), 0) FROM ({self._classes(node)}) WHERE NOT ({kept})"
        )
        return int(rows)

    def outcome(self, node: Node, criteria: Criteria) -> Outcome:
        """Return what a release at a node would be, by all criteria."""
        places = range(len(self.columns))
        joins = " ".join(
            f"JOIN loss{place} ON k{place} = loss{place}.code AND loss{place}.step = {step}"
            for place, step in enumerate(node)
        )
        leaves = ", ".join(f"sum(n * loss{place}.more)" for place in places)
        released, *sums = self._one(
            f"SELECT sum(n), {leaves} FROM ({self._judged(node, criteria)}) {joins} WHERE kept"
        )
        return Outcome(
            suppressed=self.rows - int(released or 0),
            leaves=tuple(int(one or 0) for one in sums),
        )

    def squares(self, node: Node, criteria: Criteria | None = None) -> int:
        """Return the sum of squared class sizes, in rows."""
        (squares,) = self._one(
            f"SELECT sum(n * n) FROM ({self._judged(node, criteria)}) WHERE kept"
        )
        return int(squares or 0)

    def sizes(self, node: Node, criteria: Criteria | None = None) -> tuple[ClassSize, ...]:
        """Return the classes by size, the smallest first.

        Args:
            node: Where to count.
            criteria: Count only classes that meet them; None for all.
        """
        inner = f"SELECT *, size AS people FROM ({self._judged(node, criteria)})"
        if self._with_population:
            keys = listed(node)
            inner = (
                "SELECT c.*, greatest(size, coalesce(p.many, 0)) AS people "
                f"FROM ({self._judged(node, criteria)}) c LEFT JOIN "
                f"(SELECT {steps(node)}, count(*) AS many FROM register GROUP BY ALL) p "
                f"USING ({keys})"
            )
        found = self._all(
            f"SELECT size, people, count(*), sum(n) FROM ({inner}) WHERE kept "
            "GROUP BY ALL ORDER BY ALL"
        )
        return tuple(
            ClassSize(size=int(size), population=int(people), classes=int(many), rows=int(rows))
            for size, people, many, rows in found
        )

    def diversity(self, node: Node, criteria: Criteria | None = None) -> Diversity | None:
        """Return the worst class's diversity; None without a sensitive column or classes."""
        if self.sensitive is None:
            return None
        keys = listed(node)
        least, entropy, distance = self._one(
            f"SELECT min(coalesce(known // told.most, 1)), min(entropy), max(far.distance) "
            f"FROM ({self._judged(node, criteria)}) "
            f"LEFT JOIN ({self._commonest(node)}) told USING ({keys}) "
            f"JOIN ({entropies(node, several=self.several)}) USING ({keys}) "
            f"JOIN ({self._distances(node)}) far USING ({keys}) WHERE kept"
        )
        if least is None:
            return None
        return Diversity(l=int(least), entropy=exp(float(entropy)), distance=float(distance))

    def kept(self, node: Node, criteria: Criteria) -> pa.Array:
        """Return the rows whose classes meet the criteria, as rising places from 0."""
        joined = " AND ".join(f"q{place}_{step} = k{place}" for place, step in enumerate(node))
        found = self._connection.sql(
            f"SELECT r FROM cells JOIN ({self._judged(node, criteria)}) ON {joined} "
            "WHERE kept ORDER BY r"
        ).to_arrow_table()
        return found["r"].combine_chunks()

    def column_losses(self, place: int) -> tuple[Fraction, ...]:
        """Return the mean loss of one column at each step, from 0 (as it is) to 1 (nothing).

        Source: the loss metric of Iyengar (2002): of a value that stands for m of M source
        values, (m - 1) / (M - 1).
        """
        column = self.columns[place]
        counts = {int(code): int(many) for code, many in self._all(
            f"SELECT q{place}_0, count(*) FROM cells GROUP BY ALL"
        )}  # fmt: skip
        most = max(column.distinct - 1, 1) * max(self.rows, 1)
        losses = (
            sum(counts.get(code, 0) * (same - 1) for code, same in enumerate(column.leaves(step)))
            for step in range(len(column.steps))
        )
        return tuple(Fraction(loss, most) for loss in losses)

    def _load_steps(self) -> None:
        """Store, for each column, the code at each step and how many others look like it."""
        for place, column in enumerate(self.columns):
            codes = {
                f"q{place}_{step}": pa.array(row, pa.int32())
                for step, row in enumerate(column.table)
            }
            self._store(f"step{place}", pa.table(codes))
            rows = {
                (step, code, same - 1)
                for step, table in enumerate(column.table)
                for code, same in zip(table, column.leaves(step), strict=True)
            }
            places, each, more = zip(*sorted(rows), strict=True) if rows else ((), (), ())
            loss = {"step": pa.array(places, pa.int32()), "code": pa.array(each, pa.int32())}
            self._store(f"loss{place}", pa.table(loss | {"more": pa.array(more, pa.int64())}))

    def _load(self, name: str, codes: Sequence[pa.Array], beside: dict[str, pa.Array]) -> None:
        named = {f"g{place}": code.cast(pa.int32()) for place, code in enumerate(codes)}
        self._store("given", pa.table(beside | named))
        joins = " ".join(
            f"JOIN step{place} ON g{place} = q{place}_0" for place, _ in enumerate(codes)
        )
        self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given {joins}")
        self._connection.execute("DROP TABLE given")

    def _store(self, name: str, table: pa.Table) -> None:
        self._connection.register("arrow", table)
        self._connection.execute(f"CREATE TABLE {name} AS SELECT * FROM arrow")
        self._connection.unregister("arrow")

    def _classes(self, node: Node) -> str:
        """Return a query for the classes: rows, units, units and values that are known."""
        counted = "count(DISTINCT u)" if self.several else "count(*)"
        known, values = counted, "1"
        if self.sensitive is not None:
            absent = self.sensitive.absent
            told = "" if absent is None else f" FILTER (WHERE s <> {absent:d})"
            known, values = f"{counted}{told}", f"greatest(1, count(DISTINCT s){told})"
        return (
            f"SELECT {steps(node)}, count(*) AS n, {counted} AS size, {known} AS known, "
            f"{values} AS different FROM cells GROUP BY ALL"
        )

    def _judged(self, node: Node, criteria: Criteria | None) -> str:
        classes = self._classes(node)
        if criteria is None:
            return f"SELECT *, true AS kept FROM ({classes})"
        kept, joins = [self._may_meet(criteria)], ""
        if self.sensitive is not None and criteria.l > 1:
            kept.append(f"most * {criteria.l} <= known")
            joins += f" LEFT JOIN ({self._commonest(node)}) USING ({listed(node)})"
        if self.sensitive is not None and criteria.t is not None:
            kept.append(f"distance <= {criteria.t!r}")
            joins += f" JOIN ({self._distances(node)}) USING ({listed(node)})"
        return f"SELECT *, {' AND '.join(kept)} AS kept FROM ({classes}){joins}"

    def _may_meet(self, criteria: Criteria) -> str:
        least = criteria.l if self.sensitive is not None else 1
        return f"size >= {criteria.k} AND different >= {least}"

    def _commonest(self, node: Node) -> str:
        absent = None if self.sensitive is None else self.sensitive.absent
        return commonest(node, absent, several=self.several)

    def _distances(self, node: Node) -> str:
        """Earth mover's distance of each class; Li (2007), sections 4.1 and 4.2."""
        absent = None if self.sensitive is None else self.sensitive.absent
        ordered = self.sensitive is not None and self.sensitive.distance == "ordered"
        return distances(node, absent, ordered=ordered, several=self.several)

    def _one(self, sql: str) -> tuple[Any, ...]:
        (row,) = self._all(sql)
        return row

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()
