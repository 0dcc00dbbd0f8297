"""Relations and row-wise expressions as DuckDB SQL.

The text is ours from the first word to the last: names come from declarations, constants from
typed literals. Every expression yields NULL where it could fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from policies.layout import RANK, SALT
from query.domains import Kind
from query.expressions import (
    Call,
    ColumnRef,
    Expression,
    Literal,
    SubQuery,
    SubQueryForm,
    is_window,
    walk,
)
from query.quoting import constant, quoted
from query.relations import (
    HIDDEN_UNIT,
    Derived,
    Filter,
    Grouped,
    Join,
    JoinKind,
    Relation,
    Scan,
    Union,
    Values,
    rows_of,
)

__all__ = ["from_where", "salt_of", "sql_of"]


def sql_of(expression: Expression) -> str:
    """Return the DuckDB SQL of a row-wise expression.

    Raises:
        TypeError: For what exists only after the noise.
    """
    match expression:
        case ColumnRef():
            return f"{expression.alias}.{quoted(expression.column)}"
        case Literal():
            return _constant(expression)
        case Call():
            return _called(expression)
        case SubQuery():
            return _sub_query(expression)
        case _:
            raise TypeError("a released value cannot be computed in the engine")


def _called(call: Call) -> str:
    """Write a call; a sub-query in it is written and computed once, and never inside TRY."""
    args = [sql_of(arg) for arg in call.args]
    names = [f"b.b{place}" if _is_bound(call, place) else sql for place, sql in enumerate(args)]
    bound = [f"{sql} AS b{place}" for place, sql in enumerate(args) if names[place] != sql]
    if not bound:
        return call.sql.format(*args)
    source = f"FROM (SELECT {', '.join(bound)}) AS b"
    return f"(SELECT {call.sql.format(*names)} {source})"


def _is_bound(call: Call, place: int) -> bool:
    """Say whether an argument holds a sub-query that the call's format repeats, or puts into TRY.

    Windows and aggregates look at many rows, so neither they nor what holds them can be computed
    in a sub-query of their own.
    """
    parts = list(walk(call.args[place]))
    if call.name.startswith(("unit_", "over_")) or not any(isinstance(p, SubQuery) for p in parts):
        return False
    if any(map(is_window, parts)):
        return False
    return "TRY" in call.sql or call.sql.count(f"{{{place}}}") > 1


def from_where(relation: Relation, more: Sequence[str] = ()) -> str:
    """Return ``FROM … WHERE …`` of a relation.

    Args:
        relation: Rows.
        more: Conditions beside those of the relation.
    """
    conditions: list[str] = []
    source = _item(relation, conditions)
    conditions += more
    return f"FROM {source}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")


def salt_of(relation: Relation) -> str:
    """Return the SQL of the unit's salt in the rows of a private relation."""
    match relation:
        case Join(kind=JoinKind.FULL) if relation.left.unit is not None:
            return f"COALESCE({salt_of(relation.left)}, {salt_of(relation.right)})"
        case Join():
            right_first = relation.kind is JoinKind.RIGHT or relation.left.unit is None
            return salt_of(relation.right if right_first else relation.left)
        case Filter():
            return salt_of(relation.source)
        case Scan() | Values() | Derived() | Grouped() | Union():
            return f"{relation.alias}.{quoted(SALT)}"
        case _:
            assert_never(relation)


def _item(relation: Relation, conditions: list[str]) -> str:
    """Return an item of FROM; what its filters ask is added to the conditions."""
    match relation:
        case Scan(cap=None):
            return f"{quoted(relation.table)} AS {relation.alias}"
        case Scan():
            rows = f"SELECT * FROM {quoted(relation.table)} WHERE {quoted(RANK)} <= {relation.cap}"
            return f"({rows}) AS {relation.alias}"
        case Filter():
            item = _item(relation.source, conditions)
            conditions.append(f"({sql_of(relation.condition)})")
            return item
        case Join():
            left = _item(relation.left, conditions)
            right = _item(relation.right, conditions)
            condition = "TRUE" if relation.condition is None else sql_of(relation.condition)
            return f"{left} {relation.kind.value} {right} ON {condition}"
        case Values():
            columns = ", ".join(quoted(f"f{place}") for place in range(len(relation.domains)))
            return f"({_values(relation)}) AS {relation.alias}({columns})"
        case Derived() | Grouped() | Union():
            return f"({_select(relation)}) AS {relation.alias}"
        case _:
            assert_never(relation)


