"""Ways through the relations of a question: their parts, their expressions, their sub-queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from query.expressions import ColumnRef, Expression, SubQuery, walk
from query.relations import Derived, Filter, Grouped, Join, Relation, Scan, Union, Values, rows_of

__all__ = [
    "conditions",
    "expressions_in",
    "expressions_of",
    "nested",
    "nested_in",
    "references",
    "scans",
    "sources",
]


def sources(relation: Relation) -> tuple[Relation, ...]:
    """Return the relations that one is directly made of."""
    match relation:
        case Scan() | Values():
            return ()
        case Join():
            return (relation.left, relation.right)
        case Filter() | Derived() | Grouped():
            return (relation.source,)
        case Union():
            return relation.parts
        case _:
            assert_never(relation)


def expressions_of(relation: Relation) -> tuple[Expression, ...]:
    """Return the expressions that a relation itself holds."""
    match relation:
        case Join():
            return () if relation.condition is None else (relation.condition,)
        case Filter():
            return (relation.condition,)
        case Derived():
            fields = tuple(field.expression for field in relation.fields)
            return fields if relation.qualify is None else (*fields, relation.qualify)
        case Grouped():
            return tuple(field.expression for field in relation.fields)
        case Scan() | Values() | Union():
            return ()
        case _:
            assert_never(relation)


def expressions_in(relation: Relation) -> Iterator[Expression]:
    """Yield the expressions of a relation and of those it is made of."""
    for source in sources(relation):
        yield from expressions_in(source)
    yield from expressions_of(relation)


def nested(relation: Relation) -> Iterator[Relation]:
    """Yield a relation and all those inside it, sub-queries too, in the order of the text."""
    for source in sources(relation):
        yield from nested(source)
    yield relation
    for expression in expressions_of(relation):
        yield from nested_in(expression)


def nested_in(expression: Expression) -> Iterator[Relation]:
    """Yield all relations of the sub-queries of an expression."""
    for part in walk(expression):
        if isinstance(part, SubQuery):
            yield from nested(rows_of(part))


def scans(relation: Relation) -> Iterator[Scan]:
    """Yield the tables that are read, in the order of the text."""
    return (one for one in nested(relation) if isinstance(one, Scan))


def conditions(relation: Relation) -> Iterator[Expression]:
    """Yield what decides which rows there are: conditions and keys of groups per unit."""
    for one in nested(relation):
        match one:
            case Join() | Filter():
                yield from expressions_of(one)
            case Derived(qualify=qualify) if qualify is not None:
                yield qualify
            case Grouped():
                yield from (key.expression for key in one.keys)
            case _:
                continue


def references(expression: Expression) -> Iterator[ColumnRef]:
    """Yield every column that an expression names, those inside its sub-queries too."""
    for part in walk(expression):
        if isinstance(part, ColumnRef):
            yield part
        elif isinstance(part, SubQuery):
            for inner in expressions_in(rows_of(part)):
                yield from references(inner)
            if part.column is not None:
                yield part.column
