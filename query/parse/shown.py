"""What an outer SELECT leaves out of an inner one is not measured, and so costs nothing."""

from __future__ import annotations

from dataclasses import replace

from query.expressions import AggregateRef, Expression, WindowRef, walk
from query.parse.rewriting import shown_with
from query.question import Question, ReleasedWindow

__all__ = ["only_shown"]


def only_shown(question: Question) -> Question:
    """Return the question without aggregates and windows that nothing in it names."""
    read = [output.expression for output in question.outputs]
    read += [] if question.having is None else [question.having]
    read += [order.expression for order in question.order_by]
    windows: set[int] = set()
    aggregates: set[int] = set()
    while read:
        for part in walk(read.pop()):
            if isinstance(part, AggregateRef):
                aggregates.add(part.index)
            elif isinstance(part, WindowRef) and part.index not in windows:
                windows.add(part.index)
                read += _named_by(question.windows[part.index])
    of_aggregates = {old: new for new, old in enumerate(sorted(aggregates))}
    of_windows = {old: new for new, old in enumerate(sorted(windows))}

    def renumbered(expression: Expression) -> Expression:
        if isinstance(expression, AggregateRef):
            return replace(expression, index=of_aggregates[expression.index])
        if isinstance(expression, WindowRef):
            return replace(expression, index=of_windows[expression.index])
        return expression

    kept = replace(
        question,
        aggregates=tuple(question.aggregates[place] for place in of_aggregates),
        windows=tuple(question.windows[place] for place in of_windows),
    )
    return shown_with(kept, renumbered)


def _named_by(window: ReleasedWindow) -> list[Expression]:
    argument = [] if window.argument is None else [window.argument]
    return [*argument, *window.partition, *(order.expression for order in window.order_by)]
