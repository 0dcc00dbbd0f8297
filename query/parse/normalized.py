"""One form for what SQL writes in several."""

from __future__ import annotations

from sqlglot import exp

from query.parse.longhand import longhand
from query.parse.pivots import without_pivots
from query.parse.shorthand import spelled_out

__all__ = ["HISTOGRAM", "normalized"]

HISTOGRAM = "histogram"


def normalized(statement: exp.Expr) -> exp.Expr:
    """Return the tree with what has several forms in the one that the parser reads."""
    without_pivots(statement)
    for select in list(statement.find_all(exp.Select)):
        _inline_windows(select)
        spelled_out(select)
    for node in reversed(list(statement.walk())):  # what is inside comes first
        made = _normal(node)
        if made is not node:
            node.replace(made)
    return statement


def _inline_windows(select: exp.Select) -> None:
    """Write out what ``WINDOW name AS (…)`` names."""
    named = {one.name.lower(): one for one in select.args.pop("windows", None) or ()}
    for window in list(select.find_all(exp.Window)) if named else ():
        name = window.args.get("alias")
        definition = named.get(name.name.lower()) if isinstance(name, exp.Identifier) else None
        if definition is None or window.parent_select is not select:
            continue
        window.set("alias", None)
        for part in ("partition_by", "order", "spec"):
            value = definition.args.get(part)
            if value is not None and not window.args.get(part):
                copied = [one.copy() for one in value] if isinstance(value, list) else value.copy()
                window.set(part, copied)


def _normal(node: exp.Expr) -> exp.Expr:
    made: exp.Expr = node
    match node:
        case exp.Anonymous() if str(node.this).lower() == "mean" and len(node.expressions) == 1:
            made = exp.Avg(this=node.expressions[0])
        case exp.WithinGroup(this=exp.PercentileCont() | exp.PercentileDisc() as inner):
            order = node.expression
            plain = isinstance(order, exp.Order) and len(order.expressions) == 1
            if plain and not order.expressions[0].args.get("desc"):
                made = type(inner)(this=order.expressions[0].this, expression=inner.this)
        case _:
            made = longhand(node)
    if made is not node:
        made.meta.update(node.meta)
    return made
