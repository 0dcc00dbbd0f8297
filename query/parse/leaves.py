"""What stands in a row-wise expression and depends on the place: columns and sub-queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlglot import exp

from query.domains import BOOLEAN, UNIT, Domain, Kind, unify, with_null
from query.expressions import ColumnRef, Expression, SubQuery, SubQueryForm
from query.functions import FUNCTIONS
from query.parse.calls import is_clock, no_present
from query.parse.outcomes import Rows
from query.parse.pruned import without_unused
from query.parse.row_caps import capped_inside
from query.parse.scalars import Leaf, scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.relations import Filter, Relation
from query.traversal import expressions_in, references

__all__ = ["condition_of", "exists", "is_of_outside", "is_unit", "row_leaf", "value_of"]


def row_leaf(scope: Scope) -> Leaf:
    """Return the reader of what a row of this SELECT holds."""

    def leaf(node: exp.Expr) -> Expression | None:
        if isinstance(node, exp.Column):
            return scope.column(node)
        if is_clock(node):
            raise no_present(node, _newest(scope))
        text = node.sql(dialect="duckdb") if node.find(exp.Query) is not None else ""
        if text not in scope.sub_queries:
            found = of_sub_query(node) if text else None
            if found is None:
                return None
            scope.sub_queries[text] = found
        return scope.sub_queries[text]

    def of_sub_query(node: exp.Expr) -> Expression | None:
        match node:
            case exp.Exists():
                only(node, "this")
                return exists(node.this, scope)
            case exp.In() if node.args.get("query") is not None:
                return _is_among(node, scope)
            case exp.Subquery() | exp.Select():
                return value_of(node, scope)
            case _:
                return None

    return leaf


def _newest(scope: Scope) -> str:
    """Return the day of the snapshot, where its declared name is one."""
    try:
        day = date.fromisoformat(scope.dataset.spec.source.snapshot)
    except ValueError:
        return "such as DATE '2024-12-31'"
    return f"such as that of the snapshot: DATE '{day}'"


def condition_of(node: exp.Expr, scope: Scope) -> Expression:
    """Read a condition over rows.

    Raises:
        UnsupportedQueryError: If it is none.
    """
    condition = scalar(node, row_leaf(scope))
    if condition.domain.kind is not Kind.BOOLEAN:
        raise refusal(node, "this is not a condition", "write a comparison", "SQL-TYPE")
    return condition


def is_unit(expression: Expression, aliases: frozenset[str]) -> bool:
    """Say whether an expression over these relations alone names their rows' unit, or is NULL."""
    if expression.domain.key_space != UNIT:
        return False
    return {column.alias for column in references(expression)} <= aliases


def is_of_outside(expression: Expression, scope: Scope) -> bool:
    """Say whether an expression names columns, and all are of SELECTs around this one.

    SQL takes an aggregate over such columns for one of the SELECT around.
    """
    named = {column.alias for column in references(expression)}
    return scope.parent is not None and bool(named) and not named & scope.aliases


def exists(node: exp.Expr, scope: Scope) -> SubQuery:
    """Read whether a sub-query has a row.

    Raises:
        UnsupportedQueryError: If its rows are those of other units.
    """
    rows = _rows(node, scope)
    if rows.relation.unit is not None and not rows.restricted:
        raise _uncorrelated(node)
    return _there_is(without_unused(rows.relation, []), scope, node)


