"""SQL text to one question: which SELECT is released, and what is computed before and after."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.expressions import Expression
from query.parse.items import has_aggregate, items_of
from query.parse.joins import relation_of
from query.parse.leaves import row_leaf
from query.parse.normalized import normalized
from query.parse.outcomes import Released, Rows
from query.parse.outer import outer_question
from query.parse.pruned import pruned
from query.parse.released import question_of
from query.parse.rows import is_unit_key, rows_of
from query.parse.scalars import scalar
from query.parse.scopes import Cte, Names, Scope
from query.parse.sets import combined, sides_of
from query.parse.sqltext import only, refusal, select_of, too_deep
from query.question import Question
from query.relations import Relation

__all__ = ["parse"]


def parse(sql: str, dataset: DatasetPolicy) -> Question:
    """Read a researcher's SQL over a dataset's declared tables.

    Raises:
        UnsupportedQueryError: With position, construct and the nearest supported form.
    """
    try:
        statement = normalized(select_of(sql))
        found = _read(statement, {}, None, Names(dataset=dataset, read=_read))
        if isinstance(found, Rows):
            raise _rows_asked(statement, found)
        return pruned(found.question)
    except RecursionError:
        raise too_deep() from None


def _read(
    query: exp.Expr, ctes: Mapping[str, Cte], parent: Scope | None, names: Names
) -> Rows | Released:
    """Read a query: its rows where they still belong to units, else what it releases."""
    match query:
        case exp.Subquery():
            only(query, "this")
            return _read(query.this, ctes, parent, names)
        case exp.Select():
            scope = Scope(names=names, ctes=_with(query, ctes), parent=parent)
            return _select(query, scope)
        case exp.SetOperation():
            return _union(query, ctes, parent, names)
        case exp.Values():
            raise refusal(query, "VALUES stands alone", "use it in FROM", "SQL-FROM")
        case _:
            raise refusal(
                query,
                f"{query.key.upper()} is not supported here",
                "write a SELECT",
                "SQL-CONSTRUCT",
            )


def _select(select: exp.Select, scope: Scope) -> Rows | Released:
    relation = relation_of(select, scope)
    if isinstance(relation, Released):
        return Released(question=outer_question(relation.question, select))
    if _is_released(select, scope, relation):
        return Released(question=question_of(select, scope, relation))
    return rows_of(select, scope, relation)


def _is_released(select: exp.Select, scope: Scope, relation: Relation) -> bool:
    """Say whether a SELECT aggregates over units."""
    if relation.unit is None or scope.restricted:
        return False
    items, group = items_of(select), select.args.get("group")
    parts = [node for _, node in items.pairs]
    parts += [part.this for part in map(select.args.get, ("having", "qualify")) if part is not None]
    if group is None:
        return any(has_aggregate(node) for node in parts)
    return not any(is_unit_key(key, scope) for key in _plain_keys(select, scope))


def _plain_keys(select: exp.Select, scope: Scope) -> list[Expression]:
    """Return the group keys that are columns; a unit's key is one."""
    nodes = items_of(select).keys(select.args["group"], scope)
    return [scalar(node, row_leaf(scope)) for node in nodes if isinstance(node, exp.Column)]


def _with(select: exp.Expr, outer: Mapping[str, Cte]) -> Mapping[str, Cte]:
    """Return the named sub-queries that a SELECT may use; each sees those before it."""
    named = select.args.get("with_")
    if named is None:
        return outer
    only(named, "expressions")
    visible = dict(outer)
    for cte in named.expressions:
        only(cte, "this", "alias", "materialized")
        names = tuple(one.name for one in cte.args["alias"].args.get("columns") or ())
        visible[cte.alias.lower()] = Cte(query=cte.this, visible=dict(visible), names=names)
    return visible


def _union(
    query: exp.SetOperation, ctes: Mapping[str, Cte], parent: Scope | None, names: Names
) -> Rows:
    sides, visible = sides_of(query), _with(query, ctes)
    parts = [_read(side, visible, parent, names) for side in sides]
    rows = [part for part in parts if isinstance(part, Rows)]
    if len(rows) != len(parts):
        raise refusal(
            query,
            f"{query.key.upper()} of aggregates over all units is not supported",
            "put the rows together first, with a column that says which part they are of, and "
            "GROUP BY it",
            "SQL-UNION",
        )
    return combined(rows, query, Scope(names=names, ctes=visible, parent=parent))


def _rows_asked(statement: exp.Expr, rows: Rows) -> UnsupportedQueryError:
    if rows.relation.unit is None:
        return refusal(
            statement,
            "only public tables are read",
            "join a private table, or read the public list from the catalog",
            "SQL-FROM",
        )
    group = statement.args.get("group")
    if group is not None:
        return refusal(
            group,
            "groups of one privacy unit or key are not released",
            "group by a column with a public domain, or aggregate these groups: SELECT AVG(n) "
            "FROM (…)",
            "SQL-GROUP",
        )
    return refusal(
        next(iter(statement.args.get("expressions") or ()), statement),
        "the query computes no aggregate, and rows are not released",
        "use COUNT, SUM or AVG",
        "SQL-AGGREGATE",
    )
