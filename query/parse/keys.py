"""Group keys: all values of a public domain are released, of a private one those of many units."""

from __future__ import annotations

from sqlglot import exp

from query.domains import Kind
from query.expressions import ColumnRef, Expression, Literal, children
from query.parse.sqltext import position_of, refusal
from query.question import GroupKey

__all__ = ["MAX_VALUES", "group_key"]

MAX_VALUES = 1_000_000


def keeps_nulls(expression: Expression) -> bool:
    """Say whether NULL is a group: where a column says so, an outer join or a CASE made it."""
    return _keeps_nulls(expression, set())


def _keeps_nulls(expression: Expression, seen: set[tuple[str, str]]) -> bool:
    """Look into each computed column once; what was seen had no NULLs to keep."""
    match expression:
        case ColumnRef() if expression.origin is None or expression.domain.keeps_nulls:
            return expression.domain.keeps_nulls
        case ColumnRef(alias=alias, column=column) if expression.origin is not None:
            if (alias, column) in seen:
                return False
            seen.add((alias, column))
            return _keeps_nulls(expression.origin, seen)
        case Literal():
            return expression.value is None
        case _:
            return any(_keeps_nulls(child, seen) for child in children(expression))


def group_key(expression: Expression, node: exp.Expr) -> GroupKey:
    """Return the key with its domain, which is empty where no finite public one is known.

    Raises:
        UnsupportedQueryError: If it is a privacy unit or another opaque key.
    """
    domain = expression.domain
    if domain.kind is Kind.KEY:
        raise refusal(
            node,
            "groups of one privacy unit or key are not released",
            "group by a column with a public domain",
            "SQL-GROUP",
        )
    size = domain.size()
    has_null = domain.nullable and keeps_nulls(expression)
    return GroupKey(
        expression=expression,
        size=0 if size is None or size > MAX_VALUES else size + has_null,
        has_null=has_null,
        position=position_of(node),
    )
