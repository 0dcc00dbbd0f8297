"""The SELECT that aggregates over units."""

from __future__ import annotations

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.domains import Domain, Kind
from query.expressions import AggregateRef, Expression, KeyRef
from query.parse.after_noise import AfterNoise, row_count
from query.parse.aggregates import aggregate_of, histogram_edges, quantile_levels
from query.parse.grouping import grouping_of
from query.parse.items import Items, has_aggregate, items_of
from query.parse.leaves import row_leaf
from query.parse.narrowing import narrowing_of
from query.parse.normalized import HISTOGRAM
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.singles import single_of
from query.parse.sqltext import called_name, only, refusal
from query.question import AggregateCall, Function, GroupKey, Output, Question
from query.relations import Relation

__all__ = ["question_of"]


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
    scope.narrowing = narrowing_of(relation)
    keys, sets = grouping_of(select.args.get("group"), items, scope)
    released = _Released(scope, items, keys)
    outputs = tuple(Output(name=name, expression=released.read(node)) for name, node in items.pairs)
    having = select.args.get("having")
    question = Question(
        relation=relation,
        keys=keys,
        sets=sets,
        outputs=outputs,
        having=None if having is None else released.condition(having.this),
        order_by=released.order(select.args.get("order")),
        limit=row_count(select.args.get("limit")),
        offset=row_count(select.args.get("offset")) or 0,
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
    named = called_name(node) == HISTOGRAM
    return named and len(node.expressions) in {2, 3} and isinstance(node.expressions[1], exp.Array)


class _Released(AfterNoise):
    """What is known after the noise: keys, aggregates and windows, found while reading."""

    def __init__(self, scope: Scope, items: Items, keys: tuple[GroupKey, ...]) -> None:
        super().__init__(items)
        self._scope = scope
        self._keys = keys
        self.aggregates: list[AggregateCall] = []

    def leaf(self, node: exp.Expr) -> Expression | None:
        """Read a window, an aggregate or a group key."""
        if isinstance(node, exp.Window):
            return self.window(node)
        if isinstance(node, exp.Grouping):
            return self.grouping(node)
        if isinstance(node, exp.Subquery):
            return self._key(node) or single_of(node, self._scope)
        aggregate = (
            self._histogram(node) if _is_histogram(node) else aggregate_of(node, self._scope)
        )
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
        value = scalar(argument, row_leaf(self._scope))
        if value.domain.kind is not Kind.NUMBER:
            raise refusal(
                node,
                f"HISTOGRAM was given a {value.domain.kind.value}",
                "give it an exact number, such as ROUND(x, 2)",
                "SQL-TYPE",
            )
        edges = histogram_edges(bins, row_leaf(self._scope))
        return AggregateCall(
            function=Function.HISTOGRAM, args=(value,), edges=edges, place=int(place[0].this)
        )

    def _key(self, node: exp.Expr) -> KeyRef | None:
        """Return the group key that an expression over columns is, if it is one."""
        try:
            meant = self._scope.narrowing.of(scalar(node, row_leaf(self._scope)))
        except UnsupportedQueryError:
            if isinstance(node, exp.Column):
                raise
            return None  # its parts are read next, and may be names of the SELECT
        for index, key in enumerate(self._keys):
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
