"""Group keys: all values of a public domain are released, of a private one those of many units."""

from __future__ import annotations

from sqlglot import exp

from query.domains import Kind
from query.expressions import Expression
from query.parse.sqltext import position_of, refusal
from query.question import GroupKey

__all__ = ["MAX_VALUES", "group_key"]

MAX_VALUES = 1_000_000


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
    has_null = domain.nullable and domain.keeps_nulls
    return GroupKey(
        expression=expression,
        size=0 if size is None or size > MAX_VALUES else size + has_null,
        has_null=has_null,
        position=position_of(node),
    )
