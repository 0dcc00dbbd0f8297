"""Columns that nobody asks for are not computed, and so need no permission."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from query.expressions import ColumnRef, Expression
from query.question import Question, before_noise
from query.relations import Derived, Field, Filter, Grouped, Join, Relation, Scan, Union, Values
from query.traversal import expressions_of, references

__all__ = ["pruned", "without_unused"]

Needed = set[tuple[str, str]]


def pruned(question: Question) -> Question:
    """Return the question without computed columns that it does not use."""
    needed = _named(before_noise(question))
    return replace(question, relation=_pruned(question.relation, needed))


def without_unused(relation: Relation, columns: Iterable[ColumnRef]) -> Relation:
    """Return a relation without computed columns other than those named."""
    return _pruned(relation, _named(columns))


def _named(expressions: Iterable[Expression]) -> Needed:
    return {(one.alias, one.column) for part in expressions for one in references(part)}


def _pruned(relation: Relation, needed: Needed) -> Relation:
    """Drop what is not needed; ``needed`` grows by what the rest is computed from."""
    match relation:
        case Scan() | Values():
            return relation
        case Join():
            needed = needed | _named(expressions_of(relation))
            left, right = _pruned(relation.left, needed), _pruned(relation.right, needed)
            return replace(relation, left=left, right=right)
        case Filter():
            needed = needed | _named([relation.condition])
            return replace(relation, source=_pruned(relation.source, needed))
        case Derived():
            kept = _kept(relation.fields, relation.alias, needed)
            slim = replace(relation, fields=kept)
            return replace(slim, source=_pruned(slim.source, _inside(slim, slim.unit)))
        case Grouped():
            aggregates = _kept(relation.aggregates, relation.alias, needed)
            slimmer = replace(relation, aggregates=aggregates)
            return replace(slimmer, source=_pruned(slimmer.source, _inside(slimmer, slimmer.unit)))
        case Union():
            names = {column for alias, column in needed if alias == relation.alias}
            parts: list[Derived] = []
            for part in relation.parts:
                one = _pruned(part, {(part.alias, name) for name in names})
                assert isinstance(one, Derived)  # noqa: S101  a pruned one stays what it is
                parts.append(one)
            return replace(relation, parts=tuple(parts))
        case _:
            assert_never(relation)


def _kept(fields: tuple[Field, ...], alias: str, needed: Needed) -> tuple[Field, ...]:
    return tuple(field for field in fields if (alias, field.name) in needed)


def _inside(relation: Derived | Grouped, unit: ColumnRef | None) -> Needed:
    own = _named(expressions_of(relation))
    return own if unit is None or unit.origin is None else own | _named([unit.origin])
