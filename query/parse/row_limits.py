"""How many rows of one unit there are at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from query.expressions import Call, ColumnRef, Expression, Literal, conjuncts
from query.parse.named import Source
from query.parse.scopes import Scope
from query.relations import Filter, Join, JoinKind, Relation

__all__ = ["ROW_NUMBER_OF_UNIT", "most_groups", "numbered_rows", "row_limit"]

ROW_NUMBER_OF_UNIT = "over_row_number_of_unit"
"""Name of ROW_NUMBER over all rows of a unit."""


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
    return relation.kind not in {JoinKind.RIGHT, JoinKind.FULL} and _is_inner(relation.left)