def _is_among(node: exp.In, scope: Scope) -> Expression:
    only(node, "this", "query")
    value = scalar(node.this, row_leaf(scope))
    rows = _rows(node.args["query"], scope)
    column = _one_column(rows, node)
    FUNCTIONS["eq"]((value, column))  # refuses what cannot be compared
    if _representation(value) != _representation(column):
        raise refusal(
            node,
            "IN compares values of different kinds or precisions",
            "use EXISTS with the equality inside",
            "SQL-TYPE",
        )
    relation = rows.relation
    if relation.unit is not None and not rows.restricted:
        owned = is_unit(value, scope.aliases) and is_unit(column, frozenset({column.alias}))
        # NOT IN is NULL for all units where one of them adds a NULL, and NULL IN () is not NULL
        if not owned or value.domain.nullable or column.domain.nullable:
            raise _uncorrelated(node)
        # the same rows, and the engine can join them by the unit
        condition = FUNCTIONS["eq"]((column, value))
        slim = without_unused(relation, [column])
        return _there_is(Filter(source=slim, condition=condition), scope, node)
    constant = value.domain.unit_constant and _is_constant(relation, scope)
    either = unify((value.domain, column.domain)) or BOOLEAN
    domain = replace(BOOLEAN, nullable=either.nullable, keeps_nulls=either.keeps_nulls)
    return SubQuery(
        form=SubQueryForm.IN,
        relation=_held(without_unused(relation, [column]), scope, node),
        value=value,
        column=column,
        domain=replace(domain, unit_constant=constant),
    )


def value_of(node: exp.Expr, scope: Scope) -> SubQuery:
    """Read a sub-query as the value of its one row, or NULL.

    Raises:
        UnsupportedQueryError: If it may have more rows, or those of other units.
    """
    rows = _rows(node, scope)
    of_one_unit = rows.relation.unit is None or rows.restricted
    if not rows.single and not (of_one_unit and rows.relation.max_rows == 1):
        raise refusal(
            node,
            "a sub-query used as a value may have more than one row",
            "hold it to the unit of the row outside (WHERE inner.unit = outer.unit), and aggregate "
            "it without GROUP BY or pick a row with ORDER BY … LIMIT 1",
            "SQL-SUBQUERY",
        )
    column = _one_column(rows, node)
    # one row for each row outside, so not one for each unit unless those rows agree
    constant = _is_constant(rows.relation, scope)
    domain = column.domain if rows.single else with_null(column.domain)
    return SubQuery(
        form=SubQueryForm.VALUE,
        relation=_held(without_unused(rows.relation, [column]), scope, node),
        column=column,
        domain=replace(domain, unit_constant=constant),
    )


def _there_is(relation: Relation, scope: Scope, node: exp.Expr) -> SubQuery:
    constant = _is_constant(relation, scope)
    domain = Domain(kind=Kind.BOOLEAN, nullable=False, unit_constant=constant)
    held = _held(relation, scope, node)
    return SubQuery(form=SubQueryForm.EXISTS, relation=held, domain=domain)


def _held(relation: Relation, scope: Scope, node: exp.Expr) -> Relation:
    """Bound the rows of a sub-query that is computed for each row outside, not for each unit."""
    if _is_constant(relation, scope):
        return relation
    return capped_inside(relation, scope, node)


def _is_constant(relation: Relation, scope: Scope) -> bool:
    """Say whether a sub-query is the same for all rows outside that are of one unit."""
    outside = scope.all_aliases
    named = (one for part in expressions_in(relation) for one in references(part))
    return all(one.domain.unit_constant for one in named if one.alias in outside)


def _rows(node: exp.Expr, scope: Scope) -> Rows:
    query = node.this if isinstance(node, exp.Subquery) else node
    found = scope.names.read(query, scope.ctes, scope, scope.names)
    if isinstance(found, Rows):
        return found
    raise refusal(
        node,
        "an aggregate over all units cannot be used inside a row-wise expression: it is released "
        "with noise",
        "ask for it in a query of its own, and write the number",
        "SQL-SUBQUERY",
    )


def _one_column(rows: Rows, node: exp.Expr) -> ColumnRef:
    if len(rows.columns) != 1:
        raise refusal(
            node,
            f"this sub-query has {len(rows.columns)} columns where one is needed",
            "select one column",
            "SQL-SUBQUERY",
        )
    return rows.columns[0][1]


def _representation(expression: Expression) -> tuple[object, ...]:
    domain = expression.domain
    step = domain.step if domain.kind is Kind.NUMBER else None
    return domain.kind, step, domain.key_space


def _uncorrelated(node: exp.Expr) -> Exception:
    return refusal(
        node,
        "this sub-query reads rows of other units than that of the row outside",
        "compare the unit keys: WHERE inner.unit = outer.unit, or unit IN (SELECT unit …)",
        "SQL-SUBQUERY",
    )
