"""Reads what is computed from released numbers: SELECT lists, HAVING, ORDER BY, LIMIT."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from sqlglot import exp

from query.domains import Domain, Kind
from query.evaluation import unsupported_after_noise
from query.expressions import Expression, KeyRef, WindowRef, walk
from query.parse.items import Items
from query.parse.scalars import Leaf, scalar
from query.parse.sqltext import only, refusal
from query.question import OrderBy, ReleasedWindow

__all__ = ["AfterNoise", "row_count"]

MAX_LIMIT = 1_000_000
_WINDOWS: dict[type[exp.Expr], str] = {
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Count: "count",
    exp.Min: "min",
    exp.Max: "max",
    exp.RowNumber: "row_number",
    exp.Rank: "rank",
    exp.DenseRank: "dense_rank",
    exp.Lag: "lag",
    exp.Lead: "lead",
}
_ORDERED = {"row_number", "rank", "dense_rank", "lag", "lead"}
"""Windows that mean nothing without ORDER BY; the others are running totals with it."""
_PICKING = {"min", "max", "lag", "lead"}
"""Windows whose value is that of some row."""
_ADDING = {"sum", "avg"}
_ADDED = {Kind.NUMBER, Kind.REAL, Kind.BOOLEAN, Kind.NULL}


class AfterNoise(ABC):
    """Reads expressions over released rows; what their leaves are is for others to say."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self.windows: list[ReleasedWindow] = []

    @abstractmethod
    def leaf(self, node: exp.Expr) -> Expression | None:
        """Read a leaf, or return None for what is made of other leaves."""

    def read(self, node: exp.Expr) -> Expression:
        """Read an expression."""
        return self.checked(scalar(node, self.leaf), node)

    def condition(self, node: exp.Expr, leaf: Leaf | None = None) -> Expression:
        """Read a condition over released rows; by default names of the SELECT come first."""
        condition = self.checked(scalar(node, leaf or self._named_leaf), node)
        if condition.domain.kind is not Kind.BOOLEAN:
            raise refusal(node, "this is not a condition", "write a comparison", "SQL-TYPE")
        if any(isinstance(part, WindowRef) for part in walk(condition)):
            raise refusal(
                node,
                "a condition holds a window over released rows, which is computed after it",
                "filter the answer yourself",
                "SQL-WINDOW",
            )
        return condition

    def order(self, order: exp.Order | None) -> tuple[OrderBy, ...]:
        """Read ORDER BY: names of the SELECT, ordinals, expressions."""
        if order is None:
            return ()
        only(order, "expressions")
        every = [one for one in order.expressions if _is_all(one.this)]
        if every and len(order.expressions) == 1:
            first = every[0]
            return tuple(
                self._ordered(exp.Ordered(**{**first.args, "this": node}))
                for _, node in self._items.pairs
            )
        return tuple(self._ordered(node) for node in order.expressions)

    def window(self, node: exp.Window) -> Expression:
        """Read a window over released rows."""
        only(node, "this", "partition_by", "order", "over")
        name = _WINDOWS.get(type(node.this))
        if name is None:
            raise refusal(
                node,
                f"the window {node.this.key.upper()} over released rows is not supported",
                "use SUM, AVG, COUNT, MIN, MAX, ROW_NUMBER, RANK, DENSE_RANK, LAG or LEAD",
                "SQL-FUNCTION",
            )
        only(node.this, "this", "big_int")
        order = self.order(node.args.get("order"))
        if name in _ORDERED and not order:
            raise refusal(
                node, f"{name.upper()} has no ORDER BY", "write OVER (ORDER BY …)", "SQL-CONSTRUCT"
            )
        inner = node.this.args.get("this")
        argument = None if inner is None or isinstance(inner, exp.Star) else self.read(inner)
        domain = Domain(kind=Kind.REAL)
        if argument is not None and name in _PICKING:
            domain = replace(argument.domain, nullable=True)
        elif argument is not None and name in _ADDING and argument.domain.kind not in _ADDED:
            raise refusal(
                node,
                f"{name.upper()} was given a {argument.domain.kind.value}",
                "give it a number",
                "SQL-TYPE",
            )
        window = ReleasedWindow(
            function=name,
            argument=argument,
            partition=tuple(self.read(key) for key in node.args.get("partition_by") or ()),
            order_by=order,
        )
        return self._windowed(window, domain)

    def grouping(self, node: exp.Grouping) -> Expression:
        """Read GROUPING: a bit for each key, 1 where the row is a total over it."""
        keys = tuple(self.read(key) for key in node.expressions)
        if not keys or not all(isinstance(key, KeyRef) for key in keys):
            raise refusal(
                node, "GROUPING is of something that is no group key", "name keys", "SQL-GROUP"
            )
        window = ReleasedWindow(function="grouping", argument=None, partition=keys)
        return self._windowed(window, Domain(kind=Kind.REAL))

    def _windowed(self, window: ReleasedWindow, domain: Domain) -> Expression:
        if window not in self.windows:
            self.windows.append(window)
        return WindowRef(index=self.windows.index(window), domain=domain)

    def _ordered(self, node: exp.Ordered) -> OrderBy:
        only(node, "this", "desc", "nulls_first")
        meant = self._items.ordinal(node.this)
        return OrderBy(
            expression=self.checked(scalar(meant, self._named_leaf), node.this),
            descending=bool(node.args.get("desc")),
            nulls_first=bool(node.args.get("nulls_first")),
        )

    def _named_leaf(self, node: exp.Expr) -> Expression | None:
        named = self._items.named(node)
        return self.leaf(node) if named is None else scalar(named, self.leaf)

    def checked(self, expression: Expression, node: exp.Expr) -> Expression:
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


def _is_all(node: exp.Expr) -> bool:
    bare = isinstance(node, exp.Var) or (isinstance(node, exp.Column) and not node.table)
    return bare and node.name.upper() == "ALL"


def row_count(node: exp.Limit | exp.Offset | None) -> int | None:
    """Read LIMIT or OFFSET; None where there is none.

    Raises:
        UnsupportedQueryError: If it is not a written whole number.
    """
    if node is None:
        return None
    only(node, "expression")
    value = node.expression
    if not isinstance(value, exp.Literal) or value.is_string or not value.this.isdigit():
        raise refusal(node, "LIMIT and OFFSET need a written number", "give a number", "SQL-LIMIT")
    return min(int(value.this), MAX_LIMIT)
