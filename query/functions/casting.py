"""Casts: NULL where a value has no counterpart of the other type."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Final

from query.domains import BOOLEAN, TEXT, Domain, Kind, number
from query.expressions import Call, Expression
from query.functions.building import Builder, as_text, as_timestamp, call, expect, refuse, rescaled
from query.functions.dates import to_date
from query.functions.images import IMAGES
from query.functions.rounding import MAX_DIGITS, ROUND, held, in_units

__all__ = ["CASTING", "MAX_LISTED", "to_text"]

MAX_LISTED = 10_000
"""Values of a domain that are listed as texts."""

_WIDTHS: Final = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
_PLAIN: Final = re.compile(r"-?\d{1,15}|[^\d]*", re.ASCII)
_LARGEST_DOUBLE: Final = "CAST('1.7976931348623157e308' AS DOUBLE)"


def to_text(args: tuple[Expression, ...]) -> Expression:
    """Return a value as DuckDB writes it: texts, whole numbers, conditions and dates."""
    (value,) = args
    expect(args, Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, name="a cast to VARCHAR")
    if value.domain.kind is Kind.TEXT:
        return as_text(value)
    if value.domain.kind is Kind.NUMBER:
        if value.domain.step.denominator != 1:
            raise refuse("a number with decimals is cast to a text", "ROUND it to a whole number")
        value = rescaled(value, Fraction(1))
    size = value.domain.size()
    listed = size is not None and size <= MAX_LISTED
    found = tuple(dict.fromkeys(map(IMAGES["to_text"], value.domain.values()))) if listed else None
    domain = replace(TEXT, nullable=value.domain.nullable, categories=found)
    return call("to_text", "CAST({0} AS VARCHAR)", "CAST({0} AS VARCHAR)", (value,), domain)


def _to_whole(name: str, args: tuple[Expression, ...]) -> Expression:
    """Cast to a whole number: exact halves away from 0, those of reals to even, as DuckDB does."""
    value = as_text(args[0])
    expect((value,), Kind.NUMBER, Kind.REAL, Kind.BOOLEAN, Kind.TEXT, name=f"a cast to {name}")
    most = Fraction(2) ** _WIDTHS[name] - 1
    text = f"CAST({{0}} AS {name.upper()})"
    match value.domain.kind:
        case Kind.NUMBER:
            sql, domain = in_units(ROUND, value, Fraction(1))
        case Kind.REAL:
            ends = value.domain.bounds
            low, high = (Fraction(round(end)) for end in ends) if ends else (None, None)
            # DuckDB rounds halves of doubles to even, as Python rounds fractions
            sql, domain = "{0}", number(low, high, nullable=value.domain.nullable)
        case Kind.BOOLEAN:
            sql, domain = "{0}", number(Fraction(0), Fraction(1), nullable=value.domain.nullable)
        case _:
            sql, domain = "{0}", _counted(value.domain)
    bounds = domain.bounds
    exact = value.domain.kind is Kind.NUMBER
    if exact and bounds is not None and max(-bounds[0], bounds[1]) <= most:
        return call("to_whole", sql, text, (value,), domain)
    surely = value.domain.kind is Kind.BOOLEAN or (
        bounds is not None and max(-bounds[0], bounds[1]) <= most and not domain.nullable
    )
    if bounds is not None:
        low, high = max(bounds[0], -most - 1), min(bounds[1], most)
        bounds = (low, high) if low <= high else None
    lower, upper = bounds or (None, None)
    sql = f"CAST(TRY_CAST({sql} AS {name.upper()}) AS BIGINT)"
    if bounds is not None and value.domain.kind is Kind.REAL:
        sql = held(sql, int(bounds[0]), int(bounds[1]))
    nullable = domain.nullable or not surely
    return call("to_whole", sql, text, (value,), number(lower, upper, nullable=nullable))


def _counted(domain: Domain) -> Domain:
    """Bounds of texts read as whole numbers, where it is plain how each category is read."""
    known = domain.categories
    if known is None or not all(_PLAIN.fullmatch(one) for one in known):
        return number()
    found = [Fraction(one) for one in known if any(map(str.isdigit, one))]
    return number(min(found), max(found)) if found else number()


def to_real(args: tuple[Expression, ...]) -> Expression:
    """Cast to DOUBLE: numbers keep their exact value; texts that are no finite number are NULL."""
    value = as_text(args[0])
    expect((value,), Kind.NUMBER, Kind.REAL, Kind.BOOLEAN, Kind.TEXT, name="a cast to DOUBLE")
    if value.domain.kind is Kind.BOOLEAN:
        return _to_whole("integer", args)
    if value.domain.kind is not Kind.TEXT:
        return value
    cast = "TRY_CAST({0} AS DOUBLE)"
    sql = f"(CASE WHEN ABS({cast}) <= {_LARGEST_DOUBLE} THEN {cast} END)"
    return call("to_real", sql, "CAST({0} AS DOUBLE)", (value,), Domain(kind=Kind.REAL))


def to_decimal(args: tuple[Expression, ...]) -> Expression:
    """Cast to DECIMAL(p, s): rounded to s decimals, NULL from p - s digits before the point on.

    Arguments are the value, p and s.
    """
    value = as_text(args[0])
    expect((value,), Kind.NUMBER, Kind.REAL, Kind.TEXT, name="a cast to DECIMAL")
    precision, scale = (int(_written(arg)) for arg in args[1:])
    if not 0 <= scale <= min(precision, MAX_DIGITS) or not 1 <= precision <= 18:  # noqa: PLR2004  digits of BIGINT
        raise refuse(
            "a cast to DECIMAL has a precision or scale that is not known",
            "give at most 18 digits, 12 of them after the point",
        )
    unit = Fraction(1, 10**scale)
    most = Fraction(10**precision - 1) * unit
    if value.domain.kind is Kind.TEXT:
        cast = f"TRY_CAST({{0}} AS DECIMAL({precision}, {scale}))"
        sql = f"TRY(CAST(CAST({cast} AS DECIMAL(38, {scale})) * {10**scale} AS BIGINT))"
        domain = number(-most, most, step=unit)
    else:
        sql, domain = in_units(ROUND, value, unit)
    bounds = domain.bounds
    if bounds is None or max(-bounds[0], bounds[1]) > most:
        limit = 10**precision - 1
        sql = f"(CASE WHEN {sql} BETWEEN {-limit} AND {limit} THEN {sql} END)"
        domain = replace(domain, nullable=True, lower=-most, upper=most)
        if bounds is not None and bounds[0] <= most and bounds[1] >= -most:
            domain = replace(domain, lower=max(bounds[0], -most), upper=min(bounds[1], most))
    text = f"CAST({{0}} AS DECIMAL({precision}, {scale}))"
    return call("to_decimal", sql, text, (value, *args[1:]), domain)


def _written(arg: Expression) -> Fraction:
    lower = arg.domain.lower
    return lower if isinstance(lower, Fraction) else Fraction(-1)


def to_boolean(args: tuple[Expression, ...]) -> Expression:
    """Cast to BOOLEAN: a number is true where it is not 0, a text where it says so."""
    value = as_text(args[0])
    expect((value,), Kind.NUMBER, Kind.REAL, Kind.BOOLEAN, Kind.TEXT, name="a cast to BOOLEAN")
    match value.domain.kind:
        case Kind.BOOLEAN:
            return value
        case Kind.TEXT:
            sql, nullable = "TRY_CAST({0} AS BOOLEAN)", True
        case _:
            sql, nullable = "({0} <> 0)", value.domain.nullable
    domain = replace(BOOLEAN, nullable=nullable)
    return call("to_boolean", sql, "CAST({0} AS BOOLEAN)", (value,), domain)


def to_day(args: tuple[Expression, ...]) -> Expression:
    """Cast to DATE: the day of a timestamp; a text that is no date is NULL."""
    if args[0].domain.kind is Kind.DATE:
        return args[0]
    if args[0].domain.kind is Kind.TEXT:
        return _parsed("DATE", Kind.DATE, args)
    return to_date(args)


def to_timestamp(args: tuple[Expression, ...]) -> Expression:
    """Cast to TIMESTAMP: the midnight of a date; a text that is no timestamp is NULL."""
    expect(args, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, name="a cast to TIMESTAMP")
    if args[0].domain.kind is Kind.TEXT:
        return _parsed("TIMESTAMP", Kind.TIMESTAMP, args)
    return as_timestamp(args[0])


def _parsed(name: str, kind: Kind, args: tuple[Expression, ...]) -> Call:
    value = as_text(args[0])
    cast = f"TRY_CAST({{0}} AS {name})"
    # the word "infinity" is a date to DuckDB; years have four digits here
    ends = f"{name} '0001-01-01' AND {name} '9999-12-31'"
    sql = f"(CASE WHEN {cast} BETWEEN {ends} THEN {cast} END)"
    return call(
        f"to_{'day' if kind is Kind.DATE else 'timestamp'}",
        sql,
        f"CAST({{0}} AS {name})",
        (value,),
        Domain(kind=kind),
    )


CASTING: dict[str, Builder] = {
    "to_text": to_text,
    **{f"to_{name}": partial(_to_whole, name) for name in _WIDTHS},
    "to_real": to_real,
    "to_decimal": to_decimal,
    "to_boolean": to_boolean,
    "to_day": to_day,
    "to_timestamp": to_timestamp,
}
