"""Stored values lie inside the declared public domain, or are counted and taken out."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.tables.model import Parsed, TransformedColumn, never
from policies.columns import Column
from policies.layout import stored_bounds, stored_length

__all__ = ["confine"]


def confine(column: Column, source: pa.Array, parsed: Parsed) -> TransformedColumn:
    """Clamp, null or reject what lies outside the domain, as the column's use says.

    What could not be read has no nearest bound: its row is rejected where the use says
    ``reject``, and else it is NULL. Where the use rejects NULLs, so are rows that have one.

    Args:
        column: The declaration.
        source: The values before the transform, to count their NULLs.
        parsed: The values after it.
    """
    values, outside, clamped = parsed.values, never(len(source)), never(len(source))
    use = column.use
    if use is not None and (bounds := stored_bounds(column)) is not None:
        low, high = (pa.scalar(bound, values.type) for bound in bounds)
        beyond = pc.or_(pc.less(values, low), pc.greater(values, high))
        beyond = pc.fill_null(beyond, fill_value=False)
        if use.outside == "clamp":
            clamped = beyond
            edged = pc.max_element_wise(values, low, skip_nulls=False)
            values = pc.min_element_wise(edged, high, skip_nulls=False)
        else:
            outside = beyond
    elif use is not None and use.categories:
        known = pc.is_in(values, value_set=pa.array(use.categories, pa.string()))
        outside = pc.and_(values.is_valid(), pc.invert(known))
    elif use is not None and (length := stored_length(column)) is not None:
        beyond = pc.fill_null(pc.greater(pc.utf8_length(values), length), fill_value=False)
        if use.outside == "clamp":
            clamped = beyond
            values = pc.utf8_slice_codeunits(values, 0, length)
        else:
            outside = beyond
    values = pc.if_else(outside, pa.scalar(None, values.type), values)
    rejected = never(len(source))
    if use is not None and use.outside == "reject":
        rejected = pc.or_(outside, parsed.unparsable)
    if use is not None and use.nulls == "reject":
        rejected = pc.or_(rejected, values.is_null())
    counts = {
        "null": source.null_count,
        "unparsable": _count(parsed.unparsable),
        "outside": _count(outside),
        "clamped": _count(clamped),
    }
    return TransformedColumn(values=values, counts=counts, rejected=rejected)


def _count(mask: pa.BooleanArray) -> int:
    return int(pc.sum(mask, min_count=0).as_py())
