"""LATERAL: sub-queries of one row for each row before them, so each column is a value."""

from __future__ import annotations

from sqlglot import exp

from query.expressions import Expression
from query.parse.items import items_of
from query.parse.leaves import exists, value_of
from query.parse.scopes import Scope
from query.parse.shorthand import take_first
from query.parse.sqltext import only, refusal

__all__ = ["lateral"]


def lateral(node: exp.Join, scope: Scope) -> Expression | None:
    """Make the columns of a LATERAL sub-query visible.

    Returns:
        What must be true of the rows before it for them to stay; None where all stay.

    Raises:
        UnsupportedQueryError: If it may have several rows, or joins otherwise than by ON TRUE.
    """
    found, select = node.this, node.this.this
    only(found, "this", "alias")
    only(node, "this", "on", "side", "kind", "method")
    select = select.unnest() if isinstance(select, exp.Subquery) else select
    on = node.args.get("on")
    always = on is None or (isinstance(on, exp.Boolean) and on.this)
    known = always and node.side in {"", "LEFT"} and not node.method and found.alias
    if not (isinstance(select, exp.Select) and known):
        raise refusal(
            node,
            "this form of LATERAL is not supported",
            "write JOIN LATERAL (SELECT …) AS l ON TRUE",
            "SQL-JOIN",
        )
    picks = select.args.get("limit") is not None
    single = select.copy()
    if picks:
        _check_first(select)
        take_first(single)
    names = [name for name, _ in items_of(select).pairs]
    given = [one.name for one in found.args["alias"].args.get("columns") or ()]
    if len(given) > len(names) or any(item.is_star for item in select.expressions):
        raise refusal(
            found, "LATERAL gives other columns than are named", "list its columns", "SQL-NAME"
        )
    names[: len(given)] = given
    items = (item for _, item in items_of(single).pairs)
    scope.laterals[found.alias.lower()] = {
        name.lower(): _column(single, item, scope) for name, item in zip(names, items, strict=True)
    }
    if not picks or node.side == "LEFT":
        return None
    any_row = select.copy()
    for part in ("limit", "order"):
        any_row.set(part, None)
    return exists(any_row, scope)


def _check_first(select: exp.Select) -> None:
    limit = select.args["limit"]
    first = isinstance(limit, exp.Limit) and limit.expression.name == "1"
    if not first or any(
        select.args.get(part) for part in ("offset", "group", "distinct", "qualify")
    ):
        raise refusal(
            limit,
            "LATERAL gives at most one row here",
            "write ORDER BY … LIMIT 1, or join the rows and number them: QUALIFY ROW_NUMBER() OVER "
            "(PARTITION BY unit ORDER BY …) <= n",
            "SQL-LIMIT",
        )


def _column(select: exp.Select, item: exp.Expr, scope: Scope) -> Expression:
    one = select.copy()
    one.set("expressions", [item.copy()])
    return value_of(exp.Subquery(this=one), scope)
