"""Constants, as exact values."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction

from sqlglot import exp

from query.domains import Domain, Kind
from query.expressions import Literal
from query.functions.building import LARGEST
from query.parse.sqltext import refusal
from query.text_lengths import copies_in

__all__ = ["boolean", "literal", "moment", "null", "text"]

_NUMBER = re.compile(r"\d{1,18}(\.\d{1,12})?(e[+-]?\d{1,2})?", re.IGNORECASE)


def text(value: str) -> Literal:
    """Return a text constant."""
    domain = Domain(
        kind=Kind.TEXT,
        nullable=False,
        categories=(value,),
        copies=copies_in(value),
        unit_constant=True,
    )
    return Literal(value=value, domain=domain)


def boolean(*, value: bool) -> Literal:
    """Return TRUE or FALSE."""
    domain = Domain(kind=Kind.BOOLEAN, nullable=False, unit_constant=True)
    return Literal(value=value, domain=domain, public=True)


def null() -> Literal:
    """Return NULL."""
    return Literal(value=None, domain=Domain(kind=Kind.NULL, unit_constant=True), public=True)


def literal(node: exp.Literal) -> Literal:
    """Read a number or a text.

    Raises:
        UnsupportedQueryError: If a number has more than 18 digits or 12 decimals.
    """
    if node.is_string:
        return text(node.this)
    if _NUMBER.fullmatch(node.this) is None:
        raise refusal(
            node,
            "a number has more than 18 digits or 12 decimals",
            "write a shorter number",
            "SQL-NUMBER",
        )
    value = Fraction(node.this)
    if value and not Fraction(1, LARGEST) <= value <= LARGEST:
        raise refusal(
            node, "a number is above 1e30 or below 1e-30", "use another unit", "SQL-NUMBER"
        )
    plain = value.numerator if value.denominator == 1 else value
    domain = Domain(
        kind=Kind.NUMBER,
        nullable=False,
        lower=value,
        upper=value,
        step=value or Fraction(1),
        unit_constant=True,
    )
    return Literal(value=plain, domain=domain)


def moment(node: exp.Expr, written: str, kind: Kind) -> Literal:
    """Read a date or timestamp constant in ISO 8601.

    Raises:
        UnsupportedQueryError: If the text is not one, or has a time zone.
    """
    try:
        value: date = (
            date.fromisoformat(written) if kind is Kind.DATE else datetime.fromisoformat(written)
        )
    except ValueError:
        raise refusal(
            node, f"this is not a {kind.value}", "write it as 2020-01-31", "SQL-NUMBER"
        ) from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise refusal(
            node, "a timestamp has a time zone", "write it in UTC, without one", "SQL-NUMBER"
        )
    domain = Domain(kind=kind, nullable=False, lower=value, upper=value, unit_constant=True)
    return Literal(value=value, domain=domain)
