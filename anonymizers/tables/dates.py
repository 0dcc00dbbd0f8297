"""Transforms of days and moments."""

from __future__ import annotations

from datetime import date
from typing import assert_never

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.keys import DateShift
from anonymizers.tables.model import Parsed, RowContext, of_distinct
from anonymizers.tables.parse import flatten, parse_dates, parse_timestamps, text_of
from policies.columns import Column
from policies.errors import DeclarationError
from policies.query_use import ValueType
from policies.transforms import AgeAt, GeneralizeDate, ShiftDate

__all__ = ["transform_dates"]


def transform_dates(
    column: Column,
    source: pa.Array,
    transform: ShiftDate | GeneralizeDate | AgeAt,
    context: RowContext,
) -> Parsed:
    """Shift, generalize or turn into ages.

    Raises:
        DeclarationError: If ``shift_date`` has no units, or a quarter or month is to be a number.
    """
    match transform:
        case ShiftDate():
            return _shifted(column, source, transform, context)
        case GeneralizeDate():
            return _generalized(column, source, transform)
        case AgeAt():
            return _age(source, transform, column.format)
        case _:
            assert_never(transform)


def _shifted(column: Column, source: pa.Array, transform: ShiftDate, context: RowContext) -> Parsed:
    if context.units is None:
        raise DeclarationError(
            "transform shift_date needs the privacy unit of each row",
            code="COL-SHIFT-NO-UNIT",
            remedy="use it in private tables only",
        )
    read = parse_dates if column.type is ValueType.DATE else parse_timestamps
    parsed = read(source, column.format)
    shift = DateShift.of(context.shift_key, transform)
    moves = of_distinct(text_of(flatten(context.units)), shift.days, pa.int64())
    if pa.types.is_date32(parsed.values.type):
        stored = parsed.values.cast(pa.int32()).cast(pa.int64())
        moved = pc.add(stored, moves).cast(pa.int32()).cast(pa.date32())
    else:
        moved = pc.add(parsed.values, pc.multiply(moves, 86_400_000_000).cast(pa.duration("us")))
    return Parsed(values=moved, unparsable=parsed.unparsable)


def _generalized(column: Column, source: pa.Array, transform: GeneralizeDate) -> Parsed:
    parsed = parse_dates(source, column.format)
    if column.type is ValueType.INTEGER:
        if transform.to != "year":
            raise DeclarationError(
                "only a year can be stored as an integer",
                code="COL-TRANSFORM-TYPE",
                remedy="declare type date, or generalize to year",
            )
        return Parsed(values=pc.year(parsed.values), unparsable=parsed.unparsable)
    first = pc.floor_temporal(parsed.values.cast(pa.timestamp("us")), unit=transform.to)
    return Parsed(values=first.cast(pa.date32()), unparsable=parsed.unparsable)


def _age(source: pa.Array, transform: AgeAt, pattern: str | None) -> Parsed:
    """Completed years: a birthday on February 29 is completed on March 1 of other years."""
    born = parse_dates(source, pattern)
    on: date = transform.reference_date
    month_and_day = pc.add(pc.multiply(pc.month(born.values), 100), pc.day(born.values))
    ahead = pc.greater(month_and_day, on.month * 100 + on.day).cast(pa.int64())
    years = pc.subtract(pc.subtract(on.year, pc.year(born.values)), ahead)
    capped = pc.min_element_wise(years, pa.scalar(transform.top_code, pa.int64()), skip_nulls=False)
    # Born after the reference day: no age at all. NULL here is told from NULL in the source by
    # the mark, so that it is counted.
    unborn = pc.fill_null(pc.less(capped, 0), fill_value=False)
    return Parsed(
        values=pc.if_else(unborn, pa.scalar(None, pa.int64()), capped),
        unparsable=pc.or_(born.unparsable, unborn),
    )
