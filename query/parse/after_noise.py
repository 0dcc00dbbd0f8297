"""Reads what is computed from released numbers: SELECT lists, HAVING, ORDER BY, LIMIT."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sqlglot import exp

from query.domains import Kind
from query.evaluation import unsupported_after_noise
from query.expressions import Expression
from query.parse.items import Items
from query.parse.scalars import scalar
from query.parse.sqltext import only, refusal
from query.question import OrderBy

__all__ = ["AfterNoise", "row_count"]

MAX_LIMIT = 1_000_000


class AfterNoise(ABC):
    """Reads expressions over released rows; what their leaves are is for others to say."""

    def __init__(self, items: Items) -> None:
        self._items = items

    @abstractmethod
    def leaf(self, node: exp.Expr) -> Expression | None:
        """Read a leaf, or return None for what is made of other leaves."""

    def read(self, node: exp.Expr) -> Expression:
        """Read an expression."""
        return self._checked(scalar(node, self.leaf), node)

    def condition(self, node: exp.Expr) -> Expression:
        """Read HAVING, or WHERE over released rows; names of the SELECT come first."""
        condition = self._checked(scalar(node, self._named_leaf), node)
        if condition.domain.kind is not Kind.BOOLEAN:
            raise refusal(node, "this is not a condition", "write a comparison", "SQL-TYPE")
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
                self._ordered(exp.Ordered(this=node, **{**first.args, "this": node}))
                for _, node in self._items.pairs
            )
        return tuple(self._ordered(node) for node in order.expressions)

    def _ordered(self, node: exp.Ordered) -> OrderBy:
        only(node, "this", "desc", "nulls_first")
        meant = self._items.ordinal(node.this)
        return OrderBy(
            expression=self._checked(scalar(meant, self._named_leaf), node.this),
            descending=bool(node.args.get("desc")),
            nulls_first=bool(node.args.get("nulls_first")),
        )

    def _named_leaf(self, node: exp.Expr) -> Expression | None:
        named = self._items.named(node)
        return self.leaf(node) if named is None else scalar(named, self.leaf)

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
