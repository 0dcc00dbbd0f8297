"""SQL text to one question: which SELECT is released, and what is computed before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from policies.datasets import DatasetPolicy
from policies.errors import UnsupportedQueryError
from query.canonical_rows import base_text
from query.expressions import Expression, KeyRef
from query.parse.items import has_aggregate, items_of
from query.parse.joins import relation_of
from query.parse.leaves import row_leaf
from query.parse.normalized import normalized
from query.parse.outcomes import Released, Rows
from query.parse.outer import selected, stacked
from query.parse.pruned import pruned
from query.parse.released import question_of
from query.parse.released_joins import ReleasedFrom
from query.parse.released_work import check_work
from query.parse.row_caps import check_together
from query.parse.rows import is_unit_key, rows_of
from query.parse.scalars import scalar
from query.parse.scopes import Cte, Names, Scope
from query.parse.sets import combined, sides_of
from query.parse.sqltext import only, refusal, select_of, too_deep
from query.parse.statements import statement_of
from query.parse.text_sizes import check_texts
from query.question import Question
from query.relations import Relation
from query.reports import Measured

__all__ = ["parse"]


def parse(sql: str, dataset: DatasetPolicy) -> Question:
    """Read a researcher's SQL over a dataset's declared tables.

    Raises:
        UnsupportedQueryError: With position, construct and the nearest supported form.
    """
    try:
        statement = normalized(select_of(sql))
        names = Names(dataset=dataset, read=_read)
        found = _read(statement, {}, None, names)
        if isinstance(found, Rows):
            raise _rows_asked(statement, found)
        question = statement_of(found, tuple(names.questions), statement)
        base = base_text(question.relation)
        for one in question.questions:
            check_texts(one, statement)
        check_together(question.questions, statement)
        return replace(pruned(question), base=base, others=tuple(map(pruned, question.others)))
    except RecursionError:
        raise too_deep() from None


def _read(
    query: exp.Expr, ctes: Mapping[str, Cte], parent: Scope | None, names: Names
) -> Rows | Released:
    """Read a query: its rows where they still belong to units, else what it releases."""
    found = _found(query, ctes, parent, names)
    if isinstance(found, Released):
        check_work(found.table, names, query)
    return found


def _found(
    query: exp.Expr, ctes: Mapping[str, Cte], parent: Scope | None, names: Names
) -> Rows | Released:
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
    if isinstance(relation, ReleasedFrom):
        return selected(select, relation, scope)
    if _is_released(select, scope, relation):
        return _measured(question_of(select, scope, relation), scope.names)
    return rows_of(select, scope, relation)


def _measured(question: Question, names: Names) -> Released:
    """Note a question that is measured by itself."""
    names.questions.append(question)
    shown = {
        output.expression.index: place
        for place, output in enumerate(question.outputs)
        if isinstance(output.expression, KeyRef)
    }
    keys = set(range(len(question.keys)))
    told_apart = len(question.grouping_sets) == 1 and keys <= set(shown)
    keyed = question.private_keys
    most = max(question.cells, names.dataset.spec.queries.max_cells if keyed else 1)
    table = Measured(
        place=len(names.questions) - 1,
        width=len(question.outputs),
        max_rows=most if question.limit is None else min(most, question.limit),
        unique=frozenset(shown[key] for key in keys) if told_apart else None,
    )
    columns = tuple((one.name, one.expression.domain) for one in question.outputs)
    return Released(table=table, columns=columns)


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
) -> Rows | Released:
    sides, visible = sides_of(query), _with(query, ctes)
    scope = Scope(names=names, ctes=visible, parent=parent)
    parts = [_read(side, visible, parent, names) for side in sides]
    released = [part for part in parts if isinstance(part, Released)]
    if len(released) == len(parts):
        return stacked(query, released, scope)
    only(query, "this", "expression", "distinct", "with_", "by_name")
    rows = [part for part in parts if isinstance(part, Rows)]
    if released:
        raise refusal(
            query,
            f"{query.key.upper()} puts rows and aggregates over all units together",
            "aggregate all parts, or none",
            "SQL-UNION",
        )
    return combined(rows, query, scope)


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
