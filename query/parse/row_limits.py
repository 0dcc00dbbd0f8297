"""How many rows of one unit there are at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from sqlglot import exp

from query.expressions import Call, ColumnRef, Expression, Literal
from query.parse.pairing import conjuncts
from query.parse.scopes import Scope, Source
from query.parse.sqltext import refusal
from query.relations import Derived, Filter, Grouped, Join, JoinKind, Relation, Scan, Union

__all__ = ["ROW_NUMBER_OF_UNIT", "capped", "most_groups", "numbered_rows", "row_limit"]

ROW_NUMBER_OF_UNIT = "over_row_number_of_unit"
"""Name of ROW_NUMBER over all rows of a unit."""


MAX_JOINED_ROWS = 20_000_000
"""Rows that one SELECT may join of one unit: more would let time and memory tell of that unit."""
FEWEST_ROWS = 25
"""Rows of each table that a join leaves at least; with fewer it is refused."""
FEW_ROWS = 1000
"""Proved numbers of rows up to this are left alone."""


_CAPPED = "rows of one unit are read of each table that is joined"


def capped(relation: Relation, node: exp.Expr) -> Relation:
    """Bound the rows that joins make of one unit, by reading the first rows of each table only.

    Which rows are first is decided by a keyed order of the unit's own rows, so it does not depend
    on other units.

    Raises:
        UnsupportedQueryError: If too few rows of each table would be left.
    """
    known, unknown = _factors(relation)
    if not isinstance(relation, Join) or known * FEW_ROWS**unknown <= FEW_ROWS:
        return relation
    rows = int((MAX_JOINED_ROWS / known) ** (1 / max(unknown, 1)))
    if rows < FEWEST_ROWS:
        raise refusal(
            node,
            "these joins could make more than twenty million rows of one unit",
            "join fewer tables at once: aggregate each per unit first, or take DISTINCT rows",
            "SQL-JOIN",
        )
    return _with_cap(relation, rows)


def _factors(relation: Relation) -> tuple[int, int]:  # noqa: PLR0911  one for each kind
    """Return the product of the proved numbers of rows of a unit, and how many are not proved."""
    match relation:
        case Join():
            known, unknown = _factors(relation.left)
            if relation.finds_one:
                return known, unknown
            more, others = _factors(relation.right)
            return known * more, unknown + others
        case _ if relation.max_rows is not None and relation.max_rows <= FEW_ROWS:
            return relation.max_rows, 0
        case Filter() | Derived() | Grouped():
            return _factors(relation.source)
        case Union():
            parts = [_factors(part) for part in relation.parts]
            return sum(known for known, _ in parts), max(unknown for _, unknown in parts)
        case Scan(unit=None):
            return 1, 0
        case Scan(proved_rows=None):
            return 1, 1
        case _:
            return relation.max_rows or 1, 0


def _with_cap(relation: Relation, rows: int) -> Relation:
    match relation:
        case Join():
            left = _with_cap(relation.left, rows)
            right = relation.right if relation.finds_one else _with_cap(relation.right, rows)
            notes = tuple(note for note in relation.notes if not note.endswith(_CAPPED))
            note = f"at most {rows:,} {_CAPPED}"
            return replace(relation, left=left, right=right, notes=(*notes, note))
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


def most_groups(keys: Iterable[Expression], rows: int | None) -> int | None:
    """Return how many groups the rows of one unit are in at most, or None.

    Args:
        keys: Group keys.
        rows: Rows of one unit at most.
    """
    proved = 1
    for key in keys:
        if key.domain.unit_constant:
            continue
        size = key.domain.size()
        if size is None:
            return rows
        proved *= size + key.domain.nullable
    return proved if rows is None else min(proved, rows)


def numbered_rows(condition: Expression, names: Callable[[Expression], bool]) -> int | None:
    """Return how many rows of a unit pass ``ROW_NUMBER() … <= n`` over all of its rows, or None.

    Args:
        condition: One that must be true.
        names: Says whether an expression is such a number.
    """
    if not isinstance(condition, Call) or condition.name not in {"eq", "le", "lt"}:
        return None
    left, right = condition.args
    value = right.value if isinstance(right, Literal) else None
    if not names(left) or not isinstance(value, int) or isinstance(value, bool):
        return None
    return 1 if condition.name == "eq" else max(value - (condition.name == "lt"), 1)


def row_limit(scope: Scope, relation: Relation, condition: Expression) -> int | None:
    """Return how many rows of a unit pass a condition that asks for the first rows of a source.

    Each joined row has one row of each source, so there are at most as many as their product.
    """
    product = 1
    for source in scope.sources:
        numbers = [
            numbered_rows(part, partial(_is_number_of, source)) for part in conjuncts(condition)
        ]
        known = [one for one in (*numbers, source.relation.max_rows) if one is not None]
        if not known:
            return None
        product *= min(known)
    return product if _is_inner(relation) else None


def _is_number_of(source: Source, expression: Expression) -> bool:
    if not isinstance(expression, ColumnRef) or expression.alias != source.alias:
        return False
    return isinstance(expression.origin, Call) and expression.origin.name == ROW_NUMBER_OF_UNIT


def _is_inner(relation: Relation) -> bool:
    if not isinstance(relation, Join):
        return not isinstance(relation, Filter) or _is_inner(relation.source)
    return relation.kind in {JoinKind.INNER, JoinKind.LEFT} and _is_inner(relation.left)
