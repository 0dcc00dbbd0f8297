"""Joins that could make very many rows of one unit read the first rows of each table only.

Else time and memory would tell of a unit with many rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from query.parse.scopes import Scope
from query.parse.sqltext import refusal
from query.relations import Derived, Filter, Grouped, Join, Relation, Scan, Union

__all__ = ["capped", "capped_inside"]

MAX_JOINED_ROWS = 2_000_000
"""Rows that one SELECT may join of one unit: more would let time and memory tell of that unit.

Measured with windows, patterns and texts over that many pairs of one unit: 0.04 to 2.7 s on two
cores, so that an answer leaves at 4 s at the latest; at ten times as many it took up to 36 s.
"""
FEWEST_ROWS = 25
"""Rows of each table that a join leaves at least; with fewer it is refused."""
FEW_ROWS = 1000
"""Proved numbers of rows up to this are left alone."""


@dataclass(frozen=True, slots=True)
class _Size:
    """How many rows of one unit there may be: a product.

    Attributes:
        known: Of all proved numbers.
        unknown: How many numbers are not proved.
        lists: How many public tables stand in it that are not looked up by a key.
    """

    known: int = 1
    unknown: int = 0
    lists: int = 0

    def times(self, other: _Size) -> _Size:
        """Return the size of all pairs."""
        return _Size(
            self.known * other.known, self.unknown + other.unknown, self.lists + other.lists
        )

    @property
    def proved(self) -> int:
        """The proved part; one list is as long as it is, all others count for ``FEW_ROWS``."""
        return int(self.known * FEW_ROWS ** max(self.lists - 1, 0))


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
    return _held(relation, _size(relation), node) if isinstance(joined, Join) else relation


def capped_inside(relation: Relation, scope: Scope | None, node: exp.Expr) -> Relation:
    """Bound the rows of a sub-query that is computed anew for rows of the SELECTs around it.

    Args:
        relation: Of the sub-query.
        scope: The SELECT around it.
        node: Where it stands.

    Raises:
        UnsupportedQueryError: If too few rows of each table would be left.
    """
    size = _size(relation)
    while scope is not None:
        size = size if scope.joined is None else size.times(_size(scope.joined))
        scope = scope.parent
    return _held(relation, size, node)


def _held(relation: Relation, size: _Size, node: exp.Expr) -> Relation:
    if size.proved * FEW_ROWS**size.unknown <= FEW_ROWS:
        return relation
    rows = int((MAX_JOINED_ROWS / size.proved) ** (1 / max(size.unknown, 1)))
    if rows < FEWEST_ROWS:
        raise refusal(
            node,
            "these joins could make more than two million rows of one unit",
            "join fewer tables at once: aggregate each per unit first, take DISTINCT rows, or look "
            "public tables up by their key",
            "SQL-JOIN",
        )
    return _with_cap(relation, rows)


def _size(relation: Relation) -> _Size:  # noqa: PLR0911  one for each kind
    match relation:
        case Join():
            left = _size(relation.left)
            return left if relation.finds_one else left.times(_size(relation.right))
        case _ if relation.max_rows is not None and relation.max_rows <= FEW_ROWS:
            return _Size(relation.max_rows)
        case Filter() | Derived() | Grouped():
            return _size(relation.source)
        case Union():
            parts = [_size(part) for part in relation.parts]
            return _Size(
                sum(one.known for one in parts),
                max(one.unknown for one in parts),
                max(one.lists for one in parts),
            )
        case Scan(unit=None):
            return _Size(lists=1)
        case Scan(proved_rows=None):
            return _Size(unknown=1)
        case _:
            return _Size(relation.max_rows or 1)


def _with_cap(relation: Relation, rows: int) -> Relation:
    match relation:
        case Join():
            left = _with_cap(relation.left, rows)
            right = relation.right if relation.finds_one else _with_cap(relation.right, rows)
            return replace(relation, left=left, right=right)
        case Scan() if relation.unit is not None and relation.proved_rows is None:
            return replace(relation, cap=min(rows, relation.cap or rows))
        case _ if relation.max_rows is not None and relation.max_rows <= FEW_ROWS:
            return relation
        case Filter() | Derived() | Grouped():
            return replace(relation, source=_with_cap(relation.source, rows))
        case Union():
            parts = tuple(
                replace(part, source=_with_cap(part.source, rows)) for part in relation.parts
            )
            return replace(relation, parts=parts)
        case _:
            return relation
