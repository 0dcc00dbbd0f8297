"""Columns of computed relations."""

from __future__ import annotations

from dataclasses import replace

from query.expressions import ColumnRef, Expression
from query.relations import Derived, Grouped

__all__ = ["column_of", "columns_of"]


def columns_of(relation: Derived | Grouped, names: list[str]) -> tuple[tuple[str, ColumnRef], ...]:
    """Return a computed relation's columns under the names that the researcher gave."""
    pairs = zip(names, relation.fields, strict=True)
    return tuple((name, column_of(relation, one.name, one.expression)) for name, one in pairs)


def column_of(relation: Derived | Grouped, name: str, expression: Expression) -> ColumnRef:
    """Return one column, with what is proved of the expression it is computed from."""
    domain = expression.domain
    constant = domain.unit_constant or relation.max_rows == 1
    return ColumnRef(
        alias=relation.alias,
        table="",
        column=name,
        domain=replace(domain, unit_constant=constant),
        origin=expression,
    )
