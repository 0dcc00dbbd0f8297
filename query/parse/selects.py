"""One SELECT to one question: group keys, aggregates, and what is computed from them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.domains import Domain, Kind
from query.evaluation import unsupported_after_noise
from query.expressions import AggregateRef, Expression, KeyRef
from query.parse.aggregates import aggregate_of, has_aggregate
from query.parse.joins import relation_of
from query.parse.keys import group_key
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal, select_of
from query.question import AggregateCall, GroupKey, OrderBy, Output, Question

__all__ = ["parse"]

_CLAUSES = (
    *("expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset"),
)
MAX_LIMIT = 1_000_000


def parse(sql: str, dataset: DatasetPolicy) -> Question:
    """Read a researcher's SQL over a dataset's declared tables.

    Raises:
        UnsupportedQueryError: With position, construct and the nearest supported form.
    """
    try:
        return _question(select_of(sql), dataset)
    except RecursionError:
        raise UnsupportedQueryError(
            "the query is nested too deeply", code="SQL-TOO-DEEP", remedy="simplify it"
        ) from None


def _question(select: exp.Select, dataset: DatasetPolicy) -> Question:
    only(select, *_CLAUSES)
    scope = Scope(dataset=dataset)
    relation = relation_of(select, scope)
    released = _Released(scope=scope, items=_items(select))
    released.read_keys(select.args.get("group"))
    outputs = tuple(
        Output(name=name, expression=released.read(node)) for name, node in released.items
    )
    having = select.args.get("having")
    order = select.args.get("order")
    question = Question(
        relation=relation,
        keys=tuple(released.keys),
        outputs=outputs,
        having=None if having is None else released.condition(having.this),
        order_by=released.order(order) if order is not None else (),
        limit=_count(select.args.get("limit")),
        offset=_count(select.args.get("offset")) or 0,
        aggregates=tuple(released.aggregates),
    )
    if not question.aggregates:
        raise refusal(
            select,
            "the query computes no aggregate, and rows are not released",
            "use COUNT, SUM or AVG",
            "SQL-AGGREGATE",
        )
    return question


def _items(select: exp.Select) -> list[tuple[str, exp.Expr]]:
    """Return the columns of the answer with their names; a repeated name gets a number."""
    items: list[tuple[str, exp.Expr]] = []
    for node in select.expressions:
        plain = node.name if isinstance(node, exp.Column) else node.sql(dialect="duckdb").lower()
        name = node.alias or plain
        taken = {other for other, _ in items}
        if name in taken:
            name = next(
                f"{name}_{n}" for n in range(2, len(items) + 3) if f"{name}_{n}" not in taken
            )
        items.append((name, node.this if isinstance(node, exp.Alias) else node))
    return items


@dataclass(slots=True)
class _Released:
    """What is known after the noise: keys and aggregates, found while reading."""

    scope: Scope
    items: list[tuple[str, exp.Expr]]
    keys: list[GroupKey] = field(default_factory=list)
    aggregates: list[AggregateCall] = field(default_factory=list)

    def read_keys(self, group: exp.Group | None) -> None:
        """Read GROUP BY: columns, expressions, ordinals, names of the SELECT, ALL."""
        if group is None:
            return
        only(group, "expressions", "all")
        nodes = list(group.expressions)
        if group.args.get("all"):
            nodes = [node for _, node in self.items if not has_aggregate(node)]
        for node in nodes:
            meant = self._meant(node)
            key = group_key(scalar(meant, self._row), meant)
            if key not in self.keys:
                self.keys.append(key)

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
        return OrderBy(
            expression=self._checked(scalar(self._ordinal(node.this), self._named_leaf), node.this),
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

    def _meant(self, node: exp.Expr) -> exp.Expr:
        """Follow an ordinal, or a name of the SELECT that no table has."""
        if isinstance(node, exp.Column) and self.scope.find(node) is None:
            return self._named(node) or node
        return self._ordinal(node)

    def _ordinal(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Literal) or node.is_string:
            return node
        if not node.this.isdigit() or not 1 <= int(node.this) <= len(self.items):
            raise refusal(
                node,
                "this number names no column of the answer",
                f"use 1 to {len(self.items)}, or a name",
                "SQL-ORDINAL",
            )
        return self.items[int(node.this) - 1][1]

    def _named(self, node: exp.Expr) -> exp.Expr | None:
        if not isinstance(node, exp.Column) or node.table:
            return None
        named = (item for name, item in self.items if name.lower() == node.name.lower())
        return next((item for item in named if item != node), None)

    def _row(self, node: exp.Expr) -> Expression | None:
        return self.scope.column(node) if isinstance(node, exp.Column) else None

    def _named_leaf(self, node: exp.Expr) -> Expression | None:
        """Read a leaf where names of the SELECT come first, as in HAVING and ORDER BY."""
        named = self._named(node)
        return self._leaf(node) if named is None else scalar(named, self._leaf)

    def _leaf(self, node: exp.Expr) -> Expression | None:
        aggregate = aggregate_of(node, self._row, self.scope)
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

    def _key(self, node: exp.Expr) -> KeyRef | None:
        """Return the group key that an expression over columns is, if it is one."""
        try:
            meant = scalar(node, self._row)
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
