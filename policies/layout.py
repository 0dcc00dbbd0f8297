"""How a declared table lies in the store: the agreement between ingest and the query engine.

One DuckDB table per declared private or public table, with the stored columns under their declared
names, in declared order, and in a private table three or more columns more:

- ``__salt`` INTEGER: 31 bits of an HMAC of the unit, the same in all rows of a unit, so that what
  is selected of one unit never depends on the others;
- ``__rank`` INTEGER: 1, 2, … within the unit, by a keyed order of the row's own content;
- ``__rows`` INTEGER: how many rows of the unit the table holds, the same in all of them.

For each of its release profiles come two more, in the order of their declaration:

- ``__group_rank_<profile>`` INTEGER: 1, 2, … over the unit's distinct groups, by a keyed order of
  the group's values; the same in all rows of one group. Groups with a NULL that the policy filters
  come last, since no answer shows them;
- ``__row_rank_<profile>`` INTEGER: 1, 2, … within the unit's group, in the order of ``__rank``.

All of them depend on the unit's own rows and on a secret, and on no other unit's rows.

Rows are sorted by the unit. Types:

===================  ============================================================================
declared             stored
===================  ============================================================================
privacy unit         BIGINT: dense, opaque; 0, 1, …; the same number in all tables
key, pseudonym       BIGINT: 62 bits of an HMAC of the text, opaque
string, categories   ENUM of the categories in declared order
string               VARCHAR
integer              BIGINT
decimal              BIGINT: the value divided by the resolution, rounded half up
boolean              BOOLEAN
date                 DATE
timestamp            TIMESTAMP: UTC
===================  ============================================================================

NULL stays NULL. Values lie inside the declared bounds and categories, and texts that may be asked
about are no longer than declared.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from policies.columns import Column
from policies.datasets import Ownership, Table
from policies.query_use import DEFAULT_MAX_LENGTH, DEFAULT_RESOLUTION, ValueType
from policies.transforms import Pseudonymize

__all__ = [
    "DEFAULT_RESOLUTION",
    "RANK",
    "ROWS",
    "SALT",
    "group_rank_name",
    "is_opaque_key",
    "own_columns",
    "resolution",
    "row_rank_name",
    "stored_bounds",
    "stored_length",
    "stored_type",
]

SALT = "__salt"
RANK = "__rank"
ROWS = "__rows"


def group_rank_name(profile: str) -> str:
    """Return the column with the rank of a row's group among its unit's groups."""
    return f"__group_rank_{profile}"


def row_rank_name(profile: str) -> str:
    """Return the column with the rank of a row within its unit's group."""
    return f"__row_rank_{profile}"


def own_columns(table: Table) -> dict[str, str]:
    """Return the columns that ingest adds to a private table, with their types, in stored order."""
    if table.ownership is not Ownership.PRIVATE:
        return {}
    columns = {SALT: "INTEGER", RANK: "INTEGER", ROWS: "INTEGER"}
    for name in table.release_profiles:
        columns |= {group_rank_name(name): "INTEGER", row_rank_name(name): "INTEGER"}
    return columns


def is_opaque_key(column: Column) -> bool:
    """Say whether stored values are stand-ins, which only equality may look at."""
    return column.is_key or isinstance(column.effective_transform, Pseudonymize)


def resolution(column: Column) -> Decimal:
    """The size of one stored step, in the column's unit; 1 for all but decimals."""
    if column.type is not ValueType.DECIMAL:
        return Decimal(1)
    declared = column.use.resolution if column.use is not None else None
    return DEFAULT_RESOLUTION if declared is None else declared


def stored_bounds(column: Column) -> tuple[int, int] | tuple[date, date] | None:
    """The smallest and the largest value that may be stored, or None where none is declared.

    Numbers in whole steps, the innermost ones where a bound lies between two; timestamps from the
    first to the last microsecond of the declared days.
    """
    if column.use is None or column.use.bounds is None:
        return None
    low, high = column.use.bounds
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        size = Fraction(resolution(column))
        return math.ceil(Fraction(low) / size), math.floor(Fraction(high) / size)
    assert isinstance(low, date)  # noqa: S101  bounds are of one type, as the declaration checks
    assert isinstance(high, date)  # noqa: S101  the same
    if column.type is ValueType.TIMESTAMP:
        return datetime.combine(low, time.min), datetime.combine(high, time.max)
    return low, high


def stored_length(column: Column) -> int | None:
    """Characters of a stored text at most; None where no texts are held that may be asked about."""
    use = column.use
    if use is None or column.type is not ValueType.STRING or is_opaque_key(column):
        return None
    if use.categories:
        return max(map(len, use.categories))
    return DEFAULT_MAX_LENGTH if use.max_length is None else use.max_length


def stored_type(column: Column) -> str:
    """The DuckDB type of the stored column; ``ENUM`` stands for the enumeration of categories."""
    if is_opaque_key(column):
        return "BIGINT"
    match column.type:
        case ValueType.STRING:
            return "ENUM" if column.use is not None and column.use.categories else "VARCHAR"
        case ValueType.INTEGER | ValueType.DECIMAL:
            return "BIGINT"
        case ValueType.BOOLEAN:
            return "BOOLEAN"
        case ValueType.DATE:
            return "DATE"
        case ValueType.TIMESTAMP:
            return "TIMESTAMP"
        case _:
            assert_never(column.type)
