"""One item of a FROM clause: a declared table, a CTE, a sub-query, or written values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from sqlglot import exp

from query.domains import Domain, Kind, unify
from query.expressions import ColumnRef, Literal
from query.parse.outcomes import Released, Rows
from query.parse.scalars import scalar
from query.parse.scopes import Cte, Scope, Source, declared_source, use_one_of
from query.parse.sqltext import only, refusal
from query.relations import Values

__all__ = ["source_of"]

_Column = TypeVar("_Column", ColumnRef, Domain)
MAX_VALUES = 10_000
"""Rows of VALUES; the text itself is shorter."""


def source_of(node: exp.Expr, scope: Scope) -> Source | Released:
    """Read one item of FROM; its columns are not yet visible.

    Raises:
        UnsupportedQueryError: If it is none of the four.
    """
    match node:
        case exp.Table() if isinstance(node.this, exp.Identifier):
            only(node, "this", "alias")
            cte = scope.ctes.get(node.name.lower())
            if cte is None:
                source = declared_source(node, scope)
                return _renamed(source, node)
            found = _of_cte(cte, scope)
        case exp.Subquery():
            only(node, "this", "alias")
            found = scope.names.read(node.this, scope.ctes, scope.parent, scope.names)
        case exp.Values():
            only(node, "expressions", "alias")
            found = _values(node, scope)
        case _:
            raise refusal(
                node,
                "only declared tables, CTEs, sub-queries and VALUES can be read here",
                use_one_of([*scope.dataset.tables, *scope.ctes]),
                "SQL-FROM",
            )
    if isinstance(found, Released):
        return _relabeled(found, _aliases(node), node)
    name = node.alias or (node.name if isinstance(node, exp.Table) else found.relation.alias)  # type: ignore[union-attr]  # what is read has a name of ours
    source = Source(name=name, relation=found.relation, columns=dict(found.columns))
    return _renamed(source, node)


def _of_cte(cte: Cte, scope: Scope) -> Rows | Released:
    known = scope.names.released.get(id(cte.query))
    found = known or scope.names.read(cte.query, cte.visible, None, scope.names)
    if isinstance(found, Released):
        scope.names.released[id(cte.query)] = found  # named twice, it is measured once
        return _relabeled(found, cte.names, cte.query)
    columns = _named(dict(found.columns), cte.names, cte.query)
    return replace(found, columns=tuple(columns.items()))


def _renamed(source: Source, node: exp.Expr) -> Source:
    """Take in the column names of ``AS t(a, b)``."""
    return replace(source, columns=_named(source.columns, _aliases(node), node))


def _aliases(node: exp.Expr) -> tuple[str, ...]:
    alias = node.args.get("alias")
    if alias is None:
        return ()
    only(alias, "this", "columns")
    return tuple(column.name for column in alias.args.get("columns") or ())


def _relabeled(released: Released, names: tuple[str, ...], node: exp.Expr) -> Released:
    """Give the first columns of an answer new names."""
    return replace(released, columns=tuple(_named(dict(released.columns), names, node).items()))


def _named(
    columns: Mapping[str, _Column], names: tuple[str, ...], node: exp.Expr
) -> Mapping[str, _Column]:
    """Give the first columns new names."""
    if len(names) > len(columns):
        raise refusal(
            node,
            f"{len(names)} names are given to {len(columns)} columns",
            "name as many columns as there are, or fewer",
            "SQL-NAME",
        )
    called = (*names, *list(columns)[len(names) :])
    folded = [name.lower() for name in called]
    twice = [name for name in folded if folded.count(name) > 1]
    if names and twice:
        raise refusal(
            node, f"two columns are called {twice[0]}", "give each a name of its own", "SQL-NAME"
        )
    return dict(zip(called, columns.values(), strict=True))


def _values(node: exp.Values, scope: Scope) -> Rows:
    rows = [tuple(_constant(item) for item in row.expressions) for row in node.expressions]
    widths = {len(row) for row in rows}
    if len(widths) != 1 or len(rows) > MAX_VALUES:
        raise refusal(
            node, "the rows of VALUES differ in length", "give equally long rows", "SQL-FROM"
        )
    domains = [_column_domain([row[place] for row in rows], node) for place in range(widths.pop())]
    alias = scope.names.alias(node)
    aligned = tuple(
        tuple(_stepped(value, domain) for value, domain in zip(row, domains, strict=True))
        for row in rows
    )
    relation = Values(alias=alias, domains=tuple(domains), rows=aligned)
    columns = tuple(
        (
            f"col{place}",
            ColumnRef(
                alias=alias, table="", column=f"f{place}", domain=domain, origin=rows[0][place]
            ),
        )
        for place, domain in enumerate(domains)
    )
    return Rows(relation=relation, columns=columns)


def _constant(node: exp.Expr) -> Literal:
    value = scalar(node, lambda _: None)
    if not isinstance(value, Literal):
        raise refusal(node, "VALUES holds more than constants", "write the value", "SQL-FROM")
    return value


def _column_domain(column: list[Literal], node: exp.Expr) -> Domain:
    domain = unify(value.domain for value in column)
    if domain is None or domain.kind is Kind.NULL:
        raise refusal(
            node, "a column of VALUES mixes kinds or is all NULL", "give one kind", "SQL-TYPE"
        )
    nullable = any(value.value is None for value in column)
    return Domain(
        kind=domain.kind,
        nullable=nullable,
        lower=domain.lower,
        upper=domain.upper,
        step=domain.step,
        categories=domain.categories,
    )


def _stepped(value: Literal, domain: Domain) -> Literal:
    """Give a constant the representation of its column."""
    if value.value is None:
        return value
    one = Domain(
        kind=domain.kind,
        nullable=False,
        lower=value.domain.lower,
        upper=value.domain.upper,
        step=domain.step,
        categories=value.domain.categories,
    )
    return Literal(value=value.value, domain=one)
