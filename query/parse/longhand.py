"""Expressions that say in few words what others say in more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from functools import reduce
from typing import Final

from sqlglot import exp

from query.parse.sqltext import called_name

__all__ = ["longhand"]

_INTERVALS = {"to_seconds", "to_minutes", "to_hours", "to_weeks", "to_months", "to_years"}
_ADDS = frozenset({"dateadd", "date_add", "timestampadd"})
_ADD_ARGUMENTS = 3
_AMONG = "__among"
"""Name of the rows of a sub-query that a row of values is looked for in."""
_BUCKETS: Final[dict[tuple[str, ...], str]] = {
    ("1", "DAY"): "DAY",
    ("1", "WEEK"): "WEEK",
    ("7", "DAY"): "WEEK",
    ("1", "MONTH"): "MONTH",
    ("3", "MONTH"): "QUARTER",
    ("1", "QUARTER"): "QUARTER",
    ("12", "MONTH"): "YEAR",
    ("1", "YEAR"): "YEAR",
}
"""Lengths of buckets that are periods of the calendar."""


def longhand(node: exp.Expr) -> exp.Expr:
    """Return an expression in its common form; the same node where it is in that already."""
    form = _FORMS.get(type(node))
    return node if form is None else form(node)


def _listed(node: exp.Expr) -> exp.Expr:
    """Write LIST_CONTAINS of a written list as IN."""
    found = node.this
    within = exp.In(this=node.expression, expressions=found.expressions)
    return within if isinstance(found, exp.Array) else node


def _symmetric(node: exp.Expr) -> exp.Expr:
    if not node.args.get("symmetric"):
        return node
    ends = (node.args["low"], node.args["high"])
    sides = (
        exp.Between(this=node.this.copy(), low=low.copy(), high=high.copy())
        for low, high in (ends, ends[::-1])
    )
    return exp.paren(exp.or_(*sides), copy=False)


def _equality(node: exp.Expr) -> exp.Expr:
    return _any_of(node) if isinstance(node.expression, exp.Any) else node


def _none_of(node: exp.Expr) -> exp.Expr:
    """Write ``x <> ALL ([a, b])`` as NOT IN."""
    if called_name(node.expression) != "all" or not node.expression.expressions:
        return node
    found = node.expression.expressions[0]
    within = exp.In(this=node.this, expressions=found.expressions)
    return exp.Not(this=within) if isinstance(found, exp.Array) else node


def _compared_time(node: exp.Expr) -> exp.Expr:
    """Write ``a - b <= INTERVAL 30 DAY`` as ``a <= b + INTERVAL 30 DAY``.

    Not of months: the engine takes one for 30 days where it compares.
    """
    for side, other in (("this", "expression"), ("expression", "this")):
        time, length = node.args[side].unnest(), node.args[other]
        if isinstance(time, exp.Sub) and isinstance(length, exp.Interval):
            if any(word in _words(length) for word in ("MONTH", "QUARTER", "YEAR")):
                return node
            moved = exp.Add(this=time.expression, expression=length)
            parts = {side: time.this, other: moved}
            return type(node)(this=parts["this"], expression=parts["expression"])
    return node


def _bucket(node: exp.Expr) -> exp.Expr:
    """Write TIME_BUCKET of whole periods as DATE_TRUNC."""
    length = node.this
    if not isinstance(length, exp.Interval) or set(node.args) - {"this", "expression"}:
        return node
    found = _BUCKETS.get(_words(length))
    if found is None:
        return node
    return exp.TimestampTrunc(this=node.expression, unit=exp.var(found))


def _words(length: exp.Interval) -> tuple[str, ...]:
    """Return number and unit of an interval, such as 3 and MONTH."""
    unit = length.args.get("unit")
    words = f"{length.this.name} {unit.name if unit is not None else ''}".upper().split()
    return tuple(word.removesuffix("S") for word in words)


def _rows_among(node: exp.Expr) -> exp.Expr:
    """Write ``(a, b) IN (…)`` as equalities; NOT IN stays, for its NULLs mean something else."""
    values = node.this.expressions
    if not isinstance(node.this, exp.Tuple):
        return node
    if node.find_ancestor(exp.Not, exp.Select).__class__ is exp.Not:
        return node
    query = node.args.get("query")
    if query is None:
        rows = [row.expressions for row in node.expressions if isinstance(row, exp.Tuple)]
        if len(rows) != len(node.expressions) or any(len(row) != len(values) for row in rows):
            return node
        return exp.paren(exp.or_(*(_equal(values, row) for row in rows)), copy=False)
    names = [exp.to_identifier(f"c{place}") for place in range(len(values))]
    alias = exp.TableAlias(this=exp.to_identifier(_AMONG), columns=names)
    inner = exp.Subquery(this=query.unnest() if isinstance(query, exp.Subquery) else query)
    inner.set("alias", alias)
    columns = [exp.column(name.copy(), table=_AMONG) for name in names]
    select = exp.Select(expressions=[exp.Literal.number(1)], from_=exp.From(this=inner))
    select.set("where", exp.Where(this=_equal(values, columns)))
    return exp.Exists(this=select)


def _equal(left: Sequence[exp.Expr], right: Sequence[exp.Expr]) -> exp.Expr:
    pairs = zip(left, right, strict=True)
    return exp.and_(*(exp.EQ(this=a.copy(), expression=b.copy()) for a, b in pairs))


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


def _element(node: exp.Expr) -> exp.Expr:
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


def _named(node: exp.Expr) -> exp.Expr:
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


_FORMS: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.Like: _equality,
    exp.ILike: _equality,
    exp.EQ: _equality,
    exp.NEQ: _none_of,
    exp.ArrayContains: _listed,
    exp.Between: _symmetric,
    exp.Bracket: _element,
    exp.In: _rows_among,
    **dict.fromkeys((exp.LT, exp.LTE, exp.GT, exp.GTE), _compared_time),
    exp.DateBin: _bucket,
    exp.ApproxDistinct: lambda node: exp.Count(this=exp.Distinct(expressions=[node.this])),
    exp.ApproxQuantile: lambda node: exp.PercentileCont(
        this=node.this, expression=node.args["quantile"]
    ),
    exp.ToDays: lambda node: exp.Interval(this=node.this, unit=exp.var("DAY")),
    exp.AddMonths: lambda node: exp.DateAdd(
        this=node.this, expression=node.expression, unit=exp.var("MONTH")
    ),
    exp.StrToTime: lambda node: _written_date(node, node.this, node.args.get("format")),
    exp.Anonymous: _named,
}
