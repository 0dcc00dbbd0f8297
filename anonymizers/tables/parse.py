"""Source values to the declared type: exact, and what cannot be read becomes NULL and is marked.

No message holds a value, since nothing here raises on one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation
from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from anonymizers.tables.model import Parsed, never, of_distinct

__all__ = [
    "flatten",
    "parse_booleans",
    "parse_dates",
    "parse_floors",
    "parse_integers",
    "parse_steps",
    "parse_timestamps",
    "text_of",
]

_T = TypeVar("_T")
_PLAIN: Final = r"^(?P<sign>[+-]?)(?P<whole>[0-9]*)\.?(?P<fraction>[0-9]*)$"
_MAX_DIGITS: Final = 18
"""So many digits always fit 64 bits, and so does twice the number."""
_EXACT: Final = Context(prec=400, traps=[Inexact, InvalidOperation])
_LARGEST: Final = 10**_MAX_DIGITS
_TRUE: Final = pa.array(["true", "t", "yes", "y", "1"])
_FALSE: Final = pa.array(["false", "f", "no", "n", "0"])


def flatten(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the values as one array without dictionary encoding; text as ``string``."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # older Arrow keeps chunks where text is very long
        values = pa.concat_arrays(values.chunks)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    return values


def text_of(values: pa.Array) -> pa.Array:
    """Return each value as text.

    A number is written as briefly as it reads back the same (so a binary 0.285 is ``0.285``), and
    a whole number without a point, so that a key reads the same from files of different types.
    """
    if pa.types.is_string(values.type):
        return values
    text = values.cast(pa.string())
    if pa.types.is_floating(values.type):
        return pc.replace_substring_regex(text, r"\.0$", "")
    return text


def parse_integers(values: pa.Array) -> Parsed:
    """Read whole numbers as int64; ``12`` and ``12.0`` are whole, ``12.5`` and NaN are not."""
    floor, inexact = _scaled(_trimmed(values), 0)
    whole = pc.if_else(inexact, pa.scalar(None, pa.int64()), floor)
    return _marked(values, whole)


def parse_floors(values: pa.Array) -> Parsed:
    """Read numbers as int64, cut to the whole number at or below."""
    floor, _ = _scaled(_trimmed(values), 0)
    return _marked(values, floor)


def parse_steps(values: pa.Array, resolution: Decimal) -> Parsed:
    """Read decimal numbers as int64 counts of ``resolution``, rounded half up, exactly.

    Half up means towards plus infinity: floor(value / resolution + 1/2). Nothing is computed in
    binary fractions: ``0.285`` at 0.01 is 29, and so is a Parquet double that prints as 0.285.

    Args:
        values: Text in plain or exponent notation, or numbers.
        resolution: Size of one step, in the column's unit; above 0.
    """
    # With one digit more than the resolution has, each rounding edge is a whole number of units,
    # so that cutting off further digits cannot move a value across it.
    exponent = resolution.normalize().as_tuple().exponent
    places = max(0, -int(exponent)) + 1
    step = int(resolution.scaleb(places))
    floor, _ = _scaled(_trimmed(values), places)
    return _marked(values, _floor_divided(pc.add(floor, step // 2), step))


def parse_booleans(values: pa.Array) -> Parsed:
    """Read true/t/yes/y/1 and false/f/no/n/0 in any letter case."""
    if pa.types.is_boolean(values.type):
        return Parsed(values=values, unparsable=never(len(values)))
    text = pc.utf8_lower(_trimmed(values))
    yes = pc.is_in(text, value_set=_TRUE)
    known = pc.or_(yes, pc.is_in(text, value_set=_FALSE))
    return _marked(values, pc.if_else(known, yes, pa.scalar(None, pa.bool_())))


def parse_dates(values: pa.Array, pattern: str | None = None) -> Parsed:
    """Read days as date32; of a timestamp, the day as written.

    Args:
        values: ISO 8601 text, text in ``pattern``, dates or timestamps.
        pattern: A strptime pattern for text; None for ISO 8601.
    """
    if pa.types.is_temporal(values.type):
        return Parsed(values=_as_utc(values).cast(pa.date32()), unparsable=never(len(values)))
    reader = _reader(_iso_date, pattern, datetime.date)
    return _marked(values, of_distinct(_trimmed(values), reader, pa.date32()))


def parse_timestamps(values: pa.Array, pattern: str | None = None) -> Parsed:
    """Read moments as timestamp[us] in UTC; text without an offset is taken as UTC.

    Args:
        values: ISO 8601 text, text in ``pattern``, dates or timestamps.
        pattern: A strptime pattern for text; None for ISO 8601.
    """
    if pa.types.is_temporal(values.type):
        return Parsed(values=_as_utc(values), unparsable=never(len(values)))
    reader = _reader(_iso_moment, pattern, _in_utc)
    return _marked(values, of_distinct(_trimmed(values), reader, pa.timestamp("us")))


def _marked(source: pa.Array, values: pa.Array) -> Parsed:
    unparsable = pc.and_(source.is_valid(), values.is_null())
    return Parsed(values=values, unparsable=unparsable)


def _trimmed(values: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(text_of(values))


def _as_utc(values: pa.Array) -> pa.Array:
    """Return dates and timestamps of any unit and zone as timestamp[us] without zone, in UTC."""
    return values.cast(pa.timestamp("us"), safe=False)


def _scaled(text: pa.Array, places: int) -> tuple[pa.Array, pa.Array]:
    """Return floor(number * 10**places) as int64, and whether a non-zero digit was cut off.

    NULL where the text is not a number, or has more than 18 digits.
    """
    parts = pc.extract_regex(text, _PLAIN)
    whole = pc.utf8_ltrim(pc.struct_field(parts, "whole"), "0")
    fraction = pc.struct_field(parts, "fraction")
    kept = pc.utf8_rpad(pc.utf8_slice_codeunits(fraction, 0, places), places, "0")
    digits = pc.binary_join_element_wise("0", whole, kept, "")
    fits = pc.less_equal(pc.utf8_length(digits), _MAX_DIGITS + 1)
    has_digit = pc.match_substring_regex(text, "[0-9]")
    plain = pc.fill_null(pc.and_(pc.and_(parts.is_valid(), fits), has_digit), fill_value=False)
    magnitude = pc.if_else(plain, digits, pa.scalar(None, pa.string())).cast(pa.int64())
    cut = pc.greater(
        pc.utf8_length(pc.utf8_rtrim(pc.utf8_slice_codeunits(fraction, places), "0")), 0
    )
    negative = pc.equal(pc.struct_field(parts, "sign"), "-")
    below = pc.subtract(pc.negate(magnitude), cut.cast(pa.int64()))
    floor = pc.if_else(negative, below, magnitude)
    other = pc.and_(text.is_valid(), pc.invert(plain))
    if not pc.any(other).as_py():
        return floor, cut
    return _with_exponents(text, floor, cut, other, places)


def _with_exponents(
    text: pa.Array, floor: pa.Array, cut: pa.Array, other: pa.Array, places: int
) -> tuple[pa.Array, pa.Array]:
    """Fill in the rare texts that are not plain digits, such as ``1e-07``, one by one."""
    rare = pc.if_else(other, text, pa.scalar(None, pa.string()))
    scaled = of_distinct(rare, lambda value: _exact(value, places, floor=True), pa.int64())
    upper = of_distinct(rare, lambda value: _exact(value, places, floor=False), pa.int64())
    return pc.if_else(other, scaled, floor), pc.if_else(other, pc.not_equal(scaled, upper), cut)


def _exact(text: str, places: int, *, floor: bool) -> int | None:
    try:
        number = _EXACT.create_decimal(text)
        if not number.is_finite() or number.adjusted() > _MAX_DIGITS:
            return None
        shifted = number.scaleb(places, _EXACT)
    except (InvalidOperation, Inexact):
        return None
    rounded = shifted.to_integral_value(ROUND_FLOOR if floor else "ROUND_CEILING")
    return int(rounded) if abs(rounded) < _LARGEST else None


def _floor_divided(numerator: pa.Array, divisor: int) -> pa.Array:
    """Divide whole numbers towards minus infinity; Arrow's own division goes towards zero."""
    quotient = pc.divide(numerator, pa.scalar(divisor, pa.int64()))
    rest = pc.subtract(numerator, pc.multiply(quotient, pa.scalar(divisor, pa.int64())))
    return pc.subtract(quotient, pc.less(rest, 0).cast(pa.int64()))


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text).date()


def _iso_moment(text: str) -> datetime:
    return _in_utc(datetime.fromisoformat(text))


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _reader(
    iso: Callable[[str], _T], pattern: str | None, convert: Callable[[datetime], _T]
) -> Callable[[str], _T | None]:
    """Return a function from text to value, or to None where the text does not fit."""

    def read(text: str) -> _T | None:
        try:
            if pattern is None:
                return iso(text)
            return convert(datetime.strptime(text, pattern))  # noqa: DTZ007  zone only if written
        except (ValueError, OverflowError):
            return None

    return read
