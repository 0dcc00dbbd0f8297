"""The order in which a unit's groups and values are kept: a keyed mix of whole numbers.

The key is the unit's salt, 31 secret bits that depend on no other unit. Which groups come first
decides on bias alone: what one unit moves is bounded in whatever order its own groups are kept.

With P = 2^31 - 1 and x = (salt * A + place * B + C) mod P, the mix is x^5 mod P. Sums and products
of 31-bit numbers fit 63 bits, so it is total, exact and the same on every engine. Different places
below P have different mixes, so that nothing else has to break ties.

Source: Carter and Wegman (1979), "Universal classes of hash functions", proposition 7 for the
linear part; Lidl and Niederreiter, "Finite Fields", theorem 7.8: x^5 is a permutation modulo P
since 5 and P - 1 have no common divisor. A, B, C are the first 30 binary places of the roots of 2,
3, 5: nobody has chosen them.

Values without a public domain have no place: a hash of salt and value orders them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import ceil

from query.domains import Domain, Kind
from query.periods import Grain, period_of
from query.question import GroupKey

__all__ = ["PRIME", "has_places", "hashed", "mixed", "place_of_group", "place_of_value"]

PRIME = 2**31 - 1
_SALT_FACTOR, _PLACE_FACTOR, _OFFSET = 444_758_425, 786_033_569, 253_476_060
MAX_PLACES = 1_000_000
"""Values of a domain whose places are looked at."""
_PERIODS = {
    Grain.DECADE: "EXTRACT(YEAR FROM {0}) // 10",
    Grain.YEAR: "EXTRACT(YEAR FROM {0})",
    Grain.QUARTER: "EXTRACT(YEAR FROM {0}) * 4 + (EXTRACT(MONTH FROM {0}) - 1) // 3",
    Grain.MONTH: "EXTRACT(YEAR FROM {0}) * 12 + EXTRACT(MONTH FROM {0}) - 1",
    Grain.WEEK: "({0} - DATE '0001-01-01') // 7",
    Grain.DAY: "{0} - DATE '0001-01-01' + 1",
}
"""``query.periods.period_of`` as SQL."""


def has_places(domain: Domain) -> bool:
    """Say whether the values of a domain can be numbered."""
    size = domain.size()
    return size is not None and size <= MAX_PLACES


def mixed(source: str, place: str, name: str) -> str:
    """Return a SELECT of all columns of a source, and the mix of ``z`` and a place.

    Args:
        source: A SELECT with the salt as ``z``.
        place: SQL of a BIGINT, 0 or more.
        name: Of the column with the mix; ``x`` before it names one with the linear part.
    """
    salted = f"CAST(z AS BIGINT) * {_SALT_FACTOR}"
    placed = f"({place}) % {PRIME} * {_PLACE_FACTOR}"
    linear = f"({salted} + {placed} + {_OFFSET}) % {PRIME}"
    square = f"(x{name} * x{name} % {PRIME})"
    fifth = f"{square} * {square} % {PRIME} * x{name} % {PRIME}"
    inner = f"SELECT *, {linear} AS x{name} FROM ({source})"
    return f"SELECT *, {fifth} AS {name} FROM ({inner})"


def hashed(*names: str) -> str:
    """Return the SQL of a hash of the salt and of values that have no place.

    Args:
        names: Columns that hold the values; NULL is hashed as an empty text is.
    """
    values = (f"COALESCE(CAST({name} AS VARCHAR), '')" for name in names)
    joined = " || '|' || ".join(["CAST(z AS VARCHAR)", *values])
    return f"MD5({joined})"


def place_of_group(names: Sequence[str], keys: Sequence[GroupKey]) -> str:
    """Return the SQL of a group's place among the cells: the last key changes fastest.

    Args:
        names: Columns that hold the keys.
        keys: The keys, each with its public domain.
    """
    place = ""
    for name, key in zip(names, keys, strict=True):
        own = place_of_value(name, key.expression.domain)
        if key.has_null:
            own = f"CASE WHEN {name} IS NULL THEN {key.size - 1} ELSE {own} END"
        place = f"({place}) * {key.size} + {own}" if place else own
    return place


def place_of_value(name: str, domain: Domain) -> str:
    """Return the SQL of a value's place in its domain, from 0; a BIGINT, or NULL for NULL.

    Args:
        name: The column that holds it.
        domain: Of known size: see ``has_places``.
    """
    match domain.kind:
        case Kind.TEXT if domain.is_enum and domain.is_whole:
            return f"CAST(ENUM_CODE({name}) AS BIGINT)"
        case Kind.TEXT:
            texts = ", ".join("'" + one.replace("'", "''") + "'" for one in domain.categories or ())
            text = f"CAST({name} AS VARCHAR)" if domain.is_enum else name
            return f"CAST(ENUM_CODE(TRY_CAST({text} AS ENUM ({texts}))) AS BIGINT)"
        case Kind.NUMBER:
            assert isinstance(domain.lower, Fraction)  # noqa: S101  its size is known
            return f"({name} - ({ceil(domain.lower / domain.step)}))"
        case Kind.DATE:
            assert isinstance(domain.lower, date)  # noqa: S101  the same
            first = period_of(domain.lower, domain.grain)
            return f"({_PERIODS[domain.grain].format(name)} - ({first}))"
        case _:
            return f"CAST({name} AS BIGINT)"
