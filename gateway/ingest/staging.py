"""Read one source table and de-identify its columns, a batch at a time; all in memory.

A staged table has the stored columns under their names, except that notes are still as written
and the privacy unit is still the source's text. Columns whose names begin with ``__`` are of the
ingest itself: ``__row`` is the number of the row in the source, from 1; ``__unit`` the text of the
privacy unit; ``__key <column>`` the stand-in of a key.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.tables import RowContext, apply_transform
from gateway.ingest.absence import Absent
from gateway.ingest.identifiers import IdentifierColumns
from gateway.ingest.progress import Progress
from gateway.ingest.rules import Rule, Sieve
from gateway.ingest.sources import SourceTable
from policies.columns import Column, Role
from policies.layout import is_opaque_key
from policies.transforms import DeidentifyText

__all__ = ["ROW", "UNIT", "KeyOwners", "Staged", "TableKeys", "key_name", "stage"]

ROW = "__row"
UNIT = "__unit"
_STAND_IN = Column(role=Role.KEY)


def key_name(column: str) -> str:
    """Return the name of the staged column with the stand-ins of a key."""
    return f"__key {column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKeys:
    """The secrets that columns are transformed with.

    Attributes:
        pseudonym: For keys and pseudonyms, the same in all tables of a dataset.
        shift: For the days by which a unit's dates move.
    """

    pseudonym: bytes = field(repr=False)
    shift: bytes = field(repr=False)

    def context(self, units: pa.Array | None) -> RowContext:
        """Return what the transforms know of rows of these units."""
        return RowContext(pseudonym_key=self.pseudonym, shift_key=self.shift, units=units)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOwners:
    """All values of one key column of a source table, those of rejected rows included.

    Attributes:
        keys: Stand-ins, without NULL.
        units: Unit of each, as text; None in tables without units.
    """

    keys: pa.Array = field(repr=False)
    units: pa.Array | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """One table in memory, de-identified but for its notes.

    Attributes:
        source: Where it came from.
        rows: Rows that passed the rules so far.
        read: Rows of the source.
        sieve: Counts the rows that did not.
        clamped: Values moved to a bound, by column.
        nulled: Values that became NULL, by column.
        owners: By key column that other tables refer to.
        identifiers: What its direct identifiers say.
        source_units: All units of the source, those of rejected rows included; distinct texts.
        seconds: Time taken.
    """

    source: SourceTable
    rows: pa.Table = field(repr=False)
    read: int
    sieve: Sieve
    clamped: Mapping[str, int]
    nulled: Mapping[str, int]
    owners: Mapping[str, KeyOwners]
    identifiers: IdentifierColumns
    source_units: pa.Array | None = field(repr=False)
    seconds: float

    def with_rows(self, rows: pa.Table) -> Staged:
        """Return it with other rows."""
        return replace(self, rows=rows)


def stage(
    source: SourceTable,
    keys: TableKeys,
    referred: frozenset[str],
    absent: Absent,
    progress: Progress,
) -> Staged:
    """Read one table.

    Args:
        source: The table.
        keys: Secrets of the transforms.
        referred: Its columns that other tables refer to.
        absent: Whose rows are passed over.
        progress: Is told of the rows.

    Raises:
        SourceError: If the file is broken, or a row breaks a rule and ``bad_rows`` is ``stop``.
    """
    started = time.monotonic()
    work = _Stager(source, keys, referred, absent)
    with progress.step(f"reading {source.name}", source.rows()) as advance:
        work.read(advance)
    return work.staged(time.monotonic() - started)


class _Stager:
    """Collects the batches of one table."""

    def __init__(
        self, source: SourceTable, keys: TableKeys, referred: frozenset[str], absent: Absent
    ) -> None:
        self._source = source
        self._keys = keys
        self._absent = absent
        self._referred = sorted(referred)
        self._table = source.table
        self._unit = source.table.unit_column
        self._checked = sorted(
            {*self._referred, *self._table.foreign_keys, *filter(None, [self._table.key])}
        )
        self._sieve = Sieve(source)
        self._identifiers = IdentifierColumns(source.table)
        self._batches: list[pa.Table] = []
        self._owners: list[pa.Table] = []
        self._units: list[pa.Array] = []
        self._clamped: Counter[str] = Counter()
        self._nulled: Counter[str] = Counter()
        self._read = 0

    def read(self, advance: Callable[[int], None]) -> None:
        """Read all batches."""
        for batch in self._source.batches(self._columns()):
            self._stage(batch)
            advance(batch.num_rows)

    def staged(self, seconds: float) -> Staged:
        """Return what was read."""
        if not self._batches:
            self._stage(self._empty())  # so that an empty table has its columns too
        owners = pa.concat_tables(self._owners) if self._owners else pa.table({})
        return Staged(
            source=self._source,
            rows=pa.concat_tables(self._batches),
            read=self._read,
            sieve=self._sieve,
            clamped=dict(self._clamped),
            nulled=dict(self._nulled),
            owners={name: self._owners_of(name, owners) for name in self._referred},
            identifiers=self._identifiers,
            source_units=pc.unique(pa.chunked_array(self._units)) if self._units else None,
            seconds=seconds,
        )

    def _columns(self) -> tuple[str, ...]:
        """The source columns that are read: those that something needs."""
        table = self._table
        needed = {*table.stored_columns, *self._checked, *self._identifiers.columns}
        if self._unit is not None:
            needed.add(self._unit)
        sources = (self._origin(name) for name in table.columns if name in needed)
        return tuple(dict.fromkeys(sources))

    def _origin(self, name: str) -> str:
        return self._table.columns[name].derived_from or name

    def _empty(self) -> pa.RecordBatch:
        columns = self._columns()
        return pa.RecordBatch.from_arrays([pa.array([], pa.string())] * len(columns), list(columns))

    def _stage(self, batch: pa.RecordBatch) -> None:
        rows = pa.array(range(self._read + 1, self._read + batch.num_rows + 1), pa.int64())
        self._read += batch.num_rows
        batch, rows = self._without_absent(batch, rows)
        units = self._units_of(batch)
        context = self._keys.context(units)
        columns = {ROW: rows}
        broken: dict[str, pa.Array] = {}
        if units is not None:
            columns[UNIT] = units
            self._units.append(pc.unique(units.drop_null()))
        for name, column in self._table.stored_columns.items():
            if name != self._unit:
                columns[name], broken[name] = self._column(name, column, batch, context)
        for name in self._checked:
            columns[key_name(name)] = self._key(name, columns, batch, context)
        staged = pa.table(columns)
        if self._referred:
            kept = [key_name(name) for name in self._referred]
            self._owners.append(staged.select([*kept, UNIT] if units is not None else kept))
        self._identifiers.add(batch, units)
        self._batches.append(self._sifted(staged, broken))

    def _units_of(self, batch: pa.RecordBatch) -> pa.Array | None:
        return None if self._unit is None else _text(batch.column(self._origin(self._unit)))

    def _without_absent(
        self, batch: pa.RecordBatch, rows: pa.Array
    ) -> tuple[pa.RecordBatch, pa.Array]:
        """Pass over the rows of whoever is not to be stored, before anything looks at them."""
        units = self._units_of(batch)
        present = None if units is None else self._absent.present(units)
        if present is None:
            return batch, rows
        stay = batch.filter(present)
        self._sieve.rejected["on request"] += batch.num_rows - stay.num_rows
        return stay, rows.filter(present)

    def _column(
        self, name: str, column: Column, batch: pa.RecordBatch, context: RowContext
    ) -> tuple[pa.Array, pa.Array | None]:
        values = batch.column(self._origin(name))
        if isinstance(column.effective_transform, DeidentifyText):
            return _text(values), None
        done = apply_transform(column, values, context=context)
        rejected = pc.sum(done.rejected, min_count=0).as_py()
        self._clamped[name] += done.counts["clamped"]
        # Where a row is rejected for a value, its loss is counted with the row.
        if not rejected:
            self._nulled[name] += done.counts["outside"] + done.counts["unparsable"]
        return done.values, done.rejected if rejected else None

    def _key(
        self,
        name: str,
        columns: Mapping[str, pa.Array],
        batch: pa.RecordBatch,
        context: RowContext,
    ) -> pa.Array:
        if name in columns and is_opaque_key(self._table.columns[name]):
            return columns[name]
        values = batch.column(self._origin(name))
        return apply_transform(_STAND_IN, values, context=context).values

    def _sifted(self, staged: pa.Table, broken: Mapping[str, pa.Array | None]) -> pa.Table:
        masks = {f"__broken {name}": mask for name, mask in broken.items() if mask is not None}
        for label, mask in masks.items():
            staged = staged.append_column(label, mask)
        if self._unit is not None:
            staged = self._sieve.sift(staged, pc.is_null(staged[UNIT]), Rule.NO_UNIT)
        for label in masks:
            column = label.removeprefix("__broken ")
            staged = self._sieve.sift(staged, staged[label], Rule.VALUE, column)
        return staged.drop_columns(list(masks))

    def _owners_of(self, name: str, owners: pa.Table) -> KeyOwners:
        valid = owners.filter(pc.is_valid(owners[key_name(name)]))
        units = valid[UNIT].combine_chunks() if UNIT in valid.column_names else None
        return KeyOwners(keys=valid[key_name(name)].combine_chunks(), units=units)


def _text(values: pa.Array) -> pa.Array:
    """Return values as text; whole numbers without a decimal point, so that keys agree."""
    return values if pa.types.is_string(values.type) else pc.cast(values, pa.string())
