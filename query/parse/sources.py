"""One item of a FROM clause: a declared table, a CTE, a sub-query, or written values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from sqlglot import exp

from query.domains import Domain
from query.expressions import ColumnRef
from query.parse.named import Source
from query.parse.outcomes import Released, Rows
from query.parse.scopes import Cte, Scope, declared_source, use_one_of
from query.parse.sqltext import only, refusal
from query.parse.written import series, values_of

__all__ = ["source_of"]

_Column = TypeVar("_Column", ColumnRef, Domain)


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
            found = values_of(node, scope)
        case exp.Unnest() | exp.Table(this=exp.GenerateSeries()):
            found = series(node, scope)
        case _:
            raise refusal(
                node,
                "only declared tables, CTEs, sub-queries and written rows can be read here",
                use_one_of([*scope.dataset.tables, *scope.ctes]),
                "SQL-FROM",
            )
    if isinstance(found, Released):
        return _relabeled(found, _aliases(node), node)
    name = node.alias or (node.name if isinstance(node, exp.Table) else found.relation.alias)  # type: ignore[union-attr]  # what is read has a name of ours
    source = Source(
        name=name, relation=found.relation, columns=dict(found.columns), hidden=found.order
    )
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
