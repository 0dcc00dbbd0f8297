"""PIVOT over written values, as the aggregates with FILTER that it stands for."""

from __future__ import annotations

from sqlglot import exp

from query.parse.sqltext import only, refusal

__all__ = ["without_pivots"]

_CLAUSES = {"this", "expressions", "fields", "using", "group", "alias", "columns"}
_SILENT = {"unpivot", "default_on_null", "identify_pivot_strings", "prefixed_pivot_columns"}
_SILENT |= {"pivot_column_naming"}


def without_pivots(statement: exp.Expr) -> None:
    """Write each PIVOT in FROM as a SELECT.

    Raises:
        UnsupportedQueryError: If its columns would depend on the data, or it is an UNPIVOT.
    """
    for pivot in list(statement.find_all(exp.Pivot)):
        around = pivot.parent
        if around is None or pivot.arg_key != "pivots":
            pivot.replace(_select(pivot, pivot.this.copy()))
            continue
        around.args["pivots"].remove(pivot)
        alias = pivot.args.get("alias")
        rows = exp.Subquery(this=_select(pivot, around.copy()), alias=alias)
        rows.meta.update(around.meta)
        around.replace(rows)


def _select(pivot: exp.Pivot, source: exp.Expr) -> exp.Select:
    only(pivot, *_CLAUSES, *(() if pivot.args.get("unpivot") else _SILENT))
    fields = pivot.args.get("fields") or pivot.expressions
    calls = pivot.args.get("using") or pivot.expressions
    group = pivot.args.get("group")
    field = fields[0] if len(fields) == 1 else None
    if not isinstance(field, exp.In) or not field.expressions or group is None:
        raise refusal(
            pivot,
            "PIVOT of this form has columns that are not written in the query",
            "write PIVOT t ON x IN ('a', 'b') USING SUM(y) GROUP BY unit",
            "SQL-CONSTRUCT",
        )
    outputs = [
        _column(field.this, value, call, several=len(calls) > 1)
        for value in field.expressions
        for call in calls
    ]
    select = exp.Select(
        expressions=[*(key.copy() for key in group.expressions), *outputs],
        from_=exp.From(this=source),
        group=group.copy(),
    )
    select.meta.update(pivot.meta)
    return select


def _column(key: exp.Expr, value: exp.Expr, call: exp.Expr, *, several: bool) -> exp.Expr:
    """Return one aggregate over the rows of one value, under the name that DuckDB gives it."""
    written = value.this if isinstance(value, exp.PivotAlias) else value
    name = value.args["alias"].name if isinstance(value, exp.PivotAlias) else written.name
    aggregate = call.this if isinstance(call, exp.Alias) else call
    if isinstance(call, exp.Alias) or several:
        name += f"_{call.alias or aggregate.sql(dialect='duckdb').lower()}"
    condition = exp.EQ(this=key.copy(), expression=written.copy())
    filtered = exp.Filter(this=aggregate.copy(), expression=exp.Where(this=condition))
    return exp.alias_(filtered, name, quoted=True)
