"""What a question reads before the noise: its relations, and how it uses columns."""

from __future__ import annotations

from collections.abc import Iterator

from policies.decisions import ColumnUse
from query.expressions import Seen, uses
from query.question import Question, before_noise
from query.relations import Relation
from query.traversal import conditions, nested, nested_in

__all__ = ["column_uses", "relations_of"]


def column_uses(question: Question, private_key: str = "group") -> tuple[ColumnUse, ...]:
    """Return every use of every column before the noise, sorted, each once.

    Args:
        question: What is asked, with the other questions of its statement.
        private_key: What the use as a key without a public domain is called.
    """
    asked = question.questions
    return tuple(sorted({use for one in asked for use in _uses(one, private_key)}))


def relations_of(question: Question) -> Iterator[Relation]:
    """Yield every relation of one question, those of all sub-queries too."""
    yield from nested(question.relation)
    for expression in before_noise(question):
        yield from nested_in(expression)


def _uses(question: Question, private_key: str) -> Iterator[ColumnUse]:
    seen: Seen = set()
    for condition in conditions(question.relation):
        yield from uses(condition, "filter", seen)
    for expression in before_noise(question):
        for relation in nested_in(expression):
            for condition in conditions(relation):
                yield from uses(condition, "filter", seen)
    for key in question.keys:
        yield from uses(key.expression, private_key if key.is_private else "group", seen)
    for aggregate in question.aggregates:
        if aggregate.where is not None:
            yield from uses(aggregate.where, "filter", seen)
        for argument in aggregate.args:
            yield from uses(argument, aggregate.function.aggregate.value, seen)
