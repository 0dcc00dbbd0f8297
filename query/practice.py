"""Practice data: tables to try queries on, made up from a dataset's declaration alone.

A pure function of the declaration and the digest of the policies: no snapshot, no engine and no
ledger takes part, so it costs nothing and tells nothing that the catalog does not. Every value is
a hash of its place, so equal policies give equal tables on every machine. Frequencies are made up
too: what is counted here says nothing of what is counted there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from policies.columns import Column
from policies.datasets import DatasetPolicy, Ownership, Table
from policies.layout import is_opaque_key, resolution, stored_bounds, stored_length
from policies.query_use import ValueType

__all__ = ["MAX_UNITS", "PracticeTable", "PracticeValue", "practice_tables"]

PracticeValue: TypeAlias = str | int | Decimal | bool | date | None
"""In the column's own unit; keys are integers, as everywhere behind the gateway."""

MAX_UNITS: Final = 1000
_MAX_ROWS_PER_UNIT: Final = 8
_MAX_PUBLIC_ROWS: Final = 1000
_PUBLIC_ROWS: Final = 20
_ONE_NULL_IN: Final = 10
_KEYS: Final = 2**62
_FIRST, _LAST = date(2000, 1, 1), date(2025, 12, 31)

_Row: TypeAlias = dict[str, PracticeValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeTable:
    """One made-up table.

    Attributes:
        name: As declared.
        columns: The columns that a query may name, in declared order.
        rows: One tuple a row, in the order of the columns.
    """

    name: str
    columns: Mapping[str, Column]
    rows: tuple[tuple[PracticeValue, ...], ...]


def practice_tables(
    dataset: DatasetPolicy, digest: str, units: int = 200
) -> tuple[PracticeTable, ...]:
    """Make up every private and public table of a dataset, in declared order.

    Every unit has a row in the table of units, and in other private tables from none up to the
    declared bound (at most 8, to stay small). Foreign keys refer to rows of the same unit that are
    there, values lie inside bounds and categories, and NULL is only where it may be.

    Args:
        dataset: The declaration.
        digest: Of the policies; another one gives other values.
        units: How many privacy units to make up; from 1 to ``MAX_UNITS``.

    Raises:
        ValueError: If ``units`` is outside its range.
    """
    if not 1 <= units <= MAX_UNITS:
        raise ValueError("the number of units is outside its range")
    shown = {
        name: _shown(table)
        for name, table in dataset.tables.items()
        if table.ownership is not Ownership.DIRECTORY
    }
    world = _World(dataset=dataset, draw=_Draw(digest), units=units, shown=shown)
    for name in _in_order(dataset):
        world.fill(name)
    return tuple(
        PracticeTable(
            name=name, columns=columns, rows=tuple(tuple(row.values()) for row in world.rows[name])
        )
        for name, columns in shown.items()
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    """Even draws by place: the same place gives the same draw."""

    digest: str

    def below(self, limit: int, *place: object) -> int:
        """Return a whole number from 0 to below ``limit``; its bias is below 2**-60."""
        text = "\x1f".join((self.digest, *(str(part) for part in place)))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest()) % limit


@dataclass(slots=True, kw_only=True)
class _World:
    """The tables so far."""

    dataset: DatasetPolicy
    draw: _Draw
    units: int
    shown: Mapping[str, Mapping[str, Column]]
    rows: dict[str, list[_Row]] = field(default_factory=dict)
    of_unit: dict[tuple[str, int], list[_Row]] = field(default_factory=dict)

    def fill(self, name: str) -> None:
        """Make up one table; those that it refers to are there, but for cycles."""
        table = self.dataset.tables[name]
        rows = self.rows.setdefault(name, [])
        if table.unit_column is None:
            for number in range(_public_rows(table)):
                rows.append(self._row(name, number, {}))
            return
        for unit in range(self.units):
            for _ in range(self._count(name, unit)):
                references = self._references(name, unit, len(rows))
                if references is not None:
                    row = self._row(name, len(rows), {table.unit_column: unit, **references})
                    rows.append(row)
                    self.of_unit.setdefault((name, unit), []).append(row)

    def _count(self, name: str, unit: int) -> int:
        """How many rows one unit has in a private table."""
        table, bound = self.dataset.tables[name], self.dataset.tables[name].contribution
        most = table.max_rows_per_unit or bound.max_groups * bound.max_rows_per_group
        if table.key == table.unit_column:
            most = 1
        most = min(most, _MAX_ROWS_PER_UNIT)
        least = 1 if name == self.dataset.spec.privacy_unit.table else 0
        return least + self.draw.below(most - least + 1, name, unit, "rows")

    def _references(self, name: str, unit: int, number: int) -> _Row | None:
        """Foreign keys of a new row; None if something that it refers to is not there."""
        found: _Row = {}
        for column, target in self.dataset.tables[name].foreign_keys.items():
            other, _, referred = target.partition(".")
            table = self.dataset.tables[other]
            if referred not in self.shown.get(other, {}):
                continue  # such as a list of staff, which is never stored
            if referred == table.unit_column:
                found[column] = unit
                continue
            private = table.unit_column is not None
            rows = self.of_unit.get((other, unit), []) if private else self.rows.get(other, [])
            if rows:
                found[column] = rows[self.draw.below(len(rows), name, number, column)][referred]
            elif other == name or other not in self.rows:
                found[column] = None  # the first of a chain, or a cycle of tables
            else:
                return None
        return found

    def _row(self, name: str, number: int, known: _Row) -> _Row:
        table = self.dataset.tables[name]
        row: _Row = {}
        for column, declared in self.shown[name].items():
            place = (name, number, column)
            if column in known:
                row[column] = known[column]
            elif column == table.key or (table.unit_column is None and _listed(declared)):
                row[column] = _unique(declared, number, self.draw, place)
            elif _may_be_null(declared) and not self.draw.below(_ONE_NULL_IN, *place, "null"):
                row[column] = None
            else:
                row[column] = _value(declared, self.draw, place)
        return row


def _shown(table: Table) -> dict[str, Column]:
    """The columns that a query may name: keys, and those with a use."""
    return {
        name: column
        for name, column in table.stored_columns.items()
        if column.is_key or column.use is not None
    }


def _in_order(dataset: DatasetPolicy) -> Iterator[str]:
    """Stored tables, each after those that it refers to; cycles are cut where they are met."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done or dataset.tables[name].ownership is Ownership.DIRECTORY:
            return
        done.add(name)
        for target in dataset.tables[name].foreign_keys.values():
            yield from visit(target.partition(".")[0])
        yield name

    for name in dataset.tables:
        yield from visit(name)


def _listed(column: Column) -> bool:
    return column.use is not None and bool(column.use.categories)


def _public_rows(table: Table) -> int:
    """One row for each entry of the longest list of categories, if there is one."""
    lists = [
        len(column.use.categories)
        for column in table.columns.values()
        if column.use is not None and column.use.categories
    ]
    return min(max(lists, default=_PUBLIC_ROWS), _MAX_PUBLIC_ROWS)


def _may_be_null(column: Column) -> bool:
    return column.use is not None and column.use.nulls != "reject" and not is_opaque_key(column)


def _unique(column: Column, number: int, draw: _Draw, place: tuple[object, ...]) -> PracticeValue:
    """The value of a row in a column without repeats, as far as its domain reaches."""
    if is_opaque_key(column):
        return draw.below(_KEYS, *place)
    if column.use is not None and column.use.categories:
        return column.use.categories[number % len(column.use.categories)]
    if column.type in {ValueType.INTEGER, ValueType.DECIMAL}:
        low, high = _steps(column)
        return _number(column, low + number % (high - low + 1))
    return _text(column, number) if column.type is ValueType.STRING else _value(column, draw, place)


def _value(column: Column, draw: _Draw, place: tuple[object, ...]) -> PracticeValue:
    if is_opaque_key(column):
        return draw.below(_KEYS, place[2], draw.below(50, *place))
    match column.type:
        case ValueType.STRING if column.use is not None and column.use.categories:
            return column.use.categories[draw.below(len(column.use.categories), *place)]
        case ValueType.STRING:
            return _text(column, draw.below(20, *place))
        case ValueType.INTEGER | ValueType.DECIMAL:
            low, high = _steps(column)
            return _number(column, low + draw.below(high - low + 1, *place))
        case ValueType.BOOLEAN:
            return bool(draw.below(2, *place))
        case _:
            return _moment(column, draw, place)


def _text(column: Column, number: int) -> str:
    """A text that is seen to be made up, as far as its length reaches; its number is at the end."""
    length = stored_length(column)
    return f"made-up-{number}"[0 if length is None else -length :]


def _steps(column: Column) -> tuple[int, int]:
    low, high = stored_bounds(column) or (0, 100)
    assert isinstance(low, int)  # noqa: S101  bounds fit the type, as the declaration checks
    assert isinstance(high, int)  # noqa: S101  the same
    return low, high


def _number(column: Column, steps: int) -> int | Decimal:
    return steps if column.type is ValueType.INTEGER else steps * resolution(column)


def _moment(column: Column, draw: _Draw, place: tuple[object, ...]) -> date:
    low, high = stored_bounds(column) or (_FIRST, _LAST)
    assert isinstance(low, date)  # noqa: S101  bounds fit the type, as the declaration checks
    assert isinstance(high, date)  # noqa: S101  the same
    day = low + timedelta(days=draw.below((high - low).days + 1, *place))
    if column.type is ValueType.DATE:
        return day
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  the store is in UTC
    return midnight + timedelta(minutes=draw.below(24 * 60, *place, "minute"))
