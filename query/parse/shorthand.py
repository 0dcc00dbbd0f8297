"""Clauses that say in few words what others say in more."""

from __future__ import annotations

from sqlglot import exp

__all__ = ["spelled_out", "take_first"]


def spelled_out(select: exp.Select) -> None:
    """Write a SELECT's FROM-first joins and DISTINCT ON as JOIN and QUALIFY."""
    start = select.args.get("from_")
    first = None if start is None else start.this
    if first is not None and first.args.get("joins"):
        select.set("joins", [*first.args.pop("joins"), *(select.args.get("joins") or [])])
    _unnested(select)
    _distinct_on(select)
    _first_of_unit(select)


def _unnested(select: exp.Select) -> None:
    """Move UNNEST of a SELECT without FROM into FROM."""
    lists = [one for item in select.expressions for one in item.find_all(exp.Explode)]
    if select.args.get("from_") is None and len(lists) == 1:
        name = exp.to_identifier("unnest")
        alias = exp.TableAlias(this=exp.to_identifier("unnest"), columns=[name])
        rows = exp.Unnest(expressions=[lists[0].this], alias=alias)
        rows.meta.update(lists[0].meta)
        column = exp.column("unnest")
        lists[0].replace(column)
        select.set("from_", exp.From(this=rows))


def _distinct_on(select: exp.Select) -> None:
    """Keep the first row for each value of DISTINCT ON, by ROW_NUMBER."""
    distinct = select.args.get("distinct")
    on = None if distinct is None else distinct.args.get("on")
    if on is None or any(select.args.get(part) for part in ("qualify", "limit", "offset")):
        return
    listed = on.expressions if isinstance(on, exp.Tuple) else [on]
    keys = [_meant(one, select) for one in listed]
    number = exp.Window(this=exp.RowNumber(), partition_by=keys, over="OVER")
    order = _sorting(select)
    if order is not None:
        number.set("order", order)
    number.meta.update(on.meta)
    condition = exp.EQ(this=number, expression=exp.Literal.number(1))
    select.set("qualify", exp.Qualify(this=condition))
    select.set("distinct", None)
    select.set("order", None)


def _first_of_unit(select: exp.Select) -> None:
    """Write ``(SELECT x … ORDER BY d LIMIT 1)`` as ``(SELECT FIRST(x ORDER BY d) …)``.

    Only where it is a value, or where EXISTS asks whether there is one.
    """
    limit = select.args.get("limit")
    written = limit.expression if isinstance(limit, exp.Limit) else None
    if not isinstance(written, exp.Literal) or written.is_string or written.this in {"", "0"}:
        return
    if isinstance(select.parent, exp.Exists) and not select.args.get("offset"):
        select.set("limit", None)
        select.set("order", None)
        return
    more = ("offset", "group", "distinct", "having", "qualify")
    if (
        written.this != "1"
        or not _is_value(select)
        or any(select.args.get(part) for part in more)
        or len(select.expressions) != 1
    ):
        return
    take_first(select)


def _is_value(select: exp.Select) -> bool:
    """Say whether a SELECT stands where one value is meant."""
    around = select.parent
    if not isinstance(around, exp.Subquery) or around.alias:
        return False
    places = (exp.From, exp.Join, exp.Lateral, exp.CTE, exp.In, exp.SetOperation, exp.Exists)
    return not isinstance(around.parent, (*places, exp.Subquery, type(None)))


def take_first(select: exp.Select) -> None:
    """Take the first row's values: each column becomes FIRST of it in the order of the SELECT."""
    order = _sorting(select)
    for item in list(select.expressions):
        value = item.this if isinstance(item, exp.Alias) else item
        if value.find(exp.AggFunc) is None:
            inner = value.copy()
            if order is not None:
                inner = exp.Order(this=inner, expressions=[one.copy() for one in order.expressions])
            first = exp.First(this=inner)
            name = item.alias or (value.name if isinstance(value, exp.Column) else "")
            item.replace(exp.alias_(first, name) if name else first)
    select.set("limit", None)
    select.set("order", None)


def _sorting(select: exp.Select) -> exp.Order | None:
    """Return a copy of ORDER BY, with ordinals followed."""
    order = select.args.get("order")
    if order is None:
        return None
    order = order.copy()
    for item in order.expressions:
        item.set("this", _meant(item.this, select))
    return order  # type: ignore[no-any-return]  # a copy of the same kind


def _meant(node: exp.Expr, select: exp.Select) -> exp.Expr:
    """Follow an ordinal, or a name that the SELECT itself gives."""
    found: exp.Expr | None = None
    if isinstance(node, exp.Literal) and node.this.isdigit():
        place = int(node.this) - 1
        found = select.expressions[place] if 0 <= place < len(select.expressions) else None
    elif isinstance(node, exp.Column) and not node.table:
        aliases = (one for one in select.expressions if isinstance(one, exp.Alias))
        found = next((one for one in aliases if one.alias.lower() == node.name.lower()), None)
    if found is None:
        return node.copy()
    return (found.this if isinstance(found, exp.Alias) else found).copy()
