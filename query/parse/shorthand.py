"""Expressions and clauses that say in few words what others say in more."""

from __future__ import annotations

from datetime import datetime, time
from functools import reduce

from sqlglot import exp

__all__ = ["longhand", "spelled_out"]

_INTERVALS = {"to_seconds", "to_minutes", "to_hours", "to_weeks", "to_months", "to_years"}
_ADDS = frozenset({"dateadd", "date_add", "timestampadd"})
_ADD_ARGUMENTS = 3


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
        if select.expressions == lists:
            lists[0].replace(exp.alias_(column, "unnest"))
        else:
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
        or not is_value(select)
        or any(select.args.get(part) for part in more)
        or len(select.expressions) != 1
    ):
        return
    take_first(select)


def is_value(select: exp.Select) -> bool:
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


def longhand(  # noqa: C901, PLR0911  one for each kind
    node: exp.Expr,
) -> exp.Expr:
    """Return an expression in its common form; the same node where it is in that already."""
    match node:
        case exp.Like() | exp.ILike() | exp.EQ() if isinstance(node.expression, exp.Any):
            return _any_of(node)
        case exp.ArrayContains(this=exp.Array() as listed):
            return exp.In(this=node.expression, expressions=listed.expressions)
        case exp.Between() if node.args.get("symmetric"):
            one, other = node.args["low"], node.args["high"]
            sides = [exp.Between(this=node.this.copy(), low=low.copy(), high=high.copy())
                     for low, high in ((one, other), (other, one))]  # fmt: skip
            return exp.paren(exp.or_(*sides), copy=False)
        case exp.Bracket():
            return _element(node)
        case exp.ApproxDistinct():
            return exp.Count(this=exp.Distinct(expressions=[node.this]))
        case exp.ApproxQuantile():
            return exp.PercentileCont(this=node.this, expression=node.args["quantile"])
        case exp.ToDays():
            return exp.Interval(this=node.this, unit=exp.var("DAY"))
        case exp.AddMonths():
            return exp.DateAdd(this=node.this, expression=node.expression, unit=exp.var("MONTH"))
        case exp.StrToTime():
            return _written_date(node, node.this, node.args.get("format"))
        case exp.Anonymous():
            return _named(node)
        case _:
            return node


def _any_of(node: exp.Expr) -> exp.Expr:
    """Write ``x LIKE ANY (a, b)`` as a disjunction, and ``x = ANY ([a, b])`` as IN."""
    listed = node.expression.this
    listed = listed.unnest() if isinstance(listed, exp.Paren) else listed
    if not isinstance(listed, exp.Array | exp.Tuple) or not listed.expressions:
        return node
    if isinstance(node, exp.EQ):
        return exp.In(this=node.this, expressions=listed.expressions)
    each = [type(node)(this=node.this.copy(), expression=one) for one in listed.expressions]
    return exp.paren(reduce(lambda a, b: exp.Or(this=a, expression=b), each), copy=False)


def _element(node: exp.Bracket) -> exp.Expr:
    """Write a slice of a text as SUBSTRING, the first or last of a list as FIRST or LAST."""
    place = node.expressions[0] if len(node.expressions) == 1 else None
    found: exp.Expr | None = None
    if isinstance(node.this, exp.ArrayAgg):
        # places have been moved to count from 0
        if isinstance(place, exp.Literal) and place.name == "0":
            found = exp.First(this=node.this.this)
        elif isinstance(place, exp.Neg) and place.this.name == "2":
            found = exp.Last(this=node.this.this)
    elif isinstance(place, exp.Literal) and place.name.isdigit():
        found = _substring(node.this, int(place.name) + 1, 1)
    elif isinstance(place, exp.Slice) and not place.args.get("step"):
        ends = [place.args.get("this"), place.args.get("expression")]
        if all(one is None or _is_count(one) for one in ends):
            start = 1 if ends[0] is None else int(ends[0].name)
            length = None if ends[1] is None else int(ends[1].name) - start + 1
            found = _substring(node.this, start, length)
    return node if found is None else found


def _is_count(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.name.isdigit() and int(node.name) > 0


def _substring(value: exp.Expr, start: int, length: int | None) -> exp.Expr:
    made = exp.Substring(this=value, start=exp.Literal.number(start))
    if length is not None:
        made.set("length", exp.Literal.number(max(length, 0)))
    return made


def _written_date(node: exp.Expr, value: exp.Expr, form: exp.Expr | None) -> exp.Expr:
    """Write a text that is to be read by a format as the date that it is."""
    if form is None:
        return exp.Cast(this=value, to=exp.DataType.build("date"))
    if not (isinstance(value, exp.Literal) and isinstance(form, exp.Literal)):
        return node
    try:
        found = datetime.strptime(value.name, _format(form.name))  # noqa: DTZ007  dates have no zone
    except ValueError:
        return node
    kind = "date" if found == datetime.combine(found, time.min) else "timestamp"
    text = found.date().isoformat() if kind == "date" else found.isoformat(sep=" ")
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType.build(kind))


def _format(written: str) -> str:
    """Return a format in the words of STRFTIME; YYYY-MM-DD is what other dialects write."""
    for theirs, ours in (("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d")):
        written = written.replace(theirs, ours)
    return written


def _named(node: exp.Anonymous) -> exp.Expr:
    name, args = str(node.this).lower(), node.expressions
    if name in _INTERVALS and len(args) == 1:
        unit = name.removeprefix("to_").removesuffix("s").upper()
        return exp.Interval(this=args[0], unit=exp.var(unit))
    if name in _ADDS and len(args) == _ADD_ARGUMENTS:
        return exp.DateAdd(this=args[2], expression=args[1], unit=exp.var(args[0].name))
    if name == "to_date" and args:
        return _written_date(node, args[0], args[1] if args[1:] else None)
    if name in {"isnull", "nvl"} and len(args) > 1:
        return exp.Coalesce(this=args[0], expressions=args[1:])
    return node
