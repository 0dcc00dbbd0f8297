"""Check what the declaration says of keys: units exist, keys are unique, references hold."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from gateway.ingest.rules import Rule
from gateway.ingest.staging import ROW, UNIT, KeyOwners, Staged, key_name
from gateway.ingest.units import Units
from policies.datasets import DatasetPolicy
from policies.errors import SourceError

__all__ = ["NUMBER", "check_keys", "check_number", "check_one_row_each"]

NUMBER = "__number"
"""Staged column with the stored number of the privacy unit."""


def check_one_row_each(staged: Staged, dataset: DatasetPolicy) -> pa.Table:
    """Return the rows of the unit table, one for each unit where the declaration says so.

    Raises:
        SourceError: If a unit stands there twice and ``bad_rows`` is ``stop``.
    """
    table = dataset.tables[dataset.spec.privacy_unit.table]
    if table.max_rows_per_unit != 1:
        return staged.rows
    return staged.sieve.sift(staged.rows, _repeated(staged.rows, [UNIT]), Rule.UNIT_TWICE)


def check_number(units: Units, dataset: DatasetPolicy) -> None:
    """Check that there are no more units than the declaration says.

    Raises:
        SourceError: If there are more; how many is not said.
    """
    most = dataset.spec.privacy_unit.max_units
    if most is not None and len(units) > most:
        raise SourceError(
            f"there are more than {most} privacy units",
            code="KEY-MAX-UNITS",
            remedy="declare a larger privacy_unit.max_units, well above the number to expect",
        )


def check_keys(staged: Staged, units: Units, owners: Mapping[str, KeyOwners]) -> pa.Table:
    """Return the rows that break no key, with the stored number of their unit.

    A row may be left out for what other rows of its own unit say, and for whether its unit and
    the rows it refers to are in the source, but never for another unit's rows: keys that two
    units share always stop the ingest.

    Args:
        staged: The table.
        units: The units that are stored.
        owners: From ``table.column`` to the keys in the source.

    Raises:
        SourceError: If a row breaks a rule and ``bad_rows`` is ``stop``; ``KEY-SHARED`` if two
            units share a key.
    """
    table, sieve, rows = staged.source.table, staged.sieve, staged.rows
    if table.unit_column is not None:
        known = units.in_source(rows[UNIT])
        rows = sieve.sift(rows, pc.invert(known), Rule.UNKNOWN_UNIT)
        rows = rows.append_column(NUMBER, units.numbers(rows[UNIT]))
        rows = sieve.sift(rows, pc.is_null(rows[NUMBER]), Rule.UNIT_REJECTED)
    if table.key is not None:
        rows = _check_unique(staged, rows, table.key)
    for column, target in table.foreign_keys.items():
        rows = _check_reference(staged, rows, column, owners[target])
    return rows


def _check_unique(staged: Staged, rows: pa.Table, column: str) -> pa.Table:
    name = key_name(column)
    rows = staged.sieve.sift(rows, pc.is_null(rows[name]), Rule.NO_KEY, column)
    if staged.source.table.unit_column is None:
        return staged.sieve.sift(rows, _repeated(rows, [name]), Rule.KEY_TWICE, column)
    rows = staged.sieve.sift(rows, _repeated(rows, [name, NUMBER]), Rule.KEY_TWICE, column)
    shared = _repeated(rows, [name])
    if pc.any(shared).as_py():
        raise SourceError(
            f"two privacy units share a key in column {column} of table {staged.source.name}",
            code="KEY-SHARED",
            remedy="correct the rows, or do not declare the column as the table's key",
            file=staged.source.file,
            line=staged.source.line(pc.min(rows[ROW].filter(shared)).as_py()),
        )
    return rows


def _check_reference(staged: Staged, rows: pa.Table, column: str, owners: KeyOwners) -> pa.Table:
    """Check that the row exists in the source; whether it was stored too does not matter.

    Where both tables have units, only rows of the same unit will do, so that nothing depends on
    another unit.
    """
    name = key_name(column)
    absent = pc.and_(
        pc.is_valid(rows[name]), pc.invert(pc.is_in(rows[name], value_set=owners.keys))
    )
    rows = staged.sieve.sift(rows, absent, Rule.FOREIGN_KEY, column)
    if owners.units is None or UNIT not in rows.column_names:
        return rows
    own = pa.table({name: owners.keys, UNIT: owners.units})
    strangers = rows.select([ROW, name, UNIT]).filter(pc.is_valid(rows[name]))
    strangers = strangers.join(own, keys=[name, UNIT], join_type="left anti")
    foreign = pc.is_in(rows[ROW], value_set=strangers[ROW].combine_chunks())
    return staged.sieve.sift(rows, foreign, Rule.FOREIGN_UNIT, column)


def _repeated(rows: pa.Table, columns: list[str]) -> pa.Array:
    """Say of each row whether an earlier one has the same values in these columns."""
    firsts = rows.group_by(columns).aggregate([(ROW, "min")])[f"{ROW}_min"]
    return pc.invert(pc.is_in(rows[ROW], value_set=firsts.combine_chunks()))
