"""What WHERE leaves of the values of an expression: fewer cells, and tighter bounds for sums.

All that is used is the text of the question: a condition that is true in every row that is left
says which values there are. Only domains that are known anyway become smaller. A column without a
public domain does not get one here: whether it may be a group key then is for the policy to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypeAlias, TypeGuard

from query.canonical_rows import exact, text_of
from query.domains import Domain, Kind
from query.evaluation import evaluate_on_keys
from query.expressions import (
    Call,
    ColumnRef,
    Expression,
    KeyRef,
    Literal,
    conjuncts,
    mapped,
    walk,
)
from query.periods import Grain, first_day, period_of
from query.relations import Filter, Relation

__all__ = ["NOTHING_SAID", "Narrowing", "narrowing_of"]

MAX_CATEGORIES = 10_000
"""Categories of a column for which a condition is computed."""
_SAME_HERE = frozenset(
    {"eq", "ne", "in", "and", "or", "not", "is_null", "same", "text", "like"}
    | {"starts_with", "ends_with", "contains", "left", "right", "substring"}
)
"""Functions of texts that are here what they are in the engine, for every text."""
_MIRRORED = {"eq": "eq", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIMESTAMP})
_TICK = timedelta(microseconds=1)

Rule: TypeAlias = Callable[[Domain], Domain]
"""From what is known of an expression to what is known of it where a condition is true."""
End: TypeAlias = Any
"""A number, a day or a moment; of one domain all are of one kind, which types do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What the conditions of one SELECT say.

    Attributes:
        rules: By the canonical text of the expression that they look at.
    """

    rules: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)

    def of(self, expression: Expression) -> Expression:
        """Return an expression with the domain that it has in the rows that are left."""
        if not self.rules:
            return expression
        domain = expression.domain
        for rule in self.rules.get(text_of(expression, exact), ()):
            domain = rule(domain)
        return expression if domain == expression.domain else replace(expression, domain=domain)


NOTHING_SAID = Narrowing()


def narrowing_of(relation: Relation) -> Narrowing:
    """Return what WHERE says of the rows of a SELECT; what ON says of joined rows is not used."""
    if not isinstance(relation, Filter):
        return NOTHING_SAID
    rules: dict[str, tuple[Rule, ...]] = {}
    for condition in conjuncts(relation.condition):
        for subject, rule in _rules(condition):
            text = text_of(subject, exact)
            rules[text] = (*rules.get(text, ()), rule)
    return Narrowing(rules=rules)


def _rules(condition: Expression) -> Iterator[tuple[Expression, Rule]]:
    """Yield the expressions of which a condition says something, and what."""
    if not isinstance(condition, Call):
        return
    column = _only_text(condition)
    if column is not None:
        yield column, _Categories(condition=condition, column=column)
        return
    if condition.name == "not" and _is_null(condition.args[0]):
        yield condition.args[0].args[0], _present
        return
    interval = _interval(condition)
    if interval is not None:
        yield interval.subject, interval
        yield from _under(interval)


def _is_null(condition: Expression) -> TypeGuard[Call]:
    return isinstance(condition, Call) and condition.name == "is_null"


def _present(domain: Domain) -> Domain:
    return replace(domain, nullable=False)


def _only_text(condition: Call) -> ColumnRef | None:
    """Return the column with categories that a condition looks at, where it looks at no other."""
    parts = list(walk(condition))
    if not {part.name for part in parts if isinstance(part, Call)} <= _SAME_HERE:
        return None
    looked_at = {part for part in parts if not isinstance(part, Call | Literal)}
    if len(looked_at) != 1:
        return None
    (column,) = looked_at
    known = column.domain.categories if isinstance(column, ColumnRef) else None
    return column if known is not None and len(known) <= MAX_CATEGORIES else None  # type: ignore[return-value]  # one that has categories is a column


@dataclass(frozen=True, slots=True, kw_only=True)
class _Categories:
    """Keeps the categories for which a condition is true."""

    condition: Expression
    column: ColumnRef

    def __call__(self, domain: Domain) -> Domain:
        key = KeyRef(index=0, domain=domain)
        over = mapped(self.condition, lambda one: key if one == self.column else one)
        known = domain.categories or ()
        kept = tuple(one for one in known if evaluate_on_keys(over, (one,)) is True)
        if not kept:
            return domain  # no row is left, and an answer without cells would be none
        nullable = domain.nullable and evaluate_on_keys(over, (None,)) is True
        whole = domain.is_whole and len(kept) == len(known)
        return replace(domain, categories=kept, is_whole=whole, nullable=nullable)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Interval:
    """Holds values to an interval, both ends included; None where there is no end."""

    subject: Expression
    low: End = None
    high: End = None

    def __call__(self, domain: Domain) -> Domain:
        if domain.kind not in _ORDERED or domain.lower is None or domain.upper is None:
            return domain
        lower, upper = _ends(domain)
        if {type(one) for one in (self.low, self.high) if one is not None} != {type(lower)}:
            return domain  # days and moments do not compare
        lower = lower if self.low is None else max(lower, self.low)
        upper = upper if self.high is None else min(upper, self.high)
        if domain.kind is Kind.NUMBER:
            lower = ceil(lower / domain.step) * domain.step
            upper = floor(upper / domain.step) * domain.step
        held = replace(domain, lower=lower, upper=upper, nullable=False)
        return held if lower <= upper else domain  # no row is left


def _ends(domain: Domain) -> tuple[End, End]:
    """Return both ends; of timestamps as moments, since they may be declared as days."""
    lower, upper = domain.lower, domain.upper
    if domain.kind is Kind.TIMESTAMP and isinstance(lower, date) and isinstance(upper, date):
        low = lower if isinstance(lower, datetime) else datetime.combine(lower, time.min)
        high = upper if isinstance(upper, datetime) else datetime.combine(upper, time.max)
        return low, high
    return lower, upper


def _interval(condition: Call) -> _Interval | None:
    """Return the interval that a comparison with written values leaves, if it is one."""
    if condition.name == "in":
        value, *items = condition.args
        ends = [_written(one) for one in items]
        if not ends or None in ends:  # texts that are no category are left out
            return None
        return _Interval(subject=_bare(value), low=min(ends), high=max(ends))
    if condition.name not in _MIRRORED:
        return None
    left, right = condition.args
    if (end := _written(right)) is not None:
        return _compared(condition.name, _bare(left), end)
    if (end := _written(left)) is not None:
        return _compared(_MIRRORED[condition.name], _bare(right), end)
    return None


def _compared(name: str, subject: Expression, end: End) -> _Interval:
    match name:
        case "lt":
            return _Interval(subject=subject, high=_beyond(end, subject.domain, up=False))
        case "le":
            return _Interval(subject=subject, high=end)
        case "gt":
            return _Interval(subject=subject, low=_beyond(end, subject.domain, up=True))
        case "ge":
            return _Interval(subject=subject, low=end)
        case _:
            return _Interval(subject=subject, low=end, high=end)


def _written(expression: Expression) -> End:
    """Return a written number, day or moment, or None."""
    value = expression.value if isinstance(expression, Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | Fraction | date):
        return None
    return Fraction(value) if isinstance(value, int) else value


def _bare(value: Expression) -> Expression:
    """Return an expression without what only counts it in other steps."""
    while isinstance(value, Call) and value.name == "rescale":
        value = value.args[0]
    return value


def _beyond(end: End, domain: Domain, *, up: bool) -> End:
    """Return the value next to an end that is left out; the end where the calendar ends."""
    if isinstance(end, Fraction):
        count = end / domain.step
        return domain.step * (floor(count) + 1 if up else ceil(count) - 1)
    move = _TICK if isinstance(end, datetime) else timedelta(days=1)
    try:
        return end + move if up else end - move
    except OverflowError:
        return end


def _under(interval: _Interval) -> Iterator[tuple[Expression, Rule]]:
    """Yield what the interval of a date's year, or of its period, says of the date itself."""
    call = interval.subject
    if not isinstance(call, Call) or call.name not in {"part", "truncate"}:
        return
    unit, value = call.args
    named = unit.value if isinstance(unit, Literal) else None
    grains = {one.value: one for one in Grain if one is not Grain.WEEK}
    if call.name == "part":
        grains = {"year": Grain.YEAR}
    if named not in grains:
        return
    low, high = (_period(one, grains[str(named)]) for one in (interval.low, interval.high))
    first = None if low is None else first_day(low, grains[str(named)])
    last = None if high is None else first_day(high + 1, grains[str(named)]) - timedelta(days=1)
    if value.domain.kind is Kind.TIMESTAMP:
        first = None if first is None else datetime.combine(first, time.min)
        last = None if last is None else datetime.combine(last, time.max)
    yield value, _Interval(subject=value, low=first, high=last)


def _period(end: End, grain: Grain) -> int | None:
    """Return the number of a period; None where there is none, or it is not in the calendar."""
    if isinstance(end, Fraction):
        return floor(end) if 1 < end < date.max.year else None
    inside = isinstance(end, date) and date.min.year < end.year < date.max.year - 10
    return period_of(end, grain) if inside else None
