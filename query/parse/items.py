"""The list after SELECT: names, ordinals, and what GROUP BY, HAVING and ORDER BY mean by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from query.expressions import Expression
from query.parse.named import same_name
from query.parse.normalized import HISTOGRAM
from query.parse.sqltext import called_name, refusal

__all__ = ["Items", "has_aggregate", "has_window", "items_of", "own_nodes"]


def own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield a node and all inside it, but not what is inside its sub-queries."""
    yield node
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query):
            yield from own_nodes(child)


def has_aggregate(node: exp.Expr) -> bool:
    """Say whether an aggregate over rows is anywhere inside: one that is no window."""
    windowed = {id(_function(one)) for one in own_nodes(node) if isinstance(one, exp.Window)}
    return any(_is_aggregate(one) and id(one) not in windowed for one in own_nodes(node))


def _is_aggregate(node: exp.Expr) -> bool:
    histogram = called_name(node) == HISTOGRAM
    return histogram or isinstance(node, exp.AggFunc)


def has_window(node: exp.Expr) -> bool:
    """Say whether a window is anywhere inside."""
    return any(isinstance(one, exp.Window) for one in own_nodes(node))


def _function(window: exp.Window) -> exp.Expr:
    inner = window.this
    while isinstance(inner, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        inner = inner.this
    assert isinstance(inner, exp.Expr)  # noqa: S101  a window has a function
    return inner


class Columns(Protocol):
    """Where the names of columns are looked up."""

    def find(self, node: exp.Column) -> Expression | None:
        """Return the column that a name means, or None where no table here has it."""


@dataclass(frozen=True, slots=True)
class Items:
    """The columns of a SELECT with their names."""

    pairs: tuple[tuple[str, exp.Expr], ...]

    def keys(self, group: exp.Group, scope: Columns) -> list[exp.Expr]:
        """Return what GROUP BY lists, with ordinals, names and ALL resolved."""
        if group.args.get("all"):
            return [node for _, node in self.pairs if not has_aggregate(node)]
        return [self.meant(node, scope) for node in group.expressions]

    def meant(self, node: exp.Expr, scope: Columns) -> exp.Expr:
        """Follow an ordinal, or a name of the SELECT that no table has."""
        if isinstance(node, exp.Column) and scope.find(node) is None:
            return self.named(node) or node
        return self.ordinal(node)

    def ordinal(self, node: exp.Expr) -> exp.Expr:
        """Follow an ordinal.

        Raises:
            UnsupportedQueryError: If there is no such column.
        """
        if not isinstance(node, exp.Literal) or node.is_string:
            return node
        if not node.this.isdigit() or not 1 <= int(node.this) <= len(self.pairs):
            raise refusal(
                node,
                "this number names no column of the answer",
                f"use 1 to {len(self.pairs)}, or a name",
                "SQL-ORDINAL",
            )
        return self.pairs[int(node.this) - 1][1]

    def named(self, node: exp.Expr) -> exp.Expr | None:
        """Return what a name of the SELECT stands for, or None where it is no such name."""
        if not isinstance(node, exp.Column) or node.table:
            return None
        named = (item for name, item in self.pairs if same_name(name, node.name))
        return next((item for item in named if item != node), None)


def items_of(select: exp.Select) -> Items:
    """Return the columns of a SELECT with their names; a repeated name gets a number.

    Raises:
        UnsupportedQueryError: If it lists none.
    """
    if not select.expressions:
        raise refusal(select, "this SELECT lists no column", "list one", "SQL-STATEMENT")
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
    return Items(tuple(items))
