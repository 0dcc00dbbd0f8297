"""Values of private keys: between what the engine returns and what researchers see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, TypeAlias

from query.domains import Domain, Kind, Scalar
from query.mechanisms import Key
from query.question import GroupKey, Question

__all__ = ["engine_value", "is_known", "scalar_keys", "sort_key"]

EngineValue: TypeAlias = str | int | bool | None


def engine_value(value: Scalar, domain: Domain) -> EngineValue:
    """Return a value as the engine returns it: numbers in steps, dates and times as text."""
    if domain.kind is Kind.NUMBER and isinstance(value, int | Fraction):
        step = domain.step
        return value.numerator * step.denominator // (value.denominator * step.numerator)
    if isinstance(value, date):
        return value.isoformat()
    return value  # type: ignore[return-value]  # other kinds have no fractions


def is_known(keys: Sequence[GroupKey]) -> Callable[[Key], bool]:
    """Return what says of a key whether an answer could show it; it looks at nothing else.

    Public values must be those that are declared, and dates must lie in the calendar.
    """
    readers = [_reader(key) for key in keys]

    def known(key: Key) -> bool:
        try:
            for reader, value in zip(readers, key, strict=True):
                reader(value)
        except (KeyError, ValueError):
            return False
        return True

    return known


def scalar_keys(question: Question, keys: Sequence[Key]) -> list[tuple[Scalar, ...]]:
    """Return released keys in the units that researchers see, in the order in which they came."""
    readers = [_reader(key) for key in question.keys]
    return [
        tuple(reader(value) for reader, value in zip(readers, key, strict=True)) for key in keys
    ]


def sort_key(question: Question) -> Callable[[tuple[Scalar, ...]], Any]:
    """Return what sorts keys: by the order of a public domain, else by value, NULL last."""
    places = [
        None if key.is_private else {value: place for place, value in enumerate(key.domain)}
        for key in question.keys
    ]

    def sorter(key: tuple[Scalar, ...]) -> Any:  # noqa: ANN401  values of one kind in each place
        return [
            (value is None, 0 if value is None else value if of is None else of[value])
            for value, of in zip(key, places, strict=True)
        ]

    return sorter


def _reader(key: GroupKey) -> Callable[[EngineValue], Scalar]:
    """Return what reads a value of a key, or raises KeyError or ValueError."""
    domain = key.expression.domain
    if not key.is_private:
        return {engine_value(value, domain): value for value in key.domain}.__getitem__
    return lambda value: None if value is None else _read(value, domain)


def _read(value: EngineValue, domain: Domain) -> Scalar:
    match domain.kind:
        case Kind.NUMBER:
            number = int(value or 0) * domain.step
            return number.numerator if number.denominator == 1 else number
        case Kind.DATE:
            return date.fromisoformat(str(value))
        case Kind.TIMESTAMP:
            return datetime.fromisoformat(str(value))
        case _:
            return value
