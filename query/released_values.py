"""Values after the noise: noisy numbers with their errors, and plain values of keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from query.domains import Scalar
from query.estimates import Uncertain

__all__ = ["Arguments", "Evaluated", "certain", "plain", "uncertain"]

Evaluated: TypeAlias = Uncertain | Scalar | float
Arguments: TypeAlias = Sequence[Evaluated]


def plain(value: Evaluated) -> Any:  # noqa: ANN401  compared with values of its own kind
    """Return a value without its error: comparable, dates as ISO text."""
    if isinstance(value, Uncertain):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def uncertain(value: Evaluated) -> Uncertain:
    """Return a number with its error; NULL for what is no number."""
    if isinstance(value, Uncertain):
        return value
    if isinstance(value, int | float | Fraction):
        return Uncertain(float(value))
    return Uncertain(None)


def certain(number: Uncertain) -> Evaluated:
    """Return what does not depend on any noise as a plain number, such as a sum of keys."""
    return number.value if number.is_exact else number
