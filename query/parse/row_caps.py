"""Joins that could make very many rows of one unit read the first rows of each table only.

Else time and memory would tell of a unit with many rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from sqlglot import exp

from query.expressions import Expression, SubQuery, walk
from query.parse.scopes import Scope
from query.parse.sqltext import refusal
from query.question import Question, before_noise
from query.relations import Derived, Filter, Grouped, Join, Relation, Scan, Union, rows_of
from query.traversal import expressions_of, sources

__all__ = ["capped", "capped_inside", "check_together", "held_union", "multiplied_rows"]

MAX_JOINED_ROWS = 250_000
"""Rows that one SELECT may join of one unit: more would let time and memory tell of that unit.

With windows, patterns and texts over two million pairs of one unit a statement took 0.04 to 2.7 s
on two cores, and some took all memory; an eighth of the pairs takes an eighth of that.
"""
MAX_ROWS_TOGETHER = 2 * MAX_JOINED_ROWS
"""Rows that all SELECTs of a statement may join of one unit: their times add up."""
MAX_WRITTEN_ROWS = 10_000
"""Pairs of rows that the researcher wrote, in lists and series: those multiply any unit's rows,
also where its own are few."""
FEWEST_ROWS = 20
"""Rows of each table that a join leaves at least; with fewer it is refused."""
FEW_ROWS = 1000
"""Rows that are left alone; a public table that no key looks up counts for as many."""


@dataclass(frozen=True, slots=True)
class _Size:
    """How many rows of one unit there may be: a product.

    Attributes:
        rows: Of everything that has a bound.
        lists: How many public tables stand in it that are not looked up by a key.
        written: Of the rows that the researcher wrote.
    """

    rows: int = 1
    lists: int = 0
    written: int = 1

    def times(self, other: _Size) -> _Size:
        """Return the size of all pairs."""
        return _Size(self.rows * other.rows, self.lists + other.lists, self.written * other.written)

    @property
    def total(self) -> int:
        """Rows in all; one list is as long as it is, all others count for ``FEW_ROWS``."""
        return int(self.rows * FEW_ROWS ** max(self.lists - 1, 0))


def capped(relation: Relation, node: exp.Expr) -> Relation:
    """Bound the rows that joins make of one unit, by reading the first rows of each table only.

    Which rows are first is decided by a keyed order of the unit's own rows, so it does not depend
    on other units.

    Raises:
        UnsupportedQueryError: If too few rows of each table would be left.
    """
    joined = relation
    while isinstance(joined, Filter):  # of SEMI and ANTI joins
        joined = joined.source
    return _held(relation, [relation], node) if isinstance(joined, Join) else relation


def held_union(union: Union, node: exp.Expr) -> Union:
    """Bound the rows that joins make in all parts of a union together, as ``capped`` does in one.

    Raises:
        UnsupportedQueryError: If too few rows of each table would be left, or the parts multiply
            written rows.
    """
    _check_written(_size(union, FEW_ROWS), node)
    joined = [part for part in union.parts if multiplied_rows(part)]
    if multiplied_rows(union) <= MAX_JOINED_ROWS:
        return union
    fits = _fitting(lambda rows: sum(_size(part, rows).total for part in joined), node)
    parts = tuple(_part_with_cap(part, fits) if part in joined else part for part in union.parts)
    return replace(union, parts=parts)


def check_together(questions: Iterable[Question], node: exp.Expr) -> None:
    """Check what all joins of a statement make of one unit, each of which may make the most.

    Raises:
        UnsupportedQueryError: If they may make too many rows together.
    """
    rows = 0
    for question in questions:
        rows += _rows_together(question.relation) + _rows_inside(before_noise(question))
    if rows > MAX_ROWS_TOGETHER:
        raise refusal(
            node,
            f"all joins here together could make more than {MAX_ROWS_TOGETHER:,} rows of one unit",
            "join in fewer SELECTs, or aggregate each table per unit first",
            "SQL-JOIN",
        )


def _rows_together(relation: Relation, *, in_join: bool = False) -> int:
    """Return how many rows joins make of one unit in all SELECTs of a relation; one FROM is one."""
    is_join = isinstance(relation, Join)
    goes_on = is_join or (in_join and isinstance(relation, Filter))  # of SEMI and ANTI joins
    rows = sum(_rows_together(one, in_join=goes_on) for one in sources(relation))
    rows += _rows_inside(expressions_of(relation))
    if not is_join or in_join or not multiplied_rows(relation):
        return rows
    return rows + _size(relation, FEW_ROWS).total


def _rows_inside(expressions: Iterable[Expression]) -> int:
    """Return how many rows joins make of one unit in the sub-queries of expressions."""
    parts = (part for one in expressions for part in walk(one))
    return sum(_rows_together(rows_of(part)) for part in parts if isinstance(part, SubQuery))


def multiplied_rows(relation: Relation) -> int:
    """Return how many rows a join may make of one unit; 0 where rows stand as they are stored."""
    match relation:
        case Join() if relation.finds_one or relation.repeats_none:
            return multiplied_rows(relation.left)
        case Join() if relation.left.unit is not None and relation.left.max_rows == 1:
            return multiplied_rows(relation.right)
        case Join():
            return _size(relation, FEW_ROWS).total
        case Filter() | Derived() | Grouped():
            inside, proved = multiplied_rows(relation.source), relation.max_rows
            return inside if proved is None else min(inside, proved)
        case Union():
            return sum(map(multiplied_rows, relation.parts))
        case _:
            return 0


def capped_inside(relation: Relation, scope: Scope | None, node: exp.Expr) -> Relation:
    """Bound the rows of a sub-query that is computed anew for rows of the SELECTs around it.

    Args:
        relation: Of the sub-query.
        scope: The SELECT around it.
        node: Where it stands.

    Raises:
        UnsupportedQueryError: If too few rows of each table would be left.
    """
    multiplied = [relation]
    while scope is not None:
        multiplied += [] if scope.joined is None else [scope.joined]
        scope = scope.parent
    return _held(relation, multiplied, node)


def _held(relation: Relation, multiplied: Sequence[Relation], node: exp.Expr) -> Relation:
    """Read as many rows of each table as keep all that is multiplied within the limit."""

    def size(rows: int) -> _Size:
        return reduce(_Size.times, (_size(one, rows) for one in multiplied))

    def total(rows: int) -> int:
        return size(rows).total

    _check_written(size(FEW_ROWS), node)
    if total(FEW_ROWS) <= FEW_ROWS:
        return relation
    return _with_cap(relation, _fitting(total, node))


def _fitting(total: Callable[[int], int], node: exp.Expr) -> int:
    """Return how many rows of each table may be read, given how many that makes in all."""
    fits = bisect_right(range(MAX_JOINED_ROWS + 1), MAX_JOINED_ROWS, key=total) - 1
    if fits < FEWEST_ROWS:
        raise refusal(
            node,
            f"these joins could make more than {MAX_JOINED_ROWS:,} rows of one unit",
            "join fewer tables at once: aggregate each per unit first, take DISTINCT rows, or look "
            "public tables up by their key",
            "SQL-JOIN",
        )
    return fits


def _check_written(size: _Size, node: exp.Expr) -> None:
    if size.written > MAX_WRITTEN_ROWS:
        raise refusal(
            node,
            f"the lists and series here make more than {MAX_WRITTEN_ROWS:,} rows of one row",
            "write shorter ones",
            "SQL-JOIN",
        )


def _size(relation: Relation, rows: int) -> _Size:
    """Return how many rows there may be if so many are read of each table; more rows, no fewer."""
    match relation:
        case Join():
            left = _size(relation.left, rows)
            found = left if relation.finds_one else left.times(_size(relation.right, rows))
        case Filter() | Derived() | Grouped():
            found, proved = _size(relation.source, rows), relation.max_rows
            if proved is not None and proved < found.total:
                found = _Size(proved, written=min(found.written, proved))
        case Union():
            parts = [_size(part, rows) for part in relation.parts]
            found = _Size(
                sum(one.rows for one in parts),
                max(one.lists for one in parts),
                sum(one.written for one in parts),
            )
        case Scan(unit=None):
            found = _Size(lists=1)
        case Scan():
            found = _Size(rows if relation.max_rows is None else min(rows, relation.max_rows))
        case _:  # what the researcher wrote
            found = _Size(relation.max_rows, written=relation.max_rows)
    return found


def _with_cap(relation: Relation, rows: int) -> Relation:
    match relation:
        case _ if relation.max_rows is not None and relation.max_rows <= rows:
            return relation
        case Join():
            left = _with_cap(relation.left, rows)
            right = relation.right if relation.finds_one else _with_cap(relation.right, rows)
            return replace(relation, left=left, right=right)
        case Scan() if relation.unit is not None:
            return replace(relation, cap=rows)
        case Filter() | Derived() | Grouped():
            return replace(relation, source=_with_cap(relation.source, rows))
        case Union():
            parts = tuple(_part_with_cap(part, rows) for part in relation.parts)
            return replace(relation, parts=parts)
        case _:
            return relation


def _part_with_cap(part: Derived, rows: int) -> Derived:
    return replace(part, source=_with_cap(part.source, rows))