def _select(relation: Derived | Grouped | Union) -> str:
    match relation:
        case Derived():
            return _derived(relation)
        case Grouped():
            return _grouped(relation)
        case Union():
            return " UNION ALL ".join(f"({_derived(part)})" for part in relation.parts)
        case _:
            assert_never(relation)


def _derived(relation: Derived) -> str:
    outputs = _hidden(relation.source)
    outputs += [f"{sql_of(one.expression)} AS {quoted(one.name)}" for one in relation.fields]
    selected = f"SELECT {', '.join(outputs) or '1'}"
    if relation.qualify is None:
        return f"{selected} {from_where(relation.source)}"
    computed = (*(one.expression for one in relation.fields), relation.qualify)
    if not any(is_window(part) for one in computed for part in walk(one)):
        # without windows it is a WHERE, and the engine refuses it as anything else
        return (
            f"{selected} {from_where(Filter(source=relation.source, condition=relation.qualify))}"
        )
    return f"{selected} {from_where(relation.source)} QUALIFY {sql_of(relation.qualify)}"


def _grouped(relation: Grouped) -> str:
    """Group by the unit too, also where it is not listed: rows of two units never meet."""
    keys = [sql_of(one.expression) for one in relation.keys]
    outputs = [f"{key} AS {quoted(one.name)}" for key, one in zip(keys, relation.keys, strict=True)]
    outputs += [f"{sql_of(one.expression)} AS {quoted(one.name)}" for one in relation.aggregates]
    source = relation.source
    if source.unit is not None and not relation.single:
        unit = sql_of(source.unit)
        outputs = [
            f"{unit} AS {quoted(HIDDEN_UNIT)}",
            f"MIN({salt_of(source)}) AS {quoted(SALT)}",
            *outputs,
        ]
        keys = [unit, *keys]
    # without keys it is one row, also where nobody asks for its aggregates
    statement = f"SELECT {', '.join(outputs) or 'COUNT(*)'} {from_where(source)}"
    return f"{statement} GROUP BY {', '.join(keys)}" if keys else statement


def _hidden(source: Relation) -> list[str]:
    if source.unit is None:
        return []
    unit = f"{sql_of(source.unit)} AS {quoted(HIDDEN_UNIT)}"
    return [unit, f"{salt_of(source)} AS {quoted(SALT)}"]


def _values(relation: Values) -> str:
    rows = (", ".join(_constant(value) for value in row) for row in relation.rows)
    return f"VALUES {', '.join(f'({row})' for row in rows)}"


def _sub_query(query: SubQuery) -> str:
    rows = from_where(rows_of(query))
    match query.form:
        case SubQueryForm.EXISTS:
            return f"(EXISTS (SELECT 1 {rows}))"
        case SubQueryForm.IN if query.column is not None and query.value is not None:
            return f"({sql_of(query.value)} IN (SELECT {sql_of(query.column)} {rows}))"
        case _:
            assert query.column is not None  # noqa: S101  a value has its column
            return f"(SELECT {sql_of(query.column)} {rows})"


def _constant(literal: Literal) -> str:
    if isinstance(literal.value, int | Fraction) and not isinstance(literal.value, bool):
        return _number(Fraction(literal.value), literal)
    return constant(literal.value)


def _number(number: Fraction, literal: Literal) -> str:
    """Return a number as a double, or as a count of its domain's step.

    Counts are BIGINT, however small: products of the engine's INTEGER could overflow on some row.
    """
    if literal.domain.kind is Kind.REAL:
        return f"CAST('{float(number)!r}' AS DOUBLE)"
    return f"CAST({number / literal.domain.step} AS BIGINT)"
