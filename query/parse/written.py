"""Public rows that the query itself writes: VALUES, lists, series of numbers and dates."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final

from sqlglot import exp

from query.domains import Domain, Kind, number, unify
from query.expressions import ColumnRef, Expression, Literal
from query.functions.building import literal_number
from query.parse.literals import moment
from query.parse.outcomes import Rows
from query.parse.scalars import scalar
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.periods import Grain, period_start
from query.relations import Values

__all__ = ["nothing", "series", "values_of"]

MAX_VALUES = 10_000
"""Rows of a series; a text of VALUES is shorter."""
_DAYS: Final = {"DAY": 1, "WEEK": 7}
_MONTHS: Final = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_LAST_SAFE_DAY = 28
"""Every month has it."""
_INTERVAL = re.compile(r"\s*(\d{1,5})\s*([A-Za-z]*)\s*", re.ASCII)


def values_of(node: exp.Values, scope: Scope) -> Rows:
    """Read VALUES.

    Raises:
        UnsupportedQueryError: If its rows differ in length, or hold more than constants.
    """
    rows = [tuple(_constant(item) for item in row.expressions) for row in node.expressions]
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise refusal(
            node, "the rows of VALUES differ in length", "give equally long rows", "SQL-FROM"
        )
    names = [f"col{place}" for place in range(widths.pop())]
    return _rows(rows, names, node, scope)


def series(node: exp.Expr, scope: Scope) -> Rows:
    """Read ``UNNEST([…])``, ``range(…)`` or ``generate_series(…)`` of written ends.

    Raises:
        UnsupportedQueryError: If it holds more than constants, or too many rows.
    """
    only(node, "this", "expressions", "alias")
    listed = node.this if isinstance(node, exp.Table) else node.expressions[0]
    if isinstance(listed, exp.Array):
        items, name = [_constant(one) for one in listed.expressions], "unnest"
    elif isinstance(listed, exp.GenerateSeries):
        items = _steps(listed)
        name = "range" if listed.args.get("is_end_exclusive") else "generate_series"
        name = "unnest" if isinstance(node, exp.Unnest) else name
    else:
        raise refusal(
            node,
            "UNNEST takes a written list, or range and generate_series of written ends",
            "write the list, such as UNNEST([1, 2, 3]), or use VALUES",
            "SQL-FROM",
        )
    if not 0 < len(items) <= MAX_VALUES:
        raise refusal(
            node, f"a series has {len(items)} rows",
            f"write one of 1 to {MAX_VALUES}", "SQL-NUMBER",
        )  # fmt: skip
    return _rows([(one,) for one in items], [name], node, scope)


def nothing(node: exp.Expr, scope: Scope) -> Values:
    """Return the one row without columns that a SELECT without FROM reads."""
    zero = Fraction(0)
    domain = number(zero, zero, nullable=False)
    row = (Literal(value=0, domain=domain),)
    return Values(alias=scope.names.alias(node), domains=(domain,), rows=(row,))


def _rows(rows: list[tuple[Literal, ...]], names: list[str], node: exp.Expr, scope: Scope) -> Rows:
    domains = [_column_domain([row[place] for row in rows], node) for place in range(len(names))]
    alias = scope.names.alias(node)
    aligned = tuple(
        tuple(_stepped(value, domain) for value, domain in zip(row, domains, strict=True))
        for row in rows
    )
    relation = Values(alias=alias, domains=tuple(domains), rows=aligned)
    columns = tuple(
        (name, ColumnRef(alias=alias, table="", column=f"f{n}", domain=domain, origin=rows[0][n]))
        for n, (name, domain) in enumerate(zip(names, domains, strict=True))
    )
    return Rows(relation=relation, columns=columns)


def _constant(node: exp.Expr) -> Literal:
    varies = node.find(exp.Column) is not None
    value = None if varies else scalar(node, lambda _: None)
    if not isinstance(value, Literal):
        raise refusal(node, "a written list holds more than constants", "write the value",
                      "SQL-FROM")  # fmt: skip
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
        grain=_grain(column) if domain.kind is Kind.DATE else Grain.DAY,
        categories=domain.categories,
    )


def _grain(column: list[Literal]) -> Grain:
    """Return the coarsest periods that all dates start."""
    days = [one.value for one in column if isinstance(one.value, date)]
    return next(one for one in Grain if all(period_start(day, one) == day for day in days))


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


def _steps(node: exp.GenerateSeries) -> list[Literal]:
    """Return the values of a series; of dates too, which the engine makes timestamps."""
    only(node, "start", "end", "step", "is_end_exclusive")
    start, end = (scalar(node.args[part], lambda _: None) for part in ("start", "end"))
    more = 0 if node.args.get("is_end_exclusive") else 1
    step = node.args.get("step")
    if isinstance(step, exp.Interval):
        ends = (_day(start, node), _day(end, node) + timedelta(days=more))
        return _dates(node, *ends, step)
    low, high = (literal_number(one, "a series") for one in (start, end))
    by = Fraction(1) if step is None else literal_number(scalar(step, lambda _: None), "a series")
    if by <= 0 or any(one.denominator != 1 for one in (low, high, by)):
        raise refusal(
            node, "a series does not rise by whole numbers", "write whole numbers", "SQL-NUMBER"
        )
    counts = range(int(low), int(high) + more, int(by))
    return [_whole(count) for count in counts[: MAX_VALUES + 1]]


def _whole(count: int) -> Literal:
    value, step = Fraction(count), Fraction(abs(count) or 1)
    return Literal(value=count, domain=number(value, value, step=step, nullable=False))


def _day(value: Expression, node: exp.Expr) -> date:
    found = value.value if isinstance(value, Literal) else None
    if isinstance(found, datetime) or not isinstance(found, date):
        raise refusal(
            node, "a series by INTERVAL has ends that are no dates",
            "write DATE '2020-01-01'", "SQL-TYPE",
        )  # fmt: skip
    return found


def _dates(node: exp.Expr, start: date, end: date, step: exp.Interval) -> list[Literal]:
    found = _INTERVAL.fullmatch(step.this.name if isinstance(step.this, exp.Literal) else "")
    unit = step.args.get("unit")
    word = (found[2] or (unit.name if unit is not None else "")) if found else ""
    word = word.upper().removesuffix("S")
    count = int(found[1]) if found else 0
    monthly = word in _MONTHS and start.day <= _LAST_SAFE_DAY
    if not count or not (monthly or word in _DAYS):
        raise refusal(
            node,
            "a series of dates goes by whole days, weeks, months, quarters or years",
            "write INTERVAL 1 MONTH, from one of the first 28 days of a month",
            "SQL-NUMBER",
        )
    days: list[date] = []
    day = start
    while day < end and len(days) <= MAX_VALUES:
        days.append(day)
        day = _next_month(day, count * _MONTHS[word]) if monthly else (
            day + timedelta(days=count * _DAYS[word])
        )  # fmt: skip
    return [_moment(one) for one in days]


def _moment(day: date) -> Literal:
    return moment(exp.Null(), day.isoformat(), Kind.DATE)


def _next_month(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, day.day)
