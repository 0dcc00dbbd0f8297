"""Dates: their parts, the time between two of them, and intervals that are added."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from sqlglot import exp

from query.domains import Kind
from query.expressions import Expression
from query.functions import FUNCTIONS
from query.parse.literals import literal, text
from query.parse.sqltext import only, refusal

__all__ = ["date_function", "interval_of"]

Read: TypeAlias = Callable[[exp.Expr], Expression]

_PARTS: Final[dict[type[exp.Expr], str]] = {
    exp.Year: "year",
    exp.Quarter: "quarter",
    exp.Month: "month",
    exp.Week: "week",
    exp.WeekOfYear: "week",
    exp.Day: "day",
    exp.DayOfMonth: "day",
    exp.DayOfWeek: "dayofweek",
    exp.DayOfWeekIso: "isodow",
    exp.DayOfYear: "dayofyear",
    exp.Hour: "hour",
    exp.Minute: "minute",
    exp.Second: "second",
    exp.TimeToUnix: "epoch",
}
_NAMED_PARTS: Final = frozenset({"isoyear", "yearweek", "decade", "weekday"})
_COUNTS: Final = {"date_sub": "date_sub", "datesub": "date_sub"}
_TOTALS: Final = {"day": "day", "days": "day", "epoch": "second"}
"""Parts of the interval between two timestamps that are totals: its days, its seconds."""
_WRITTEN: Final = re.compile(r"\s*([+-]?\d+)\s*([A-Za-z]*)\s*", re.ASCII)


def date_function(node: exp.Expr, read: Read) -> Expression | None:
    """Read a function of dates, or return None where the node is another thing."""
    kind = type(node)
    if kind in _PARTS:
        only(node, "this")
        return _part(_PARTS[kind], node.this, read)
    if isinstance(node, exp.Extract):
        only(node, "this", "expression")
        return _part(node.this.name, node.expression, read)
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        only(node, "this", "unit")
        return FUNCTIONS["truncate"]((text(node.args["unit"].name), read(node.this)))
    if isinstance(node, exp.DateDiff):
        only(node, "this", "expression", "unit", "date_part_boundary")
        unit = node.args.get("unit")
        named = text(unit.name if unit is not None else "day")
        return FUNCTIONS["date_diff"]((named, read(node.expression), read(node.this)))
    if isinstance(node, exp.DateAdd):
        only(node, "this", "expression", "unit")
        return _added(node, read)
    return _anonymous(node, read) if isinstance(node, exp.Anonymous) else None


def _anonymous(node: exp.Anonymous, read: Read) -> Expression | None:
    name, args = str(node.this).lower(), node.expressions
    if name in {"date_part", "datepart"} and len(args) == 2:  # noqa: PLR2004  part and date
        written = args[0].this if isinstance(args[0], exp.Literal) else ""
        return _part(written, args[1], read)
    if name in _NAMED_PARTS and len(args) == 1:
        return _part(name, args[0], read)
    if name in _COUNTS and len(args) == 3:  # noqa: PLR2004  unit and two dates
        return FUNCTIONS[_COUNTS[name]](tuple(map(read, args)))
    if name == "age":
        raise refusal(
            node,
            "AGE alone is an interval",
            "write DATE_PART('year', AGE(later, earlier)), or DATE_SUB('month', earlier, later)",
            "SQL-FUNCTION",
        )
    return None


def _part(name: str, node: exp.Expr, read: Read) -> Expression:
    """Read a part of a date; the years of AGE are those that are full."""
    inner = node.unnest()
    if isinstance(inner, exp.Sub) and name.lower() in _TOTALS:
        pair = tuple(map(read, (inner.right, inner.left)))
        if {one.domain.kind for one in pair} == {Kind.TIMESTAMP}:
            return FUNCTIONS["date_sub"]((text(_TOTALS[name.lower()]), *pair))
    if not isinstance(inner, exp.Anonymous) or str(inner.this).lower() != "age":
        return FUNCTIONS["part"]((text(name), read(node)))
    if len(inner.expressions) != 2:  # noqa: PLR2004  two dates
        raise refusal(
            node,
            "AGE of one date reaches to the present, which is not known to a query",
            "write AGE(DATE '2024-12-31', birth_date)",
            "SQL-FUNCTION",
        )
    if name.lower() not in {"year", "years"}:
        raise refusal(
            node,
            "only the years of AGE are known",
            "use DATE_SUB('month', earlier, later) for months, or b - a for days",
            "SQL-FUNCTION",
        )
    return FUNCTIONS["age_years"](tuple(map(read, inner.expressions)))


def _added(node: exp.DateAdd, read: Read) -> Expression:
    interval = node.expression
    if not isinstance(interval, exp.Interval):
        unit = node.args.get("unit")
        named = text(unit.name if unit is not None else "day")
        return FUNCTIONS["moved"]((read(node.this), read(interval), named))
    return interval_of(read(node.this), interval, read, back=False)


def interval_of(value: Expression, interval: exp.Interval, read: Read, *, back: bool) -> Expression:
    """Move a date by an interval.

    Args:
        value: The date.
        interval: A written or computed number of units.
        read: Reads what is inside.
        back: Whether the interval is subtracted.
    """
    only(interval, "this", "unit")
    amount, unit = interval.this, interval.args.get("unit")
    name = unit.name if unit is not None else ""
    if isinstance(amount, exp.Literal):
        found = _WRITTEN.fullmatch(amount.this)
        if found is None or bool(found[2]) == bool(name):
            raise refusal(
                interval, "an interval is not one number of one unit",
                "write INTERVAL 30 DAY", "SQL-TYPE",
            )  # fmt: skip
        name = name or found[2]
        back ^= found[1].startswith("-")
        count: Expression = literal(exp.Literal(this=found[1].lstrip("+-"), is_string=False))
    else:
        count = read(amount)
    signed = FUNCTIONS["negate"]((count,)) if back else count
    if value.domain.kind not in {Kind.DATE, Kind.TIMESTAMP}:
        raise refusal(interval, "an interval is added to no date", "add it to a date", "SQL-TYPE")
    return FUNCTIONS["moved"]((value, signed, text(name)))
