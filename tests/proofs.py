"""Looks at the rows of every relation of a question, and asks whether what is proved of them holds.

What is read here is the SQL of the relations themselves: it is the proofs that are on trial, not
the compiler. Each row is held against its unit's salt, which no removal of another unit changes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import TypeAlias

from query.domains import UNIT, Domain, Kind
from query.expressions import Call, ColumnRef, Expression, Literal, walk
from query.plan import Plan
from query.question import before_noise
from query.relations import Derived, Filter, Grouped, Join, Relation, Union
from query.sql import from_where, salt_of, sql_of
from tests.fakes import DuckDbMemoryEngine

__all__ = ["Seen", "View", "check_proofs", "check_unmoved", "seen", "views_of"]

Row: TypeAlias = tuple[object, ...]
Seen: TypeAlias = Mapping[object, Counter[Row]]
"""Rows by the salt of their unit."""

MAX_SEEN = 5_000
"""Rows of one relation that are looked at."""
LARGEST_DATE = date(9999, 12, 31)


@dataclass(frozen=True, kw_only=True)
class View:
    """One private relation, and expressions that are computed in its rows."""

    relation: Relation
    expressions: tuple[Expression, ...]

    @property
    def sql(self) -> str:
        """Salt, unit and all values of each row; too many rows are left out."""
        unit = self.relation.unit
        assert unit is not None
        values = [salt_of(self.relation), sql_of(unit), *map(_shown, self.expressions)]
        return f"SELECT {', '.join(values)} {from_where(self.relation)} LIMIT {MAX_SEEN + 1}"


def views_of(plan: Plan) -> list[View]:
    """Return all relations in the FROM clauses, each with what the one around it computes."""
    views: list[View] = []
    for place, question in enumerate(plan.question.questions):
        final = list(before_noise(question))
        for part in (one for one in plan.parts if one.question == place):
            for statistic in part.statistics:
                final += [one for one in (statistic.where, statistic.value) if one is not None]
        views.append(View(relation=question.relation, expressions=_inside(final)))
        views += _views(question.relation)
    return views


def _views(relation: Relation) -> Iterator[View]:
    """The expressions of a relation are computed in the rows of its source."""
    if isinstance(relation, Union) and relation.unit is not None:
        yield View(relation=relation, expressions=())  # its columns are named by those around it
    if isinstance(relation, Derived | Grouped) and relation.unit is not None:
        yield View(relation=relation, expressions=_columns(relation))
    if isinstance(relation, Filter | Derived | Grouped) and relation.source.unit is not None:
        yield View(relation=relation.source, expressions=_inside(_over_source(relation)))
    if isinstance(relation, Join) and relation.unit is not None:
        yield View(relation=relation, expressions=())
    match relation:
        case Join():
            yield from (*_views(relation.left), *_views(relation.right))
        case Filter() | Derived() | Grouped():
            yield from _views(relation.source)
        case Union():
            yield from (view for part in relation.parts for view in _views(part))


def _columns(relation: Derived | Grouped) -> tuple[ColumnRef, ...]:
    """Return the columns of a relation as those around it see them."""
    return tuple(
        ColumnRef(
            alias=relation.alias,
            table="",
            column=field.name,
            domain=replace(
                field.expression.domain,
                unit_constant=field.expression.domain.unit_constant or relation.max_rows == 1,
            ),
            origin=field.expression,
        )
        for field in relation.fields
    )


def _over_source(relation: Filter | Derived | Grouped) -> list[Expression]:
    """Return what a relation computes in the rows of its source; of aggregates, the arguments."""
    match relation:
        case Filter():
            return [relation.condition]
        case Derived(qualify=None):
            return [field.expression for field in relation.fields]
        case Derived():
            assert relation.qualify is not None
            return [*(field.expression for field in relation.fields), relation.qualify]
        case Grouped():
            calls = (one.expression for one in relation.aggregates)
            args = [arg for call in calls if isinstance(call, Call) for arg in call.args]
            return [*(key.expression for key in relation.keys), *args]


def _inside(expressions: list[Expression] | tuple[Expression, ...]) -> tuple[Expression, ...]:
    found = (part for one in expressions for part in walk(one) if not isinstance(part, Literal))
    return tuple(dict.fromkeys(found))


def _shown(expression: Expression) -> str:
    sql = sql_of(expression)
    kind = expression.domain.kind
    return f"CAST({sql} AS VARCHAR)" if kind is Kind.TEXT and expression.domain.is_enum else sql


def seen(engine: DuckDbMemoryEngine, view: View) -> Seen | None:
    """Return a relation's rows by unit, or None where there are too many to look at."""
    rows = engine.values(view.sql)
    if len(rows) > MAX_SEEN:
        return None
    found: dict[object, Counter[Row]] = defaultdict(Counter)
    for salt, *row in rows:
        found[salt][tuple(map(_plain, row))] += 1
    return found


