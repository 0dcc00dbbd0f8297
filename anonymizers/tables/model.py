"""What goes into a column's transform and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Parsed", "RowContext", "TransformedColumn", "never", "of_distinct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowContext:
    """What a transform knows of the rows beside the column's own values.

    Attributes:
        pseudonym_key: Key of the purpose ``pseudonyms``; one for all tables that are joined.
        shift_key: Key of the purpose ``date-shift``; the same as for notes.
        units: Text name of each row's privacy unit, as the source has it; None in public tables.
    """

    pseudonym_key: bytes = field(repr=False)
    shift_key: bytes = field(repr=False)
    units: pa.Array | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformedColumn:
    """A column as it is stored.

    Attributes:
        values: One stored value a row, in the Arrow type that ``policies.layout`` asks for:
            int64, string, bool, date32 or timestamp[us] without zone (UTC).
        counts: Rows by rule: ``null`` were NULL in the source; ``unparsable`` are not of the
            declared type; ``outside`` lie outside the domain and became NULL or are rejected;
            ``clamped`` were moved to a bound. All four are always there.
        rejected: One bool a row: whether the row may not be stored.
    """

    values: pa.Array = field(repr=False)
    counts: Mapping[str, int]
    rejected: pa.BooleanArray = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Values of one type, with the rows that could not be read marked.

    Attributes:
        values: NULL where the source is NULL or could not be read.
        unparsable: One bool a row.
    """

    values: pa.Array
    unparsable: pa.BooleanArray


def never(rows: int) -> pa.BooleanArray:
    """Return that many times False."""
    return pa.repeat(pa.scalar(value=False), rows)


def of_distinct(
    values: pa.Array, function: Callable[[str], object], result: pa.DataType
) -> pa.Array:
    """Apply a Python function once to each distinct text; NULL stays NULL.

    Columns of a hospital repeat: codes, dates, the keys of other tables.
    """
    encoded = values.dictionary_encode()
    mapped = pa.array([function(value) for value in encoded.dictionary.to_pylist()], type=result)
    return pc.take(mapped, encoded.indices)
