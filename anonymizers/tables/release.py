"""One identified table in, a released one out, with the risk before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.keys import DateShift, marked_pseudonym
from anonymizers.pool import deidentify_notes
from anonymizers.reading import Reading
from anonymizers.risk import (
    Choice,
    ClassCounter,
    Node,
    QuasiIdentifier,
    RiskSummary,
    Sensitive,
    search,
    summarize,
)
from anonymizers.risk.model import encoded
from anonymizers.tables.hierarchies import generalize, step_names
from anonymizers.tables.model import of_distinct
from anonymizers.tables.parse import flatten, parse_dates, text_of
from anonymizers.tables.plan import UNITS, ColumnPlan, ColumnRole, TablePlan
from anonymizers.tables.said import said_of_units
from anonymizers.text import Note, TextDeidentifier, stricter
from policies.errors import DeclarationError, SourceError

__all__ = ["ReleaseKeys", "TableRelease", "release_table"]

_READING: Final = Reading()
_ROW: Final = "row"
"""Column of the stand-ins of rows, where those of units do not leave."""
_STAYS = (ColumnRole.SENSITIVE, ColumnRole.CODE, ColumnRole.MEASURE, ColumnRole.CATEGORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseKeys:
    """The secrets of one release.

    Attributes:
        pseudonyms: For privacy units and keys.
        shift: For the days by which dates move; the same as for notes.
        text: For the stand-ins in free text.
    """

    pseudonyms: bytes = field(repr=False)
    shift: bytes = field(repr=False)
    text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRelease:
    """What may go out, and what the privacy officer files.

    Attributes:
        table: Without direct identifiers; sorted, so that the order of rows tells nothing.
        quasi_identifiers: Names and steps of the columns that grew coarser.
        choice: The node, with its loss.
        kept: Places of the source's rows that are released, rising from 0.
        before: The source as it is.
        after: What is released.
        linked: Whether several rows bear the stand-in of one unit: then k holds of each alone.
        sensitive: What l and t were measured of, for each of the source's rows.
        unreadable: Values that could not be read and became ``*`` or NULL, by column.
        notes: Free texts that were de-identified.
        withheld: Free texts that could not be, and are NULL.
    """

    table: pa.Table = field(repr=False)
    quasi_identifiers: tuple[QuasiIdentifier, ...] = field(repr=False)
    choice: Choice
    kept: pa.Array = field(repr=False)
    before: RiskSummary
    after: RiskSummary
    linked: bool
    sensitive: Sensitive | None = field(repr=False)
    unreadable: dict[str, int]
    notes: int = 0
    withheld: int = 0


def release_table(
    source: pa.Table,
    plan: TablePlan,
    keys: ReleaseKeys,
    *,
    population: pa.Table | None = None,
    reading: Reading = _READING,
) -> TableRelease:
    """De-identify a table as its plan says.

    Args:
        source: Text or any Arrow type; NULL where nothing is known.
        plan: Has every column.
        keys: Secrets; the same keys give the same release.
        population: The quasi-identifiers of everybody among whom the table's people are; None
            where there is no such register, and then the worst case is reported.
        reading: How free text is read.

    Raises:
        SourceError: ``SRC-HEADER`` if columns of plan and table differ.
        DeclarationError: ``DEID-NO-RELEASE`` if no node meets the criteria.
    """
    _check_columns(source, plan)
    return _Release(source, plan, keys, population).made(reading)


def _check_columns(source: pa.Table, plan: TablePlan) -> None:
    given, planned = source.column_names, set(plan.columns)
    if len(set(given)) != len(given) or set(given) != planned:
        raise SourceError(
            f"the table has {len(given)} columns and the plan {len(planned)}, and their names "
            "differ",
            code="SRC-HEADER",
            remedy="give every column of the table a role in the plan, once",
        )


class _Release:
    """The steps of one release."""

    def __init__(
        self, source: pa.Table, plan: TablePlan, keys: ReleaseKeys, population: pa.Table | None
    ) -> None:
        self._plan = plan
        self._keys = keys
        self._texts = {name: text_of(flatten(source[name])) for name in source.column_names}
        self._rows = source.num_rows
        units = plan.of(*UNITS)
        self._units = self._texts[units[0]] if units else None
        self._columns, register = self._quasi_identifiers(population)
        self._counter = ClassCounter(
            self._columns,
            units=None if self._units is None else _codes(self._units),
            sensitive=self._sensitive(),
            population=register,
        )
        self._unreadable: dict[str, int] = {}
        self._notes = self._withheld = 0

    def made(self, reading: Reading) -> TableRelease:
        """Return the release."""
        criteria = self._plan.criteria
        choice = search(self._counter, criteria)
        if choice is None:
            raise DeclarationError(
                "no release of this table meets the criteria",
                code="DEID-NO-RELEASE",
                remedy="lower k, l or t, or allow more suppression",
            )
        source_node: Node = tuple(0 for _ in choice.node)
        kept = self._counter.kept(choice.node, criteria)
        table = self._released(choice.node, kept, reading)
        return TableRelease(
            table=table,
            quasi_identifiers=self._columns,
            choice=choice,
            kept=kept,
            before=summarize(self._counter, source_node, criteria, released=False),
            after=summarize(self._counter, choice.node, criteria, released=True),
            linked=self._counter.several and bool(self._plan.of(ColumnRole.PRIVACY_UNIT)),
            sensitive=self._counter.sensitive,
            unreadable=self._unreadable,
            notes=self._notes,
            withheld=self._withheld,
        )

    def _quasi_identifiers(
        self, population: pa.Table | None
    ) -> tuple[tuple[QuasiIdentifier, ...], list[pa.Array] | None]:
        """Encode sample and population together, so that equal values have equal codes."""
        columns: list[QuasiIdentifier] = []
        register: list[pa.Array] = []
        for name in self._plan.of(ColumnRole.QUASI_IDENTIFIER):
            planned, values = self._plan.columns[name], self._texts[name]
            if population is not None:
                others = text_of(flatten(population[name]))
                values = pa.concat_arrays([values, others])
            column = _encoded(name, values, planned)
            register.append(column.codes[self._rows :])
            columns.append(column.of_first(self._rows))
        return tuple(columns), register if population is not None else None

    def _sensitive(self) -> Sensitive | None:
        for name in self._plan.of(ColumnRole.SENSITIVE):
            planned, values = self._plan.columns[name], self._texts[name]
            if planned.distance == "ordered":
                values = pc.cast(values, pa.float64(), safe=False)
            ranks = pc.rank(values, tiebreaker="dense")  # what is not known comes last
            return Sensitive(
                name=name,
                codes=ranks.cast(pa.int64()),
                distance=planned.distance,
                absent=pc.max(ranks).as_py() if values.null_count else None,
            )
        return None

    def _released(self, node: Node, kept: pa.Array, reading: Reading) -> pa.Table:
        columns: dict[str, pa.Array] = {}
        steps = dict(zip(self._plan.of(ColumnRole.QUASI_IDENTIFIER), node, strict=True))
        quasi = {column.name: column for column in self._columns}
        for name, planned in self._plan.columns.items():
            values = self._texts[name].take(kept)
            if planned.role in {ColumnRole.PRIVACY_UNIT, ColumnRole.KEY}:
                columns[name] = of_distinct(values, self._pseudonym, pa.string())
            elif planned.role is ColumnRole.QUASI_IDENTIFIER:
                columns[name] = quasi[name].at(steps[name]).take(kept)
                self._count_unreadable(name, quasi[name], kept)
            elif planned.role is ColumnRole.DATE:
                columns[name] = self._moved(name, values, kept, planned)
            elif planned.role is ColumnRole.FREE_TEXT:
                columns[name] = self._deidentified(values, kept, reading)
            elif planned.role in _STAYS:
                columns[name] = values
        if self._plan.of(ColumnRole.COUNTED_UNIT):
            name = _ROW
            while name in columns:
                name += "_"
            columns[name] = of_distinct(self._bearers().take(kept), self._pseudonym, pa.string())
        table = pa.table(columns)
        return table.sort_by([(name, "ascending") for name in table.column_names])

    def _pseudonym(self, value: str) -> str:
        return marked_pseudonym(self._keys.pseudonyms, value)

    def _count_unreadable(self, name: str, column: QuasiIdentifier, kept: pa.Array) -> None:
        unread = pc.sum(pc.equal(column.at(1).take(kept), "*"), min_count=0).as_py()
        if unread:
            self._unreadable[name] = unread

    def _moved(self, name: str, values: pa.Array, kept: pa.Array, planned: ColumnPlan) -> pa.Array:
        parsed = parse_dates(values, planned.format)
        if unread := pc.sum(parsed.unparsable, min_count=0).as_py():
            self._unreadable[name] = unread
        shift = DateShift.of(self._keys.shift, self._plan.shift)
        moves = of_distinct(self._bearers().take(kept), shift.days, pa.int64())
        days = pc.add(parsed.values.cast(pa.int32()).cast(pa.int64()), moves)
        return days.cast(pa.int32()).cast(pa.date32()).cast(pa.string())

    def _unit_names(self) -> pa.Array:
        return self._row_names() if self._units is None else self._units

    def _bearers(self) -> pa.Array:
        """Return who bears one stand-in and one move of dates: each unit, or else each row."""
        linked = self._plan.of(ColumnRole.PRIVACY_UNIT)
        return self._unit_names() if linked else self._row_names()

    def _row_names(self) -> pa.Array:
        return pa.array([f"row {place}" for place in range(self._rows)], pa.string())

    def _deidentified(self, values: pa.Array, kept: pa.Array, reading: Reading) -> pa.Array:
        service = TextDeidentifier(
            key=self._keys.text,
            shift=DateShift.of(self._keys.shift, self._plan.shift),
            profile=stricter(self._plan.profile, reading.least_profile),
            engine=reading.engine,
        )
        found: list[str | None] = [None] * len(values)
        for outcome in deidentify_notes(
            service, self._cells(values, kept), workers=reading.workers
        ):
            self._notes += 1
            if outcome.note is None:
                self._withheld += 1
            else:
                found[int(outcome.id)] = outcome.note.text
        return pa.array(found, pa.string())

    def _cells(self, values: pa.Array, kept: pa.Array) -> Iterator[Note]:
        """Give the cells that hold text, those of one unit one after another."""
        owners = [unit or "" for unit in self._unit_names().to_pylist()]
        known = said_of_units(self._plan, self._texts, owners)
        owners = [owners[place] for place in kept.to_pylist()]
        units, texts = self._bearers().take(kept).to_pylist(), values.to_pylist()
        for place in sorted(range(len(texts)), key=lambda at: (owners[at], at)):
            text, unit = texts[place], units[place] or ""
            if text is not None:
                yield Note(id=str(place), unit=unit, text=text, known=known[owners[place]])


def _encoded(name: str, values: pa.Array, planned: ColumnPlan) -> QuasiIdentifier:
    hierarchy = planned.hierarchy
    column = encoded(
        name, values, lambda value: generalize(hierarchy, value), step_names(hierarchy)
    )
    return column.weighted(Fraction(planned.weight))


def _codes(values: pa.Array) -> pa.Array:
    """Return a code for each text; rows of nobody are units of their own."""
    codes = values.dictionary_encode().indices.cast(pa.int64())
    own = pa.array(range(-1, -1 - len(values), -1), pa.int64())
    return pc.coalesce(codes, own)
