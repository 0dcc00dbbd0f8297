"""A SELECT over the answer of another: all of it comes after the noise, and is free."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from query.expressions import Expression
from query.functions import FUNCTIONS
from query.parse.after_noise import AfterNoise, row_count
from query.parse.items import Items, has_aggregate, has_window, items_of
from query.parse.shown import only_shown
from query.parse.sqltext import only, refusal
from query.question import Output, Question

__all__ = ["outer_question"]


def outer_question(inner: Question, select: exp.Select) -> Question:
    """Read a SELECT over the answer of another.

    Raises:
        UnsupportedQueryError: If it groups or aggregates once more, or shows no aggregate.
    """
    _check(inner, select)
    items = _starred(items_of(select), inner)
    released = _Outer(items, inner)
    outputs = tuple(Output(name=name, expression=released.read(node)) for name, node in items.pairs)
    where, order = select.args.get("where"), select.args.get("order")
    kept = inner.having
    if where is not None:
        condition = released.condition(where.this)
        kept = condition if kept is None else FUNCTIONS["and"]((kept, condition))
    limits = (row_count(select.args.get("limit")), inner.limit)
    question = replace(
        inner,
        outputs=outputs,
        having=kept,
        windows=tuple(released.windows),
        order_by=released.order(order) or inner.order_by,
        limit=min((one for one in limits if one is not None), default=None),
        offset=inner.offset + (row_count(select.args.get("offset")) or 0),
    )
    shown = only_shown(question)
    if not shown.aggregates:
        raise refusal(
            select,
            "the outer SELECT leaves all aggregates out, and rows are not released",
            "select one of them too",
            "SQL-AGGREGATE",
        )
    return shown


def _check(inner: Question, select: exp.Select) -> None:
    only(
        select,
        *("expressions", "from_", "where", "order", "limit", "offset", "with_", "kind"),
    )
    if any(has_aggregate(node) for node in select.expressions):
        raise refusal(
            select,
            "an aggregate is computed over released numbers",
            "compute it from the answer, or use SUM(…) OVER () in the inner SELECT",
            "SQL-NESTED",
        )
    changes = [select.args.get(part) for part in ("where", "order", "offset")]
    changes += [node for node in select.expressions if has_window(node)]
    cut = inner.limit is not None or inner.offset
    for part in filter(None, changes):
        if cut or (isinstance(part, exp.Where) and inner.windows):
            raise refusal(
                part,
                "this stands over a SELECT with LIMIT or windows",
                "move it into the inner SELECT: HAVING for WHERE",
                "SQL-NESTED",
            )


def _starred(items: Items, inner: Question) -> Items:
    pairs: list[tuple[str, exp.Expr]] = []
    for name, node in items.pairs:
        if isinstance(node, exp.Star):
            only(node)
            pairs += [(one.name, exp.column(one.name, quoted=True)) for one in inner.outputs]
        else:
            pairs.append((name, node))
    return Items(tuple(pairs))


class _Outer(AfterNoise):
    """Reads names of the inner SELECT as what they stand for."""

    def __init__(self, items: Items, inner: Question) -> None:
        super().__init__(items)
        self._inner = inner
        self.windows = list(inner.windows)

    def leaf(self, node: exp.Expr) -> Expression | None:
        """Read a column of the inner SELECT."""
        if isinstance(node, exp.Window):
            return self.window(node)
        if not isinstance(node, exp.Column):
            return None
        only(node, "this", "table")
        for output in self._inner.outputs:
            if output.name.lower() == node.name.lower():
                return output.expression
        raise refusal(
            node,
            f"the inner SELECT has no column {node.name}",
            f"use one of {', '.join(output.name for output in self._inner.outputs)}",
            "SQL-NAME",
        )
