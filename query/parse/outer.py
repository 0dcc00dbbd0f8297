"""A SELECT over released rows: all of it comes after the noise, and is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import Domain, Kind, unify
from query.expressions import AggregateRef, Expression, KeyRef
from query.functions import FUNCTIONS
from query.parse.after_noise import AfterNoise, row_count
from query.parse.items import Items, has_aggregate, items_of
from query.parse.outcomes import Released
from query.parse.released_joins import ReleasedFrom, released_item
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.singles import single_of
from query.parse.sqltext import only, refusal
from query.question import Output
from query.reports import ReleasedAggregate, Selected, Stacked

__all__ = ["selected"]

_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Count: "count",
    exp.Min: "min",
    exp.Max: "max",
}
_ADDED = frozenset({Kind.NUMBER, Kind.REAL, Kind.BOOLEAN, Kind.NULL})


def selected(select: exp.Select, found: ReleasedFrom, scope: Scope) -> Released:
    """Read a SELECT over released rows.

    Raises:
        UnsupportedQueryError: With the position of the part that cannot be computed from them.
    """
    only(
        select,
        *("expressions", "from_", "joins", "where", "group", "having", "order", "limit"),
        *("offset", "with_", "kind"),
    )
    items = Items(tuple(_starred(items_of(select), found)))
    where, having = select.args.get("where"), select.args.get("having")
    reading = _Outer(items, found, scope)
    condition = None if where is None else reading.row_condition(where.this)
    reading.group(select, having)
    outputs = tuple(Output(name=name, expression=reading.read(node)) for name, node in items.pairs)
    table = Selected(
        source=found.table,
        outputs=outputs,
        where=condition,
        keys=reading.keys,
        having=None if having is None else reading.condition(having.this),
        order_by=reading.order(select.args.get("order")),
        limit=row_count(select.args.get("limit")),
        offset=row_count(select.args.get("offset")) or 0,
        aggregates=tuple(reading.aggregates),
        windows=tuple(reading.windows),
    )
    columns = tuple((one.name, one.expression.domain) for one in outputs)
    return Released(table=table, columns=columns)


def _starred(items: Items, found: ReleasedFrom) -> Iterator[tuple[str, exp.Expr]]:
    for name, node in items.pairs:
        if isinstance(node, exp.Star):
            only(node)
            yield from found.starred("")
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            yield from found.starred(node.table)
        else:
            yield name, node


class _Outer(AfterNoise):
    """Reads names of released columns, and aggregates over them."""

    def __init__(self, items: Items, found: ReleasedFrom, scope: Scope) -> None:
        super().__init__(items)
        self._found, self._scope = found, scope
        self.keys: tuple[Expression, ...] | None = None
        self.aggregates: list[ReleasedAggregate] = []

    def group(self, select: exp.Select, having: exp.Having | None) -> None:
        """Find out whether rows become one, and which."""
        group = select.args.get("group")
        nodes = [node for _, node in self._items.pairs] + ([] if having is None else [having.this])
        if group is not None:
            only(group, "expressions", "all")
            self.keys = tuple(map(self._row, self._items.keys(group, self._found)))
        elif any(has_aggregate(node) for node in nodes):
            self.keys = ()
        elif having is not None:
            raise refusal(having, "HAVING stands without groups", "use WHERE", "SQL-GROUP")

    def row_condition(self, node: exp.Expr) -> Expression:
        """Read WHERE: columns of the rows that are read come first, then names of the SELECT."""
        return self.condition(node, self._where_leaf)

    def leaf(self, node: exp.Expr) -> Expression | None:
        """Read a window, a scalar sub-query, a column, an aggregate or a group key."""
        if isinstance(node, exp.Window):
            return self.window(node)
        if self.keys is None:
            return self._row_leaf(node)
        inner = node.this if isinstance(node, exp.Filter) else node
        if isinstance(inner, exp.AggFunc):
            return self._aggregate(node, inner)
        if has_aggregate(node) or isinstance(node, exp.Literal):
            return None
        return self._key(node)

    def _key(self, node: exp.Expr) -> Expression | None:
        single = single_of(node, self._scope)
        if single is not None:
            return single
        try:
            meant = self._row(node)
        except UnsupportedQueryError:
            if isinstance(node, exp.Column):
                raise
            return None  # its parts are read next, and may be names of the SELECT
        for index, key in enumerate(self.keys or ()):
            if key == meant:
                return KeyRef(index=index, domain=meant.domain)
        if isinstance(node, exp.Column):
            raise refusal(
                node,
                f"{node.name} is neither a group key nor inside an aggregate",
                "add it to GROUP BY, or aggregate it",
                "SQL-GROUP",
            )
        return None

    def _aggregate(self, node: exp.Expr, inner: exp.AggFunc) -> Expression:
        """Read an aggregate over released rows, with its FILTER."""
        where = None
        if isinstance(node, exp.Filter):
            only(node, "this", "expression")
            where = self.condition(node.expression.this, self._row_leaf)
        if isinstance(inner, exp.CountIf):
            counted = self.condition(inner.this, self._row_leaf)
            function, argument = "count", None
            where = counted if where is None else FUNCTIONS["and"]((where, counted))
        else:
            function, argument = self._called(inner)
        aggregate = ReleasedAggregate(function=function, argument=argument, where=where)
        if aggregate not in self.aggregates:
            self.aggregates.append(aggregate)
        domain = Domain(kind=Kind.REAL)
        if argument is not None and function in {"min", "max"}:
            domain = replace(argument.domain, nullable=True)
        return AggregateRef(index=self.aggregates.index(aggregate), domain=domain)

    def _called(self, inner: exp.AggFunc) -> tuple[str, Expression | None]:
        function = _AGGREGATES.get(type(inner))
        if function is None:
            raise refusal(
                inner,
                f"{inner.key.upper()} over released rows is not supported",
                "use COUNT, SUM, AVG, MIN or MAX, or compute it from the answer",
                "SQL-AGGREGATE",
            )
        only(inner, "this", "big_int")
        of = inner.args.get("this")
        if of is None or isinstance(of, exp.Star):
            return function, None
        argument = self._row(of)
        if function in {"sum", "avg"} and argument.domain.kind not in _ADDED:
            raise refusal(
                inner,
                f"{function.upper()} was given a {argument.domain.kind.value}",
                "give it a number",
                "SQL-TYPE",
            )
        return function, argument

    def _row(self, node: exp.Expr) -> Expression:
        return self.checked(scalar(node, self._row_leaf), node)

    def _row_leaf(self, node: exp.Expr) -> Expression | None:
        if isinstance(node, exp.Column):
            return self._found.column(node)
        return single_of(node, self._scope)

    def _where_leaf(self, node: exp.Expr) -> Expression | None:
        if isinstance(node, exp.Window):
            return self.window(node)  # which is then refused as part of a condition
        if isinstance(node, exp.Column) and self._found.find(node) is None:
            named = self._items.named(node)
            if named is not None and not has_aggregate(named):
                return scalar(named, self._row_leaf)
        return self._row_leaf(node)


def stacked(union: exp.SetOperation, parts: list[Released], scope: Scope) -> Released:
    """Read UNION ALL of released rows; columns go by place and have the names of the first part.

    Raises:
        UnsupportedQueryError: If the columns of the parts do not match.
    """
    if not isinstance(union, exp.Union) or union.args.get("distinct") or union.args.get("by_name"):
        raise refusal(
            union,
            f"{union.key.upper()} compares or merges released rows",
            "write UNION ALL, with the columns of each part in the same order",
            "SQL-UNION",
        )
    if len({len(part.columns) for part in parts}) != 1:
        raise refusal(
            union,
            "the parts of UNION ALL have different numbers of columns",
            "give each part the same columns",
            "SQL-UNION",
        )
    columns: list[tuple[str, Domain]] = []
    for place, (name, _) in enumerate(parts[0].columns):
        domain = unify(part.columns[place][1] for part in parts)
        if domain is None:
            raise refusal(
                union,
                f"column {place + 1} of UNION ALL mixes kinds",
                "give one kind",
                "SQL-TYPE",
            )
        columns.append((name, domain))
    table = Stacked(parts=tuple(part.table for part in parts))
    whole = Released(table=table, columns=tuple(columns))
    select = exp.Select(
        expressions=[exp.Star()],
        **{part: union.args.get(part) for part in ("order", "limit", "offset")},
    )
    if not any(select.args.get(part) for part in ("order", "limit", "offset")):
        return whole
    return selected(select, released_item(exp.to_table("union"), whole), scope)
