"""Released SELECTs and tables with the leaves of their expressions replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias, TypeVar, assert_never

from query.expressions import Expression, Single, mapped
from query.question import OrderBy, Question, ReleasedWindow
from query.reports import (
    Joined,
    Listed,
    Measured,
    ReleasedAggregate,
    Selected,
    Stacked,
    Table,
    tables_of,
)

__all__ = ["Leaf", "orders_with", "shown_with", "table_at", "table_with", "window_with"]

Leaf: TypeAlias = Callable[[Expression], Expression]
_Shown = TypeVar("_Shown", Question, Selected)


def shown_with(shown: _Shown, leaf: Leaf) -> _Shown:
    """Return a question or SELECT with what it does after the noise rewritten."""
    return replace(
        shown,
        outputs=tuple(
            replace(one, expression=mapped(one.expression, leaf)) for one in shown.outputs
        ),
        having=_optional(shown.having, leaf),
        windows=tuple(window_with(one, leaf) for one in shown.windows),
        order_by=orders_with(shown.order_by, leaf),
    )


def window_with(window: ReleasedWindow, leaf: Leaf) -> ReleasedWindow:
    """Return a window over released rows, rewritten."""
    return replace(
        window,
        argument=_optional(window.argument, leaf),
        partition=tuple(mapped(one, leaf) for one in window.partition),
        order_by=orders_with(window.order_by, leaf),
    )


def orders_with(orders: tuple[OrderBy, ...], leaf: Leaf) -> tuple[OrderBy, ...]:
    """Return sort keys, rewritten."""
    return tuple(replace(one, expression=mapped(one.expression, leaf)) for one in orders)


def table_with(table: Table, leaf: Leaf, numbers: Mapping[int, int]) -> Table:
    """Return a table with its expressions rewritten, and its questions at other places."""
    match table:
        case Measured():
            return replace(table, place=numbers[table.place])
        case Listed():
            return table
        case Joined():
            return replace(
                table,
                left=table_with(table.left, leaf, numbers),
                right=table_with(table.right, leaf, numbers),
                condition=_optional(table.condition, leaf),
            )
        case Stacked():
            parts = (table_with(part, leaf, numbers) for part in table.parts)
            return replace(table, parts=tuple(parts))
        case Selected():
            keys = table.keys
            return replace(
                shown_with(table, leaf),
                source=table_with(table.source, leaf, numbers),
                where=_optional(table.where, leaf),
                keys=None if keys is None else tuple(mapped(key, leaf) for key in keys),
                aggregates=tuple(_aggregate(one, leaf) for one in table.aggregates),
            )
        case _:
            assert_never(table)


def table_at(numbers: Mapping[int, int]) -> Leaf:
    """Return the rewriting that moves the questions of single values to other places."""

    def leaf(expression: Expression) -> Expression:
        if not isinstance(expression, Single):
            return expression
        (table,) = tables_of(expression)
        return replace(expression, table=table_with(table, leaf, numbers))

    return leaf


def _aggregate(aggregate: ReleasedAggregate, leaf: Leaf) -> ReleasedAggregate:
    return replace(
        aggregate,
        argument=_optional(aggregate.argument, leaf),
        where=_optional(aggregate.where, leaf),
    )


def _optional(expression: Expression | None, leaf: Leaf) -> Expression | None:
    return None if expression is None else mapped(expression, leaf)
