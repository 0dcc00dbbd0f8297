"""A scalar sub-query whose one value is released."""

from __future__ import annotations

from sqlglot import exp

from query.expressions import Single
from query.parse.outcomes import Released
from query.parse.scopes import Scope
from query.parse.sqltext import refusal

__all__ = ["single_of"]


def single_of(node: exp.Expr, scope: Scope) -> Single | None:
    """Return the released value that a sub-query stands for, or None where the node is none.

    Raises:
        UnsupportedQueryError: If it does not have one released value.
    """
    if not isinstance(node, exp.Subquery | exp.Select):
        return None
    query = node.this if isinstance(node, exp.Subquery) else node
    key = (query.sql(dialect="duckdb"), *(id(one.query) for one in scope.ctes.values()))
    found = scope.names.released.get(key)
    if found is None:
        read = scope.names.read(query, scope.ctes, None, scope.names)
        if not isinstance(read, Released):
            raise refusal(
                node,
                "a sub-query beside aggregates reads rows and does not aggregate over all units",
                "aggregate in it, or move it into WHERE or an aggregate",
                "SQL-SUBQUERY",
            )
        found = scope.names.released.setdefault(key, read)  # written twice, it is measured once
    if len(found.columns) != 1 or found.table.max_rows > 1:
        raise refusal(
            node,
            "a sub-query used as a value has more than one column, or may have more than one row",
            "select one aggregate in it without GROUP BY, or join it",
            "SQL-SUBQUERY",
        )
    return Single(table=found.table, domain=found.columns[0][1])
