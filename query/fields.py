"""Typed reading of one JSON value; a value of another type is an error without its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["a_boolean", "a_number", "a_text", "an_array", "an_integer", "an_object"]


def an_object(value: object) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, Mapping):
        raise TypeError
    return dict(value)


def an_array(value: object) -> Sequence[object]:
    """Return a JSON array.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, list):
        raise TypeError
    return value


def a_text(value: object) -> str:
    """Return a JSON string.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, str):
        raise TypeError
    return value


def an_integer(value: object) -> int:
    """Return a JSON integer.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def a_boolean(value: object) -> bool:
    """Return a JSON boolean.

    Raises:
        TypeError: If the value is anything else.
    """
    if not isinstance(value, bool):
        raise TypeError
    return value


def a_number(value: object) -> float | None:
    """Return a JSON number as a float, or null as None.

    Raises:
        TypeError: If the value is anything else.
    """
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return float(value)
