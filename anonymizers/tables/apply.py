"""One declared column: transform, read as the declared type, confine to the public domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

import pyarrow as pa

from anonymizers.keys import opaque_key
from anonymizers.tables.codes import banded, recoded, top_coded, zip3
from anonymizers.tables.dates import transform_dates
from anonymizers.tables.domain import confine
from anonymizers.tables.model import Parsed, RowContext, TransformedColumn, never, of_distinct
from anonymizers.tables.parse import (
    flatten,
    parse_booleans,
    parse_dates,
    parse_integers,
    parse_steps,
    parse_timestamps,
    text_of,
)
from policies.columns import Column
from policies.errors import DeclarationError
from policies.layout import is_opaque_key, resolution
from policies.query_use import ValueType
from policies.transforms import (
    AgeAt,
    Bands,
    DeidentifyText,
    Drop,
    GeneralizeDate,
    Keep,
    Pseudonymize,
    Recode,
    ShiftDate,
    TopCode,
    Transform,
    Zip3,
)

__all__ = ["apply_transform"]

_RESULT_TYPES: Final[Mapping[type, tuple[ValueType, ...]]] = {
    ShiftDate: (ValueType.DATE, ValueType.TIMESTAMP),
    GeneralizeDate: (ValueType.DATE, ValueType.INTEGER),
    AgeAt: (ValueType.INTEGER,),
    TopCode: (ValueType.INTEGER, ValueType.DECIMAL),
    Bands: (ValueType.STRING,),
    Zip3: (ValueType.STRING,),
}


def apply_transform(
    column: Column, values: pa.Array | pa.ChunkedArray, *, context: RowContext
) -> TransformedColumn:
    """Turn a source column into the stored one; the same input always gives the same output.

    Args:
        column: The declaration; its transform is not ``drop`` and not ``deidentify_text``.
        values: Source values, NULL where the source says so: text (CSV) or any Arrow type.
        context: Keys, and the privacy unit of each row for ``shift_date``.

    Returns:
        As many values as went in, in the same order, with counts and the rows to reject.

    Raises:
        DeclarationError: If the transform stores nothing of its own, gives another type than the
            declared one, or needs units and has none.
    """
    source = flatten(values)
    parsed = _converted(column, source, context)
    return confine(column, source, parsed)


def _converted(column: Column, source: pa.Array, context: RowContext) -> Parsed:
    transform = column.effective_transform
    _check_type(column)
    if isinstance(transform, Drop | DeidentifyText | str):  # a name is never left by validation
        raise DeclarationError(
            f"transform {_kind(transform)} stores no column of values",
            code="COL-NOT-STORED",
            remedy="leave the column out, or hand notes to the text pipeline",
        )
    if is_opaque_key(column) or isinstance(transform, Pseudonymize):
        return _pseudonymized(source, context)
    if isinstance(transform, ShiftDate | GeneralizeDate | AgeAt):
        return transform_dates(column, source, transform, context)
    return _coded(column, source, transform)


def _coded(
    column: Column, source: pa.Array, transform: Keep | Recode | TopCode | Bands | Zip3
) -> Parsed:
    match transform:
        case Keep():
            return _read(column, source)
        case Recode():
            return _read(column, recoded(source, transform))
        case TopCode():
            return top_coded(_read(column, source), resolution(column), transform)
        case Bands():
            return banded(source, transform)
        case Zip3():
            return zip3(source, transform)
    assert_never(transform)


def _kind(transform: Transform) -> str:
    return transform if isinstance(transform, str) else transform.kind


def _check_type(column: Column) -> None:
    transform = column.effective_transform
    allowed = _RESULT_TYPES.get(type(transform))
    if allowed is not None and column.type not in allowed:
        names = " or ".join(value_type.value for value_type in allowed)
        raise DeclarationError(
            f"transform {_kind(transform)} cannot give type {column.type.value}",
            code="COL-TRANSFORM-TYPE",
            remedy=f"declare type {names}",
        )


def _read(column: Column, source: pa.Array) -> Parsed:
    match column.type:
        case ValueType.STRING:
            return Parsed(values=text_of(source), unparsable=never(len(source)))
        case ValueType.INTEGER:
            return parse_integers(source)
        case ValueType.DECIMAL:
            return parse_steps(source, resolution(column))
        case ValueType.BOOLEAN:
            return parse_booleans(source)
        case ValueType.DATE:
            return parse_dates(source, column.format)
        case ValueType.TIMESTAMP:
            return parse_timestamps(source, column.format)


def _pseudonymized(source: pa.Array, context: RowContext) -> Parsed:
    def stand_in(value: str) -> int:
        return opaque_key(context.pseudonym_key, value)

    values = of_distinct(text_of(source), stand_in, pa.int64())
    return Parsed(values=values, unparsable=never(len(source)))
