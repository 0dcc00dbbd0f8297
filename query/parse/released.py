"""The SELECT that aggregates over units, and all that is computed from its noisy numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import Domain, Kind
from query.evaluation import unsupported_after_noise
from query.expressions import AggregateRef, Expression, KeyRef, WindowRef
from query.functions import FUNCTIONS
from query.parse.aggregates import aggregate_of, histogram_edges, quantile_levels
from query.parse.items import Items, has_aggregate, items_of
from query.parse.keys import group_key
from query.parse.leaves import row_leaf
from query.parse.normalized import HISTOGRAM
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.question import (
    AggregateCall,
    Function,
    GroupKey,
    OrderBy,
    Output,
    Question,
    ReleasedWindow,
)
from query.relations import Relation

__all__ = ["outer_question", "question_of"]

MAX_LIMIT = 1_000_000
MAX_SETS = 64
"""Grouping sets of one question."""
_WINDOWS: dict[type[exp.Expr], str] = {
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Count: "count",
    exp.Min: "min",
    exp.Max: "max",
    exp.RowNumber: "row_number",
    exp.Rank: "rank",
}


def question_of(select: exp.Select, scope: Scope, relation: Relation) -> Question:
    """Read a SELECT over private rows that aggregates over units.

    Raises:
        UnsupportedQueryError: With the position of the part that cannot be answered.
    """
    only(
        select,
        *("expressions", "from_", "joins", "where", "group", "having", "order", "limit"),
        *("offset", "with_", "kind"),
    )
    items = _listed(items_of(select), scope)
    released = _Released(scope=scope, items=items)
    sets = released.read_keys(select.args.get("group"))
    outputs = tuple(
        Output(name=name, expression=released.read(node)) for name, node in items.pairs
    )
    having, order = select.args.get("having"), select.args.get("order")
    question = Question(
        relation=relation,
        keys=tuple(released.keys),
        sets=sets,
        outputs=outputs,
        having=None if having is None else released.condition(having.this),
        order_by=released.order(order) if order is not None else (),
        limit=_count(select.args.get("limit")),
        offset=_count(select.args.get("offset")) or 0,
        aggregates=tuple(released.aggregates),
        windows=tuple(released.windows),
    )
    if not question.aggregates:
        raise refusal(
            select,
            "the query computes no aggregate, and rows are not released",
            "use COUNT, SUM or AVG",
            "SQL-AGGREGATE",
        )
    return question


def outer_question(inner: Question, select: exp.Select, scope: Scope) -> Question:
    """Read a SELECT over the answer of another: it is computed after the noise, for free.

    Raises:
        UnsupportedQueryError: If it groups or aggregates once more.
    """
    only(
        select,
        *("expressions", "from_", "where", "order", "limit", "offset", "with_", "kind"),
    )
    items = items_of(select)
    if any(has_aggregate(node) for _, node in items.pairs):
        raise refusal(
            select,
            "an aggregate is computed over released numbers",
            "compute it from the answer, or use SUM(…) OVER () in the same SELECT",
            "SQL-NESTED",
        )
    where = select.args.get("where")
    cut = inner.limit is not None or inner.offset or inner.windows
    if where is not None and cut:
        raise refusal(
            where,
            "WHERE stands over a SELECT with LIMIT or windows",
            "move the condition into HAVING of the inner SELECT",
            "SQL-NESTED",
        )
    released = _Released(scope=scope, items=items, inner=inner)
    outputs = tuple(
        Output(name=name, expression=released.read(node)) for name, node in _starred(items, inner)
    )
    order = select.args.get("order")
    kept = None if where is None else released.condition(where.this)
    having = kept if inner.having is None or kept is None else _both(inner.having, kept)
    limits = (_count(select.args.get("limit")), inner.limit)
    return replace(
        inner,
        outputs=outputs,
        having=having or inner.having,
        order_by=released.order(order) if order is not None else inner.order_by,
        limit=min((one for one in limits if one is not None), default=None),
        offset=inner.offset + (_count(select.args.get("offset")) or 0),
    )


def _both(one: Expression, other: Expression) -> Expression:
    return FUNCTIONS["and"]((one, other))


def _starred(items: Items, inner: Question) -> list[tuple[str, exp.Expr]]:
    pairs: list[tuple[str, exp.Expr]] = []
    for name, node in items.pairs:
        if isinstance(node, exp.Star):
            only(node)
            pairs += [(one.name, exp.column(one.name, quoted=True)) for one in inner.outputs]
        else:
            pairs.append((name, node))
    return pairs


def _listed(items: Items, scope: Scope) -> Items:
    """Write out aggregates that give several numbers as one column each."""
    pairs: list[tuple[str, exp.Expr]] = []
    for name, node in items.pairs:
        levels = quantile_levels(node)
        if levels is not None:
            of = "quantile" if isinstance(node, exp.Quantile) else "expression"
            for level in levels:
                single = node.copy()
                single.set(of, level.copy())
                pairs.append((f"{name}[{level.sql()}]", single))
        elif _is_histogram(node):
            edges = histogram_edges(node.expressions[1], row_leaf(scope))
            for place, edge in enumerate(edges):
                single = node.copy()
                single.append("expressions", exp.Literal.number(place))
                pairs.append((f"{name}[<={float(edge):g}]", single))
        else:
            pairs.append((name, node))
    return Items(tuple(pairs))


def _is_histogram(node: exp.Expr) -> bool:
    named = isinstance(node, exp.Anonymous) and str(node.this).lower() == HISTOGRAM
    return named and len(node.expressions) in {2, 3} and isinstance(node.expressions[1], exp.Array)


@dataclass(slots=True, kw_only=True)
class _Released:
    """What is known after the noise: keys, aggregates and windows, found while reading.

    Attributes:
        inner: The question whose answer is read, of an outer SELECT.
    """

    scope: Scope
    items: Items
    inner: Question | None = None
    keys: list[GroupKey] = field(default_factory=list)
    aggregates: list[AggregateCall] = field(default_factory=list)
    windows: list[ReleasedWindow] = field(default_factory=list)

    def read_keys(self, group: exp.Group | None) -> tuple[tuple[int, ...], ...]:
        """Read GROUP BY: columns, expressions, ordinals, names of the SELECT, ALL, sets of them."""
        if group is None:
            return ()
        only(group, "expressions", "all")
        plain: list[int] = []
        sets: list[list[tuple[int, ...]]] = []
        for node in self.items.keys(group, self.scope):
            match node:
                case exp.Rollup():
                    places = [self._key_place(one) for one in node.expressions]
                    sets.append([tuple(places[:n]) for n in range(len(places), -1, -1)])
                case exp.Cube():
                    places = [self._key_place(one) for one in node.expressions]
                    sizes = range(len(places), -1, -1)
                    sets.append([one for n in sizes for one in combinations(places, n)])
                case exp.GroupingSets():
                    sets.append([self._set(one) for one in node.expressions])
                case _:
                    plain.append(self._key_place(node))
        if not sets:
            return ()
        found: list[tuple[int, ...]] = [tuple(plain)]
        for choices in sets:
            found = [(*one, *choice) for one in found for choice in choices]
            if len(found) > MAX_SETS:
                raise refusal(
                    group, f"more than {MAX_SETS} grouping sets", "ask for fewer", "SQL-GROUP"
                )
        return tuple(tuple(sorted(set(one))) for one in found)

    def _set(self, node: exp.Expr) -> tuple[int, ...]:
        listed = node.expressions if isinstance(node, exp.Tuple) else [node.unnest()]
        return tuple(self._key_place(one) for one in listed)

    def _key_place(self, node: exp.Expr) -> int:
        meant = self.items.meant(node, self.scope)
        key = group_key(scalar(meant, row_leaf(self.scope)), meant)
        if key not in self.keys:
            self.keys.append(key)
        return self.keys.index(key)

    def read(self, node: exp.Expr) -> Expression:
        """Read an expression over keys and aggregates."""
        return self._checked(scalar(node, self._leaf), node)

    def condition(self, node: exp.Expr) -> Expression:
        """Read HAVING."""
        condition = self._checked(scalar(node, self._named_leaf), node)
        if condition.domain.kind is not Kind.BOOLEAN:
            raise refusal(node, "this is not a condition", "write a comparison", "SQL-TYPE")
        return condition

    def order(self, order: exp.Order) -> tuple[OrderBy, ...]:
        """Read ORDER BY: names of the SELECT, ordinals, expressions."""
        only(order, "expressions")
        return tuple(self._ordered(node) for node in order.expressions)

    def _ordered(self, node: exp.Ordered) -> OrderBy:
        only(node, "this", "desc", "nulls_first")
        meant = self.items.ordinal(node.this)
        return OrderBy(
            expression=self._checked(scalar(meant, self._named_leaf), node.this),
            descending=bool(node.args.get("desc")),
            nulls_first=bool(node.args.get("nulls_first")),
        )

    def _checked(self, expression: Expression, node: exp.Expr) -> Expression:
        """Refuse before the charge what could not be computed after the noise."""
        name = unsupported_after_noise(expression)
        if name is not None:
            raise refusal(
                node,
                f"{name.upper()} of a released value is not supported",
                "compute it from the answer, or move it into GROUP BY",
                "SQL-FUNCTION",
            )
        return expression

    def _named_leaf(self, node: exp.Expr) -> Expression | None:
        """Read a leaf where names of the SELECT come first, as in HAVING and ORDER BY."""
        named = self.items.named(node)
        return self._leaf(node) if named is None else scalar(named, self._leaf)

    def _leaf(self, node: exp.Expr) -> Expression | None:
        if isinstance(node, exp.Window):
            return self._window(node)
        if self.inner is not None:
            return self._of_inner(node)
        aggregate = self._histogram(node) if _is_histogram(node) else aggregate_of(node, self.scope)
        if aggregate is not None:
            if aggregate not in self.aggregates:
                self.aggregates.append(aggregate)
            index = self.aggregates.index(aggregate)
            return AggregateRef(index=index, domain=Domain(kind=Kind.REAL))
        if isinstance(node, exp.Star):
            raise refusal(node, "rows are not released", "name aggregates", "SQL-AGGREGATE")
        if has_aggregate(node) or isinstance(node, exp.Literal):
            return None
        return self._key(node)

    def _histogram(self, node: exp.Expr) -> AggregateCall:
        argument, bins, *place = node.expressions
        if not place:
            raise refusal(
                node, "HISTOGRAM stands inside an expression", "select it alone", "SQL-AGGREGATE"
            )
        value = scalar(argument, row_leaf(self.scope))
        if value.domain.kind is not Kind.NUMBER:
            raise refusal(
                node,
                f"HISTOGRAM was given a {value.domain.kind.value}",
                "give it an exact number, such as ROUND(x, 2)",
                "SQL-TYPE",
            )
        edges = histogram_edges(bins, row_leaf(self.scope))
        return AggregateCall(
            function=Function.HISTOGRAM, args=(value,), edges=edges, place=int(place[0].this)
        )

    def _of_inner(self, node: exp.Expr) -> Expression | None:
        assert self.inner is not None  # noqa: S101  the caller has looked
        if not isinstance(node, exp.Column):
            return None
        only(node, "this", "table")
        for output in self.inner.outputs:
            if output.name.lower() == node.name.lower():
                return output.expression
        raise refusal(
            node,
            f"the inner SELECT has no column {node.name}",
            f"use one of {', '.join(output.name for output in self.inner.outputs)}",
            "SQL-NAME",
        )

    def _window(self, node: exp.Window) -> Expression:
        """Read a window over released rows."""
        only(node, "this", "partition_by", "order", "over")
        name = _WINDOWS.get(type(node.this))
        if name is None:
            raise refusal(
                node,
                f"the window {node.this.key.upper()} over released rows is not supported",
                "use SUM, AVG, COUNT, MIN, MAX, ROW_NUMBER or RANK",
                "SQL-FUNCTION",
            )
        inner = node.this.args.get("this")
        order = node.args.get("order")
        ranks = name in {"row_number", "rank"}
        if (order is not None) is not ranks:
            raise refusal(
                node,
                "ROW_NUMBER and RANK over released rows need ORDER BY, and totals have none",
                "write SUM(…) OVER (PARTITION BY …), or RANK() OVER (ORDER BY …)",
                "SQL-CONSTRUCT",
            )
        argument = None if inner is None or isinstance(inner, exp.Star) else self.read(inner)
        window = ReleasedWindow(
            function=name,
            argument=argument,
            partition=tuple(self.read(key) for key in node.args.get("partition_by") or ()),
            order_by=() if order is None else self.order(order),
        )
        if self.inner is not None:
            raise refusal(
                node, "a window stands over a SELECT of released rows", "put it into that SELECT",
                "SQL-NESTED",
            )  # fmt: skip
        if window not in self.windows:
            self.windows.append(window)
        index = self.windows.index(window)
        return WindowRef(index=index, domain=Domain(kind=Kind.REAL))

    def _key(self, node: exp.Expr) -> KeyRef | None:
        """Return the group key that an expression over columns is, if it is one."""
        try:
            meant = scalar(node, row_leaf(self.scope))
        except UnsupportedQueryError:
            if isinstance(node, exp.Column):
                raise
            return None  # its parts are read next, and may be names of the SELECT
        for index, key in enumerate(self.keys):
            if key.expression == meant:
                return KeyRef(index=index, domain=meant.domain)
        if isinstance(node, exp.Column):
            raise refusal(
                node,
                f"{node.name} is neither a group key nor inside an aggregate",
                "add it to GROUP BY, or aggregate it",
                "SQL-GROUP",
            )
        return None


def _count(node: exp.Limit | exp.Offset | None) -> int | None:
    if node is None:
        return None
    only(node, "expression")
    value = node.expression
    if not isinstance(value, exp.Literal) or value.is_string or not value.this.isdigit():
        raise refusal(node, "LIMIT and OFFSET need a written number", "give a number", "SQL-LIMIT")
    return min(int(value.this), MAX_LIMIT)
