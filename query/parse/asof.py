"""ASOF joins: each row meets the nearest row of the other side, and which one is settled."""

from __future__ import annotations

from sqlglot import exp

from query.parse.pairing import and_parts
from query.parse.sqltext import refusal

__all__ = ["single_neighbors"]

_NEAR = (exp.GTE, exp.GT, exp.LTE, exp.LT)


def single_neighbors(node: exp.Join) -> None:
    """Keep one of the right rows that tie in all that the join compares.

    The engine would take any of them. What is compared by equality and by the one inequality is
    the key of ROW_NUMBER, which tells the rest apart in an order of our own.

    Raises:
        UnsupportedQueryError: If the condition is not equalities and one inequality.
    """
    if node.args.get("on") is None or not node.this.alias_or_name:
        raise _unclear(node)
    name = node.this.alias_or_name
    parts = list(and_parts(node.args["on"]))
    near = sum(isinstance(part, _NEAR) for part in parts)
    if near != 1 or not all(isinstance(part, (*_NEAR, exp.EQ)) for part in parts):
        raise _unclear(node)
    keys = [_side(part, name, node).copy() for part in parts]
    number = exp.Window(this=exp.RowNumber(), partition_by=keys, over="OVER")
    first = exp.EQ(this=number, expression=exp.Literal.number(1))
    inner = exp.Select(expressions=[exp.Star()], from_=exp.From(this=node.this.copy()))
    inner.set("qualify", exp.Qualify(this=first))
    inner.meta.update(node.this.meta)
    alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    node.set("this", exp.Subquery(this=inner, alias=alias))


def _side(part: exp.Expr, name: str, node: exp.Join) -> exp.Expr:
    """Return the side of a comparison that is over the right table; the other is over others."""
    sides: tuple[exp.Expr, exp.Expr] = (part.left, part.right)  # type: ignore[attr-defined]  # comparisons have sides
    for side, other in (sides, sides[::-1]):
        others = _tables(other)
        if _tables(side) == {name.lower()} and others and name.lower() not in others:
            return side
    raise _unclear(node)


def _tables(side: exp.Expr) -> set[str]:
    return {column.table.lower() for column in side.find_all(exp.Column)}


def _unclear(node: exp.Expr) -> Exception:
    return refusal(
        node,
        "an ASOF join needs ON with equalities and one inequality, each of columns with the names "
        "of their tables",
        "write ASOF JOIN b ON a.unit = b.unit AND a.date >= b.date",
        "SQL-JOIN",
    )
