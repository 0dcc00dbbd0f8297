"""Transforms of numbers and codes."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.tables.model import Parsed, never, of_distinct
from anonymizers.tables.parse import parse_floors, text_of
from policies.transforms import Bands, Recode, TopCode, Zip3

__all__ = ["banded", "recoded", "top_coded", "zip3"]

_ZIP: Final = r"^[0-9]{5}(?:-?[0-9]{4})?$"


def top_coded(parsed: Parsed, resolution: Decimal, transform: TopCode) -> Parsed:
    """Lower stored steps above the top code to it; the top code is cut to a whole step."""
    at = (Decimal(str(transform.at)) / resolution).to_integral_value(ROUND_FLOOR)
    top = pa.scalar(int(at), pa.int64())
    return Parsed(
        values=pc.min_element_wise(parsed.values, top, skip_nulls=False),
        unparsable=parsed.unparsable,
    )


def banded(source: pa.Array, transform: Bands) -> Parsed:
    """Name the band of each number; 17.9 is below the edge 18."""
    floors = parse_floors(source)
    index = pa.repeat(pa.scalar(0, pa.int32()), len(source))
    for position, edge in enumerate(transform.edges):
        index = pc.if_else(
            pc.greater_equal(floors.values, edge), pa.scalar(position, pa.int32()), index
        )
    labels = pa.array(transform.labels)
    return Parsed(values=pc.take(labels, index), unparsable=floors.unparsable)


def recoded(source: pa.Array, transform: Recode) -> pa.Array:
    """Rename the values that have an entry; the others stay as they are."""
    return of_distinct(
        text_of(source), lambda value: transform.values.get(value, value), pa.string()
    )


def zip3(source: pa.Array, transform: Zip3) -> Parsed:
    """Keep three digits of a ZIP code, or store the declared stand-in."""
    text = pc.utf8_trim_whitespace(text_of(source))
    if not pa.types.is_string(source.type):
        text = pc.utf8_lpad(text, 5, "0")  # a ZIP that was read as a number lost its zeros
    first = pc.utf8_slice_codeunits(text, 0, 3)
    usable = pc.and_not(
        pc.match_substring_regex(text, _ZIP),
        pc.is_in(first, value_set=pa.array(transform.restricted, pa.string())),
    )
    values = pc.if_else(usable, first, transform.otherwise)
    return Parsed(values=values, unparsable=never(len(source)))
