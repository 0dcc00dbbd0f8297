"""Keep of each unit what is declared and no more, in the order of the store."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from gateway.ingest.keys import NUMBER
from gateway.ingest.staging import UNIT, Staged
from gateway.ingest.units import Units
from gateway.storage.bounding import profile_columns
from gateway.storage.building import keyed_order
from policies.layout import RANK, ROWS, SALT

__all__ = ["Minimal", "minimize"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimal:
    """One table as it is stored, but for its notes, which are still as written.

    Attributes:
        staged: Where it came from, with the counts.
        rows: The stored columns under their names, salt, rank and the columns of the release
            profiles, sorted by unit and rank; and the units' names in the source in ``__unit``.
            As they are in tables without units.
        left_out: Rows beyond ``max_rows_per_unit``.
    """

    staged: Staged
    rows: pa.Table = field(repr=False)
    left_out: int = 0


def minimize(staged: Staged, rows: pa.Table, units: Units, *, key: bytes) -> Minimal:
    """Order and cut the rows of each unit.

    Args:
        staged: Where the rows came from.
        rows: Rows that break no rule.
        units: The units that are stored.
        key: Secret of the order.
    """
    table = staged.source.table
    unit = table.unit_column
    if unit is None:
        return Minimal(staged=staged, rows=rows.select(list(table.stored_columns)))
    content = rows.select([name for name in table.stored_columns if name != unit])
    salts = pc.take(units.salts, rows[NUMBER])
    order = keyed_order(rows[NUMBER], salts, content, key=key)
    counts = order["rows"]
    if table.max_rows_per_unit is not None:
        most = pa.scalar(table.max_rows_per_unit, pa.int32())
        kept = pc.less_equal(order["rank"], most)
        order, counts = order.filter(kept), pc.min_element_wise(counts.filter(kept), most)
    place = order["row"]
    stored = {
        name: _roomy(rows[NUMBER if name == unit else name]).take(place)
        for name in table.stored_columns
    }
    stored |= {SALT: salts.take(place), RANK: order["rank"], ROWS: counts}
    stored |= profile_columns(pa.table(stored), table, key=key)
    stored[UNIT] = rows[UNIT].take(place)
    return Minimal(staged=staged, rows=pa.table(stored), left_out=len(rows) - len(order))


def _roomy(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give texts 64-bit offsets: taking rows in order makes one piece, which may pass 2 GiB."""
    return values.cast(pa.large_string()) if pa.types.is_string(values.type) else values
