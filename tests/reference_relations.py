"""The rows of relations, by nested loops over lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression, SubQuery, SubQueryForm, conjuncts, walk
from query.relations import (
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
from tests.fakes import StoredRow, StoredRows
from tests.per_unit_functions import OutsideReferenceError, grouped_value
from tests.row_functions import OutsideCalendarError, Value, compute
from tests.unit_windows import window_values

__all__ = ["Env", "OutsideReferenceError", "Reading"]

Env: TypeAlias = Mapping[str, StoredRow | None]
"""From alias to the row of that relation; None where an outer join found no partner."""
MAX_STEPS = 150_000
"""Expressions that are computed for one question."""


class Reading:
    """Reads the rows of relations."""

    def __init__(self, tables: StoredRows) -> None:
        self._tables = tables
        self._steps = 0

    def unit(self, relation: Relation, row: Env) -> object:
        """Return what names a row's unit."""
        assert relation.unit is not None
        return self.value(relation.unit, row)

    @staticmethod
    def salt(row: Env) -> object:
        """Return the salt of a row's unit; all parts of a row that have one have the same."""
        salts = {part["__salt"] for part in row.values() if part is not None and "__salt" in part}
        assert len(salts) == 1
        return salts.pop()

    def value(
        self, expression: Expression, row: Env, windows: Mapping[Call, Value] | None = None
    ) -> Value:
        """Return the value of an expression in one row."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise OutsideReferenceError

        def leaf(part: Expression) -> Value:
            match part:
                case ColumnRef():
                    return _column(part, row)
                case SubQuery():
                    return self._sub_query(part, row, windows)
                case Call() if windows is not None:
                    return windows[part]
                case _:
                    raise OutsideReferenceError

        try:
            return compute(expression, leaf)
        except (OutsideCalendarError, KeyError) as error:
            raise OutsideReferenceError from error

    def rows(  # noqa: C901, PLR0912  one for each kind of relation
        self, relation: Relation, around: Env
    ) -> Iterator[Env]:
        """Yield the rows of a relation, each with the rows around it."""
        match relation:
            case Scan():
                for row in self._tables.get(relation.table, ()):
                    if relation.cap is not None and int(str(row["__rank"])) > relation.cap:
                        continue
                    yield {**around, relation.alias: row}
            case Values():
                for literals in relation.rows:
                    values = {f"f{n}": self.value(one, {}) for n, one in enumerate(literals)}
                    yield {**around, relation.alias: values}
            case Filter():
                for row in self.rows(relation.source, around):
                    if self.value(relation.condition, row) is True:
                        yield row
            case Join():
                yield from self._joined(relation, around)
            case Derived():
                yield from self._derived(relation, around)
            case Grouped():
                yield from self._grouped(relation, around)
            case Union():
                for part in relation.parts:
                    for row in self.rows(part, around):
                        yield {**around, relation.alias: row[part.alias]}

    def _joined(self, relation: Join, around: Env) -> Iterator[Env]:
        rights = list(self.rows(relation.right, around))
        matched: set[int] = set()
        if relation.kind in {JoinKind.ASOF, JoinKind.ASOF_LEFT}:
            yield from self._nearest(relation, rights, around)
            return
        keeps_left = relation.kind in {JoinKind.LEFT, JoinKind.FULL}
        for left in self.rows(relation.left, around):
            found = False
            for place, right in enumerate(rights):
                pair = {**left, **right}
                if relation.condition is None or self.value(relation.condition, pair) is True:
                    found = True
                    matched.add(place)
                    yield pair
            if keeps_left and not found:
                yield {**left, **dict.fromkeys(_aliases(relation.right))}
        if relation.kind in {JoinKind.RIGHT, JoinKind.FULL}:
            for place, right in enumerate(rights):
                if place not in matched:
                    yield {**dict.fromkeys(_aliases(relation.left)), **right}

    def _nearest(self, relation: Join, rights: list[Env], around: Env) -> Iterator[Env]:
        """Pair each row on the left with the nearest of those that the condition lets pass."""
        assert relation.condition is not None
        (near,) = (one for one in conjuncts(relation.condition)
                   if isinstance(one, Call) and one.name in {"lt", "le", "gt", "ge"})  # fmt: skip
        own = set(_aliases(relation.right))
        of_right = next(n for n, one in enumerate(near.args) if {
            part.alias for part in walk(one) if isinstance(part, ColumnRef)} <= own)  # fmt: skip
        latest = (near.name in {"gt", "ge"}) is (of_right == 1)
        for left in self.rows(relation.left, around):
            pairs = [{**left, **right} for right in rights]
            passing = [one for one in pairs if self.value(relation.condition, one) is True]
            by = [self.value(near.args[of_right], one) for one in passing]
            if passing:
                pick = (max if latest else min)(by)  # type: ignore[type-var]  # of one kind
                assert by.count(pick) == 1
                yield passing[by.index(pick)]
            elif relation.kind is JoinKind.ASOF_LEFT:
                yield {**left, **dict.fromkeys(_aliases(relation.right))}

    def _derived(self, relation: Derived, around: Env) -> Iterator[Env]:
        rows = list(self.rows(relation.source, around))
        computed = [field.expression for field in relation.fields]
        wanted = [*computed, *([] if relation.qualify is None else [relation.qualify])]
        calls = {
            part
            for one in wanted
            for part in walk(one)
            if isinstance(part, Call) and part.name.startswith("over_")
        }
        windows = {call: window_values(call, rows, self.value) for call in calls}
        for place, row in enumerate(rows):
            own = {call: values[place] for call, values in windows.items()}
            if relation.qualify is None or self.value(relation.qualify, row, own) is True:
                values: dict[str, object] = {
                    field.name: self.value(field.expression, row, own) for field in relation.fields
                }
                yield {**around, relation.alias: {**values, **self._owner(relation.source, row)}}

    def _owner(self, source: Relation, row: Env) -> dict[str, object]:
        if source.unit is None:
            return {}
        inside = {alias: row[alias] for alias in _aliases(source)}
        return {"__unit": self.value(source.unit, row), "__salt": self.salt(inside)}

    def _grouped(self, relation: Grouped, around: Env) -> Iterator[Env]:
        source = relation.source
        owned = source.unit is not None and not relation.single
        groups: dict[tuple[object, ...], list[Env]] = {}
        for row in self.rows(source, around):
            key = tuple(self.value(one.expression, row) for one in relation.keys)
            unit = (self.unit(source, row),) if owned else ()
            groups.setdefault((*unit, *key), []).append(row)
        if not owned and not relation.keys and not groups:
            groups[()] = []
        for group, rows in groups.items():
            own = group[1:] if owned else group
            values: dict[str, object] = {
                one.name: value for one, value in zip(relation.keys, own, strict=True)
            }
            for one in relation.aggregates:
                assert isinstance(one.expression, Call)
                values[one.name] = grouped_value(one.expression, rows, self.value)
            owner = self._owner(source, rows[0]) if owned else {}
            yield {**around, relation.alias: {**values, **owner}}

    def _sub_query(self, query: SubQuery, row: Env, windows: Mapping[Call, Value] | None) -> Value:
        found = list(self.rows(rows_of(query), row))
        if query.form is SubQueryForm.EXISTS:
            return bool(found)
        assert query.column is not None
        values = [self.value(query.column, one) for one in found]
        if query.form is SubQueryForm.VALUE:
            assert len(values) <= 1
            return values[0] if values else None
        assert query.value is not None
        if not values:
            return False
        wanted = self.value(query.value, row, windows)
        if wanted is None:
            return None
        return True if wanted in values else None if None in values else False


def _column(column: ColumnRef, row: Env) -> Value:
    stored = row[column.alias]
    value = None if stored is None else stored[column.column]
    # stored numbers are counts of their step; computed ones are not
    if column.table and column.domain.kind is Kind.NUMBER and isinstance(value, int):
        return value * column.domain.step
    return value  # type: ignore[return-value]


def _aliases(relation: Relation) -> tuple[str, ...]:
    match relation:
        case Join():
            return (*_aliases(relation.left), *_aliases(relation.right))
        case Filter():
            return _aliases(relation.source)
        case _:
            return (relation.alias,)
