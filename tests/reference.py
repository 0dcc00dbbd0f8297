"""What a plan means, slowly and obviously: Python over lists of rows, one unit at a time.

It shares no code with the compiler: expressions are computed from their names in the researcher's
units (exact fractions, doubles, dates), and every plan is bounded, also where a bound is proved, so
that a false proof shows as a difference.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

from policies.datasets import DatasetPolicy
from query.domains import Domain, Kind
from query.expressions import ColumnRef, Expression
from query.plan import Plan, Statistic, StatisticKind, cell_keys
from query.relations import Filter, Join, JoinKind, Relation, Scan
from tests.fakes import StoredRow, StoredRows
from tests.row_functions import Value, compute

__all__ = ["reference_vectors"]

Joined: TypeAlias = Mapping[str, StoredRow | None]
"""From alias to the row of that table; None where an outer join found no partner."""
Group: TypeAlias = tuple[Value, ...]


def reference_vectors(
    plan: Plan, dataset: DatasetPolicy, tables: StoredRows
) -> tuple[tuple[int, ...], ...]:
    """Return the exact bounded vectors: one for each statistic, in the order of the cells."""
    places: dict[Group, int] = {cell: place for place, cell in enumerate(cell_keys(plan))}
    vectors = [[0] * plan.cells for _ in plan.statistics]
    for rows in _by_unit(plan, dataset, tables):
        groups = _groups(plan, rows)
        for group in _kept(plan, groups, _salt(plan, rows[0])):
            if group not in places:
                continue
            for vector, statistic in zip(vectors, plan.statistics, strict=True):
                vector[places[group]] += _bounded(plan, statistic, groups[group])
    return tuple(tuple(vector) for vector in vectors)


def _by_unit(plan: Plan, dataset: DatasetPolicy, tables: StoredRows) -> list[list[Joined]]:
    units: dict[object, list[Joined]] = {}
    unit = plan.question.relation.unit
    assert unit is not None
    for row in _rows(plan.question.relation, dataset, tables):
        owner = row[unit.alias]
        assert owner is not None
        units.setdefault(owner[unit.column], []).append(row)
    return list(units.values())


def _salt(plan: Plan, row: Joined) -> int:
    unit = plan.question.relation.unit
    assert unit is not None
    owner = row[unit.alias]
    assert owner is not None
    return int(str(owner["__salt"]))


def _rows(relation: Relation, dataset: DatasetPolicy, tables: StoredRows) -> Iterator[Joined]:
    match relation:
        case Scan():
            for row in tables.get(relation.table, ()):
                yield {relation.alias: row}
        case Filter():
            for joined in _rows(relation.source, dataset, tables):
                if _value(relation.condition, joined) is True:
                    yield joined
        case Join():
            yield from _joined(relation, dataset, tables)


def _joined(relation: Join, dataset: DatasetPolicy, tables: StoredRows) -> Iterator[Joined]:
    alias = relation.right.alias
    for left in _rows(relation.left, dataset, tables):
        found = False
        for right in tables.get(relation.right.table, ()):
            pair = {**left, alias: right}
            if _value(relation.condition, pair) is True:
                found = True
                yield pair
        if not found and relation.kind is JoinKind.LEFT:
            yield {**left, alias: None}


def _value(expression: Expression, row: Joined) -> Value:
    return compute(expression, lambda column: _column(column, row))


def _column(column: ColumnRef, row: Joined) -> Value:
    stored = row[column.alias]
    value = None if stored is None else stored.get(column.column)
    if column.domain.kind is Kind.NUMBER and isinstance(value, int):
        return value * column.domain.step
    return value  # type: ignore[return-value]


def _groups(plan: Plan, rows: list[Joined]) -> dict[Group, list[Joined]]:
    groups: dict[Group, list[Joined]] = {}
    for row in rows:
        group = tuple(_value(key.expression, row) for key in plan.question.keys)
        dropped = any(
            value is None and None not in key.domain
            for value, key in zip(group, plan.question.keys, strict=True)
        )
        if not dropped:
            groups.setdefault(group, []).append(row)
    return groups


def _kept(plan: Plan, groups: Mapping[Group, list[Joined]], salt: int) -> list[Group]:
    """The first ``max_groups`` groups in the order of a hash of the unit's salt and the group."""
    domains = [key.expression.domain for key in plan.question.keys]

    def order(group: Group) -> str:
        parts = (_written(value, one) for value, one in zip(group, domains, strict=True))
        return hashlib.md5("|".join([str(salt), *parts]).encode()).hexdigest()  # noqa: S324  an order

    return sorted(groups, key=order)[: plan.bounds.max_groups]


def _written(value: Value, domain: Domain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if domain.kind is Kind.NUMBER and isinstance(value, int | Fraction):
        return str(int(value / domain.step))
    return str(value)


def _bounded(plan: Plan, statistic: Statistic, rows: list[Joined]) -> int:
    entering = [row for row in rows if _enters(statistic, row)]
    most = plan.bounds.max_rows_per_group
    match statistic.kind:
        case StatisticKind.UNITS:
            return 1 if entering else 0
        case StatisticKind.ROWS:
            return min(len(entering), most)
        case StatisticKind.SUM:
            total = sum(_steps(statistic, row) for row in entering)
            if len(entering) <= most:
                return total
            return math.trunc(Fraction(total * most, len(entering)))


def _enters(statistic: Statistic, row: Joined) -> bool:
    return statistic.where is None or _value(statistic.where, row) is True


def _steps(statistic: Statistic, row: Joined) -> int:
    assert statistic.value is not None
    value = _value(statistic.value, row)
    assert isinstance(value, int | Fraction)
    steps = Fraction(value) / statistic.step
    assert steps.denominator == 1
    assert abs(steps - statistic.center) <= statistic.bound
    return int(steps) - statistic.center
