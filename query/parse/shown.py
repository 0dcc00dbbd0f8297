"""What an outer SELECT leaves out of an inner one is not measured, and so costs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from query.expressions import AggregateRef, Call, Expression, WindowRef, walk
from query.question import OrderBy, Question, ReleasedWindow

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
    numbers = _Numbers(
        aggregates={old: new for new, old in enumerate(sorted(aggregates))},
        windows={old: new for new, old in enumerate(sorted(windows))},
    )
    return replace(
        question,
        aggregates=tuple(question.aggregates[place] for place in numbers.aggregates),
        windows=tuple(numbers.window(question.windows[place]) for place in numbers.windows),
        outputs=tuple(
            replace(one, expression=numbers.of(one.expression)) for one in question.outputs
        ),
        having=None if question.having is None else numbers.of(question.having),
        order_by=numbers.orders(question.order_by),
    )


def _named_by(window: ReleasedWindow) -> list[Expression]:
    argument = [] if window.argument is None else [window.argument]
    return [*argument, *window.partition, *(order.expression for order in window.order_by)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """New places of what is kept, by the old ones."""

    aggregates: Mapping[int, int]
    windows: Mapping[int, int]

    def of(self, expression: Expression) -> Expression:
        """Return an expression over the new places."""
        match expression:
            case AggregateRef():
                return replace(expression, index=self.aggregates[expression.index])
            case WindowRef():
                return replace(expression, index=self.windows[expression.index])
            case Call():
                return replace(expression, args=tuple(self.of(one) for one in expression.args))
            case _:
                return expression

    def window(self, window: ReleasedWindow) -> ReleasedWindow:
        """Return a window over the new places."""
        return replace(
            window,
            argument=None if window.argument is None else self.of(window.argument),
            partition=tuple(self.of(one) for one in window.partition),
            order_by=self.orders(window.order_by),
        )

    def orders(self, orders: tuple[OrderBy, ...]) -> tuple[OrderBy, ...]:
        """Return sort keys over the new places."""
        return tuple(replace(one, expression=self.of(one.expression)) for one in orders)
