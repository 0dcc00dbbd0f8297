"""Plan to DuckDB SQL: bounded integers per privacy unit, added up over units.

The text is ours from the first word to the last: names come from declarations, constants from
typed literals. It is in the subset that other engines read too (see docs/adr/0004).
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import assert_never

from policies.layout import SALT
from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression, Literal
from query.plan import Plan, Statistic, StatisticKind
from query.relations import Filter, Join, Relation, Scan

__all__ = ["compile_plan", "sql_of"]


def compile_plan(plan: Plan) -> str:
    """Return one statement whose rows are group keys, then one integer for each statistic.

    Groups without rows are absent; their integers are 0. Keys come as integers (counts of the
    key's step), texts, booleans, or ISO dates.
    """
    keys = [f"k{index}" for index in range(len(plan.question.keys))]
    sums = [f"x{index}" for index in range(len(plan.statistics))]
    rows = _rows(plan, keys, sums)
    if not plan.needs_partials:
        source, parts = rows, [_whole(one, name) for name, one in _named(plan, sums)]
    else:
        source, parts = _bounded(plan, rows, keys, sums), [f"SUM({name})" for name in sums]
    outputs = [_shown(key, plan, index) for index, key in enumerate(keys)]
    outputs += [f"COALESCE({part}, 0) AS {name}" for part, name in zip(parts, sums, strict=True)]
    statement = f"SELECT {', '.join(outputs)}\nFROM ({source})"
    return f"{statement}\nGROUP BY {', '.join(keys)}" if keys else statement


def _rows(plan: Plan, keys: list[str], sums: list[str]) -> str:
    """One row for each row of the relation: unit, salt, keys, and what it adds."""
    question = plan.question
    unit = question.relation.unit
    assert unit is not None  # noqa: S101  the parser refuses relations without a unit
    outputs = [f"{sql_of(unit)} AS u", f"{unit.alias}.{_quoted(SALT)} AS z"]
    outputs += [
        f"{sql_of(key.expression)} AS {name}" for key, name in zip(question.keys, keys, strict=True)
    ]
    outputs += [f"{_contribution(one)} AS {name}" for name, one in _named(plan, sums)]
    statement = f"SELECT {', '.join(outputs)} FROM {_from(question.relation)}"
    kept = [
        f"({sql_of(key.expression)}) IS NOT NULL" for key in question.keys if None not in key.domain
    ]
    kept += [sql_of(condition) for condition in _wheres(question.relation)]
    return f"{statement} WHERE {' AND '.join(kept)}" if kept else statement


def _bounded(plan: Plan, rows: str, keys: list[str], sums: list[str]) -> str:
    """One row for each unit and group: its bounded integers; at most ``max_groups`` a unit."""
    group = ", ".join(["u", *keys])
    partials = ["u", "MIN(z) AS z", *keys]
    for name, one in _named(plan, sums):
        partials.append(f"COUNT({name}) AS n_{name}")
        if one.kind is StatisticKind.SUM:
            partials.append(f"SUM(CAST({name} AS HUGEINT)) AS s_{name}")
    grouped = f"SELECT {', '.join(partials)} FROM ({rows}) GROUP BY {group}"
    bounded = [*keys, *(_scaled(plan, one, name) for name, one in _named(plan, sums))]
    statement = f"SELECT {', '.join(bounded)} FROM ({grouped})"
    if plan.bounds.groups_proved:
        return statement
    order = " || '|' || ".join(
        ["CAST(z AS VARCHAR)", *(f"COALESCE(CAST({key} AS VARCHAR), '')" for key in keys)]
    )
    rank = f"ROW_NUMBER() OVER (PARTITION BY u ORDER BY MD5({order}), {', '.join(keys)})"
    return f"{statement} QUALIFY {rank} <= {plan.bounds.max_groups}"


def _contribution(statistic: Statistic) -> str:
    """What one row adds before bounding; NULL where it adds nothing."""
    added = "1"
    if statistic.value is not None:
        added = sql_of(statistic.value)
        added = f"({added} - ({statistic.center}))" if statistic.center else added
    if statistic.where is None:
        return added
    return f"CASE WHEN {sql_of(statistic.where)} THEN {added} END"


def _whole(statistic: Statistic, name: str) -> str:
    """Add up rows that need no bounding."""
    if statistic.kind is StatisticKind.SUM:
        return f"SUM(CAST({name} AS HUGEINT))"
    return f"COUNT({name})"


def _scaled(plan: Plan, statistic: Statistic, name: str) -> str:
    """Bound what one unit adds to one group, with weight min(1, max_rows / rows).

    The weight is that of the expected sum over a random sample of ``max_rows`` rows, without its
    variance; numerator and denominator of a mean have the same weight, so it stays unbiased
    for the mean over such samples.
    """
    most = plan.bounds.max_rows_per_group
    match statistic.kind:
        case StatisticKind.UNITS:
            return f"CASE WHEN n_{name} > 0 THEN 1 ELSE 0 END AS {name}"
        case StatisticKind.ROWS:
            return f"LEAST(n_{name}, {most}) AS {name}"
        case StatisticKind.SUM:
            scaled = (
                f"CASE WHEN n_{name} <= {most} THEN s_{name} ELSE s_{name} * {most} // n_{name} END"
            )
            return f"{scaled} AS {name}"
        case _:
            assert_never(statistic.kind)


def _shown(key: str, plan: Plan, index: int) -> str:
    """Dates leave the engine as ISO texts, since rows hold no vendor's types."""
    kind = plan.question.keys[index].expression.domain.kind
    return f"CAST({key} AS VARCHAR) AS {key}" if kind in {Kind.DATE, Kind.TEXT} else key


def _named(plan: Plan, names: list[str]) -> list[tuple[str, Statistic]]:
    return list(zip(names, plan.statistics, strict=True))


def _from(relation: Relation) -> str:
    match relation:
        case Scan():
            return f"{_quoted(relation.table)} AS {relation.alias}"
        case Join():
            condition = sql_of(relation.condition)
            left, right = _from(relation.left), _from(relation.right)
            return f"{left} {relation.kind.value} {right} ON {condition}"
        case Filter():
            return _from(relation.source)
        case _:
            assert_never(relation)


def _wheres(relation: Relation) -> list[Expression]:
    return [relation.condition] if isinstance(relation, Filter) else []


def sql_of(expression: Expression) -> str:
    """Return the DuckDB SQL of a row-wise expression.

    Raises:
        TypeError: For what exists only after the noise.
    """
    match expression:
        case ColumnRef():
            return f"{expression.alias}.{_quoted(expression.column)}"
        case Literal():
            return _constant(expression)
        case Call():
            return expression.sql.format(*(sql_of(arg) for arg in expression.args))
        case _:
            raise TypeError("a released value cannot be computed in the engine")


def _constant(literal: Literal) -> str:
    match literal.value:
        case None:
            return "NULL"
        case bool() as truth:
            return "TRUE" if truth else "FALSE"
        case int() | Fraction() as number:
            return _number(Fraction(number), literal)
        case str() as text:
            return "'" + text.replace("'", "''") + "'"
        case datetime() as moment:
            return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
        case date() as day:
            return f"DATE '{day.isoformat()}'"
        case _:
            assert_never(literal.value)


def _number(number: Fraction, literal: Literal) -> str:
    """Return a number as a double, or as a count of its domain's step.

    Counts are BIGINT, however small: products of the engine's INTEGER could overflow on some row.
    """
    if literal.domain.kind is Kind.REAL:
        return f"CAST('{float(number)!r}' AS DOUBLE)"
    return f"CAST({number / literal.domain.step} AS BIGINT)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