def _plain(value: object) -> object:
    """Make all that is not a number equal to itself."""
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def check_unmoved(view: View, whole: Seen, rest: Seen, removed: object) -> None:
    """Check that a unit's rows do not depend on whether another is there.

    Only the dense numbers of units may differ.
    """
    kept = [n for n, one in enumerate(view.expressions, start=1) if one.domain.kind is not Kind.KEY]
    for salt, rows in whole.items():
        if salt != removed:
            after = rest.get(salt, Counter())
            assert _masked(rows, kept) == _masked(after, kept), f"rows of others: {view.sql}"
    assert set(rest) <= set(whole) - {removed}, f"rows of a unit that is not there: {view.sql}"


def _masked(rows: Counter[Row], kept: list[int]) -> Counter[Row]:
    masked: Counter[Row] = Counter()
    for row, count in rows.items():
        masked[tuple(row[place] for place in kept)] += count
    return masked


def check_proofs(view: View, found: Seen) -> None:
    """Check the number of rows of each unit, and every domain."""
    most = view.relation.max_rows
    for salt, rows in found.items():
        assert salt is not None, f"no salt: {view.sql}"
        units = {row[0] for row in rows}
        assert len(units) == 1, f"units of one salt: {view.sql}"
        assert None not in units, f"no unit: {view.sql}"
        if most is not None:
            assert rows.total() <= most, f"{rows.total()} rows of a unit: {view.sql}"
        for place, one in enumerate(view.expressions, start=1):
            values = {row[place] for row in rows}
            _check_values(one, values, units)
            if one.domain.unit_constant:
                assert len(values) == 1, f"not constant: {_named(one)} in {view.sql}"


def _check_values(expression: Expression, values: set[object], units: set[object]) -> None:
    domain = expression.domain
    if not domain.nullable:
        assert None not in values, f"NULL: {_named(expression)}"
    if domain.key_space == UNIT:
        assert values - {None} <= units, f"not the unit: {_named(expression)}"
    for value in values - {None}:
        assert _is_in(domain, value), f"{value!r} outside {domain}: {_named(expression)}"


def _named(expression: Expression) -> str:
    if isinstance(expression, ColumnRef) and expression.origin is not None:
        return f"{sql_of(expression)} from {expression.origin}"
    return f"{sql_of(expression)} {expression.domain}"


def _is_in(domain: Domain, value: object) -> bool:  # noqa: PLR0911  one for each kind
    match domain.kind:
        case Kind.NUMBER:
            assert isinstance(value, int)
            return _is_between(domain, value * domain.step)
        case Kind.REAL:
            if value == "NaN":
                return True
            assert isinstance(value, float)
            slack = 1e-9 * max(1.0, abs(value))
            low, high = domain.lower, domain.upper
            return (low is None or value >= float(low) - slack) and (  # type: ignore[arg-type]
                high is None or value <= float(high) + slack  # type: ignore[arg-type]
            )
        case Kind.TEXT:
            assert isinstance(value, str)
            return domain.categories is None or value in domain.categories
        case Kind.DATE:
            # the engine knows years that Python does not
            return not isinstance(value, date) or _is_dated(domain, value)
        case Kind.TIMESTAMP:
            return not isinstance(value, datetime) or _is_dated(domain, value)
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case _:
            return True


def _is_between(domain: Domain, value: Fraction) -> bool:
    low, high = domain.bounds or (None, None)
    above = low is None or low <= value
    return above and (high is None or value <= high)


def _is_dated(domain: Domain, value: date) -> bool:
    low, high = domain.lower, domain.upper
    day = value.date() if isinstance(value, datetime) else value
    if isinstance(low, date) and day < (low.date() if isinstance(low, datetime) else low):
        return False
    if isinstance(high, date) and day > (high.date() if isinstance(high, datetime) else high):
        return False
    return (
        domain.kind is Kind.TIMESTAMP or low is None or high is None or day in set(domain.values())
    )
